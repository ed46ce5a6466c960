"""What a browser is shown once, after a redirect, and never again: not by going back, not by loading it anew."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

LASTS = timedelta(minutes=1)
"""A redirect is followed at once; what nobody came for is forgotten."""


@dataclass(slots=True)
class Once(Generic[T]):
    """Holds one thing for each visitor, in memory alone, until they come for it."""

    now: Callable[[], datetime]
    _held: dict[str, tuple[datetime, T]] = field(default_factory=dict, init=False, repr=False)

    def put(self, visitor: str, thing: T) -> None:
        """Holds a thing for a visitor (their token), instead of what was held for them before."""
        now = self.now()
        self._held = {known: held for known, held in self._held.items() if _lasts(held[0], now)}
        self._held[visitor] = (now, thing)

    def take(self, visitor: str) -> T | None:
        """What is held for a visitor, once."""
        since, thing = self._held.pop(visitor, (None, None))
        return thing if since is not None and _lasts(since, self.now()) else None


def _lasts(since: datetime, now: datetime) -> bool:
    return since <= now < since + LASTS
