"""The seal of something long: in chunks, each bound to what it belongs to, its number, and whether it is the last."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.cases.keys.sealing import SealBroken

CHUNK = 64 * 1024
"""Bytes of content in each chunk but the last, which may have fewer, also none."""

_NONCE, _TAG = 12, 16
SEALED_CHUNK = _NONCE + CHUNK + _TAG
"""Bytes of a full chunk as it is stored."""

VERSION = b"TSA1"
"""Stands at the head of what is stored, and is part of what each chunk is bound to."""


class Source(Protocol):
    """What sealed bytes are read from: a file."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; fewer only at the end."""


@dataclass(frozen=True, slots=True)
class ChunkSeal:
    """Seals and opens what belongs to one place, under one key.

    AES-256-GCM (NIST SP 800-38D) with a new random nonce for each chunk, as in STREAM (Hoang et al., 2015): where a
    chunk is changed, taken out, put elsewhere, added, or is the last one and should not be, nothing of it opens.

    Attributes:
        secret: 32 bytes.
        place: what it belongs to, such as a case and a file.
    """

    secret: bytes = field(repr=False)
    place: str

    def sealed(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """What to store: the version, then each chunk."""
        yield VERSION
        number, waiting = 0, bytearray()
        for part in content:
            waiting += part
            while len(waiting) > CHUNK:
                yield self.chunk(bytes(waiting[:CHUNK]), number, is_last=False)
                del waiting[:CHUNK]
                number += 1
        yield self.chunk(bytes(waiting), number, is_last=True)

    def opened(self, stored: Source) -> Iterator[bytes]:
        """The content, a chunk at a time; each only after it was seen to be whole.

        Raises:
            SealBroken: it was changed, cut, moved, or sealed under another key; what was given before is whole.
        """
        if stored.read(len(VERSION)) != VERSION:
            raise SealBroken
        number, here = 0, stored.read(SEALED_CHUNK)
        while True:
            after = stored.read(SEALED_CHUNK)
            yield self.unchunk(here, number, is_last=not after)
            if not after:
                return
            number, here = number + 1, after

    def chunk(self, content: bytes, number: int, *, is_last: bool) -> bytes:
        """One chunk, sealed."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(self.secret).encrypt(nonce, content, self._bound(number, is_last=is_last))

    def unchunk(self, stored: bytes, number: int, *, is_last: bool) -> bytes:
        """One chunk, opened.

        Raises:
            SealBroken: it is not this chunk of this place.
        """
        try:
            return AESGCM(self.secret).decrypt(stored[:_NONCE], stored[_NONCE:], self._bound(number, is_last=is_last))
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def _bound(self, number: int, *, is_last: bool) -> bytes:
        return VERSION + f"{self.place}\x1f{number}\x1f{'last' if is_last else 'more'}".encode()


def size_sealed(size: int) -> int:
    """How many bytes content of a size takes when it is stored."""
    chunks = max(1, -(-size // CHUNK))
    return len(VERSION) + size + chunks * (_NONCE + _TAG)
