"""What stands before the listeners: signatures, workspaces, bodies, what nobody knows; and what breaks behind them."""

import json
import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.cases import records
from bot.messages import Answer, Ask, Incoming
from bot.wording import say
from integrations.slack.attach import MOST_BODY
from integrations.slack.pressing import HELPFUL
from tests.slack.fake.delivery import sign
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.world import Json
from tests.slack.worlds import World, made
from tests.web.scripted import ANSWER, ScriptedDesk

pytestmark = pytest.mark.usefixtures("world")
CANARY = "zebra-lantern-4471"


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk()


@pytest.fixture
def world(slack: FakeSlack, desk: ScriptedDesk, tmp_path: Path) -> Iterator[World]:
    world = made(slack, desk, tmp_path / "records.sqlite3")
    yield world
    world.close()


def event(slack: FakeSlack, text: str = "May I?", **more: object) -> Json:
    """A direct message in its envelope, as Slack delivers it."""
    written = slack.person("U1").leaves(text, slack.team("T1").im("U1").id)
    said = {"type": "message", "user": "U1", "channel": written.channel, "channel_type": "im", "ts": written.ts}
    return slack.envelope(slack.team("T1"), said | {"text": text, "team": "T1"}) | more


def kept(world: World) -> int:
    with world.store.reading() as connection:
        return len(connection.execute(select(records.arrivals)).all())


# ---------------------------------------------------------------------------------------- what Slack signed


def test_what_slack_signed_just_now_is_let_in(world: World, slack: FakeSlack, desk: ScriptedDesk) -> None:
    assert slack.deliver("events_api", event(slack)).status == 200
    slack.settle()
    assert len(desk.heard) == 1
    assert kept(world) == 1


@pytest.mark.parametrize("ago", [-301, 301, 86_400])
def test_a_signature_of_another_time_is_refused(world: World, slack: FakeSlack, desk: ScriptedDesk, ago: int) -> None:
    assert slack.deliver("events_api", event(slack), at=time.time() - ago).status == 401
    slack.settle()
    assert desk.heard == []
    assert kept(world) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v1=whatever"},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "nan"},
    ],
)
def test_what_is_not_signed_is_refused(
    world: World, slack: FakeSlack, desk: ScriptedDesk, headers: dict[str, str]
) -> None:
    assert slack.deliver("events_api", event(slack), headers=headers).status == 401
    slack.settle()
    assert desk.heard == []
    assert kept(world) == 0


def test_what_another_secret_signed_is_refused(world: World, slack: FakeSlack, desk: ScriptedDesk) -> None:
    assert slack.deliver("events_api", event(slack), secret="f" * 32).status == 401
    assert desk.heard == []
    assert kept(world) == 0


def test_a_body_that_was_changed_on_the_way_is_refused(world: World, slack: FakeSlack, desk: ScriptedDesk) -> None:
    slack.deliver("events_api", event(slack))
    slack.settle()
    desk.heard.clear()
    body = json.dumps(event(slack, "changed")).encode()
    answer = _bare(slack, world, body, {"X-Slack-Signature": "v0=" + "a" * 64})
    assert answer == 401
    assert desk.heard == []
    assert kept(world) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"not json",
        b"[]",
        b'"words"',
        b'{"type": "event_callback", "event": []}',
        b'{"type": "event_callback", "event": null}',
        b'{"type": "event_callback", "authorizations": [1]}',
        b"payload=not+json",
        b"[" * 5000,
    ],
)
def test_what_is_signed_and_none_of_slacks_does_nothing(
    world: World, slack: FakeSlack, desk: ScriptedDesk, body: bytes
) -> None:
    assert _bare(slack, world, body) in {200, 400, 401}
    slack.settle()
    assert desk.heard == []
    assert kept(world) == 0


def test_a_body_that_is_too_large_is_refused_before_it_is_read(world: World, slack: FakeSlack) -> None:
    assert _bare(slack, world, b"x" * (MOST_BODY + 1)) == 413
    assert kept(world) == 0


