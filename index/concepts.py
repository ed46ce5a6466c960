"""Which clauses speak of what a question speaks of, in whatever words: by the concepts of the vocabulary."""

import json
import math
import sqlite3
from collections.abc import Iterable, Sequence
from threading import Lock

from knowledge.model import Clause
from knowledge.vocabulary import Vocabulary


def concepts_of(clause: Clause, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Names of the concepts that a clause speaks of: in its innermost heading, its lead-in or its words."""
    said = ". ".join((*clause.headings[-1:], clause.lead_in or "", clause.text))
    return vocabulary.with_broader(found.concept for found in vocabulary.concepts(said))


class Concepts:
    """Scores clauses by the concepts that they share with a question."""

    def __init__(self, connection: sqlite3.Connection, vocabulary: Vocabulary, lock: Lock) -> None:
        """Reads from a snapshot's database; the lock is held while it is asked."""
        self._connection = connection
        self._vocabulary = vocabulary
        self._lock = lock
        counts = connection.execute("select concept, count(*) from concepts group by concept").fetchall()
        (clauses,) = connection.execute("select count(*) from clauses").fetchone()
        self._weights = {concept: math.log(1 + clauses / count) for concept, count in counts}

    def scores(self, texts: Iterable[str], policies: Sequence[str] | None = None) -> dict[int, float]:
        """What share, 0 to 1, of the weight of the question's concepts a clause has, by position.

        A concept weighs the more, the fewer clauses speak of it (inverse document frequency).

        Args:
            texts: the question, and readings of it with typing errors put right.
            policies: slugs; None for all.
        """
        asked = self._vocabulary.with_broader(
            dict.fromkeys(found.concept for text in texts for found in self._vocabulary.concepts(text))
        )
        total = sum(self._weights.get(concept, 0.0) for concept in asked)
        if not total:
            return {}
        among = "" if policies is None else " and policy in (select value from json_each(:policies))"
        query = f"select position, concept from concepts where concept in (select value from json_each(:asked)){among}"  # noqa: S608 (constants of ours)
        with self._lock:
            rows = self._connection.execute(query, {"asked": json.dumps(asked), "policies": json.dumps(policies)})
            scores: dict[int, float] = {}
            for position, concept in rows:
                scores[position] = scores.get(position, 0.0) + self._weights[concept] / total
        return scores
