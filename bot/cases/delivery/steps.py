"""Steps: what becomes of a case's next step, and of what is owed, when a person does something with the case.

For whoever lets a person act: each method works within the caller's transaction, beside the caller's own rows (the
state of the case, the chronology), and leaves an open case with exactly one timer in the future. What nobody does, and
time does instead, is ``bot.cases.delivery.rounds``.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, insert, select, update

from bot.cases import records
from bot.cases.dates import SCHOOL_ZONE
from bot.cases.delivery.deliveries import owe, owe_again
from bot.cases.delivery.timers import REMIND, REVIEW, done_with, set_timer
from bot.cases.people.conflicts import is_struck, person_hash
from bot.cases.people.directory import Directory
from bot.cases.routes.calendar import PLAIN, Calendar
from bot.cases.routes.moments import due
from bot.cases.routes.route import Moment
from bot.ports import Telling
from knowledge.errors import TouchstoneError

CHILD = "child"
"""The track of a concern about a child, in ``routes.toml``: it has a deadline on the day it comes in."""

SENDER = "sender"
"""The role in which somebody is told of what they sent, or began, themselves."""

REMIND_URGENT = timedelta(minutes=5)
"""After how long those who were told are reminded where somebody is in danger (design, as the steps' five minutes)."""

REVIEW_AFTER = timedelta(days=7)
"""After how long somebody who has a case in hand is asked about it, at the end of the school day then (design)."""

_owed = records.deliveries.c


class AboutThem(TouchstoneError):
    """A case is never passed on to somebody whom it is about."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What acts of people mean for timers, reminders and notices.

    Attributes:
        directory: gives the directory of now.
        people_key: what the hashes of people are made with: ``keys.derive("people")``.
        calendar: when the school is there.
    """

    directory: Callable[[], Directory]
    people_key: bytes = field(repr=False)
    calendar: Calendar = PLAIN

    def acknowledged(self, connection: Connection, case_id: str, person: str, role: str, now: datetime) -> None:
        """Somebody has a case in hand: nobody is reminded any more, and after a week they are asked about it.

        Sets ``acknowledged_at`` in their delivery; who has none, because the role passed to them, gets one. Whoever was
        told before them in the route, and did nothing, is told that it is in hand.

        Args:
            connection: one that writes; the caller commits.
            case_id: the case.
            person: who acknowledges, by their id in the directory; that they may was asked before.
            role: in which role.
            now: in UTC.
        """
        of_case = _owed.case_id == case_id
        mine = and_(of_case, _owed.person == person)
        step = connection.scalar(select(func.max(_owed.step)).where(mine))
        if step is None:
            step = self._reached(connection, case_id)
            connection.execute(insert(records.deliveries).values(**_silent(case_id, person, role, step, now)))
        connection.execute(update(records.deliveries).where(mine).values(acknowledged_at=now))
        reminders = and_(of_case, _owed.round > 0, _owed.state.in_(["due", "claimed"]))
        connection.execute(update(records.deliveries).where(reminders).values(state="sent", claimed_until=None))
        passed_over = select(_owed.id).where(
            of_case, _owed.step < step, _owed.person != person, _owed.acknowledged_at.is_(None), _owed.state != "void"
        )
        owe_again(connection, connection.scalars(passed_over).all(), Telling.IN_HAND, now)
        self._review(connection, case_id, now)

    def closed(self, connection: Connection, case_id: str, now: datetime) -> None:
        """Nothing is to happen to a case any more; its sender is told, and so are those whose reports went on in it.

        The caller sets its state, which is not open.
        """
        self.merged(connection, case_id, now)
        waiting = [case_id]
        while waiting:
            one = waiting.pop()
            self.tell_sender(connection, one, Telling.CLOSED, now)
            waiting += connection.scalars(select(records.cases.c.id).where(records.cases.c.merged_into == one))

    @staticmethod
    def merged(connection: Connection, case_id: str, now: datetime) -> None:
        """Nothing is to happen to a case any more here: it goes on in another, and is closed with that one.

        The caller sets its state, which is not open.
        """
        done_with(connection, case_id, now)
        unsent = and_(_owed.case_id == case_id, _owed.state.in_(["due", "claimed"]))
        connection.execute(update(records.deliveries).where(unsent).values(state="void", claimed_until=None))

    def reopened(self, connection: Connection, case_id: str, person: str, role: str, now: datetime) -> None:
        """A case is open again, and whoever opened it has it in hand. The caller sets its state, which is ``open``."""
        self.acknowledged(connection, case_id, person, role, now)

    def passed_on(
        self, connection: Connection, case_id: str, people: Iterable[tuple[str, str]], now: datetime
    ) -> list[str]:
        """Others are to see to a case, each by their id with the role in which; until one acknowledges, it goes on.

        They are told from now on, and nobody counts as having it in hand: ``acknowledged_at`` is empty again, the
        chronology has who did. Reminders and the route's next step come as for a new report.

        Returns:
            The ids of their deliveries.

        Raises:
            AboutThem: it is about one of them; nothing was changed.
        """
        people = list(people)
        table = records.struck.c
        struck = frozenset(connection.scalars(select(table.person_hash).where(table.case_id == case_id)))
        if any(is_struck(self.people_key, person, struck) for person, _ in people):
            raise AboutThem
        held = update(records.deliveries).where(_owed.case_id == case_id).values(acknowledged_at=None)
        connection.execute(held)
        owed = self._owe_or_again(connection, case_id, people, now)
        cases = records.cases.c
        case = connection.execute(select(cases.track, cases.urgent).where(cases.id == case_id)).one()
        done_with(connection, case_id, now)
        when = first_reminder(case.track, now, self.calendar, urgent=case.urgent)
        set_timer(connection, case_id, REMIND, due_at=when, now=now)
        return owed

    def _owe_or_again(
        self, connection: Connection, case_id: str, people: Sequence[tuple[str, str]], now: datetime
    ) -> list[str]:
        """One delivery for each: whoever has one of this case is told by it again, and has no second one."""
        of_case = select(_owed.id, _owed.person).where(_owed.case_id == case_id).order_by(_owed.step, _owed.id)
        known = {row.person: row.id for row in connection.execute(of_case)}
        back = update(records.deliveries).where(
            _owed.id.in_([known[person] for person, _ in people if person in known]),
            _owed.state.in_(["sent", "waits", "void"]),
        )
        again = {"round": _owed.round + 1, "notice": Telling.NEW.value, "taken": "", "attempts": 0}
        connection.execute(back.values(**again, state="due", due_at=now))
        new = [(person, role) for person, role in people if person not in known]
        step = self._reached(connection, case_id)
        made = iter(owe(connection, case_id, new, step=step, now=now))
        return [known[person] if person in known else next(made) for person, _ in people]

    def tell_sender(self, connection: Connection, case_id: str, telling: Telling, now: datetime) -> bool:
        """Owes the sender of a case a notice about it; whether they are known and may be told.

        A sender who was not signed in finds it where their code leads, and nowhere else. One who told of themselves is
        struck like anybody whom it is about, and is told nothing by us.
        """
        sender = connection.scalar(select(records.cases.c.sender_hash).where(records.cases.c.id == case_id))
        struck = select(records.struck.c.case_id).where(
            records.struck.c.case_id == case_id, records.struck.c.person_hash == sender
        )
        if sender is None or connection.execute(struck).first() is not None:
            return False
        for person in self.directory().persons:
            if person_hash(self.people_key, person.id) == sender:
                tell(connection, now, case_id=case_id, person_hash=sender, role=SENDER, notice=telling.value)
                return True
        return False

    def _review(self, connection: Connection, case_id: str, now: datetime) -> None:
        done_with(connection, case_id, now)
        set_timer(connection, case_id, REVIEW, due_at=review_at(now, self.calendar), now=now)

    @staticmethod
    def _reached(connection: Connection, case_id: str) -> int:
        return connection.scalar(select(func.max(_owed.step)).where(_owed.case_id == case_id)) or 0


def first_reminder(track: str, now: datetime, calendar: Calendar, *, urgent: bool) -> datetime:
    """When those who were told are reminded first: within minutes, on this day, or by the end of the next school day.

    Args:
        track: the case's.
        now: since when they know, in UTC.
        calendar: when the school is there.
        urgent: whether somebody is in danger.
    """
    if urgent:
        return due(REMIND_URGENT, now)
    if track == CHILD:
        return due(Moment.BEFORE_END_OF_SCHOOL_DAY, now, calendar)
    return due(Moment.END_OF_NEXT_SCHOOL_DAY, now, calendar)


def review_at(now: datetime, calendar: Calendar) -> datetime:
    """When somebody who has a case in hand is asked about it: at the end of a school day, a week from now or later."""
    day = (now + REVIEW_AFTER).astimezone(SCHOOL_ZONE).date()
    if not calendar.is_school_day(day):
        day = calendar.next_school_day(day)
    return calendar.end_of(day).astimezone(now.tzinfo)


def tell(connection: Connection, now: datetime, **what: str) -> str:
    """Owes somebody a notice who receives no case by it, within the caller's transaction; gives its id.

    Args:
        connection: one that writes.
        now: in UTC.
        what: ``case_id`` or ``draft_id``, ``person_hash``, ``role``, ``notice``.
    """
    notice = secrets.token_hex(16)
    values = {"id": notice, "made_at": now, "due_at": now, "state": "due", "attempts": 0, **what}
    connection.execute(insert(records.notices).values(**values))
    return notice


def _silent(case_id: str, person: str, role: str, step: int, now: datetime) -> dict[str, object]:
    """A delivery of which nobody is told: who it is owed to knows already."""
    who = {"id": secrets.token_hex(16), "case_id": case_id, "person": person, "role": role, "step": step}
    return {**who, "state": "sent", "due_at": now, "attempts": 0, "opened_at": now}
