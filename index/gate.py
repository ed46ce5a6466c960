"""Says whether the policy answers a question at all. Plain for now: one threshold on the best cosine."""

COVERED_FROM = 0.28
"""Cosine of the best clause from which a question counts as covered.

It parts the far away (pay, lunch, weather) from the rest, no more: near misses need the fitted gate.
"""


RULING_FROM, RULING_MARGIN = 0.55, 0.08
"""How near the phrasings of a ruling must come, and by how much nearer than those of any other, for it to be taken.

Cautious until the ranking learns: a verdict on a question that nobody asked is worse than the clause alone. Of the 130
questions that the project was given for building 17 are taken, 14 of them with a right clause, and none has a yes for
a no or a no for a yes (docs/measured.md).
"""


def asks_for_a_ruling(score: float, margin: float) -> bool:
    """Whether a question is taken to ask for a ruling whose phrasings come so near, by so much nearer than others'."""
    return score >= RULING_FROM and margin >= RULING_MARGIN


def is_covered(best_cosine: float) -> bool:
    """Whether a question whose nearest clause is this near is taken to be answered by the policy."""
    return best_cosine >= COVERED_FROM
