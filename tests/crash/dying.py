"""Runs what is to die, `doomed_command.py` and `doomed_server.py`, each in a process of its own."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from integrations.settings import Settings
from tests.crash import doomed_server

DOOMED = Path(__file__).with_name("doomed_command.py")


def run_until(settings: Settings, step: str, *what: str) -> int:
    """The exit status: -9 where it died at the step, 0 where it never came to it."""
    environment = {**os.environ, "PYTHONPATH": str(DOOMED.parents[2])}  # noqa: TID251 (for the process)
    command = [sys.executable, str(DOOMED), str(settings.var), step, *what]
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 (our own command)


_MAKER = multiprocessing.get_context("forkserver")
"""Makes each process from one that has imported everything, opened nothing, started no thread: a second less each."""
_MAKER.set_forkserver_preload([doomed_server.__name__])


@contextmanager
def serving(
    settings: Settings, orders: Path, outbox: Path, later: timedelta | None
) -> Iterator[tuple[str, ForkServerProcess]]:
    """A server until the block ends, unless it dies before; its origin, and its process. See ``doomed_server.main``."""
    here, there = _MAKER.Pipe(duplex=False)
    process = _MAKER.Process(target=doomed_server.main, args=(settings, orders, outbox, later, there))
    process.start()
    there.close()
    try:
        yield f"http://127.0.0.1:{here.recv()}", process
    finally:
        process.kill()
        process.join()
        process.close()
        here.close()
