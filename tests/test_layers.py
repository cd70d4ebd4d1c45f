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
    "access": {"models", "providers", "records"},
    "keys": {"models"},
    "tokens": {"access", "models"},
    "teams": {"models"},
    "accounts": {"keys", "models", "providers", "teams"},
    "invitations": {"models"},
    "intake": {"access", "models", "providers", "records"},
    "filters": {"access", "models", "providers", "records"},
    "exports": {"access", "filters", "models", "records"},
    "timing": {"models", "records"},
    "changes": {"models", "records"},
    "overview": {"access", "filters", "models", "records", "timing"},
    "sync_health": {"access", "filters", "models", "providers", "records", "turns"},
    "downloads": {"access", "keys", "models", "providers", "records"},
    "sync": {"access", "history", "keys", "models", "providers", "records"},
    "verification": {"access", "history"},
    "turns": {"models"},
    "tasks": {"access", "models", "sync", "turns"},
    "templatetags": {"models", "providers", "records", "timing", "tokens", "views"},
    "views": {
        "access", "changes", "downloads", "exports", "filters", "intake", "models", "overview", "providers",
        "records", "sync_health", "timing", "tokens", "turns",
    },
    "api": {"access", "intake", "models", "providers", "records", "tokens"},
    "admin": {"models"},
    "walls": set(),
    "checks": {"walls"},
    "apps": {"checks"},
    "urls": {"api", "views"},
    "migrations": set(),
    "sandbox": set(),
    "demo": {"access", "accounts", "intake", "models", "sandbox", "teams"},
    "management": {
        "access", "accounts", "demo", "exports", "filters", "intake", "invitations", "models", "providers",
        "sandbox", "sync", "teams", "verification",
    },
}  # fmt: skip

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
