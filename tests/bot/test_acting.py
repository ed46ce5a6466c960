"""What is done to a case: by whom it may be, what is stored of it, and that it is done once."""

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.cases import records
from bot.cases.people.conflicts import person_hash
from bot.cases.safekeeping.verification import verify
from bot.desk import Desk
from bot.messages import (
    MEANS,
    ActOnCase,
    CaseAct,
    CaseState,
    CaseView,
    Choice,
    InboxView,
    OpenInbox,
    OpenOwn,
    OwnView,
    Refusal,
)
from bot.testing import FixedClock
from bot.wording import say
from integrations.app import Reports
from tests.bot.acting import CLOSING, NOTE, act, done, happened, own, sent_by
from tests.bot.reporting import ANSWERS, CANARY, held_by_another, inbox, opened, received

pytestmark = pytest.mark.both_engines

DSL, HEAD, CHAIR, DEPUTY = "demo-dsl", "demo-headteacher", "demo-chair", "demo-deputy-dsl-1"
LEAD = "demo-deputy-head"
NOT_YOURS = Refusal(say("refusal.NotYours"))
FILLED = {
    CaseAct.ACKNOWLEDGE: {},
    CaseAct.NOTE: NOTE,
    CaseAct.PASS_ON: {"to": HEAD, "reason": "It may be an allegation."},
    CaseAct.ASK: {"text": "When did he say that?"},
    CaseAct.ADD: {"teller": "The lunch supervisor", "text": "He was hungry."},
    CaseAct.ANSWER: {"answer": "noted"},
    CaseAct.CLOSE: CLOSING,
    CaseAct.ENTERED: {"system": "CPOMS", "number": "4711"},
    CaseAct.MERGE: {"other": "C-2222-2222"},
    CaseAct.REOPEN: {"reason": "More came in."},
    CaseAct.HOLD: {"reason": "The police asked for it."},
    CaseAct.RELEASE: {"reason": "The police agreed."},
    CaseAct.KEEP: {"reason": "Still needed."},
    CaseAct.PURGE: {"sure": "yes"},
    CaseAct.REPLY: {"text": "On Tuesday."},
    CaseAct.AMEND: {"text": "He said it again."},
}


def _row(desk: Desk, person: str, reference: str) -> CaseState:
    (reply,) = desk.receive(OpenInbox(person))
    assert isinstance(reply, InboxView)
    return next(row.state for row in reply.rows if row.reference == reference)


def _offered(view: CaseView) -> set[CaseAct]:
    return {one.act for one in view.acts}


# ------------------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize("what", CaseAct)
def test_who_may_not_open_a_case_can_do_nothing_to_it_and_is_told_as_of_none(desk: Desk, what: CaseAct) -> None:
    receipt = received(desk)
    for person in (CHAIR, "demo-administrator", "demo-policy-owner", "demo-data-protection-lead", "nobody"):
        for reference in (receipt.reference, "C-2222-2222", "nonsense", ""):
            assert act(desk, person, reference, what, FILLED[what]) == NOT_YOURS, person
    assert happened(opened(desk, DSL, receipt.reference))[-1] == "Opened by"


@pytest.mark.parametrize("what", CaseAct)
def test_whoever_it_is_about_can_do_nothing_though_they_hold_the_role(
    desk: Desk, reports: Reports, what: CaseAct
) -> None:
    receipt = sent_by(desk, DSL, {**ANSWERS, "danger": "yes"})
    opened(desk, DSL, receipt.reference)
    with reports.store.writing() as connection:
        case_id = connection.scalar(select(records.cases.c.id))
        row = {"case_id": case_id, "person_hash": person_hash(reports.keys.derive("people"), DSL)}
        connection.execute(records.struck.insert().values(**row))
        connection.commit()
    assert act(desk, DSL, receipt.reference, what, FILLED[what]) == NOT_YOURS
    (mine,) = desk.receive(OpenOwn(DSL))
    assert isinstance(mine, OwnView)
    assert mine.reports == ()
    assert happened(opened(desk, DEPUTY, receipt.reference))[-1] == "Opened by"


