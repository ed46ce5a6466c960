"""How long it is kept: what is due is looked at, nothing goes by itself but what is in the school's case system."""

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot.cases import records
from bot.cases.forms.model import load_forms
from bot.cases.receiving.grace import purge_what_is_due
from bot.cases.receiving.retention import SHIPPED, load_retention
from bot.cases.receiving.reviewing import Reviewing
from bot.cases.safekeeping.verification import Fault, verify
from bot.desk import Desk
from bot.messages import ActOnCase, CaseAct, CaseView, OpenOwn, OpenRetention, OwnView, Refusal, Reply, RetentionView
from bot.testing import FixedClock
from bot.wording import say
from integrations.app import Reports
from knowledge.datafile import BadDataFile
from tests.bot.acting import CLOSING, NOTE, act, done, sent_by
from tests.bot.reporting import ANSWERS, inbox, opened, received

DSL, HEAD, DEPUTY, OWNER = "demo-dsl", "demo-headteacher", "demo-deputy-dsl-1", "demo-policy-owner"
ENTERED = {"system": "CPOMS", "number": "4711"}
MISTAKE = {**CLOSING, "outcome": "mistake"}


def _list(desk: Desk, person: str = DSL) -> list[str]:
    (reply,) = desk.receive(OpenRetention(person))
    assert isinstance(reply, RetentionView)
    return [row.row.reference for row in reply.rows]


def _decide(desk: Desk, person: str, reference: str, what: CaseAct, answers: dict[str, str]) -> Reply:
    (reply,) = desk.receive(ActOnCase(person, reference, what, secrets.token_hex(16), answers))
    return reply


def _state(reports: Reports, reference: str) -> str:
    cases = records.cases.c
    with reports.store.reading() as connection:
        return str(connection.scalar(select(cases.state).where(cases.reference == reference)))


def _go(desk: Desk, reports: Reports) -> int:
    """What the worker does, at the time of the tests' clock."""
    return purge_what_is_due(reports.store, reports.purge, desk.inbox.clock.now())


@pytest.mark.both_engines
def test_what_is_due_is_on_the_list_until_somebody_keeps_or_deletes_it(
    desk: Desk, reports: Reports, clock: FixedClock
) -> None:
    kept, gone, long = (received(desk, draft=draft).reference for draft in "abc")
    for reference in (kept, gone):
        done(desk, DSL, reference, CaseAct.CLOSE, MISTAKE)
    done(desk, DSL, long, CaseAct.CLOSE, CLOSING)
    assert _list(desk) == []
    clock.go_on(timedelta(days=2))
    assert set(_list(desk)) == {kept, gone}
    after = _decide(desk, DSL, kept, CaseAct.KEEP, {"reason": "Still needed."})
    assert isinstance(after, RetentionView)
    assert after.done
    after = _decide(desk, DSL, gone, CaseAct.PURGE, {"sure": "yes"})
    assert isinstance(after, RetentionView)
    assert (after.done, after.rows) == (say("done.purge"), ())
    assert (_state(reports, kept), _state(reports, gone), _state(reports, long)) == ("closed", "purged", "closed")
    clock.go_on(timedelta(days=2))
    assert _list(desk) == [kept], "it comes back"
    assert verify(reports.store, reports.keys, reports.purge.log, contents=True).findings == ()


@pytest.mark.both_engines
def test_deleting_needs_a_tick_and_a_hold_keeps_it(desk: Desk, reports: Reports, clock: FixedClock) -> None:
    reference = received(desk).reference
    done(desk, DSL, reference, CaseAct.CLOSE, MISTAKE)
    clock.go_on(timedelta(days=2))
    reply = _decide(desk, DSL, reference, CaseAct.PURGE, {})
    assert isinstance(reply, RetentionView)
    assert reply.has_errors
    done(desk, DSL, reference, CaseAct.HOLD, {"reason": "The police asked."})
    (reply,) = desk.receive(OpenRetention(DSL))
    assert isinstance(reply, RetentionView)
    assert [(row.held, row.acts) for row in reply.rows] == [(True, ())]
    reply = _decide(desk, DSL, reference, CaseAct.PURGE, {"sure": "yes"})
    assert isinstance(reply, RetentionView)
    assert reply.notice
    assert _state(reports, reference) == "closed"
    done(desk, DSL, reference, CaseAct.RELEASE, {"reason": "They agreed."})
    _decide(desk, DSL, reference, CaseAct.PURGE, {"sure": "yes"})
    assert _state(reports, reference) == "purged"


