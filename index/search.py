"""The layer's one door: a question in, the clauses that come nearest out."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from index import gate, ranking, snapshot
from index.encoder import Encoder
from index.snapshot import Snapshot
from knowledge.library import Library
from knowledge.model import Clause, Policy
from knowledge.words import tokens


@dataclass(frozen=True, slots=True)
class Hit:
    """One clause found, with the policy it belongs to and its fused score (higher is nearer)."""

    clause: Clause
    policy: Policy
    score: float


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found, nearest first, and whether the policy seems to answer the question at all."""

    hits: tuple[Hit, ...]
    covered: bool


class Searcher:
    """Searches one snapshot. The same question gives the same hits in the same order, every time."""

    def __init__(self, loaded: Snapshot, encoder: Encoder) -> None:
        """Takes a loaded snapshot and the encoder that it was built with."""
        self._snapshot = loaded
        self._encoder = encoder
        self._policies = {policy.slug: policy for policy in loaded.library.policies}

    @property
    def library(self) -> Library:
        """The policies that are searched."""
        return self._snapshot.library

    def search(self, question: str, policy: str | None = None, limit: int = 5) -> Hits:
        """Finds the clauses nearest to a question.

        Args:
            question: in anybody's words.
            policy: the slug of the one policy to search; None for all.
            limit: how many hits at most.

        Raises:
            NoSuchPolicy: there is no policy of that slug.
        """
        among = None if policy is None else [self.library.policy(policy).slug]
        if not tokens(question):
            return Hits((), covered=False)
        loaded = self._snapshot
        positions = None if among is None else [n for n, clause in enumerate(loaded.clauses) if clause.policy in among]
        cosines = loaded.vectors.cosines(self._encoder.encode([question])[0], positions)
        ranked = ranking.fuse(cosines, loaded.full_text.scores(question, among))[:limit]
        hits = tuple(self._hit(position, score) for position, score in ranked)
        return Hits(hits, covered=gate.is_covered(max(cosines.values(), default=0.0)))

    def _hit(self, position: int, score: float) -> Hit:
        clause = self._snapshot.clauses[position]
        return Hit(clause, self._policies[clause.policy], score)


class Shelf:
    """Gives the searcher of the published snapshot, and takes up a new one as soon as it is published."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Looks below the folder of snapshots; loads nothing yet."""
        self._folder = folder
        self._encoder = encoder
        self._loading = Lock()
        self._loaded: tuple[str, Searcher] | None = None

    def searcher(self) -> Searcher:
        """The searcher to ask now. While a new snapshot is damaged, the one before goes on serving.

        Raises:
            SnapshotMissing: nothing was ever built.
            SnapshotDamaged: what is published cannot be used, and nothing else is loaded.
        """
        with self._loading:
            try:
                digest = snapshot.current(self._folder)
                if self._loaded is None or self._loaded[0] != digest:
                    self._loaded = (digest, Searcher(snapshot.load(self._folder, digest, self._encoder), self._encoder))
            except (snapshot.SnapshotMissing, snapshot.SnapshotDamaged):
                if self._loaded is None:
                    raise
            return self._loaded[1]
