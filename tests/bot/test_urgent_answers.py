"""What cannot wait: what to do now, each with its source; whom to ring; the form; and only then the clauses."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cases.people.contacts import DirectoryContacts
from bot.cases.people.directory import load_directory
from bot.desk import Desk
from bot.messages import Answer, Ask, Intent
from bot.ports import Contact
from bot.talk.answering.answers import Answers
from bot.talk.urgency.answers import UrgentAnswers
from bot.talk.urgency.finding import Standing, Urgency
from bot.talk.urgency.patterns import Occasion
from bot.talk.urgency.steps import STEPS, load_steps, shipped_steps
from bot.testing import FixedClock
from index.search import Searcher
from index.snapshot import SnapshotMissing
from knowledge.datafile import BadDataFile
from knowledge.library import Library
from knowledge.model import Policy
from knowledge.rulings import Verdict
from tests.conftest import NOW, REACH2

CLOCK = FixedClock(NOW)
DEMONSTRATION = DirectoryContacts(load_directory, CLOCK)


def _answer(library: Library | None, *occasions: Occasion, is_online: bool = True, policy: str | None = None) -> Answer:
    urgency = Urgency(occasions, Standing.TOLD, is_online)
    return UrgentAnswers(DEMONSTRATION, CLOCK).answer(urgency, library, policy)


def _labels(answer: Answer) -> list[str]:
    return [str(citation.clause.label) for citation in answer.citations]


@pytest.mark.parametrize(
    ("occasion", "is_online", "labels"),
    [
        (Occasion.INDECENT_IMAGES, True, ["10.3", "6.2(19)"]),
        (Occasion.INDECENT_IMAGES, False, ["10.3"]),
        (Occasion.SEARCH, True, ["12.4", "12.3"]),
        (Occasion.GROOMING, False, ["6.2(19)"]),
        (Occasion.ADULT_BEHAVIOUR, True, ["6.2(19)", "5.3"]),
        (Occasion.THREAT_TO_STAFF, True, ["11.3", "11.4"]),
        (Occasion.SELF_HARM, True, ["6.2(19)"]),
        (Occasion.CHILD_AT_RISK, True, ["6.2(19)"]),
        (Occasion.CHILD_AT_RISK, False, ["15.1(3)"]),
        (Occasion.ADULT_BEHAVIOUR, False, ["15.1(3)"]),
    ],
)
def test_the_clause_that_decides_the_occasion_stands_first(
    library: Library,
    occasion: Occasion,
    is_online: bool,  # noqa: FBT001 (a row of the table)
    labels: list[str],
) -> None:
    answer = _answer(library, occasion, is_online=is_online)
    assert _labels(answer) == labels
    assert (answer.intent, answer.verdict, answer.urgent) == (Intent.REPORT_CONCERN, Verdict.INFO, True)
    assert answer.offers == ("report_concern",)
    assert bool(answer.remark) == (labels == ["15.1(3)"])


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("is_online", [True, False])
def test_every_step_names_its_source_and_999_comes_first(
    library: Library,
    occasion: Occasion,
    is_online: bool,  # noqa: FBT001 (a value of the table)
) -> None:
    answer = _answer(library, occasion, is_online=is_online)
    assert "999" in answer.steps[0].text
    assert all(step.source for step in answer.steps)
    cited = {label for step in answer.steps for label in _labels(answer) if f"clause {label}" in step.source}
    assert cited <= set(_labels(answer))


def test_indecent_images_are_for_the_police_and_are_not_looked_at(library: Library) -> None:
    steps = _answer(library, Occasion.INDECENT_IMAGES).steps
    by_source = {step.source: step.text for step in steps}
    assert by_source["the policy's clause 10.3"].startswith("Inform the police immediately. Do not investigate")
    assert "Do not view, copy, print, share" in " ".join(by_source.values())


def test_several_occasions_bring_all_their_steps_once_in_order(library: Library) -> None:
    both = _answer(library, Occasion.INDECENT_IMAGES, Occasion.ADULT_BEHAVIOUR)
    texts = [step.text for step in both.steps]
    assert len(texts) == len(set(texts))
    assert {
        step.text
        for one in (Occasion.INDECENT_IMAGES, Occasion.ADULT_BEHAVIOUR)
        for step in _answer(library, one).steps
    } == set(texts)
    assert _labels(both)[0] == "10.3"


def test_whom_to_ring_stands_there_by_name_with_the_number_out_of_hours(library: Library) -> None:
    answer = _answer(library, Occasion.CHILD_AT_RISK)
    assert [(one.name, one.telephone) for one in answer.reach[:3]] == [
        ("Demonstration DSL", "01632 960101"),
        ("Demonstration deputy DSL (first)", "01632 960102"),
        ("Demonstration deputy DSL (second)", "01632 960103"),
    ]
    assert (answer.reach[-1].role, answer.reach[-1].out_of_hours) == ("children's social care", "01632 960111")
    assert "invented" in answer.reach_note


def test_an_adult_who_works_here_is_for_the_headteacher_or_the_chair_and_the_lado_stands_there(
    library: Library,
) -> None:
    answer = _answer(library, Occasion.ADULT_BEHAVIOUR)
    assert [one.role for one in answer.reach[:2]] == ["headteacher", "chair of governors"]
    assert "local authority designated officer" in [one.role for one in answer.reach]


def test_who_holds_the_role_today_is_rung_and_a_missing_number_is_the_office_s() -> None:
    shipped = load_directory()
    without = replace(
        shipped, persons=tuple(replace(one, telephone="") if one.id == "demo-dsl" else one for one in shipped.persons)
    )
    first = DirectoryContacts(lambda: without, CLOCK).urgent()[0]
    assert first == Contact("dsl", "Demonstration DSL", "01632 960100", is_office_number=True)
    gone = tuple(
        replace(one, holds=tuple(replace(held, until=NOW.date() - timedelta(days=1)) for held in one.holds))
        if one.id == "demo-dsl"
        else one
        for one in shipped.persons
    )
    today = DirectoryContacts(lambda: replace(shipped, persons=gone), CLOCK).urgent()
    assert [one.role for one in today][:1] == ["deputy_dsl"]


def test_without_a_directory_or_with_a_broken_one_it_is_said_how_to_find_them(library: Library, tmp_path: Path) -> None:
    broken = DirectoryContacts(lambda: load_directory(tmp_path / "none.toml"), CLOCK)
    urgency = Urgency((Occasion.SELF_HARM,), Standing.TOLD, is_online=False)
    for contacts in (None, broken):
        answer = UrgentAnswers(contacts, CLOCK).answer(urgency, library, None)
        assert answer.reach == ()
        assert "school office knows how to reach them" in answer.reach_note


def test_it_is_answered_without_a_snapshot(library: Library) -> None:
    def missing() -> Searcher:
        raise SnapshotMissing

    answer = Answers(missing, CLOCK, DEMONSTRATION).answer(Ask("dad hit him last week, fine now"))
    assert answer.urgent
    assert answer.steps
    assert answer.citations == ()
    assert "safeguarding and child protection" in answer.remark
    assert answer.steps == _answer(library, Occasion.CHILD_AT_RISK, is_online=False).steps


def test_a_policy_that_no_longer_says_it_is_not_cited_for_it(policy: Policy) -> None:
    changed = replace(
        policy,
        clauses=tuple(
            replace(clause, text="Tell the headteacher.") if str(clause.label) == "10.3" else clause
            for clause in policy.clauses
        ),
    )
    answer = _answer(Library((changed,)), Occasion.INDECENT_IMAGES)
    assert _labels(answer) == ["6.2(19)"]
    assert not any("10.3" in step.source for step in answer.steps)


def test_every_clause_that_is_named_holds_the_words_for_which_it_is_named(policy: Policy) -> None:
    by_label = {str(clause.label): clause.text for clause in policy.clauses}
    assert shipped_steps().policy == REACH2
    for one in shipped_steps().clause:
        assert one.holds in by_label[one.label]


def test_what_is_wrong_in_the_steps_is_named(tmp_path: Path) -> None:
    source = STEPS.read_text(encoding="utf-8")
    for right, wrong, said in (
        ('steps = ["danger", "police"', 'steps = ["danger", "politics"', "'politics' stands nowhere else"),
        ('id = "threat"', 'id = "treat"', "'occasion.5.id'"),
        ('clauses = ["12.3", "12.4"]', 'clauses = ["12.9"]', "'12.9' stands nowhere else"),
        ('{ id = "nhs", part = "" }', '{ id = "nhz", part = "" }', "'nhz' stands nowhere else"),
        ('online = ["6.2(19)", "5.3"]', 'online = ["10.3"]', "'10.3' stands nowhere else"),
    ):
        assert right in source
        path = tmp_path / "steps.toml"
        path.write_text(source.replace(right, wrong), encoding="utf-8")
        with pytest.raises(BadDataFile, match=said):
            load_steps(path)


def test_a_question_about_a_danger_is_answered_with_one_line_of_safety_under_it(desk: Desk) -> None:
    (asked,) = desk.receive(Ask("what does the policy say about indecent images"))
    (handed,) = desk.receive(Ask("dad hit him last week, DSL has it. do i write anything else down?"))
    (plain,) = desk.receive(Ask("can I use my own phone on a trip"))
    assert isinstance(asked, Answer)
    assert isinstance(handed, Answer)
    assert isinstance(plain, Answer)
    assert not asked.urgent
    assert asked.safety is not None
    assert "999 in danger" in asked.safety.text
    assert handed.safety is not None
    assert "nothing is done" in handed.safety.text
    assert plain.safety is None


def test_nothing_of_what_was_told_is_in_the_answer_or_goes_along(desk: Desk) -> None:
    (answer,) = desk.receive(Ask("his dad Zebedee Quince hit him last week. fine now"))
    assert isinstance(answer, Answer)
    assert answer.urgent
    assert "Zebedee" not in repr(answer)
    assert answer.shown is None
