"""A case that nobody acknowledges goes on: the next in its route, reminders, whom to ring; never whom it is about."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from sqlalchemy import func, insert, select, update

from bot.cases import records
from bot.cases.delivery.timers import open_without_a_step
from bot.cases.people.conflicts import person_hash
from bot.cases.people.roles import Holding, Role
from bot.cases.routes.calendar import Calendar
from bot.messages import MEANS, OpenCase
from bot.ports import Telling
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from integrations import app
from integrations.settings import Settings
from tests.bot.office import DAY, HOUR, MINUTE, Office
from tests.bot.reporting import inbox

pytestmark = pytest.mark.both_engines

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
CHILD = {"about": "child", "what": "the words", "danger": "no"}
DANGER = {**CHILD, "danger": "yes"}
ADULT = {"about": "adult_here", "child_too": "no", "what": "the words", "danger": "no"}
JUDGEMENT = {"sender": "Terry", "stage": "taken", "moment": "2026-11-20", "what": "the words", "why": "the words"}


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    clock = FixedClock(MONDAY)
    reports, insights = app.open_reports(settings), Insights(settings.insights, clock)
    yield Office(reports, clock, insights)
    with reports.store.reading() as connection:
        assert open_without_a_step(connection) == ()
    insights.close()
    reports.close()


# --------------------------------------------------------------------------------------------------------- going on


def test_where_somebody_is_in_danger_the_headteacher_is_told_after_five_minutes(office: Office) -> None:
    office.report(DANGER)
    office.work()
    assert sorted(office.heard()) == ["demo-deputy-dsl-1", "demo-deputy-dsl-2", "demo-dsl"]
    office.go_on(4 * MINUTE, MINUTE)
    assert "demo-headteacher" not in office.heard()
    office.go_on(MINUTE, MINUTE)
    assert "demo-headteacher" in office.heard()


def test_any_other_concern_about_a_child_goes_on_at_the_end_of_the_school_day(office: Office) -> None:
    office.report(CHILD)
    office.go_on(6 * HOUR, 30 * MINUTE)
    office.go_on(29 * MINUTE, 29 * MINUTE)
    assert "demo-headteacher" not in office.heard()
    office.go_on(MINUTE, MINUTE)
    assert "demo-headteacher" in office.heard()


def test_on_friday_at_ten_past_three_it_does_not_wait_for_monday(office: Office) -> None:
    office.clock.go_on(datetime(2026, 11, 27, 15, 10, tzinfo=UTC) - MONDAY)
    office.report(CHILD)
    office.go_on(30 * MINUTE)
    assert "demo-headteacher" in office.heard()


def test_those_who_were_passed_over_are_told_that_it_went_on(office: Office) -> None:
    office.report(DANGER)
    office.work()
    office.go_on(5 * MINUTE)
    assert sorted(office.heard(Telling.GONE_ON)) == ["demo-deputy-dsl-1", "demo-deputy-dsl-2", "demo-dsl"]


def test_beyond_the_steps_one_role_after_the_other_steps_in(office: Office) -> None:
    office.report(DANGER)
    office.go_on(HOUR, 5 * MINUTE)
    assert office.heard()[3:] == ["demo-headteacher", "demo-deputy-head", *office.heard()[5:]]
    assert len(set(office.heard())) == len(office.heard())


def test_that_nobody_looks_is_no_reason_to_tell_a_governor_of_a_child(office: Office) -> None:
    office.report(DANGER)
    office.go_on(4 * HOUR, 20 * MINUTE)
    assert {"demo-chair", "demo-vice-chair"}.isdisjoint(office.heard())
    assert "demo-trust-lead" in office.heard()


def test_what_is_no_concern_goes_no_further_than_its_route(office: Office) -> None:
    office.report(JUDGEMENT, form="explain_judgement")
    office.go_on(10 * DAY, 6 * HOUR)
    assert office.heard() == ["demo-headteacher"]
    assert len(office.heard(Telling.REMINDER)) > 3


# -------------------------------------------------------------------------------------------------------- reminders


def test_reminders_never_stop_while_nobody_acknowledges(office: Office) -> None:
    office.report(DANGER)
    office.go_on(3 * DAY, 2 * HOUR)
    so_far = len(office.heard(Telling.REMINDER))
    office.go_on(HOUR, 15 * MINUTE)
    assert len(office.heard(Telling.REMINDER)) >= so_far + 4
    assert max(len(notice.key) for notice in office.told) < 40
    assert len({(notice.key, notice.person) for notice in office.told}) == len(office.told)


def test_once_somebody_acknowledged_nobody_is_reminded_and_after_a_week_they_are_asked(office: Office) -> None:
    office.report(DANGER)
    office.work()
    office.acknowledge("demo-dsl", "dsl")
    office.go_on(6 * DAY, 6 * HOUR)
    assert (office.heard(Telling.REMINDER), office.heard(Telling.REVIEW)) == ([], [])
    office.go_on(2 * DAY, 6 * HOUR)
    assert office.heard(Telling.REVIEW) == ["demo-dsl"]


def test_quiet_hours_hold_back_reminders_of_what_can_wait(office: Office) -> None:
    office.use(replace(office.reports, calendar=Calendar(ends=time(20))))
    office.report(ADULT)
    office.go_on(DAY + 13 * HOUR, HOUR)  # the next school day has ended at eight in the evening
    assert office.heard() == ["demo-headteacher", "demo-chair"]
    assert office.heard(Telling.REMINDER) + office.heard(Telling.GONE_ON) == []
    office.go_on(10 * HOUR, HOUR)
    assert sorted(office.heard(Telling.REMINDER)) == ["demo-chair", "demo-headteacher"]


@pytest.mark.parametrize("answers", [CHILD, DANGER])
def test_quiet_hours_hold_back_no_concern_about_a_child_beyond_its_deadline(
    office: Office, answers: dict[str, str]
) -> None:
    office.clock.go_on(12 * HOUR)  # nine in the evening
    office.report(answers)
    office.go_on(2 * HOUR)
    assert "demo-headteacher" in office.heard()
    assert office.heard(Telling.REMINDER) or office.heard(Telling.GONE_ON)


# ----------------------------------------------------------------------------------------- the directory of the moment


def test_whoever_takes_up_a_role_is_told_with_the_next_step(office: Office) -> None:
    office.report(DANGER)
    office.work()
    office.hire("newcomer", "Nora Newcomer", Role.DEPUTY_DSL)
    office.go_on(5 * MINUTE)
    assert "newcomer" in office.heard()


def test_whoever_takes_up_a_role_and_is_named_in_it_is_never_told(office: Office) -> None:
    office.report({**DANGER, "not_to": "Nora Newcomer"})
    office.work()
    office.hire("newcomer", "Nora Newcomer", Role.DEPUTY_DSL)
    office.go_on(2 * HOUR)
    office.rounds.look_through()
    office.work()
    assert "newcomer" not in {notice.person for notice in office.told}
    with office.reports.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(records.struck)) == 1


def test_who_lost_the_role_is_reminded_no_more_and_what_they_were_not_sent_is_not_sent(office: Office) -> None:
    office.report(DANGER)
    office.let_go("demo-dsl")
    office.rounds.look_through()
    office.go_on(HOUR)
    assert "demo-dsl" not in {notice.person for notice in office.told}


def test_when_whoever_has_it_in_hand_has_left_it_goes_on_as_if_nobody_had(office: Office) -> None:
    office.report(DANGER)
    office.work()
    office.acknowledge("demo-dsl", "dsl")
    office.let_go("demo-dsl")
    office.rounds.look_through()
    office.go_on(5 * MINUTE)
    assert "demo-headteacher" in office.heard()


def test_who_is_only_away_has_it_in_hand_still_and_whoever_covers_is_told(office: Office) -> None:
    office.report(DANGER)
    office.work()
    office.acknowledge("demo-dsl", "dsl")
    cover = Holding("demo-school", Role.DSL, covers="demo-dsl")
    persons = [
        replace(one, holds=(cover,)) if one.id == "demo-policy-owner" else one for one in office.directory.persons
    ]
    office.change(replace(office.directory, persons=tuple(persons)))
    office.rounds.look_through()
    office.go_on(HOUR)
    assert "demo-policy-owner" in office.heard()
    assert "demo-headteacher" not in office.heard()


def test_a_step_whose_people_know_already_holds_up_nobody_after_them(office: Office) -> None:
    office.report(DANGER)
    office.work()
    with office.reports.store.writing() as connection:
        (case_id,) = connection.scalars(select(records.cases.c.id))
        whom = [("demo-headteacher", "headteacher")]
        office.reports.steps().passed_on(connection, case_id, whom, office.clock.now())
        connection.commit()
    office.go_on(HOUR)
    assert "demo-deputy-head" in office.heard()


def test_whoever_was_struck_since_is_told_no_more_even_where_a_case_does_not_open(office: Office) -> None:
    office.report(DANGER)
    office.work()
    with office.reports.store.writing() as connection:
        (case_id,) = connection.scalars(select(records.cases.c.id))
        hashed = person_hash(office.reports.keys.derive("people"), "demo-dsl")
        connection.execute(insert(records.struck).values(case_id=case_id, person_hash=hashed))
        connection.execute(update(records.answers).values(sealed=b"\0" * 40))
        connection.commit()
    office.go_on(HOUR)
    assert office.heard(Telling.REMINDER).count("demo-dsl") == 0
    assert "demo-deputy-dsl-1" in office.heard(Telling.REMINDER)


def test_whoever_it_is_about_is_never_told_however_long_it_lies(office: Office) -> None:
    office.report({**ADULT, "danger": "yes", "adult": f"Demonstration headteacher{MEANS}demo-headteacher"})
    office.go_on(2 * DAY, HOUR)
    assert "demo-headteacher" not in {notice.person for notice in office.told}
    assert "demo-chair" in office.heard()


def test_a_case_that_does_not_open_any_more_goes_to_nobody_new_and_is_reminded_of(office: Office) -> None:
    office.report(DANGER)
    office.work()
    with office.reports.store.writing() as connection:
        connection.execute(update(records.answers).values(sealed=b"\0" * 40))
        connection.commit()
    office.go_on(10 * MINUTE)
    assert "demo-headteacher" not in office.heard()
    assert "demo-dsl" in office.heard(Telling.REMINDER)


# ---------------------------------------------------------------------------------------------------- out of reach


def test_where_there_is_no_way_to_anybody_of_a_step_the_next_is_told_at_once(office: Office) -> None:
    office.out_of_reach = frozenset({"demo-dsl", "demo-deputy-dsl-1", "demo-deputy-dsl-2"})
    reference = office.report(CHILD)
    office.work()
    assert office.heard() == ["demo-headteacher"]
    assert reference in inbox(office.desk, "demo-dsl")


def test_where_there_is_a_way_to_one_of_them_nobody_else_is_told_early(office: Office) -> None:
    office.out_of_reach = frozenset({"demo-dsl", "demo-deputy-dsl-1"})
    office.report(CHILD)
    office.work()
    assert office.heard() == ["demo-deputy-dsl-2"]


def test_where_there_is_no_way_to_anybody_it_comes_to_rest_and_is_tried_again_later(office: Office) -> None:
    office.out_of_reach = frozenset(person.id for person in office.directory.persons)
    office.report(CHILD)
    office.work()
    office.out_of_reach = frozenset()
    office.go_on(2 * HOUR)
    assert "demo-dsl" in office.heard(Telling.REMINDER) + office.heard(Telling.GONE_ON) + office.heard()


# ------------------------------------------------------------------------------------------------------ the sender


def test_the_sender_is_told_once_whom_to_ring_when_nobody_has_opened_it(office: Office) -> None:
    office.report(DANGER, sender="demo-policy-owner")
    office.go_on(HOUR)
    assert office.heard(Telling.RING) == ["demo-policy-owner"]


def test_a_sender_whose_report_was_opened_is_not_told_to_ring(office: Office) -> None:
    reference = office.report(DANGER, sender="demo-policy-owner")
    office.desk.receive(OpenCase("demo-deputy-dsl-1", reference))
    office.go_on(HOUR)
    assert office.heard(Telling.RING) == []


def test_that_the_sender_looked_into_their_own_report_counts_for_nothing(office: Office) -> None:
    reference = office.report(DANGER, sender="demo-dsl")
    office.desk.receive(OpenCase("demo-dsl", reference))
    office.go_on(HOUR)
    assert office.heard(Telling.RING) == ["demo-dsl"]
