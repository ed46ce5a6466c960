"""What an induction may say: held against its policy and its rulings, and locked to the words that it rests on."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.datafile import BadDataFile
from knowledge.facts import shipped_facts
from knowledge.induction import FILE, Induction, Situation, Step, read_induction
from knowledge.induction.checks import MOST_MINUTES, check_induction, seconds
from knowledge.induction.locks import LOCKS, induction_standing, step_digest, with_review
from knowledge.library import SHIPPED, Library
from knowledge.locks import Locks, read_locks, write_locks
from knowledge.model import Policy
from knowledge.ruling_checks import one_line, whole
from knowledge.rulings import GIVEN, Verdict, read_rulings

SLUG = "reach2-online-safety"
LIBRARY = Library.shipped()
POLICY = LIBRARY.policy(SLUG)
CLAUSES = {str(clause.label): clause for clause in POLICY.clauses}
RULINGS = {ruling.id: ruling for file in read_rulings(SHIPPED / SLUG) for ruling in file.rulings}
DAY = date(2026, 11, 23)

SMALL = """
title = "A walk"

[agreement]
title = "The agreement"
clause = "17"
binds = ["staff handbook"]

[[step]]
id = "phones"
title = "Phones"
minutes = 1
says = [{ text = "Phones must be “switched off”.", cites = ["7.2(1)"] }]

[[step.situation]]
id = "in-a-pocket"
text = "It is in your pocket, in class. May it be?"
ruling = "phone-on-silent"
offered = ["yes", "no"]

[[step.check]]
id = "put-away"
text = "I have put it away."
cites = ["7.2(1)"]

