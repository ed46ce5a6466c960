"""Progress: what somebody has done of a walk, sealed, so that they go on wherever they come back."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, insert, select, update

from bot.cases import records
from bot.cases.keys.keystore import KeyStore
from bot.cases.keys.sealing import CaseKey, Place, SealBroken
from bot.engines import Store
from bot.induction.walk import NOTHING, Done
from bot.ports import Clock
from knowledge.errors import TouchstoneError

_LISTS = ("judged", "ticked", "read", "skipped")


class NoSuchWalk(TouchstoneError):
    """Nobody began a walk under this code; it may have been mistyped."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How far somebody has come.

    Attributes:
        done: what they have done.
        started: when they began, in UTC.
        moved: when they went on last, in UTC.
    """

    done: Done
    started: datetime
    moved: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """Keeps how far people have come. Their owners are known by keyed hashes, as those of drafts.

    Attributes:
        store: the records.
        keys: the keys it is sealed under, one for each walk.
        owner_key: 32 bytes; makes the hashes of owners.
        clock: what time it is.
    """

    store: Store
    keys: KeyStore
    owner_key: bytes = field(repr=False)
    clock: Clock

    def hash_of(self, owner: str) -> str:
        """By what an owner is known: HMAC-SHA256, in hexadecimal."""
        return hmac.new(self.owner_key, owner.encode(), hashlib.sha256).hexdigest()

    def find(self, owner: str, policy: str) -> Kept | None:
        """How far an owner has come with a policy; None where they have not begun. What cannot be opened is not begun.

        A walk whose key is gone, or that was changed, is walked again: it is no report, and minutes are lost.
        """
        if not owner:
            return None
        table = records.inductions
        query = select(table).where(table.c.owner_hash == self.hash_of(owner), table.c.policy == policy)
        with self.store.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else self._opened(row)

    def all(self, policy: str) -> Mapping[str, Kept]:
        """How far everybody has come with a policy, by the hash of the owner."""
        table = records.inductions
        with self.store.reading() as connection:
            rows = connection.execute(select(table).where(table.c.policy == policy)).all()
        return {row.owner_hash: self._opened(row) for row in rows}

    def of(self, owner: str) -> Mapping[str, Kept]:
        """How far an owner has come, by policy."""
        table = records.inductions
        with self.store.reading() as connection:
            rows = connection.execute(select(table).where(table.c.owner_hash == self.hash_of(owner))).all()
        return {row.policy: self._opened(row) for row in rows}

    def is_known(self, owner: str) -> bool:
        """Whether anything was begun under an owner."""
        table = records.inductions
        query = select(table.c.id).where(table.c.owner_hash == self.hash_of(owner)).limit(1)
        with self.store.reading() as connection:
            return connection.scalar(query) is not None

    def change(self, owner: str, policy: str, act: Callable[[Done], Done]) -> Kept:
        """Does something to what is done, and stores it; begins where nothing was.

        What another request did meanwhile is read within the transaction, so that nothing of it is lost.

        Raises:
            Busy: the records cannot be written at the moment.
        """
        hashed, now, table = self.hash_of(owner), self.clock.now(), records.inductions
        mine = (table.c.owner_hash == hashed, table.c.policy == policy)
        with self.store.reading() as connection:
            known = connection.scalar(select(table.c.id).where(*mine))
        new_id = secrets.token_hex(16)
        new_key = None if known else self.keys.new(new_id, now)  # committed before anything is sealed under it
        with self.store.writing() as connection:
            row = connection.execute(select(table).where(*mine)).one_or_none()
            before = NOTHING if row is None else self._opened(row).done
            done = act(before)
            if row is None:
                new_key = new_key or self.keys.new(new_id, now)
                sealed = new_key.seal(_written(done), _place(new_id))
                first = {"id": new_id, "owner_hash": hashed, "policy": policy, "started_at": now, "moved_at": now}
                connection.execute(insert(table).values(**first, sealed=sealed))
                started = now
            else:
                started = row.started_at
                if done == before:
                    return Kept(done, started, row.moved_at)
                sealed = self._key(row.id, now).seal(_written(done), _place(row.id))
                connection.execute(update(table).where(table.c.id == row.id).values(sealed=sealed, moved_at=now))
            connection.commit()
        return Kept(done, started, now)

    def _opened(self, row: "Row[tuple[object, ...]]") -> Kept:
        try:
            said = json.loads(self.keys.key(row.id).unseal(row.sealed, _place(row.id)))
            done = Done(*(frozenset(map(str, said[name])) for name in _LISTS))
        except (SealBroken, ValueError, KeyError, TypeError):
            done = NOTHING
        return Kept(done, row.started_at, row.moved_at)

    def _key(self, walk: str, now: datetime) -> CaseKey:
        try:
            return self.keys.key(walk)
        except SealBroken:
            self.keys.destroy(walk)
            return self.keys.new(walk, now)


def _written(done: Done) -> str:
    return json.dumps({name: sorted(getattr(done, name)) for name in _LISTS})


def _place(walk: str) -> Place:
    return Place("inductions", "sealed", walk)
