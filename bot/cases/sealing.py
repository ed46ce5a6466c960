"""Sealing: every answer encrypted under its case's own key; the keys in a store apart, wrapped by the master key."""

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import URL, Column, LargeBinary, MetaData, String, Table, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from bot.engines import Store, UtcTime, address, named
from knowledge.disk import flush, make_folder
from knowledge.errors import TouchstoneError

KEY_BYTES = 32
_NONCE_BYTES = 12
_BLOCK_BYTES = 256
_VERSION = b"\x01"

_metadata = MetaData()
_case_keys = Table(
    "case_keys",
    _metadata,
    Column("case_id", String(32), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("made_at", UtcTime, nullable=False),
)
_identity = Table("identity", _metadata, Column("master_key", String(64), primary_key=True))


class MasterKeyMissing(TouchstoneError):
    """There are reports sealed under a master key, and it is not there; put the key file back from its backup."""


class KeyStoreMissing(TouchstoneError):
    """There are reports here, and the store of their keys is not; put it back from its backup."""


class KeyStoreUnusable(TouchstoneError):
    """The store of the keys cannot be used: see to the file and its folder, or put it back from a backup."""


class MasterKeyWrong(TouchstoneError):
    """This is not the master key that the reports here are sealed under; put the right one back from its backup."""


class MasterKeyMalformed(TouchstoneError):
    """A master key is 32 bytes in base64, as `openssl rand -base64 32` prints them."""


class SealBroken(TouchstoneError):
    """This case cannot be opened: its key is gone, or what is stored was changed; restore it from a backup."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The one secret from which everything else is derived or unwrapped."""

    secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads it from base64.

        Raises:
            MasterKeyMalformed: it is not 32 bytes in base64.
        """
        try:
            secret = base64.b64decode(text.strip(), validate=True)
        except ValueError:
            raise MasterKeyMalformed from None
        if len(secret) != KEY_BYTES:
            raise MasterKeyMalformed
        return cls(secret)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Reads it from a file; None where there is none.

        Raises:
            MasterKeyMalformed: the file holds something else.
        """
        if not path.exists():
            return None
        try:
            return cls.parse(path.read_text(encoding="ascii", errors="replace"))
        except MasterKeyMalformed:
            raise MasterKeyMalformed(path) from None

    @classmethod
    def create(cls, path: Path) -> Self:
        """Makes a new one in a file that only its owner can read: whole and on the disk before it has its name."""
        secret = secrets.token_bytes(KEY_BYTES)
        make_folder(path.parent)
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secret) + b"\n")
        flush(aside)
        try:
            path.hardlink_to(aside)  # never over a key that is there
        finally:
            aside.unlink()
        flush(path.parent)
        return cls(secret)

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose (HKDF-SHA256, RFC 5869): knowing one tells nothing of the others."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"touchstone/" + purpose.encode()).derive(self.secret)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value belongs. It opens nowhere else."""

    table: str
    column: str
    row: str

    def bound(self) -> bytes:
        """The place as authenticated data."""
        return f"{self.table}\x1f{self.column}\x1f{self.row}".encode()


