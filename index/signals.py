"""The signals for each family that are not of the vectors of phrasings: the clauses it turns on, and the words said."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.families import Family
from index.learning import sampled
from index.said import Said, Traits, traits
from index.turning import Turning
from knowledge.vocabulary import Vocabulary

Array = NDArray[np.float32]

_OF_FAMILIES, _OF_GROUPS = "said.npz", "said-together.npz"


@dataclass(frozen=True, slots=True)
class Signals:
    """Four signals of each family.

    The nearest clause that it turns on; that it turns on any; what is said in it; and what is said in all families that
    share its foremost clause, for few phrasings say little of words, and many say more.

    Attributes:
        turning: the clauses.
        of_families: what is said in each family.
        of_groups: what is said in each group of families.
        groups: the group of each family, shape (F,).
        vocabulary: names what is spoken of.
    """

    turning: Turning
    of_families: Said
    of_groups: Said
    groups: NDArray[np.int64]
    vocabulary: Vocabulary

    @classmethod
    def fit(
        cls, families: Sequence[Family], turning: Turning, vocabulary: Vocabulary, cosines: Array
    ) -> tuple[Self, Array]:
        """Learns what is said, and gives the signals of the S sampled phrasings, each left out of what was learned.

        Args:
            families: F families.
            turning: the clauses that they turn on.
            vocabulary: names what is spoken of.
            cosines: of each phrasing with every clause, shape (N, clauses).

        Returns:
            What was learned, and the signals, shape (4, S, F).
        """
        messages = [traits(phrasing, vocabulary) for family in families for phrasing in family.phrasings]
        own = np.repeat(np.arange(len(families)), [len(family.phrasings) for family in families])
        groups = _groups(families)
        of_families = Said.fit(messages, own, len(families))
        of_groups = Said.fit(messages, groups[own], int(groups.max(initial=-1)) + 1)
        rows = sampled(len(messages))
        learned = cls(turning, of_families, of_groups, groups, vocabulary)
        return learned, learned._left_out([messages[row] for row in rows], own[rows], cosines[rows])

    @classmethod
    def read(cls, folder: Path, families: Sequence[Family], turning: Turning, vocabulary: Vocabulary) -> Self:
        """Reads what ``write`` wrote.

        Raises:
            OSError: a file cannot be read.
            SaidDamaged: one is not what was written.
        """
        of_families, of_groups = Said.read(folder / _OF_FAMILIES), Said.read(folder / _OF_GROUPS)
        return cls(turning, of_families, of_groups, _groups(families), vocabulary)

    def write(self, folder: Path) -> None:
        """Writes what was learned into a folder.

        Raises:
            OSError: it cannot be written in whole.
        """
        self.of_families.write(folder / _OF_FAMILIES)
        self.of_groups.write(folder / _OF_GROUPS)

    def of(self, message: str, cosines: Array) -> Array:
        """The signals of a message, shape (4, F).

        Args:
            message: in anybody's words.
            cosines: with every clause, shape (1, clauses).
        """
        said = traits(message, self.vocabulary)
        together = self.of_groups.scores(said)[self.groups]
        return np.stack([*self.turning.signals(cosines)[:, 0], self.of_families.scores(said), together])

    def without_themselves(self, phrasings: Sequence[str], own: NDArray[np.int64], cosines: Array) -> Array:
        """The signals of S phrasings that it was learned from, shape (4, S, F), each left out of what was learned.

        Args:
            phrasings: S of them.
            own: the family of each, shape (S,).
            cosines: of each with every clause, shape (S, clauses).
        """
        return self._left_out([traits(phrasing, self.vocabulary) for phrasing in phrasings], own, cosines)

    def _left_out(self, messages: Sequence[Traits], own: NDArray[np.int64], cosines: Array) -> Array:
        said = self.of_families.without_themselves(messages, own)
        together = self.of_groups.without_themselves(messages, self.groups[own])[:, self.groups]
        return np.concatenate([self.turning.signals(cosines), said[None], together[None]])


def _groups(families: Sequence[Family]) -> NDArray[np.int64]:
    place: dict[tuple[str, ...], int] = {}
    return np.array([place.setdefault(family.group, len(place)) for family in families], dtype=np.int64)
