"""Socket Mode of the fake: real websockets with a real client, which is sent away and comes back."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack import blocks as kit
from integrations.slack.manifest import manifest
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack


class Connected:
    """A Bolt app that connects in Socket Mode, as ``attach_socket`` wants it."""

    def __init__(self, slack: FakeSlack) -> None:
        self._token = slack.app_token
        self.app = AsyncApp(client=AsyncWebClient(slack.bot_token, base_url=slack.base_url, timeout=5))
        self.handler: AsyncSocketModeHandler | None = None

    async def begin(self) -> None:
        self.handler = AsyncSocketModeHandler(self.app, self._token, ping_interval=0.2)
        await self.handler.connect_async()  # type: ignore[no-untyped-call]

    async def end(self) -> None:
        assert self.handler is not None
        await self.handler.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(manifest()) as slack:
        team = slack.team("T1")
        team.user("U1", "Ann")
        yield slack


@pytest.fixture
def connected(slack: FakeSlack) -> Iterator[Connected]:
    connected = Connected(slack)

    @connected.app.event("message")
    async def hears(event: dict[str, Any], say: Any) -> None:  # noqa: ANN401 (bolt's own)
        await say(f"You said: {event['text']}")

    @connected.app.command("/policy")
    async def policy(ack: Any, command: dict[str, Any]) -> None:  # noqa: ANN401 (bolt's own)
        await ack(f"You asked: {command['text']}")

    @connected.app.command("/concern")
    async def concern(ack: Any, body: dict[str, Any], client: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack()
        field = kit.input_block("what", "What?", {"type": "plain_text_input", "action_id": "typed"})
        await client.views_open(trigger_id=body["trigger_id"], view=kit.modal("form", "A", [field], submit="Send"))

    @connected.app.view("form")
    async def submits(ack: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack(response_action="errors", errors={"what": "Not so."})

    slack.attach_socket(connected.begin, connected.end)
    yield connected
    slack.detach()


def test_events_commands_and_submissions_go_through_the_socket_and_their_answers_come_back(
    connected: Connected, ann: Person
) -> None:
    assert connected.handler is not None
    assert [each.text for each in ann.says("hello")] == ["You said: hello"]
    assert [each.text for each in ann.commands("/policy", "may I?")] == ["You asked: may I?"]
    ann.commands("/concern")
    ann.fills({"what": "words"})
    ann.submits()
    assert ann.modal is not None
    assert ann.modal.errors == {"what": "Not so."}


def test_the_app_comes_back_when_it_is_sent_away(slack: FakeSlack, connected: Connected, ann: Person) -> None:
    assert connected.handler is not None
    slack.sockets.disconnect()
    slack.until(lambda: slack.sockets.connections == 1)
    assert [each.text for each in ann.says("hello")] == ["You said: hello"]
    assert (slack.sockets.hellos, [call.method for call in slack.calls].count("apps.connections.open")) == (2, 2)


def test_the_app_comes_back_after_its_connection_broke(slack: FakeSlack, connected: Connected, ann: Person) -> None:
    assert connected.handler is not None
    slack.sockets.cut()
    slack.until(lambda: slack.sockets.connections == 1)
    assert [each.text for each in ann.says("hello")] == ["You said: hello"]


def test_an_envelope_that_nobody_answers_fails_the_test(slack: FakeSlack, connected: Connected) -> None:
    assert connected.handler is not None
    connected.handler.client.socket_mode_request_listeners.clear()
    slack.sockets.patience = 0.1
    with slack.expecting("dispatch_failed"):
        slack.person("U1").says("hello")
    assert slack.deliveries[-1].ack.status == 408


def test_an_answer_to_an_envelope_that_there_never_was_fails_the_test(slack: FakeSlack, connected: Connected) -> None:
    assert connected.handler is not None
    client = connected.handler.client
    application: Any = slack._application  # noqa: SLF001 (its loop)
    with slack.expecting("invalid_ack"):
        application.thread.do(client.send_socket_mode_response({"envelope_id": "another"}))
        slack.person("U1").says("hello")


def test_a_socket_address_is_good_once(slack: FakeSlack, connected: Connected) -> None:
    assert connected.handler is not None
    client = connected.handler.client
    application: Any = slack._application  # noqa: SLF001 (its loop)

    async def connects_again() -> int:
        async with client.aiohttp_client_session.get(str(client.wss_uri).replace("ws", "http", 1)) as response:
            return response.status

    with slack.expecting("invalid_socket_url"):
        assert application.thread.do(connects_again()) == 404


def test_an_event_that_comes_again_says_so_in_its_envelope(slack: FakeSlack, connected: Connected, ann: Person) -> None:
    assert connected.handler is not None
    ann.says("hello")
    attempts: list[Any] = []

    async def sees(_: Any, message: dict[str, Any], __: Any = None) -> None:  # noqa: ANN401 (slack_sdk's own)
        attempts.append((message.get("retry_attempt"), message.get("retry_reason")))

    connected.handler.client.message_listeners.append(sees)
    slack.redeliver(number=1, reason="timeout")
    assert attempts[0] == (1, "timeout")


def test_without_socket_mode_in_the_manifest_no_address_is_given() -> None:
    with FakeSlack(manifest("https://touchstone.school.example")) as slack:
        client = WebClient(base_url=slack.base_url)
        with slack.expecting("socket_mode_disabled"), pytest.raises(SlackApiError, match="socket_mode_disabled"):
            client.apps_connections_open(app_token=slack.app_token)
