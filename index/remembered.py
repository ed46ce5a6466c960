"""Remembers the vectors of what documents say, so that a build encodes only what changed. Never those of a question."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder

MOST = 30_000
"""How many vectors are kept, those used last: some 50 MB of the shipped encoder's."""

_DAMAGED = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file can end in; the second where sqlite3 cannot read its own message, which quotes the damage."""

Vector = NDArray[np.float32]


@contextmanager
def remembering(encoder: Encoder, path: Path) -> Iterator[Encoder]:
    """An encoder that asks the one given only for texts that are not in the file; one process at a time.

    A file that is damaged, or cannot be written, costs time and nothing else: it is taken away, and all is encoded.
    """
    try:
        memory = _opened(path)
    except _DAMAGED:
        _forget(path)
        try:
            memory = _opened(path)
        except _DAMAGED:  # not the file, then, but the folder or the disk
            _forget(path)
            yield encoder
            return
    try:
        with closing(memory):
            yield _Remembering(encoder, memory)
            memory.tidy()
    finally:
        if memory.failed:
            _forget(path)


class _Memory:
    """The file. A vector is sealed by a digest, so that one which the disk changed counts as not there."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.failed = False
        connection.execute("pragma synchronous = off")  # the worst that can come of it is a damaged file
        connection.execute(
            "create table if not exists vectors (key blob primary key, vector blob, seal blob, used integer)"
        )
        (self._build,) = connection.execute("select coalesce(max(used), 0) + 1 from vectors").fetchone()

    def find(self, keys: Iterable[bytes], size: int) -> dict[bytes, Vector]:
        """The vectors of those keys that are there and as they were written, ``size`` bytes each."""
        found: dict[bytes, Vector] = {}
        with self._trying():
            for key in keys:
                row = self._connection.execute("select vector, seal from vectors where key = ?", (key,)).fetchone()
                if row and isinstance(row[0], bytes) and len(row[0]) == size and row[1] == _seal(key, row[0]):
                    found[key] = np.frombuffer(row[0], dtype=np.float32)
            self._connection.executemany(
                "update vectors set used = ? where key = ?", [(self._build, key) for key in found]
            )
        return found

    def keep(self, made: Mapping[bytes, Vector]) -> None:
        """Writes vectors down at once, so that a build which is killed has not worked for nothing."""
        rows = [(key, data, _seal(key, data), self._build) for key, data in _bytes(made)]
        with self._trying():
            self._connection.executemany("insert or replace into vectors values (?, ?, ?, ?)", rows)

    def tidy(self) -> None:
        """Forgets what was not used for longest, beyond MOST."""
        with self._trying():
            self._connection.execute(
                "delete from vectors where rowid in"
                " (select rowid from vectors order by used desc, rowid desc limit -1 offset ?)",
                (MOST,),
            )

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    @contextmanager
    def _trying(self) -> Iterator[None]:
        """A transaction, whose failure is remembered and no more."""
        try:
            with self._connection:
                yield
        except _DAMAGED:
            self.failed = True


class _Remembering:
    """An Encoder over another one and a memory."""

    def __init__(self, encoder: Encoder, memory: _Memory) -> None:
        self._encoder = encoder
        self._memory = memory

    @property
    def digest(self) -> str:
        return self._encoder.digest

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    def encode(self, texts: Sequence[str]) -> Vector:
        keys = [hashlib.sha256(f"{self.digest}\n{text}".encode(errors="replace")).digest() for text in texts]
        vectors = self._memory.find(dict.fromkeys(keys), self.dimensions * np.dtype(np.float32).itemsize)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in vectors}
        if missing:
            made = dict(zip(missing, self._encoder.encode(list(missing.values())), strict=True))
            self._memory.keep(made)
            vectors |= made
        return np.array([vectors[key] for key in keys], dtype=np.float32).reshape(len(texts), self.dimensions)


def _opened(path: Path) -> _Memory:
    connection = sqlite3.connect(path)
    try:
        return _Memory(connection)
    except _DAMAGED:
        connection.close()
        raise


def _forget(path: Path) -> None:
    """Takes the file away, the journal first: left behind it would be played back into the next file."""
    for file in (path.with_name(f"{path.name}-journal"), path):
        with suppress(OSError):
            file.unlink()


def _bytes(made: Mapping[bytes, Vector]) -> Iterator[tuple[bytes, bytes]]:
    return ((key, vector.tobytes()) for key, vector in made.items())


def _seal(key: bytes, data: bytes) -> bytes:
    return hashlib.sha256(key + data).digest()
