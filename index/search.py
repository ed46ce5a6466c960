"""The layer's one door: a question in, the clauses that come nearest out."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from index import gate, ranking, snapshot
from index.encoder import Encoder
from index.families import LEAST_LIKELY, Sought, Understood
from index.places import Place, named_place, named_section
from index.snapshot import Snapshot
from index.vectors import Nearness
from knowledge.library import Library
from knowledge.model import Clause, Policy
from knowledge.words import tokens

MOST_READ = 20_000
"""Characters of a question that are read; more than anybody types."""

SECTION_SHARE = 2.5
"""What the clauses of a section gain that the question calls by its name: they come first."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One clause found.

    Attributes:
        clause: the clause.
        policy: the policy it belongs to.
        score: fused, higher is nearer.
        sentence: the sentence of the clause that comes nearest.
    """

    clause: Clause
    policy: Policy
    score: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found.

    Attributes:
        hits: nearest first; where the question names a clause or section, its clauses first, in their order.
        covered: whether the policy seems to answer the question at all.
        place: the clause or section that the question names, if it does; without positions where there is none such.
        understood: what the message may want.
    """

    hits: tuple[Hit, ...]
    covered: bool
    place: Place | None = None
    understood: Understood = field(default_factory=Understood)


class Searcher:
    """Searches one snapshot. The same question gives the same hits in the same order, every time."""

    def __init__(self, loaded: Snapshot, encoder: Encoder) -> None:
        """Takes a loaded snapshot and the encoder that it was built with."""
        self._snapshot = loaded
        self._encoder = encoder
        self._policies = {policy.slug: policy for policy in loaded.library.policies}
        self._numbered = tuple(enumerate(loaded.clauses))
        self._policy_of = np.array([family.policy or "" for family in loaded.families], dtype=object)

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
        question = question[:MOST_READ]
        if not tokens(question):
            return Hits((), covered=False)
        numbered = self._numbered if among is None else [row for row in self._numbered if row[1].policy in among]
        place = named_place(question, numbered)
        if place is not None:
            return self._at(place, limit)
        section, about = named_section(question, numbered)
        loaded = self._snapshot
        positions = None if among is None else np.array([position for position, _ in numbered], dtype=np.int64)
        query = self._encoder.encode([about])[0]
        near = loaded.vectors.nearness(query, positions)
        texts = loaded.spelling.spelt(about)
        likely = self._likelihoods(about, query, near, among)
        scores = ranking.fuse(near, loaded.concepts.scores(texts, among), loaded.full_text.scores(texts, among))
        scores += ranking.of_families(near, likely, loaded.signals.turning.positions)
        if section is not None:
            scores[np.isin(near.positions, section.positions)] += SECTION_SHARE
        hits = tuple(
            self._hit(int(near.positions[at]), float(scores[at]), int(near.sentence[at]))
            for at in ranking.best_first(near, scores)[:limit]
        )
        understood = self._understood(likely)
        covered = section is not None or gate.is_covered(float(near.whole.max(initial=-1.0)), understood)
        return Hits(hits, covered, section, understood)

    def _likelihoods(
        self, message: str, query: NDArray[np.float32], near: Nearness, among: list[str] | None
    ) -> NDArray[np.float64]:
        """How likely the message belongs to each family."""
        cosines = np.full((1, len(self._snapshot.clauses)), -1.0, dtype=np.float32)
        cosines[0, near.positions] = near.whole
        wanted = np.isin(self._policy_of, ["", *(self._policies if among is None else among)])
        return self._snapshot.learned.likelihoods(query, self._snapshot.signals.of(message, cosines), wanted)

    def _understood(self, likely: NDArray[np.float64]) -> Understood:
        best = [at for at in np.argsort(-likely, kind="stable") if likely[at] >= LEAST_LIKELY]
        return Understood(tuple(Sought(self._snapshot.families[at], float(likely[at])) for at in best))

    def _at(self, place: Place, limit: int) -> Hits:
        """The clauses of a place that was named, or of the section in which there is no such clause."""
        shown = (place.clauses or place.siblings)[:limit]
        return Hits(tuple(self._hit(position, 1.0, 0) for position, _ in shown), bool(place.clauses), place)

    def _hit(self, position: int, score: float, sentence: int) -> Hit:
        clause = self._snapshot.clauses[position]
        return Hit(clause, self._policies[clause.policy], score, clause.sentences[sentence])


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
