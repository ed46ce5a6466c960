"""Timers: what is to happen to a case at a time, as rows, so that no restart and no upgrade loses it.

Each open case has one that is not done. Whoever fires one marks it done, does what it is for and sets the next one, all
in one transaction: it happens once, however many look. A timer that is late fires once, not as often as it could have:
the next one counts from when it fired. So a clock that jumps ahead brings each case one step on, at most.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from bot.cases import records

SKEW = timedelta(minutes=2)
"""How far the clocks of two replicas may be apart, and no harm in it."""

STEP, REMIND, REVIEW = "step", "remind", "review"
"""What a timer is for: to tell whoever is next in the route, to remind those who were told, or to ask whoever has the
case in hand. Whatever it is, who is to be told now is looked up anew when it fires (``bot.cases.delivery.rounds``)."""

STEP, REMIND, REVIEW = "step", "remind", "review"
"""What a timer is for: to tell whoever is next in the route, to remind those who were told, or to ask whoever has the
case in hand. Whatever it is, who is to be told now is looked up anew when it fires (``bot.cases.delivery.rounds``)."""

_set = records.timers.c
_timers = select(_set.id, _set.case_id, _set.kind, _set.set_at, _set.due_at).where(_set.done_at.is_(None))


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that has not fired.

    Attributes:
        id: its own.
        case_id: the case's.
        kind: what is to happen.
        set_at: when it was set.
        due_at: when it is to happen.
    """

    id: str
    case_id: str
    kind: str
    set_at: datetime
    due_at: datetime


def set_timer(connection: Connection, case_id: str, kind: str, *, due_at: datetime, now: datetime) -> str:
    """Sets a timer, within the caller's transaction; gives its id."""
    timer = secrets.token_hex(16)
    values = {"id": timer, "case_id": case_id, "kind": kind, "set_at": now, "due_at": due_at}
    connection.execute(insert(records.timers).values(**values))
    return timer


def due_timers(connection: Connection, now: datetime, limit: int = 100) -> tuple[Timer, ...]:
    """Those whose time has come, what has been due for longest first; no more at once than a limit.

    Args:
        connection: any, for it only looks.
        now: the time.
        limit: how many at most; ask again for the others.
    """
    due = _timers.where(_set.due_at <= now)
    rows = connection.execute(due.order_by(_set.due_at, _set.id).limit(limit))
    return tuple(Timer(*row) for row in rows)


def done(connection: Connection, timer: str, now: datetime) -> bool:
    """Marks a timer, by its id, within the caller's transaction; whether it was for the caller to do.

    False: another did it meanwhile, and what it is for must not be done again.
    """
    mark = update(records.timers).where(_set.id == timer, _set.done_at.is_(None)).values(done_at=now)
    return connection.execute(mark).rowcount == 1


def done_with(connection: Connection, case_id: str, now: datetime) -> int:
    """Marks all timers of a case that are not done, within the caller's transaction; how many there were."""
    mark = update(records.timers).where(_set.case_id == case_id, _set.done_at.is_(None)).values(done_at=now)
    return connection.execute(mark).rowcount


def put_right(connection: Connection, now: datetime) -> int:
    """Gives timers that were set by a clock which has been put back since their time from now on; how many there were.

    They would else wait for as long again as that clock was ahead. Call it before ``due_timers``, with a connection
    that writes, and commit.
    """
    timers = ahead(connection, now)
    for timer in timers:
        again = update(records.timers).where(_set.id == timer.id)
        connection.execute(again.values(set_at=now, due_at=now + (timer.due_at - timer.set_at)))
    return len(timers)


def ahead(connection: Connection, now: datetime) -> tuple[Timer, ...]:
    """Timers that were set in what is the future now, and are due later still: a clock was wrong when they were."""
    query = _timers.where(_set.due_at > now + SKEW, _set.set_at > now + SKEW)
    return tuple(Timer(*row) for row in connection.execute(query))


def open_without_a_step(connection: Connection) -> tuple[str, ...]:
    """The ids of open cases for which no timer is set: there must be none, and whoever finds one raises the alarm."""
    cases = records.cases.c
    waiting = select(_set.id).where(_set.case_id == cases.id, _set.done_at.is_(None)).exists()
    return tuple(connection.scalars(select(cases.id).where(cases.state == "open", ~waiting).order_by(cases.id)))


def bring_forward(connection: Connection, case_id: str, now: datetime) -> None:
    """Makes the next step of a case due at once, within the caller's transaction."""
    mark = update(records.timers).where(_set.case_id == case_id, _set.done_at.is_(None), _set.due_at > now)
    connection.execute(mark.values(due_at=now))
