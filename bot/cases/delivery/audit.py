"""The self-audit: every open case has a next step in the future, and what is owed goes out; else the alarm."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, func, select

from bot.cases import records
from bot.cases.delivery.timers import open_without_a_step

LATE = timedelta(minutes=5)
"""How long after its time a next step is late: whoever fires timers looks every few seconds."""

REFUSED = 8
"""After so many attempts a notice counts as stuck: some 20 minutes, 5 where somebody is in danger."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found, as numbers: nothing of any case.

    Attributes:
        stuck: open cases that nothing is to happen to any more.
        late: open cases whose next step should have happened.
        unsent: notices that no platform has taken in many attempts.
        out_of_reach: notices that lie in an inbox alone, since there is no other way to whoever they are for.
    """

    stuck: int
    late: int
    unsent: int
    out_of_reach: int = 0

    @property
    def is_well(self) -> bool:
        """Whether nobody has to be called. Who is out of reach was passed over for the next in the route."""
        return not (self.stuck or self.late or self.unsent)


def audit(connection: Connection, now: datetime) -> Audit:
    """Looks at every case and every notice; ``now`` is in UTC."""
    cases, timers = records.cases.c, records.timers.c
    overdue = select(func.count(timers.case_id.distinct())).where(
        timers.done_at.is_(None), timers.due_at < now - LATE, timers.case_id == cases.id, cases.state == "open"
    )
    both = (records.deliveries, records.notices)
    return Audit(
        stuck=len(open_without_a_step(connection)),
        late=connection.scalar(overdue) or 0,
        unsent=sum(_unsent(connection, table) for table in both),
        out_of_reach=sum(_waiting(connection, table) for table in both),
    )


def _unsent(connection: Connection, table: Table) -> int:
    owed = table.c
    refused = select(func.count()).where(owed.state.in_(["due", "claimed"]), owed.attempts >= REFUSED)
    return connection.scalar(refused) or 0


def _waiting(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).where(table.c.state == "waits")) or 0
