"""What a build leaves in a data folder: made once a session, and lent to the data folders of tests."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import index.encoder
from index.encoder import Encoder

SNAPSHOTS, ENCODER, REMEMBERED = "snapshots", "encoder", ".vectors.sqlite3"
"""The names in a data folder, and that of the vectors which a build remembers among the snapshots."""


class Knowing:
    """The shipped encoder, asked for each text once: a test that builds from an empty folder need not wait for it.

    What it gives is what the other gave, to the last bit. Tests of the encoder itself make one of their own.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}

    @property
    def digest(self) -> str:
        return self._encoder.digest

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._known |= dict(zip(missing, self._encoder.encode(missing), strict=True))
        rows = [self._known[text] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimensions)


@contextmanager
def known_from_before(cache: pytest.Cache | None, encoder: Encoder, folder: Path) -> Iterator[None]:
    """A build within begins with the vectors that the last session's left, and leaves its own.

    They are those of the same encoder, in the same words of ours; with others, or none, all is encoded.
    """
    ours = hashlib.sha256(Path(index.encoder.__file__).read_bytes() + encoder.digest.encode()).hexdigest()[:16]
    kept = cache.mkdir("vectors") / f"{ours}.sqlite3" if cache else None
    folder.mkdir(parents=True, exist_ok=True)
    if kept and kept.exists():
        half = folder / f".{os.getpid()}"
        shutil.copyfile(kept, half)
        with suppress(FileExistsError):  # another worker was quicker
            (folder / REMEMBERED).hardlink_to(half)
        half.unlink()
    yield
    if kept:
        half = kept.with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(folder / REMEMBERED)) as known, closing(sqlite3.connect(half)) as copy:
            known.backup(copy)  # another worker may be writing
        half.replace(kept)


def stand(var: Path, snapshots: Path) -> None:
    """Makes the data folder one in which a build stands: the session's snapshot, and its encoder's weights."""
    var.mkdir(exist_ok=True)
    (var / SNAPSHOTS).symlink_to(snapshots)
    (var / ENCODER).symlink_to(snapshots.with_name(ENCODER))


def remember(var: Path, snapshots: Path) -> None:
    """Makes the data folder one that lost its snapshots, and nothing else: to build anew encodes nothing."""
    (var / SNAPSHOTS).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(snapshots / REMEMBERED, var / SNAPSHOTS / REMEMBERED)
    if not (var / ENCODER).exists():
        (var / ENCODER).symlink_to(snapshots.with_name(ENCODER))
