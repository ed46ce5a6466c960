"""A deliverer killed with SIGKILL at every named point: each notice is sent, and none twice but the one in flight.

It shows process death, not power loss. TOUCHSTONE_CRASH_CYCLES says how often each point is tried (make crash: 20).
"""

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGKILL

import pytest
from sqlalchemy import URL, insert, select

from bot.cases import records
from bot.cases.deliveries import LEASE, owe
from bot.engines import Store
from bot.ports import SENDING, Stage

CYCLES = int(os.environ.get("TOUCHSTONE_CRASH_CYCLES", "3"))  # noqa: TID251 (tests, not the product)
NOTICES = 4
"""How many are owed in each cycle."""


def _run(url: URL, outbox: Path, later: timedelta, stage: str, count: int) -> int:
    program = str(Path(__file__).with_name("doomed_deliverer.py"))
    address = url.render_as_string(hide_password=False)
    arguments = [address, str(outbox), str(later.total_seconds()), stage, str(count)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}  # noqa: TID251 (for the process)
    return subprocess.run([sys.executable, program, *arguments], env=environment, check=False).returncode  # noqa: S603


def _owe(store: Store, cycle: int) -> set[str]:
    with store.writing() as connection:
        now = datetime.now(UTC)
        case = {"id": str(cycle), "reference": f"C-{cycle}", "form": "f", "urgent": cycle % 2 == 0}
        connection.execute(insert(records.cases).values(received_at=now, **case))
        owed = {owe(connection, str(cycle), f"p{number}", "dsl", step=0, now=now) for number in range(NOTICES)}
        connection.commit()
    return owed


def _taken(outbox: Path) -> Counter[str]:
    return Counter(outbox.read_text().split()) if outbox.exists() else Counter()


@pytest.mark.parametrize("stage", SENDING)
def test_each_notice_is_sent_and_none_twice_but_the_one_in_flight(
    store: Store, engine_url: URL, tmp_path: Path, stage: Stage
) -> None:
    outbox = tmp_path / "outbox"
    owed: set[str] = set()
    for cycle in range(CYCLES):
        owed |= _owe(store, cycle)
        later = cycle * (LEASE + timedelta(seconds=1))  # the lease of the one who died last has ended
        assert _run(engine_url, outbox, later, stage.value, 1 + cycle % NOTICES) == -SIGKILL
    assert _run(engine_url, outbox, CYCLES * (LEASE + timedelta(seconds=1)), "never", 1) == 0
    taken = _taken(outbox)
    assert set(taken) == owed
    twice = [key for key, times in taken.items() if times > 1]
    assert max(taken.values()) <= (CYCLES + 1 if stage is Stage.SENT else 1)
    assert sum(taken.values()) - len(owed) == (CYCLES if stage is Stage.SENT else 0)
    assert len(twice) <= CYCLES
    with store.reading() as connection:
        assert set(connection.scalars(select(records.deliveries.c.state))) == {"sent"}
