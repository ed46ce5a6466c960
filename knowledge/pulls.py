"""Clauses that pull against each other, as far as a rule can see: about the like act, and not of the like mind."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from knowledge.model import Clause, Policy
from knowledge.phrases import Force, Who
from knowledge.readings import Reading, read
from knowledge.vocabulary import Vocabulary

_FORBIDS = frozenset({Force.MUST_NOT, Force.SHOULD_NOT})
_ALLOWS = frozenset({Force.MAY, Force.ADVISED})

_AGAINST = re.compile(r"\b(?:avoid|refrain|not)\b", re.IGNORECASE)
"""In an advice: it is one against doing something."""


class PullKind(StrEnum):
    """How two clauses pull against each other."""

    EXCEPTION_IN_ONE = "exception_in_one"
    """Both forbid the like, and only one leaves something out or asks whose approval it needs."""
    FORBIDDEN_AND_ALLOWED = "forbidden_and_allowed"
    """One forbids what the other allows or advises."""


@dataclass(frozen=True, slots=True)
class Pull:
    """Two statements to be read against each other.

    Attributes:
        kind: how they pull.
        first: the clause with the exception, or the one that forbids.
        second: the other; it may be the same clause, of which two sentences pull.
        words: the exception or approval of the first; empty where it is about something else.
        shared: the concepts of the vocabulary that both speak of.
    """

    kind: PullKind
    first: Clause
    second: Clause
    words: str
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    clause: Clause
    reading: Reading
    concepts: frozenset[str]

    @property
    def allows(self) -> bool:
        return self.reading.force in _ALLOWS and not _AGAINST.search(self.reading.sentence)

    @property
    def ways_out(self) -> tuple[str, ...]:
        return self.reading.exceptions + self.reading.approvals


def pulls(policy: Policy, acts: Iterable[str], objects: Iterable[str], vocabulary: Vocabulary) -> Iterator[Pull]:
    """Pairs of statements that bind the same people and speak of the same act done to the same thing or person.

    It sees likeness of words, not meaning: whoever owns the policy decides whether a pair is a conflict.

    Args:
        policy: all of its clauses are compared.
        acts: names of concepts that are things done, such as ``posting``.
        objects: names of concepts that are whom or what it is done to, such as ``pupil``.
        vocabulary: tells which concepts a sentence speaks of.
    """
    wanted = frozenset(acts), frozenset(objects)
    seen: set[tuple[PullKind, str, str]] = set()
    for pair in combinations(_statements(policy, vocabulary), 2):
        shared = pair[0].concepts & pair[1].concepts
        if not all(shared & kind for kind in wanted) or not _bind_the_same(pair[0].reading.who, pair[1].reading.who):
            continue
        for pull in _between(pair, tuple(sorted(shared & (wanted[0] | wanted[1])))):
            key = (pull.kind, str(pull.first.label), str(pull.second.label))
            if key not in seen:
                seen.add(key)
                yield pull


def _between(pair: tuple[_Statement, _Statement], shared: tuple[str, ...]) -> Iterator[Pull]:
    for one, other in (pair, pair[::-1]):
        if one.reading.force not in _FORBIDS:
            continue
        if other.reading.force in _FORBIDS and one.ways_out and not other.ways_out:
            yield Pull(PullKind.EXCEPTION_IN_ONE, one.clause, other.clause, one.ways_out[0], shared)
        elif other.allows and not other.ways_out and one.clause.label != other.clause.label:
            yield Pull(PullKind.FORBIDDEN_AND_ALLOWED, one.clause, other.clause, "", shared)


def _statements(policy: Policy, vocabulary: Vocabulary) -> list[_Statement]:
    return [
        _Statement(clause, reading, _concepts(reading.sentence, vocabulary))
        for clause in policy.clauses
        for reading in read(clause)
    ]


def _concepts(sentence: str, vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(vocabulary.with_broader(found.concept for found in vocabulary.concepts(sentence)))


def _bind_the_same(one: frozenset[Who], other: frozenset[Who]) -> bool:
    return not one or not other or Who.EVERYONE in one | other or bool(one & other)
