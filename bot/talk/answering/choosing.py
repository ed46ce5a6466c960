"""Choosing: which of the rulings that a message may ask for answers it, so that no yes is given for a no."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from index.families import Understood
from knowledge.library import Reviewed
from knowledge.rulings import Verdict

MOST_WEIGHED = 10
"""How many rulings are weighed against each other, the likeliest."""
SHARPNESS = 2
"""To which power likelihoods are raised before they are weighed: one that is likely outweighs many that are not."""
CONTRARY = 0.25
"""Where rulings that say the contrary are likelier than this, of all that are weighed, no yes or no is given."""

_CONTRARY = {Verdict.YES: Verdict.NO, Verdict.NO: Verdict.YES}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen.

    Attributes:
        ruling: the likeliest of those that say what most of the likelihood says.
        others: rulings that say the contrary, and are too likely to pass over; mostly none.
    """

    ruling: Reviewed
    others: tuple[Reviewed, ...] = ()


def choose(understood: Understood, facts: Mapping[str, str]) -> Chosen | None:
    """The ruling that answers a message, or None where none may.

    A message may be near several rulings. What most of them say, each for as much as it is likely, is right more often
    than what the likeliest says alone.

    Args:
        understood: what the message may want.
        facts: what is known, by key.
    """
    weighed = understood.rulings[:MOST_WEIGHED]
    if not weighed:
        return None
    shares: dict[Verdict, float] = defaultdict(float)
    by_verdict: dict[Verdict, list[Reviewed]] = defaultdict(list)
    for one, likelihood in weighed:
        verdict = one.ruling.decide({key: facts[key] for key in one.ruling.keys if key in facts}).verdict
        shares[verdict] += likelihood**SHARPNESS
        by_verdict[verdict].append(one)
    best = max(shares, key=lambda verdict: shares[verdict])
    contrary = _CONTRARY.get(best)
    if contrary is not None and shares[contrary] > CONTRARY * sum(shares.values()):
        return Chosen(by_verdict[best][0], tuple(by_verdict[contrary]))
    return Chosen(by_verdict[best][0])
