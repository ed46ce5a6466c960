"""Which clauses each family of messages turns on, by their positions, and how near the nearest of them comes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.families import Family
from knowledge.model import Clause

_NO_CLAUSE = -2.0


class Turning:
    """The clauses of F families."""

    def __init__(self, families: Sequence[Family], clauses: Sequence[Clause]) -> None:
        """Looks up the labels that the families name; one that no clause has is passed over."""
        at = {(clause.policy, str(clause.label)): position for position, clause in enumerate(clauses)}
        self.positions = tuple(
            tuple(at[family.policy, label] for label in family.clauses if (family.policy, label) in at)
            if family.policy is not None
            else ()
            for family in families
        )
        """Of each family the positions of its clauses, the foremost first."""
        most = max(map(len, self.positions), default=0) or 1
        self._padded = np.full((len(families), most), len(clauses), dtype=np.int64)
        for family, own in enumerate(self.positions):
            self._padded[family, : len(own)] = own

    def signals(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of each family's nearest clause, 0 where it turns on none; and whether it does, shape (2, n, F).

        Args:
            cosines: of n messages with every clause, shape (n, clauses).
        """
        padded = np.concatenate([cosines, np.full((len(cosines), 1), _NO_CLAUSE, dtype=np.float32)], axis=1)
        nearest = padded[:, self._padded].max(axis=2)
        turns_on_any = nearest > _NO_CLAUSE
        return np.stack([np.where(turns_on_any, nearest, 0), turns_on_any]).astype(np.float32)
