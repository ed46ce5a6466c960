"""App Home: what anybody finds there, and that what somebody receives is listed without a word of it."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.messages import FormView, OpenDraft, OpenForms, OpenInbox, SaveDraft
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from bot.wording import say
from integrations import app
from integrations.slack import cases, forms, modals
from integrations.slack import home as app_home
from integrations.slack.attach import web_client
from tests.bot.acting import sent_by
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.school import CANARY, School, before, reports_a_concern, school, tells

TOLD = {"about": "child", "what": f"He said: {CANARY}", "danger": "yes"}


@pytest.fixture
def oak(
    slack: FakeSlack, reports: app.Reports, clock: FixedClock, insights: Insights, tmp_path: Path
) -> Iterator[School]:
    with school(slack, reports, clock, insights, tmp_path) as opened:
        yield opened


def home(person: Person) -> str:
    person.opens_home()
    assert person.home is not None
    return person.home.text


def test_who_receives_sees_reference_urgency_and_state_and_nothing_of_what_was_told(oak: School, bob: Person) -> None:
    reference = sent_by(oak.office.desk, "demo-induction-lead", TOLD).reference
    seen = home(bob)
    assert reference in seen
    assert "Urgent" in seen
    assert "Not yet in hand" in seen
    whole = json.dumps(bob.home.given if bob.home else {})
    assert CANARY not in whole


@pytest.mark.usefixtures("oak")
def test_anybody_finds_how_to_ask_every_form_and_how_their_own_stand(ann: Person) -> None:
    reference = reports_a_concern(ann)
    seen = home(ann)
    for word in ("/policy", "Report a concern", "Tell us of a contact", "Ask for permission", reference, "Inbox"):
        assert word in seen
    assert "Nobody has opened it yet" in seen


def test_somebody_in_no_directory_finds_the_forms_and_no_inbox(oak: School, slack: FakeSlack) -> None:
    sent_by(oak.office.desk, "demo-induction-lead", TOLD)
    seen = home(slack.person("U4"))
    assert "Report a concern" in seen
    assert "Inbox" not in seen


def test_a_guest_who_is_in_the_directory_finds_no_inbox(oak: School, slack: FakeSlack) -> None:
    reference = sent_by(oak.office.desk, "demo-induction-lead", TOLD).reference
    assert reference in oak.inbox("demo-deputy-dsl-1")
    assert reference not in home(slack.person("U3"))


def test_who_became_a_guest_finds_no_inbox_the_next_time(oak: School, slack: FakeSlack, bob: Person) -> None:
    reference = sent_by(oak.office.desk, "demo-induction-lead", TOLD).reference
    assert reference in home(bob)
    slack.team("T1").users["U2"] = replace(slack.team("T1").users["U2"], is_restricted=True)
    assert reference not in home(bob)


def test_while_slack_cannot_be_asked_there_is_no_inbox_and_it_is_said(
    oak: School, slack: FakeSlack, bob: Person
) -> None:
    reference = sent_by(oak.office.desk, "demo-induction-lead", TOLD).reference
    slack.fail("users.info", error="internal_error", times=3)
    seen = home(bob)
    assert reference not in seen
    assert "could not be asked" in seen
    assert "Report a concern" in seen


@pytest.mark.parametrize("kind", [OpenInbox, OpenForms])
def test_what_breaks_is_left_out_and_the_rest_is_there(
    oak: School, bob: Person, kind: type[OpenInbox | OpenForms]
) -> None:
    def breaks(_: object) -> None:
        raise OSError(CANARY)

    before(oak, kind, breaks)
    seen = home(bob)
    assert ("Report a concern" in seen) == (kind is OpenInbox)
    assert ("Inbox" in seen) == (kind is OpenForms)
    assert CANARY not in seen


def refresh(oak: School, slack: FakeSlack, user: str) -> None:
    client = web_client(slack.team("T1").bot_token, slack.base_url)
    asyncio.run(app_home.refresh(oak.world.room, client, "T1", user))


def test_who_has_it_before_them_is_shown_what_changed_and_nobody_else_is(
    oak: School, slack: FakeSlack, ann: Person, bob: Person
) -> None:
    home(bob)
    reference = sent_by(oak.office.desk, "demo-induction-lead", TOLD).reference
    for user in ("U2", "U1"):
        refresh(oak, slack, user)
    assert bob.home is not None
    assert reference in bob.home.text
    assert ann.home is None


def test_what_was_found_out_earlier_takes_the_place_of_nothing_newer(
    oak: School, slack: FakeSlack, bob: Person
) -> None:
    home(bob)
    done: list[str] = []

    def meanwhile(_: object) -> None:
        if not done:
            done.append(sent_by(oak.office.desk, "demo-induction-lead", TOLD).reference)
            refresh(oak, slack, "U2")

    before(oak, OpenForms, meanwhile)
    published = len([call for call in slack.calls if call.method == "views.publish"])
    refresh(oak, slack, "U2")
    assert len([call for call in slack.calls if call.method == "views.publish"]) == published + 1
    assert bob.home is not None
    assert done[0] in bob.home.text


def test_that_slack_does_not_take_it_is_no_reason_for_anything_to_fail(
    oak: School, slack: FakeSlack, bob: Person
) -> None:
    home(bob)
    slack.fail("views.publish", error="internal_error")
    refresh(oak, slack, "U2")


def test_discarding_what_was_left_is_asked_first_for_it_stands_beside_opening_it(oak: School, ann: Person) -> None:
    owner = "person:demo-induction-lead"
    oak.office.desk.receive(SaveDraft("report_concern", "e" * 32, {"about": "child", "what": CANARY}, owner=owner))
    home(ann)
    ann.presses(modals.DISCARD_DRAFT, is_sure=False)
    assert isinstance(oak.office.desk.receive(OpenDraft(owner))[0], FormView)
    ann.presses(modals.DISCARD_DRAFT)
    assert not isinstance(oak.office.desk.receive(OpenDraft(owner))[0], FormView)


def shows(person: Person) -> str:
    """What stands there now, without opening it again."""
    assert person.home is not None
    return person.home.text


@pytest.mark.usefixtures("oak")
def test_what_was_saved_discarded_and_sent_stands_there_at_once(ann: Person) -> None:
    home(ann)
    ann.commands("/concern")
    tells(ann)
    ann.presses(forms.SAVE_DRAFT)
    assert say("forms.yours") in shows(ann)
    ann.closes()
    ann.presses(modals.DISCARD_DRAFT, in_=ann.home)
    assert say("forms.yours") not in shows(ann)
    ann.closes()
    assert reports_a_concern(ann) in shows(ann)


def test_what_was_opened_acknowledged_and_done_stands_there_at_once(oak: School, bob: Person) -> None:
    reference = sent_by(oak.office.desk, "demo-induction-lead", TOLD).reference
    assert say("inbox.unopened") in home(bob)
    bob.presses(cases.OPEN_CASE, reference)
    assert say("inbox.unopened") not in shows(bob)
    assert say("inbox.new") in shows(bob)
    bob.presses("do.acknowledge")
    assert say("inbox.new") not in shows(bob)
    assert say("inbox.acknowledged") in shows(bob)
