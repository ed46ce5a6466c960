"""Changes the files of the overlay: all of a change or nothing of it, one at a time, with its row in the log."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from knowledge.disk import flush, make_folder
from knowledge.overlay import changelog
from knowledge.overlay.changelog import Act, By, Change, Row
from knowledge.overlay.files import VERSIONS

_LOCK, _ASIDE, _PENDING, _ORDERS = ".lock", ".aside", ".change", "orders.json"


@dataclass(frozen=True, slots=True)
class Writing:
    """The right to change the overlay, as long as ``writing`` lasts."""

    root: Path

    def change(
        self, files: Mapping[str, bytes | None], act: Act, told: tuple[str, str, str], by: By, at: datetime
    ) -> None:
        """Writes files, and takes away those without content, with one row of the log.

        It is written aside whole and then renamed, which is when it is done: a process that dies before leaves all as
        it was, and one that dies afterwards leaves what ``finish`` puts into place.

        Args:
            files: their paths below the overlay's folder.
            act: what is done.
            told: the policy, the subject and the detail of the row.
            by: who.
            at: when.
        """
        rows = changelog.read_rows(self.root / changelog.FILE)
        digests = {name: None if content is None else _sha256(content) for name, content in files.items()}
        change = Change(len(rows) + 1, at, by, act, *told, dict(sorted(digests.items())))
        line = changelog.line_for(change, rows[-1].link if rows else changelog.START)
        aside = self.root / _ASIDE
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        for number, content in enumerate(files.values()):
            if content is not None:
                _write(aside / str(number), content)
        _write(aside / _ORDERS, json.dumps({"files": list(files), "digests": digests, "line": line.decode()}).encode())
        flush(aside)
        aside.rename(self.root / _PENDING)
        flush(self.root)
        _put_into_place(self.root)


@contextmanager
def writing(root: Path) -> Iterator[Writing]:
    """Lets one process at a time change the overlay; what another one that died had decided on is finished first."""
    make_folder(root)
    with (root / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _put_into_place(root)
        yield Writing(root)


@contextmanager
def reading(root: Path) -> Iterator[None]:
    """Lets nobody change the overlay meanwhile; what a process that died had decided on is put into place first.

    Where nothing may be written, or nothing was ever changed, it is read as it is.
    """
    if (root / _PENDING).exists():
        with suppress(OSError), writing(root):
            pass
    try:
        lock = (root / _LOCK).open("r")
    except OSError:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def fingerprint(root: Path) -> str:
    """Changes whenever a file of the overlay does, by names, sizes and times alone; cheap."""
    seen = []
    for path in files_of(root):
        with suppress(OSError):
            stat = path.stat()
            seen.append(f"{path.relative_to(root)} {stat.st_size} {stat.st_mtime_ns} {stat.st_ino}")
    return hashlib.sha256("\n".join(seen).encode(errors="replace")).hexdigest()


def files_of(root: Path) -> tuple[Path, ...]:
    """Every file of the overlay, in a fixed order, but for the log and what is hidden."""
    found = []
    for parent, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(parent) / name for name in sorted(names) if not name.startswith(".")]
    return tuple(path for path in found if path != root / changelog.FILE)


def by_hand(root: Path, rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Files that are not as the log left them."""
    left = changelog.files_after(rows)
    there = {path.relative_to(root).as_posix(): _sha256(path.read_bytes()) for path in files_of(root)}
    return tuple(sorted(name for name in {*left, *there} if left.get(name) != there.get(name)))


def _put_into_place(root: Path) -> None:
    """Does what was decided on; done again, it changes nothing."""
    pending = root / _PENDING
    if not pending.exists():
        return
    try:
        orders = json.loads((pending / _ORDERS).read_text(encoding="utf-8"))
    except FileNotFoundError:  # all was done, and it was being cleared away
        shutil.rmtree(pending)
        return
    for number, name in enumerate(orders["files"]):
        target, aside = root / name, pending / str(number)
        if orders["digests"][name] is None:
            target.unlink(missing_ok=True)
            _prune(target.parent, root)
        elif aside.exists():
            make_folder(target.parent)
            aside.replace(target)
            flush(target.parent)
    _append(root / changelog.FILE, orders["line"].encode())
    (pending / _ORDERS).unlink()
    flush(pending)
    shutil.rmtree(pending)


def _append(path: Path, line: bytes) -> None:
    """Adds a row, unless it stands there; what a process that died wrote of a line is overwritten."""
    before = path.read_bytes() if path.exists() else b""
    whole = before[: before.rfind(b"\n") + 1]
    if whole.endswith(line):
        return
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(len(whole))
        file.seek(len(whole))
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    flush(path.parent)


def _prune(folder: Path, root: Path) -> None:
    """Takes away folders in which nothing is left, but for those of policies."""
    with suppress(OSError):
        while folder not in {root, root.parent} and folder.parent != root:
            folder.rmdir()
            folder = folder.parent


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    flush(path)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def version_folder(slug: str, version: str) -> str:
    """Where a version lies, below the overlay's folder."""
    return f"{slug}/{VERSIONS}/{version}"