@pytest.mark.parametrize("what", [CaseAct.ACKNOWLEDGE, CaseAct.CLOSE, CaseAct.ENTERED, CaseAct.MERGE])
def test_a_dsl_who_sent_it_neither_acknowledges_nor_closes_it_and_a_deputy_does(desk: Desk, what: CaseAct) -> None:
    receipt = sent_by(desk, DSL, {**ANSWERS, "danger": "yes"})
    refused = act(desk, DSL, receipt.reference, what, FILLED[what])
    assert isinstance(refused, CaseView)
    assert (refused.done, refused.notice) == ("", say("case.not_possible"))
    assert what not in _offered(refused)
    assert say("case.yours") in refused.facts
    assert _row(desk, DEPUTY, receipt.reference) is CaseState.NEW
    if what is not CaseAct.MERGE:
        done(desk, DEPUTY, receipt.reference, what, FILLED[what])


def test_a_data_protection_lead_to_whom_it_was_passed_reads_and_does_no_more(desk: Desk) -> None:
    receipt = received(desk)
    lead = "demo-data-protection-lead"
    done(desk, DSL, receipt.reference, CaseAct.PASS_ON, {"to": lead, "reason": "A subject access request."})
    assert _offered(opened(desk, lead, receipt.reference)) == {CaseAct.HOLD}
    for what in (CaseAct.NOTE, CaseAct.CLOSE, CaseAct.PASS_ON, CaseAct.ACKNOWLEDGE):
        reply = act(desk, lead, receipt.reference, what, FILLED[what])
        assert isinstance(reply, CaseView)
        assert reply.notice == say("case.not_possible")


# --------------------------------------------------------------------------------------------------- each act


def test_acknowledging_is_recorded_shown_to_everybody_and_offered_no_more(desk: Desk, clock: FixedClock) -> None:
    receipt = received(desk, {**ANSWERS, "danger": "yes"})
    clock.go_on(timedelta(minutes=2))
    view = done(desk, DSL, receipt.reference, CaseAct.ACKNOWLEDGE)
    assert happened(view)[-1] == "Acknowledged by"
    assert view.chronology[-1].who.startswith("Demonstration DSL")
    assert CaseAct.ACKNOWLEDGE not in _offered(view)
    assert view.row.state is CaseState.ACKNOWLEDGED
    seen = opened(desk, DEPUTY, receipt.reference).row.seen
    assert [one.acknowledged is not None for one in seen if "Demonstration DSL" in one.who] == [True]
    assert _row(desk, DEPUTY, receipt.reference) is CaseState.ACKNOWLEDGED


@pytest.mark.parametrize("what", [CaseAct.NOTE, CaseAct.ADD, CaseAct.HOLD])
def test_what_is_written_is_read_by_those_who_may_open_it_and_is_sealed(
    desk: Desk, reports: Reports, what: CaseAct
) -> None:
    receipt = received(desk, {**ANSWERS, "danger": "yes"})
    key = "reason" if what is CaseAct.HOLD else "text"
    done(desk, DSL, receipt.reference, what, {key: f"{CANARY}, and more"})
    row = opened(desk, DEPUTY, receipt.reference).chronology[-2]
    assert [one.answer for one in row.said] == [f"{CANARY}, and more"]
    with reports.store.reading() as connection:
        sealed = connection.scalars(select(records.entries.c.sealed)).all()
        details = connection.scalars(select(records.chronology.c.detail)).all()
    assert len(sealed) == 1
    assert CANARY.encode() not in sealed[0]
    assert not [detail for detail in details if detail and CANARY in detail]


