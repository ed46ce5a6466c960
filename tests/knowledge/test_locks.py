"""A ruling decides only as it was reviewed: with its clauses, and itself, as they were."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.datafile import BadDataFile
from knowledge.library import Library
from knowledge.locks import FILE, Locks, Standing, read_locks, standings, words_of, write_locks
from knowledge.model import Clause, Policy
from knowledge.numbering import Label
from knowledge.rulings import Row, Ruling, Verdict

POLICY = Library.shipped().policy("reach2-online-safety")
DAY = date(2026, 3, 2)
RULING = Ruling(
    id="r", about="R", cites=("6.2(25)", "5.3"), phrasings=("one",), row=(Row(Verdict.NO, 'No: "so".', {"age": "x"}),)
)
LOCKS = Locks().renewed(RULING, POLICY, DAY, 'A. "Owner"')


def _clause(label: str) -> Clause:
    return next(clause for clause in POLICY.clauses if str(clause.label) == label)


def _with(label: str, clause: Clause | None) -> Policy:
    """The policy with another clause in the place of that one, or without it."""
    changed = (clause if str(one.label) == label else one for one in POLICY.clauses)
    return replace(POLICY, clauses=tuple(one for one in changed if one is not None))


def _standing(policy: Policy = POLICY, ruling: Ruling = RULING) -> Standing:
    return LOCKS.standing(ruling, policy)


def test_a_ruling_that_nobody_reviewed_decides_nothing() -> None:
    standing = Locks().standing(RULING, POLICY)
    assert not standing.decides
    assert standing.lock is None


def test_a_reviewed_ruling_decides_and_says_who_reviewed_it_when() -> None:
    standing = _standing()
    assert standing.decides
    assert standing.lock is not None
    assert (standing.lock.reviewed, standing.lock.reviewer) == (DAY, 'A. "Owner"')


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "Staff may accept whom they like."},
        {"lead_in": "In addition to the above everyone must ensure that they:"},
        {"lead_in": None},
        {"headings": ("Something else",)},
    ],
)
def test_other_words_in_heading_lead_in_or_text_end_it_and_are_shown(changed: dict[str, object]) -> None:
    clause = _clause("6.2(25)")
    standing = _standing(_with("6.2(25)", replace(clause, **changed)))  # type: ignore[arg-type]
    assert not standing.decides
    (change,) = standing.changes
    assert change.label == "6.2(25)"
    assert change.old == words_of(clause)
    assert change.new == replace(clause, **changed)  # type: ignore[arg-type]


def test_a_clause_that_only_moved_to_another_line_or_page_changes_nothing() -> None:
    assert _standing(_with("5.3", replace(_clause("5.3"), line=9, page=7))).decides


def test_another_clause_may_change() -> None:
    assert _standing(_with("9.2", None)).decides


def test_a_clause_that_is_gone_ends_it() -> None:
    standing = _standing(_with("5.3", None))
    assert not standing.decides
    assert standing.changes[0].new is None


def test_where_the_old_words_bear_another_label_it_decides_and_cites_that() -> None:
    moved = replace(_clause("5.3"), label=Label.parse("5.4"))
    standing = _standing(_with("5.3", moved))
    assert standing.decides
    assert "5.4" in standing.ruling.cites
    assert "5.3" not in standing.ruling.cites


def test_a_label_that_moved_is_named_where_another_clause_was_changed() -> None:
    moved = replace(_clause("5.3"), label=Label.parse("5.4"))
    other = replace(_clause("6.2(25)"), text="Other words.")
    policy = _with("5.3", moved)
    clauses = tuple(other if str(one.label) == "6.2(25)" else one for one in policy.clauses)
    changes = {one.label: one.moved for one in _standing(replace(policy, clauses=clauses)).changes}
    assert changes == {"5.3": "5.4", "6.2(25)": None}


@pytest.mark.parametrize(
    "ruling",
    [
        replace(RULING, row=(Row(Verdict.YES, "Yes."),)),
        replace(RULING, row=(replace(RULING.row[0], says="No!"),)),
        replace(RULING, row=(replace(RULING.row[0], when={"age": "y"}),)),
        replace(RULING, cites=("6.2(25)",)),
        replace(RULING, cites=("6.2(25)", "5.3", "9.1")),
    ],
)
def test_a_ruling_that_was_changed_after_its_review_decides_nothing(ruling: Ruling) -> None:
    assert not _standing(ruling=ruling).decides


def test_phrasings_may_be_added_without_a_review() -> None:
    assert _standing(ruling=replace(RULING, phrasings=("one", "another"))).decides


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_locks(tmp_path, LOCKS)
    assert read_locks(tmp_path) == LOCKS


def test_a_review_renews_one_ruling_and_keeps_no_words_that_nobody_needs(tmp_path: Path) -> None:
    other = replace(RULING, id="other", cites=("9.1",))
    both = LOCKS.renewed(other, POLICY, DAY, "B")
    shorter = both.renewed(replace(RULING, cites=("5.3",)), POLICY, date(2026, 4, 1), "C")
    write_locks(tmp_path, shorter)
    assert [words.label for words in read_locks(tmp_path).clause] == ["5.3", "9.1"]
    assert shorter.standing(other, POLICY).decides
    assert [lock.reviewer for lock in shorter.lock] == ["B", "C"]


def test_words_that_somebody_edited_in_the_lock_are_refused(tmp_path: Path) -> None:
    write_locks(tmp_path, LOCKS)
    path = tmp_path / FILE
    path.write_text(path.read_text(encoding="utf-8").replace("friend, follower", "friend, stranger"), encoding="utf-8")
    with pytest.raises(BadDataFile, match=r"6\.2\(25\) were edited"):
        read_locks(tmp_path)


def test_without_files_there_are_no_rulings_and_no_locks(tmp_path: Path) -> None:
    assert standings(tmp_path, POLICY) == ()
    assert read_locks(tmp_path) == Locks()
