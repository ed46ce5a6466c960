"""What a sender sees of their report, by code or signed in: received, seen, closed, whom to ring; never a note."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cases.reports.standing import status_code
from bot.messages import CaseAct, OpenCase, OpenStanding, Refusal, SaveDraft, StandingView
from bot.ports import Telling
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from integrations import app
from integrations.settings import Settings
from tests.bot.acting import CLOSING, done
from tests.bot.office import HOUR, MINUTE, Office
from tests.bot.test_rounds import ADULT, CHILD, DANGER, MONDAY

pytestmark = pytest.mark.both_engines


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    clock = FixedClock(MONDAY)
    with closing(app.open_reports(settings)) as reports, closing(Insights(settings.insights, clock)) as insights:
        yield Office(reports, clock, insights)


def _standing(office: Office, *, code: str = "", person: str = "") -> StandingView:
    (reply,) = office.desk.receive(OpenStanding(person, code))
    assert isinstance(reply, StandingView)
    return reply


def test_the_code_of_the_receipt_shows_that_nobody_has_opened_it_then_who_did_in_which_role(office: Office) -> None:
    receipt = office.receipt(CHILD)
    (row,) = _standing(office, code=receipt.code).rows
    assert (row.reference, row.received, row.seen, row.is_closed) == (receipt.reference, MONDAY, None, False)
    office.clock.go_on(HOUR)
    office.desk.receive(OpenCase("demo-dsl", receipt.reference))
    (row,) = _standing(office, code=receipt.code).rows
    assert (row.seen, row.seen_by) == (MONDAY + HOUR, "designated safeguarding lead (DSL)")
    assert "Demonstration" not in repr(row)


ENTERED = {"system": "CPOMS", "number": "4711"}


@pytest.mark.parametrize(("what", "answers"), [(CaseAct.CLOSE, CLOSING), (CaseAct.ENTERED, ENTERED)])
def test_it_shows_that_a_report_was_closed_and_when_however_that_was(
    office: Office, what: CaseAct, answers: dict[str, str]
) -> None:
    receipt = office.receipt(CHILD)
    office.clock.go_on(HOUR)
    done(office.desk, "demo-dsl", receipt.reference, what, answers)
    (row,) = _standing(office, code=receipt.code).rows
    assert (row.is_closed, row.closed) == (True, MONDAY + HOUR)
    done(office.desk, "demo-dsl", receipt.reference, CaseAct.REOPEN, {"reason": "More came in."})
    (row,) = _standing(office, code=receipt.code).rows
    assert (row.is_closed, row.closed) == (False, None)


def test_a_report_that_goes_on_in_another_is_closed_when_that_one_is_and_its_sender_is_told_then(
    office: Office,
) -> None:
    first = office.receipt(CHILD)
    office.clock.go_on(MINUTE)
    second = office.receipt(CHILD, sender="demo-policy-owner")
    office.clock.go_on(MINUTE)
    third = office.receipt(CHILD, sender="demo-induction-lead")
    done(office.desk, "demo-dsl", third.reference, CaseAct.MERGE, {"other": second.reference})
    done(office.desk, "demo-dsl", second.reference, CaseAct.MERGE, {"other": first.reference})
    office.go_on(HOUR)
    for code in (second.code, third.code):
        (row,) = _standing(office, code=code).rows
        assert (row.goes_on_elsewhere, row.is_closed, row.ring) == (True, False, ())
    assert office.heard(Telling.CLOSED) == []
    done(office.desk, "demo-dsl", first.reference, CaseAct.CLOSE, CLOSING)
    office.work()
    for code in (second.code, third.code):
        (row,) = _standing(office, code=code).rows
        assert (row.goes_on_elsewhere, row.closed) == (True, MONDAY + HOUR + 2 * MINUTE)
    assert sorted(office.heard(Telling.CLOSED)) == ["demo-induction-lead", "demo-policy-owner"]


def test_a_code_is_taken_however_it_is_typed(office: Office) -> None:
    code = office.receipt(CHILD).code
    for typed in (code, code.lower(), code.replace("-", " "), f" {code} "):
        assert len(_standing(office, code=typed).rows) == 1


@pytest.mark.parametrize("code", ["7KQ4-2M9X-PDH3", "", "-", "x" * 1000, "\0"])
def test_a_code_that_is_none_is_answered_as_one_that_nobody_has(office: Office, code: str) -> None:
    office.report(CHILD)
    (reply,) = office.desk.receive(OpenStanding("", code or "?"))
    assert isinstance(reply, Refusal)


def test_the_reference_is_no_code(office: Office) -> None:
    receipt = office.receipt(CHILD)
    (reply,) = office.desk.receive(OpenStanding("", receipt.reference))
    assert isinstance(reply, Refusal)


def test_one_code_shows_both_cases_of_a_report(office: Office) -> None:
    receipt = office.receipt({**CHILD, "also": "adult_here", "adult": "Zebedee Quill"})
    assert len(_standing(office, code=receipt.code).rows) == 2


def test_the_same_report_sent_again_has_the_same_code_and_another_another(office: Office) -> None:
    first, again = office.receipt(CHILD), office.receipt(CHILD)
    assert first == again
    office.clock.go_on(MINUTE)
    assert office.receipt(CHILD).code != first.code


def test_a_code_is_stored_nowhere(office: Office, settings: Settings) -> None:
    code = office.receipt(CHILD).code
    signs = code.replace("-", "")
    for path in Path(settings.var).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert code.encode() not in content
            assert signs.encode() not in content


def test_codes_of_many_reports_use_every_sign_and_are_all_different() -> None:
    codes = {status_code(bytes(32), str(number)) for number in range(2000)}
    assert len(codes) == 2000
    assert len(set("".join(codes))) == 32  # 31 signs and the hyphen


def test_who_is_signed_in_sees_all_of_theirs_and_nobody_elses(office: Office) -> None:
    mine = office.report(CHILD, sender="demo-policy-owner")
    office.clock.go_on(MINUTE)
    office.report(CHILD, sender="demo-induction-lead")
    office.clock.go_on(MINUTE)
    office.report(CHILD)
    assert [row.reference for row in _standing(office, person="demo-policy-owner").rows] == [mine]
    assert _standing(office).rows == ()


def test_whoever_it_is_about_does_not_see_it_as_its_sender_either(office: Office) -> None:
    office.report({**ADULT, "about": "myself"}, sender="demo-policy-owner")
    assert _standing(office, person="demo-policy-owner").rows == ()


def test_whom_to_ring_stands_there_once_the_time_has_passed_and_nobody_has_opened_it(office: Office) -> None:
    receipt = office.receipt(DANGER)
    assert _standing(office, code=receipt.code).rows[0].ring == ()
    office.go_on(5 * MINUTE)
    ring = "\n".join(_standing(office, code=receipt.code).rows[0].ring)
    for number in ("01632 960101", "01632 960104", "01632 960111"):  # DSL, headteacher, social care out of hours
        assert number in ring
    office.desk.receive(OpenCase("demo-dsl", receipt.reference))
    assert _standing(office, code=receipt.code).rows[0].ring == ()


def test_nobody_whom_it_is_about_is_named_to_be_rung(office: Office) -> None:
    receipt = office.receipt({**DANGER, "not_to": "the safeguarding lead"})
    office.go_on(HOUR)
    assert "01632 960101" not in "\n".join(_standing(office, code=receipt.code).rows[0].ring)


# -------------------------------------------------------------------------------------------- what was begun and left


def _left(office: Office, owner: str = "person:demo-policy-owner", **answers: str) -> None:
    office.desk.receive(SaveDraft("report_concern", "d" * 32, answers, owner=owner))


def _wait(office: Office, by: timedelta) -> None:
    for _ in range(int(by / (10 * MINUTE))):
        office.clock.go_on(10 * MINUTE)
        office.reports.abandoned(office.clock).look()
        office.work()


def test_the_author_is_asked_after_half_an_hour_and_at_the_end_of_the_day_then_the_dsl_learns(office: Office) -> None:
    _left(office, about="child")
    _wait(office, 20 * MINUTE)
    assert office.heard(Telling.DRAFT) == []
    _wait(office, HOUR)
    assert office.heard(Telling.DRAFT) == ["demo-policy-owner"]
    _wait(office, datetime(2026, 11, 23, 15, 50, tzinfo=UTC) - office.clock.now())
    assert (office.heard(Telling.DRAFT), office.heard(Telling.DRAFT_LEFT)) == (["demo-policy-owner"] * 2, [])
    _wait(office, 3 * HOUR)
    assert sorted(office.heard(Telling.DRAFT_LEFT)) == ["demo-deputy-dsl-1", "demo-deputy-dsl-2", "demo-dsl"]
    assert all(notice.reference == "" for notice in office.told)


def test_the_dsl_sees_whose_it_is_and_nothing_of_what_is_in_it(office: Office) -> None:
    _left(office, about="child", what="the words")
    _wait(office, 8 * HOUR)
    (notice,) = _standing(office, person="demo-dsl").notices
    assert "policy owner" in notice.words
    assert "the words" not in notice.words


def test_a_dsl_whom_a_draft_is_about_does_not_learn_that_there_is_one(office: Office) -> None:
    _left(office, about="child", not_to="the safeguarding lead")
    _wait(office, 8 * HOUR)
    assert "demo-dsl" not in office.heard(Telling.DRAFT_LEFT)
    assert "demo-deputy-dsl-1" in office.heard(Telling.DRAFT_LEFT)


def test_a_draft_about_the_headteacher_is_not_told_to_the_headteacher(office: Office) -> None:
    _left(office, about="headteacher")
    _wait(office, 8 * HOUR)
    assert office.heard(Telling.DRAFT_LEFT) == ["demo-chair"]


def test_a_draft_that_was_sent_or_gone_on_with_is_asked_about_no_more_or_anew(office: Office) -> None:
    _left(office, about="child")
    _wait(office, HOUR)
    _left(office, about="child", what="more")
    _wait(office, 20 * MINUTE)
    assert office.heard(Telling.DRAFT) == ["demo-policy-owner"]
    _wait(office, 20 * MINUTE)
    assert office.heard(Telling.DRAFT) == ["demo-policy-owner"] * 2


def test_of_a_draft_under_a_code_nobody_is_asked_and_nobody_learns(office: Office) -> None:
    _left(office, owner="code:7KQ42M9XPDH3", about="child")
    _wait(office, 10 * HOUR)
    assert office.told == []
