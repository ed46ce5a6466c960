"""Which ruling a question asks for: its vector against those of the messages that are known to ask it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.library import Reviewed

NEAREST = 3
"""Of how many phrasings of a ruling the mean is taken, the nearest ones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A ruling that a question seems to ask for.

    Attributes:
        ruling: the ruling.
        score: the mean cosine of its nearest phrasings.
        margin: by how much that is more than the next ruling's.
    """

    ruling: Reviewed
    score: float
    margin: float


class Phrasings:
    """The vectors of all phrasings of all rulings."""

    def __init__(self, vectors: faiss.Index, rulings: Sequence[Reviewed]) -> None:
        """Wraps a flat FAISS index whose rows are ``phrasings(rulings)``."""
        self._vectors = vectors
        self._rulings = tuple(rulings)
        counts = [len(one.ruling.phrasings) for one in rulings]
        self._ends = np.cumsum(counts, dtype=np.int64)

    @classmethod
    def of(cls, rows: NDArray[np.float32], rulings: Sequence[Reviewed]) -> Self:
        """Makes them of an array of shape (len(phrasings(rulings)), dimensions) with rows of unit length."""
        vectors = faiss.IndexFlatIP(rows.shape[1])
        vectors.add(np.ascontiguousarray(rows, dtype=np.float32))
        return cls(vectors, rulings)

    @classmethod
    def read(cls, path: Path, rulings: Sequence[Reviewed]) -> Self:
        """Reads what ``write`` wrote of the same rulings.

        Raises:
            OSError: the file cannot be read.
            RuntimeError: it is not what was written.
        """
        return cls(faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8)), rulings)

    def write(self, path: Path) -> None:
        """Writes them to a file.

        Raises:
            OSError: it cannot be written in whole.
        """
        path.write_bytes(faiss.serialize_index(self._vectors).tobytes())

    def nearest(self, query: NDArray[np.float32], policies: Sequence[str] | None = None) -> Asked | None:
        """The ruling whose phrasings come nearest, of all policies or of some; None where there is none.

        Args:
            query: shape (dimensions,), of unit length.
            policies: slugs; None for all.
        """
        if not self._vectors.ntotal:
            return None
        cosines = np.empty(self._vectors.ntotal, dtype=np.float32)
        scores, found = self._vectors.search(query.reshape(1, -1), self._vectors.ntotal)
        cosines[found[0]] = scores[0]
        ranked = sorted(
            (
                (float(np.sort(own)[-NEAREST:].mean()), one)
                for own, one in zip(np.split(cosines, self._ends[:-1]), self._rulings, strict=True)
                if policies is None or one.policy in policies
            ),
            key=lambda scored: -scored[0],
        )
        if not ranked:
            return None
        (score, best), *others = ranked
        return Asked(best, score, score - others[0][0] if others else score)


def phrasings(rulings: Sequence[Reviewed]) -> list[str]:
    """Every phrasing of every ruling, in order."""
    return [phrasing for one in rulings for phrasing in one.ruling.phrasings]
