"""Families: what a message may be, each known by its phrasings: a question that a ruling answers, or something else."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ConfigDict

from knowledge.kinds import Kind, shipped_kinds
from knowledge.library import SHIPPED, Cited, Library, Reviewed, Unanswered
from knowledge.rulings import read_rulings
from knowledge.topics import read_topics

ELSEWHERE = 3
"""Of how many phrasings each question to another policy is known: no more, for they all have to be encoded."""

LEAST_LIKELY = 0.001
"""Families that a message belongs to with less likelihood are not told of."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A question to another policy: where there are no rulings, many of them tell what a question is."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # or it would be taken for others that have phrasings as well

    phrasings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Messages that want the same.

    Attributes:
        of: the ruling that answers them, the clause that does where no ruling decides, the topic on which the policy
            is silent, the kind of message they are, or that they are questions of another school.
    """

    of: Reviewed | Cited | Unanswered | Kind | Elsewhere

    @property
    def policy(self) -> str | None:
        """The slug of the policy whose ruling, clause or topic it is; None for what belongs to no policy."""
        return self.of.policy if isinstance(self.of, Reviewed | Cited | Unanswered) else None

    @property
    def phrasings(self) -> tuple[str, ...]:
        """The messages that it is known by."""
        match self.of:
            case Reviewed(ruling=ruling):
                return ruling.phrasings
            case Cited(fallback=fallback):
                return fallback.phrasings
            case Unanswered(topic=topic):
                return topic.phrasings
            case Kind(phrasings=phrasings) | Elsewhere(phrasings=phrasings):
                return phrasings

    @property
    def group(self) -> tuple[str, ...]:
        """What it has in common with others: its foremost clause, its kind of message, or that it is of elsewhere."""
        match self.of:
            case Reviewed(policy=policy, ruling=ruling):
                return ("clause", policy, ruling.cites[0])
            case Cited(policy=policy, fallback=fallback):
                return ("clause", policy, fallback.cites[0])
            case Unanswered(policy=policy, topic=topic):
                return ("topic", policy, topic.id)
            case Kind(intent=intent):
                return ("kind", intent)
            case Elsewhere():
                return ("elsewhere",)

    @property
    def clauses(self) -> tuple[str, ...]:
        """Labels of the clauses that the message turns on, the foremost first."""
        match self.of:
            case Reviewed(ruling=ruling):
                return ruling.cites
            case Cited(fallback=fallback):
                return fallback.cites
            case Unanswered(topic=topic):
                return topic.near
            case Kind() | Elsewhere():
                return ()


@dataclass(frozen=True, slots=True)
class Sought:
    """A family that a message may belong to, and how likely that is, 0 to 1."""

    family: Family
    likelihood: float


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message may want, as far as it was learned from messages like it.

    Attributes:
        sought: the families that it may belong to, the likeliest first.
    """

    sought: tuple[Sought, ...] = ()

    @property
    def rulings(self) -> tuple[tuple[Reviewed, float], ...]:
        """The rulings that it may ask for, the likeliest first, each with its likelihood."""
        return tuple((one.family.of, one.likelihood) for one in self.sought if isinstance(one.family.of, Reviewed))

    @property
    def cited(self) -> tuple[tuple[Cited, float], ...]:
        """What it may ask that a clause answers without a ruling, likewise."""
        return tuple((one.family.of, one.likelihood) for one in self.sought if isinstance(one.family.of, Cited))

    @property
    def topics(self) -> tuple[tuple[Unanswered, float], ...]:
        """The topics without an answer that it may be about, likewise."""
        return tuple((one.family.of, one.likelihood) for one in self.sought if isinstance(one.family.of, Unanswered))

    @property
    def kinds(self) -> tuple[tuple[Kind, float], ...]:
        """The kinds of message that it may be, likewise."""
        return tuple((one.family.of, one.likelihood) for one in self.sought if isinstance(one.family.of, Kind))

    @property
    def elsewhere(self) -> float:
        """How likely it is a question of another school's, where this one has no rulings."""
        return sum(one.likelihood for one in self.sought if isinstance(one.family.of, Elsewhere))


def families(library: Library) -> tuple[Family, ...]:
    """Every family of a library, in a fixed order.

    Its rulings, what clauses answer without one, its topics, and the kinds of message of any library.

    Raises:
        BadDataFile: a file of the kinds, or of the shipped rulings, cannot be used.
    """
    return tuple(family for family in map(Family, _all_of(library)) if family.phrasings)


def _all_of(library: Library) -> Iterator[Reviewed | Cited | Unanswered | Kind | Elsewhere]:
    yield from library.rulings
    yield from library.cited
    yield from library.unanswered
    yield from shipped_kinds()
    if not library.rulings:
        yield from (Elsewhere(phrasings[:ELSEWHERE]) for phrasings in _shipped())


def _shipped() -> Iterator[tuple[str, ...]]:
    """The phrasings of each ruling and each topic that comes with the product."""
    for folder in sorted(SHIPPED.iterdir()):
        yield from (ruling.phrasings for file in read_rulings(folder) for ruling in file.rulings)
        yield from (topic.phrasings for topic in read_topics(folder))
