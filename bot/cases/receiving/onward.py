"""What receiving says to delivery beyond its steps: the sender is asked, or has something new; a case waits anew."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.cases import records
from bot.cases.delivery.deliveries import owe_again
from bot.cases.delivery.steps import Steps
from bot.cases.delivery.timers import REMIND, done_with, set_timer
from bot.cases.people.conflicts import is_struck
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
    """The sender added something: those who have the case are told, but for whomever it is about by now.

    One that was closed waits for somebody to acknowledge it anew.
    """
    if was_closed:
        reopened(connection, case_id)
        done_with(connection, case_id, now)
        when = due(Moment.BEFORE_END_OF_SCHOOL_DAY, now, steps.calendar)
        set_timer(connection, case_id, REMIND, due_at=when, now=now)
    table = records.struck.c
    struck = frozenset(connection.scalars(select(table.person_hash).where(table.case_id == case_id)))
    owed = connection.execute(select(_owed.id, _owed.person).where(_owed.case_id == case_id))
    told = [one.id for one in owed if not is_struck(steps.people_key, one.person, struck)]
    owe_again(connection, told, Telling.NEW, now)
