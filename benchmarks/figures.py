"""What was measured, and the table that shows it."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from math import ceil
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table.

    Attributes:
        what: in words.
        measured: with its unit.
        target: what it is to be at the most, with its unit; empty where there is none.
        met: whether it is; None where there is no target.
    """

    what: str
    measured: str
    target: str = ""
    met: bool | None = None


def spread(what: str, seconds: Sequence[float], targets: Sequence[float] = ()) -> list[Figure]:
    """The median, 95th and 99th percentile of answers' times, with targets in milliseconds for the first ones."""
    rows = []
    for place, (name, share) in enumerate((("p50", 0.5), ("p95", 0.95), ("p99", 0.99))):
        milliseconds = percentile(seconds, share) * 1000
        target = targets[place] if place < len(targets) else None
        rows.append(at_most(f"{what}, {name}", milliseconds, "ms", target))
    return rows


def at_most(what: str, measured: float, unit: str, target: float | None = None) -> Figure:
    """A figure that is to be small."""
    digits = 2 if unit == "s" and measured < 10 else 1 if unit == "ms" else 0  # noqa: PLR2004 (as people read times)
    shown = f"{measured:,.{digits}f} {unit}"
    return Figure(what, shown) if target is None else Figure(what, shown, f"{target:g} {unit}", measured <= target)


def middle(runs: Iterable[float]) -> float:
    """The median: neither a slow run nor a lucky one moves it."""
    return median(runs)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(1, ceil(len(ordered) * share - 1e-9)) - 1]


def table(figures: Iterable[Figure]) -> str:
    """Markdown."""
    said = {True: "met", False: "**missed**", None: ""}
    rows = [f"| {one.what} | {one.measured} | {one.target} | {said[one.met]} |" for one in figures]
    return "\n".join(["| what | measured | target | |", "|---|---|---|---|", *rows])


def machine(load_before: float) -> str:
    """A line on where and when it was measured, and what else ran there."""
    cores = len(os.sched_getaffinity(0))
    cpu = _after("/proc/cpuinfo", "model name")
    memory = int(_after("/proc/meminfo", "MemTotal").split()[0]) / 1024**2
    packages = ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "faiss-cpu", "numpy", "uvicorn"))
    return (
        f"{datetime.now(UTC):%d %B %Y}: {cores} cores ({cpu}), {memory:.0f} GiB, {platform.system()}"
        f" {platform.release().split('-')[0]}, CPython {platform.python_version()}, {packages}."
        f" Load of the machine before it began: {load_before:.1f}."
    )


def _after(path: str, name: str) -> str:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")
