"""The snapshot: the built index, made once, checked, published in whole, never changed afterwards."""

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from index.concepts import Concepts
from index.encoder import Encoder
from index.families import Family, families
from index.learning import Learned, LearnedDamaged
from index.lexical import FullText, connect
from index.remembered import remembering
from index.said import SaidDamaged
from index.signals import Signals
from index.tables import library_of, read_families, read_policies, write_tables
from index.turning import Turning
from index.vectors import ClauseVectors, to_encode
from index.words import Spelling
from knowledge.disk import flush
from knowledge.errors import TouchstoneError
from knowledge.library import Library
from knowledge.model import Clause
from knowledge.vocabulary import Vocabulary

FORMAT = 6
"""Goes up when what a snapshot holds, or how clauses are encoded, changes: older snapshots are then built anew."""

_DATABASE = "snapshot.sqlite3"
_VECTORS = "vectors.faiss"
_LEARNED = "learned.npz"
_MANIFEST = "manifest.json"
_CURRENT = "current"
_BATCH = 128
"""How many texts are encoded between two steps of the progress bar."""
_ASIDE = ".building-"
_REMEMBERED = ".vectors.sqlite3"
_KEPT = 5
"""How many snapshots are kept besides the published one: those of other folders, and the ones before."""

Progress = Callable[[int, int], None]
"""Hears how many texts of how many are encoded."""


class SnapshotMissing(TouchstoneError):
    """There is no snapshot to answer from yet; run `touchstone build`."""


class SnapshotNotWritten(TouchstoneError):
    """The snapshot cannot be written; make room for it, or name another data folder, and run `touchstone build`."""


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
        concepts: what they speak of.
        spelling: the words of policies and vocabulary, against which a question's typing errors are put right.
        families: what a message may be.
        signals: the clauses that each family turns on, and what is said in it.
        learned: how near a message is to each of them.
    """

    digest: str
    library: Library
    clauses: tuple[Clause, ...]
    vectors: ClauseVectors
    full_text: FullText
    concepts: Concepts
    spelling: Spelling
    families: tuple[Family, ...]
    signals: Signals
    learned: Learned


def build(library: Library, encoder: Encoder, folder: Path, progress: Progress = lambda _done, _of: None) -> str:
    """Builds a snapshot of the library below the folder, unless it stands there already, and gives its digest.

    It is written aside and moved into place in whole, so that a build that dies leaves nothing half made. Texts that
    an earlier build has encoded are not encoded again.

    Raises:
        SnapshotNotWritten: there is no room, or the folder cannot be written to.
    """
    digest = digest_of(library, encoder)
    place = folder / digest
    if _is_sound(place, digest, encoder):
        with suppress(OSError):  # a folder that can only be read will do
            os.utime(place)  # in use: not among the old ones that the next build takes away
        return digest
    with writing(folder), _alone(folder):
        if not _is_sound(place, digest, encoder):  # another build may have made it meanwhile
            _tidy(folder)
            aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=folder))
            try:
                with remembering(encoder, folder / _REMEMBERED) as cached:
                    _write(aside, digest, library, cached, progress)
                _move_into_place(aside, place)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    return digest


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Says in our words that something could not be written, whoever it was that tried.

    Raises:
        SnapshotNotWritten: it could not.
    """
    try:
        yield
    except OSError as error:
        raise SnapshotNotWritten(f"{error.filename or folder}: {error.strerror or type(error).__name__}") from error
    except sqlite3.Error as error:
        raise SnapshotNotWritten(f"{folder}: {error}") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One build at a time, whatever process it is in; the others wait."""
    folder.mkdir(parents=True, exist_ok=True)
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
    places = [path for path in folder.iterdir() if path.is_dir() and path.name[0] != "." and path.name != published]
    for old in sorted(places, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def publish(folder: Path, digest: str) -> None:
    """Makes a built snapshot the one that answers are given from, in one step.

    Raises:
        SnapshotNotWritten: there is no room, or the folder cannot be written to.
    """
    pointer = folder / f".{_CURRENT}-{os.getpid()}"
    with writing(folder):
        try:
            pointer.write_text(digest + "\n", encoding="ascii")
            flush(pointer)
            pointer.replace(folder / _CURRENT)
        finally:
            pointer.unlink(missing_ok=True)
        flush(folder)


def current(folder: Path) -> str:
    """The digest of the published snapshot.

    Raises:
        SnapshotMissing: none is published.
    """
    try:
        return (folder / _CURRENT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise SnapshotMissing(str(folder)) from None


def is_published(folder: Path, digest: str, encoder: Encoder) -> bool:
    """Whether this snapshot is the one that answers are given from, and whole."""
    try:
        return current(folder) == digest and _is_sound(folder / digest, digest, encoder)
    except SnapshotMissing:
        return False


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
    try:
        connection = connect(place / _DATABASE)
        known = tuple(read_families(connection))
        library = library_of(read_policies(connection), known)
        learned = Learned.read(place / _LEARNED)
        vocabulary = Vocabulary.shipped()
        signals = Signals.read(place, known, Turning(known, library.clauses), vocabulary)
        vectors = ClauseVectors.read(place / _VECTORS, library.clauses)
    except (
        OSError,
        sqlite3.Error,
        RuntimeError,
        LearnedDamaged,
        SaidDamaged,
    ) as error:  # it was changed or taken away in this moment
        raise SnapshotDamaged(str(place)) from error
    lock = Lock()
    full_text = FullText(connection, lock)
    return Snapshot(
        digest,
        library,
        library.clauses,
        vectors,
        full_text,
        Concepts(connection, vocabulary, lock),
        Spelling(full_text.words() | vocabulary.all_words),
        known,
        signals,
        learned,
    )


def digest_of(library: Library, encoder: Encoder) -> str:
    """What the snapshot of a library is called: made of all that goes into it."""
    content = {
        "format": FORMAT,
        "encoder": encoder.digest,
        "vocabulary": Vocabulary.shipped().digest,
        "policies": [asdict(policy) for policy in library.policies],
        "families": [asdict(family) for family in families(library)],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _write(place: Path, digest: str, library: Library, encoder: Encoder, progress: Progress) -> None:
    clauses, known, vocabulary = library.clauses, families(library), Vocabulary.shipped()
    write_tables(place / _DATABASE, library.policies, clauses, known, vocabulary)
    of_clauses = [encoded.text for encoded in to_encode(clauses)]
    texts = [*of_clauses, *(phrasing for family in known for phrasing in family.phrasings)]
    rows = np.zeros((len(texts), encoder.dimensions), dtype=np.float32)
    progress(0, len(texts))
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        rows[start : start + len(batch)] = encoder.encode(batch)
        progress(start + len(batch), len(texts))
    vectors, phrasings = ClauseVectors.of(rows[: len(of_clauses)], clauses), rows[len(of_clauses) :]
    vectors.write(place / _VECTORS)
    signals, of_phrasings = Signals.fit(known, Turning(known, clauses), vocabulary, vectors.whole(phrasings))
    signals.write(place)
    Learned.fit(phrasings, [len(family.phrasings) for family in known], of_phrasings).write(place / _LEARNED)
    manifest = {**_heading(digest, encoder), "files": _files(place)}
    (place / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _manifest(place: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((place / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
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
    return {name: _sha256(place / name) for name in (_DATABASE, _VECTORS, _LEARNED)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _move_into_place(aside: Path, place: Path) -> None:
    for file in aside.iterdir():
        flush(file)
    flush(aside)
    shutil.rmtree(place, ignore_errors=True)  # what stands there is damaged, or we would not be here
    aside.rename(place)
    flush(place.parent)
