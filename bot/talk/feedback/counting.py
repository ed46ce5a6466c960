"""Counting: how often each thing happened in a week, held in memory until it is written, so that no answer waits."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from threading import Lock
from typing import NamedTuple

from bot.messages import Answer, Intent
from knowledge.rulings import Verdict

MOST_HELD = 5_000
"""How many different things are held at most: more than there are rulings, kinds and weeks between two writings."""

ANSWERED, NOT_COVERED, URGENT, FURTHER = "answered", "not_covered", "urgent", "further"
"""What became of a message besides its kind: the policy answers it, or does not; it could not wait; or a button under
an answer was pressed, which is no further question."""


class Counted(StrEnum):
    """What is counted."""

    ANSWER = "answer"
    """An answer was given; its name says what became of the message: one of the four above, or its kind."""
    RULING = "ruling"
    """A ruling decided; its policy and id are named, and nothing of the answer that it was."""
    FORM_OFFERED = "form_offered"
    FORM_BEGUN = "form_begun"
    STEP_BEGUN = "step_begun"
    """A step of the induction was opened."""
    STEP_FINISHED = "step_finished"


class Key(NamedTuple):
    """What a count is of: nothing that anybody wrote, nor who, nor when in the week."""

    week: date
    what: Counted
    policy: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened in a week."""

    key: Key
    times: int


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def of_answer(answer: Answer, day: date, *, further: bool = False) -> Iterator[Key]:
    """What an answer counts for.

    What could not wait counts as that and no more: nobody can tell from a count what it was about. Which ruling decided
    stands apart from what became of the message, and which form was offered is not counted at all.

    Args:
        answer: as it is shown.
        day: today.
        further: whether it came of a button under an answer before, and is no question of its own.
    """
    week = week_of(day)
    if answer.urgent:
        yield Key(week, Counted.ANSWER, name=URGENT)
        return
    yield Key(week, Counted.ANSWER, name=FURTHER if further else _outcome(answer))
    if answer.ruling is not None:
        yield Key(week, Counted.RULING, answer.ruling.policy, answer.ruling.id)
    if answer.offers and not further:
        yield Key(week, Counted.FORM_OFFERED)


def _outcome(answer: Answer) -> str:
    if answer.verdict is Verdict.NOT_COVERED:
        return NOT_COVERED
    return ANSWERED if answer.intent is Intent.QUESTION and answer.verdict is not None else answer.intent.value


class Pending:
    """Counts that are not written yet. To add one takes no disk and no other thread's patience.

    What is held when the process is killed is lost: a few seconds of counts, and nothing else.
    """

    def __init__(self) -> None:
        """Begins with none."""
        self._lock = Lock()
        self._held: dict[Key, int] = {}

    def add(self, keys: Iterable[Key]) -> None:
        """Counts each once; where far too many different things are held, what is new is dropped."""
        with self._lock:
            for key in keys:
                if key in self._held or len(self._held) < MOST_HELD:
                    self._held[key] = self._held.get(key, 0) + 1

    def take(self) -> Mapping[Key, int]:
        """All that is held, which is then no longer."""
        with self._lock:
            held, self._held = self._held, {}
        return held

    def give_back(self, counts: Mapping[Key, int]) -> None:
        """Holds again what could not be written."""
        with self._lock:
            for key, times in counts.items():
                if key in self._held or len(self._held) < MOST_HELD:
                    self._held[key] = self._held.get(key, 0) + times
