"""Says whether the policy answers a question at all. Plain for now: one threshold on the best cosine."""

COVERED_FROM = 0.28
"""Cosine of the best clause from which a question counts as covered.

It parts the far away (pay, lunch, weather) from the rest, no more: near misses need the fitted gate.
"""


def is_covered(best_cosine: float) -> bool:
    """Whether a question whose nearest clause is this near is taken to be answered by the policy."""
    return best_cosine >= COVERED_FROM
