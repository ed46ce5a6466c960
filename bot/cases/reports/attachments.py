"""Files that come with a report: which may, and how they lie sealed below the data folder, and in the records."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import puremagic
from pydantic import ConfigDict
from sqlalchemy import Connection, insert, select

from bot.cases import records
from bot.cases.forms.model import ParagraphSpec
from bot.cases.keys.chunks import ChunkSeal, size_sealed
from bot.cases.keys.sealing import CaseKey, Place, SealBroken
from bot.messages import Attaching, Attachment, Intro
from bot.wording import say
from knowledge.datafile import read_data
from knowledge.disk import flush, make_folder

SHIPPED = Path(__file__).with_suffix(".toml")
_MB = 1024 * 1024
_LOOKED_AT = 8192
"""Bytes at the head of a file by which its type is known."""
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file that may come: its name, the suffix of a download, and by what it is known from its content."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    suffix: str
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What may come with a report (``attachments.toml``)."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    most: int
    largest_mb: int
    warning: tuple[ParagraphSpec, ...]
    type: tuple[FileType, ...]

    @property
    def largest(self) -> int:
        """How many bytes a file may have."""
        return self.largest_mb * _MB

    def type_of(self, head: bytes) -> FileType | None:
        """Which of the types a file is, by its content alone; its name and what a browser says do not count."""
        try:
            matches = puremagic.magic_string(head[:_LOOKED_AT])
        except (puremagic.PureError, ValueError):
            return None
        best = max((match.confidence for match in matches), default=0)
        found = {match.extension for match in matches if match.confidence == best}
        return next((one for one in self.type if found & set(one.found)), None)

    def error(self, files: Sequence[Attachment]) -> str:
        """What is wrong with the files that came, in a sentence; empty where nothing is. No name of a file is in it."""
        if len(files) > self.most:
            return say("attach.too_many", most=self.most, count=len(files))
        for number, one in enumerate(files, start=1):
            if one.size > self.largest:
                return say("attach.too_large", number=number, largest=self.largest_mb)
            if not one.size:
                return say("attach.empty", number=number)
            if self.type_of(next(iter(one.chunks()), b"")) is None:
                return say("attach.other_type", number=number, types=self.types)
        return ""

    @property
    def types(self) -> str:
        """The types in words."""
        return ", ".join(one.name for one in self.type)

    def shown(self, error: str = "") -> Attaching:
        """What a form shows of it."""
        warning = tuple(Intro(one.text, one.source, one.verbatim) for one in self.warning)
        limits = say("attach.limits", most=self.most, largest=self.largest_mb, types=self.types)
        return Attaching(self.most, self.largest, warning, limits, error)


@cache
def shipped_rules() -> Rules:
    """The rules that come with the product.

    Raises:
        BadDataFile: the file is wrong.
    """
    return read_data(SHIPPED, Rules)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it is kept.

    Attributes:
        id: of the file; it is called so on the disk.
        name: as it was called by whoever sent it.
        suffix: that of its type.
        size: of its content, in bytes.
        digest: SHA-256 of its content, in hexadecimal.
    """

    id: str
    name: str = field(repr=False)
    suffix: str
    size: int
    digest: str = field(repr=False)


