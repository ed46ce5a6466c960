"""Measures everything once: ``python -m benchmarks [--quick] [--into PAGE.md]`` prints a table, and puts it there."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path

from benchmarks.documents import change_a_clause, write_library
from benchmarks.figures import Figure, at_most, machine, middle, spread, table
from benchmarks.people import Person, at_once
from benchmarks.processes import Ran, memory, run, served
from benchmarks.questions import LONGEST, endless

PEOPLE = 20
BEGIN, END = "<!-- measured by `make bench`: begin -->", "<!-- end -->"


def main() -> None:
    """Prints how it goes, then the table."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of everything: to see that it works")
    options.add_argument("--into", type=Path, help="a page whose table is replaced by the new one")
    given = options.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder:
        figures = list(_measured(Path(folder), quick=given.quick))
    found = f"{machine(load)}\n\n{table(figures)}"
    sys.stdout.write(f"\n{found}\n")
    if given.into:
        page = given.into.read_text(encoding="utf-8")
        whole = re.sub(
            f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{BEGIN}\n{found}\n{END}", page, flags=re.DOTALL
        )
        given.into.write_text(whole, encoding="utf-8")


def _measured(folder: Path, *, quick: bool) -> Iterator[Figure]:
    runs, questions = (1, 34) if quick else (5, 340)
    var = folder / "var"
    # Commands first: what they take cannot be read below what this process holds.
    yield from _commands(var, runs)
    yield from _large_library(folder, documents=4 if quick else 80)
    _say("answers at the desk")
    asked = [sys.executable, "-m", "benchmarks.at_the_desk", str(var), str(questions)]
    told = subprocess.run(asked, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603 (our own)
    yield from spread("answer at the desk, one thread", json.loads(told.stdout), (25, 60))
    yield from _server(var, questions)


def _commands(var: Path, runs: int) -> Iterator[Figure]:
    _say("commands")
    yield at_most("`touchstone build`, nothing there yet", run(var, "build").seconds, "s")
    again = [run(var, "build") for _ in range(runs)]
    yield at_most("`touchstone build`, nothing changed", middle(one.seconds for one in again), "s", 1)
    asked = [run(var, "ask", question) for question in islice(endless(), runs)]
    yield at_most("`touchstone ask`, snapshot built", middle(one.seconds for one in asked), "s", 1.5)
    yield at_most("`touchstone ask`, memory at the most", max(one.peak for one in asked), "MiB")


def _large_library(folder: Path, documents: int) -> Iterator[Figure]:
    _say("a large library")
    library, batch, out = folder / "library", folder / "in.jsonl", folder / "out.jsonl"
    write_library(library, documents)
    batch.write_text('{"id": 1, "q": "who locks the boiler room?"}\n', encoding="utf-8")

    def answered() -> Ran:
        return run(folder / "large", "answer", "--batch", str(batch), "--out", str(out), "--library", str(library))

    first = answered()
    name = f"a question to {documents * 75:,} clauses"
    yield at_most(f"{name} of {documents} documents: first time", first.seconds, "s")
    yield at_most(f"{name}: first time, memory at the most", first.peak, "MiB")
    yield at_most(f"{name}: again", answered().seconds, "s")
    change_a_clause(library)
    yield at_most(f"{name}: one clause changed", answered().seconds, "s")


def _server(var: Path, questions: int) -> Iterator[Figure]:
    _say("the server")
    asked = endless()
    with served(var) as (process, port, seconds):
        started = memory(process)
        one = Person(port)
        one.ask("warm up")
        yield at_most("server: until it answers", seconds, "s")
        yield from spread("answer over HTTP, one person", [one.ask(next(asked)) for _ in range(questions)], (25, 60))
        one.leave()
        times, rate = at_once(port, PEOPLE, max(1, questions // 10), asked)
        yield from spread(f"answer over HTTP, {PEOPLE} people at once without a pause", times)
        yield Figure(f"answers a second to {PEOPLE} people", f"{rate:.0f}")
        times, rate = at_once(port, PEOPLE, max(1, questions // 50), repeat(LONGEST))
        yield from spread(f"{PEOPLE} people at once, all with as long a question as can be asked", times)
        yield Figure(f"answers a second to {PEOPLE} people with long questions", f"{rate:.0f}")
        loaded = memory(process)
        yield at_most("server: memory after start", started.now, "MiB", 300)
        yield at_most("server: memory after all of this", loaded.now, "MiB", 300)
        yield at_most("of that, files mapped", loaded.mapped, "MiB")
        yield at_most("server: memory at the most", loaded.peak, "MiB", 300)


def _say(what: str) -> None:
    sys.stderr.write(f"measuring: {what}\n")


if __name__ == "__main__":
    main()
