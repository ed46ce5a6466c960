"""Reports that touch the people who would receive them: whoever it is about is left out, and nothing is lost by it."""

from datetime import date

import pytest
from sqlalchemy import select

from bot.cases import records
from bot.cases.delivery.timers import open_without_a_step
from bot.cases.people.conflicts import propose
from bot.cases.people.roles import Role
from bot.desk import Desk
from bot.messages import MEANS, OpenCase, Refusal
from bot.testing import FixedClock
from integrations.app import Reports
from tests.bot.reporting import ANSWERS, CANARY, count, inbox, opened, received

pytestmark = pytest.mark.both_engines

APART = {Role.ADMINISTRATOR, Role.POLICY_OWNER, Role.INDUCTION_LEAD, Role.DATA_PROTECTION_LEAD}
"""Roles that receive no reports."""
HEAD = f"Demonstration headteacher{MEANS}demo-headteacher"
ADULT = {"about": "adult_here", "child_too": "no", "adult": HEAD, "what": CANARY, "danger": "no"}
BOTH = {"about": "child", "also": "adult_here", "adult": "Zebedee Quill", "what": CANARY, "danger": "no"}


def _refused(desk: Desk, person: str, reference: str) -> bool:
    (reply,) = desk.receive(OpenCase(person, reference))
    return isinstance(reply, Refusal)


def test_whoever_is_named_is_not_told_and_does_not_see_that_there_is_anything(desk: Desk) -> None:
    receipt = received(desk, ADULT)
    assert "headteacher" not in receipt.recipients
    assert receipt.reference not in inbox(desk, "demo-headteacher")
    assert _refused(desk, "demo-headteacher", receipt.reference)
    assert CANARY in [answer.answer for answer in opened(desk, "demo-chair", receipt.reference).answers]


def test_that_somebody_certain_is_nobody_here_is_not_believed(desk: Desk, reports: Reports) -> None:
    certain = "the safeguarding lead"
    assert propose(certain, reports.directory, "demo-school", date(2026, 11, 22)).certain
    receipt = received(desk, {**ANSWERS, "not_to": f"{certain}{MEANS}-"})
    assert receipt.reference not in inbox(desk, "demo-dsl")


def test_the_records_name_nobody_whom_a_case_is_about(desk: Desk, reports: Reports) -> None:
    received(desk, ADULT)
    with reports.store.reading() as connection:
        hashes = connection.scalars(select(records.struck.c.person_hash)).all()
    assert hashes
    assert all(len(one) == 64 and "headteacher" not in one for one in hashes)


def test_a_report_about_a_child_and_an_adult_here_makes_two_cases_for_different_people(
    desk: Desk, reports: Reports
) -> None:
    receipt = received(desk, BOTH)
    (sibling,) = receipt.siblings
    assert count(reports) == 2
    by_role = {receipt.reference: receipt.recipients, sibling.reference: sibling.recipients}
    (childs,) = (one for one, roles in by_role.items() if any("DSL" in role for role in roles))
    (adults,) = set(by_role) - {childs}
    assert inbox(desk, "demo-dsl") == [childs]
    assert inbox(desk, "demo-headteacher") == [adults]
    assert _refused(desk, "demo-dsl", adults)
    assert _refused(desk, "demo-headteacher", childs)
    for person, reference in (("demo-dsl", childs), ("demo-headteacher", adults)):
        assert CANARY in [answer.answer for answer in opened(desk, person, reference).answers]


def test_two_cases_of_one_report_have_one_receipt_however_often_it_is_sent(desk: Desk, reports: Reports) -> None:
    first = received(desk, BOTH)
    assert received(desk, BOTH) == first
    assert count(reports) == 2


@pytest.mark.parametrize(
    "answers", [ANSWERS, {**ANSWERS, "danger": "yes"}, ADULT, BOTH], ids=["child", "danger", "adult", "both"]
)
def test_each_open_case_has_a_next_step_in_the_future(
    desk: Desk, reports: Reports, clock: FixedClock, answers: dict[str, str]
) -> None:
    received(desk, answers)
    with reports.store.reading() as connection:
        assert open_without_a_step(connection) == ()
        due = connection.scalars(select(records.timers.c.due_at)).all()
    assert len(due) == count(reports)
    assert all(moment > clock.now() for moment in due)


def test_where_nobody_is_left_the_sender_is_told_whom_to_ring_and_nothing_is_refused(
    desk: Desk, reports: Reports
) -> None:
    receivers = [person for person in reports.directory.persons if not any(held.role in APART for held in person.holds)]
    everybody = "\n".join(f"{person.name}{MEANS}{person.id}" for person in receivers if person.id != "demo-headteacher")
    receipt = received(desk, {**ADULT, "not_to": everybody})
    assert receipt.recipients == ()
    assert "01632 960112" in receipt.steps[0]
    assert count(reports) == 1
    assert all(receipt.reference not in inbox(desk, person.id) for person in reports.directory.persons)


def test_what_the_conversation_came_to_and_the_school_stand_on_the_case(desk: Desk, reports: Reports) -> None:
    received(desk)
    with reports.store.reading() as connection:
        row = connection.execute(select(records.cases)).one()
    assert (row.school, row.state, row.sibling_of, row.sender_hash) == ("demo-school", "open", None, None)


def test_a_case_that_nobody_is_told_of_has_its_timer_and_is_known_as_such(desk: Desk, reports: Reports) -> None:
    received(desk, draft="told to somebody")
    receivers = [person for person in reports.directory.persons if not any(held.role in APART for held in person.holds)]
    everybody = "\n".join(f"{person.name}{MEANS}{person.id}" for person in receivers if person.id != "demo-headteacher")
    untold = received(desk, {**ADULT, "not_to": everybody}, draft="told to nobody")
    assert reports.told_to_nobody() == (untold.reference,)
    assert reports.without_a_step() == 0
