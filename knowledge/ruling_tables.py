"""What a ruling says for every combination of its facts: for its check, and as a table for a second reader."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from knowledge.facts import Fact
from knowledge.rulings import Decision, Ruling

NOT_SAID = "not said"
"""In a table: the fact is unknown."""

Values = Mapping[str, tuple[str, ...]]


def values_of(ruling: Ruling, facts: Mapping[str, Fact]) -> Values:
    """The values of each fact that the ruling names; it must name none that is not there."""
    return {key: facts[key].values for key in ruling.keys}


def size(values: Values) -> int:
    """How many combinations there are, with each fact unknown too."""
    return prod(len(of_key) + 1 for of_key in values.values())


def stated(values: Values) -> Iterator[dict[str, str]]:
    """Every combination in which each fact is known."""
    for combination in product(*values.values()):
        yield dict(zip(values, combination, strict=True))


def known_or_not(values: Values) -> Iterator[dict[str, str]]:
    """Every combination in which each fact is known or unknown; an unknown one is not in it."""
    for combination in product(*((*of_key, None) for of_key in values.values())):
        yield {key: value for key, value in zip(values, combination, strict=True) if value is not None}


@dataclass(frozen=True, slots=True)
class Line:
    """Combinations for which a ruling says the same.

    Attributes:
        facts: for each fact the values that they have, `NOT_SAID` among them where it may be unknown.
        decision: what it says.
    """

    facts: tuple[tuple[str, ...], ...]
    decision: Decision


def table(ruling: Ruling, values: Values) -> tuple[Line, ...]:
    """Every combination once, those that differ in nothing put together; the columns are ``values`` in their order."""
    return _lines(ruling, values, list(values), {})


def _lines(ruling: Ruling, values: Values, keys: Sequence[str], facts: Mapping[str, str]) -> tuple[Line, ...]:
    if not keys:
        return (Line((), ruling.decide(facts)),)
    key, *rest = keys
    groups: dict[tuple[Line, ...], list[str]] = {}
    for value in (*values[key], NOT_SAID):
        further = facts if value == NOT_SAID else {**facts, key: value}
        groups.setdefault(_lines(ruling, values, rest, further), []).append(value)
    return tuple(
        Line((tuple(members), *line.facts), line.decision) for lines, members in groups.items() for line in lines
    )
