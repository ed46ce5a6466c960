"""Runs what is to die, `doomed_command.py` and `doomed_server.py`, each in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from integrations.settings import Settings
from tests.apart import apart
from tests.crash import doomed_server

DOOMED = Path(__file__).with_name("doomed_command.py")


def run_until(settings: Settings, step: str, *what: str) -> int:
    """The exit status: -9 where it died at the step, 0 where it never came to it."""
    environment = {**os.environ, "PYTHONPATH": str(DOOMED.parents[2])}  # noqa: TID251 (for the process)
    command = [sys.executable, str(DOOMED), str(settings.var), step, *what]
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 (our own command)


@contextmanager
def serving(
    settings: Settings, orders: Path, outbox: Path, later: timedelta | None
) -> Iterator[tuple[str, ForkServerProcess]]:
    """A server until the block ends, unless it dies before; its origin, and its process. See ``doomed_server.main``."""
    with apart(doomed_server.main, settings, orders, outbox, later) as served:
        yield served
