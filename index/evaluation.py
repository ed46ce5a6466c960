"""Question sets -> figures: how often the right clause stands first, and covered is told from not covered."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

STRICT = frozenset({"yes", "no", "depends"})
"""Verdicts about an act: to take one for another is an error that a person would act on."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One question of a set, with what is right.

    Attributes:
        id: its name in the set.
        question: the message.
        gold: labels of clauses, any of which is a right first citation; empty where none is.
        also: labels that are relevant too.
        verdict: what the policy says of it, as in the contract of the command line; None where it is not judged.
    """

    id: str
    question: str
    gold: frozenset[str]
    also: frozenset[str]
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered: the labels cited, in order, the verdict, and how long it took in milliseconds."""

    labels: tuple[str, ...]
    verdict: str | None
    ms: float


def label_of(clause_id: str) -> str:
    """The label that an id of a question set means: ``6.2.b25`` is 6.2(25), ``12.5(second)`` is 12.5 (second)."""
    spaced = re.sub(r"(?<=\d)\((?=[a-z])", " (", clause_id.removesuffix(".p"))
    return re.sub(r"\.b(\d+)$", r"(\1)", spaced)


def rank(expected: Expected, given: Given) -> int | None:
    """At which place, from 1, the first right clause was cited; None where none was."""
    return next((place for place, label in enumerate(given.labels, start=1) if label in expected.gold), None)


def figures(pairs: Sequence[tuple[Expected, Given]]) -> Mapping[str, float | int | None]:
    """The figures of a set, shares in per cent.

    ``answers_covered`` and ``declines_uncovered`` are the two halves of the gate: of what the policy answers, how much
    is answered, and of what it does not, how much is declined. ``flips`` counts yes for no and no for yes.
    """
    judged = [(expected, given) for expected, given in pairs if expected.gold]
    ranks = [rank(expected, given) for expected, given in judged]
    verdicts = [(expected.verdict, given.verdict) for expected, given in pairs if expected.verdict]
    strict = [(right, said) for right, said in verdicts if right in STRICT]
    uncovered = [said == "not_covered" for right, said in verdicts if right == "not_covered"]
    covered = [said != "not_covered" for right, said in verdicts if right != "not_covered"]
    times = [given.ms for _, given in pairs]
    cuts = quantiles(times, n=20, method="inclusive") if len(times) > 1 else [*times] * 19
    return {
        "n": len(pairs),
        "first": _share(place == 1 for place in ranks),
        "top3": _share(place is not None and place <= 3 for place in ranks),  # noqa: PLR2004 (as its name says)
        "top5": _share(place is not None and place <= 5 for place in ranks),  # noqa: PLR2004 (as its name says)
        "first_or_also": _share(
            bool(given.labels) and given.labels[0] in expected.gold | expected.also for expected, given in judged
        ),
        "mean_reciprocal_rank": round(sum(1 / place for place in ranks if place) / len(ranks), 3) if ranks else None,
        "verdict": _share(right == said for right, said in verdicts),
        "yes_no_depends": _share(right == said for right, said in strict),
        "flips": sum({right, said} == {"yes", "no"} for right, said in verdicts),
        "answers_covered": _share(covered),
        "declines_uncovered": _share(uncovered),
        "ms_p50": round(cuts[9], 1) if cuts else None,
        "ms_p95": round(cuts[18], 1) if cuts else None,
    }


def worst(pairs: Iterable[tuple[Expected, Given]], count: int) -> list[tuple[Expected, Given]]:
    """The misses to look at first: verdicts turned round, then right clauses not cited at all, then cited late."""

    def badness(pair: tuple[Expected, Given]) -> tuple[bool, int]:
        expected, given = pair
        place = rank(expected, given) if expected.gold else 1
        return {expected.verdict, given.verdict} == {"yes", "no"}, place or len(given.labels) + 1

    missed = [pair for pair in pairs if badness(pair) > (False, 1)]
    return sorted(missed, key=badness, reverse=True)[:count]


def _share(hits: Iterable[bool]) -> float | None:
    found = list(hits)
    return round(100 * sum(found) / len(found), 1) if found else None
