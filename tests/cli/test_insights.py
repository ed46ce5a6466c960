"""What the policy owner can list until there is a page for them."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from bot.messages import Rate, SendQuestion, Shown
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from knowledge.rulings import Verdict
from tests.cli.conftest import REACH2, Run

SHOWN = Shown(Verdict.NOT_COVERED, REACH2, ("7.3", "7.2(3)"))
ODD = "may I\tkeep\nthe \x1b[2J\x1b]0;taken\x07hamster [bold]?"


@pytest.fixture
def insights(tmp_path: Path, clock: FixedClock, run: Run) -> Insights:
    """Those of the data folder of ``run``."""
    del run
    return Insights(tmp_path / "var" / "insights" / "insights.sqlite3", clock)


def test_what_was_sent_is_listed_with_date_words_clauses_and_how_to_answer(run: Run, insights: Insights) -> None:
    insights.keep(SendQuestion("d" * 32, SHOWN, "may I keep the hamster?", "room 4"))
    status, output, error = run("policies", "questions")
    assert (status, error) == (0, "")
    assert output == f"2026-11-22 09:30\tmay I keep the hamster?\t{REACH2}\t7.3, 7.2(3)\tnot_covered\troom 4\n"


def test_one_question_is_one_row_and_draws_nothing_in_the_terminal(run: Run, insights: Insights) -> None:
    insights.keep(SendQuestion("d" * 32, SHOWN, ODD))
    output = run("policies", "questions")[1]
    assert output.split("\t")[1] == "may I keep the \ufffd[2J\ufffd]0;taken\ufffdhamster [bold]?"
    assert output.count("\n") == 1


def test_a_person_at_a_terminal_gets_a_table_with_the_words_as_they_are(tmp_path: Path, insights: Insights) -> None:
    insights.keep(SendQuestion("d" * 32, SHOWN, ODD))
    touchstone = str(Path(sys.executable).with_name("touchstone"))
    mine, theirs = pty.openpty()
    settings = {"TOUCHSTONE_VAR": str(tmp_path / "var"), "COLUMNS": "200", "NO_COLOR": "1"}
    environment = {**os.environ, **settings}  # noqa: TID251 (for the process)
    with subprocess.Popen([touchstone, "policies", "questions"], stdout=theirs, env=environment) as process:  # noqa: S603
        os.close(theirs)
        shown = b""
        while chunk := _read(mine):
            shown += chunk
    os.close(mine)
    assert process.returncode == 0
    assert "[bold]?" in shown.decode()
    assert b"\x1b[2J" not in shown
    assert b"taken\x07" not in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other side is closed
        return b""


def test_ratings_are_counts(run: Run, insights: Insights) -> None:
    for number, helpful in enumerate((True, False, False)):
        insights.rate(Rate(str(number), SHOWN, helpful))
    status, output, _ = run("policies", "ratings")
    assert (status, output) == (0, f"{REACH2}\t7.3\tnot_covered\t1\t2\t2026-11-22\t2026-11-22\n")


def test_where_nothing_was_said_yet_the_lists_are_empty(run: Run) -> None:
    assert run("policies", "questions") == (0, "", "")
    assert run("policies", "ratings") == (0, "", "")


def test_a_damaged_file_is_said_so_by_the_lists_and_by_check(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "var" / "insights" / "insights.sqlite3"
    path.parent.mkdir()
    path.write_bytes(b"garbage " * 1000)
    for command in (("policies", "questions"), ("policies", "ratings")):
        status, _, error = run(*command)
        assert (status, "cannot be kept or read" in error, str(path) in error) == (1, True, True)
    status, output, _ = run("check")
    assert status == 1
    assert "WRONG  insights: What is sent to the policy owner cannot be kept or read" in output
    assert "ok     reports" in output


def test_check_says_how_many_questions_wait(run: Run, insights: Insights) -> None:
    insights.keep(SendQuestion("d" * 32, SHOWN, "may I keep the hamster?"))
    output = run("check")[1]
    assert "ok     insights: can be kept; questions sent to the policy owner: 1" in output
    assert "hamster" not in output
