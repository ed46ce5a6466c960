"""An event is handled once: delivered again, after a crash, and where Slack took no answer."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.cases import records
from bot.cases.arrivals import LEASE, Arrivals
from bot.messages import Answer, Ask, Incoming, Overhear, Reply
from integrations.slack import attach
from integrations.slack.once import take_up
from tests.slack.fake import payloads
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


def asked(desk: ScriptedDesk) -> list[Ask]:
    return [one for one in desk.heard if isinstance(one, Ask)]


def rows(world: World) -> list[Any]:
    with world.store.reading() as connection:
        return list(connection.execute(select(records.arrivals)).all())


def again(world: World) -> int:
    """What was left is taken up, as the next start does."""

    async def whole() -> int:
        taken = await take_up(world.attached.app, world.arrivals, world.attached.once)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        return taken

    return asyncio.run(whole())


# ----------------------------------------------------------------------------------------- delivered again


def test_what_slack_delivers_three_times_is_answered_once(slack: FakeSlack, desk: ScriptedDesk, ann: Person) -> None:
    ann.says("May I?")
    assert slack.redeliver(number=1).status == 200
    assert slack.redeliver(number=2).status == 200
    assert len(asked(desk)) == 1
    assert ann.news() == []


def test_also_by_another_process_and_after_a_restart(
    world: World, slack: FakeSlack, desk: ScriptedDesk, ann: Person, tmp_path: Path
) -> None:
    ann.says("May I?")
    other = made(slack, desk, tmp_path / "records.sqlite3", clock=world.clock)
    slack.redeliver()
    assert len(asked(desk)) == 1
    slack.detach()
    other.close()


def test_a_mention_is_answered_once_though_it_is_told_twice(desk: ScriptedDesk, ann: Person) -> None:
    assert len(ann.mentions("May I?", "C1")) == 1
    assert len(asked(desk)) == 1


def test_what_was_overheard_and_comes_again_is_dropped(slack: FakeSlack, desk: ScriptedDesk, ann: Person) -> None:
    ann.says("Is there cake?", "C1")
    slack.redeliver()
    assert len([one for one in desk.heard if isinstance(one, Overhear)]) == 1


def test_a_command_that_somebody_sends_again_after_a_restart_is_dropped(
    world: World, slack: FakeSlack, desk: ScriptedDesk, ann: Person, tmp_path: Path
) -> None:
    ann.commands("/policy", CANARY)
    payload = next(one.payload for one in reversed(slack.deliveries) if one.kind == "slash_commands")
    other = made(slack, desk, tmp_path / "records.sqlite3", clock=world.clock)
    assert slack.deliver("slash_commands", payload).status == 200
    slack.settle()
    assert len(asked(desk)) == 1
    assert [one.sealed for one in rows(world)] == [None] * len(rows(world))
    slack.detach()
    other.close()


def test_where_the_records_do_not_answer_a_command_is_answered_all_the_same(
    desk: ScriptedDesk, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OperationalError(CANARY, None, Exception(CANARY))

    monkeypatch.setattr(Arrivals, "is_new", full)
    ann.commands("/policy", "May I?")
    assert len(asked(desk)) == 1


# ------------------------------------------------------------------------------------------- what is kept


def test_while_it_is_handled_it_is_kept_sealed_and_then_no_more(
    world: World, desk: ScriptedDesk, ann: Person, tmp_path: Path
) -> None:
    seen: list[Any] = []

    def look(_: Incoming) -> Reply:
        seen.extend(rows(world))
        return ANSWER

    desk.instead[Ask] = look
    ann.says(CANARY)
    (row,) = [one for one in seen if one.sealed]
    assert CANARY.encode() not in row.sealed
    assert [one.sealed for one in rows(world)] == [None] * len(rows(world))
    world.store.close()
    assert not any(CANARY.encode() in path.read_bytes() for path in tmp_path.rglob("records*"))


def test_nothing_of_a_channel_is_kept_while_it_is_read(world: World, desk: ScriptedDesk, ann: Person) -> None:
    seen: list[Any] = []

    def look(_: Incoming) -> Reply:
        seen.extend(rows(world))
        return ANSWER

    desk.instead[Overhear] = look
    ann.says(CANARY, "C1")
    assert seen == []


# ------------------------------------------------------------------------------------------- what breaks


def test_where_it_cannot_be_kept_slack_is_told_to_deliver_again(
    slack: FakeSlack, desk: ScriptedDesk, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OperationalError(CANARY, None, Exception(CANARY))

    with monkeypatch.context() as patched:
        patched.setattr(Arrivals, "take", full)
        with slack.expecting("dispatch_failed"):
            ann.says("May I?")
    assert asked(desk) == []
    assert slack.redeliver().status == 200
    assert len(asked(desk)) == 1


def test_what_a_process_left_when_it_died_is_answered_by_the_next(
    world: World, slack: FakeSlack, desk: ScriptedDesk, ann: Person
) -> None:
    """The process took it, told Slack so, and died: nothing but the row is left of it."""
    ann.says("May I?")
    (envelope,) = [
        one.payload for one in slack.deliveries if one.kind == "events_api" and one.payload["event"].get("user") == "U1"
    ]
    assert world.arrivals.take("slack", "T1:EvLeft", json.dumps(envelope | {"event_id": "EvLeft"}))
    assert again(world) == 0
    world.clock.go_on(LEASE)
    assert again(world) == 1
    assert len(asked(desk)) == 2
    (answer,) = ann.news()
    assert ANSWER.headline in answer.text
    world.clock.go_on(LEASE)
    assert again(world) == 0


@pytest.mark.parametrize("failing", [{"error": "internal_error"}, {"status": 503}, {"status": 502}])
def test_what_slack_took_no_answer_to_is_answered_a_minute_later(
    world: World, slack: FakeSlack, ann: Person, failing: dict[str, Any]
) -> None:
    """Slack says why, or some proxy before it says something in plain text."""
    slack.fail("chat.postMessage", times=2, **failing)
    assert ann.says("May I?") == []
    world.clock.go_on(LEASE)
    assert again(world) == 1
    (answer,) = ann.news()
    assert ANSWER.headline in answer.text
    world.clock.go_on(LEASE)
    assert again(world) == 0


def test_what_broke_and_was_said_so_is_not_tried_again(world: World, desk: ScriptedDesk, ann: Person) -> None:
    def broken(_: Incoming) -> Answer:
        raise RuntimeError

    desk.instead[Ask] = broken
    assert len(ann.says("May I?")) == 1
    world.clock.go_on(LEASE)
    assert again(world) == 0


# ------------------------------------------------------------------------------------------ when it stops


def written(slack: FakeSlack, person: Person) -> Json:
    """A message to us, which was not delivered yet."""
    team = slack.team("T1")
    message = person.leaves(CANARY, person.dm)
    return slack.envelope(team, payloads.said(team, team.im("U1"), message))


def stopped(world: World, body: Json, thinks: threading.Event, after: Callable[[], object] = lambda: None) -> None:
    """A loop in which a message is being answered ends, as a server's does that is stopped."""

    async def serving() -> None:
        await world.attached.begin()
        answer = await world.attached.app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
        assert answer.status == 200
        await asyncio.to_thread(thinks.wait, 10)
        after()
        await world.attached.end()

    asyncio.run(serving())


