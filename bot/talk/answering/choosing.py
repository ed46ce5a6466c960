"""Choosing: which of the rulings that a message may ask for answers it, so that no yes is given for a no."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from index.families import Understood
from knowledge.library import Reviewed
from knowledge.rulings import Verdict

OF_OTHERS = 0.1
"""What the likelihood of a ruling counts for that is about other people than the message."""
MOST_WEIGHED = 10
"""How many rulings are weighed against each other, the likeliest."""
SHARPNESS = 2
"""To which power likelihoods are raised before they are weighed: one that is likely outweighs many that are not."""
CONTRARY = 0.25
"""Where rulings that say the contrary are likelier than this, of all that are weighed, no yes or no is given."""

YES_FROM = 0.25
"""How likely the rulings that say yes must be, in all, for a yes to be given: no other guess does such harm."""

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


def choose(understood: Understood, facts: Mapping[str, str], who: str | None = None) -> Chosen | None:
    """The ruling that answers a message, or None where none may, or a clause is to answer it alone.

    A message may be near several rulings. What most of them say, each for as much as it is likely, is right more often
    than what the likeliest says alone.

    Args:
        understood: what the message may want.
        facts: what is known, by key.
        who: whom the message is about, a value of the fact of that name; None where it is not known.
    """
    weighed = _among_the_same_people(understood, who)[:MOST_WEIGHED]
    if not weighed:
        return None
    shares: dict[Verdict, float] = defaultdict(float)
    likely: dict[Verdict, float] = defaultdict(float)
    by_verdict: dict[Verdict, list[Reviewed]] = defaultdict(list)
    for one, likelihood in weighed:
        verdict = one.ruling.decide({key: facts[key] for key in one.ruling.keys if key in facts}).verdict
        shares[verdict] += likelihood**SHARPNESS
        likely[verdict] += likelihood
        by_verdict[verdict].append(one)
    best = max(shares, key=lambda verdict: shares[verdict])
    quoted = sum(likelihood**SHARPNESS for _, likelihood in understood.cited)
    if quoted > shares[best] or (best is Verdict.YES and quoted > CONTRARY * (quoted + sum(shares.values()))):
        return None  # a clause answers it without a verdict, or might say no
    if best is Verdict.YES and likely[best] < YES_FROM:
        return None
    contrary = _CONTRARY.get(best)
    if contrary is not None and shares[contrary] > CONTRARY * sum(shares.values()):
        return Chosen(by_verdict[best][0], tuple(by_verdict[contrary]))
    return Chosen(by_verdict[best][0])


def _among_the_same_people(understood: Understood, who: str | None) -> list[tuple[Reviewed, float]]:
    """The rulings, those about other people with little of their likelihood, and all of it shared out anew."""
    counted = [
        (one, likelihood * (OF_OTHERS if who is not None and one.ruling.who and who not in one.ruling.who else 1.0))
        for one, likelihood in understood.rulings
    ]
    before, after = (sum(likelihood for _, likelihood in rulings) for rulings in (understood.rulings, counted))
    counted.sort(key=lambda one: -one[1])
    return [(one, likelihood * before / after) for one, likelihood in counted] if after else []