def test_what_is_passed_on_is_in_the_inbox_of_whom_it_was_passed_to_and_waits_for_them(desk: Desk) -> None:
    receipt = received(desk)
    done(desk, DSL, receipt.reference, CaseAct.ACKNOWLEDGE)
    view = done(desk, DSL, receipt.reference, CaseAct.PASS_ON, FILLED[CaseAct.PASS_ON])
    assert happened(view)[-2:] == ["Passed on by", "Put into the inbox of"]
    assert view.chronology[-1].who.startswith("Demonstration headteacher")
    assert inbox(desk, HEAD) == [receipt.reference]
    assert _row(desk, HEAD, receipt.reference) is CaseState.NEW
    assert done(desk, HEAD, receipt.reference, CaseAct.ACKNOWLEDGE).row.state is CaseState.ACKNOWLEDGED
    assert HEAD not in {one.value for one in _choices(view, CaseAct.PASS_ON)}, "who has it already is not offered"


def _choices(view: CaseView, what: CaseAct) -> tuple[Choice, ...]:
    return next((one.questions[0].choices for one in view.acts if one.act is what), ())


def test_it_is_never_passed_on_to_whom_it_is_about_or_to_its_sender(desk: Desk) -> None:
    receipt = sent_by(desk, "demo-deputy-head", {**ANSWERS, "about": "headteacher"})
    view = opened(desk, CHAIR, receipt.reference)
    offered = {one.value for one in _choices(view, CaseAct.PASS_ON)}
    assert offered
    assert not offered & {HEAD, "demo-deputy-head", CHAIR}
    for person in (HEAD, "demo-deputy-head", "demo-administrator", "nobody", ""):
        reply = act(desk, CHAIR, receipt.reference, CaseAct.PASS_ON, {"to": person, "reason": "x"})
        assert isinstance(reply, CaseView)
        assert not reply.done
    assert inbox(desk, HEAD) == []


def test_closing_asks_for_decision_reason_and_outcome(desk: Desk) -> None:
    receipt = received(desk)
    for missing in CLOSING:
        reply = act(desk, DSL, receipt.reference, CaseAct.CLOSE, {**CLOSING, missing: " "})
        assert isinstance(reply, CaseView)
        wrong = [one.key for form in reply.acts for one in form.questions if one.error]
        assert (reply.done, wrong) == ("", [missing])
    view = done(desk, DSL, receipt.reference, CaseAct.CLOSE, CLOSING)
    assert view.row.state is CaseState.CLOSED
    said = [(one.ask, one.answer) for one in view.chronology[-1].said]
    assert said == [
        ("Decision", "Watch."), ("Why", "Nothing further was seen."), ("Outcome", "No further action"),
    ]  # fmt: skip
    assert _offered(view) == {CaseAct.NOTE, CaseAct.ADD, CaseAct.REOPEN, CaseAct.HOLD}


def test_a_case_opened_again_is_in_the_hands_of_whoever_opened_it(desk: Desk) -> None:
    receipt = received(desk, {**ANSWERS, "danger": "yes"})
    done(desk, DSL, receipt.reference, CaseAct.ACKNOWLEDGE)
    done(desk, DSL, receipt.reference, CaseAct.CLOSE, CLOSING)
    view = done(desk, DEPUTY, receipt.reference, CaseAct.REOPEN, FILLED[CaseAct.REOPEN])
    assert view.row.state is CaseState.ACKNOWLEDGED
    assert [one.who for one in view.row.seen if one.acknowledged] == ["Demonstration deputy DSL (first), deputy DSL"]
    again = done(desk, DSL, receipt.reference, CaseAct.CLOSE, CLOSING)
    assert happened(again).count("Closed by") == 2


def test_two_reports_of_one_matter_are_put_together_and_each_stays_where_it_was(desk: Desk) -> None:
    first = received(desk, {**ANSWERS, "danger": "yes"}, draft="a")
    second = received(desk, draft="b")
    view = done(desk, DSL, second.reference, CaseAct.MERGE, {"other": first.reference.lower()})
    assert view.row.state is CaseState.CLOSED
    assert say("case.goes_on", reference=first.reference) in view.facts
    other = opened(desk, DSL, first.reference)
    assert say("case.comes_from", reference=second.reference) in other.facts
    assert _offered(view) & {CaseAct.REOPEN}
    back = done(desk, DSL, second.reference, CaseAct.REOPEN, FILLED[CaseAct.REOPEN])
    assert not [fact for fact in back.facts if first.reference in fact]


