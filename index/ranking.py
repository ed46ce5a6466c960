"""Fuses the signals into one score for each clause."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.vectors import Nearness

SENTENCE_SHARE = 0.5
"""How much of the nearness is that of the nearest sentence; the rest is that of the whole clause."""
CONCEPT_SHARE = 0.1
"""What a clause gains that speaks of every concept of the question."""
FULL_TEXT_SHARE = 0.08
"""What the best full text match gains.

The three were chosen by trying (docs/measured.md): a little more or less of each changes next to nothing.
"""

FAMILY_SHARE = 2.0
"""What the foremost clause of a family gains that the message belongs to for certain; the second gains half, and so on.

It outweighs all that the clause's own words say."""
NEGLIGIBLE = 1e-3
"""Likelihoods that move no clause."""


def fuse(near: Nearness, concepts: Mapping[int, float], full_text: Mapping[int, float]) -> NDArray[np.float32]:
    """A score for each of the clauses in ``near``, shape (n,), higher is nearer.

    Args:
        near: cosines of every clause searched.
        concepts: the share of the question's concepts by position, 0 to 1.
        full_text: BM25 by position, for those that share a word with the question.
    """
    best = max(full_text.values(), default=0.0) or 1.0
    shares = {position: value / best for position, value in full_text.items()}
    scores: NDArray[np.float32] = (1 - SENTENCE_SHARE) * near.whole + SENTENCE_SHARE * near.best
    scores = scores + CONCEPT_SHARE * _column(near, concepts)
    return scores + FULL_TEXT_SHARE * _column(near, shares)


def of_families(near: Nearness, likely: NDArray[np.float64], clauses: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """What each of the clauses in ``near`` gains for the families that turn on it, shape (n,).

    Args:
        near: as above.
        likely: how likely the message belongs to each family, shape (F,).
        clauses: of each family the positions of the clauses it turns on, the foremost first.
    """
    gains: dict[int, float] = defaultdict(float)
    for family in map(int, np.flatnonzero(likely > NEGLIGIBLE)):
        for place, position in enumerate(clauses[family], start=1):
            gains[position] += FAMILY_SHARE * float(likely[family]) / place
    return _column(near, gains)


def _column(near: Nearness, values: Mapping[int, float]) -> NDArray[np.float32]:
    return np.array([values.get(int(position), 0.0) for position in near.positions], dtype=np.float32)


def best_first(near: Nearness, scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Places in ``near``, best first; equal scores in the order of the library."""
    return np.lexsort((near.positions, -np.round(scores, 6)))
