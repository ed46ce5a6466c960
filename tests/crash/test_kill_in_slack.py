"""A server killed with SIGKILL while people submit forms and ask in Slack: nothing is lost, doubled or left unanswered.

The server is before a fake Slack, over sockets. Six people submit a form in the moment in which five others write to
it; it dies at a named point or at any moment, and another is started. Those who saw no receipt press Submit again in
the modal that they have before them; Slack delivers again what nobody answered it. Then each receipt that was shown has
its cases, once and readable, and each message has been answered: once, but for those that had their answer and were not
marked when the process died, of which each has one answer more. How many those were is read from the records.

TOUCHSTONE_CRASH_CYCLES says how often each point is tried on each engine (make crash).
"""

import hashlib
import hmac
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from signal import SIGKILL

import pytest
from sqlalchemy import func, select

from bot.cases import records
from bot.ports import RECEIVING
from bot.testing import FixedClock
from integrations import app
from integrations.settings import Settings
from tests.apart import apart
from tests.built import stand
from tests.crash.doomed_server import in_slack
from tests.crash.people_in_slack import (
    ASKERS,
    CHANNEL,
    IN_CHANNEL,
    REPORTERS,
    Asked,
    Told,
    references,
    school_in_slack,
    write_directory,
)
from tests.crash.world import AT_ONCE, World
from tests.slack import served
from tests.slack.fake.slack import FakeSlack

CYCLES = int(os.environ.get("TOUCHSTONE_CRASH_CYCLES", "1"))  # noqa: TID251 (tests, not the product)
POINTS = (*(stage.value for stage in RECEIVING), *served.POINTS)
IS_SHORT = CYCLES == 1
"""Then PostgreSQL has every third point."""
AT_RANDOM = 1 if IS_SHORT else 2
"""How often in each cycle the moment is any."""
LATEST = 0.5
"""Seconds within which that moment lies: by then nearly all is done."""
LEASE = timedelta(minutes=2)
"""More than whoever took a message has it."""
EVERYBODY = (*ASKERS, IN_CHANNEL)
QUESTIONS = ("May I accept a former pupil?", "Can I use my own phone in class?", "Who is the DSL?", "photos of pupils")


@dataclass(frozen=True, slots=True)
class Death:
    """When a server dies: where a point is passed for that many times, or at a moment after all began to send.

    Attributes:
        point: which; empty for a moment.
        count: for how many times.
        moment: seconds.
    """

    point: str = ""
    count: int = 1
    moment: float = 30.0

    def comes(self, process: ForkServerProcess) -> None:
        """Waits for it."""
        process.join(self.moment)
        if not self.point:
            process.kill()
            process.join()
        assert process.exitcode == -SIGKILL


