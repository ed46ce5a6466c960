"""The master key: the file that holds it, with earlier ones after a rotation, and the wrapping of other keys."""

import base64
import fcntl
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.cases.keys.sealing import SealBroken
from knowledge.disk import flush, make_folder
from knowledge.errors import TouchstoneError

KEY_BYTES = 32
_NONCE_BYTES = 12


class MasterKeyMissing(TouchstoneError):
    """There are reports sealed under a master key, and it is not there; put the key file back from its backup."""


class MasterKeyWrong(TouchstoneError):
    """This is not the master key that the reports here are sealed under; put the right one back from its backup."""


class MasterKeyMalformed(TouchstoneError):
    """A master key is 32 bytes in base64, as `openssl rand -base64 32` prints them, one to a line."""


class MasterKeyExposed(TouchstoneError):
    """Others on this machine can read the master key; take that from them with `chmod 600` and the file's name."""


def derive(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-SHA256, RFC 5869): knowing one tells nothing of the others."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"touchstone/" + purpose.encode()).derive(secret)


@dataclass(frozen=True)
class MasterKey:
    """A secret that wraps others, and does nothing else: so another can take its place at any time."""

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
    def random(cls) -> Self:
        """A new one."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @cached_property
    def identity(self) -> str:
        """By what a key store knows it again; it gives nothing of the key away."""
        return hmac.new(derive(self.secret, "identity"), b"master", hashlib.sha256).hexdigest()

    @cached_property
    def _wrapping(self) -> AESGCM:
        return AESGCM(derive(self.secret, "wrap"))

    def wrap(self, secret: bytes, name: str) -> bytes:
        """Encrypts a key under the name that it has; under another name it does not open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, secret, name.encode())

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """The key that ``wrap`` encrypted.

        Raises:
            SealBroken: it was changed, is another's, or was wrapped by another master key.
        """
        try:
            return self._wrapping.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError):
            raise SealBroken from None


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """The current master key, and those before it as long as they are kept.

    What they are written as, in the file or the setting: one key to a line, the current one first.
    """

    current: MasterKey
    earlier: tuple[MasterKey, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads them from base64, parted by line ends or spaces, the current one first.

        Raises:
            MasterKeyMalformed: one is not 32 bytes in base64, or there is none.
        """
        keys = tuple(MasterKey.parse(line) for line in text.split())
        if not keys:
            raise MasterKeyMalformed
        return cls(keys[0], keys[1:])

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Reads them from a file; None where there is none.

        Raises:
            MasterKeyExposed: the group or everybody may read or write the file.
            MasterKeyMalformed: the file holds something else.
        """
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            return None
        if stat.S_IMODE(mode) & 0o077:
            raise MasterKeyExposed(f"chmod 600 {path}")
        try:
            return cls.parse(path.read_text(encoding="ascii", errors="replace"))
        except MasterKeyMalformed:
            raise MasterKeyMalformed(path) from None

    @classmethod
    def create(cls, path: Path) -> Self:
        """Makes a new key in a file that only its owner can read: whole and on the disk before it has its name."""
        made = cls(MasterKey.random())
        make_folder(path.parent)
        aside = made._beside(path)
        try:
            path.hardlink_to(aside)  # never over a key that is there
        finally:
            aside.unlink()
        flush(path.parent)
        return made

    def write(self, path: Path) -> None:
        """Puts them in the place of what the file holds, in one step: a reader finds the old file or the new one."""
        for left in path.parent.glob(f".{path.name}.*"):  # by one that was killed before it came to rename
            left.unlink()
        self._beside(path).rename(path)
        flush(path.parent)

    def of(self, identity: str) -> MasterKey:
        """The one that a key store calls by this identity.

        Raises:
            MasterKeyWrong: it is none of these.
        """
        for key in (self.current, *self.earlier):
            if hmac.compare_digest(key.identity, identity):
                return key
        raise MasterKeyWrong

    def _beside(self, path: Path) -> Path:
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(base64.b64encode(key.secret) + b"\n" for key in (self.current, *self.earlier))
        flush(aside)
        return aside


@contextmanager
def nobody_else_changes(path: Path) -> Iterator[None]:
    """Waits until nobody on this machine changes the key file, and keeps others from it meanwhile.

    Two rotations at once would each put a key in front of the same old one, and one would be lost with what it wraps.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)  # the lock ends with it, as it does with the process
