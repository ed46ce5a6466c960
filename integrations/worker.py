"""The worker: threads in the server that send what is due, fire timers, and see each minute whether all is well."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from threading import Event, Thread

import structlog

from bot.cases.delivery.deliveries import Deliverer
from bot.cases.people.directory import day_at_school
from bot.ports import Clock, Milestones, Sender
from integrations.app import Reports

PAUSE = 1.0
"""Seconds after which it is looked again whether something is due."""

AUDIT = 60.0
"""Seconds from one self-audit to the next, and how often drafts that were left are looked for."""

SILENT = 3 * AUDIT
"""Seconds without a self-audit after which the heartbeat counts as stopped."""

_PATIENCE = 5.0
_log = structlog.get_logger()


@dataclass(slots=True)
class Worker:
    """Does what is due, until it is stopped. Any number of them work side by side, in any number of processes.

    Senders have threads of their own: a platform that hangs keeps no timer from firing.

    Attributes:
        reports: what was told.
        sender: how people are reached.
        clock: what time it is.
        milestones: hears how far each notice has come.
        elapsed: seconds that never go back.
        pause: seconds after which it is looked again whether something is due.
        also: what else is done again and again: its name, what, and the seconds between.
    """

    reports: Reports
    sender: Sender
    clock: Clock
    milestones: Milestones
    elapsed: Callable[[], float] = time.monotonic
    pause: float = PAUSE
    also: tuple[tuple[str, Callable[[], object], float], ...] = ()
    _stopped: Event = field(default_factory=Event, init=False)
    _threads: list[Thread] = field(default_factory=list, init=False)
    _audited: float | None = field(default=None, init=False)
    _was_well: bool = field(default=False, init=False)
    _looked: Event = field(default_factory=Event, init=False)
    _looked_on: date | None = field(default=None, init=False)
    _tidied_on: date | None = field(default=None, init=False)

    def start(self) -> None:
        """Begins."""
        rounds = self.reports.rounds(self.clock, self.milestones)
        abandoned = self.reports.abandoned(self.clock)

        def fire() -> None:
            rounds.fire_due()

        def watch() -> None:
            self.look_after(rounds.look_through, abandoned.look)

        self._begin("rounds", fire, self.pause)
        self._begin("watch", watch, AUDIT)
        self._begin("periods", self.tidy, AUDIT)
        for name, act, pause in self.also:
            self._begin(name, act, pause)
        for owed in self.reports.owed():
            deliverer = Deliverer(owed, self.sender, self.clock, self.milestones)

            def send(deliverer: Deliverer = deliverer) -> None:
                self._looked.wait(SILENT)  # what the directory of now forbids is withdrawn before anything is sent
                if not self._stopped.is_set():
                    deliverer.run_once()

            self._begin(owed.table.name, send, self.pause)

    def stop(self) -> None:
        """Ends, and waits a little for what is in flight; what is not finished by then is done after the next start."""
        self._stopped.set()
        self._looked.set()
        for thread in self._threads:
            thread.join(_PATIENCE)

    def is_beating(self) -> bool:
        """Whether a self-audit was done just now, and found that every open case has a next step in the future."""
        return self._was_well and self._audited is not None and self.elapsed() - self._audited < SILENT

    def look_after(self, look_through: Callable[[], int], look_for_drafts: Callable[[], int]) -> None:
        """What is done each minute: drafts that were left, and the audit.

        Before that, at the start and with each day on which somebody's role begins or ends, all open cases.

        Args:
            look_through: makes every open case right with the directory of now.
            look_for_drafts: asks those who left a draft.
        """
        today = day_at_school(self.clock.now())
        if self._looked_on is None or self.reports.directory.days_of_change(self._looked_on, today):
            look_through()
            self._looked.set()
        self._looked_on = today
        look_for_drafts()
        found = self.reports.audit(self.clock.now())
        if not found.is_well:
            _log.error("alarm: see touchstone check", stuck=found.stuck, late=found.late, unsent=found.unsent)
        self._was_well = found.is_well
        self._audited = self.elapsed()

    def tidy(self) -> None:
        """Once a day: what was entered in the school's case system and is over here, and who has left of who signed."""
        today = day_at_school(self.clock.now())
        if self._tidied_on != today:
            self.reports.purge_what_is_due(self.clock.now())
            self.reports.tidy_signatures(self.clock)
            self._tidied_on = today

    def _begin(self, name: str, act: Callable[[], object], pause: float) -> None:
        def go_on() -> None:
            while not self._stopped.is_set():
                try:
                    act()
                except Exception as failure:  # noqa: BLE001 (whatever went wrong this time, the next time comes)
                    _log.error("the worker failed", part=name, cause=type(failure).__name__)
                self._stopped.wait(pause)

        thread = Thread(target=go_on, name=f"worker-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()
