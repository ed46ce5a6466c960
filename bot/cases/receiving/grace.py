"""What was entered in the school's case system is deleted here after a while: a timer, and what it does when due."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from bot.cases import records
from bot.cases.delivery.timers import done, set_timer
from bot.cases.safekeeping.purge import OnHold, Purge, Reason, StillOpen, is_held
from bot.engines import Store

PURGE = "purge"
"""What such a timer is for."""

ASK_AGAIN = timedelta(days=7)
"""After how long a case that a legal hold keeps is looked at again."""

_set = records.timers.c


def begin_grace(connection: Connection, case_id: str, until: datetime, now: datetime) -> None:
    """Sets the day on which a case goes, in the transaction that closes it; after whatever ends its other timers."""
    set_timer(connection, case_id, PURGE, due_at=until, now=now)


def grace_ends(connection: Connection, case_id: str) -> datetime | None:
    """When a case goes, in UTC; None where it does not go by itself."""
    waiting = select(_set.due_at).where(_set.case_id == case_id, _set.kind == PURGE, _set.done_at.is_(None))
    return connection.scalar(waiting.order_by(_set.due_at).limit(1))


def purge_what_is_due(store: Store, purge: Purge, now: datetime) -> int:
    """Deletes what was entered elsewhere and whose time is over; gives how many cases that were.

    To be called now and then, by however many: one of them does it. What is under a legal hold waits a week more, and a
    case that was opened again keeps what was told.
    """
    due = select(_set.id, _set.case_id).where(_set.kind == PURGE, _set.done_at.is_(None), _set.due_at <= now)
    with store.reading() as connection:
        waiting = connection.execute(due.order_by(_set.due_at, _set.id)).all()
    gone = 0
    for timer, case_id in waiting:
        reference = _taken(store, timer, case_id, now)
        if reference is None:
            continue
        try:
            purge.purge(reference, Reason.ELSEWHERE)
        except (OnHold, StillOpen):  # since a moment ago
            continue
        gone += 1
    return gone


def _taken(store: Store, timer: str, case_id: str, now: datetime) -> str | None:
    """The reference of a case that is to go now; None where it is not.

    The timer is done only when it goes, by the purge itself, so that a process which dies in between leaves it due.
    """
    cases = records.cases.c
    with store.writing() as connection:
        case = connection.execute(select(cases.reference, cases.state).where(cases.id == case_id)).one()
        if case.state == "closed" and not is_held(connection, case_id):
            return str(case.reference)
        if done(connection, timer, now) and case.state == "closed":
            set_timer(connection, case_id, PURGE, due_at=now + ASK_AGAIN, now=now)
        connection.commit()
    return None
