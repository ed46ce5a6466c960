"""Rounds: what time does with a case that nobody acknowledges: the next in its route, reminders, whom to ring.

Each timer is fired in one transaction: it is marked, what it is for is done, the next one is set. What it is for is
read less from the timer than from the case as it is then, and a plan made anew from the directory of then, so that
neither a change of roles nor an upgrade leaves one behind that means something else. Nothing here gives up.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.chronology import Event, record_events, remember_newest
from bot.cases.delivery.deliveries import owe, owe_again
from bot.cases.delivery.replanning import Replanning
from bot.cases.delivery.steps import CHILD, REMIND_URGENT, Steps, first_reminder, review_at
from bot.cases.delivery.timers import (
    REMIND,
    REVIEW,
    STEP,
    Timer,
    ahead,
    done,
    done_with,
    due_timers,
    put_right,
    set_timer,
)
from bot.cases.keys.keystore import KeyStore
from bot.cases.people.conflicts import person_hash
from bot.cases.people.directory import day_at_school
from bot.cases.people.roles import Role
from bot.cases.routes.calendar import Calendar
from bot.cases.routes.moments import MOST, due
from bot.cases.routes.route import Moment
from bot.cases.routes.routing import Plan, Recheck, Step, Told, recheck
from bot.engines import Busy, Store
from bot.ports import Clock, Milestones, Stage, Telling
from knowledge.errors import TouchstoneError

_log = structlog.get_logger()

CONCERNS = frozenset({CHILD, "adult"})
"""The tracks of ``routes.toml`` that go on beyond their steps, and whose sender is told whom to ring."""

SLOWER_AFTER = timedelta(hours=1)
"""For so long those who were told of a danger are reminded every five minutes, then ..."""

REMIND_URGENT_LATER = timedelta(minutes=15)
"""... as often as this, by day and by night."""

REMIND_CHILD = timedelta(hours=1)
"""How often those who were told of a concern about a child are reminded, once its deadline has passed."""

_owed = records.deliveries.c
_Rows = Sequence[Row[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Fires timers, and looks through all open cases when the directory says something else.

    Attributes:
        store: the records.
        keys: the keys of the chronology.
        replanning: makes the plan of a case anew.
        steps: who is told what becomes of theirs.
        clock: what time it is.
        calendar: when the school is there.
        milestones: hears how far each next step has come.
    """

    store: Store
    keys: KeyStore
    replanning: Replanning
    steps: Steps
    clock: Clock
    calendar: Calendar
    milestones: Milestones

    def fire_due(self, limit: int = 100) -> int:
        """Fires what is due, each timer in a transaction of its own; gives how many fired.

        One that fails is left as it is, to be tried again, and keeps no other from firing; the self-audit counts it.

        Args:
            limit: how many at most, so that whoever calls has a say.

        Raises:
            Busy: the records cannot be written at the moment.
            SQLAlchemyError: the records are damaged.
        """
        now = self.clock.now()
        with self.store.reading() as connection:
            timers = due_timers(connection, now, limit)
            is_ahead = bool(ahead(connection, now))
        if is_ahead:
            with self.store.writing() as connection:
                put_right(connection, now)
                connection.commit()
        fired = sum(self._tried(partial(self._fire, timer, now)) for timer in timers)
        if fired:
            remember_newest(self.store, self.keys)
        return fired

    def look_through(self) -> int:
        """Makes every open case right with the directory of now: for each start, and each day on which roles change.

        Whoever must now be told is told, whoever must not is told no more, and where nobody is left who has a case in
        hand, it is as if nobody had acknowledged it. Gives in how many cases something changed.

        Raises:
            Busy: the records cannot be written at the moment.
        """
        now = self.clock.now()
        with self.store.reading() as connection:
            cases = records.cases.c
            open_now = connection.scalars(select(cases.id).where(cases.state == "open").order_by(cases.id)).all()
        changed = sum(self._tried(partial(self._look_at, case_id, now)) for case_id in open_now)
        if changed:
            remember_newest(self.store, self.keys)
        return changed

    @staticmethod
    def _tried(act: Callable[[], bool]) -> bool:
        try:
            return act()
        except Busy:
            raise
        except (TouchstoneError, SQLAlchemyError, OSError, ValueError, LookupError) as failure:
            _log.error("a next step failed", cause=type(failure).__name__)
            return False

    def _fire(self, timer: Timer, now: datetime) -> bool:
        with self.store.writing() as connection:
            if not done(connection, timer.id, now):
                return False  # another fired it meanwhile
            case = _open_case(connection, timer.case_id)
            if case is not None:
                done_with(connection, case.id, now)  # whatever else was set for it: one next step, not two
                self._go_on(_Case(self, connection, case, now), timer)
            self.milestones.reached(Stage.FIRING)
            connection.commit()
        self.milestones.reached(Stage.FIRED)
        return True

    def _look_at(self, case_id: str, now: datetime) -> bool:
        with self.store.writing() as connection:
            case = _open_case(connection, case_id)
            if case is None:
                return False
            looked = _Case(self, connection, case, now)
            changed = looked.put_right_with_the_directory()
            if looked.is_left_behind():
                held = update(records.deliveries).where(_owed.case_id == case_id).values(acknowledged_at=None)
                connection.execute(held)
                done_with(connection, case_id, now)
                when = first_reminder(case.track, now, self.calendar, urgent=case.urgent)
                set_timer(connection, case_id, REMIND, due_at=when, now=now)
                changed = True
            connection.commit()
        return changed

    def _go_on(self, case: "_Case", timer: Timer) -> None:
        """Does what the time has come for, and sets the next timer."""
        case.put_right_with_the_directory()
        if case.is_acknowledged():
            case.review()
            return
        has_gone_on = case.go_on(is_reminder=timer.kind == REMIND)
        case.tell_the_sender_whom_to_ring()
        case.remind(has_gone_on=has_gone_on)