@dataclass
class School:
    """Those who send, what they asked, and the servers that die.

    Attributes:
        world: what was told.
        slack: where.
        reports: the same records as the servers have.
        asked: what was asked.
        deaths: how many there were.
        owed: how many answers there are to be in the end, by what was stored at the last death.
    """

    world: World[Told]
    slack: FakeSlack
    reports: app.Reports
    asked: list[Asked] = field(default_factory=list)
    deaths: int = 0
    owed: int = 0

    def dies(self, death: Death) -> None:
        """Lets a server do what another left, has everybody send at once, and sees it die."""
        with self._server() as process:
            self.catches_up()
            fresh = [self._told(number) for number in range(len(AT_ONCE))]
            _at_once([told.opens for told in fresh])
            self.world.sent += fresh
            asked = [self._asked(number) for number in range(len(EVERYBODY))]
            self.asked += asked
            if death.point:
                self._orders.write_text(f"{death.point} {death.count}")
            with ThreadPoolExecutor(len(AT_ONCE) + len(EVERYBODY)) as threads:
                sending = [
                    threads.submit(send) for send in (*(one.send for one in fresh), *(one.deliver for one in asked))
                ]
                death.comes(process)
            for one in sending:
                one.result()
        self._died()

    def dies_again(self, point: str) -> None:
        """Sees a server die while it takes up what another left."""
        self._orders.write_text(f"{point} 1")
        with self._server() as process:
            Death(point).comes(process)
        self._died()

    def catches_up(self) -> None:
        """Who has no receipt presses again, Slack delivers again; then all is done, and nothing more than that."""
        again = [one for one in self.asked if not one.has_come]
        _at_once([*(told.send for told in self.world.waiting()), *(one.deliver for one in again)])
        self.slack.until(lambda: all(told.has_receipt() for told in self.world.waiting()), 30)
        assert all(one.has_come for one in self.asked)
        self.slack.until(lambda: self._kept() == (len(self.asked), 0), 30)
        assert self._answers(*EVERYBODY) == self.owed
        asked = Counter(one.member for one in self.asked)
        assert all(self._answers(member) >= asked[member] for member in EVERYBODY)
        self._look_at_messages()

    def everything_again(self) -> None:
        """Slack delivers once more whatever was asked: nobody hears of it."""
        with self._server():
            self.catches_up()
            _at_once([one.deliver for one in self.asked])
            self.slack.until(lambda: self._kept() == (len(self.asked), 0))
            assert self._answers(*EVERYBODY) == self.owed

    @contextmanager
    def _server(self) -> Iterator[ForkServerProcess]:
        settings = served.settings_for(self.slack, self.world.settings)
        given = settings, self.slack.base_url, self._orders, (self.deaths + 1) * LEASE
        with apart(in_slack, *given) as (base, process):
            self.slack.attach_url(f"{base}/slack/events")
            yield process

    @property
    def _orders(self) -> Path:
        return self.world.outbox.with_name("orders")

    def _died(self) -> None:
        self.deaths += 1
        self._orders.unlink(missing_ok=True)
        self.slack.hears_out()
        taken, left = self._kept()
        self.owed = self._answers(*EVERYBODY) + left + len(self.asked) - taken
        self.world.look()

    def _kept(self) -> tuple[int, int]:
        """How many messages were taken, and how many of them are not done with; what was pressed is left out."""
        table, mine = records.arrivals.c, [self._known_as(one) for one in self.asked]
        query = select(func.count(), func.count(table.sealed)).where(table.id_hash.in_(mine))
        with self.reports.store.reading() as connection:
            taken, left = connection.execute(query).one()
        return taken, left

    def _known_as(self, one: Asked) -> str:
        """What a message is known by in the records."""
        message = f"slack\x1f{one.envelope['team_id']}:{one.envelope['event_id']}"
        return hmac.new(self.reports.keys.derive("arrivals"), message.encode(), hashlib.sha256).hexdigest()

    def _answers(self, *members: str) -> int:
        """How many answers they have been given."""
        return sum(message.is_ours for member in members for message in self.slack.person(member).sees())

    def _look_at_messages(self) -> None:
        """Whoever has a receipt as a message has the one that was shown to them."""
        for member in REPORTERS:
            shown = {one for told in self.world.sent if told.person.id == member for one in told.receipt}
            said = {one for message in self.slack.person(member).sees() for one in references(message.text)}
            assert said <= shown

    def _told(self, number: int) -> Told:
        person = self.slack.person(REPORTERS[number])
        return Told(AT_ONCE[number], f"told {self.deaths} {number}", self.slack, person)

    def _asked(self, number: int) -> Asked:
        member, text = EVERYBODY[number], QUESTIONS[(number + self.deaths) % len(QUESTIONS)]
        return Asked.written(self.slack, member, text, CHANNEL if member == IN_CHANNEL else "")


def _at_once(acts: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(acts) or 1) as threads:
        for one in [threads.submit(act) for act in acts]:
            one.result()


@pytest.fixture
def school(settings: Settings, clock: FixedClock, snapshots: Path, tmp_path: Path) -> Iterator[School]:
    stand(settings.var, snapshots)
    write_directory(settings.var)
    reports = app.open_reports(settings)
    with school_in_slack() as slack:
        yield School(World(settings, clock, tmp_path / "outbox"), slack, reports)
    reports.close()


@pytest.mark.both_engines
@pytest.mark.parametrize("cycle", range(CYCLES))
def test_wherever_a_process_dies_each_receipt_has_its_cases_and_each_message_is_answered(
    school: School, engine: str, cycle: int
) -> None:
    moments = Random(cycle)  # noqa: S311 (moments, no secrets)
    for number, point in enumerate(POINTS[::3] if IS_SHORT and engine == "postgresql" else POINTS):
        school.dies(Death(point, 1 + (cycle + number) % len(EVERYBODY)))
        if point in {served.TAKEN, served.THOUGHT}:
            school.dies_again(served.THOUGHT)
    for _ in range(AT_RANDOM):
        school.dies(Death(moment=moments.uniform(0, LATEST)))
    school.everything_again()
    school.world.look()
    assert len(school.world.told) == sum(told.kind.cases for told in school.world.sent)
    assert school.slack.wrong == []