class AttachedFiles:
    """The folder of sealed files, one folder in it for each case.

    A file is written and flushed before the case that it belongs to is committed, and so is its name in its folder: a
    case never names a file that is not there. One whose case was never committed is an orphan; its key opens nothing
    that anybody could find, and ``sweep`` takes it away.
    """

    def __init__(self, folder: Path) -> None:
        """Makes nothing yet."""
        self.folder = folder

    def write(self, case_id: str, key: CaseKey, files: Sequence[Attachment]) -> tuple[Kept, ...]:
        """Seals files under the key of a case, and waits until they are on the disk.

        Raises:
            OSError: they cannot be written.
        """
        if not files:
            return ()
        home = self.folder / case_id
        make_folder(home)
        kept = tuple(self._write(case_id, key, one) for one in files)
        flush(home)
        return kept

    def _write(self, case_id: str, key: CaseKey, file: Attachment) -> Kept:
        file_id = secrets.token_hex(16)
        head = next(iter(file.chunks()), b"")
        found = shipped_rules().type_of(head)
        path = self._path(case_id, file_id)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stored:
            for part in _seal(case_id, file_id, key).sealed(file.chunks()):
                stored.write(part)
            stored.flush()
            os.fsync(stored.fileno())
        return Kept(file_id, file.name[:_LONGEST_NAME], found.suffix if found else "bin", file.size, file.digest)

    def read(self, case_id: str, kept: Kept, key: CaseKey) -> Iterator[bytes]:
        """The content, once all of it was seen to be what was sent; then chunk by chunk.

        Raises:
            SealBroken: it is not there, or was changed.
        """
        if not self.is_whole(case_id, kept, key):
            raise SealBroken
        return self._content(case_id, kept, key)

    def is_whole(self, case_id: str, kept: Kept, key: CaseKey) -> bool:
        """Whether all of it opens and is what was sent."""
        digest = hashlib.sha256()
        try:
            for part in self._content(case_id, kept, key):
                digest.update(part)
        except SealBroken:
            return False
        return digest.hexdigest() == kept.digest

    def is_there(self, case_id: str, kept: Kept) -> bool:
        """Whether there is a file of the right length."""
        try:
            return self._path(case_id, kept.id).stat().st_size == size_sealed(kept.size)
        except OSError:
            return False

    def _content(self, case_id: str, kept: Kept, key: CaseKey) -> Iterator[bytes]:
        try:
            with self._path(case_id, kept.id).open("rb") as stored:
                yield from _seal(case_id, kept.id, key).opened(stored)
        except OSError:
            raise SealBroken from None

    def remove(self, case_id: str) -> None:
        """Takes away the files of a case; that there are none is well too."""
        home = self.folder / case_id
        if home.exists():
            shutil.rmtree(home)
            flush(self.folder)

    def forget(self, case_ids: Sequence[str]) -> None:
        """Takes away what was written for cases that were not stored, as far as that can be done now."""
        for case_id in case_ids:
            with suppress(OSError):
                self.remove(case_id)

    def cases(self) -> frozenset[str]:
        """The ids of the cases that have a folder here."""
        return frozenset(path.name for path in self.folder.iterdir()) if self.folder.exists() else frozenset()

    def changed(self, case_id: str) -> float:
        """When something was last written for a case, in seconds since 1970."""
        return (self.folder / case_id).stat().st_mtime

    def _path(self, case_id: str, file_id: str) -> Path:
        return self.folder / case_id / file_id


def write_attachments(connection: Connection, case_id: str, key: CaseKey, kept: Sequence[Kept]) -> None:
    """Writes what is known of the files, sealed, in the caller's transaction."""
    rows = [
        {
            "id": one.id,
            "case_id": case_id,
            "position": position,
            "sealed": key.seal(json.dumps([one.name, one.suffix, one.size, one.digest]), _place(case_id, one.id)),
        }
        for position, one in enumerate(kept)
    ]
    if rows:
        connection.execute(insert(records.attachments), rows)


def read_attachments(connection: Connection, case_id: str, key: CaseKey) -> tuple[Kept, ...]:
    """What is known of the files of a case, in the order in which they came.

    Raises:
        SealBroken: a row was changed or moved.
    """
    table = records.attachments
    rows = connection.execute(select(table).where(table.c.case_id == case_id).order_by(table.c.position))
    return tuple(Kept(row.id, *json.loads(key.unseal(row.sealed, _place(case_id, row.id)))) for row in rows)


def _seal(case_id: str, file_id: str, key: CaseKey) -> ChunkSeal:
    return ChunkSeal(key.secret, f"attachments\x1f{case_id}\x1f{file_id}")


def _place(case_id: str, file_id: str) -> Place:
    return Place("attachments", "sealed", f"{case_id}/{file_id}")
