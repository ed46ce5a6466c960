"""A real deliverer on real records that kills itself with SIGKILL when a notice reaches the stage it is told to die at.

usage: doomed_deliverer.py ADDRESS OUTBOX LATER STAGE COUNT
    (OUTBOX: a file that takes the keys; LATER: seconds that its clock is ahead; STAGE: where it dies, or "never",
    at the COUNTth notice)
"""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cases.deliveries import Deliverer, Deliveries
from bot.engines import Store
from bot.ports import Notice, Stage


class LaterClock:
    """The clock of this machine, some seconds ahead: so that nobody waits for a lease to end."""

    def __init__(self, later: float) -> None:
        self._later = timedelta(seconds=later)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._later


class OutboxFile:
    """A platform that has taken a notice once its key is on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, notice: Notice) -> None:
        with self._path.open("a") as file:
            file.write(f"{notice.key}\n")
            file.flush()
            os.fsync(file.fileno())


class Doom:
    """Milestones that end the process: nothing is flushed, closed or said."""

    def __init__(self, stage: str, count: int) -> None:
        self._stage = stage
        self._left = count

    def reached(self, stage: Stage) -> None:
        if stage.value == self._stage:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def main(address: str, outbox: str, later: str, stage: str, count: str) -> None:
    store = Store.open(address)
    sender, clock = OutboxFile(Path(outbox)), LaterClock(float(later))
    Deliverer(Deliveries(store), sender, clock, Doom(stage, int(count))).run_once()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
