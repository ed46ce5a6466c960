"""The command has numpy's algebra use one thread: none beside it turns in circles while somebody asks."""

import subprocess
import sys

ASKS = """
import sys
from pathlib import Path
sys.argv = ["touchstone", "--help"]
from integrations.cli import main
try:
    main()
except SystemExit:
    pass
import numpy
rows = numpy.ones((2000, 384), dtype=numpy.float32)
for _ in range(50):
    rows @ rows[0]
print("threads", len(list(Path("/proc/self/task").iterdir())))
"""


def test_what_the_command_runs_multiplies_on_the_thread_that_asks() -> None:
    told = subprocess.run([sys.executable, "-c", ASKS], capture_output=True, text=True, check=True)  # noqa: S603 (ours)
    assert told.stdout.splitlines()[-1] == "threads 1"