class _Case:
    """A case whose time has come, within one transaction."""

    def __init__(self, rounds: Rounds, connection: Connection, row: Row[tuple[object, ...]], now: datetime) -> None:
        self._rounds = rounds
        self._connection = connection
        self._row = row
        self._now = now
        self._plan = rounds.replanning.plan(connection, row, day_at_school(now))
        self._told: _Rows = self._deliveries()
        self._withdrawn: frozenset[str] = frozenset()

    def put_right_with_the_directory(self) -> bool:
        """Tells who must now be told in the steps that were reached, and withdraws what must not be sent."""
        reached = self._reached(at_least=0)
        found = self._rechecked(self._plan, reached) if self._plan else Recheck((), self._struck())
        self._withdrawn = found.withdraw
        unsent = (_owed.case_id == self._row.id, _owed.state.in_(["due", "claimed", "waits"]))
        void = update(records.deliveries).where(*unsent, _owed.person.in_(found.withdraw))
        is_withdrawn = self._connection.execute(void.values(state="void", claimed_until=None)).rowcount > 0
        return self._tell(found, reached, "delivered") or is_withdrawn

    def is_acknowledged(self) -> bool:
        """Whether somebody has it in hand who may still see it, or who is only away and comes back to it.

        Whoever covers for them is told, as they hold the role meanwhile.
        """
        return any(
            row.acknowledged_at is not None and (row.person not in self._withdrawn or self._is_covered(row))
            for row in self._told
        )

    def is_left_behind(self) -> bool:
        """Whether whoever had it in hand may not see it any more, and nobody else has it."""
        return any(row.acknowledged_at is not None for row in self._told) and not self.is_acknowledged()

    def review(self) -> None:
        """Asks those who have it in hand, in the hours in which they may be asked."""
        awake = self._awake()
        if awake > self._now:
            self._set(REVIEW, awake)
            return
        mine = [row.id for row in self._told if row.acknowledged_at is not None and row.person not in self._withdrawn]
        owe_again(self._connection, mine, Telling.REVIEW, self._now)
        self._set(REVIEW, review_at(self._now, self._rounds.calendar))

    def go_on(self, *, is_reminder: bool) -> bool:
        """Tells the next in the route if their time has come; whether it had.

        Beyond the steps of the route, one role steps in with each reminder of a concern. Where there is no way to
        anybody who was told, nobody waits.
        """
        if self._plan is None:
            return False
        steps = self._plan.steps
        beyond = is_reminder and self._row.track in CONCERNS and self._awake() <= self._now
        for step in range(self._reached() + 1, len(_ladder(self._plan))):
            is_time = self._due(steps[step]) <= self._now if step < len(steps) else beyond
            if not is_time and not self._is_out_of_reach():
                return False
            if self._tell(self._rechecked(self._plan, step), step, "gone_on"):
                return True  # else all of them know already, as when it was passed on to them: the one after that
        return False

    def tell_the_sender_whom_to_ring(self) -> None:
        """Once, where a concern's time has come and nobody but its sender has opened it."""
        if self._row.track not in CONCERNS or self._row.ring_at is not None or self._is_opened():
            return
        cases = records.cases
        self._connection.execute(update(cases).where(cases.c.id == self._row.id).values(ring_at=self._now))
        self._rounds.steps.tell_sender(self._connection, self._row.id, Telling.RING, self._now)
        self._record([Event(self._row.id, self._now, "ring")])

    def remind(self, *, has_gone_on: bool) -> None:
        """Reminds those who were told, unless what can wait waits for the morning, and sets the next timer."""
        kind, when = self._next()
        awake = self._awake()
        if awake <= self._now:
            told = [row.id for row in self._told if row.person not in self._withdrawn]
            telling = Telling.GONE_ON if has_gone_on else Telling.REMINDER
            if owe_again(self._connection, told, telling, self._now):
                self._record([Event(self._row.id, self._now, "reminded")])
        elif awake < when:  # a step, if it has gone on: that a reminder waited brings nobody in before their turn
            kind, when = (STEP if has_gone_on else REMIND), awake
        self._set(kind, when)

    # ------------------------------------------------------------------------------------------- what it rests on

    def _deliveries(self) -> _Rows:
        of_case = select(records.deliveries).where(_owed.case_id == self._row.id)
        return self._connection.execute(of_case.order_by(_owed.step, _owed.id)).all()

    def _reached(self, at_least: int = -1) -> int:
        """The number of the last step that was told."""
        return max((row.step for row in self._told), default=at_least)

    def _due(self, step: Step) -> datetime:
        return due(step.after, self._row.received_at, self._rounds.calendar)

    def _rechecked(self, plan: Plan, reached: int) -> Recheck:
        told = [Told(row.person, Role(row.role)) for row in self._told if row.state != "void"]
        directory = self._rounds.replanning.directory()
        return recheck(replace(plan, steps=_ladder(plan)), told, directory, day_at_school(self._now), reached)

    def _tell(self, found: Recheck, step: int, event: str) -> bool:
        """Owes the case to those who must now be told; whoever was withdrawn before is told by the same delivery."""
        people = [(one.person.id, one.role.value) for one in found.tell]
        voided = {row.person: row.id for row in self._told if row.state == "void"}
        back = update(records.deliveries).where(_owed.id.in_([voided[one] for one, _ in people if one in voided]))
        again = {"state": "due", "due_at": self._now, "attempts": 0, "taken": "", "round": _owed.round + 1}
        self._connection.execute(back.values(**again, notice=Telling.NEW.value))
        owe(self._connection, self._row.id, [one for one in people if one[0] not in voided], step=step, now=self._now)
        self._record([Event(self._row.id, self._now, event, *one) for one in people])
        self._told = self._deliveries()
        return bool(people)

    def _record(self, events: Iterable[Event]) -> None:
        record_events(self._connection, self._rounds.keys, list(events))

    def _set(self, kind: str, when: datetime) -> None:
        set_timer(self._connection, self._row.id, kind, due_at=when, now=self._now)

    def _next(self) -> tuple[str, datetime]:
        """What is to happen next: the step of the route that comes then, or a reminder; never at once."""
        steps, step = (self._plan.steps if self._plan else ()), self._reached() + 1
        if step < len(steps) and (when := self._due(steps[step])) > self._now:
            return STEP, when
        return REMIND, self._next_reminder()

    def _next_reminder(self) -> datetime:
        if self._row.urgent:
            is_long = self._now - self._row.received_at >= SLOWER_AFTER
            return self._now + (REMIND_URGENT_LATER if is_long else REMIND_URGENT)
        if self._row.track == CHILD:
            return self._now + REMIND_CHILD
        return due(Moment.END_OF_NEXT_SCHOOL_DAY, self._now, self._rounds.calendar)

    def _awake(self) -> datetime:
        """When somebody may be reminded: now, unless it can wait and these are quiet hours.

        What is urgent never waits for the morning, nor a concern about a child that nobody has acknowledged.
        """
        if self._row.urgent or (self._row.track == CHILD and not self.is_acknowledged()):
            return self._now
        return min(self._rounds.calendar.awake(self._now), max(self._now, self._last_told() + MOST))

    def _last_told(self) -> datetime:
        moments: list[datetime] = [row.sent_at or row.due_at for row in self._told]
        received: datetime = self._row.received_at
        return max([received, *moments])

    def _is_opened(self) -> bool:
        key = self._rounds.steps.people_key
        return any(
            row.opened_at is not None and person_hash(key, row.person) != self._row.sender_hash for row in self._told
        )

    def _is_covered(self, row: Row[tuple[object, ...]]) -> bool:
        """Whether somebody who was told is away today, and not struck; another holds their role meanwhile."""
        directory, on = self._rounds.replanning.directory(), day_at_school(self._now)
        school = self._row.school or directory.schools[0].id
        away = {person.id for person in directory.covered(Role(row.role), school, on)}
        return row.person in away - self._struck()

    def _struck(self) -> frozenset[str]:
        """The ids of those who were told and are struck, by the records alone: where there is no plan to ask."""
        struck, key = records.struck.c, self._rounds.steps.people_key
        known = set(self._connection.scalars(select(struck.person_hash).where(struck.case_id == self._row.id)))
        return frozenset(row.person for row in self._told if person_hash(key, row.person) in known)

    def _is_out_of_reach(self) -> bool:
        """Whether there is no way to anybody who was told, besides the inbox."""
        told = [row for row in self._told if row.state != "void"]
        is_tried = all(row.state == "waits" or row.round for row in told)
        return bool(told) and is_tried and all(row.sent_at is None for row in told)


def _ladder(plan: Plan) -> tuple[Step, ...]:
    """The steps of a route, and beyond them one for each role that steps in."""
    return (*plan.steps, *(Step(timedelta.max, people) for people in plan.beyond))


def _open_case(connection: Connection, case_id: str) -> Row[tuple[object, ...]] | None:
    cases = records.cases
    query = select(cases).where(cases.c.id == case_id, cases.c.state == "open")
    return connection.execute(query).one_or_none()
