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


def opener(app: AsyncApp, view: kit.Block) -> None:
    """Gives the app a command that opens a view."""

    @app.command("/concern")
    async def opens(ack: Any, body: dict[str, Any], client: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)


FIELDS = [
    kit.input_block("words", "A", {"type": "plain_text_input", "action_id": "a", "min_length": 3, "max_length": 5}),
    kit.input_block(
        "one", "B", {"type": "static_select", "action_id": "b", "options": [kit.option("X", "x"), kit.option("Y", "y")]}
    ),
    kit.input_block(
        "some", "C", {"type": "checkboxes", "action_id": "c", "options": [kit.option("X", "x"), kit.option("Y", "y")]}
    ),
    kit.input_block("day", "D", {"type": "datepicker", "action_id": "d"}),
    kit.input_block("hour", "E", {"type": "timepicker", "action_id": "e"}),
    kit.input_block(
        "who", "F", {"type": "multi_users_select", "action_id": "f", "max_selected_items": 1}, is_optional=True
    ),
]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("nothing", "a", "0 fields"),
        ("words", "abcdef", "6 characters"),
        ("words", 5, "no text"),
        ("one", "z", "cannot be chosen"),
        ("some", ["x", "z"], "cannot be chosen"),
        ("some", "x", "no list"),
        ("day", "tomorrow", "cannot be put"),
        ("hour", "25:00", "cannot be put"),
        ("who", ["U1", "U2"], "more than may be chosen"),
    ],
)
def test_nobody_types_or_chooses_what_slack_does_not_let_them(
    app: AsyncApp, ann: Person, name: str, value: object, why: str
) -> None:
    opener(app, kit.modal("m", "A", FIELDS, submit="Send"))
    ann.commands("/concern")
    with pytest.raises(AssertionError, match=why):
        ann.fills({name: value})


def test_each_kind_of_field_comes_back_as_slack_says_it(slack: FakeSlack, app: AsyncApp, ann: Person) -> None:
    opener(app, kit.modal("m", "A", FIELDS, submit="Send", metadata="ids"))
    came: list[dict[str, Any]] = []

    @app.view("m")
    async def submits(ack: Any, view: dict[str, Any]) -> None:  # noqa: ANN401 (bolt's own)
        came.append(view)
        await ack()

    ann.commands("/concern")
    ann.fills({"words": "ab", "one": "y", "some": ["x"], "day": "2026-11-23", "hour": "09:30"})
    ann.submits()
    assert ann.modal is not None
    assert (list(ann.modal.errors), came) == (["words"], [])
    ann.fills({"words": "abc", "who": ["U2"]})
    ann.submits()
    (view,) = came
    values = {block: next(iter(held.values())) for block, held in view["state"]["values"].items()}
    assert values["words"] == {"type": "plain_text_input", "value": "abc"}
    assert values["one"] == {"type": "static_select", "selected_option": kit.option("Y", "y")}
    assert values["some"] == {"type": "checkboxes", "selected_options": [kit.option("X", "x")]}
    assert values["day"] == {"type": "datepicker", "selected_date": "2026-11-23"}
    assert values["hour"] == {"type": "timepicker", "selected_time": "09:30", "timezone": None}
    assert values["who"] == {"type": "multi_users_select", "selected_users": ["U2"]}
    assert (view["private_metadata"], view["app_id"]) == ("ids", slack.deliveries[-1].payload["api_app_id"])
    assert slack.person("U1").modal is None


def test_what_is_typed_stays_when_a_view_is_updated_as_far_as_its_fields_stay(app: AsyncApp, ann: Person) -> None:
    opener(
        app,
        kit.modal(
            "m",
            "A",
            [
                kit.input_block("other", "O", {"type": "plain_text_input", "action_id": "a"}),
                *FIELDS,
                kit.actions([kit.button("More", "more")]),
            ],
            submit="Send",
        ),
    )

    @app.action("more")
    async def more(ack: Any, body: dict[str, Any], client: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack()
        fewer = {"type": "static_select", "action_id": "b", "options": [kit.option("X", "x")]}
        renamed = {"type": "plain_text_input", "action_id": "renamed"}
        started = {"type": "plain_text_input", "action_id": "a", "initial_value": "new"}
        blocks = [FIELDS[0], kit.input_block("one", "B", fewer), kit.input_block("other", "O", renamed)]
        blocks.append(kit.input_block("fresh", "N", started))
        view = kit.modal("m", "A", blocks, submit="Send")
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)

    ann.commands("/concern")
    ann.fills({"words": "abc", "one": "y", "other": "gone"})
    ann.presses("more")
    assert ann.modal is not None
    state = ann.modal.state
    assert state["words"]["a"]["value"] == "abc"
    assert state["one"]["b"]["selected_option"] is None
    assert state["other"]["renamed"]["value"] is None
    assert state["fresh"]["a"]["value"] == "new"


