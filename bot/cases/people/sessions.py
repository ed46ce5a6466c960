"""Who is signed in: sessions kept in the records, so that every process and every restart knows them."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.keys.sealing import CaseKey, Place, SealBroken
from bot.engines import Busy, Store, Unreachable
from bot.ports import Clock

IDLE_END = timedelta(minutes=30)
"""A session ends when nothing was asked of it for so long."""

ABSOLUTE_END = timedelta(hours=8)
"""A session ends so long after signing in, whatever happens: a working day."""

NOTED_EVERY = timedelta(minutes=1)
"""That a session is used is written down so often at most: a look at a page must not wait for those who write. So one
may end up to this much before its idle time is over, never after."""

_PATIENCE = 0.25
"""Seconds that noting a use waits for other writers; then it is left to the next look."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Proof:
    """That somebody showed who they are.

    Attributes:
        person: their id in the directory.
        way: how: ``link``, or the name of a platform.
        at: when, in UTC; with a platform it may be before they came here.
    """

    person: str
    way: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One session that lasts.

    Attributes:
        id_hash: what it is known by here; nobody comes in by it.
        proof: who, how, and when they last showed it.
        began: when it began, in UTC.
        used: when it was last used, to within ``NOTED_EVERY``.
    """

    id_hash: str
    proof: Proof
    began: datetime
    used: datetime


class Sessions:
    """Begins sessions, finds them, ends them.

    A session's id is 32 random bytes that only the browser has. The records have a keyed hash of it, a keyed hash of
    the person, to end all of theirs, and the person sealed and bound to the session: by the records alone nobody can
    say who was signed in when a report came.
    """

    def __init__(self, store: Store, key: bytes, clock: Clock) -> None:
        """Begins nothing.

        Args:
            store: the records.
            key: 32 bytes for the hashes and the seal, the same in every process.
            clock: for the ends.
        """
        self._store = store
        self._key = key
        self._clock = clock

    def begin(self, proof: Proof, instead_of: str = "") -> str:
        """A new session for somebody who has just shown who they are; gives its id, for the browser alone.

        Args:
            proof: who they are.
            instead_of: the id that the browser had, if any: that session ends, whoever's it was.

        Raises:
            SQLAlchemyError: it cannot be stored; nobody is signed in then.
            Busy: likewise.
        """
        session_id, now = secrets.token_urlsafe(32), self._clock.now()
        table, id_hash = records.sessions, self._hash("id", session_id)
        with self._store.writing() as connection:
            connection.execute(
                delete(table).where(or_(self._is_over(now), table.c.id_hash == self._hash("id", instead_of)))
            )
            row = {
                "id_hash": id_hash,
                "person_hash": self._hash("person", proof.person),
                "person_sealed": self._seal.seal(proof.person, _place(id_hash)),
                "way": proof.way,
                "proved_at": proof.at,
                "began_at": now,
                "used_at": now,
            }
            connection.execute(insert(table).values(**row))
            connection.commit()
        return session_id

    def find(self, session_id: str) -> Session | None:
        """The session of that id while it lasts, else None; to ask counts as use.

        While the records do not answer nobody is signed in: what needs no sign-in goes on.
        """
        if not session_id:
            return None
        now, known = self._clock.now(), self._hash("id", session_id)
        try:
            with self._store.reading() as connection:
                query = select(records.sessions).where(records.sessions.c.id_hash == known)
                row = connection.execute(query).one_or_none()
            session = None if row is None else self._opened(row)
        except (SQLAlchemyError, Busy, Unreachable, SealBroken) as failure:
            _log.warning("session not found out", cause=type(failure).__name__)
            return None
        if session is None or not _lasts(session, now):
            return None
        if now - session.used >= NOTED_EVERY:
            self._note(known, now)
        return session

    def of(self, person: str) -> tuple[Session, ...]:
        """The sessions of a person that last, the newest first."""
        table, now = records.sessions, self._clock.now()
        query = select(table).where(table.c.person_hash == self._hash("person", person))
        with self._store.reading() as connection:
            found = [self._opened(row) for row in connection.execute(query.order_by(table.c.began_at.desc()))]
        return tuple(session for session in found if _lasts(session, now))

    def end(self, session_id: str) -> None:
        """Ends the session of that id, on every process."""
        self._end(records.sessions.c.id_hash == self._hash("id", session_id))

    def end_all(self, person: str) -> int:
        """Ends every session of a person; gives how many there were."""
        return self._end(records.sessions.c.person_hash == self._hash("person", person))

    def end_in(self, connection: Connection, person: str) -> None:
        """Ends every session of a person in the caller's transaction: what they may has changed with it."""
        mine = records.sessions.c.person_hash == self._hash("person", person)
        connection.execute(delete(records.sessions).where(mine))

    def _end(self, which: ColumnElement[bool]) -> int:
        with self._store.writing() as connection:
            ended = connection.execute(delete(records.sessions).where(which)).rowcount
            connection.commit()
        return ended

    def _note(self, id_hash: str, now: datetime) -> None:
        table = records.sessions
        try:
            with self._store.writing(_PATIENCE) as connection:
                connection.execute(update(table).where(table.c.id_hash == id_hash).values(used_at=now))
                connection.commit()
        except (SQLAlchemyError, Busy, Unreachable) as failure:  # the next look notes it
            _log.warning("use of a session not noted", cause=type(failure).__name__)

    def _opened(self, row: "Row[tuple[object, ...]]") -> Session:
        person = self._seal.unseal(row.person_sealed, _place(row.id_hash))
        return Session(row.id_hash, Proof(person, row.way, row.proved_at), row.began_at, row.used_at)

    @staticmethod
    def _is_over(now: datetime) -> ColumnElement[bool]:
        """What ``_lasts`` would not find."""
        table = records.sessions.c
        return or_(table.used_at <= now - IDLE_END, table.began_at <= now - ABSOLUTE_END, table.used_at > now)

    @property
    def _seal(self) -> CaseKey:
        return CaseKey(hmac.new(self._key, b"seal", hashlib.sha256).digest())

    def _hash(self, what: str, value: str) -> str:
        return hmac.new(self._key, f"{what}\x1f{value}".encode(), hashlib.sha256).hexdigest()


def _lasts(session: Session, now: datetime) -> bool:
    """Within both ends. A clock that was set back ends a session too: nobody knows any more how long it lasted."""
    return session.used <= now < session.used + IDLE_END and now < session.began + ABSOLUTE_END


def _place(id_hash: str) -> Place:
    return Place("sessions", "person_sealed", id_hash)