@dataclass(frozen=True, slots=True)
class CaseKey:
    """The data key of one case."""

    secret: bytes = field(repr=False)

    def seal(self, text: str, place: Place) -> bytes:
        """Encrypts a text for its place (AES-256-GCM, NIST SP 800-38D, a new random nonce each time).

        It is filled up to whole blocks first (ISO/IEC 7816-4), or its length would tell one choice from another.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        filled = text.encode() + b"\x80"
        filled += bytes(-len(filled) % _BLOCK_BYTES)
        return _VERSION + nonce + AESGCM(self.secret).encrypt(nonce, filled, _VERSION + place.bound())

    def unseal(self, sealed: bytes, place: Place) -> str:
        """Decrypts what ``seal`` made for this place.

        Raises:
            SealBroken: it was changed, moved, or sealed under another key.
        """
        nonce, content = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            filled = AESGCM(self.secret).decrypt(nonce, content, sealed[:1] + place.bound())
            return filled.rstrip(b"\0")[:-1].decode()
        except (InvalidTag, ValueError):
            raise SealBroken from None


class KeyStore:
    """The data keys, wrapped by the master key, in a database apart from the records."""

    def __init__(self, store: Store, master: MasterKey, *, is_first_start: bool = True) -> None:
        """Opens it; on the first start it takes this master key for its own.

        Raises:
            MasterKeyWrong: the keys here were wrapped by another master key.
            KeyStoreMissing: it is empty though it is not the first start.
        """
        self._store = store
        self._wrapping = AESGCM(master.derive("wrap"))
        identity = hmac.new(master.derive("identity"), b"master", hashlib.sha256).hexdigest()
        with store.writing() as connection:
            _metadata.create_all(connection)
            known = connection.scalar(select(_identity.c.master_key))
            if known is None:
                if not is_first_start:
                    raise KeyStoreMissing(store.name)
                connection.execute(insert(_identity).values(master_key=identity))
                connection.commit()
            elif not hmac.compare_digest(known, identity):
                raise MasterKeyWrong

    def new(self, case_id: str, now: datetime) -> CaseKey:
        """Makes a case's key and commits it, before anything is sealed under it."""
        key = CaseKey(secrets.token_bytes(KEY_BYTES))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        wrapped = nonce + self._wrapping.encrypt(nonce, key.secret, case_id.encode())
        with self._store.writing() as connection:
            connection.execute(insert(_case_keys).values(case_id=case_id, wrapped=wrapped, made_at=now))
            connection.commit()
        return key

    def key(self, case_id: str) -> CaseKey:
        """The key of a case.

        Raises:
            SealBroken: it is gone, or cannot be unwrapped.
        """
        with self._store.reading() as connection:
            wrapped = connection.scalar(select(_case_keys.c.wrapped).where(_case_keys.c.case_id == case_id))
        if wrapped is None:
            raise SealBroken
        try:
            secret = self._wrapping.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], case_id.encode())
        except InvalidTag:
            raise SealBroken from None
        return CaseKey(secret)

    def known(self) -> frozenset[str]:
        """The ids of all cases that have a key here."""
        with self._store.reading() as connection:
            return frozenset(connection.scalars(select(_case_keys.c.case_id)))

    def probe(self) -> None:
        """Raises whatever would keep a new key from being stored."""
        self._store.probe()

    def close(self) -> None:
        """Closes its store."""
        self._store.close()


def open_keys(
    place: Path | URL, given: MasterKey | None, key_file: Path, *, is_first_start: bool
) -> tuple[KeyStore, MasterKey]:
    """Opens the key store with the master key: the one given, else the one in the file.

    On the first start, when nothing was ever sealed, both are made.

    Args:
        place: a folder for its file, or the address of its database.
        given: a master key from elsewhere than the file; None to use the file.
        key_file: the file of the master key.
        is_first_start: whether there are no sealed cases yet.

    Raises:
        KeyStoreMissing: there are sealed cases, and no key store is.
        MasterKeyMissing: there is a key store, and no master key is.
        MasterKeyWrong: the master key is another one.
        KeyStoreUnusable: the file is damaged or locked.
    """
    url = address(place / "keys.sqlite3" if isinstance(place, Path) else place)
    try:
        is_there = _is_there(url)
        if not is_there and not is_first_start:
            raise KeyStoreMissing(named(url))
        master = given or MasterKey.read(key_file)
        if master is None:
            if is_there:
                raise MasterKeyMissing(key_file)
            master = MasterKey.create(key_file)
        store = Store(url)
        try:
            return KeyStore(store, master, is_first_start=is_first_start), master
        except BaseException:
            store.close()
            raise
    except SQLAlchemyError as failure:
        raise KeyStoreUnusable(f"{named(url)}: {type(failure).__name__}") from failure


def _is_there(url: URL) -> bool:
    """Whether there is a key store: the file, or in a database of a server its tables."""
    if url.get_backend_name() == "sqlite":
        return Path(str(url.database)).exists()
    store = Store(url)
    try:
        with store.reading() as connection:
            return inspect(connection).has_table(_identity.name)
    finally:
        store.close()