def test_two_parts_of_one_report_and_what_is_about_a_reader_stay_apart(desk: Desk) -> None:
    both = sent_by(desk, "demo-policy-owner", {**ANSWERS, "about": "adult_here", "child_too": "yes"})
    parts = {both.reference, *(one.reference for one in both.siblings)}
    child = next(iter(parts & set(inbox(desk, DSL))))
    adult = next(iter(parts - {child}))
    done(desk, DSL, child, CaseAct.PASS_ON, {"to": HEAD, "reason": "x"})
    reply = act(desk, HEAD, child, CaseAct.MERGE, {"other": adult})
    assert isinstance(reply, CaseView)
    assert [one.error for form in reply.acts for one in form.questions if one.error] == [say("wrong.stay_apart")]
    about_dsl = sent_by(
        desk, "demo-policy-owner", {**ANSWERS, "about": "adult_here", "child_too": "no", "adult": f"DSL{MEANS}{DSL}"}
    )
    reply = act(desk, HEAD, child, CaseAct.MERGE, {"other": about_dsl.reference})
    assert isinstance(reply, CaseView)
    assert [one.error for form in reply.acts for one in form.questions if one.error] == [say("wrong.stay_apart")]


@pytest.mark.parametrize("other", ["C-2222-2222", "nonsense", "own", "hidden", "closed"])
def test_a_case_goes_on_only_in_an_open_one_that_one_may_open(desk: Desk, other: str) -> None:
    receipt = received(desk, draft="a")
    hidden = received(desk, {**ANSWERS, "about": "headteacher"}, draft="b")
    closed = received(desk, draft="c")
    done(desk, DSL, closed.reference, CaseAct.CLOSE, CLOSING)
    named = {"own": receipt.reference, "hidden": hidden.reference, "closed": closed.reference}.get(other, other)
    reply = act(desk, DSL, receipt.reference, CaseAct.MERGE, {"other": named})
    assert isinstance(reply, CaseView)
    assert [one.error for form in reply.acts for one in form.questions if one.error] == [say("wrong.no_other")]


CONTACT = {
    "sender": "Ann Lee", "with_whom": "parent", "pupils": "Sam, 4B", "known_by": "neighbours",
    "touch": "in_person",
}  # fmt: skip


@pytest.mark.parametrize(("answer", "state"), [("noted", "closed"), ("advice", "closed"), ("talk", "acknowledged")])
def test_a_contact_that_was_made_known_is_answered_and_its_sender_reads_the_answer(
    desk: Desk, answer: str, state: str
) -> None:
    receipt = sent_by(desk, "demo-policy-owner", CONTACT, "disclose_contact")
    answers = {"answer": answer, "text": "" if answer == "noted" else "Keep it to the school's channels."}
    view = done(desk, LEAD, receipt.reference, CaseAct.ANSWER, answers)
    assert view.row.state == state
    (mine,) = desk.receive(OpenOwn("demo-policy-owner"))
    assert isinstance(mine, OwnView)
    said = [one.answer for row in mine.reports[0].said for one in row.said]
    assert said[0] in {"Noted", "Noted, with advice", "Let us talk"}
    assert said[1:] == ([answers["text"]] if answers["text"] else [])


def test_advice_needs_words_and_only_a_contact_is_answered(desk: Desk) -> None:
    receipt = sent_by(desk, "demo-policy-owner", CONTACT, "disclose_contact")
    reply = act(desk, LEAD, receipt.reference, CaseAct.ANSWER, {"answer": "advice"})
    assert isinstance(reply, CaseView)
    assert [one.error for form in reply.acts for one in form.questions if one.error] == [say("wrong.no_advice")]
    concern = received(desk)
    assert CaseAct.ANSWER not in _offered(opened(desk, DSL, concern.reference))


