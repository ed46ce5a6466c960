"""Drafts: half-filled forms, sealed, that nobody but their owner comes back to."""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from sqlalchemy import Connection, Row, insert, select, update

from bot.cases import records
from bot.cases.keys.sealing import CaseKey, Place, SealBroken
from bot.cases.reference import ALPHABET
from bot.engines import Store
from bot.ports import Clock
from knowledge.errors import TouchstoneError

OPEN, SENT, DISCARDED = "open", "sent", "discarded"
CODE = "code:"
PERSON = "person:"

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_CODE_SIGNS = 12
_GROUP = 4


class NoSuchDraft(TouchstoneError):
    """This owner has no such draft; whether there is one at all is not said."""


class DraftUnreadable(TouchstoneError):
    """This draft cannot be opened: its key is gone, or what is stored was changed; restore it from a backup."""


class DraftKeys(Protocol):
    """Keys for drafts (``KeyStore``): one for each, as for a case."""

    def new(self, case_id: str, now: datetime) -> CaseKey:
        """Makes a key and commits it, before anything is sealed under it."""

    def key(self, case_id: str) -> CaseKey:
        """The key of that id."""


@runtime_checkable
class DestroysKeys(Protocol):
    """A key store that can destroy a key."""

    def destroy(self, case_id: str) -> None:
        """Destroys the key of that id; nothing that was sealed under it can be read again."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A half-filled form.

    Attributes:
        id: what it is known by; the case that it becomes is taken once under it.
        form: the form's name.
        answers: what is filled in, by question key.
        clause: the label of the clause that the conversation came to.
        school: the id of the school, where it is known.
        started: when, in UTC.
        updated: when it was last saved, in UTC.
    """

    id: str
    form: str
    answers: Mapping[str, str] = field(repr=False)
    clause: str | None
    school: str | None
    started: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Unsent:
    """That there is a draft, of which form, and whose: nothing of what is in it."""

    id: str
    owner_hash: str
    form: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class Drafts:
    """Keeps drafts.

    An owner is ``person:`` and an id in the directory, or ``code:`` and a code from ``new_code``. Only a keyed hash of
    it is stored, so that the records alone tell neither who writes nor by which code.

    Attributes:
        store: the records.
        keys: the keys they are sealed under.
        owner_key: 32 bytes; makes the hashes of owners.
        clock: what time it is.
    """

    store: Store
    keys: DraftKeys
    owner_key: bytes = field(repr=False)
    clock: Clock

    def open(
        self, form: str, prefill: Mapping[str, str] | None = None, clause: str | None = None, school: str | None = None
    ) -> Draft:
        """A new draft, with what is known already. Nothing is stored until ``save``."""
        now = self.clock.now()
        return Draft(secrets.token_hex(16), form, dict(prefill or {}), clause, school, now, now)

    def save(self, draft: Draft, owner: str, answers: Mapping[str, str]) -> Draft:
        """Stores a draft with these answers, for this owner.

        A draft that was sent or discarded meanwhile, or is another's, is not touched: what was written then is kept
        under an id of its own.

        Returns:
            The draft as it is stored.
        """
        hashed, now = self.hash_of(owner), self.clock.now()
        row = self._row(draft.id)
        is_mine = row is not None and row.state == OPEN and hmac.compare_digest(row.owner_hash, hashed)
        is_new = row is None and _ID.fullmatch(draft.id)
        draft_id = draft.id if is_mine or is_new else secrets.token_hex(16)
        started = row.started_at if row is not None and is_mine else now
        kept = replace(draft, id=draft_id, answers=dict(answers), started=started, updated=now)
        key = self.keys.key(kept.id) if is_mine else self.keys.new(kept.id, now)
        values = {
            "form": kept.form,
            "school": kept.school,
            "clause": kept.clause,
            "updated_at": now,
            "sealed": key.seal(json.dumps(kept.answers), _place(kept.id)),
        }
        table = records.drafts
        with self.store.writing() as connection:
            if is_mine:
                mine = (table.c.id == kept.id, table.c.state == OPEN)
                if not connection.execute(update(table).where(*mine).values(**values)).rowcount:
                    raise NoSuchDraft  # it was sent or discarded just now, elsewhere
            else:
                first = {"id": kept.id, "owner_hash": hashed, "started_at": kept.started, "state": OPEN}
                connection.execute(insert(table).values(**first, **values))
            connection.commit()
        return kept

    def resume(self, owner: str) -> tuple[Draft, ...]:
        """What an owner left, the newest first, on whatever platform it was.

        Raises:
            DraftUnreadable: one of them cannot be opened.
        """
        return tuple(self._opened(row) for row in self._rows(owner))

    def find(self, owner: str, draft_id: str = "") -> Draft:
        """One draft of an owner: that of this id, or the newest.

        Raises:
            NoSuchDraft: they have none.
            DraftUnreadable: it cannot be opened.
        """
        return self._opened(self._one(owner, draft_id))

    def titles(self, owner: str) -> tuple[tuple[str, str, datetime], ...]:
        """Id, form and time of all that an owner left, the newest first; nothing is opened."""
        return tuple((row.id, row.form, row.updated_at) for row in self._rows(owner))

    def discard(self, owner: str, draft_id: str = "") -> None:
        """Takes away what was written in a draft, and destroys its key.

        Raises:
            NoSuchDraft: this owner has no such draft.
        """
        row = self._one(owner, draft_id)
        with self.store.writing() as connection:
            self._close(connection, row.id, DISCARDED)
            connection.commit()
        self.forget(row.id)

    def sent(self, connection: Connection, draft_id: str, owner: str) -> bool:
        """Closes a draft whose case is being stored, in the case's own transaction: both are there, or neither.

        Call ``forget`` after the commit. Whether there was such a draft of this owner is given back.
        """
        table = records.drafts
        query = select(table.c.owner_hash).where(table.c.id == draft_id, table.c.state == OPEN)
        hashed = connection.scalar(query) if owner else None
        if hashed is None or not hmac.compare_digest(hashed, self.hash_of(owner)):
            return False
        self._close(connection, draft_id, SENT)
        return True

    def was_sent(self, owner: str, draft_id: str) -> bool:
        """Whether this owner had such a draft, and it was sent."""
        row = self._row(draft_id) if owner else None
        return row is not None and row.state == SENT and hmac.compare_digest(row.owner_hash, self.hash_of(owner))

    def forget(self, draft_id: str) -> None:
        """Destroys the key of a draft that is closed; of anything else, not one.

        The id comes from outside, and the key store has the keys of cases too.
        """
        row = self._row(draft_id)
        if row is not None and row.state != OPEN and isinstance(self.keys, DestroysKeys):
            self.keys.destroy(draft_id)

    def unsent(self, before: datetime) -> tuple[Unsent, ...]:
        """Drafts last saved before a moment (UTC) and not sent, the oldest first: that they are there, and whose."""
        table = records.drafts
        query = select(table).where(table.c.state == OPEN, table.c.updated_at < before).order_by(table.c.updated_at)
        with self.store.reading() as connection:
            return tuple(Unsent(row.id, row.owner_hash, row.form, row.updated_at) for row in connection.execute(query))

    def answers_to_route(self, draft_id: str) -> Mapping[str, str]:
        """What is filled in, for nobody to see: whom it names must not hear that it is there.

        Raises:
            NoSuchDraft: it was sent or discarded meanwhile.
            DraftUnreadable: it cannot be opened.
        """
        row = self._row(draft_id)
        if row is None or row.state != OPEN:
            raise NoSuchDraft
        return self._opened(row).answers

    def hash_of(self, owner: str) -> str:
        """By what an owner is known: HMAC-SHA256, in hexadecimal."""
        return hmac.new(self.owner_key, owner.encode(), hashlib.sha256).hexdigest()

    def _row(self, draft_id: str) -> Row[tuple[object, ...]] | None:
        with self.store.reading() as connection:
            return connection.execute(select(records.drafts).where(records.drafts.c.id == draft_id)).one_or_none()

    def _rows(self, owner: str) -> list[Row[tuple[object, ...]]]:
        table = records.drafts
        query = select(table).where(table.c.owner_hash == self.hash_of(owner), table.c.state == OPEN)
        with self.store.reading() as connection:
            return list(connection.execute(query.order_by(table.c.updated_at.desc(), table.c.id))) if owner else []

    def _one(self, owner: str, draft_id: str) -> Row[tuple[object, ...]]:
        found = next((row for row in self._rows(owner) if draft_id in {"", row.id}), None)
        if found is None:
            raise NoSuchDraft
        return found

    def _opened(self, row: Row[tuple[object, ...]]) -> Draft:
        try:
            answers = json.loads(self.keys.key(row.id).unseal(row.sealed, _place(row.id)))
        except SealBroken:
            raise DraftUnreadable from None
        return Draft(row.id, row.form, answers, row.clause, row.school, row.started_at, row.updated_at)

    def _close(self, connection: Connection, draft_id: str, state: str) -> None:
        """Takes the content away at once: the key goes after the commit, and a process may die in between."""
        table = records.drafts
        values = {"state": state, "sealed": b"", "updated_at": self.clock.now()}
        connection.execute(update(table).where(table.c.id == draft_id, table.c.state == OPEN).values(**values))


def new_code() -> str:
    """A code such as ``7KQ4-2M9X-PDH3`` to come back with: twelve random signs of 31 (59 bits), easily read aloud."""
    return spelled("".join(secrets.choice(ALPHABET) for _ in range(_CODE_SIGNS)))


def spelled(signs: str) -> str:
    """The signs of a code in groups, as it is shown and written down."""
    return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))


def code_owner(typed: str) -> str:
    """The owner that a code stands for, however it was typed: small letters, spaces, no hyphens. Empty for no code."""
    signs = "".join(sign for sign in typed.upper() if sign in ALPHABET)
    return CODE + signs if len(signs) == _CODE_SIGNS else ""


def _place(draft_id: str) -> Place:
    return Place("drafts", "sealed", draft_id)
