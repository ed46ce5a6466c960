"""Runs Touchstone as others run it, as a process, and reads its time and memory from outside."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOUCHSTONE = Path(sys.executable).with_name("touchstone")
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command took: seconds on the wall, and at the most so many MiB of memory."""

    seconds: float
    peak: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process holds, in MiB: now, at the most so far, and how much of it now are files that are mapped."""

    now: float
    peak: float
    mapped: float


def run(var: Path, *arguments: str) -> Ran:
    """Runs a command to its end.

    Its peak is the system's own account, which cannot read below what this process held when it started the other:
    whoever measures imports nothing large.
    """
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [TOUCHSTONE, *arguments], env=_environment(var), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, ["touchstone", *arguments])
    return Ran(seconds, used.ru_maxrss / 1024)


@contextmanager
def served(var: Path, settings: Mapping[str, str] | None = None) -> Iterator[tuple[int, int, float]]:
    """Serves until the block ends; gives the process's id, its port, and after how many seconds it answered.

    Args:
        var: its folder.
        settings: what else is set in its environment.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    began = time.perf_counter()
    environment = _environment(var) | {"TOUCHSTONE_PORT": str(port), **(settings or {})}
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [TOUCHSTONE, "serve"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        if process.stdout is None or not process.stdout.readline().startswith("Touchstone is at"):
            raise RuntimeError("the server did not start")
        yield process.pid, port, time.perf_counter() - began
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE)


def memory(process: int) -> Memory:
    """What the process holds now."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    held = {name: value for name, _, value in (line.partition(":") for line in lines)}
    now, peak, mapped = (int(held[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM", "RssFile"))
    return Memory(now, peak, mapped)


def _environment(var: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}  # noqa: TID251 (for the process)
    return {**kept, "TOUCHSTONE_VAR": str(var)}