# ----------------------------------------------------------------------------------------------- the sender


def test_a_question_waits_for_the_sender_and_their_answer_comes_back(desk: Desk, clock: FixedClock) -> None:
    receipt = sent_by(desk, "demo-policy-owner")
    done(desk, DSL, receipt.reference, CaseAct.ASK, {"text": "When was that?"})
    (mine,) = desk.receive(OpenOwn("demo-policy-owner"))
    assert isinstance(mine, OwnView)
    assert {one.act for one in mine.reports[0].acts} == {CaseAct.REPLY, CaseAct.AMEND}
    assert [one.answer for row in mine.reports[0].said for one in row.said] == ["When was that?"]
    clock.go_on(timedelta(hours=1))
    after = own(desk, "demo-policy-owner", receipt.reference, CaseAct.REPLY, {"text": "On Tuesday."})
    assert after.done
    assert {one.act for one in after.reports[0].acts} == {CaseAct.AMEND}
    (listed,) = desk.receive(OpenInbox(DSL))
    assert isinstance(listed, InboxView)
    assert say("inbox.news") in listed.rows[0].marks
    clock.go_on(timedelta(minutes=1))
    view = opened(desk, DSL, receipt.reference)
    assert "The sender answered" in happened(view)
    assert say("inbox.news") not in opened(desk, DSL, receipt.reference).row.marks


def test_nobody_is_asked_who_is_not_known(desk: Desk) -> None:
    receipt = received(desk)
    view = opened(desk, DSL, receipt.reference)
    assert CaseAct.ASK not in _offered(view)
    assert say("case.sender_unknown") in view.facts


def test_what_a_sender_adds_opens_a_closed_case_again_and_somebody_has_to_acknowledge_it(
    desk: Desk, reports: Reports
) -> None:
    receipt = sent_by(desk, "demo-policy-owner")
    done(desk, DSL, receipt.reference, CaseAct.ACKNOWLEDGE)
    done(desk, DSL, receipt.reference, CaseAct.CLOSE, CLOSING)
    own(desk, "demo-policy-owner", receipt.reference, CaseAct.AMEND, {"text": CANARY})
    assert _row(desk, DSL, receipt.reference) is CaseState.NEW
    assert reports.without_a_step() == 0
    view = opened(desk, DSL, receipt.reference)
    assert [one.answer for row in view.chronology for one in row.said][-1] == CANARY


def test_whoever_it_is_about_by_now_is_not_told_that_the_sender_added_something(desk: Desk, reports: Reports) -> None:
    receipt = sent_by(desk, "demo-policy-owner", {**ANSWERS, "danger": "yes"})
    owed = records.deliveries.c
    with reports.store.writing() as connection:
        case_id = connection.scalar(select(records.cases.c.id))
        row = {"case_id": case_id, "person_hash": person_hash(reports.keys.derive("people"), DSL)}
        connection.execute(records.struck.insert().values(**row))
        connection.execute(update(records.deliveries).values(state="sent"))
        connection.commit()
    own(desk, "demo-policy-owner", receipt.reference, CaseAct.AMEND, {"text": CANARY})
    with reports.store.reading() as connection:
        told = set(connection.scalars(select(owed.person).where(owed.state == "due")))
    assert told == {DEPUTY, "demo-deputy-dsl-2"}


def test_what_a_sender_adds_to_a_report_that_goes_on_elsewhere_is_seen_there(desk: Desk) -> None:
    first = received(desk, draft="a")
    second = sent_by(desk, "demo-policy-owner")
    done(desk, DSL, second.reference, CaseAct.MERGE, {"other": first.reference})
    own(desk, "demo-policy-owner", second.reference, CaseAct.AMEND, {"text": CANARY})
    view = opened(desk, DSL, first.reference)
    row = next(row for row in view.chronology if row.what == say("event.added_there"))
    assert (row.detail, row.said) == (second.reference, ())
    assert _row(desk, DSL, second.reference) is CaseState.CLOSED


