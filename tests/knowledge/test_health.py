"""The health of documents: what a rule sees in the shipped policy, and what it must not see in a sound one."""

from datetime import date

import pytest

from knowledge.clauses import assemble
from knowledge.health import Finding, Problem, examine
from knowledge.model import Policy
from knowledge.readers import text

TODAY = date(2026, 11, 22)
SOUND = """Lending policy

Review:\tEvery 2 years

Contents

1. Books

2. Toys

1. Books

1.1 Books are lent for a week. See https://library.example/rules

1.2 This policy is reviewed every two years.

2. Toys

2.1 Toys are lent for a day.
"""


def _policy(source: str, approved: date | None = None) -> Policy:
    passages, clauses = assemble(text.read(source), "lending")
    return Policy("lending", "Lending policy", "1", approved, 24, passages, clauses)


def _found(policy: Policy, problem: Problem) -> list[Finding]:
    return [finding for finding in examine(policy, TODAY) if finding.problem is problem]


def test_nothing_is_found_in_a_sound_document() -> None:
    assert examine(_policy(SOUND, date(2025, 1, 1)), TODAY) == ()


@pytest.mark.parametrize(
    ("before", "after", "problem", "places", "detail"),
    [
        ("1.2 This", "1.1 This", Problem.NUMBER_TWICE, ("1.1", "1.1 (second)"), "1.1"),
        ("1.2 This", "1.3 This", Problem.NUMBER_MISSING, ("1.3",), "1.2"),
        ("2. Toys\n\n2.1", "2. Games\n\n2.1", Problem.CONTENTS_DISAGREE, ("2",), "contents: Toys; body: Games"),
        ("every two", "every 5", Problem.REVIEW_PERIODS_DIFFER, ("Review", "1.2"),
         "Review: every 24 months; 1.2: every 60 months"),
        ("https:", "http:", Problem.PLAIN_LINK, ("1.1",), "http://library.example/rules"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_with_its_place(
    before: str, after: str, problem: Problem, places: tuple[str, ...], detail: str
) -> None:
    assert before in SOUND
    (finding,) = _found(_policy(SOUND.replace(before, after)), problem)
    assert (finding.places, finding.detail) == (places, detail)


def test_a_year_in_front_of_a_title_is_no_gap_of_two_thousand_sections() -> None:
    assert _found(_policy(SOUND + "\n2024. Changes\n\nToys came in.\n"), Problem.NUMBER_MISSING) == []


def test_a_review_is_overdue_when_its_month_has_gone() -> None:
    assert _found(_policy(SOUND, date(2024, 11, 1)), Problem.REVIEW_OVERDUE) == []
    (finding,) = _found(_policy(SOUND, date(2024, 10, 1)), Problem.REVIEW_OVERDUE)
    assert finding.detail == "October 2026"


def test_law_that_is_gone_is_named_with_what_came_after_and_where_that_is_said() -> None:
    (finding,) = _found(_policy(SOUND.replace("a day.", "a day (Data Protection Act 1998).")), Problem.REPLACED)
    assert "UK GDPR" in finding.detail
    assert finding.source


def test_the_shipped_policy_has_what_a_reader_finds_in_it_by_eye(policy: Policy) -> None:
    assert [finding.places for finding in _found(policy, Problem.NUMBER_TWICE)] == [("12.5", "12.5 (second)")]
    assert [finding.detail for finding in _found(policy, Problem.NUMBER_MISSING)] == ["13"]
    assert [finding.places[0] for finding in _found(policy, Problem.CONTENTS_DISAGREE)] == [
        "13", "8", "9", "10", "11", "12", "14", "15", "16", "17",
    ]  # fmt: skip
    (periods,) = _found(policy, Problem.REVIEW_PERIODS_DIFFER)
    assert periods.places == ("Review", "16.1")
    assert [finding.detail for finding in _found(policy, Problem.REVIEW_OVERDUE)] == ["July 2026"]
    assert [finding.places for finding in _found(policy, Problem.REPLACED)] == [("6.2(17)",), ("12.1",)]
    (renamed,) = _found(policy, Problem.RENAMED)
    assert renamed.places == ("1.1", "6.1")
    assert len(_found(policy, Problem.PLAIN_LINK)) == 5


def test_every_finding_names_a_line_of_the_source(policy: Policy) -> None:
    lines = {passage.line for passage in policy.passages}
    assert {finding.line for finding in examine(policy, TODAY)} <= lines
