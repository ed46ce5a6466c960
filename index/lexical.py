"""Full text search over the snapshot's clauses: SQLite FTS5, ranked by BM25."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

from knowledge.words import tokens

COLUMN_WEIGHTS = {"headings": 0.5, "lead_in": 0.5, "text": 1.0}
"""What a word counts for in each column: the clause's own words count most."""


class FullText:
    """Finds clauses by their words."""

    def __init__(self, connection: sqlite3.Connection, lock: Lock) -> None:
        """Reads from a snapshot's database, opened with ``check_same_thread=False``; the lock is held meanwhile."""
        self._connection = connection
        self._lock = lock

    def scores(self, texts: Iterable[str], policies: Sequence[str] | None = None) -> dict[int, float]:
        """BM25 (higher is better) of each clause that shares a word with the question, by position.

        Args:
            texts: the question as it was typed, and with typing errors put right.
            policies: slugs; None for all.
        """
        words = dict.fromkeys(word for text in texts for word in tokens(text))
        if not words:
            return {}
        among = "" if policies is None else " and clauses.policy in (select value from json_each(:policies))"
        weights = ", ".join(str(weight) for weight in COLUMN_WEIGHTS.values())
        query = (
            f"select clauses.position, -bm25(clauses_fts, {weights}) from clauses_fts"  # noqa: S608 (constants of ours)
            f" join clauses on clauses.rowid = clauses_fts.rowid where clauses_fts match :words{among}"
        )
        values = {"words": " OR ".join(f'"{word}"' for word in words), "policies": json.dumps(policies)}
        with self._lock:
            return dict(self._connection.execute(query, values).fetchall())

    def words(self) -> frozenset[str]:
        """Every word of every clause."""
        with self._lock:
            rows = self._connection.execute("select headings, lead_in, text from clauses").fetchall()
        return frozenset(word for row in rows for column in row if column for word in tokens(column))


def connect(path: Path) -> sqlite3.Connection:
    """Reads a published snapshot's database into memory: whatever happens to the file, what was loaded goes on.

    Raises:
        OSError: the file cannot be read.
        sqlite3.Error: it is no database.
    """
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.deserialize(path.read_bytes())
    connection.execute("pragma query_only = on")
    return connection