def test_the_address_is_confirmed_to_slack_alone(world: World, slack: FakeSlack) -> None:
    challenge = {"type": "url_verification", "challenge": "c" * 20, "token": "t"}
    assert slack.deliver("events_api", challenge).content["challenge"] == "c" * 20
    assert slack.deliver("events_api", challenge, secret="f" * 32).status == 401
    assert kept(world) == 0


# ------------------------------------------------------------------------------------------- whose it is


@pytest.mark.parametrize(
    "changed",
    [
        {"team_id": "T9", "authorizations": [{"team_id": "T9", "user_id": "UBOTT9", "is_bot": True}]},
        {"team_id": "T9", "authorizations": []},
        {"api_app_id": "A999"},
    ],
)
def test_what_is_of_another_workspace_or_app_is_answered_with_nothing_and_changes_nothing(
    world: World, slack: FakeSlack, desk: ScriptedDesk, changed: Json
) -> None:
    answer = slack.deliver("events_api", event(slack, **changed))
    slack.settle()
    assert (answer.status, answer.body) == (200, b"")
    assert desk.heard == []
    assert kept(world) == 0
    assert [one.method for one in slack.calls if one.method != "auth.test"] == []


def test_a_command_of_another_workspace_is_told_that_nothing_was_done(
    world: World, slack: FakeSlack, desk: ScriptedDesk, ann: Person
) -> None:
    ann.commands("/policy", "May I?")
    payload = next(one.payload for one in reversed(slack.deliveries) if one.kind == "slash_commands")
    before = len(desk.heard)
    answer = slack.deliver("slash_commands", payload | {"team_id": "T9", "trigger_id": "1.2.3"})
    slack.settle()
    assert answer.content == {"response_type": "ephemeral", "text": say("slack.asking.elsewhere")}
    assert len(desk.heard) == before
    assert kept(world) == 1  # the command of their own


def test_who_presses_in_a_shared_channel_from_another_workspace_is_told_that_nothing_was_done(
    world: World, slack: FakeSlack, desk: ScriptedDesk, ann: Person
) -> None:
    ann.mentions("May I?", "C1")
    ann.presses(HELPFUL)
    payload = next(one.payload for one in reversed(slack.deliveries) if one.kind == "interactive")
    before, seen, events = len(desk.heard), len(ann.sees()), kept(world)
    stranger = {"team": {"id": "T9", "domain": "elsewhere"}, "trigger_id": "1.2.3"}
    assert slack.deliver("interactive", payload | stranger).status == 200
    slack.settle()
    assert [one.text for one in ann.sees()[seen:]] == [say("slack.asking.elsewhere")]
    assert (len(desk.heard), kept(world)) == (before, events)


@pytest.mark.parametrize(
    "elsewhere", ["http://127.0.0.1:1/", "https://attacker.example/", "https://hooks.slack.com.x/"]
)
def test_what_wants_its_answer_elsewhere_than_at_slack_is_answered_nowhere(
    slack: FakeSlack, desk: ScriptedDesk, ann: Person, elsewhere: str
) -> None:
    ann.commands("/policy", "May I?")
    payload = next(one.payload for one in reversed(slack.deliveries) if one.kind == "slash_commands")
    before = len(desk.heard)
    answer = slack.deliver("slash_commands", payload | {"response_url": elsewhere, "trigger_id": "1.2.3"})
    slack.settle()
    assert (answer.status, answer.body) == (200, b"")
    assert len(desk.heard) == before


def test_a_command_that_is_sent_again_by_somebody_else_is_not_done_again(
    world: World, slack: FakeSlack, desk: ScriptedDesk, ann: Person
) -> None:
    ann.commands("/policy", "May I?")
    payload = next(one.payload for one in reversed(slack.deliveries) if one.kind == "slash_commands")
    before = len(desk.heard)
    slack.deliver("slash_commands", payload)
    slack.settle()
    assert len(desk.heard) == before
    assert kept(world) == 1


# --------------------------------------------------------------------------------------- what nobody knows


def test_an_event_that_nobody_knows_is_nothing_to_anybody(world: World, slack: FakeSlack, desk: ScriptedDesk) -> None:
    answer = slack.deliver("events_api", slack.envelope(slack.team("T1"), {"type": "team_rename", "name": CANARY}))
    slack.settle()
    assert answer.status == 200
    assert desk.heard == []
    assert kept(world) == 1


