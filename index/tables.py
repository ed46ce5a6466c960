"""The snapshot's database: policies, passages and clauses as tables, with full text search; Datasette opens it."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from index.concepts import concepts_of
from index.families import Family
from index.lexical import COLUMN_WEIGHTS
from knowledge.library import Cited, Library, Reviewed, Unanswered
from knowledge.model import Clause, Passage, PassageKind, Policy
from knowledge.numbering import Label
from knowledge.vocabulary import Vocabulary

_FAMILY = TypeAdapter(Family)
_AT = {"line": int, "page": int, "label": str}
_COLUMNS: dict[str, dict[str, type]] = {
    "policies": {"slug": str, "title": str, "version": str, "approved": str, "review_months": int},
    "passages": {"policy": str, "kind": str, "text": str, "marker": str, "level": int, **_AT},
    "clauses": {"position": int, "policy": str, "headings": str, "lead_in": str, "text": str, **_AT, "cited_as": str},
    "concepts": {"concept": str, "position": int, "policy": str},
    "families": {"position": int, "body": str},
}
"""The snapshot's tables. Headings, labels and families are JSON; ``cited_as`` is for people who look with Datasette."""

_KEYS = {"policies": "slug", "clauses": "position", "concepts": ("concept", "position"), "families": "position"}


def write_tables(
    path: Path,
    policies: Sequence[Policy],
    clauses: Sequence[Clause],
    families: Sequence[Family],
    vocabulary: Vocabulary,
) -> None:
    """Writes policies, clauses, the concepts they speak of, and families of messages into a new database.

    Clause n is row n, and so is family n.
    """
    from sqlite_utils import Database  # noqa: PLC0415 (serving never builds: it costs a second to import with pandas there)

    with closing(sqlite3.connect(path)) as connection:
        database = Database(connection)
        for table, columns in _COLUMNS.items():
            database.table(table).create(columns, pk=_KEYS.get(table))
        database.table("policies").insert_all(map(_policy_row, policies))
        database.table("passages").insert_all(
            _passage_row(policy.slug, passage) for policy in policies for passage in policy.passages
        )
        database.table("clauses").insert_all(_clause_row(*numbered) for numbered in enumerate(clauses))
        database.table("concepts").insert_all(
            {"concept": concept, "position": position, "policy": clause.policy}
            for position, clause in enumerate(clauses)
            for concept in concepts_of(clause, vocabulary)
        )
        database.table("families").insert_all(
            {"position": position, "body": _FAMILY.dump_json(family).decode()}
            for position, family in enumerate(families)
        )
        database.table("clauses").enable_fts(list(COLUMN_WEIGHTS), tokenize="porter unicode61")
        database.vacuum()


def _policy_row(policy: Policy) -> dict[str, object]:
    return {
        "slug": policy.slug,
        "title": policy.title,
        "version": policy.version,
        "approved": policy.approved.isoformat() if policy.approved else None,
        "review_months": policy.review_months,
    }


def _passage_row(policy: str, passage: Passage) -> dict[str, object]:
    return {"policy": policy, **asdict(passage), "kind": passage.kind.value, "label": _packed(passage.label)}


def _clause_row(position: int, clause: Clause) -> dict[str, object]:
    row: dict[str, object] = {"position": position, **asdict(clause)}
    return {
        **row,
        "label": _packed(clause.label),
        "cited_as": str(clause.label),
        "headings": json.dumps(clause.headings),
    }


def _packed(label: Label | None) -> str | None:
    return json.dumps(asdict(label)) if label else None


def _unpacked(label: str) -> Label:
    data: dict[str, Any] = json.loads(label)
    return Label(**{**data, "number": tuple(data["number"]), "items": tuple(data["items"])})


def read_policies(connection: sqlite3.Connection) -> Iterator[Policy]:
    """The policies as they were written, in order."""
    for row in _rows(connection, "select * from policies order by rowid"):
        passages = tuple(
            map(_passage, _rows(connection, "select * from passages where policy = ? order by rowid", row["slug"]))
        )
        clauses = tuple(
            map(_clause, _rows(connection, "select * from clauses where policy = ? order by position", row["slug"]))
        )
        approved = date.fromisoformat(row["approved"]) if row["approved"] else None
        yield Policy(row["slug"], row["title"], row["version"], approved, row["review_months"], passages, clauses)


def read_families(connection: sqlite3.Connection) -> Iterator[Family]:
    """The families as they were written, in order."""
    for row in _rows(connection, "select * from families order by position"):
        yield _FAMILY.validate_json(row["body"])


def library_of(policies: Iterable[Policy], families: Iterable[Family]) -> Library:
    """The library that policies and families were written of."""
    of = [family.of for family in families]
    return Library(
        tuple(policies),
        rulings=tuple(one for one in of if isinstance(one, Reviewed)),
        unanswered=tuple(one for one in of if isinstance(one, Unanswered)),
        cited=tuple(one for one in of if isinstance(one, Cited)),
    )


def _rows(connection: sqlite3.Connection, query: str, *values: object) -> list[dict[str, Any]]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _passage(row: dict[str, Any]) -> Passage:
    label = _unpacked(row["label"]) if row["label"] else None
    kind = PassageKind(row["kind"])
    return Passage(kind, row["text"], row["marker"], row["level"], row["line"], row["page"], label)


def _clause(row: dict[str, Any]) -> Clause:
    headings = tuple(json.loads(row["headings"]))
    return Clause(
        row["policy"], _unpacked(row["label"]), headings, row["lead_in"], row["text"], row["line"], row["page"]
    )
