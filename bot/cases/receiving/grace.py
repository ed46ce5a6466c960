"""What was entered in the school's case system is deleted here after a while, unless it is held or was opened again."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.cases import records
from bot.cases.safekeeping.purge import OnHold, Purge, Reason, StillOpen, is_held
from bot.engines import Store

_case = records.cases.c


def begin_grace(connection: Connection, case_id: str, until: datetime) -> None:
    """Sets when a case goes, in the transaction that closes it.

    It stands in the case and is no timer: timers are for what is open, and whatever opens a case again ends this too.
    """
    connection.execute(update(records.cases).where(_case.id == case_id).values(goes_at=until))


def grace_ends(connection: Connection, case_id: str) -> datetime | None:
    """When a case goes, in UTC; None where it does not go by itself."""
    return connection.scalar(select(_case.goes_at).where(_case.id == case_id, _case.state == "closed"))


def purge_what_is_due(store: Store, purge: Purge, now: datetime) -> int:
    """Deletes what was entered elsewhere and whose time is over; gives how many cases that were.

    To be called now and then, by however many: a case that another deleted meanwhile stays as it is. What is under a
    legal hold waits until it is released, and a case that was opened again keeps what was told.
    """
    due = select(_case.id, _case.reference).where(_case.state == "closed", _case.goes_at <= now)
    with store.reading() as connection:
        waiting = connection.execute(due.order_by(_case.goes_at, _case.id)).all()
        free = [one.reference for one in waiting if not is_held(connection, one.id)]
    gone = 0
    for reference in free:
        try:
            purge.purge(reference, Reason.ELSEWHERE)
        except (OnHold, StillOpen):  # since a moment ago
            continue
        gone += 1
    return gone
