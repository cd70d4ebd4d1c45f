"""The npm packages that check the pages: where they are, and what to do when they aren't."""

import os
import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "node_modules"
INSTALL = "npm install --prefix tests/browser --no-package-lock"


def axe() -> str:
    """The source of axe-core."""
    return _file("axe-core/axe.min.js").read_text()


def nu() -> list[str]:
    """The command that checks HTML files."""
    jar = _file("vnu-jar/build/dist/vnu.jar")
    if shutil.which("java") is None:
        _missing("no Java is installed (Debian: apt-get install default-jre-headless)")
    return ["java", "-jar", str(jar)]


def _file(path: str) -> Path:
    if not (FOLDER / path).exists():
        _missing(f"{path.partition('/')[0]} is not installed: {INSTALL}")
    return FOLDER / path


def _missing(words: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)
