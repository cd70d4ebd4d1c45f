"""Importing ids: memory and rate from 10,000 lines to a million.

uv run python -m tests.benchmarks.intake_memory [--few 10000] [--many 1000000]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks import stand


def imported(count: int, folder: Path) -> tuple[float, float]:
    """Seconds and the most memory in MB of one import of so many new ids."""
    from tests.stage import a_team, an_account

    label = f"intake-{time.time_ns()}"
    an_account(label=label, team=a_team(label))
    path = folder / "ids.txt"
    with path.open("w") as file:
        file.writelines(f"{external_id}\n" for external_id in stand.ids(count))
    started = time.perf_counter()
    command = [sys.executable, stand.MANAGE, "import_ids", str(path), "--account", label]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read().strip()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    assert said == f"{count} new, 0 known, 0 rejected", said
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    """Parse the options, bring up the stand, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    options = parser.parse_args()
    stand.set_up()
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for count in (options.few, options.many):
            seconds, peak = imported(count, Path(folder))
            peaks.append(peak)
            rate = count / seconds
            print(f"import of {count:>9,} ids: {seconds:6.1f} s, {rate:7,.0f}/s, {peak:6.1f} MB at its most")
    print(f"memory, {options.many:,} to {options.few:,} ids: {peaks[1] / peaks[0]:.2f}")


if __name__ == "__main__":
    main()
