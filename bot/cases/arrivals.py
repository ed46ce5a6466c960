"""Arrivals: what chat platforms delivered, so that each message is handled once, also when the process dies in between.

A platform is told that a message has come before it is handled, and delivers again what it thinks has not. So the id of
each is kept for a day, as a keyed hash, and what it was, sealed, until somebody has dealt with it.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import and_, delete, insert, or_, select, update

from bot.cases import records
from bot.cases.keys.sealing import CaseKey, Place, SealBroken
from bot.engines import Store
from bot.ports import Clock

KEPT = timedelta(days=1)
"""How long it is known that a message came; platforms deliver again for an hour or two. What nobody could handle by
then is deleted with it."""

LEASE = timedelta(minutes=1)
"""How long whoever took a message has it; then it counts as left by a process that died."""

MOST_ATTEMPTS = 3
"""How often a message is handled at most: one that ends the process each time must not do so for ever."""

_AT_ONCE = 100
"""How many of those that were left are taken up at once."""


@dataclass(frozen=True, slots=True)
class Left:
    """A message that was taken and not handled.

    Attributes:
        id_hash: what it is known by here.
        body: what it was, as it was given to ``take``.
    """

    id_hash: str
    body: str = field(repr=False)


class Arrivals:
    """Takes messages, each once."""

    def __init__(self, store: Store, key: bytes, clock: Clock) -> None:
        """Takes none.

        Args:
            store: the records.
            key: 32 bytes for the hashes and the seal, the same in every process.
            clock: for the lease, and for what is old.
        """
        self._store = store
        self._key = key
        self._clock = clock

    def take(self, platform: str, message_id: str, body: str) -> str | None:
        """Keeps a message until it is handled; None where it came before, whatever became of it.

        Args:
            platform: which delivered it.
            message_id: what it is called there.
            body: what it was; empty where nothing of it may be kept, and then it is lost when the process dies.

        Returns:
            What it is known by here, for ``handled``.

        Raises:
            SQLAlchemyError: it cannot be stored: the platform has to deliver it again.
            Busy: likewise.
            Unreachable: likewise.
        """
        now, table = self._clock.now(), records.arrivals
        id_hash = self._hash(platform, message_id)
        with self._store.writing() as connection:
            connection.execute(delete(table).where(table.c.arrived_at <= now - KEPT))
            if connection.scalar(select(table.c.id_hash).where(table.c.id_hash == id_hash)) is not None:
                return None
            row = {
                "id_hash": id_hash,
                "arrived_at": now,
                "sealed": self._seal.seal(body, _place(id_hash)) if body else None,
                "claimed_until": now + LEASE,
                "attempts": 1,
            }
            connection.execute(insert(table).values(**row))
            connection.commit()
        return id_hash

    def is_new(self, platform: str, message_id: str) -> bool:
        """Whether something comes for the first time; from here on it does not. Nothing of it is kept but its id.

        Raises:
            SQLAlchemyError: that cannot be found out.
            Busy: likewise.
            Unreachable: likewise.
        """
        return self.take(platform, message_id, "") is not None

    def handled(self, id_hash: str) -> None:
        """Forgets what a message was; that it came is still known.

        Raises:
            SQLAlchemyError: that cannot be stored; it may be handled once more.
            Busy: likewise.
            Unreachable: likewise.
        """
        table = records.arrivals
        with self._store.writing() as connection:
            connection.execute(update(table).where(table.c.id_hash == id_hash).values(sealed=None))
            connection.commit()

    def left(self) -> tuple[Left, ...]:
        """What was taken and not handled in its time, the oldest first; it is taken anew, by whoever asks first.

        What is old is deleted, also where nothing new comes.

        Raises:
            SQLAlchemyError: the records do not answer.
            Busy: likewise.
            Unreachable: likewise.
        """
        now, table = self._clock.now(), records.arrivals
        is_old = table.c.arrived_at <= now - KEPT
        is_left = (table.c.sealed.is_not(None), table.c.claimed_until <= now, table.c.arrived_at > now - KEPT)
        query = select(table).where(*is_left).order_by(table.c.arrived_at).limit(_AT_ONCE)
        with self._store.reading() as connection:
            wanted = select(table.c.id_hash).where(or_(is_old, and_(*is_left))).limit(1)
            if connection.execute(wanted).one_or_none() is None:
                return ()  # whoever writes need not wait for this look
        with self._store.writing() as connection:
            connection.execute(delete(table).where(is_old))
            rows = connection.execute(self._store.claiming(query)).all()
            for row in rows:
                known = table.c.id_hash == row.id_hash
                is_last = row.attempts >= MOST_ATTEMPTS
                given_up = {"sealed": None} if is_last else {}
                claimed = {"claimed_until": now + LEASE, "attempts": row.attempts + 1}
                connection.execute(update(table).where(known).values(**claimed, **given_up))
            connection.commit()
        return tuple(self._opened((row.id_hash, row.sealed) for row in rows if row.attempts < MOST_ATTEMPTS))

    def _opened(self, rows: Iterator[tuple[str, bytes]]) -> Iterator[Left]:
        for id_hash, sealed in rows:
            try:
                yield Left(id_hash, self._seal.unseal(sealed, _place(id_hash)))
            except SealBroken:  # it can never be opened; it is deleted when it is old
                continue

    @property
    def _seal(self) -> CaseKey:
        return CaseKey(hmac.new(self._key, b"seal", hashlib.sha256).digest())

    def _hash(self, platform: str, message_id: str) -> str:
        return hmac.new(self._key, f"{platform}\x1f{message_id}".encode(), hashlib.sha256).hexdigest()


def _place(id_hash: str) -> Place:
    return Place("arrivals", "sealed", id_hash)
