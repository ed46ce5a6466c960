"""When Slack fails: nobody is told that something was not done which was, and nothing is lost."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from slack_sdk.errors import SlackApiError

from bot.messages import Incoming, SubmitForm
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from bot.wording import say
from integrations import app
from integrations.slack import forms, late, modals, telling
from integrations.slack.cases import OPEN_CASE
from integrations.slack.quiet import code
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.views import View
from tests.slack.school import CANARY, School, before, leaks_nothing, modal, reports_a_concern, school, tells


@pytest.fixture
def oak(
    slack: FakeSlack, reports: app.Reports, clock: FixedClock, insights: Insights, tmp_path: Path
) -> Iterator[School]:
    with school(slack, reports, clock, insights, tmp_path) as opened:
        yield opened


def code_in(view: View) -> str:
    return next(word for word in view.text.replace("*", " ").split() if word.count("-") == 2 and len(word) == 14)


# ------------------------------------------------------------------------------------------------ what is said of it


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ({"error": "not_in_channel"}, "not_in_channel"),
        ({"error": CANARY}, "status 0"),
        (SimpleNamespace(data={"error": "fatal_error"}, status_code=200), "fatal_error"),
        (SimpleNamespace(data={"error": None}, status_code=500), "status 500"),
        (SimpleNamespace(data=CANARY, status_code=503), "status 503"),
        (SimpleNamespace(data=CANARY.encode(), status_code=503), "status 503"),
        (SimpleNamespace(data=None, status_code=502), "status 502"),
        (SimpleNamespace(status=504), "status 504"),
        (CANARY, "status 0"),
        (None, "SlackApiError"),
    ],
)
def test_of_whatever_slack_or_a_proxy_answers_a_code_or_a_status_is_said(response: object, said: str) -> None:
    assert code(SlackApiError(CANARY, response)) == said  # type: ignore[no-untyped-call]


def test_of_what_is_no_answer_its_kind_is_said() -> None:
    assert code(TimeoutError(CANARY)) == "TimeoutError"


# ----------------------------------------------------------------------------------------- a window that shows nothing


@pytest.mark.usefixtures("oak")
@pytest.mark.parametrize("failing", [{"status": 503}, {"error": "fatal_error"}])
def test_what_a_window_does_not_take_once_is_shown_the_second_time(
    ann: Person, slack: FakeSlack, failing: dict[str, int]
) -> None:
    slack.fail("views.update", times=1, **failing)  # type: ignore[arg-type]
    ann.commands("/concern")
    assert modal(ann).title == "Report a concern"


@pytest.mark.usefixtures("oak")
def test_a_window_that_goes_on_saying_one_moment_says_what_to_do_and_so_does_a_message(
    ann: Person, slack: FakeSlack
) -> None:
    slack.fail("views.update", status=503, times=9)
    (told,) = ann.commands("/concern")
    assert told.text == say("slack.modal.not_shown")
    assert "close this window and try it again" in modal(ann).text


# --------------------------------------------------------------------------------------------- done, and not to be seen


def test_an_act_that_was_done_and_cannot_be_shown_is_said_to_be_done(
    oak: School, ann: Person, bob: Person, slack: FakeSlack
) -> None:
    reference = reports_a_concern(ann)
    bob.opens_home()
    bob.presses(OPEN_CASE, reference)
    slack.fail("views.update", status=503, times=9)
    (told,) = bob.presses("do.acknowledge")
    assert told.text == say("slack.modal.done_unseen")
    assert "Acknowledged by" in [row.what for row in oak.case(reference, "demo-deputy-dsl-1").chronology]


def test_an_act_with_a_form_that_was_done_and_cannot_be_shown_is_said_to_be_done(
    oak: School, ann: Person, bob: Person, slack: FakeSlack
) -> None:
    reference = reports_a_concern(ann)
    bob.opens_home()
    bob.presses(OPEN_CASE, reference)
    bob.presses("do.note")
    bob.fills({"answer.text": CANARY})
    slack.fail("views.update", status=503, times=9)
    (told,) = bob.submits()
    assert told.text == say("done.note")
    assert [row.what for row in oak.case(reference).chronology].count("Note by") == 1


@pytest.mark.usefixtures("oak")
def test_a_draft_that_was_discarded_and_cannot_be_shown_is_said_to_be(ann: Person, slack: FakeSlack) -> None:
    ann.commands("/concern")
    tells(ann)
    ann.presses(forms.SAVE_DRAFT)
    ann.closes()
    ann.opens_home()
    slack.fail("views.update", status=503, times=9)
    (told,) = ann.presses(modals.DISCARD_DRAFT)
    assert told.text == say("slack.modal.done_unseen")


def test_the_code_of_a_draft_that_no_window_showed_is_shown_by_another(oak: School, slack: FakeSlack) -> None:
    dan = slack.person("U4")
    dan.commands("/concern")
    tells(dan)
    slack.fail("views.update", status=503, times=9)
    (told,) = dan.presses(forms.SAVE_DRAFT)
    assert say("slack.modal.done_unseen") in told.text
    slack.stop_failing("views.update")
    dan.presses(telling.SHOW_UNSEEN, in_=told)
    found = code_in(modal(dan))
    assert found not in json.dumps(told.blocks)
    dan.closes()
    dan.opens_home()
    dan.presses(modals.BY_CODE, "draft")
    dan.fills({modals.CODE_FIELD: found})
    dan.submits()
    assert modal(dan).state["answer.what"]["text"]["value"] == f"He said: {CANARY}"
    oak.restart()
    dan.presses(telling.SHOW_UNSEEN, in_=told)
    assert say("slack.modal.unseen_gone") in modal(dan).text
    leaks_nothing(slack)


def test_whom_nobody_knows_comes_to_the_code_of_a_receipt_that_came_too_late_for_its_window(
    oak: School, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "SOON", 0.3)
    dan = slack.person("U4")
    dan.commands("/concern")
    tells(dan)

    def waits(_: Incoming) -> None:
        slack.until(lambda: dan.modal is not None and "still being done" in dan.modal.text)
        slack.views.stack("U4").clear()  # he does not leave it open

    before(oak, SubmitForm, waits)
    with slack.expecting("not_found"):
        (told,) = dan.submits()
    assert "could not show you its code" in told.text
    dan.presses(telling.SHOW_UNSEEN, in_=told)
    status = code_in(modal(dan))
    assert status not in json.dumps(told.blocks)
    dan.presses(modals.MY_REPORTS, in_=told)
    dan.fills({modals.CODE_FIELD: status})
    dan.submits()
    assert oak.inbox()[0] in modal(dan).text


def test_whom_nobody_knows_sees_the_code_of_a_receipt_that_came_late_in_the_window(
    oak: School, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "SOON", 0.3)
    dan = slack.person("U4")
    dan.commands("/concern")
    tells(dan)
    before(oak, SubmitForm, lambda _: slack.until(lambda: "still being done" in modal(dan).text))
    (told,) = dan.submits()
    assert "the code that the window showed you" in told.text
    assert code_in(modal(dan))
