"""A trial: how a snapshot does on some of its own phrasings, each left out of all that was learned from it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder
from index.families import Elsewhere, Family
from index.search import Searcher
from index.snapshot import Snapshot
from index.vectors import Nearness
from knowledge.kinds import Kind
from knowledge.library import Cited, Reviewed, Unanswered
from knowledge.rulings import GIVEN

EVERY = 32
"""One phrasing in so many is asked, the same ones of every snapshot: some four hundred of the shipped knowledge."""
ALLOWED = 0.005
"""Which share of all may come first no more: whatever is added tips some that stood on the edge."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was answered to a message: clauses in order as (policy, label), verdict, intent, and whether as urgent."""

    labels: tuple[tuple[str, str], ...]
    verdict: str | None
    intent: str
    urgent: bool


Judge = Callable[[Searcher, str], Judged]
"""Answers a message from a snapshot, as people are answered."""


class Outcome(NamedTuple):
    """How a message that was held out was answered.

    Attributes:
        right: whether a right clause came first, or it was declined, or taken for what it is.
        flip: whether it got a yes for a no, or a no for a yes.
        missed: whether it is urgent and was not taken for it.
    """

    right: bool
    flip: bool
    missed: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How a library does on messages that it was not taught.

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

    def no_worse_than(self, before: "Figures") -> bool:
        """Whether nothing of weight got worse: no verdict more turned round, no danger more missed."""
        return (
            self.first >= before.first - max(1, int(ALLOWED * before.asked))
            and self.flips <= before.flips
            and self.urgent_missed <= before.urgent_missed
        )


def trial(loaded: Snapshot, encoder: Encoder, judge: Judge) -> Mapping[str, Outcome]:
    """Asks a snapshot some of its phrasings, each as though it had never been taught it; gives how each fared.

    Nothing is fitted anew: what was learned is such that one phrasing can be taken out of it again.
    """
    chosen = list(asked(loaded.families))
    rows = np.array([row for row, _, _, _ in chosen], dtype=np.int64)
    texts = [text for _, _, _, text in chosen]
    if not texts:
        return {}
    vectors = loaded.learned.phrasings[rows]
    own = np.array([number for _, number, _, _ in chosen], dtype=np.int64)
    others = loaded.signals.without_themselves(texts, own, loaded.vectors.whole(vectors))
    likely = loaded.learned.likelihoods_without_themselves(rows, others)
    searcher = _Untaught(
        loaded, _Knows(encoder, dict(zip(texts, vectors, strict=True))), dict(zip(texts, likely, strict=True))
    )
    return {text: _outcome(family, judge(searcher, text)) for _, _, family, text in chosen}


class _Knows:
    """An Encoder that has the vectors of the phrasings that are asked."""

    def __init__(self, encoder: Encoder, known: Mapping[str, NDArray[np.float32]]) -> None:
        self._encoder = encoder
        self._known = known

    @property
    def digest(self) -> str:
        return self._encoder.digest

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if all(text in self._known for text in texts):
            return np.stack([self._known[text] for text in texts])
        return self._encoder.encode(texts)


class _Untaught(Searcher):
    """A searcher that was never taught the phrasings that it is asked."""

    def __init__(self, loaded: Snapshot, encoder: Encoder, likely: Mapping[str, NDArray[np.float64]]) -> None:
        super().__init__(loaded, encoder)
        self._likely = likely

    def _likelihoods(
        self, message: str, query: NDArray[np.float32], near: Nearness, among: list[str] | None
    ) -> NDArray[np.float64]:
        known = self._likely.get(message)
        return super()._likelihoods(message, query, near, among) if known is None else known


def asked(families: Sequence[Family]) -> Iterator[tuple[int, int, Family, str]]:
    """The phrasings that are asked: row, number of the family, family, message; none that is its family's only one."""
    row = 0
    for number, family in enumerate(families):
        for text in family.phrasings:
            if _is_asked(text) and len(family.phrasings) > 1 and not isinstance(family.of, Elsewhere):
                yield row, number, family, text
            row += 1


def figures(outcomes: Mapping[str, Outcome], among: Sequence[str]) -> Figures:
    """The figures of some of the messages."""
    found = [outcomes[text] for text in among]
    return Figures(
        len(found),
        sum(one.right for one in found),
        sum(one.flip for one in found),
        sum(one.missed for one in found),
    )


def lost(before: Mapping[str, Outcome], after: Mapping[str, Outcome], among: Sequence[str]) -> Iterator[str]:
    """The messages that were answered rightly and no longer are, those that a person would act upon first."""
    worse = [text for text in among if _badness(after[text]) > _badness(before[text])]
    yield from sorted(worse, key=lambda text: _badness(after[text]), reverse=True)


def _badness(one: Outcome) -> tuple[bool, bool, bool]:
    return one.missed, one.flip, not one.right


def _is_asked(text: str) -> bool:
    return int.from_bytes(hashlib.sha256(text.encode(errors="replace")).digest()[:4]) % EVERY == 0


def _outcome(family: Family, judged: Judged) -> Outcome:
    labels = {(family.policy, label) for label in family.clauses}
    first = bool(judged.labels) and judged.labels[0] in labels
    match family.of:
        case Reviewed(ruling=ruling):
            right = ruling.decide({}).verdict
            is_flip = right in GIVEN and judged.verdict in GIVEN and judged.verdict != right
            return Outcome(first, is_flip, missed=False)
        case Cited():
            return Outcome(first, flip=False, missed=False)
        case Unanswered():
            return Outcome(judged.verdict == "not_covered", flip=False, missed=False)
        case Kind(intent=intent, urgent=urgent):
            return Outcome(judged.intent == intent, flip=False, missed=urgent and not judged.urgent)
        case Elsewhere():
            return Outcome(right=True, flip=False, missed=False)
