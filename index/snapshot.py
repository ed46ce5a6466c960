"""The snapshot: the built index, made once, checked, published in whole, never changed afterwards."""

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from index.encoder import Encoder
from index.lexical import COLUMN_WEIGHTS, FullText, connect
from index.vectors import ClauseVectors
from knowledge.errors import TouchstoneError
from knowledge.library import Library
from knowledge.model import Clause, Passage, PassageKind, Policy
from knowledge.numbering import Label

FORMAT = 1
"""Goes up when what a snapshot holds, or how clauses are encoded, changes: older snapshots are then built anew."""

_DATABASE = "snapshot.sqlite3"
_VECTORS = "vectors.faiss"
_MANIFEST = "manifest.json"
_CURRENT = "current"
_BATCH = 16
_ASIDE = ".building-"
_KEPT = 5
"""How many snapshots are kept besides the published one: those of other folders, and the ones before."""

_AT = {"line": int, "page": int, "label": str}
_COLUMNS: dict[str, dict[str, type]] = {
    "policies": {"slug": str, "title": str, "version": str, "approved": str, "review_months": int},
    "passages": {"policy": str, "kind": str, "text": str, "marker": str, "level": int, **_AT},
    "clauses": {"position": int, "policy": str, "headings": str, "lead_in": str, "text": str, **_AT, "cited_as": str},
}
"""The snapshot's tables. Headings and labels are JSON; ``cited_as`` is for people who look with Datasette."""

Progress = Callable[[int, int], None]
"""Hears how many clauses of how many are encoded."""


class SnapshotMissing(TouchstoneError):
    """There is no snapshot to answer from yet; run `touchstone build`."""


class SnapshotDamaged(TouchstoneError):
    """The snapshot is damaged or was made by another version of Touchstone; run `touchstone build`."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published snapshot, loaded.

    Attributes:
        digest: its name, made of all that went into it.
        library: the policies it was built from.
        clauses: every clause of them, by position.
        vectors: their vectors, by the same positions.
        full_text: their words.
    """

    digest: str
    library: Library
    clauses: tuple[Clause, ...]
    vectors: ClauseVectors
    full_text: FullText


