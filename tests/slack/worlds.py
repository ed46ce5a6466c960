"""The app of ours before the fake Slack, with the desk of the tests of the web, which answers from a script."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette

from bot.cases.arrivals import Arrivals
from bot.cases.people.directory import Directory
from bot.cases.records import open_records
from bot.engines import Store
from bot.testing import FixedClock
from integrations.slack.attach import Attached, attach
from integrations.slack.people import People
from integrations.slack.room import Conversations, Desk, Memory, Room
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.world import APP

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADDRESS = "https://touchstone.example.sch.uk"
FORMS = {"report_concern": "Report a concern", "disclose_contact": "Tell us of a contact"}


@dataclass
class World:
    """An app of ours that a fake Slack delivers to."""

    attached: Attached
    room: Room
    arrivals: Arrivals
    store: Store
    clock: FixedClock

    def close(self) -> None:
        self.store.close()


def made(  # noqa: PLR0913 (what may differ, each by name)
    slack: FakeSlack,
    desk: Desk,
    place: Any,  # noqa: ANN401 (a file, or an address of a database)
    *,
    directory: Callable[[], Directory] = lambda: Directory((), ()),
    address: str = ADDRESS,
    clock: FixedClock | None = None,
    is_live: bool = True,
) -> World:
    """An app of ours, attached to the fake over HTTP."""
    clock = clock or FixedClock(NOON)
    store = open_records(place)
    arrivals = Arrivals(store, b"a" * 32, clock)
    room = Room(
        desk,
        People(directory, ("T1",), clock),
        Conversations(b"c" * 32, clock),
        Memory(clock),
        clock,
        address,
        FORMS,
        is_live,
    )
    attached = attach(
        room,
        arrivals,
        workspaces=("T1",),
        signing_secret=slack.signing_secret,
        bot_token=slack.bot_token,
        app_id=APP,
        base_url=slack.base_url,
    )
    slack.attach_http(Starlette(routes=attached.routes()))
    return World(attached, room, arrivals, store, clock)
