"""Context: what a conversation holds for half an hour, so that a person can go on. It holds no words of theirs."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from bot.messages import Answer
from bot.ports import Clock

LASTS = timedelta(minutes=30)
"""How long after an answer a message still goes on from it."""
MOST = 10_000
"""How many conversations are held at once; the one that rested longest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Context:
    """What was said last.

    Attributes:
        answer: the last answer that said something of the policy.
        facts: what is known, by key.
        at: when it was given.
    """

    answer: Answer
    facts: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Conversations:
    """The contexts of the conversations that go on now, in this process's memory alone.

    Attributes:
        clock: says when half an hour is over.
    """

    clock: Clock
    _held: OrderedDict[str, Context] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def recall(self, conversation: str) -> Context | None:
        """What was said last in a conversation; None for a new one, or after half an hour."""
        with self._lock:
            context = self._held.get(conversation)
        if context is None or self.clock.now() - context.at > LASTS:
            return None
        return context

    def remember(self, conversation: str, answer: Answer, facts: Mapping[str, str]) -> None:
        """Keeps what the next message may go on from; a conversation without a name is not kept."""
        if not conversation:
            return
        now = self.clock.now()
        with self._lock:
            self._held[conversation] = Context(answer, dict(facts), now)
            self._held.move_to_end(conversation)
            while len(self._held) > MOST or now - next(iter(self._held.values())).at > LASTS:
                self._held.popitem(last=False)
