"""A server killed with SIGKILL at every named point, under load, on each engine: what was told is there, and sent.

Delivery runs meanwhile: notices, next steps of routes, reminders. After each kill: each receipt that was shown has
exactly its cases, readable; each open case has one next step; nobody whom a report is about was told; all chains are
whole. In the end nothing is lost, and no notice went out twice but the one in flight at each kill. It shows process
death, not power loss.

TOUCHSTONE_CRASH_CYCLES says how often each point is tried on each engine (make crash: 23, which is 253 kills on each).
"""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL

import pytest
from sqlalchemy import select

from bot.cases import records
from bot.cases.delivery.deliveries import Deliverer, Deliveries
from bot.ports import Stage
from bot.testing import FixedClock
from integrations import app
from integrations.settings import Settings
from tests.crash.doomed_server import Doom, LaterClock, Outbox
from tests.crash.dying import serving
from tests.crash.points import MID_SEND, POINTS
from tests.crash.world import AT_ONCE, Report, World

CYCLES = int(os.environ.get("TOUCHSTONE_CRASH_CYCLES", "1"))  # noqa: TID251 (tests, not the product)
DOUBLED = {MID_SEND, Stage.SENT.value}
"""Where the platform has taken a notice that is not marked: it takes that one again."""
NOT_DOUBLED = {Stage.CLAIMED.value, Stage.MARKED.value}
"""Where whoever sends has nothing in flight. Anywhere else there may be one."""


NEXT_STEP = timedelta(days=5)
"""So long that whatever is to happen next to a case has come."""


def _ahead(kills: int) -> timedelta:
    """So far that the lease of whoever was killed last has ended, and that each open case has come to its next step."""
    return (kills + 1) * NEXT_STEP


def _send_all(base: str, reports: list[Report]) -> None:
    with ThreadPoolExecutor(len(AT_ONCE)) as senders:
        list(senders.map(lambda report: report.send(base), reports))


def _kill(world: World[Report], orders: Path, point: str, count: int, kills: int) -> None:
    """Starts a server, has several people send at once, and sees it die at a point, passed for that many times."""
    with serving(world.settings, orders, world.outbox, _ahead(kills)) as (base, process):
        _send_all(base, world.waiting())  # whoever saw no receipt presses Send again: the form in the tab is still good
        assert not world.waiting()
        fresh = [Report.open(base, kind, f"{point} {kills} {number}") for number, kind in enumerate(AT_ONCE)]
        world.sent += fresh
        orders.write_text(f"{point} {count}")
        _send_all(base, fresh)
        process.join(timeout=30)
        assert process.exitcode == -SIGKILL
    orders.unlink()


def _deliver_the_rest(world: World[Report], kills: int) -> set[str]:
    """Sends what is still owed; gives the keys of all that was ever owed."""
    reports = app.open_reports(world.settings)
    outbox = Outbox(world.outbox, Doom(world.outbox.with_name("no orders")))
    ran = Deliverer(Deliveries(reports.store), outbox, LaterClock(_ahead(kills)), app.Unwatched()).run_once(10_000)
    with reports.store.reading() as connection:
        owed = records.deliveries.c
        rows = connection.execute(select(owed.id, owed.state, owed.round)).all()
    reports.close()
    assert ran.failed == 0
    assert {row.state for row in rows} == {"sent"}
    assert max(row.round for row in rows) > 0  # reminders were among them
    return {f"{row.id}.{number}" if number else row.id for row in rows for number in range(row.round + 1)}


@pytest.mark.both_engines
@pytest.mark.parametrize("cycle", range(CYCLES))
def test_wherever_a_process_dies_nothing_is_lost_doubled_or_told_to_whom_it_is_about(
    settings: Settings, clock: FixedClock, tmp_path: Path, cycle: int
) -> None:
    orders = tmp_path / "orders"
    world: World[Report] = World(settings, clock, tmp_path / "outbox")
    for kills, point in enumerate(POINTS):
        _kill(world, orders, point, 1 + (cycle + kills) % len(AT_ONCE), kills)
        world.look()
    with serving(world.settings, orders, world.outbox, None) as (base, _):
        _send_all(base, world.sent)  # everybody once more, receipt or not: it is the same receipt
    assert not world.waiting()
    owed = _deliver_the_rest(world, len(POINTS))
    world.look()
    assert len(world.told) == sum(report.kind.cases for report in world.sent)
    keys = [key for key, _, _ in world.taken()]
    assert set(keys) == owed
    assert len(DOUBLED) <= len(keys) - len(owed) <= len(POINTS) - len(NOT_DOUBLED)
    for report in world.sent:
        report.client.close()