def test_what_is_being_answered_when_the_server_stops_is_answered_first(
    world: World, slack: FakeSlack, desk: ScriptedDesk, ann: Person
) -> None:
    thinks, goes_on = threading.Event(), threading.Event()

    def slow(_: Incoming) -> Reply:
        thinks.set()
        goes_on.wait(10)
        return ANSWER

    desk.instead[Ask] = slow
    stopped(world, written(slack, ann), thinks, goes_on.set)
    (answer,) = ann.news()
    assert ANSWER.headline in answer.text
    assert [one.sealed for one in rows(world)] == [None]


def test_what_takes_too_long_when_the_server_stops_is_answered_after_the_next_start(
    world: World, slack: FakeSlack, desk: ScriptedDesk, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attach, "ENDS_WITHIN", 0.1)
    thinks, goes_on = threading.Event(), threading.Event()

    def slow(_: Incoming) -> Reply:
        thinks.set()
        goes_on.wait(1)
        return ANSWER

    desk.instead[Ask] = slow
    stopped(world, written(slack, ann), thinks)
    assert ann.news() == []
    assert all(one.sealed for one in rows(world))
    goes_on.set()
    world.clock.go_on(LEASE)
    assert again(world) == 1
    (answer,) = ann.news()
    assert ANSWER.headline in answer.text


def test_what_is_still_being_handled_is_not_left_however_long_it_takes(
    world: World, desk: ScriptedDesk, ann: Person
) -> None:
    taken: list[tuple[int, int]] = []

    def slow(_: Incoming) -> Reply:
        world.clock.go_on(LEASE + timedelta(seconds=1))
        left = world.arrivals.left()
        taken.append((len(left), len([one for one in left if one.id_hash not in world.attached.once.at_work])))
        return ANSWER

    desk.instead[Ask] = slow
    assert len(ann.says("May I?")) == 1
    assert taken == [(1, 0)]
