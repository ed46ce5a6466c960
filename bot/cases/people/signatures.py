"""The chain of sign-offs: who signed what and when, only ever added to, so that a row that is changed or cut shows."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, insert, select

from bot.cases import records
from bot.cases.keys.keystore import Head, KeyStore
from bot.cases.keys.sealing import Place, SealBroken
from knowledge.errors import TouchstoneError

HEAD = "sign_offs"
"""Under what the key store remembers the newest row, and derives the key of the chain."""

_START = bytes(32)


class SignOffsDamaged(TouchstoneError):
    """The record of who signed was changed or cut off; put it back from a backup."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One row of the chain.

    Attributes:
        id: of the sign-off.
        owner_hash: a keyed hash of whoever signed.
        school: at which school.
        policy: the policy's slug.
        digest: of the whole policy that was signed.
        agreement: digest of the words that stood over the signature.
        way: ``walk``, or ``form``.
        form_hash: of the form in which it was signed; the same one is the same signature.
        signed_at: when, in UTC.
        words_hash: a keyed digest of what was written with it: it stays when that is deleted.
        number: its place in the chain, from 1; 0 while it is not in it.
    """

    id: str
    owner_hash: str = field(repr=False)
    school: str
    policy: str
    digest: str
    agreement: str
    way: str
    form_hash: str = field(repr=False)
    signed_at: datetime
    words_hash: str = field(repr=False)
    number: int = 0


def add_signature(connection: Connection, keys: KeyStore, signature: Signature) -> Head:
    """Adds a signature to the end of the chain, in the caller's transaction; gives the new end.

    Writers are one at a time (``Store.writing``), so no two take one number. After the commit the caller lets the key
    store remember the end under ``HEAD``.

    Raises:
        SignOffsDamaged: what the key store remembers is not there: whoever added to it would cover that up.
    """
    remembered = keys.head(HEAD)
    end = end_of_signatures(connection) or Head(0, _START)
    if remembered is not None and not _has(connection, remembered):
        raise SignOffsDamaged
    number = end.number + 1
    mac = _link(keys, number, signature, end.mac)
    row = {name: getattr(signature, name) for name in _COLUMNS}
    connection.execute(insert(records.sign_offs).values(number=number, mac=mac, **row))
    return Head(number, mac)


def signature_of(row: "Row[tuple[object, ...]]") -> Signature:
    """A row of the table as what it says."""
    return Signature(**{name: getattr(row, name) for name in _COLUMNS}, number=row.number)


def keyed_words(keys: KeyStore, words: str) -> str:
    """The keyed digest of what was written with a signature (HMAC-SHA256), in hexadecimal."""
    return hmac.new(keys.derive("words of sign-offs"), words.encode(), hashlib.sha256).hexdigest()


def words_place(sign_off: str) -> Place:
    """Where what was written with a signature is sealed."""
    return Place("sign_off_words", "sealed", sign_off)


def end_of_signatures(connection: Connection) -> Head | None:
    """The newest row, as it stands there; None without any."""
    table = records.sign_offs
    row = connection.execute(select(table.c.number, table.c.mac).order_by(table.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else Head(row.number, row.mac)


def check_signatures(connection: Connection, keys: KeyStore, remembered: Head | None) -> int:
    """How many signatures there are.

    Args:
        connection: to the records.
        keys: for the chain.
        remembered: what the key store remembered before the records were first looked at: it lags, and never leads.

    Raises:
        SignOffsDamaged: a row or the words of a policy were changed, or rows are gone.
    """
    end, is_there = Head(0, _START), remembered is None
    for row in _rows(connection):
        said = signature_of(row)
        if row.number != end.number + 1 or not hmac.compare_digest(row.mac, _link(keys, row.number, said, end.mac)):
            raise SignOffsDamaged
        end = Head(row.number, row.mac)
        is_there = is_there or end == remembered
    policies = records.signed_policies
    for kept in connection.execute(select(policies.c.digest, policies.c.document)):
        if document_digest(kept.document) != kept.digest:
            raise SignOffsDamaged
    if not is_there:
        raise SignOffsDamaged
    return end.number


def check_words(connection: Connection, keys: KeyStore) -> None:
    """Opens what was written with every signature, as far as it was not deleted for good; nothing of it is kept.

    Raises:
        SignOffsDamaged: something does not open, is not what was signed, or is gone while its key is there.
    """
    known = keys.known()  # a key is committed before its words, and destroyed after them
    written = {one.id: one.sealed for one in connection.execute(select(records.sign_off_words))}
    for row in _rows(connection):
        sealed = written.get(row.id)
        try:
            if sealed is not None:
                words = keys.key(row.id).unseal(sealed, words_place(row.id))
                if not hmac.compare_digest(keyed_words(keys, words), row.words_hash):
                    raise SignOffsDamaged
            elif row.id in known:
                raise SignOffsDamaged
        except SealBroken:
            raise SignOffsDamaged from None


def document_digest(document: str) -> str:
    """The SHA-256 of a policy's words as they are kept, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()


_COLUMNS: Sequence[str] = (
    "id", "owner_hash", "school", "policy", "digest", "agreement", "way", "form_hash", "signed_at", "words_hash",
)  # fmt: skip


def _rows(connection: Connection) -> Sequence["Row[tuple[object, ...]]"]:
    """Every row, in order.

    Raises:
        SignOffsDamaged: somebody wrote what no row holds.
    """
    try:
        return connection.execute(select(records.sign_offs).order_by(records.sign_offs.c.number)).all()
    except (AttributeError, TypeError, ValueError):
        raise SignOffsDamaged from None


def _has(connection: Connection, head: Head) -> bool:
    table = records.sign_offs
    return connection.scalar(select(table.c.mac).where(table.c.number == head.number)) == head.mac


def _link(keys: KeyStore, number: int, signature: Signature, before: bytes) -> bytes:
    """The mac of a row: over the one before it and all that the row says (HMAC-SHA256, RFC 2104)."""
    said: list[object] = [number]
    for name in _COLUMNS:
        value = getattr(signature, name)
        said.append(value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value)
    canonical = json.dumps(said, separators=(",", ":")).encode()
    return hmac.new(keys.derive(HEAD), before + canonical, hashlib.sha256).digest()
