"""Deliveries of the fake over HTTP: signed, wrongly signed, old, again; and what it makes of bad answers."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.slack.bolting import bolt, routed
from tests.slack.fake.delivery import Parcel
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.web.serving import served


class Recorder:
    """An application that records what came, and answers as it is told."""

    def __init__(self) -> None:
        self.answers: list[Response] = []
        self.came: list[tuple[bytes, dict[str, str]]] = []
        self.pause = 0.0
        self.application = Starlette(routes=[Route("/slack/events", self._event, methods=["POST"])])

    async def _event(self, request: Request) -> Response:
        self.came.append((await request.body(), dict(request.headers)))
        await asyncio.sleep(self.pause)
        return self.answers.pop(0) if self.answers else Response()


@pytest.fixture
def recorder(slack: FakeSlack) -> Iterator[Recorder]:
    recorder = Recorder()
    slack.attach_http(recorder.application)
    yield recorder
    slack.detach()


def test_each_kind_of_delivery_is_signed_as_slack_signs(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    ann.says("hello")
    ann.commands("/policy", "can I & may I <b>?")
    ann.shortcut("report_message", ann.sees()[0])
    verifier = SignatureVerifier(slack.signing_secret)
    assert [verifier.is_valid_request(body, headers) for body, headers in recorder.came] == [True] * 3
    kinds = [headers["content-type"] for _, headers in recorder.came]
    assert kinds == ["application/json", *["application/x-www-form-urlencoded"] * 2]
    assert recorder.came[1][0].count(b"can+I+%26amp%3B+may+I+%26lt%3Bb%26gt%3B%3F") == 1


def test_bolt_lets_in_what_is_signed_rightly_and_now(slack: FakeSlack, ann: Person) -> None:
    heard = []
    app = bolt(slack)

    @app.event("message")
    async def hears(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    slack.attach_http(routed(app))
    ann.says("one")
    payload = slack.deliveries[-1].payload
    assert slack.deliver("events_api", payload, secret="another").status == 401  # noqa: S106 (a wrong one)
    assert slack.deliver("events_api", payload, at=time.time() - 301).status == 401
    assert slack.deliver("events_api", payload, at=time.time() - 200).status == 200
    slack.settle()
    assert heard == ["one", "one"]


def test_an_event_comes_again_with_its_id_and_says_so(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    ann.says("hello")
    slack.redeliver(number=2)
    (first, told), (again, told_again) = recorder.came
    assert first == again
    assert ("x-slack-retry-num" in told, told_again["x-slack-retry-num"]) == (False, "2")
    assert told_again["x-slack-retry-reason"] == "http_timeout"


def test_an_answer_that_is_not_ok_fails_the_test(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    recorder.answers = [Response(status_code=404), Response(status_code=500)]
    with slack.expecting("dispatch_failed"):
        ann.says("hello")
    with slack.expecting("dispatch_failed"):
        ann.commands("/policy")
    assert slack.wrong == []


def test_an_answer_after_three_seconds_fails_the_test(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    assert slack.patience == 3
    slack.patience, recorder.pause = 0.05, 0.1
    with slack.expecting("operation_timeout"):
        ann.says("hello")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"text": "a", "response_type": "loud"}, "invalid_arguments"),
        ({"text": "a", "blocks": [{"type": "nothing"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "divider"}]}, "invalid_arguments"),
        ({"response_type": "ephemeral"}, "no_text"),
    ],
)
def test_the_answer_to_a_command_is_checked(
    slack: FakeSlack, recorder: Recorder, ann: Person, answer: dict[str, Any], code: str
) -> None:
    recorder.answers = [JSONResponse(answer)]
    with slack.expecting(code):
        assert ann.commands("/policy", channel="C1") == []


def test_an_application_at_an_address_is_reached_as_well(slack: FakeSlack, ann: Person, bob: Person) -> None:
    recorder = Recorder()
    recorder.answers = [JSONResponse({"text": "In the channel", "response_type": "in_channel"})]
    with served(recorder.application) as origin:
        slack.attach_url(f"{origin}/slack/events")
        (answer,) = ann.commands("/policy", channel="C1")
        slack.detach()
    assert (answer.text, [each.text for each in bob.sees()]) == ("In the channel", ["In the channel"])
    body, headers = recorder.came[0]
    assert SignatureVerifier(slack.signing_secret).is_valid_request(body, headers)


def test_only_what_the_manifest_subscribes_to_is_delivered(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    slack.team("T1").channel("C2", members=["U1"], has_bot=False)
    ann.says("nobody hears this", channel="C2")
    ann.mentions("nor this", "C2")
    assert recorder.came == []
    with pytest.raises(AssertionError, match="no /shout"):
        ann.commands("/shout")
    with pytest.raises(AssertionError, match="no unknown"):
        ann.shortcut("unknown", ann.sees()[0])


def test_the_app_hears_its_own_messages_and_bolt_drops_them(slack: FakeSlack, ann: Person) -> None:
    heard = []
    app: AsyncApp = bolt(slack)

    @app.event("message")
    async def hears(event: dict[str, Any], say: Any) -> None:  # noqa: ANN401 (bolt's own)
        heard.append(event["text"])
        await say("I say so too.")

    slack.attach_http(routed(app))
    ann.says("hello")
    assert heard == ["hello"]
    own = slack.deliveries[-1]
    assert (own.is_echo, own.payload["event"]["bot_id"]) == (True, slack.team("T1").bot_id)
    slack.redeliver()
    assert heard == ["hello", "hello"]


def test_whatever_an_application_still_does_after_its_answer_is_waited_for(slack: FakeSlack, ann: Person) -> None:
    done = []

    async def work() -> None:
        await asyncio.sleep(0.2)
        done.append("worked")

    async def answers(_: Request) -> Response:
        kept.append(asyncio.create_task(work()))
        return Response()

    kept: list[asyncio.Task[None]] = []
    slack.attach_http(Starlette(routes=[Route("/slack/events", answers, methods=["POST"])]))
    ann.says("hello")
    assert done == ["worked"]


def test_a_parcel_of_a_view_is_a_form_with_one_field() -> None:
    assert Parcel("interactive", {"a": 1}, {}).body == b"payload=%7B%22a%22%3A+1%7D"
