"""The chronology of a case: what happened, when, by or to whom; never what was told."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from bot.cases import records
from bot.cases.directory import Directory
from bot.messages import ChronologyRow
from bot.wording import say


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a case.

    Attributes:
        case_id: the case.
        at: when, in UTC.
        event: its name in the locale, under ``event``.
        person: the id of whoever did it, or had it done to them; None for the sender.
        role: the role in which.
    """

    case_id: str
    at: datetime
    event: str
    person: str | None = None
    role: str | None = None


def record_event(connection: Connection, event: Event) -> None:
    """Adds what happened to the end of a case's chronology, within the caller's transaction, which may write."""
    table = records.chronology
    last = connection.scalar(select(func.max(table.c.number)).where(table.c.case_id == event.case_id))
    connection.execute(insert(table).values(number=(last or 0) + 1, **asdict(event)))


def read_chronology(connection: Connection, case_id: str, directory: Directory) -> tuple[ChronologyRow, ...]:
    """Everything that happened to a case, in words, in order."""
    table = records.chronology
    rows = connection.execute(select(table).where(table.c.case_id == case_id).order_by(table.c.number))
    return tuple(
        ChronologyRow(row.at, say(f"event.{row.event}"), _who(row.person, row.role, directory)) for row in rows
    )


def _who(person_id: str | None, role: str | None, directory: Directory) -> str:
    if person_id is None or role is None:
        return ""
    person = directory.find(person_id)
    return say("event.who", name=person.name if person else person_id, role=say(f"role.{role}"))
