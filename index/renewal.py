"""Renewal: how what is answered follows what is known: a snapshot built aside, tried, taken up only when no worse."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """How the knowledge that there is stands to what is answered."""

    ANSWERED = "answered"
    """All that is known is answered from."""
    BUILDING = "building"
    """Something was changed, and is on its way; some seconds."""
    KEPT_OUT = "kept_out"
    """What was changed makes answers worse, by the figures; the snapshot of before goes on."""
    BROKEN = "broken"
    """A file cannot be used; ``problem`` says which, where, and what to do. The snapshot of before goes on."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How a snapshot does on phrasings that it was not taught, each held out of it.

    Attributes:
        asked: how many.
        first: of how many a right clause came first, or, for what the policy does not answer, was declined.
        flips: how many got a yes for a no, or a no for a yes.
        urgent_missed: of the urgent ones, how many were not taken for urgent.
    """

    asked: int
    first: int
    flips: int
    urgent_missed: int


@dataclass(frozen=True, slots=True)
class Renewal:
    """How the last change of the knowledge fared.

    Attributes:
        state: how it stands.
        at: since when, in UTC; None where nothing was ever changed.
        before: figures of what is answered from, on the questions that both know; None where nothing was tried.
        after: figures of what was built, on the same.
        lost: some phrasings that were right before and would be wrong, the first few.
        problem: for BROKEN, what is wrong, with file and line.
    """

    state: State
    at: datetime | None = None
    before: Figures | None = None
    after: Figures | None = None
    lost: tuple[str, ...] = ()
    problem: str = ""


class Renewals(Protocol):
    """Says how the last change fared, whichever process it was built in."""

    def standing(self) -> Renewal:
        """How it stands now; a look at a few small files, so that a page may ask each time."""
