"""What was sent to the policy owner, and how far it has come."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from knowledge.rulings import Verdict

KEPT_WHEN_DONE = timedelta(days=30)
"""How long the words are kept after something was done with them: long enough to see whether it helped."""

KEPT_OPEN = timedelta(days=365)
"""How long they are kept where nothing was done."""


class How(StrEnum):
    """What the policy owner did with a question."""

    PHRASING = "phrasing"
    """It became a message by which a ruling is known."""
    RULING = "ruling"
    """A ruling was drafted for it."""
    NOT_COVERED = "not_covered"
    """It became a message on which the policy is silent."""
    SET_ASIDE = "set_aside"
    """Nothing is to be done."""


class Standing(StrEnum):
    """How far a question has come."""

    NEW = "new"
    DONE = "done"
    ANSWERED = "answered"
    """Its sender was answered, whatever else was done."""


@dataclass(frozen=True, slots=True)
class SentQuestion:
    """A question that was sent to the policy owner.

    Attributes:
        id: a hash; nothing of its words is in it.
        sent: when, in UTC.
        text: its words.
        reply_to: how to reach whoever sent it; empty where they want no answer.
        policy: the slug of the policy that was answered from; empty where no clause was shown.
        labels: the clauses that were shown.
        verdict: the answer's.
        how: what was done with it; None while nothing was.
        what: to which ruling, topic or clause it led: an id or a label.
        done: when that was, in UTC.
        told: when its sender was answered, in UTC, as far as the policy owner says so.
    """

    id: str
    sent: datetime
    text: str = field(repr=False)
    reply_to: str = field(repr=False)
    policy: str
    labels: tuple[str, ...]
    verdict: Verdict
    how: How | None = None
    what: str = ""
    done: datetime | None = None
    told: datetime | None = None

    @property
    def standing(self) -> Standing:
        """How far it has come."""
        if self.told is not None:
            return Standing.ANSWERED
        return Standing.NEW if self.how is None else Standing.DONE

    @property
    def waits_for_answer(self) -> bool:
        """Whether its sender wants an answer and has none, as far as is known."""
        return bool(self.reply_to) and self.told is None
