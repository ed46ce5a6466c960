"""Renewing in the running server: when the knowledge changes, a process of low priority builds and takes it up."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from threading import Event, Thread

import structlog

from bot.ports import Clock
from integrations.answering import today
from integrations.settings import Settings
from knowledge.overlay.files import own_slugs
from knowledge.overlay.writing import fingerprint

PAUSE = 2.0
"""Seconds after which it is looked again whether something was changed, or another day has begun."""
AGAIN = 60.0
"""Seconds after which a build that failed is tried again."""
LONGEST = 900.0
"""Seconds that a build may take."""
_POLITENESS = 5
"""How far its priority is below ours (nice): who asks meanwhile does not wait, and it still gets on."""
_BUILD = f"import os; os.nice({_POLITENESS}); from integrations.cli import main; main()"

_log = structlog.get_logger()

Run = Callable[[Settings, Event], int]
"""Builds, and gives the exit status; ends early when it is told to."""


def build_apart(settings: Settings, stopped: Event) -> int:
    """`touchstone build` in a process of its own: what it needs of memory is given back when it ends."""
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-c", _BUILD, "build"],
        env=settings.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    waited = 0.0
    while process.poll() is None:
        if stopped.wait(PAUSE / 10) or waited > LONGEST:
            process.kill()
        waited += PAUSE / 10
    return process.returncode


@dataclass(slots=True)
class Renewing:
    """Watches the overlay, and the day, until it is stopped. Any number of processes may.

    Attributes:
        settings: where the overlay lies.
        clock: what time it is.
        run: builds.
    """

    settings: Settings
    clock: Clock
    run: Run = build_apart
    _stopped: Event = field(default_factory=Event, init=False)
    _thread: Thread | None = field(default=None, init=False)
    _done: tuple[str, date] | None = field(default=None, init=False)

    def start(self) -> None:
        """Begins."""
        self._thread = Thread(target=self._go_on, name="renewing", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends; a build that is under way is broken off, and made after the next start."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> float:
        """Builds if something was changed or another day has begun; gives the seconds until the next look."""
        seen = (fingerprint(self.settings.overlay), today(self.clock))
        if seen == self._done:
            return PAUSE
        if self._done is None and not own_slugs(self.settings.overlay):
            self._done = seen  # nothing was ever added, and what is shipped was built before anybody was served
            return PAUSE
        status = self.run(self.settings, self._stopped)
        if status not in {0, 1}:  # 1: it says itself, in `index.renewal`, why it keeps out what was changed
            _log.error("knowledge was not renewed", status=status)
            return AGAIN
        self._done = seen
        return PAUSE

    def _go_on(self) -> None:
        pause = 0.0
        while not self._stopped.wait(pause):
            try:
                pause = self.look()
            except Exception as failure:  # noqa: BLE001 (whatever went wrong this time, the next time comes)
                _log.error("knowledge was not renewed", cause=type(failure).__name__)
                pause = AGAIN