@pytest.mark.both_engines
def test_only_those_whom_the_table_lets_delete_do_and_the_sender_never(
    desk: Desk, reports: Reports, clock: FixedClock
) -> None:
    reference = sent_by(desk, DSL, {**ANSWERS, "danger": "yes"}).reference
    done(desk, DEPUTY, reference, CaseAct.CLOSE, MISTAKE)
    clock.go_on(timedelta(days=2))
    for person in (DSL, DEPUTY, HEAD, "demo-administrator", "nobody"):
        assert _decide(desk, person, reference, CaseAct.PURGE, {"sure": "yes"}) == Refusal(say("refusal.NotYours"))
    (reply,) = desk.receive(OpenRetention(DSL))
    assert isinstance(reply, RetentionView)
    assert [{one.act for one in row.acts} for row in reply.rows] == [{CaseAct.KEEP}]
    for person in (DEPUTY, "demo-administrator", "nobody"):
        assert desk.receive(OpenRetention(person)) == (Refusal(say("refusal.NotYours")),)
    assert _state(reports, reference) == "closed"


@pytest.mark.both_engines
def test_what_is_not_due_or_open_is_not_deleted_by_the_list(desk: Desk, reports: Reports) -> None:
    first, second = received(desk, draft="a").reference, received(desk, draft="b").reference
    done(desk, DSL, second, CaseAct.CLOSE, CLOSING)
    for reference in (first, second):
        reply = _decide(desk, DSL, reference, CaseAct.PURGE, {"sure": "yes"})
        assert isinstance(reply, RetentionView)
        assert reply.notice == say("case.not_possible")
    assert {_state(reports, one) for one in (first, second)} == {"open", "closed"}


@pytest.mark.both_engines
def test_what_was_entered_elsewhere_goes_after_its_days_and_not_before(
    desk: Desk, reports: Reports, clock: FixedClock
) -> None:
    receipt = sent_by(desk, OWNER)
    view = done(desk, DSL, receipt.reference, CaseAct.ENTERED, ENTERED)
    assert [one.answer for one in view.chronology[-1].said] == ["CPOMS", "4711", say("outcome.entered")]
    assert say("case.goes", day="20 December 2026") in view.facts
    clock.go_on(timedelta(days=27))
    assert (_go(desk, reports), _state(reports, receipt.reference)) == (0, "closed")
    clock.go_on(timedelta(days=2))
    assert _list(desk) == []
    assert (_go(desk, reports), _state(reports, receipt.reference)) == (1, "purged")
    assert _go(desk, reports) == 0
    assert inbox(desk, DSL) == []
    (mine,) = desk.receive(OpenOwn(OWNER))
    assert isinstance(mine, OwnView)
    assert mine.reports[0].answers == ()
    assert mine.reports[0].standing.is_purged
    assert verify(reports.store, reports.keys, reports.purge.log, contents=True).findings == ()


@pytest.mark.both_engines
def test_a_hold_keeps_what_was_entered_elsewhere_and_opening_it_again_keeps_it_for_good(
    desk: Desk, reports: Reports, clock: FixedClock
) -> None:
    held, opened_again = received(desk, draft="a").reference, received(desk, draft="b").reference
    for reference in (held, opened_again):
        done(desk, DSL, reference, CaseAct.ENTERED, ENTERED)
    done(desk, DSL, held, CaseAct.HOLD, {"reason": "The police asked."})
    done(desk, DSL, opened_again, CaseAct.REOPEN, {"reason": "More came in."})
    clock.go_on(timedelta(days=30))
    assert _go(desk, reports) == 0
    done(desk, DSL, held, CaseAct.RELEASE, {"reason": "They agreed."})
    assert _go(desk, reports) == 1
    done(desk, DSL, opened_again, CaseAct.CLOSE, CLOSING)
    assert _go(desk, reports) == 0, "it was closed otherwise since"
    assert (_state(reports, held), _state(reports, opened_again)) == ("purged", "closed")


