"""Vector search with FAISS: how near each clause comes to a question, as a whole and by its nearest sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.model import Clause


@dataclass(frozen=True, slots=True)
class Encoded:
    """What is encoded of a clause: all of it, or one of its sentences.

    Attributes:
        text: what the encoder reads.
        position: the clause's position.
        sentence: which of its sentences, from 0; None for the whole.
    """

    text: str
    position: int
    sentence: int | None


def to_encode(clauses: Sequence[Clause]) -> list[Encoded]:
    """What is to be encoded of the clauses, in order: of each the whole, behind its lead-in, then each sentence.

    A long clause says many things, and its vector lies between them; a sentence alone may lack what it is about. Each
    is right where the other is not: the mean of the two found more than either (docs/measured.md).
    """
    encoded: list[Encoded] = []
    for position, clause in enumerate(clauses):
        whole = f"{clause.lead_in} {clause.text}" if clause.lead_in else clause.text
        encoded.append(Encoded(whole, position, None))
        if clause.sentences != (whole,):
            encoded += [Encoded(text, position, number) for number, text in enumerate(clause.sentences)]
    return encoded


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near the clauses come to a question; one entry a clause in each array, clauses in the order of positions.

    Attributes:
        positions: which clauses, shape (n,).
        whole: cosine of the whole clause.
        best: cosine of its nearest sentence.
        sentence: which sentence that is, from 0.
    """

    positions: NDArray[np.int64]
    whole: NDArray[np.float32]
    best: NDArray[np.float32]
    sentence: NDArray[np.int64]


class ClauseVectors:
    """The vectors of clauses and of their sentences."""

    def __init__(self, vectors: faiss.Index, clauses: Sequence[Clause]) -> None:
        """Wraps a flat FAISS index whose rows are ``to_encode(clauses)``.

        Its object is called `vectors`, never `index`: that is this package.
        """
        encoded = to_encode(clauses)
        self._vectors = vectors
        self._count = len(clauses)
        self._owners = np.array([row.position for row in encoded], dtype=np.int64)
        self._sentences = np.array([-1 if row.sentence is None else row.sentence for row in encoded], dtype=np.int64)

    @classmethod
    def of(cls, rows: NDArray[np.float32], clauses: Sequence[Clause]) -> Self:
        """Makes them of an array of shape (len(to_encode(clauses)), dimensions) with rows of unit length."""
        vectors = faiss.IndexFlatIP(rows.shape[1])
        vectors.add(np.ascontiguousarray(rows, dtype=np.float32))
        return cls(vectors, clauses)

    @classmethod
    def read(cls, path: Path, clauses: Sequence[Clause]) -> Self:
        """Reads what ``write`` wrote of the same clauses.

        Raises:
            OSError: the file cannot be read.
            RuntimeError: it is not what was written.
        """
        return cls(faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8)), clauses)

    def write(self, path: Path) -> None:
        """Writes them to a file.

        Raises:
            OSError: it cannot be written in whole. FAISS's own writing says nothing of a disk that is full at the end.
        """
        path.write_bytes(faiss.serialize_index(self._vectors).tobytes())

    def __len__(self) -> int:
        """How many clauses there are."""
        return self._count

    def whole(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of every whole clause with each of n queries, shape (n, clauses).

        Args:
            queries: shape (n, dimensions), rows of unit length.
        """
        rows = np.flatnonzero(self._sentences < 0)
        vectors = np.stack([self._vectors.reconstruct(int(row)) for row in rows]) if len(rows) else None
        return queries @ vectors.T if vectors is not None else np.empty((len(queries), 0), dtype=np.float32)

    def nearness(self, query: NDArray[np.float32], among: NDArray[np.int64] | None = None) -> Nearness:
        """How near each clause comes.

        Args:
            query: shape (dimensions,), of unit length.
            among: positions to look at, ascending; None for all.
        """
        positions = np.arange(self._count, dtype=np.int64) if among is None else among
        cosines = self._cosines(query, positions if among is not None else None)
        is_whole = self._sentences < 0
        whole = cosines[is_whole]
        best, sentence = whole.copy(), np.zeros(self._count, dtype=np.int64)
        parts = np.flatnonzero(~is_whole)
        nearest_first = parts[np.lexsort((-cosines[parts], self._owners[parts]))]
        owners, first = np.unique(self._owners[nearest_first], return_index=True)
        best[owners], sentence[owners] = cosines[nearest_first[first]], self._sentences[nearest_first[first]]
        return Nearness(positions, whole[positions], best[positions], sentence[positions])

    def _cosines(self, query: NDArray[np.float32], among: NDArray[np.int64] | None) -> NDArray[np.float32]:
        """The cosine of every row; -2 for those that are not among."""
        cosines = np.full(len(self._owners), -2.0, dtype=np.float32)
        chosen, wanted = None, len(self._owners)
        if among is not None:
            rows = np.flatnonzero(np.isin(self._owners, among))
            chosen, wanted = faiss.SearchParameters(), len(rows)
            chosen.sel = faiss.IDSelectorBatch(rows)
        if wanted:
            scores, found = self._vectors.search(query.reshape(1, -1), wanted, params=chosen)
            cosines[found[0]] = scores[0]
        return cosines
