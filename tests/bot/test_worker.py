"""The worker does what is due by itself, audits itself each minute, and its heart stops when something is wrong."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from bot.cases import records
from bot.cases.people.roles import Role
from bot.messages import CaseAct
from bot.ports import Notice
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from integrations import app
from integrations.settings import Settings
from integrations.worker import SILENT, Worker
from tests.bot.acting import done
from tests.bot.office import DAY, HOUR, MINUTE, Office
from tests.bot.test_rounds import DANGER, MONDAY

pytestmark = pytest.mark.both_engines
PATIENCE = 20


class Platform:
    """Takes notices, and says so to whoever waits for some."""

    def __init__(self) -> None:
        self.told: list[Notice] = []
        self._more = threading.Condition()

    def send(self, notice: Notice) -> None:
        with self._more:
            self.told.append(notice)
            self._more.notify_all()

    def wait_for(self, enough: Callable[[list[str]], bool]) -> None:
        with self._more:
            assert self._more.wait_for(lambda: enough([notice.person for notice in self.told]), PATIENCE)


class Seconds:
    """Seconds that are counted by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    clock = FixedClock(MONDAY)
    with closing(app.open_reports(settings)) as reports, closing(Insights(settings.insights, clock)) as insights:
        yield Office(reports, clock, insights)


def _worker(office: Office, seconds: Seconds | None = None) -> Worker:
    return Worker(office.reports, office, office.clock, app.Unwatched(), seconds or Seconds(), pause=0.01)


def _look_after(worker: Worker, office: Office) -> None:
    worker.look_after(office.rounds.look_through, office.reports.abandoned(office.clock).look)


def test_it_sends_what_is_due_and_goes_on_by_itself(office: Office) -> None:
    platform = Platform()
    worker = Worker(office.reports, platform, office.clock, app.Unwatched(), pause=0.01)
    worker.start()
    try:
        office.report(DANGER)
        platform.wait_for(lambda told: len(told) == 3)
        office.clock.go_on(5 * MINUTE)
        platform.wait_for(lambda told: "demo-headteacher" in told)
    finally:
        worker.stop()


def test_a_platform_that_hangs_keeps_no_next_step_from_coming(office: Office) -> None:
    let_go = threading.Event()

    class Hanging:
        def send(self, notice: Notice) -> None:  # noqa: ARG002 (the port)
            let_go.wait(PATIENCE)

    worker = Worker(office.reports, Hanging(), office.clock, app.Unwatched(), pause=0.01)
    office.report(DANGER)
    worker.start()
    try:
        office.clock.go_on(5 * MINUTE)
        assert _comes(lambda: "demo-headteacher" in _owed(office))
    finally:
        let_go.set()
        worker.stop()


def _comes(so: Callable[[], bool]) -> bool:
    """Whether it becomes so; nobody tells when the database changes, so it is asked again and again."""
    pause = threading.Event()
    return any(so() or pause.wait(0.05) for _ in range(PATIENCE * 20))


def _owed(office: Office) -> set[str]:
    with office.reports.store.reading() as connection:
        return set(connection.scalars(select(records.deliveries.c.person)))


def test_its_heart_beats_once_it_has_seen_that_all_is_well_and_stops_when_it_looks_no_more(office: Office) -> None:
    seconds = Seconds()
    worker = _worker(office, seconds)
    assert not worker.is_beating()
    _look_after(worker, office)
    assert worker.is_beating()
    seconds.now = SILENT
    assert not worker.is_beating()


def test_an_open_case_that_nothing_is_to_happen_to_stops_it_and_raises_an_alarm_without_content(office: Office) -> None:
    reference = office.report(DANGER)
    worker = _worker(office)
    with office.reports.store.writing() as connection:
        connection.execute(update(records.timers).values(done_at=MONDAY))
        connection.commit()
    with capture_logs() as said:
        _look_after(worker, office)
    assert not worker.is_beating()
    (alarm,) = [one for one in said if one["event"].startswith("alarm")]
    assert (alarm["stuck"], alarm["late"]) == (1, 0)
    assert reference not in str(said)


def test_a_next_step_that_is_late_stops_it_and_one_that_was_caught_up_with_does_not(office: Office) -> None:
    office.report(DANGER)
    worker = _worker(office)
    office.clock.go_on(HOUR)
    _look_after(worker, office)
    assert not worker.is_beating()
    office.work()
    _look_after(worker, office)
    assert worker.is_beating()


def test_notices_that_nobody_takes_stop_it(office: Office) -> None:
    office.report(DANGER)
    with office.reports.store.writing() as connection:
        connection.execute(update(records.deliveries).values(attempts=8))
        connection.commit()
    worker = _worker(office)
    _look_after(worker, office)
    assert not worker.is_beating()


def test_with_each_new_day_open_cases_are_made_right_with_the_directory_of_that_day(office: Office) -> None:
    office.report({**DANGER, "danger": "no"})
    office.work()
    cover = replace(office.directory.persons[-1], holds=())
    days = replace(office.directory.persons[0].holds[0], role=Role.DEPUTY_DSL, begins=(MONDAY + DAY).date())
    office.change(replace(office.directory, persons=(*office.directory.persons[:-1], replace(cover, holds=(days,)))))
    worker = _worker(office)
    _look_after(worker, office)
    assert cover.id not in _owed(office)
    office.clock.go_on(DAY)
    _look_after(worker, office)
    assert cover.id in _owed(office)


def test_what_was_entered_elsewhere_is_deleted_by_itself_when_its_days_here_are_over(office: Office) -> None:
    receipt = office.receipt(DANGER)
    done(office.desk, "demo-dsl", receipt.reference, CaseAct.ENTERED, {"system": "CPOMS", "number": "4711"})
    worker = Worker(office.reports, Platform(), office.clock, app.Unwatched(), pause=0.01)
    worker.tidy()
    assert _state(office) == "closed"
    office.clock.go_on(29 * DAY)
    worker.start()
    try:
        assert _comes(lambda: _state(office) == "purged")
    finally:
        worker.stop()


def _state(office: Office) -> str | None:
    with office.reports.store.reading() as connection:
        return connection.scalar(select(records.cases.c.state))


def test_what_goes_wrong_once_ends_no_thread(office: Office) -> None:
    platform = Platform()
    worker = Worker(office.reports, platform, office.clock, app.Unwatched(), pause=0.01)
    office.report(DANGER)
    broken, office.reports.store.patience = office.reports.store.patience, 0.0
    worker.start()
    try:
        office.reports.store.patience = broken
        platform.wait_for(lambda told: len(told) == 3)
    finally:
        worker.stop()


def test_nothing_is_sent_before_open_cases_are_right_with_the_directory(office: Office) -> None:
    office.report(DANGER)
    office.let_go("demo-dsl")
    platform = Platform()
    worker = Worker(office.reports, platform, office.clock, app.Unwatched(), pause=0.01)
    worker.start()
    try:
        platform.wait_for(lambda told: len(told) == 2)
    finally:
        worker.stop()
    assert {notice.person for notice in platform.told} == {"demo-deputy-dsl-1", "demo-deputy-dsl-2"}
