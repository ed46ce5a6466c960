"""Says whether the policy answers a question at all."""

from index.families import Understood

COVERED_FROM = 0.28
"""Cosine of the best clause from which a question counts as covered, where no topic without an answer comes near.

It parts the far away (pay, lunch, weather) from the rest, no more.
"""

SURER = 1.6
"""How much likelier what is answered must be than the topics without an answer."""


def is_covered(best_cosine: float, understood: Understood) -> bool:
    """Whether a question is taken to be answered by the policy."""
    answered = sum(likelihood for _, likelihood in (*understood.rulings, *understood.cited))
    unanswered = sum(likelihood for _, likelihood in understood.topics)
    if answered or unanswered:
        return answered >= SURER * unanswered
    return best_cosine >= COVERED_FROM