def test_a_sender_sees_how_far_it_has_come_and_nothing_of_what_was_noted_or_decided(desk: Desk) -> None:
    receipt = sent_by(desk, "demo-policy-owner")
    done(desk, DSL, receipt.reference, CaseAct.NOTE, {"text": CANARY * 2})
    done(desk, DSL, receipt.reference, CaseAct.ACKNOWLEDGE)
    done(desk, DSL, receipt.reference, CaseAct.PASS_ON, {"to": HEAD, "reason": CANARY * 3})
    done(desk, DSL, receipt.reference, CaseAct.CLOSE, {**CLOSING, "decision": CANARY * 4})
    (mine,) = desk.receive(OpenOwn("demo-policy-owner"))
    assert isinstance(mine, OwnView)
    (report,) = mine.reports
    standing = report.standing
    assert (standing.in_hand_by, standing.is_closed) == (say("role.dsl"), True)
    assert report.said == ()
    shown = str([(one.ask, one.answer) for one in report.answers]) + str(standing) + str(mine.says)
    assert shown.count(CANARY) == 1
    assert "Demonstration" not in shown, "by their role alone"


def test_nobody_sees_or_adds_to_the_report_of_somebody_else(desk: Desk) -> None:
    receipt = sent_by(desk, "demo-policy-owner")
    for person in ("demo-induction-lead", DSL, "nobody"):
        for what in (CaseAct.REPLY, CaseAct.AMEND):
            assert act(desk, person, receipt.reference, what, FILLED[what]) == NOT_YOURS
    (others,) = desk.receive(OpenOwn("demo-induction-lead"))
    assert isinstance(others, OwnView)
    assert others.reports == ()


# ------------------------------------------------------------------------------------------- once, and together


@pytest.mark.parametrize("what", [CaseAct.NOTE, CaseAct.ACKNOWLEDGE, CaseAct.CLOSE, CaseAct.ADD])
def test_the_same_form_sent_twice_is_one_act(desk: Desk, what: CaseAct) -> None:
    receipt = received(desk)
    said = ActOnCase(DSL, receipt.reference, what, secrets.token_hex(16), FILLED[what])
    (first,) = desk.receive(said)
    (second,) = desk.receive(said)
    assert isinstance(first, CaseView)
    assert isinstance(second, CaseView)
    assert second.done == say("done.already")
    assert happened(second)[:-1] == happened(first)
    assert happened(second)[-1] == "Opened by"


def test_the_same_form_with_other_words_is_another_act(desk: Desk) -> None:
    receipt = received(desk)
    form = secrets.token_hex(16)
    for words in ("One.", "Two.", "One."):
        desk.receive(ActOnCase(DSL, receipt.reference, CaseAct.NOTE, form, {"text": words}))
    said = [one.answer for row in opened(desk, DSL, receipt.reference).chronology for one in row.said]
    assert said == ["One.", "Two."]


def test_a_form_without_an_id_is_never_taken_for_a_repetition(desk: Desk) -> None:
    receipt = received(desk)
    for _ in range(2):
        desk.receive(ActOnCase(DSL, receipt.reference, CaseAct.NOTE, "", NOTE))
    assert happened(opened(desk, DSL, receipt.reference)).count("Note by") == 2


def test_what_cannot_be_stored_is_not_done_and_said_so(desk: Desk, reports: Reports) -> None:
    receipt = received(desk)
    with held_by_another(reports.store):
        reply = act(desk, DSL, receipt.reference, CaseAct.CLOSE, CLOSING)
    assert reply == Refusal(say("refusal.NotDone"))
    assert _row(desk, DSL, receipt.reference) is CaseState.NEW


