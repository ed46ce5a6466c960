"""Whose a draft is that came back by a code: that goes along in its window, sealed, and so outlives this process."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass, field

from bot.cases.keys.sealing import CaseKey, Place, SealBroken


@dataclass(frozen=True, slots=True)
class Owners:
    """Seals owners for the drafts that are theirs.

    Attributes:
        key: 32 bytes, the same in every process.
    """

    key: bytes = field(repr=False)

    def seal(self, draft: str, owner: str) -> str:
        """An owner as a window carries it; empty for nobody."""
        return urlsafe_b64encode(self._seal.seal(owner, _place(draft))).decode() if owner else ""

    def read(self, draft: str, sealed: str) -> str:
        """The owner; empty for nobody, and for what was sealed elsewhere or for another draft."""
        try:
            return self._seal.unseal(urlsafe_b64decode(sealed), _place(draft)) if sealed else ""
        except (SealBroken, Error, ValueError):
            return ""

    @property
    def _seal(self) -> CaseKey:
        return CaseKey(hmac.new(self.key, b"owners of drafts", hashlib.sha256).digest())


def _place(draft: str) -> Place:
    return Place("slack", "owner", draft)
