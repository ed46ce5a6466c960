"""The log of deletions: a file apart from the databases, by which what was purged stays purged after a restore."""

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.cases.keys.keystore import KeyStore
from knowledge.disk import flush, make_folder
from knowledge.errors import TouchstoneError

_TITLE = "touchstone-deletions 1"
_PREFIX = "deletions/"


class DeletionsDamaged(TouchstoneError):
    """The log of deletions was changed, cut in the middle, or is another installation's; put it back from a backup."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """One line: that something was deleted for good, under a keyed hash of its id.

    Attributes:
        number: from 1, without gaps.
        at: when it was decided, in UTC.
        hashed: of the id; who has the log alone cannot tell of which case it speaks.
        mac: chains it to the line before.
    """

    number: int
    at: datetime
    hashed: str
    mac: bytes = field(repr=False)


class DeletionLog:
    """The log of one machine.

    A text file: a title with a random name of the log, then a line for each deletion (number, time, hash of the id,
    mac), each chained to the one before. A line is on the disk before anything is deleted. A last line without an end
    was being written when the process died: nothing was deleted yet, so it counts for nothing and is written over.
    """

    def __init__(self, path: Path, keys: KeyStore) -> None:
        """Opens nothing yet: the file is made with the first deletion."""
        self.path = path
        self._keys = keys

    def hashed(self, case_id: str) -> str:
        """The keyed hash under which an id stands in the log."""
        return hmac.new(self._keys.derive("deleted"), case_id.encode(), hashlib.sha256).hexdigest()

    def append(self, *hashes: str, at: datetime) -> None:
        """Adds deletions and waits until they are on the disk.

        Raises:
            DeletionsDamaged: what is there is not ours to go on with.
            OSError: it cannot be written; nothing may be deleted then.
        """
        with self._alone() as descriptor:
            text = _whole_lines(self.path)
            if not text:
                text = f"{_TITLE} {secrets.token_hex(8)}\n"
            entries, last = self._parsed(text)
            number = len(entries)
            for hashed in hashes:
                number += 1
                line = f"{number} {at.astimezone(UTC).isoformat(timespec='microseconds')} {hashed}"
                last = self._mac(last, line)
                text += f"{line} {last.hex()}\n"
            content = text.encode()
            kept = len(_whole_lines(self.path).encode())
            os.ftruncate(descriptor, kept)
            _write_all(descriptor, content[kept:], at=kept)
            os.fsync(descriptor)

    def entries(self) -> tuple[Deletion, ...]:
        """Every deletion, in order.

        Raises:
            DeletionsDamaged: a line does not follow from the one before.
        """
        return self._parsed(_whole_lines(self.path))[0]

    def undone(self) -> tuple[Deletion, ...]:
        """The deletions that were logged and may not have been carried out: the process died in between."""
        done = self._keys.head(self._name() or "")
        return tuple(entry for entry in self.entries() if done is None or entry.number > done.number)

    def carried_out(self, hashes: frozenset[str]) -> None:
        """Remembers in the key store that these were carried out.

        That goes up to the first that was not: another process may be between logging and deleting, and if it dies
        there, the next start has to find what it left.
        """
        name, last = self._name(), None
        for entry in self.undone():
            if entry.hashed not in hashes:
                break
            last = entry
        if name is not None and last is not None:
            self._keys.remember_head(last.number, last.mac, name)

    def is_cut(self) -> bool:
        """Whether lines that were carried out are no longer there.

        A log that is gone altogether shows where the keys are in a file. On PostgreSQL each machine has a log of its
        own, and one without any may simply never have deleted something.
        """
        name = self._name()
        if name is None:
            alone = self._keys.store.engine.dialect.name == "sqlite"
            return alone and any(known.startswith(_PREFIX) for known in self._keys.heads())
        done = self._keys.head(name)
        return done is not None and not any(
            (entry.number, entry.mac) == (done.number, done.mac) for entry in self.entries()
        )

    def _name(self) -> str | None:
        """Under what name the key store remembers this log."""
        title = _whole_lines(self.path).split("\n", 1)[0]
        return _PREFIX + title.removeprefix(_TITLE).strip() if title else None

    def _parsed(self, text: str) -> tuple[tuple[Deletion, ...], bytes]:
        title, *lines = text.removesuffix("\n").split("\n")
        last = self._mac(b"", title)
        entries: list[Deletion] = []
        if text and not title.startswith(_TITLE + " "):
            raise DeletionsDamaged(self.path)
        for number, line in enumerate(lines, start=1):
            content, _, mac = line.rpartition(" ")
            last = self._mac(last, content)
            if not hmac.compare_digest(last.hex().encode(), mac.encode()):
                raise DeletionsDamaged(f"{self.path}, line {number + 1}")
            _, at, hashed = content.split(" ")
            entries.append(Deletion(number, datetime.fromisoformat(at), hashed, last))
        return tuple(entries), last

    def _mac(self, before: bytes, line: str) -> bytes:
        return hmac.new(self._keys.derive("deletions"), before + line.encode(), hashlib.sha256).digest()

    @contextmanager
    def _alone(self) -> Iterator[int]:
        make_folder(self.path.parent)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if is_new:
                flush(self.path.parent)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)


def _whole_lines(path: Path) -> str:
    """What the file holds up to its last line end."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ""
    return content[: content.rfind(b"\n") + 1].decode(errors="replace")


def _write_all(descriptor: int, content: bytes, *, at: int) -> None:
    os.lseek(descriptor, at, os.SEEK_SET)
    while content:
        content = content[os.write(descriptor, content) :]
