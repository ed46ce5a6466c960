"""Who sees what: an inbox shows what is theirs, and nothing else exists for them."""

from dataclasses import replace

import pytest

from bot.cases.people.roles import Holding, Person, Role
from bot.desk import Desk
from bot.messages import (
    CaseView,
    OpenCase,
    Refusal,
)
from integrations.app import Reports
from tests.bot.reporting import ANSWERS, CANARY, held_by_another, inbox, opened, received

pytestmark = pytest.mark.both_engines


@pytest.mark.parametrize(
    ("about", "readers"),
    [
        ("child", {"demo-dsl"}),
        ("adult_elsewhere", {"demo-dsl"}),
        ("adult_here", {"demo-headteacher"}),
        ("myself", {"demo-headteacher"}),
        ("headteacher", {"demo-chair"}),
        ("unsure", {"demo-dsl", "demo-headteacher"}),
    ],
)
def test_a_report_reaches_those_whose_job_it_is_and_nobody_else(desk: Desk, about: str, readers: set[str]) -> None:
    receipt = received(desk, {**ANSWERS, "about": about})
    for person in ("demo-dsl", "demo-headteacher", "demo-chair"):
        assert (receipt.reference in inbox(desk, person)) == (person in readers)
        (reply,) = desk.receive(OpenCase(person, receipt.reference))
        assert isinstance(reply, CaseView if person in readers else Refusal)


def test_a_case_of_somebody_else_and_no_case_at_all_are_refused_in_the_same_words(desk: Desk) -> None:
    receipt = received(desk)
    refusals = [desk.receive(OpenCase(*at)) for at in [
        ("demo-chair", receipt.reference), ("demo-chair", "C-0000-0000"), ("nobody", receipt.reference),
    ]]  # fmt: skip
    assert refusals[0] == refusals[1] == refusals[2]


def test_each_look_is_in_the_chronology_before_it_is_shown(desk: Desk) -> None:
    receipt = received(desk, {**ANSWERS, "about": "unsure"})
    opened(desk, "demo-dsl", receipt.reference)
    case = opened(desk, "demo-headteacher", receipt.reference)
    happened = [(row.what, row.who) for row in case.chronology]
    assert [what for what, _ in happened] == [
        "Received", "Put into the inbox of", "Put into the inbox of", "Opened by", "Opened by",
    ]  # fmt: skip
    assert happened[-2][1].startswith("Demonstration DSL")
    assert happened[-1][1].startswith("Demonstration headteacher")


def test_urgent_cases_stand_first(desk: Desk) -> None:
    calm = received(desk, draft="a")
    urgent = received(desk, {**ANSWERS, "danger": "yes"}, draft="b")
    later = received(desk, draft="c")
    assert inbox(desk, "demo-dsl")[0] == urgent.reference
    assert {calm.reference, later.reference} == set(inbox(desk, "demo-dsl")[1:])


def test_a_case_outlives_whoever_received_it(desk: Desk) -> None:
    receipt = received(desk)
    holds_now = {"new-dsl": Role.DSL, "demo-dsl": Role.CHAIR_OF_GOVERNORS}
    persons = tuple(Person(one, one, holds=(Holding("demo-school", role),)) for one, role in holds_now.items())
    after = replace(desk.inbox.directory, persons=persons)
    later = replace(desk, inbox=replace(desk.inbox, directory=after))
    assert inbox(later, "new-dsl") == [receipt.reference]
    assert inbox(later, "demo-dsl") == []
    (reply,) = later.receive(OpenCase("demo-dsl", receipt.reference))
    assert isinstance(reply, Refusal)
    assert opened(later, "new-dsl", receipt.reference).answers[1].answer == CANARY


def test_what_a_form_no_longer_asks_is_still_shown(desk: Desk) -> None:
    receipt = received(desk)
    form = desk.inbox.forms["report_concern"]
    shorter = replace(form, question=form.question[:1])
    later = replace(desk, inbox=replace(desk.inbox, forms={"report_concern": shorter}))
    answers = opened(later, "demo-dsl", receipt.reference).answers
    assert [(answer.ask, answer.answer) for answer in answers] == [
        ("Who is it about?", "A child"), ("what", CANARY), ("danger", "no"),
    ]  # fmt: skip
    gone = replace(desk, inbox=replace(desk.inbox, forms={}))
    assert inbox(gone, "demo-dsl") == [receipt.reference]


def test_a_case_is_not_shown_when_the_look_cannot_be_recorded(desk: Desk, reports: Reports) -> None:
    receipt = received(desk)
    with held_by_another(reports.store):
        (reply,) = desk.receive(OpenCase("demo-dsl", receipt.reference))
    assert isinstance(reply, Refusal)
    assert "cannot be recorded" in reply.headline
