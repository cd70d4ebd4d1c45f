"""The application as a server loads it."""

import subprocess
import sys

TELL = """
import gc, sys
import config.wsgi
print("auditing.views.generations" in sys.modules)
print(gc.get_freeze_count() > 50_000, len(gc.get_objects()) < 1_000)
"""


def test_what_is_loaded_with_the_application_is_no_more_work_for_the_garbage_collector() -> None:
    told = subprocess.run([sys.executable, "-c", TELL], capture_output=True, text=True, check=True)
    assert told.stdout == "True\nTrue True\n"
