"""A real server on real databases, its worker at work, that kills itself with SIGKILL where it is told to.

Run by ``tests.apart`` in a process of its own.
"""

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock

from bot.ports import Notice, Stage
from bot.talk.feedback.insights import Insights
from index.encoder import MiniLM
from index.search import Shelf
from integrations import app
from integrations.answering import SystemClock
from integrations.settings import Settings
from integrations.web.sign_in import OneTimeLinks
from integrations.worker import Worker
from tests.apart import listen
from tests.crash.points import MID_SEND
from tests.slack.served import watched


class LaterClock:
    """The clock of this machine, some time ahead."""

    def __init__(self, later: timedelta) -> None:
        self._later = later

    def now(self) -> datetime:
        return datetime.now(UTC) + self._later


class Doom:
    """Milestones that end the process: nothing is flushed, closed or said."""

    def __init__(self, orders: Path) -> None:
        self._orders = orders
        self._counting = Lock()
        self._passed = 0

    def reached(self, stage: Stage) -> None:
        self.passes(stage.value)

    def passes(self, point: str) -> None:
        with self._counting, suppress(FileNotFoundError):
            wanted, count = self._orders.read_text().split()
            if wanted == point:
                self._passed += 1
                if self._passed == int(count):
                    os.kill(os.getpid(), signal.SIGKILL)


class Outbox:
    """A platform that has taken a notice once it is on the disk."""

    def __init__(self, path: Path, doom: Doom) -> None:
        self._path = path
        self._doom = doom

    def send(self, notice: Notice) -> None:
        with self._path.open("a") as file:
            file.write(f"{notice.key} {notice.person} {notice.reference}\n")
            file.flush()
            os.fsync(file.fileno())
        self._doom.passes(MID_SEND)


def main(settings: Settings, orders: Path, outbox: Path, later: timedelta | None, ready: Connection) -> None:
    """Serves until it dies.

    Args:
        settings: where everything is.
        orders: a file; while it holds a point and a number, the process dies when that point is passed so many times.
        outbox: a file that takes the notices.
        later: how far the clock of the worker is ahead, so that nobody waits for the lease of the one who died to end,
            nor for the next steps of cases; None: there is no worker.
        ready: takes the port.
    """
    clock = SystemClock()
    reports = app.open_reports(settings)
    doom = Doom(orders)
    insights = Insights(settings.insights, clock)
    shelf = Shelf(settings.snapshots, MiniLM(kept=settings.encoder))
    application = app.web(settings, shelf, reports, clock, OneTimeLinks(clock), insights=insights, milestones=doom)
    if later is not None:
        Worker(reports, Outbox(outbox, doom), LaterClock(later), doom, pause=0.01).start()
    listen(application, ready)


def in_slack(settings: Settings, base_url: str, orders: Path, later: timedelta, ready: Connection) -> None:
    """Serves a fake Slack until it dies; see ``main``.

    Args:
        settings: where everything is.
        base_url: of the fake's Web API.
        orders: as above; the points of messages are among those of reports.
        later: how far the clock is ahead by which it is known what other processes left.
        ready: takes the port.
    """
    doom = Doom(orders)
    listen(watched(settings, base_url, LaterClock(later), doom, doom.passes), ready, "on")
