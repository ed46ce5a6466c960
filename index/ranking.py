"""Fuses the signals into one score for each clause. Plain for now: nothing here is fitted."""

from collections.abc import Mapping

FULL_TEXT_SHARE = 0.05
"""What the best full text match adds to a cosine."""


def fuse(cosines: Mapping[int, float], full_text: Mapping[int, float]) -> list[tuple[int, float]]:
    """Positions with their fused score, best first; equal scores in the order of the library.

    Args:
        cosines: by position, -1 to 1: every clause searched.
        full_text: BM25 by position, for those that share a word with the question.
    """
    best = max(full_text.values(), default=0.0)
    share = FULL_TEXT_SHARE / best if best > 0 else 0.0
    scored = [(position, cosine + share * full_text.get(position, 0.0)) for position, cosine in cosines.items()]
    return sorted(scored, key=lambda row: (-round(row[1], 6), row[0]))
