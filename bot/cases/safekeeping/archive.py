"""The file of a backup: rows of a database as lines, the same from SQLite and PostgreSQL, with digest and seal."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from knowledge.disk import make_folder
from knowledge.errors import TouchstoneError

FORMAT = 1
"""Changes when an older Touchstone could not read what is written, or a newer one must read it otherwise."""

Part = Literal["records", "keys"]
Line = tuple[str, Mapping[str, Any]]
"""A table's name and one of its rows, by column: text, numbers, truth values, bytes, moments, nothing."""


class ArchiveMissing(TouchstoneError):
    """There is no backup of that name; a folder that `touchstone backup` wrote is wanted."""


class ArchiveDamaged(TouchstoneError):
    """This backup is damaged or cut off; nothing was changed here. Take another one."""


class ArchiveNewer(TouchstoneError):
    """This backup was made by another version of Touchstone than this one can read; use that version or a later one."""


@dataclass(frozen=True, slots=True)
class Header:
    """What stands at the head of an archive.

    Attributes:
        part: whether it holds records or keys.
        installation: the id of the installation it belongs to.
        revision: of the tables (Alembic's for records).
        made: when the writing began, in UTC.
        head: the anchor that the key store remembered then, as number and mac in hexadecimal; None for keys.
    """

    part: Part
    installation: str
    revision: str
    made: datetime
    head: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was read once from end to end, and is whole."""

    path: Path
    header: Header
    rows: int
    _digest: bytes
    _mac: bytes

    @classmethod
    def read(cls, path: Path, part: Part) -> "Archive":
        """Reads it through and compares it with its digest; gives nothing of an archive that is not whole.

        Raises:
            ArchiveMissing: there is none.
            ArchiveNewer: its format is not ours.
            ArchiveDamaged: it is not whole, or holds the other part.
        """
        try:
            with path.open("rb") as file:
                return cls._checked(path, file, part)
        except FileNotFoundError:
            raise ArchiveMissing(path) from None
        except (ValueError, KeyError, TypeError):
            raise ArchiveDamaged(path) from None

    @classmethod
    def _checked(cls, path: Path, lines: Iterable[bytes], part: Part) -> "Archive":
        digest, last, count, first = hashlib.sha256(), b"", -1, b""
        for line in lines:
            first = first or line
            digest.update(last)
            last, count = line, count + 1
        head = json.loads(first)
        if head["touchstone-backup"] != FORMAT:
            raise ArchiveNewer(f"{path}, format {head['touchstone-backup']}")
        end = json.loads(last)
        if head["part"] != part or end["sha256"] != digest.hexdigest() or end["rows"] != count - 1:
            raise ArchiveDamaged(path)
        remembered = (int(head["head"][0]), str(head["head"][1])) if head["head"] else None
        made = datetime.fromisoformat(head["made"])
        header = Header(part, str(head["installation"]), str(head["revision"]), made, remembered)
        return cls(path, header, count - 1, digest.digest(), bytes.fromhex(end["mac"]))

    def is_sealed_with(self, key: bytes) -> bool:
        """Whether it is as whoever has this key wrote it: a digest anybody can make anew, this nobody else."""
        return hmac.compare_digest(self._mac, _seal(key, self._digest))

    def lines(self) -> Iterator[Line]:
        """Every row, tables in the order in which they can be filled."""
        with self.path.open("rb") as file:
            next(file)
            for _ in range(self.rows):
                table, row = json.loads(next(file))
                yield table, {name: _decoded(value) for name, value in row.items()}


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A file aside to write to, for its owner alone; whoever does not give it its name in the end leaves nothing."""
    make_folder(path.parent)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield aside
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def write(path: Path, header: Header, lines: Iterable[Line], key: bytes) -> int:
    """Writes an archive to a file that is there already and empty; gives the number of rows.

    Args:
        path: the file.
        header: what it is.
        lines: every row.
        key: 32 bytes; seals it.

    Raises:
        OSError: it cannot be written, as when the disk is full.
    """
    head = {
        "touchstone-backup": FORMAT,
        "part": header.part,
        "installation": header.installation,
        "revision": header.revision,
        "made": header.made.isoformat(),
        "head": header.head,
    }
    digest, rows = hashlib.sha256(), 0
    with path.open("wb") as file:

        def put(value: object) -> None:
            line = json.dumps(value, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            file.write(line)

        put(head)
        for table, row in lines:
            put([table, {name: _encoded(value) for name, value in row.items()}])
            rows += 1
        end = {"rows": rows, "sha256": digest.hexdigest(), "mac": _seal(key, digest.digest()).hex()}
        file.write(json.dumps(end).encode() + b"\n")
    return rows


def _seal(key: bytes, digest: bytes) -> bytes:
    return hmac.new(key, b"archive" + digest, hashlib.sha256).digest()


def _encoded(value: object) -> object:
    match value:
        case bytes() | memoryview():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"moment": value.isoformat(timespec="microseconds")}
        case _:
            return value


def _decoded(value: object) -> object:
    match value:
        case {"bytes": str(text)}:
            return base64.b64decode(text)
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case _:
            return value
