"""What receiving says to delivery beyond its steps: the sender is asked, or has something new; a case waits anew."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.cases import records
from bot.cases.delivery.deliveries import owe_again
from bot.cases.delivery.steps import Steps
from bot.cases.delivery.timers import REMIND, done_with, set_timer
from bot.cases.routes.moments import due
from bot.cases.routes.route import Moment
from bot.ports import Telling

_owed = records.deliveries.c


def asked(steps: Steps, connection: Connection, case_id: str, now: datetime) -> None:
    """The sender is told that there is a question for them."""
    steps.tell_sender(connection, case_id, Telling.QUESTION, now)


def reopened(connection: Connection, case_id: str) -> None:
    """Whoever had it in hand before it was closed has it no longer."""
    connection.execute(update(records.deliveries).where(_owed.case_id == case_id).values(acknowledged_at=None))


def added(steps: Steps, connection: Connection, case_id: str, now: datetime, *, was_closed: bool) -> None:
    """The sender added something: those who have the case are told; one that was closed waits for somebody anew."""
    if was_closed:
        reopened(connection, case_id)
        done_with(connection, case_id, now)
        when = due(Moment.BEFORE_END_OF_SCHOOL_DAY, now, steps.calendar)
        set_timer(connection, case_id, REMIND, due_at=when, now=now)
    owe_again(connection, connection.scalars(select(_owed.id).where(_owed.case_id == case_id)).all(), Telling.NEW, now)