[step.skip]
when = "I have no phone."
argued = "7.2(1) speaks of personal mobile phones."
"""


def _shipped() -> Induction:
    induction = read_induction(SHIPPED / SLUG)
    assert induction is not None
    return induction


INDUCTION = _shipped()
STEPS = {step.id: step for step in INDUCTION.steps}
SITUATIONS = {one.id: one for step in INDUCTION.steps for one in step.situations}


def _folder(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / SLUG
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def _problems(tmp_path: Path, text: str) -> list[str]:
    folder = _folder(tmp_path, text)
    induction = read_induction(folder)
    assert induction is not None
    return list(map(str, check_induction(folder / FILE, induction, POLICY, RULINGS.values(), shipped_facts())))


# ------------------------------------------------------------------------------------------------ the shipped one


def test_nothing_is_wrong_in_the_shipped_induction() -> None:
    path = SHIPPED / SLUG / FILE
    assert check_induction(path, INDUCTION, POLICY, RULINGS.values(), shipped_facts()) == ()


def test_every_shipped_step_stands_as_it_was_reviewed_and_every_situation_is_decided_today() -> None:
    standing = induction_standing(SHIPPED / SLUG, POLICY, RULINGS.values())
    assert standing is not None
    assert [step.step.id for step in standing.steps if not step.stands] == []
    assert [one.id for step in standing.steps for one in step.undecided] == []
    assert set(standing.rulings) == {one.ruling for one in SITUATIONS.values()}


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_is_decided_by_its_ruling_and_what_it_decides_can_be_chosen(name: str) -> None:
    situation = SITUATIONS[name]
    decision = situation.judged_by(RULINGS[situation.ruling])
    assert decision.verdict in situation.offered
    assert decision.verdict in GIVEN or situation.lesson
    assert decision.row is not None


def test_what_is_right_is_not_always_the_same_answer() -> None:
    verdicts = {one.judged_by(RULINGS[one.ruling]).verdict for one in SITUATIONS.values()}
    assert verdicts == {Verdict.YES, Verdict.NO, Verdict.DEPENDS}


@pytest.mark.parametrize("name", STEPS)
def test_every_sentence_names_clauses_that_are_there_and_no_step_takes_more_than_two_minutes(name: str) -> None:
    step = STEPS[name]
    assert set(step.cites) <= set(CLAUSES)
    assert all(said.cites for said in step.says)
    new = {label: clause for label, clause in CLAUSES.items() if label not in INDUCTION.shown_before(step)}
    assert seconds(step, new, RULINGS) <= MOST_MINUTES * 60


_FORCES = (("must not", ("must not",)), ("must", ("must", "not permitted")), ("advised", ("advised",)))


@pytest.mark.parametrize("name", STEPS)
def test_no_sentence_says_must_where_none_of_its_clauses_does(name: str) -> None:
    for said in STEPS[name].says:
        whole_words = one_line(" ".join(whole(CLAUSES[label]) for label in said.cites))
        for word, wanted in _FORCES:
            if f" {word} " in f" {one_line(said.text)} ":
                assert any(one in whole_words for one in wanted), (word, said.text)


def test_one_step_may_be_skipped_and_says_why_and_the_one_on_ones_own_profiles_is_ticked() -> None:
    assert [step.id for step in INDUCTION.steps if step.skip] == ["the-schools-own-page"]
    assert "6.5" in {label for check in STEPS["your-own-profiles"].checks for label in check.cites}
    asks = STEPS["contacts-and-followers"].checks
    assert {form for check in asks for form in check.offers} == {"disclose_contact"}


def test_the_agreement_is_the_clause_that_is_signed_and_names_what_it_binds_to() -> None:
    assert INDUCTION.agreement.clause == "17"
    assert all(one in CLAUSES["17"].text for one in INDUCTION.agreement.binds)


# --------------------------------------------------------------------------------------------------- what is refused


def test_a_right_one_has_no_problem(tmp_path: Path) -> None:
    assert _problems(tmp_path, SMALL) == []


def test_a_policy_without_the_file_has_no_induction(tmp_path: Path) -> None:
    assert read_induction(tmp_path) is None


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('cites = ["7.2(1)"] }]', 'cites = ["7.2(99)"] }]', 13, "there is no clause 7.2(99)"),
        ('text = "I have put it away."\ncites = ["7.2(1)"]', 'text = "I"\ncites = []', 21, "names no clause"),
        ('clause = "17"', 'clause = "71"', 6, "there is no clause 71"),
        ('binds = ["staff handbook"]', 'binds = ["rule book"]', 7, "does not speak of 'rule book'"),
        ("“switched off”", "“thrown away”", 13, "quotes 'thrown away'"),
        ("Phones must", "By 9.1 phones must", 13, "speaks of 9.1"),
        ("says = [{ text", 'says = [{ text = "", cites = ["7.2(1)"] }, { text', 13, "has no words"),
        ('ruling = "phone-on-silent"', 'ruling = "phone-on-fire"', 18, "there is no ruling 'phone-on-fire'"),
        ('offered = ["yes", "no"]', 'offered = ["yes"]', 19, "is no choice"),
        ('offered = ["yes", "no"]', 'offered = ["yes", "info"]', 19, "is no choice"),
        ('offered = ["yes", "no"]', 'offered = ["yes", "depends"]', 19, "is not offered"),
        ('offered = ["yes", "no"]', 'offered = ["yes", "no"]\nfacts = { colour = "x" }', 20, "no fact 'colour'"),
        ('offered = ["yes", "no"]', 'offered = ["yes", "no"]\nfacts = { room = "x" }', 20, "is no value of 'room'"),
        ('offered = ["yes", "no"]', 'offered = ["yes", "no"]\nlesson = "x"', 20, "is decided (no)"),
        ('ruling = "phone-on-silent"', 'ruling = "phone-at-break"', 15, "does not decide"),
        ('ruling = "phone-on-silent"', 'ruling = "indecent-images-found"', 18, "says info"),
        ("May it be?", "It may not.", 17, "asks nothing"),
        ('id = "put-away"', 'id = "in-a-pocket"', 22, "stands here twice"),
        ('id = "put-away"', 'id = "Put away"', 22, "is no id"),
        ("minutes = 1", "minutes = 3", 12, "1 or 2 minutes"),
        ("I have put it away.", "I have put it away. " * 60, 12, "seconds to read"),
        ('argued = "7.2(1) speaks of personal mobile phones."', 'argued = ""', 26, "who may skip it"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, what: str) -> None:
    assert old in SMALL
    found = [problem for problem in _problems(tmp_path, SMALL.replace(old, new, 1)) if what in problem]
    assert found
    assert found[0].split(FILE)[1].startswith(f":{line}:"), found


def test_an_unknown_key_is_an_error_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadDataFile, match=r"induction\.toml:17: unknown key"):
        read_induction(_folder(tmp_path, SMALL.replace('id = "in-a-pocket"', 'id = "in-a-pocket"\nright = "no"')))


def test_what_is_right_cannot_be_written_into_a_situation() -> None:
    assert "verdict" not in Situation.__dataclass_fields__
    assert "right" not in Situation.__dataclass_fields__


# ------------------------------------------------------------------------------------------------------- the locks


def _changed(label: str, text: str) -> Policy:
    clauses = (replace(one, text=text) if str(one.label) == label else one for one in POLICY.clauses)
    return replace(POLICY, clauses=tuple(clauses))


def _locked(tmp_path: Path) -> tuple[Path, Step]:
    folder = _folder(tmp_path, SMALL)
    induction = read_induction(folder)
    assert induction is not None
    write_locks(folder, with_review(Locks(), induction.steps[0], POLICY, DAY, "A. Reader"), LOCKS)
    return folder, induction.steps[0]


def test_a_step_that_nobody_reviewed_does_not_stand(tmp_path: Path) -> None:
    standing = induction_standing(_folder(tmp_path, SMALL), POLICY, RULINGS.values())
    assert standing is not None
    assert not standing.steps[0].stands


def test_a_step_waits_when_a_clause_of_it_has_other_words_and_shows_both(tmp_path: Path) -> None:
    folder, _ = _locked(tmp_path)
    standing = induction_standing(folder, POLICY, RULINGS.values())
    assert standing is not None
    assert standing.steps[0].stands
    standing = induction_standing(folder, _changed("7.2(1)", "Phones may ring."), RULINGS.values())
    assert standing is not None
    (change,) = standing.steps[0].changes
    assert not standing.steps[0].stands
    assert change.old is not None
    assert change.new is not None
    assert (change.old.text, change.new.text) == (CLAUSES["7.2(1)"].text, "Phones may ring.")


def test_a_step_waits_when_it_was_changed_itself(tmp_path: Path) -> None:
    folder, step = _locked(tmp_path)
    (folder / FILE).write_text(SMALL.replace("I have put it away.", "It is away."), encoding="utf-8")
    standing = induction_standing(folder, POLICY, RULINGS.values())
    assert standing is not None
    assert standing.steps[0].changed_itself
    assert read_locks(folder, LOCKS).lock[0].table == step_digest(step)


def test_a_situation_whose_ruling_does_not_decide_is_left_out_and_the_step_stands(tmp_path: Path) -> None:
    folder, _ = _locked(tmp_path)
    standing = induction_standing(folder, POLICY, ())
    assert standing is not None
    assert [one.id for one in standing.steps[0].undecided] == ["in-a-pocket"]
    assert standing.steps[0].stands
    assert standing.rulings == {}


def test_the_locks_of_steps_and_of_rulings_are_files_apart(tmp_path: Path) -> None:
    folder = tmp_path / SLUG
    shutil.copytree(SHIPPED / SLUG, folder)
    before = (folder / "locks.toml").read_bytes()
    step = INDUCTION.steps[0]
    write_locks(folder, with_review(read_locks(folder, LOCKS), step, POLICY, DAY, "A. Reader"), LOCKS)
    assert (folder / "locks.toml").read_bytes() == before
    assert {lock.ruling for lock in read_locks(folder, LOCKS).lock} == set(STEPS)


def test_a_situation_is_told_and_asked() -> None:
    situation = SITUATIONS["only-happy-birthday"]
    assert situation.asked == "Does it have to be reported?"
    assert f"{situation.told} {situation.asked}" == situation.text
