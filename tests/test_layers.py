"""Imports point down the list of layers and never up; the source says so itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
AUDITING = ROOT / "auditing"

# Each layer may import what stands below its name, and itself.
BELOW: dict[str, set[str]] = {
    "records": set(),
    "providers": {"records"},
    "history": set(),
    "models": {"records"},
    "media": set(),
    "origin": set(),
    "redaction": set(),
    "trail_words": set(),
    "trail": {"models", "origin", "trail_words"},
    "trail_reading": {"filters", "models"},
    "access": {"models", "origin", "providers", "records", "trail"},
    "annotated": {"models"},
    "annotating": {"access", "models", "trail"},
    "correcting": {"access", "models", "trail"},
    "closing": {"access", "models", "rollups", "trail"},
    "refunding": {"access", "models", "records", "trail"},
    "keys": {"access", "models"},
    "tokens": {"access", "models", "trail"},
    "teams": {"access", "models", "trail"},
    "accounts": {"keys", "models", "providers", "teams", "trail"},
    "invitations": {"models"},
    "intake": {"access", "models", "providers", "records"},
    "filters": {"access", "models", "providers", "records", "rollups"},
    "columns": set(),
    "preferences": {"columns", "filters", "models"},
    "saved_views": {"access", "filters", "models", "trail"},
    "currencies": set(),
    "prices": {"currencies", "models", "trail"},
    "exports": {"access", "errands", "filters", "models", "queue", "records", "trail_reading"},
    "timing": {"models", "records"},
    "timeline": {"models", "records", "timing"},
    "changes": {"models", "records"},
    "overview": {"access", "filters", "models", "records", "reports"},
    "queue": set(),
    "rollups": {"access"},
    "budgets": {"access", "filters", "models", "records", "reports", "trail"},
    "mailing": {"access", "budgets", "models", "records", "redaction", "reports", "trail"},
    "reports": {"access", "currencies", "exports", "filters", "models", "providers", "records", "rollups"},
    "findings": {"access", "exports", "filters", "models", "providers", "records", "reports"},
    "statements": {"access", "exports", "intake", "models", "records", "reports", "trail"},
    "errands": {"queue"},
    "key_wishes": {"errands", "models", "queue"},
    "sync_health": {"access", "filters", "models", "providers", "queue", "records", "trail", "turns"},
    "downloads": {"errands", "models", "providers", "queue", "records"},
    "sync": {"access", "downloads", "history", "keys", "models", "providers", "records", "rollups"},
    "retention": {"access", "models", "trail"},
    "verification": {"access", "history"},
    "turns": {"models", "origin"},
    "tasks": {"access", "errands", "exports", "mailing", "models", "origin", "rollups", "sync", "turns"},
    "templatetags": {
        "currencies", "exports", "filters", "media", "models", "providers", "records", "reports", "timing",
        "tokens", "views",
    },
    "views": {
        "access", "accounts", "annotated", "annotating", "budgets", "changes", "closing", "columns",
        "correcting", "currencies", "downloads", "exports", "filters", "findings", "intake", "key_wishes",
        "mailing", "media", "models", "origin", "overview", "preferences", "prices", "providers", "queue",
        "records", "redaction", "refunding", "reports", "saved_views", "statements", "sync_health", "teams",
        "timeline", "timing", "tokens", "trail", "trail_reading", "turns",
    },
    "api": {
        "access", "exports", "filters", "intake", "models", "providers", "records", "redaction",
        "sync_health", "tokens", "trail",
    },
    "admin": {"access", "models", "trail"},
    "walls": set(),
    "checks": {"walls"},
    "apps": {"checks"},
    "urls": {"api", "views"},
    "migrations": set(),
    "sandbox": set(),
    "demo": {
        "access", "accounts", "budgets", "intake", "models", "prices", "reports", "sandbox", "statements",
        "teams",
    },
    "management": {
        "access", "accounts", "budgets", "closing", "demo", "exports", "filters", "intake", "invitations",
        "keys", "mailing", "models", "providers", "queue", "records", "reports", "retention", "rollups",
        "sandbox", "statements", "sync", "teams", "trail", "verification",
    },
}  # fmt: skip

# What opens accounts' keys, and who may import it: what workers run, and the commands of their role.
OPENING = ("auditing.keys.opening", "auditing.keys.rotation")
WORKERS = ("sync", "tasks")
WORKERS_COMMANDS = ("sync", "rotate_keys")

SOURCES = sorted(path for path in AUDITING.rglob("*.py") if path.name != "__init__.py" or path.stat().st_size)


def layer_of(path: Path) -> str:
    return path.relative_to(AUDITING).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """The full names of every module that a file imports, at its top or anywhere inside."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where they point"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down_the_layers(path: Path) -> None:
    layer = layer_of(path)
    if path == AUDITING / "__init__.py":
        return
    assert layer in BELOW, f"{layer} is a new layer: say here what it may import"
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "auditing" and len(parts) > 1 and (AUDITING / parts[1]).with_suffix("").name in BELOW:
            assert parts[1] in BELOW[layer] | {layer}, f"{layer} may not import {name}"


@pytest.mark.parametrize("layer", ["records", "providers", "sandbox", "history"])
def test_what_is_pure_knows_no_django(layer: str) -> None:
    for path in SOURCES:
        if layer_of(path) == layer:
            assert not [name for name in imported(path) if name.split(".")[0] in ("django", "config")]


@pytest.mark.parametrize("layer", ["records", "providers"])
def test_what_is_parsed_needs_no_network(layer: str) -> None:
    for path in SOURCES:
        if layer_of(path) == layer:
            assert not [
                name for name in imported(path) if name.split(".")[0] in ("httpx", "aiohttp", "socket")
            ]


def of_workers(path: Path) -> bool:
    return (
        layer_of(path) in WORKERS
        or (layer_of(path) == "management" and path.stem in WORKERS_COMMANDS)
        or ".".join(path.relative_to(ROOT).with_suffix("").parts) in OPENING
    )


def opens_keys(path: Path) -> bool:
    return any(name.startswith(OPENING) for name in imported(path))


def test_keys_are_opened_by_workers_code_alone() -> None:
    assert [path for path in SOURCES if opens_keys(path) and not of_workers(path)] == []


def test_what_the_web_serves_reaches_nothing_of_the_workers() -> None:
    """Neither at once nor by what it imports: a web process has no code that opens a key, nor a reason to."""
    reached = [AUDITING / "urls.py", AUDITING / "apps.py", AUDITING / "admin.py"]
    for path in reached:
        for name in imported(path):
            parts = name.split(".")
            found = ROOT.joinpath(*parts).with_suffix(".py")
            package = ROOT.joinpath(*parts, "__init__.py")
            source = found if found.exists() else package
            if parts[0] == "auditing" and source.exists() and source not in reached:
                reached.append(source)
    assert len(reached) > 50
    assert [path for path in reached if of_workers(path)] == []


def test_audited_rows_are_reached_through_access_alone() -> None:
    """Nothing but `access` (and the writers, who act for the system) spells `.objects` of audited tables."""
    audited = {"Generation", "Lookup", "Observation", "Note", "Tagging"}
    for path in SOURCES:
        if layer_of(path) in {"access", "models", "migrations", "sync"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Attribute)
                and node.attr == "objects"
                and isinstance(node.value, ast.Name)
            ):
                assert node.value.id not in audited, f"{path}:{node.lineno} reads around access"