def test_every_open_case_has_a_next_step_and_a_closed_one_none_whatever_was_done(desk: Desk, reports: Reports) -> None:
    receipt = sent_by(desk, "demo-policy-owner", {**ANSWERS, "danger": "yes"})
    for what in (CaseAct.ACKNOWLEDGE, CaseAct.NOTE, CaseAct.ASK, CaseAct.PASS_ON, CaseAct.ADD):
        answers = {**FILLED[what], "to": HEAD} if what is CaseAct.PASS_ON else FILLED[what]
        done(desk, DSL, receipt.reference, what, answers)
        assert _steps(reports) == 1, what
    done(desk, DSL, receipt.reference, CaseAct.CLOSE, CLOSING)
    assert _steps(reports) == 0
    done(desk, DSL, receipt.reference, CaseAct.REOPEN, FILLED[CaseAct.REOPEN])
    assert _steps(reports) == 1
    done(desk, DSL, receipt.reference, CaseAct.ENTERED, FILLED[CaseAct.ENTERED])
    assert _steps(reports) == 0
    done(desk, DSL, receipt.reference, CaseAct.REOPEN, FILLED[CaseAct.REOPEN])
    assert _steps(reports) == 1
    found = verify(reports.store, reports.keys, reports.purge.log, contents=True)
    assert found.findings == ()


def _steps(reports: Reports) -> int:
    timers = records.timers.c
    with reports.store.reading() as connection:
        return connection.scalar(select(func.count()).where(timers.done_at.is_(None))) or 0


def test_a_case_that_nobody_acknowledged_in_time_is_marked(desk: Desk, clock: FixedClock) -> None:
    receipt = received(desk, {**ANSWERS, "danger": "yes"})
    assert not opened(desk, DSL, receipt.reference).row.overdue
    clock.go_on(timedelta(minutes=6))
    assert opened(desk, DSL, receipt.reference).row.overdue
    assert not done(desk, DSL, receipt.reference, CaseAct.ACKNOWLEDGE).row.overdue


def test_new_stands_before_what_is_in_hand_and_that_before_what_is_closed(desk: Desk) -> None:
    closed = received(desk, {**ANSWERS, "danger": "yes"}, draft="a").reference
    in_hand = received(desk, {**ANSWERS, "danger": "yes"}, draft="b").reference
    calm, urgent = (
        received(desk, draft="c").reference,
        received(desk, {**ANSWERS, "danger": "yes"}, draft="d").reference,
    )
    done(desk, DSL, closed, CaseAct.CLOSE, CLOSING)
    done(desk, DSL, in_hand, CaseAct.ACKNOWLEDGE)
    assert inbox(desk, DSL) == [urgent, calm, in_hand, closed]


def test_the_same_looks_one_after_the_other_stand_in_one_row_and_each_is_stored(desk: Desk, reports: Reports) -> None:
    receipt = received(desk)
    for _ in range(3):
        view = opened(desk, DSL, receipt.reference)
    assert happened(view).count("Opened by") == 1
    assert "3 times" in view.chronology[-1].detail
    events = records.chronology.c
    with reports.store.reading() as connection:
        assert connection.scalar(select(func.count()).where(events.event == "opened")) == 3


def test_a_role_that_is_held_no_longer_does_nothing_any_more(desk: Desk) -> None:
    receipt = received(desk)
    gone = tuple(one for one in desk.inbox.directory.persons if one.id != DSL)
    later = replace(desk.inbox, directory=replace(desk.inbox.directory, persons=gone))
    after = replace(desk, inbox=later, acting=replace(desk.acting, inbox=later))
    assert act(after, DSL, receipt.reference, CaseAct.NOTE, NOTE) == NOT_YOURS


def test_words_cannot_be_moved_from_one_event_to_another(desk: Desk, reports: Reports) -> None:
    receipt = received(desk)
    done(desk, DSL, receipt.reference, CaseAct.NOTE, NOTE)
    with reports.store.writing() as connection:
        table = records.entries
        connection.execute(update(table).values(number=table.c.number - 1))
        connection.commit()
    (reply,) = desk.receive(ActOnCase(DSL, receipt.reference, CaseAct.NOTE, "", NOTE))
    assert reply == Refusal(say("refusal.SealBroken"))
