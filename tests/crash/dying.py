"""Runs `doomed_command.py` and says how it ended."""

import os
import subprocess
import sys
from pathlib import Path

from integrations.settings import Settings

DOOMED = Path(__file__).with_name("doomed_command.py")


def run_until(settings: Settings, step: str, *what: str) -> int:
    """The exit status: -9 where it died at the step, 0 where it never came to it."""
    environment = {**os.environ, "PYTHONPATH": str(DOOMED.parents[2])}  # noqa: TID251 (for the process)
    command = [sys.executable, str(DOOMED), str(settings.var), step, *what]
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 (our own command)
