"""Deliveries: what is owed to whom and what was sent, as rows. Claimed under a lease, sent with no lock held, marked.

Nothing gives up, nothing expires unsent. A process that dies between sending and marking sends that one notice again,
under the same key. Clocks are not trusted: what a clock that was wrong wrote down is seen by being further in the
future than anything here ever is, and is then due at once. So nothing is ever owed for later: that is what timers are
for (``bot.cases.delivery.timers``).
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.engines import Busy, Store
from bot.ports import Clock, Milestones, Notice, Sender, Stage, Telling

_log = structlog.get_logger()

LEASE = timedelta(minutes=1)
"""How long a claim is another's to leave alone; a sender must have taken a notice, or raised, within it."""

SKEW = timedelta(minutes=2)
"""How far the clocks of two replicas may be apart, and no harm in it."""

FIRST = timedelta(seconds=5)
"""About how long after the first failure a notice is tried again; each time about twice as long, at most ..."""

LONGEST = timedelta(minutes=15)
"""... so long, or ..."""

LONGEST_URGENT = timedelta(minutes=1)
"""... so long where somebody is in danger."""

_TRIES_TO_MARK = 3

_owed = records.deliveries.c


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send until its lease ends.

    Attributes:
        id: the delivery's.
        case_id: the case's.
        reference: the case's, as people say it.
        urgent: whether somebody is in danger now.
        person: to whom it is owed, by their id in the directory.
        role: in which role.
        step: of the route.
        telling: what is said.
        round: how many notices were owed by this delivery before.
        taken: the ways that took this one already.
        attempts: how often it was claimed, this time included; tells this claim from any other of the same delivery.
    """

    id: str
    case_id: str
    reference: str
    urgent: bool
    person: str
    role: str
    step: int
    attempts: int
    telling: Telling = Telling.NEW
    round: int = 0
    taken: frozenset[str] = frozenset()

    def notice(self) -> Notice:
        """What is sent."""
        key = f"{self.id}.{self.round}" if self.round else self.id
        return Notice(self.reference, self.urgent, self.person, self.role, key, self.telling, self.taken)


def owe(
    connection: Connection, case_id: str, people: Iterable[tuple[str, str]], *, step: int, now: datetime
) -> list[str]:
    """Owes a case to people (each with the role in which), from now on, within the caller's transaction.

    Gives the deliveries' ids, in the same order.
    """
    same = {"case_id": case_id, "step": step, "due_at": now, "state": "due", "attempts": 0}
    owed = [{"id": secrets.token_hex(16), "person": person, "role": role, **same} for person, role in people]
    if owed:
        connection.execute(insert(records.deliveries), owed)
    return [str(one["id"]) for one in owed]


def owe_again(connection: Connection, ids: Iterable[str], telling: Telling, now: datetime) -> None:
    """Owes people another notice of a case that was owed to them before, within the caller's transaction.

    It is a new round, with a key of its own. What is on its way already goes as it is.
    """
    again = update(records.deliveries).where(_owed.id.in_(list(ids)), _owed.state.in_(["sent", "waits"]))
    once_more = {"round": _owed.round + 1, "notice": telling.value, "taken": ""}
    connection.execute(again.values(**once_more, state="due", due_at=now, claimed_until=None, attempts=0))


def sent(connection: Connection, claim: Claimed, now: datetime) -> None:
    """Notes that the platform took a notice, within the caller's transaction.

    Whoever holds the claim now: that it was sent is so, even if it was sent after the lease ended.
    """
    table = records.deliveries
    taken = update(table).where(_owed.id == claim.id, _owed.state != "sent")
    connection.execute(taken.values(state="sent", sent_at=now, claimed_until=None))


def open_and_owed_to_nobody(connection: Connection) -> tuple[str, ...]:
    """The references of open cases that nobody was told of, because everybody of their routes was struck.

    Their senders were shown whom to ring, and each has its timer like any other.
    """
    cases = records.cases.c
    told = select(_owed.id).where(_owed.case_id == cases.id).exists()
    untold = select(cases.reference).where(cases.state == "open", ~told)
    return tuple(connection.scalars(untold.order_by(cases.received_at, cases.id)))


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Claims and marks, each in a transaction of its own that is committed before it returns.

    Attributes:
        store: the records.
    """

    store: Store

    def claim_due(self, now: datetime, lease: timedelta = LEASE, limit: int = 1) -> list[Claimed]:
        """Takes what is due, for as long as a lease lasts: urgent first, then what has been due for longest.

        Raises:
            Busy: the records cannot be written at the moment.
        """
        with self.store.reading() as connection:
            if connection.execute(_due(now, lease, 1)).first() is None:
                return []  # so that whoever finds nothing to do holds up nobody
        with self.store.writing() as connection:
            rows = connection.execute(self.store.claiming(_due(now, lease, limit), of=records.deliveries)).all()
            for row in rows:
                claim = update(records.deliveries).where(_owed.id == row.id)
                connection.execute(claim.values(state="claimed", claimed_until=now + lease, attempts=row.attempts + 1))
            connection.commit()
        return [
            Claimed(
                id=row.id,
                case_id=row.case_id,
                reference=row.reference,
                urgent=row.urgent,
                person=row.person,
                role=row.role,
                step=row.step,
                attempts=row.attempts + 1,
            )
            for row in rows
        ]

    def mark_sent(self, claim: Claimed, now: datetime) -> None:
        """Notes that the platform took it.

        Raises:
            Busy: the records cannot be written at the moment.
        """
        with self.store.writing() as connection:
            sent(connection, claim, now)
            connection.commit()

    def mark_failed(self, claim: Claimed, retry_at: datetime) -> None:
        """Makes it due again, unless the lease ended and another claimed it, or it was sent after all.

        Args:
            claim: the one that came to nothing.
            retry_at: when to try again; ``LONGEST`` from now at the latest.

        Raises:
            Busy: the records cannot be written at the moment.
        """
        mine = and_(_owed.id == claim.id, _owed.state == "claimed", _owed.attempts == claim.attempts)
        with self.store.writing() as connection:
            again = update(records.deliveries).where(mine)
            connection.execute(again.values(state="due", due_at=retry_at, claimed_until=None))
            connection.commit()


