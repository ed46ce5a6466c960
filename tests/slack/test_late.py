"""What takes longer than Slack waits: nobody is told that it was not done, and what came of it is seen."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.messages import ActOnCase, Incoming, OpenDraft, SubmitForm
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from bot.wording import say
from integrations import app
from integrations.slack import forms, late, modals
from integrations.slack.cases import OPEN_CASE
from tests.slack.fake import payloads
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.school import CANARY, School, before, leaks_nothing, modal, reports_a_concern, school, tells

pytestmark = pytest.mark.usefixtures("oak")


@pytest.fixture
def oak(
    slack: FakeSlack, reports: app.Reports, clock: FixedClock, insights: Insights, tmp_path: Path
) -> Iterator[School]:
    with school(slack, reports, clock, insights, tmp_path) as opened:
        yield opened


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack is put off almost at once; how long it really waits, other tests say."""
    monkeypatch.setattr(late, "SOON", 0.3)


def put_off(person: Person) -> bool:
    return person.modal is not None and "still being done" in person.modal.text


def slow(slack: FakeSlack, person: Person, seconds: float = 0) -> Callable[[Incoming], None]:
    """A desk that answers only after the person was told that it takes longer."""

    def waits(_: Incoming) -> None:
        until = time.monotonic() + seconds
        slack.until(lambda: put_off(person) and time.monotonic() > until)

    return waits


def test_a_report_that_takes_longer_than_slack_waits_ends_in_its_receipt(
    oak: School, ann: Person, slack: FakeSlack
) -> None:
    ann.commands("/concern")
    tells(ann)
    seen: list[str] = []

    def waits(incoming: Incoming) -> None:
        slow(slack, ann, late.WAITS + 0.4)(incoming)
        seen.append(str(modal(ann).state["answer.what"]["text"]["value"]))

    before(oak, SubmitForm, waits)
    ann.submits()
    assert seen == [f"He said: {CANARY}"]
    assert oak.cases == 1
    assert oak.inbox()[0] in modal(ann).text
    assert not any(say("slack.asking.unknown_view") in str(one.ack.content) for one in slack.deliveries)
    leaks_nothing(slack)


@pytest.mark.usefixtures("hurried")
def test_who_sends_it_again_meanwhile_has_one_case_and_its_receipt(oak: School, ann: Person, slack: FakeSlack) -> None:
    ann.commands("/concern")
    tells(ann)
    payload = payloads.interaction("view_submission", slack.team("T1"), "U1", slack.token)
    payload |= {"view": modal(ann).payload(), "response_urls": [], "trigger_id": slack.world.trigger("T1", "U1")}
    waits = slow(slack, ann)
    before(oak, SubmitForm, lambda incoming: None if oak.cases else waits(incoming))
    ann.submits()
    again = slack.deliver("interactive", payload)
    assert oak.cases == 1
    assert oak.inbox()[0] in str(again.content)
    assert oak.inbox()[0] in modal(ann).text


@pytest.mark.usefixtures("hurried")
def test_what_breaks_late_is_said_in_the_window_with_all_that_was_typed(
    oak: School, ann: Person, slack: FakeSlack
) -> None:
    ann.commands("/concern")
    tells(ann)

    def breaks(incoming: Incoming) -> None:
        slow(slack, ann)(incoming)
        raise OSError(CANARY)

    before(oak, SubmitForm, breaks)
    ann.submits()
    assert "could not be done just now" in modal(ann).text
    assert not put_off(ann)
    assert modal(ann).state["answer.what"]["text"]["value"] == f"He said: {CANARY}"


@pytest.mark.usefixtures("hurried")
def test_what_is_wrong_and_found_late_stands_under_its_field_until_it_is_sent_again(
    oak: School, ann: Person, slack: FakeSlack
) -> None:
    ann.commands("/concern")
    tells(ann, **{"answer.moment": "2031-01-01"})
    before(oak, SubmitForm, slow(slack, ann))
    ann.submits()
    wrong = "1 January 2031 is still to come"
    names = [str(block["block_id"]) for block in modal(ann).blocks]
    at = next(at for at, block in enumerate(modal(ann).blocks) if wrong in str(block))
    assert names[at - 1] == "answer.moment"
    assert modal(ann).state["answer.what"]["text"]["value"] == f"He said: {CANARY}"
    ann.fills({"answer.moment": "2026-11-01"})
    before(oak, SubmitForm, lambda _: None)
    oak.restart()
    ann.submits()
    assert oak.cases == 1
    assert forms.NOTICE not in str(modal(ann).blocks)


@pytest.mark.usefixtures("hurried")
def test_an_act_that_takes_longer_is_done_once_and_the_case_is_shown(
    oak: School, ann: Person, bob: Person, slack: FakeSlack
) -> None:
    reference = reports_a_concern(ann)
    bob.opens_home()
    bob.presses(OPEN_CASE, reference)
    bob.presses("do.note")
    bob.fills({"answer.text": "Rang home."})
    before(oak, ActOnCase, slow(slack, bob))
    bob.submits()
    assert say("done.note") in modal(bob).text
    bob.closes()
    assert "Rang home." in modal(bob).text
    assert [row.what for row in oak.case(reference).chronology].count("Note by") == 1


@pytest.mark.usefixtures("hurried")
def test_a_draft_that_is_long_in_coming_by_its_code_comes(oak: School, slack: FakeSlack) -> None:
    dan = slack.person("U4")
    dan.commands("/concern")
    tells(dan)
    dan.presses(forms.SAVE_DRAFT)
    code = next(word for word in modal(dan).text.replace("*", " ").split() if word.count("-") == 2)
    dan.closes()
    dan.opens_home()
    before(oak, OpenDraft, slow(slack, dan))
    dan.presses(modals.BY_CODE, "draft")
    dan.fills({modals.CODE_FIELD: code})
    dan.submits()
    assert modal(dan).state["answer.what"]["text"]["value"] == f"He said: {CANARY}"
