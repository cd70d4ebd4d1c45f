"""What Lighthouse says of the list, a record, the reports and the overview, signed in, on the demo's data.

npm install --prefix tests/benchmarks --no-package-lock
uv run python -m tests.benchmarks.lighthouse [--rounds 3] [--form desktop mobile] [--address /generations/ …]

The dashboard runs in granian as the demo starts it. Scores are of 100, the median of the rounds; every audit
that is not passed is named. Mobile is Lighthouse's default: a slow telephone on a slow line, simulated.
Where the browser breaks off, a round has no score: its reason is told, and the next page follows.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from tests.benchmarks.stand import MANAGE, ROOT

PROGRAM = ROOT / "tests" / "benchmarks" / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
CHROME = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
PERSON = "priya.nair"
PAGES = ("/generations/", "/reports/credits/?period=all-time", "/reports/timing/?period=all-time", "/")


class NoReport(Exception):
    """Lighthouse wrote none; the message is its own."""


@contextmanager
def demo() -> Iterator[str]:
    """The address of the demo, in a folder of its own."""
    place = {**os.environ, "CLIPLEDGER_VAR": str(ROOT / "var" / "benchmarks-demo"), "LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-u", MANAGE, "demo", "--port", "8599"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=place)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:8599", line):
                yield found.group()
                break
    finally:
        process.terminate()
        process.wait()


@contextmanager
def signed_in(address: str) -> Iterator[httpx.Client]:
    """A client in which the demo's auditor has signed in."""
    memory = json.loads((ROOT / "var" / "benchmarks-demo" / "demo.json").read_text())
    with httpx.Client(base_url=address, follow_redirects=True) as client:
        page = client.get("/accounts/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        form = {
            "login": PERSON,
            "password": memory["passwords"][PERSON],
            "csrfmiddlewaretoken": token.group(1),
        }
        answer = client.post("/accounts/login/", data=form, headers={"Referer": f"{address}/accounts/login/"})
        assert "/accounts/login/" not in str(answer.url), "the auditor could not sign in"
        yield client


def report(url: str, cookies: str, form: str, folder: Path) -> dict[str, Any]:
    """One run of Lighthouse. Raises NoReport where it ends without one."""
    place = folder / "report.json"
    place.unlink(missing_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    command = [
        str(PROGRAM), url, "--quiet", "--output=json", f"--output-path={place}",
        f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={CHROME}",
        f"--extra-headers={json.dumps({'Cookie': cookies})}",
        *(["--preset=desktop"] if form == "desktop" else []),
    ]  # fmt: skip
    ran = subprocess.run(
        command, env={**os.environ, "CHROME_PATH": chromium}, stderr=subprocess.PIPE, text=True
    )
    if not place.exists():
        raise NoReport(ran.stderr.strip() or f"Lighthouse ended with {ran.returncode}")
    said: dict[str, Any] = json.loads(place.read_text())
    return said


def missing(said: dict[str, Any]) -> list[str]:
    """Why a report has no score somewhere, in Lighthouse's words; nothing where it has every score."""
    without = [name for name in CATEGORIES if said["categories"][name]["score"] is None]
    if not without:
        return []
    if said.get("runtimeError"):
        reasons = [said["runtimeError"]["message"]]
    else:
        broken = (one for one in said["audits"].items() if one[1]["scoreDisplayMode"] == "error")
        reasons = [*said["runWarnings"], *(f"{name}: {audit.get('errorMessage')}" for name, audit in broken)]
    return [f"no score in {', '.join(without)}", *reasons]


def faults(said: dict[str, Any]) -> list[str]:
    """The audits that are not passed."""
    return [
        f"{name} ({audit['score']})"
        for name, audit in said["audits"].items()
        if audit["score"] is not None
        and audit["score"] < 0.9
        and audit["scoreDisplayMode"] != "metricSavings"
    ]


def main() -> None:
    """Parse the options, start the demo, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--form", nargs="+", choices=("desktop", "mobile"), default=["desktop", "mobile"])
    parser.add_argument("--address", nargs="+", default=[])
    options = parser.parse_args()
    if not PROGRAM.exists():
        parser.error("Lighthouse is not installed: npm install --prefix tests/benchmarks --no-package-lock")
    with demo() as address, signed_in(address) as client:
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        record = re.search(r'href="(/generations/nanobanana/[^"]+)"', client.get("/generations/").text)
        assert record is not None
        for path in options.address or [*PAGES, record.group(1).replace("&amp;", "&")]:
            for form in options.form:
                _measure(address + path, cookies, form, options.rounds)


def _measure(url: str, cookies: str, form: str, rounds: int) -> None:
    page = f"{form:<8}/{url.partition('//')[2].partition('/')[2]:<50}"
    said = [one for _ in range(rounds) if (one := _scored(page, url, cookies, form))]
    if not said:
        return
    scores = {name: median(one["categories"][name]["score"] * 100 for one in said) for name in CATEGORIES}
    weight = said[0]["audits"]["total-byte-weight"]["numericValue"] / 1024
    words = ", ".join(f"{name} {score:.0f}" for name, score in scores.items())
    print(f"{page} {words}; {weight:.0f} KB over the wire")
    for fault in faults(said[0]):
        print(f"        {fault}")


def _scored(page: str, url: str, cookies: str, form: str) -> dict[str, Any] | None:
    """A report that has every score; else the reason is told."""
    try:
        said = report(url, cookies, form, ROOT / "var")
        reasons = missing(said)
    except NoReport as error:
        said, reasons = {}, [str(error)]
    for reason in reasons:
        print(f"{page} {reason}", file=sys.stderr)
    return None if reasons else said


if __name__ == "__main__":
    main()