def build(library: Library, encoder: Encoder, folder: Path, progress: Progress = lambda _done, _of: None) -> str:
    """Builds a snapshot of the library below the folder, unless it stands there already, and gives its digest.

    It is written aside and moved into place in whole, so that a build that dies leaves nothing half made.
    """
    digest = _digest(library, encoder)
    place = folder / digest
    if _is_sound(place, digest, encoder):
        return digest
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if not _is_sound(place, digest, encoder):  # another build may have made it meanwhile
            _tidy(folder)
            aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=folder))
            try:
                _write(aside, digest, library, encoder, progress)
                _move_into_place(aside, place)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    return digest


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One build at a time, whatever process it is in; the others wait."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _tidy(folder: Path) -> None:
    """Takes away what a build that died left behind, and all but the latest snapshots that are not published."""
    for left in folder.glob(f"{_ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)
    try:
        published = current(folder)
    except SnapshotMissing:
        published = ""
    places = [path for path in folder.iterdir() if path.is_dir() and path.name != published]
    for old in sorted(places, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def publish(folder: Path, digest: str) -> None:
    """Makes a built snapshot the one that answers are given from, in one step."""
    pointer = folder / f".{_CURRENT}-{os.getpid()}"
    pointer.write_text(digest + "\n", encoding="ascii")
    _flush(pointer)
    pointer.replace(folder / _CURRENT)
    _flush(folder)


def current(folder: Path) -> str:
    """The digest of the published snapshot.

    Raises:
        SnapshotMissing: none is published.
    """
    try:
        return (folder / _CURRENT).read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        raise SnapshotMissing(str(folder)) from None


def load(folder: Path, digest: str, encoder: Encoder) -> Snapshot:
    """Loads a built snapshot after checking every file of it.

    Raises:
        SnapshotMissing: it is not there.
        SnapshotDamaged: a file is not what was written, or it was made for another format or encoder.
    """
    place = folder / digest
    if not place.is_dir():
        raise SnapshotMissing(str(place))
    if not _is_sound(place, digest, encoder):
        raise SnapshotDamaged(str(place))
    connection = connect(place / _DATABASE)
    library = Library(tuple(_read_policies(connection)))
    return Snapshot(digest, library, library.clauses, ClauseVectors.read(place / _VECTORS), FullText(connection))


def encoded_text(clause: Clause) -> str:
    """What the encoder reads of a clause: its words behind the lead-in, which belongs to their meaning."""
    return f"{clause.lead_in} {clause.text}" if clause.lead_in else clause.text


def _digest(library: Library, encoder: Encoder) -> str:
    content = {"format": FORMAT, "encoder": encoder.digest, "policies": [asdict(policy) for policy in library.policies]}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _write(place: Path, digest: str, library: Library, encoder: Encoder, progress: Progress) -> None:
    clauses = library.clauses
    _write_database(place / _DATABASE, library.policies, clauses)
    rows = np.zeros((len(clauses), encoder.dimensions), dtype=np.float32)
    progress(0, len(clauses))
    for start in range(0, len(clauses), _BATCH):
        batch = clauses[start : start + _BATCH]
        rows[start : start + len(batch)] = encoder.encode([encoded_text(clause) for clause in batch])
        progress(start + len(batch), len(clauses))
    ClauseVectors.of(rows).write(place / _VECTORS)
    manifest = {**_heading(digest, encoder), "files": _files(place)}
    (place / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _write_database(path: Path, policies: Sequence[Policy], clauses: Sequence[Clause]) -> None:
    from sqlite_utils import Database  # noqa: PLC0415 (serving never builds: it costs a second to import with pandas there)

    with closing(sqlite3.connect(path)) as connection:
        database = Database(connection)
        for table, columns in _COLUMNS.items():
            database.table(table).create(columns, pk=next(iter(columns)) if table != "passages" else None)
        database.table("policies").insert_all(map(_policy_row, policies))
        database.table("passages").insert_all(
            _passage_row(policy.slug, passage) for policy in policies for passage in policy.passages
        )
        database.table("clauses").insert_all(_clause_row(*numbered) for numbered in enumerate(clauses))
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


def _read_policies(connection: sqlite3.Connection) -> Iterator[Policy]:
    for row in _rows(connection, "select * from policies order by rowid"):
        passages = tuple(
            map(_passage, _rows(connection, "select * from passages where policy = ? order by rowid", row["slug"]))
        )
        clauses = tuple(
            map(_clause, _rows(connection, "select * from clauses where policy = ? order by position", row["slug"]))
        )
        approved = date.fromisoformat(row["approved"]) if row["approved"] else None
        yield Policy(row["slug"], row["title"], row["version"], approved, row["review_months"], passages, clauses)


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


def _manifest(place: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((place / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _is_sound(place: Path, digest: str, encoder: Encoder) -> bool:
    """Whether every file is what was written, for this format and this encoder."""
    manifest = _manifest(place)
    try:
        return manifest == {**_heading(digest, encoder), "files": _files(place)}
    except OSError:
        return False


def _heading(digest: str, encoder: Encoder) -> dict[str, object]:
    return {"format": FORMAT, "digest": digest, "encoder": encoder.digest}


def _files(place: Path) -> dict[str, str]:
    return {name: _sha256(place / name) for name in (_DATABASE, _VECTORS)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _move_into_place(aside: Path, place: Path) -> None:
    for file in aside.iterdir():
        _flush(file)
    _flush(aside)
    shutil.rmtree(place, ignore_errors=True)  # what stands there is damaged, or we would not be here
    aside.rename(place)
    _flush(place.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