def back_off(claim: Claimed, chance: float) -> timedelta:
    """How long to wait after a failure: about twice as long each time, and never as long as everybody else.

    Args:
        claim: the one that came to nothing.
        chance: between 0 and 1: half of the time is left to chance.
    """
    longest = LONGEST_URGENT if claim.urgent else LONGEST
    doublings = min(claim.attempts - 1, 20)  # by then it is the longest for long, and a larger number is none of time
    return min(FIRST * (1 << doublings), longest) * (0.5 + chance / 2)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run came to.

    Attributes:
        sent: how many notices a platform took.
        failed: how many it did not; they are tried again.
    """

    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Sends what is due. Any number of them work side by side, in any number of processes.

    Attributes:
        deliveries: what is owed.
        sender: how people are reached.
        clock: what time it is.
        milestones: hears how far each notice has come.
        chance: gives numbers between 0 and 1.
    """

    deliveries: Deliveries
    sender: Sender
    clock: Clock
    milestones: Milestones
    chance: Callable[[], float] = SystemRandom().random

    def run_once(self, limit: int = 100) -> Run:
        """Sends what is due, one after the other: claim, commit, send with no lock held, mark.

        One is claimed at a time: a process that dies has one in flight, and a slow platform ends no other's lease.

        Args:
            limit: after how many to return, so that whoever calls has a say.

        Raises:
            Busy: nothing can be claimed at the moment.
            SQLAlchemyError: the records are damaged.
        """
        done = [0, 0]
        for _ in range(limit):
            claims = self.deliveries.claim_due(self.clock.now())
            if not claims:
                break
            done[self._deliver(claims[0])] += 1
        return Run(sent=done[True], failed=done[False])

    def _deliver(self, claim: Claimed) -> bool:
        self.milestones.reached(Stage.CLAIMED)
        try:
            self.sender.send(claim.notice())
        except Exception as failure:  # noqa: BLE001 (whatever a platform does wrong, the next notice goes out)
            _log.warning("notice not sent", cause=type(failure).__name__, attempts=claim.attempts)
            retry_at = self.clock.now() + back_off(claim, self.chance())
            self._mark(lambda: self.deliveries.mark_failed(claim, retry_at))
            return False
        self.milestones.reached(Stage.SENT)
        self._mark(lambda: self.deliveries.mark_sent(claim, self.clock.now()))
        self.milestones.reached(Stage.MARKED)
        return True

    def _mark(self, mark: Callable[[], None]) -> None:
        """Marks, more than once if it must be: what is not marked is sent again when its lease ends."""
        for _ in range(_TRIES_TO_MARK):
            try:
                mark()
            except (SQLAlchemyError, Busy) as failure:
                _log.error("notice not marked", cause=type(failure).__name__)
            else:
                return


def _due(now: datetime, lease: timedelta, limit: int) -> Select[*tuple[Any, ...]]:
    """What is to be sent now, urgent first.

    The case is looked up row by row: in a join SQLite may walk through all cases that ever were.
    """
    cases = records.cases.c
    urgent, reference = (
        select(column).where(cases.id == _owed.case_id).scalar_subquery().label(column.name)
        for column in (cases.urgent, cases.reference)
    )
    return (
        select(_owed.id, _owed.case_id, _owed.person, _owed.role, _owed.step, _owed.attempts, urgent, reference)
        .where(_unsent(), or_(_is_due(now), _is_claimed_no_more(now, lease)))
        .order_by(urgent.desc(), _owed.due_at, _owed.id)
        .limit(limit)
    )


def _unsent() -> ColumnElement[bool]:
    """By the index on the state.

    The values stand in the statement itself, or a plan made for any values at all might read the rows of years to find
    the few that are not sent.
    """
    return _owed.state.in_(bindparam("states", ["due", "claimed"], expanding=True, literal_execute=True))


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Its time has come; or it is so far away that a clock was wrong when it was written."""
    return and_(_owed.state == "due", or_(_owed.due_at <= now, _owed.due_at > now + LONGEST + SKEW))


def _is_claimed_no_more(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Whoever claimed it had their time; or they would have it for so long that a clock was wrong when they did."""
    ends = _owed.claimed_until
    return and_(_owed.state == "claimed", or_(ends <= now, ends > now + lease + SKEW))
