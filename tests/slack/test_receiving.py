"""Receiving in Slack: a case opens in a window, for those whose job it is, and is nowhere else."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cases.delivery.deliveries import Deliverer
from bot.messages import ActOnCase, CaseAct, OpenCase
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock, Trail
from bot.wording import say
from integrations import app
from integrations.slack import modals
from integrations.slack.cases import OPEN_CASE
from integrations.slack.notices import SlackNotices
from integrations.ways import Ways
from tests.bot.acting import sent_by
from tests.slack.fake import payloads
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.world import Json
from tests.slack.school import CANARY, School, before, leaks_nothing, modal, reports_a_concern, school

ANN, DSL, DEPUTY = "demo-induction-lead", "demo-dsl", "demo-deputy-dsl-2"
TOLD = {"about": "child", "what": f"He said: {CANARY}", "danger": "no"}


@pytest.fixture
def oak(
    slack: FakeSlack, reports: app.Reports, clock: FixedClock, insights: Insights, tmp_path: Path
) -> Iterator[School]:
    with school(slack, reports, clock, insights, tmp_path) as opened:
        yield opened


@pytest.fixture
def reference(oak: School) -> str:
    return sent_by(oak.office.desk, ANN, TOLD).reference


def opens(person: Person, reference: str) -> None:
    person.opens_home()
    person.presses(OPEN_CASE, reference)


def happened(oak: School, reference: str) -> list[str]:
    return [row.what for row in oak.case(reference, DEPUTY).chronology]


def looks(oak: School, reference: str) -> int:
    """How often the DSL looked, by the chronology: a run of looks is one row, which says how many."""
    rows = oak.case(reference, DEPUTY).chronology
    mine = [row for row in rows if row.what == "Opened by" and row.who.startswith("Demonstration DSL")]
    return sum(int(row.detail.split()[0]) if row.detail else 1 for row in mine)


def test_a_case_opens_in_a_window_with_all_that_was_told_and_the_look_is_recorded(
    oak: School, bob: Person, reference: str
) -> None:
    opens(bob, reference)
    assert CANARY in modal(bob).text
    assert modal(bob).title == reference
    assert looks(oak, reference) == 1


def test_slack_is_asked_anew_who_looks_each_time(oak: School, bob: Person, slack: FakeSlack, reference: str) -> None:
    opens(bob, reference)
    slack.team("T1").users["U2"] = replace(slack.team("T1").users["U2"], is_restricted=True)
    bob.closes()
    bob.presses(OPEN_CASE, reference)
    assert CANARY not in modal(bob).text
    assert "by nobody else" in modal(bob).text
    assert looks(oak, reference) == 1


@pytest.mark.parametrize("what", ["is_restricted", "is_ultra_restricted", "is_bot", "deleted", "is_stranger"])
def test_guests_bots_and_those_who_left_receive_nothing(
    oak: School, slack: FakeSlack, bob: Person, reference: str, what: str
) -> None:
    bob.opens_home()
    setattr(slack.team("T1").users["U2"], what, True)
    bob.presses(OPEN_CASE, reference)
    assert CANARY not in modal(bob).text
    assert looks(oak, reference) == 0


def test_whom_nobody_knows_receives_nothing_even_with_the_button(
    oak: School, slack: FakeSlack, bob: Person, reference: str
) -> None:
    bob.opens_home()
    bob_presses = _pressed(slack, "U4", OPEN_CASE, reference)
    slack.act("interactive", bob_presses)
    slack.settle()
    assert CANARY not in modal(slack.person("U4")).text
    assert looks(oak, reference) == 0


def _pressed(slack: FakeSlack, user: str, action: str, value: str) -> Json:
    """A press of a button that this person never saw, signed by Slack all the same."""
    whole = payloads.interaction("block_actions", slack.team("T1"), user, slack.token)
    pressed = {"type": "button", "action_id": action, "block_id": "b", "value": value, "action_ts": "1.1"}
    view = {"id": "V0", "type": "home", "blocks": [], "state": {"values": {}}, "hash": "1.1"}
    more = {"trigger_id": slack.world.trigger("T1", user), "actions": [pressed], "view": view}
    return whole | more | {"container": {"type": "view", "view_id": "V0"}}


def test_a_colleague_to_whom_it_was_not_sent_is_told_the_same_as_of_a_case_that_is_not_there(
    oak: School, slack: FakeSlack, ann: Person, reference: str
) -> None:
    said = []
    for wanted in (reference, "C-2222-3333"):
        slack.act("interactive", _pressed(slack, "U1", OPEN_CASE, wanted))
        slack.settle()
        said.append(modal(ann).text)
        ann.closes()
    assert said[0] == said[1]
    assert CANARY not in said[0]
    assert looks(oak, reference) == 0


def test_while_slack_cannot_be_asked_nothing_is_shown_and_it_is_said(
    oak: School, slack: FakeSlack, bob: Person, reference: str
) -> None:
    bob.opens_home()
    slack.fail("users.info", status=500, times=5)
    bob.presses(OPEN_CASE, reference)
    assert "cannot be asked just now" in modal(bob).text
    assert looks(oak, reference) == 0


def test_where_slack_opens_no_window_nothing_is_looked_at_and_it_is_said(
    oak: School, slack: FakeSlack, bob: Person, reference: str
) -> None:
    bob.opens_home()
    slack.fail("views.open", error="expired_trigger_id")
    (said,) = bob.presses(OPEN_CASE, reference)
    assert "did not open the window" in said.text
    assert looks(oak, reference) == 0


# ------------------------------------------------------------------------------------------------------------ acts


def test_it_is_acknowledged_by_a_press_and_the_case_is_shown_as_it_stands_then(
    oak: School, bob: Person, reference: str
) -> None:
    opens(bob, reference)
    bob.presses("do.acknowledge")
    assert "You have acknowledged it" in modal(bob).text
    assert "Acknowledged by" in happened(oak, reference)
    bob.closes()
    bob.opens_home()
    assert bob.home is not None
    assert "In hand" in bob.home.text


def test_a_button_whose_name_only_holds_that_of_an_act_does_nothing(
    oak: School, slack: FakeSlack, bob: Person, reference: str
) -> None:
    opens(bob, reference)
    slack.act("interactive", _pressed(slack, "U2", "undo.acknowledge", reference))
    slack.settle()
    assert bob.last.text == say("slack.asking.unknown")
    assert "Acknowledged by" not in happened(oak, reference)


def acts(person: Person, act: str, **answers: object) -> None:
    person.presses(f"do.{act}")
    person.fills({f"answer.{key}": value for key, value in answers.items()})
    person.submits()


def test_a_note_is_added_in_a_window_on_top_and_the_case_under_it_is_shown_anew(
    oak: School, bob: Person, reference: str
) -> None:
    opens(bob, reference)
    under = modal(bob).id
    acts(bob, "note", text=f"Rang home. {CANARY}")
    assert modal(bob).id == under
    assert "Your note was added" in modal(bob).text
    assert "Rang home." in modal(bob).text
    assert happened(oak, reference).count("Note by") == 1
    assert looks(oak, reference) == 1


WHAT = {
    "pass_on": "Passed on by",
    "ask": "The sender was asked by",
    "add": "Added by",
    "close": "Closed by",
    "entered": "Entered in the school's case system, and closed, by",
    "hold": "Put under a legal hold by",
}
"""What stands in the chronology after each act."""


@pytest.mark.parametrize(
    ("act", "answers"),
    [
        ("pass_on", {"to": "demo-headteacher", "reason": CANARY}),
        ("ask", {"text": CANARY}),
        ("add", {"teller": "A neighbour", "text": CANARY}),
        ("close", {"decision": CANARY, "reason": CANARY, "outcome": None}),
        ("entered", {"system": "CPOMS", "number": "1"}),
        ("hold", {"reason": CANARY}),
    ],
)
def test_each_act_is_done_in_a_window(
    oak: School, bob: Person, reference: str, act: str, answers: dict[str, str | None]
) -> None:
    what = WHAT[act]
    opens(bob, reference)
    bob.presses(f"do.{act}")
    filled = {key: value or _first(bob, f"answer.{key}") for key, value in answers.items()}
    bob.fills({f"answer.{key}": value for key, value in filled.items()})
    bob.submits()
    assert modal(bob).callback == "case"
    assert [row.what for row in oak.case(reference, DSL).chronology].count(what) == 1


def _first(person: Person, block: str) -> str:
    """The first thing that can be chosen there."""
    element = next(one["element"] for one in modal(person).blocks if one["block_id"] == block)
    return str(element["options"][0]["value"])


def test_a_case_is_put_together_with_another_and_a_closed_one_is_opened_again(
    oak: School, bob: Person, reference: str
) -> None:
    other = sent_by(oak.office.desk, ANN, TOLD | {"what": "Another."}).reference
    opens(bob, reference)
    acts(bob, "merge", other=other)
    assert "goes on in the other" in modal(bob).text
    acts(bob, "reopen", reason=CANARY)
    assert "open again" in modal(bob).text
    assert {"Closed, and goes on in another case, by", "Opened again by"} <= set(happened(oak, reference))


def test_what_is_missing_is_said_in_place(oak: School, bob: Person, reference: str) -> None:
    opens(bob, reference)
    acts(bob, "merge", other="C-2222-3333")
    assert modal(bob).errors == {"answer.other": "There is no such open case in your inbox"}
    assert modal(bob).state["answer.other"]["text"]["value"] == "C-2222-3333"
    assert "Closed" not in " ".join(happened(oak, reference))


def test_the_same_form_twice_is_one_act(oak: School, bob: Person, slack: FakeSlack, reference: str) -> None:
    opens(bob, reference)
    bob.presses("do.note")
    bob.fills({"answer.text": CANARY})
    view = modal(bob).payload()
    bob.submits()
    whole = payloads.interaction("view_submission", slack.team("T1"), "U2", slack.token)
    slack.deliver("interactive", whole | {"trigger_id": slack.world.trigger("T1", "U2"), "view": view})
    slack.settle()
    assert happened(oak, reference).count("Note by") == 1


def test_the_answer_to_a_submission_itself_holds_nothing_of_the_case(
    bob: Person, slack: FakeSlack, reference: str
) -> None:
    """The case is shown in the window that Slack opened; who forges a submission reads that something was done."""
    opens(bob, reference)
    bob.presses("do.note")
    bob.fills({"answer.text": "A note."})
    view = modal(bob).payload() | {"previous_view_id": None}
    whole = payloads.interaction("view_submission", slack.team("T1"), "U2", slack.token)
    trigger = slack.world.trigger("T1", "U2")
    answer = slack.deliver("interactive", whole | {"trigger_id": trigger, "view": view})
    assert say("done.note") in answer.body.decode()
    assert CANARY not in answer.body.decode()
    assert reference not in answer.body.decode()


def test_an_act_after_a_restart_looks_at_the_case_again_and_is_done(oak: School, bob: Person, reference: str) -> None:
    opens(bob, reference)
    oak.restart()
    acts(bob, "note", text="After the restart.")
    assert happened(oak, reference).count("Note by") == 1
    assert looks(oak, reference) == 2


@pytest.mark.parametrize("act", ["acknowledge", "note"])
def test_whom_the_role_was_taken_meanwhile_reads_no_more_of_the_case_when_they_act_in_it(
    oak: School, bob: Person, slack: FakeSlack, reference: str, act: str
) -> None:
    opens(bob, reference)
    if act == "note":
        bob.presses("do.note")
        bob.fills({"answer.text": "Rang home."})
    oak.office.let_go(DSL)
    until = len(slack.calls)
    if act == "note":
        bob.submits()
        assert "There is no such case in your inbox" in modal(bob).text
        bob.closes()
    else:
        bob.presses("do.acknowledge")
    assert "There is no such case in your inbox" in modal(bob).text
    assert CANARY not in json.dumps(modal(bob).given)
    assert CANARY not in json.dumps([call.arguments for call in slack.calls[until:]])


def test_when_the_desk_fails_what_was_typed_stays(oak: School, bob: Person, reference: str) -> None:
    opens(bob, reference)
    bob.presses("do.note")
    bob.fills({"answer.text": CANARY})

    def breaks(_: object) -> None:
        raise OSError(CANARY)

    before(oak, ActOnCase, breaks)
    bob.submits()
    assert "could not be done just now" in modal(bob).text
    assert modal(bob).state["answer.text"]["text"]["value"] == CANARY


def test_when_a_case_cannot_be_opened_the_window_says_so(oak: School, bob: Person, reference: str) -> None:
    def breaks(_: object) -> None:
        raise OSError(CANARY)

    before(oak, OpenCase, breaks)
    opens(bob, reference)
    assert "could not be opened" in modal(bob).text
    assert CANARY not in modal(bob).text


# ------------------------------------------------------------------------------------------------------- as time goes


def test_a_report_is_told_at_once_reminded_of_and_opened_from_the_message(
    oak: School, bob: Person, slack: FakeSlack
) -> None:
    notices = SlackNotices(lambda _: slack.bot_token, ("T1",), oak.office.clock, slack.base_url)
    ways = Ways(lambda: oak.office.directory, (notices,))

    def tell() -> None:
        oak.office.rounds.fire_due()
        for owed in oak.office.reports.owed():
            Deliverer(owed, ways, oak.office.clock, Trail()).run_once()

    reference = sent_by(oak.office.desk, ANN, TOLD | {"danger": "yes"}).reference
    tell()
    (first,) = bob.news()
    assert reference in first.text
    for _ in range(30):
        oak.office.clock.go_on(timedelta(minutes=2))
        tell()
    assert "Nobody has acknowledged this yet" in " ".join(one.text for one in bob.news())
    bob.presses(OPEN_CASE, reference, in_=first)
    assert CANARY in modal(bob).text
    bob.presses("do.acknowledge")
    assert slack.person("U3").sees() == []  # the deputy is a guest
    leaks_nothing(slack)


# ---------------------------------------------------------------------------------------------------- whoever sent it


def test_a_sender_answers_what_they_were_asked_and_adds_to_it(
    oak: School, ann: Person, bob: Person, reference: str
) -> None:
    opens(bob, reference)
    acts(bob, "ask", text="Who else was there?")
    bob.closes()
    ann.opens_home()
    ann.presses(modals.MY_REPORTS)
    ann.presses(modals.MY_OWN)
    assert "Who else was there?" in modal(ann).text
    acts(ann, "reply", text=f"Nobody. {CANARY}")
    assert "Your answer was sent" in modal(ann).text
    acts(ann, "amend", text="It happened again.")
    assert {"The sender answered", "The sender added"} <= set(happened(oak, reference))


@pytest.mark.usefixtures("oak")
def test_a_guest_does_not_see_what_they_told(slack: FakeSlack) -> None:
    cat = slack.person("U3")
    reports_a_concern(cat)
    cat.presses(modals.MY_REPORTS, in_=cat.last)
    cat.presses(modals.MY_OWN)
    assert CANARY not in modal(cat).text


# ------------------------------------------------------------------------------------------------------------ canary


@pytest.mark.usefixtures("oak")
def test_nothing_of_a_case_is_in_a_message_a_preview_metadata_a_button_or_a_log(
    bob: Person, ann: Person, slack: FakeSlack, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    reference = reports_a_concern(ann)
    opens(bob, reference)
    bob.presses("do.acknowledge")
    acts(bob, "note", text=CANARY)
    acts(bob, "ask", text=CANARY)
    bob.closes()
    ann.presses(modals.MY_REPORTS, in_=ann.last)
    ann.presses(modals.MY_OWN)
    acts(ann, "reply", text=CANARY)
    opens(bob, reference)
    bob.presses("do.close")
    bob.fills({"answer.decision": CANARY, "answer.reason": CANARY, "answer.outcome": _first(bob, "answer.outcome")})
    bob.submits()
    leaks_nothing(slack)
    assert CANARY not in caplog.text
    assert CANARY not in "".join(capsys.readouterr())


def test_every_act_that_a_case_can_offer_has_a_form_that_slack_takes(oak: School, bob: Person, reference: str) -> None:
    """The fake refuses whatever Slack would."""
    opens(bob, reference)
    offered = {act.act for act in oak.case(reference).acts}
    for act in offered - {CaseAct.ACKNOWLEDGE}:
        bob.presses(f"do.{act}")
        assert modal(bob).callback == "act"
        bob.closes()
