"""Vector search with FAISS: exact inner products over unit vectors, one for each clause."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import faiss
import numpy as np
from numpy.typing import NDArray


class ClauseVectors:
    """The clauses' vectors; position n belongs to clause n."""

    def __init__(self, vectors: faiss.Index) -> None:
        """Wraps a flat FAISS index. Its object is called `vectors`, never `index`: that is this package."""
        self._vectors = vectors

    @classmethod
    def of(cls, rows: NDArray[np.float32]) -> Self:
        """Makes them of an array of shape (clauses, dimensions) with rows of unit length."""
        vectors = faiss.IndexFlatIP(rows.shape[1])
        vectors.add(np.ascontiguousarray(rows, dtype=np.float32))
        return cls(vectors)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads what ``write`` wrote.

        Raises:
            OSError: the file cannot be read.
            RuntimeError: it is not what was written.
        """
        return cls(faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8)))

    def write(self, path: Path) -> None:
        """Writes them to a file.

        Raises:
            OSError: it cannot be written in whole. FAISS's own writing says nothing of a disk that is full at the end.
        """
        path.write_bytes(faiss.serialize_index(self._vectors).tobytes())

    def __len__(self) -> int:
        """How many clauses there are."""
        return int(self._vectors.ntotal)

    def cosines(self, query: NDArray[np.float32], among: Sequence[int] | None = None) -> dict[int, float]:
        """The cosine of every clause to a query vector of unit length, by position.

        Args:
            query: shape (dimensions,).
            among: positions to look at; None for all.
        """
        wanted = len(self) if among is None else len(among)
        if not wanted:
            return {}
        chosen = None
        if among is not None:
            chosen = faiss.SearchParameters()
            chosen.sel = faiss.IDSelectorBatch(np.asarray(among, dtype=np.int64))
        scores, positions = self._vectors.search(query.reshape(1, -1), wanted, params=chosen)
        return {int(at): float(score) for at, score in zip(positions[0], scores[0], strict=True) if at >= 0}