def test_errors_are_told_of_fields_that_are_there(slack: FakeSlack, app: AsyncApp, ann: Person) -> None:
    answers: list[dict[str, Any]] = [
        {"response_action": "errors", "errors": {"elsewhere": "Not so."}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "shout"},
        {"response_action": "update"},
    ]
    opener(app, a_form())

    @app.view("a-form")
    async def submits(ack: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack(answers.pop(0))

    @app.action("picked")
    async def picks(ack: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack()

    ann.commands("/concern")
    ann.fills({"what": "words", "about": "child"})
    while answers:
        with slack.expecting("invalid_response"):
            ann.submits()
    assert ann.modal is not None


def test_pushed_modals_lie_on_each_other_and_are_told_of_when_they_close(
    slack: FakeSlack, app: AsyncApp, ann: Person
) -> None:
    closed: list[tuple[str, bool]] = []
    opener(app, kit.modal("under", "Under", [kit.actions([kit.button("More", "more")])]) | {"notify_on_close": True})

    @app.action("more")
    async def more(ack: Any, body: dict[str, Any], client: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack()
        view = kit.modal("over", "Over", [kit.header("A")]) | {"notify_on_close": True}
        await client.views_push(trigger_id=body["trigger_id"], view=view)

    @app.view_closed("over")
    @app.view_closed("under")
    async def closes(ack: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 (bolt's own)
        closed.append((body["view"]["callback_id"], body["is_cleared"]))
        await ack()

    @app.event("message")
    async def hears() -> None:
        """Nothing is said."""

    ann.commands("/concern")
    ann.presses("more")
    assert ann.modal is not None
    assert (ann.modal.title, ann.modal.previous == ann.modal.root) == ("Over", True)
    ann.closes()
    assert ann.modal.title == "Under"
    assert slack.views.top("U2") is None
    ann.says("something else")
    assert closed == [("over", False), ("under", True)]
    assert slack.person("U1").modal is None


def test_a_press_in_a_message_tells_where_it_was_and_of_an_ephemeral_one_no_more(
    slack: FakeSlack, app: AsyncApp, ann: Person, bob: Person
) -> None:
    came: list[dict[str, Any]] = []

    @app.event("app_mention")
    async def answers(event: dict[str, Any], client: Any) -> None:  # noqa: ANN401 (bolt's own)
        blocks = [kit.actions([kit.button("Share", "share", "id")])]
        given = {"channel": event["channel"], "text": "A", "blocks": blocks}
        await client.chat_postEphemeral(user=event["user"], **given)
        await client.chat_postMessage(thread_ts=event["ts"], **given)

    @app.event("message")
    async def hears() -> None:
        """Nothing is said."""

    @app.action("share")
    async def shares(ack: Any, body: dict[str, Any], respond: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack()
        came.append(body)
        await respond(text="B", replace_original=True)

    private, public = ann.mentions("may I?", "C1")
    ann.presses("share", in_=private)
    ann.presses("share", in_=public)
    assert [(body["container"]["is_ephemeral"], "message" in body) for body in came] == [(True, False), (False, True)]
    assert came[1]["container"]["thread_ts"] == ann.sees()[0].ts
    assert [each.text for each in ann.sees() if each.is_ours] == ["B", "B"]
    assert [each.text for each in bob.sees() if each.is_ours] == ["B"]
    with pytest.raises(AssertionError, match="no button"):
        bob.presses("share")
    assert slack.wrong == []


def test_a_shortcut_carries_the_message_and_home_and_messages_are_looked_at(
    slack: FakeSlack, app: AsyncApp, ann: Person, bob: Person
) -> None:
    came: list[Any] = []

    @app.shortcut("report_message")
    async def reports(ack: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 (bolt's own)
        await ack()
        came.append((body["message"]["text"], body["message"]["user"], body["channel"]["id"]))

    @app.event("app_home_opened")
    async def looks(event: dict[str, Any], client: Any) -> None:  # noqa: ANN401 (bolt's own)
        came.append(event["tab"])
        if event["tab"] == "home":
            blocks = [kit.actions([kit.button("Open", "open", "TS-1")])]
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.action("open")
    async def opens(ack: Any, body: dict[str, Any], client: Any) -> None:  # noqa: ANN401 (bolt's own)
        await ack()
        came.append(body["view"]["type"])
        await client.views_open(trigger_id=body["trigger_id"], view=kit.modal("m", "A case", [kit.header("A")]))

    ann.shortcut("report_message", bob.leaves("see this", "C1"))
    home = ann.opens_home()
    assert home is not None
    ann.opens_messages()
    ann.presses("open", "TS-1", in_=home)
    assert ann.modal is not None
    assert (ann.modal.title, bob.home) == ("A case", None)
    assert came == [("see this", "U2", "C1"), "home", "messages", "home"]
    assert slack.wrong == []


def test_an_edit_comes_as_slack_says_it(slack: FakeSlack, app: AsyncApp, ann: Person) -> None:
    came: list[dict[str, Any]] = []

    @app.event("message")
    async def hears(event: dict[str, Any]) -> None:
        came.append(event)

    ann.says("before")
    ann.edits(ann.sees()[-1], "after")
    assert (came[1]["subtype"], came[1]["message"]["text"]) == ("message_changed", "after")
    assert came[1]["previous_message"]["text"] == "before"
    assert slack.wrong == []


def test_two_workspaces_are_told_apart(slack: FakeSlack, app: AsyncApp, ann: Person) -> None:
    came: list[tuple[str, str]] = []
    slack.team("T2").user("U9", "Zoe")

    @app.event("message")
    async def hears(body: dict[str, Any], event: dict[str, Any]) -> None:
        came.append((body["team_id"], event["user"]))

    ann.says("hello")
    slack.person("U9").says("hello")
    assert came == [("T1", "U1"), ("T2", "U9")]
    assert len(slack.person("U9").sees()) == 1
    with pytest.raises(KeyError):
        slack.person("U7")