def test_a_command_that_nobody_knows_is_answered_in_words(slack: FakeSlack, ann: Person) -> None:
    ann.commands("/policy", "May I?")
    payload = next(one.payload for one in reversed(slack.deliveries) if one.kind == "slash_commands")
    ann.news()
    slack.deliver("slash_commands", payload | {"command": "/gone", "trigger_id": "1.2.3"})
    slack.settle()
    (told,) = ann.news()
    assert told.text == say("slack.asking.unknown")


def test_a_window_that_nobody_knows_says_that_nothing_was_sent(ann: Person) -> None:
    ann.says("May I?")
    ann.presses("send_question")
    assert ann.modal is not None
    ann.modal.given["callback_id"] = "of_old"
    ann.submits()
    assert say("slack.asking.unknown_view") in ann.modal.text


# -------------------------------------------------------------------------------------------- what breaks


def breaking(_: Incoming) -> Answer:
    raise RuntimeError(CANARY)


def test_who_asked_is_told_an_incident_and_the_log_nothing_that_they_wrote(
    desk: ScriptedDesk, ann: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.instead[Ask] = breaking
    (told,) = ann.says(f"May I? {CANARY}")
    incident = re.search(r"incident ([0-9a-f]{8})", told.text)
    assert incident
    logged = "".join(capsys.readouterr())
    assert incident[1] in logged
    assert CANARY not in logged + told.text + told.preview


def test_in_a_channel_that_something_broke_is_told_to_whoever_asked_alone(
    desk: ScriptedDesk, ann: Person, bob: Person
) -> None:
    desk.instead[Ask] = breaking
    (told,) = ann.mentions("May I?", "C1")
    assert told.is_ephemeral
    assert not any(one.is_ours for one in bob.sees())
    (told,) = ann.commands("/policy", "May I?", "C1")
    assert told.is_ephemeral


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING])
def test_no_logger_says_a_word_that_anybody_wrote(  # noqa: PLR0913, PLR0917 (fixtures)
    slack: FakeSlack,
    desk: ScriptedDesk,
    ann: Person,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    level: int,
) -> None:
    """Also where somebody has set all loggers to say everything; pytest's handler sees messages as they are."""
    caplog.set_level(level)
    world = made(slack, desk, tmp_path / "other.sqlite3")
    structlog.reset_defaults()
    ann.says(CANARY)
    ann.mentions(CANARY, "C1")
    ann.says(CANARY, "C1")
    ann.commands("/policy", CANARY)
    desk.instead[Ask] = breaking
    ann.says(CANARY)
    slack.fail("chat.postMessage", error=CANARY, times=2)
    ann.says(CANARY)
    slack.deliver("events_api", event(slack, CANARY), secret="f" * 32)
    slack.deliver("events_api", event(slack, CANARY, team_id="T9", authorizations=[]))
    slack.deliver("events_api", slack.envelope(slack.team("T1"), {"type": CANARY}))
    _bare(slack, world, f'{{"{CANARY}'.encode())
    slack.settle()
    ours = [one for one in caplog.records if not one.name.startswith("aiohttp.access")]  # the fake's own
    assert not [one for one in ours if CANARY in one.getMessage() + str(one.exc_text or "") + repr(one.exc_info)]
    assert CANARY not in "".join(capsys.readouterr())
    slack.detach()
    world.close()


def test_when_slack_says_that_it_is_too_much_the_answer_waits(
    slack: FakeSlack, desk: ScriptedDesk, ann: Person
) -> None:
    slack.fail("chat.postMessage", status=429, retry_after=1)
    (answer,) = ann.says("May I?")
    assert ANSWER.headline in answer.text
    assert len([one for one in desk.heard if isinstance(one, Ask)]) == 1


def _bare(slack: FakeSlack, world: World, body: bytes, headers: dict[str, str] | None = None) -> int:
    """Delivers bytes as they are, signed now; gives the status."""
    signed = {"Content-Type": "application/json", **sign(slack.signing_secret, body, time.time()), **(headers or {})}
    with TestClient(Starlette(routes=world.attached.routes())) as client:
        return client.post("/slack/events", content=body, headers=signed).status_code
