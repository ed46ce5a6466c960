"""The seal: every answer encrypted under its case's own key and bound to its place."""

import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from knowledge.errors import TouchstoneError

_NONCE_BYTES = 12
_BLOCK_BYTES = 256
_VERSION = b"\x01"


class SealBroken(TouchstoneError):
    """This case cannot be opened: its key is gone, or what is stored was changed; restore it from a backup."""


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