@pytest.mark.both_engines
def test_one_that_goes_on_in_another_is_due_when_that_one_is(desk: Desk, clock: FixedClock) -> None:
    first, second = received(desk, draft="a").reference, received(desk, draft="b").reference
    done(desk, DSL, second, CaseAct.MERGE, {"other": first})
    clock.go_on(timedelta(days=400))
    assert _list(desk) == []
    done(desk, DSL, first, CaseAct.CLOSE, MISTAKE)
    clock.go_on(timedelta(days=2))
    assert set(_list(desk)) == {first, second}


@pytest.mark.both_engines
def test_a_note_that_was_taken_out_of_the_records_is_missed(desk: Desk, reports: Reports) -> None:
    reference = received(desk).reference
    done(desk, DSL, reference, CaseAct.NOTE, NOTE)
    with reports.store.writing() as connection:
        connection.execute(delete(records.entries))
        connection.commit()
    found = verify(reports.store, reports.keys, reports.purge.log, contents=True)
    assert [one.fault for one in found.findings] == [Fault.UNREADABLE]


def test_an_ending_that_the_school_no_longer_knows_is_on_the_list_and_not_lost(desk: Desk) -> None:
    reference = received(desk).reference
    done(desk, DSL, reference, CaseAct.CLOSE, CLOSING)
    fewer = tuple(one for one in desk.inbox.retention.outcome if one.key != "no_action")
    changed = replace(desk.inbox, retention=replace(desk.inbox.retention, outcome=fewer))
    view = Reviewing(changed, desk.reviewing.purge).open(DSL)
    assert [(row.row.reference, row.due) for row in view.rows] == [(reference, None)]
    assert isinstance(opened(desk, DSL, reference), CaseView)


def test_a_period_is_counted_in_years_from_the_day_at_school() -> None:
    retention = load_retention(load_forms())
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # the first of July in England
    assert retention.due("contact", late) == date(2027, 7, 1)
    assert retention.due("mistake", late) == date(2026, 7, 2)
    assert retention.due("contact", datetime(2028, 2, 29, 12, tzinfo=UTC)) == date(2029, 2, 28)
    assert retention.due("unknown", late) is None


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("entered_days = 28", "entered_days = 0", "entered_days"),
        ('key = "contact"', 'key = "entered"', "taken already"),
        ('forms = ["disclose_contact"]', 'forms = ["disclose"]', "no form 'disclose'"),
        ("years = 25", "year = 25", "year"),
        ('forms = ["sign_agreement"]', 'forms = ["ask_permission"]', ""),
    ],
)
def test_a_file_of_periods_with_a_slip_is_refused_with_its_line(
    tmp_path: Path, before: str, after: str, what: str
) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "retention.toml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    if what:
        with pytest.raises(BadDataFile, match=what):
            load_retention(load_forms(), path)
    else:  # an agreement sent by mistake is still an ending
        assert load_retention(load_forms(), path).of_form("sign_agreement")


def test_the_same_decision_sent_twice_is_one(desk: Desk, clock: FixedClock) -> None:
    reference = received(desk).reference
    done(desk, DSL, reference, CaseAct.CLOSE, MISTAKE)
    clock.go_on(timedelta(days=2))
    said = ActOnCase(DSL, reference, CaseAct.KEEP, secrets.token_hex(16), {"reason": "Still needed."})
    desk.receive(said)
    (reply,) = desk.receive(said)
    assert isinstance(reply, RetentionView)
    assert reply.done == say("done.already")
    assert isinstance(act(desk, DSL, reference, CaseAct.NOTE, NOTE), CaseView)
