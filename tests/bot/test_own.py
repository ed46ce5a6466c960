"""What a person may have of what is held: what they supplied, and not a byte that tells of anything else."""

import json

import pytest

from bot.desk import Desk
from bot.messages import MEANS, CaseAct, ExportFile, OpenOwn, OwnView
from tests.bot.acting import done, own, sent_by
from tests.bot.reporting import ANSWERS, CANARY

pytestmark = pytest.mark.both_engines

PERSON, DSL, HEAD = "demo-induction-lead", "demo-dsl", "demo-headteacher"


def _file(desk: Desk, person: str) -> bytes:
    (reply,) = desk.receive(OpenOwn(person, whole=True))
    assert isinstance(reply, ExportFile)
    return reply.content


def _page(desk: Desk, person: str) -> OwnView:
    (reply,) = desk.receive(OpenOwn(person))
    assert isinstance(reply, OwnView)
    return reply


@pytest.mark.parametrize("supplied", [True, False])
def test_the_download_of_a_person_under_a_concern_is_the_same_to_the_last_byte(desk: Desk, *, supplied: bool) -> None:
    if supplied:
        sent_by(desk, PERSON)
    before, page = _file(desk, PERSON), _page(desk, PERSON)
    about = {**ANSWERS, "about": "adult_here", "child_too": "no", "adult": f"The induction lead{MEANS}{PERSON}"}
    receipt = sent_by(desk, "demo-policy-owner", about)
    done(desk, HEAD, receipt.reference, CaseAct.NOTE, {"text": "About the induction lead."})
    assert _file(desk, PERSON) == before
    assert [(one.standing, one.answers) for one in _page(desk, PERSON).reports] == [
        (one.standing, one.answers) for one in page.reports
    ]


def test_somebody_who_is_under_a_concern_and_somebody_who_is_not_have_the_same_empty_file(desk: Desk) -> None:
    about = {**ANSWERS, "about": "adult_here", "child_too": "no", "adult": f"The induction lead{MEANS}{PERSON}"}
    sent_by(desk, "demo-policy-owner", about)
    assert _file(desk, PERSON) == _file(desk, "demo-administrator")


def test_a_person_takes_along_all_that_they_supplied_and_nothing_that_others_wrote(desk: Desk) -> None:
    receipt = sent_by(desk, PERSON)
    done(desk, DSL, receipt.reference, CaseAct.NOTE, {"text": "a note of the DSL"})
    done(desk, DSL, receipt.reference, CaseAct.ASK, {"text": "Who else was there?"})
    own(desk, PERSON, receipt.reference, CaseAct.REPLY, {"text": "Nobody."})
    own(desk, PERSON, receipt.reference, CaseAct.AMEND, {"text": "It happened again."})
    whole = _file(desk, PERSON).decode()
    (supplied,) = json.loads(whole)["reports"]
    assert [one["answered"] for one in supplied["answers"]] == ["A child", CANARY, "No"]
    assert [one["said"] for one in supplied["later"]] == [["Who else was there?"], ["Nobody."], ["It happened again."]]
    assert "a note of the DSL" not in whole
    assert "Demonstration DSL" not in whole
    assert "data protection lead" in whole


def test_a_report_about_oneself_is_not_shown_to_whoever_sent_it_for_it_is_about_them(desk: Desk) -> None:
    """Whoever a case is about may do nothing with it, and no row of the table changes that."""
    sent_by(desk, PERSON, {**ANSWERS, "about": "myself"})
    assert _page(desk, PERSON).reports == ()
