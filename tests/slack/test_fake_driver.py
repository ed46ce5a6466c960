from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp

from integrations.slack import blocks as kit
from tests.slack.bolting import bolt, routed
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack


@pytest.fixture
def app(slack: FakeSlack) -> Iterator[AsyncApp]:
    """An app whose listeners a test adds; it is attached when the test first acts."""
    app = bolt(slack)
    slack.attach_http(routed(app))
    yield app
    slack.detach()


def a_form(title: str = "A form", **more: Any) -> kit.Block:  # noqa: ANN401 (parts of a view)
    field = {"type": "plain_text_input", "action_id": "typed", "max_length": 20}
    about = {"type": "static_select", "action_id": "picked", "options": [kit.option("A child", "child")]}
    fields = [kit.input_block("what", "What?", field), kit.input_block("about", "Who?", about, tells_at_once=True)]
    return kit.modal("a-form", title, fields, submit="Send", **more)


def test_what_a_person_says_reaches_the_app_and_they_see_its_answer(
    slack: FakeSlack, app: AsyncApp, ann: Person
) -> None:
    @app.event("message")
    async def hears(event: dict[str, Any], say: Any) -> None:  # noqa: ANN401 (bolt's own)
        await say(f"You said: {event['text']}")

    assert [each.text for each in ann.says("May I <b>?")] == ["You said: May I <b>?"]
    assert [call.method for call in slack.calls] == ["auth.test", "chat.postMessage"]


def test_a_mention_reaches_the_app_as_both_events(slack: FakeSlack, app: AsyncApp, ann: Person) -> None:
    heard = []

    @app.event("app_mention")
    @app.event("message")
    async def hears(event: dict[str, Any]) -> None:
        heard.append((event["type"], event["text"]))

    ann.mentions("may I?", "C1")
    bot = slack.team("T1").bot
    assert heard == [("message", f"<@{bot}> may I?"), ("app_mention", f"<@{bot}> may I?")]


def test_an_ephemeral_answer_is_seen_by_one_person_alone(app: AsyncApp, ann: Person, bob: Person) -> None:
    @app.event("message")
    async def hears() -> None:
        """Nothing is said to what is not for the app."""

    @app.event("app_mention")
    async def answers(event: dict[str, Any], client: Any) -> None:  # noqa: ANN401 (bolt's own)
        await client.chat_postEphemeral(text="Only you.", channel=event["channel"], user=event["user"])

    answer = ann.mentions("may I?", "C1")
    assert [(each.text, each.is_ephemeral, each.channel) for each in answer] == [("Only you.", True, "C1")]
    assert [each.text for each in bob.sees()] == [" may I?"]


def test_a_command_is_answered(app: AsyncApp, ann: Person) -> None:
    @app.command("/policy")
    async def policy(ack: Any, command: dict[str, Any]) -> None:  # noqa: ANN401 (bolt's own)
        await ack(f"{command['command']} {command['text']}")

    (answer,) = ann.commands("/policy", "can I?", channel="C1")
    assert (answer.text, answer.is_ephemeral, answer.channel) == ("/policy can I?", True, "C1")


def test_a_button_is_pressed_and_opens_a_modal_which_is_filled_in_and_submitted(app: AsyncApp, ann: Person) -> None:
    submitted: list[Any] = []
    chosen: list[Any] = []

    @app.event("message")
    async def hears(say: Any) -> None:  # noqa: ANN401 (bolt's own)
        await say(text="A form", blocks=[kit.actions([kit.button("Tell", "tell", "report_concern")])])

    @app.action("tell")
    async def tells(ack: Any, body: dict[str, Any], client: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=a_form())

    @app.action("picked")
    async def picks(ack: Any, body: dict[str, Any], client: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack()
        chosen.append(body["actions"][0]["selected_option"]["value"])
        view = body["view"]
        await client.views_update(view_id=view["id"], hash=view["hash"], view=a_form("Longer"))

    @app.view("a-form")
    async def submits(ack: Any, view: dict[str, Any]) -> None:  # noqa: ANN401 (bolt's own)
        submitted.append(view["state"]["values"]["what"]["typed"]["value"])
        if submitted[-1] == "wrong":
            await ack(response_action="errors", errors={"what": "Not so."})
        else:
            await ack(response_action="update", view=kit.modal("done", "Sent", [kit.header("Thank you")]))

    ann.says("hello")
    ann.presses("tell", "report_concern")
    assert ann.modal is not None
    assert ann.submits() == []
    assert set(ann.modal.errors) == {"what", "about"}
    ann.fills({"what": "wrong", "about": "child"})
    assert (ann.modal.title, chosen) == ("Longer", ["child"])
    ann.submits()
    assert ann.modal.errors == {"what": "Not so."}
    ann.fills({"what": "right"})
    ann.submits()
    assert "Thank you" in ann.modal.text
    assert submitted == ["wrong", "right"]
    ann.closes()
    assert ann.modal is None
    with pytest.raises(AssertionError, match="no button"):
        ann.presses("tell", "another")
