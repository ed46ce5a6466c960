"""The benchmark runs, and its table says what it is to say; how fast Touchstone is, no test can say."""

import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.documents import CLAUSES_EACH, change_a_clause, write_library
from benchmarks.figures import at_most, percentile
from benchmarks.questions import QUESTIONS, endless
from knowledge.library import Library

PAGE = "before\n<!-- measured by `make bench`: begin -->\nold\n<!-- end -->\nafter\n"


def test_it_measures_the_real_server_and_puts_its_table_into_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    command = [sys.executable, "-m", "benchmarks", "--quick", "--into", str(page)]
    subprocess.run(command, cwd=Path(__file__).parents[2], check=True, capture_output=True)  # noqa: S603 (our own)
    begin, table, end = re.split(r"<!-- .*? -->", page.read_text())
    assert (begin, end) == ("before\n", "\nafter\n")
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|", table, re.MULTILINE))
    for wanted in (
        "`touchstone ask`, snapshot built",
        "answer over HTTP, one person, p95",
        "server: memory at the most",
    ):
        assert re.match(r"[\d,.]+ (s|ms|MiB)$", rows[wanted])
    assert "old" not in table


def test_the_large_library_is_the_same_each_time_and_changes_in_one_clause(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        write_library(folder, 2)
    first = Library.folder(one).clauses
    assert first == Library.folder(other).clauses
    assert len(first) == 2 * CLAUSES_EACH
    change_a_clause(other)
    changed = [new.text for old, new in zip(first, Library.folder(other).clauses, strict=True) if old != new]
    assert changed == ["Nobody keeps a tortoise here."]


def test_no_question_comes_twice_before_all_their_frames_are_used() -> None:
    count = len(QUESTIONS) * 25
    assert len(QUESTIONS) >= 30
    assert len(set(islice(endless(), count))) == count


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1, 100), (0, 1)])
def test_a_percentile_is_a_value_that_was_measured(share: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


def test_a_target_is_met_or_missed() -> None:
    assert at_most("x", 25, "ms", 25).met
    assert at_most("x", 25.1, "ms", 25).met is False
    assert at_most("x", 1, "s").met is None
