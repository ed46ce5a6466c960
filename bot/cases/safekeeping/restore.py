"""Restore: an installation made again of two archives, with all that was purged since purged again."""

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from alembic.util.exc import CommandError
from sqlalchemy import Connection, DateTime, MetaData, Table, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.keys import keystore
from bot.cases.keys.keystore import Head, KeyStore
from bot.cases.keys.masterkey import MasterKeys, derive
from bot.cases.keys.sealing import SealBroken
from bot.cases.opening import KeysOfAnother
from bot.cases.people.appointments import HEAD as APPOINTMENTS
from bot.cases.people.appointments import end_of_record
from bot.cases.people.signatures import HEAD as SIGN_OFFS
from bot.cases.people.signatures import end_of_signatures
from bot.cases.records import RecordsUnusable, open_records
from bot.cases.reports.attachments import AttachedFiles
from bot.cases.safekeeping.archive import Archive, ArchiveDamaged, ArchiveNewer, Line, new_file
from bot.cases.safekeeping.backup import ATTACHMENTS, KEYS, KEYS_REVISION, RECORDS
from bot.cases.safekeeping.deletions import DeletionLog
from bot.cases.safekeeping.purge import Purge, Reached, Reason, nobody, sealed_tables
from bot.cases.safekeeping.verification import Fault, Verification, verify
from bot.engines import Store, UtcTime
from bot.ports import Clock
from knowledge.disk import flush, make_folder
from knowledge.errors import TouchstoneError

_READY = "ready"
_AT_ONCE = 500


class NotEmpty(TouchstoneError):
    """There are reports or keys here already; nothing was changed. To put them aside first, say `--replace`."""


class KeysTooOld(TouchstoneError):
    """These keys are older than these records, and some cases have none; take keys backed up with them or later."""


class CannotRestore(TouchstoneError):
    """The databases could not be written, and what was here is as it was; the disk may be full."""


class StillRunning(TouchstoneError):
    """Somebody has the records or the keys open; stop Touchstone first. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Archives:
    """The two archives, both whole, both of one installation, and opened by the master key."""

    records: Archive
    keys: Archive
    masters: MasterKeys


@dataclass(frozen=True, slots=True)
class Places:
    """The files of this machine.

    Attributes:
        folder: the data folder.
        records: the database of records.
        keys: the database of keys.
        deletions: the log of deletions.
        attachments: the folder of the files that came with reports.
    """

    folder: Path
    records: Path
    keys: Path
    deletions: Path
    attachments: Path

    @property
    def aside(self) -> Path:
        """Where a restore is prepared."""
        return self.folder / "restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it.

    Attributes:
        purged: how many cases and drafts had been purged since the backup, and were purged again.
        found: what verification says of what was restored.
        kept: where what was here before lies now; None where there was nothing.
    """

    purged: int
    found: Verification
    kept: Path | None


def read_archives(folder: Path, keys_folder: Path, masters: MasterKeys) -> Archives:
    """Reads both archives through, and opens the keys; nothing is written.

    Raises:
        ArchiveMissing: one is not there.
        ArchiveDamaged: one is not whole, or was changed by somebody who has not the keys.
        ArchiveNewer: one is of a version that cannot be read.
        MasterKeyWrong: the keys were wrapped by another master key.
        KeysOfAnother: the two are not of one installation.
    """
    told, keys = Archive.read(folder / RECORDS, "records"), Archive.read(keys_folder / KEYS, "keys")
    if keys.header.revision != KEYS_REVISION:
        raise ArchiveNewer(f"{keys.path}, keys {keys.header.revision}")
    secrets = derive(_root(keys, masters), "backup")
    if told.header.installation != keys.header.installation:
        raise KeysOfAnother
    for archive in (keys, told):
        if not archive.is_sealed_with(secrets):
            raise ArchiveDamaged(archive.path)
    return Archives(told, keys, masters)


def _root(keys: Archive, masters: MasterKeys) -> bytes:
    rows = {table: row for table, row in keys.lines() if table in {"identity", "root"}}
    try:
        master = masters.of(rows["identity"]["master_key"])
        return keystore.unwrapped_root(master, rows["root"]["wrapped"])
    except (KeyError, SealBroken):
        raise ArchiveDamaged(keys.path) from None


def restore(  # noqa: PLR0913 (what it takes to make an installation)
    archives: Archives,
    places: Places,
    deletions: Iterable[Path],
    clock: Clock,
    *,
    replace: bool = False,
    reached: Reached = nobody,
) -> Restored:
    """Makes the two databases anew, aside, and puts them in place when they are complete.

    Nothing here is touched before that. Then one file moves after the other, and a start that finds this unfinished
    goes on with it (``finish_restore``): first what was there moves away, the keys before the records, then the
    records come, then the keys. So at no moment are there records without their keys that a start would take for new.

    Args:
        archives: what ``read_archives`` gave.
        places: where to.
        deletions: further logs of deletions to go by, beside that of this machine.
        clock: what time it is.
        replace: whether what is here may be put aside.
        reached: hears of each step, for tests.

    Raises:
        NotEmpty: there are reports or keys here, and ``replace`` was not said.
        StillRunning: somebody has them open.
        DeletionsDamaged: a log of deletions cannot be trusted.
        KeysTooOld: a case would be there without its key.
        CannotRestore: the databases cannot be written; what was here is as it was.
        OSError: another file cannot be written; what was here is as it was.
    """
    finish_restore(places)
    old = [path for path in (places.keys, places.records) if path.exists()]
    databases = (beside for path in (places.keys, places.records) for beside in _with_its_log(path))
    is_anything_here = any(map(Path.exists, databases)) or any(places.attachments.glob("*/*"))
    if any(map(_holds_something, old)) and not replace:
        raise NotEmpty(places.folder)
    for path in old:
        _close_for_good(path)
    shutil.rmtree(places.aside, ignore_errors=True)
    make_folder(places.aside)
    try:
        reached("begun")
        purged, found = _prepare(archives, places, deletions, clock)
        for path in (places.aside / "records.sqlite3", places.aside / "keys.sqlite3"):
            flush(path)
        reached("prepared")
        for path in old:  # somebody may have started meanwhile
            _close_for_good(path)
        kept = places.folder / f"replaced-{clock.now():%Y%m%dT%H%M%SZ}" if is_anything_here else None
        _write_whole(places.aside / _READY, kept.name if kept else "")
    except SQLAlchemyError as failure:
        shutil.rmtree(places.aside, ignore_errors=True)
        raise CannotRestore(type(failure).__name__) from None
    except BaseException:
        shutil.rmtree(places.aside, ignore_errors=True)
        raise
    finish_restore(places, reached)
    return Restored(purged, found, kept)


def finish_restore(places: Places, reached: Reached = nobody) -> bool:
    """Goes on with a restore whose databases are complete and not all in place yet; gives whether there was one."""
    ready = places.aside / _READY
    if not ready.exists():
        return False
    name = ready.read_text(encoding="utf-8")
    staged = {places.records: places.aside / "records.sqlite3", places.keys: places.aside / "keys.sqlite3"}
    files = places.aside / ATTACHMENTS
    if name:
        kept = places.folder / name
        make_folder(kept)
        for path in (places.keys, places.records):
            if staged[path].exists():
                _move(path, kept)
                reached(f"aside {path.stem}")
        if files.exists() and places.attachments.exists():
            places.attachments.rename(kept / ATTACHMENTS)
            flush(kept)
            reached("aside attachments")
    if files.exists():  # before the records that name them
        if places.attachments.exists():  # no file was in it, or it would have been put aside
            shutil.rmtree(places.attachments)
        files.rename(places.attachments)
        flush(places.attachments.parent)
        reached("placed attachments")
    for path in (places.records, places.keys):
        if staged[path].exists():
            make_folder(path.parent)
            staged[path].rename(path)
            flush(path.parent)
            reached(f"placed {path.stem}")
    ready.unlink()
    flush(places.aside)
    reached("done")
    shutil.rmtree(places.aside, ignore_errors=True)
    return True


def _prepare(archives: Archives, places: Places, logs: Iterable[Path], clock: Clock) -> tuple[int, Verification]:
    keys_store, told = Store(places.aside / "keys.sqlite3"), places.aside / "records.sqlite3"
    apart = (places.deletions, places.aside / ATTACHMENTS)
    try:
        return _make(archives, lambda to: open_records(told, to), keys_store, apart, logs, clock)
    finally:
        keys_store.close()


def restore_into(  # noqa: PLR0913, PLR0917 (what it takes to make an installation)
    archives: Archives,
    opened: Callable[[str], Store],
    stores: tuple[Store, Store],
    apart: tuple[Path, Path],
    logs: Iterable[Path],
    clock: Clock,
) -> Restored:
    """Fills two empty databases in their place: for those of a server, which cannot be made aside and moved.

    Each is filled in one transaction, the keys first. Whatever fails empties both again. A process that dies in
    between leaves keys that are refused as not empty: make the databases anew then, they held nothing else.

    Args:
        archives: what ``read_archives`` gave.
        opened: opens the records with the tables of a version.
        stores: the records and the keys, both without any case, draft or key.
        apart: the log of deletions of this machine, and the folder of the files that came with reports.
        logs: further ones to go by.
        clock: what time it is.

    Raises:
        NotEmpty: there are reports or keys here; nothing was changed.
        DeletionsDamaged: a log of deletions cannot be trusted.
        KeysTooOld: a case would be there without its key.
        CannotRestore: the databases cannot be written.
    """
    for store in stores:
        if _has_rows(store):
            raise NotEmpty(store.name)
    for store in stores:
        _drop_tables(store)
    try:
        purged, found = _make(archives, opened, stores[1], apart, logs, clock)
    except SQLAlchemyError as failure:
        for store in stores:
            _drop_tables(store)
        raise CannotRestore(type(failure).__name__) from None
    except BaseException:
        for store in stores:
            _drop_tables(store)
        raise
    return Restored(purged, found, None)


def _make(  # noqa: PLR0913, PLR0917 (as above)
    archives: Archives,
    opened: Callable[[str], Store],
    keys_store: Store,
    apart: tuple[Path, Path],
    logs: Iterable[Path],
    clock: Clock,
) -> tuple[int, Verification]:
    fill_keys(keys_store, archives.keys)
    fill_records(opened, archives.records)
    keys = KeyStore(keys_store, lambda: archives.masters, is_first_start=False)
    deletions, folder = apart
    _place_files(archives.records.path.parent / ATTACHMENTS, folder)
    store = opened("head")
    try:
        log, files = DeletionLog(deletions, keys), AttachedFiles(folder)
        return bring_up(store, keys, archives, log, logs, clock, files)
    finally:
        store.close()


def bring_up(  # noqa: PLR0913, PLR0917 (what it takes)
    store: Store,
    keys: KeyStore,
    archives: Archives,
    log: DeletionLog,
    logs: Iterable[Path],
    clock: Clock,
    files: AttachedFiles,
) -> tuple[int, Verification]:
    """Makes filled databases such that a start can go on with them: what was purged since is purged, chains verified.

    What every log of deletions says goes into that of this machine first. The anchor that is remembered is the one
    that was remembered when the records were backed up; of who may open cases, and of who signed, what the records
    say. Drafts whose key is gone were discarded since, and go too; so does what was written with a signature.

    Raises:
        DeletionsDamaged: a log of deletions cannot be trusted.
        KeysTooOld: the keys were backed up before the records, and a case has none.
    """
    entries = [entry for path in logs for entry in DeletionLog(path, keys).entries()]
    here = {entry.hashed for entry in log.entries()}
    for entry in entries:
        if entry.hashed not in here:
            log.append(entry.hashed, at=entry.at)
            here.add(entry.hashed)
    head = archives.records.header.head
    if head is not None:
        keys.reset_head(Head(head[0], bytes.fromhex(head[1])))
    purge = Purge(store, keys, log, clock, files=files)
    purged = purge.carry_out(frozenset(here), Reason.RESTORED) if here else 0
    with store.reading() as connection:
        keys.reset_head(end_of_record(connection), APPOINTMENTS)
        keys.reset_head(end_of_signatures(connection), SIGN_OFFS)
    _drop_what_has_no_key(store, keys)
    _call_ours(store, keys)
    found = verify(store, keys, log, contents=True, files=files)
    older = archives.keys.header.made < archives.records.header.made
    if older and any(finding.fault is Fault.NO_KEY for finding in found.findings):
        raise KeysTooOld
    return purged, found


# ------------------------------------------------------------------------------------------------- filling


def fill_keys(store: Store, archive: Archive) -> None:
    """Fills an empty key store, in one transaction."""
    with store.writing() as connection:
        keystore.metadata.create_all(connection)
        _fill(connection, keystore.metadata.tables, archive.lines())
        connection.commit()


def fill_records(opened: Callable[[str], Store], archive: Archive) -> None:
    """Fills empty records of the version that the archive is of, in one transaction."""
    try:
        store = opened(archive.header.revision)
    except RecordsUnusable as failure:
        if isinstance(failure.__cause__, CommandError):
            raise ArchiveNewer(f"{archive.path}, records {archive.header.revision}") from None
        raise
    try:
        with store.writing() as connection:
            tables = MetaData()
            tables.reflect(connection)
            _fill(connection, tables.tables, archive.lines())
            connection.commit()
    finally:
        store.close()


def _fill(connection: Connection, tables: Mapping[str, Table], lines: Iterable[Line]) -> None:
    for name, rows in groupby(lines, key=lambda line: line[0]):
        table = tables[name]
        waiting: list[dict[str, Any]] = []
        for _, row in rows:
            waiting.append(_as_stored(table, row))
            if len(waiting) == _AT_ONCE:
                connection.execute(insert(table), waiting)
                waiting = []
        if waiting:
            connection.execute(insert(table), waiting)


def _as_stored(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Moments as the column wants them: tables of an earlier version are known by what the database says of them."""
    return {
        name: value.isoformat(timespec="microseconds")
        if isinstance(value, datetime) and not isinstance(table.c[name].type, DateTime | UtcTime)
        else value
        for name, value in row.items()
    }


def _place_files(backed_up: Path, folder: Path) -> None:
    """Copies the files of a backup, sealed as they are, and waits until they are on the disk."""
    make_folder(folder)
    for path in sorted(backed_up.glob("*/*")):
        home = folder / path.parent.name
        make_folder(home)
        with new_file(home / path.name) as aside:
            shutil.copyfile(path, aside)
            flush(aside)
            aside.rename(home / path.name)
        flush(home)


def _drop_what_has_no_key(store: Store, keys: KeyStore) -> None:
    known = keys.known()
    with store.writing() as connection:
        for table in sealed_tables():
            if "case_id" not in table.c:
                gone = [one for one in connection.scalars(select(table.c.id)) if one not in known]
                for one in gone:
                    connection.execute(delete(table).where(table.c.id == one))
        connection.commit()


def _call_ours(store: Store, keys: KeyStore) -> None:
    """Records of a version that had no id of the installation get it: the seal of their archive says whose they are."""
    with store.writing() as connection:
        if connection.scalar(select(records.installation.c.id)) is None:
            connection.execute(insert(records.installation).values(id=keys.id))
            connection.commit()


# --------------------------------------------------------------------------------------- what was here before


def _holds_something(path: Path) -> bool:
    """Whether there is a case, a key, or anything that cannot be read: only what is surely empty counts as empty."""
    store = Store(path)
    try:
        return _has_rows(store)
    except SQLAlchemyError:
        return True
    finally:
        store.close()


def _has_rows(store: Store) -> bool:
    """Whether there is a case, a draft or a key."""
    with store.reading() as connection:
        tables = MetaData()
        tables.reflect(connection)
        return any(
            connection.execute(select(tables.tables[name]).limit(1)).first() is not None
            for name in ("cases", "case_keys", "drafts")
            if name in tables.tables
        )


def _drop_tables(store: Store) -> None:
    with store.writing() as connection:
        tables = MetaData()
        tables.reflect(connection)
        tables.drop_all(connection)
        connection.commit()


def _close_for_good(path: Path) -> None:
    """Takes a database out of the mode in which others can have it open, so that it is one file, and nobody's.

    Raises:
        StillRunning: others have it open.
        CannotRestore: what was written last cannot be put into the file itself.
    """
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as connection:
        try:
            connection.execute("pragma journal_mode = delete")
        except sqlite3.OperationalError as failure:
            if failure.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise StillRunning(path) from None
            raise CannotRestore(failure.sqlite_errorname) from None
        except sqlite3.DatabaseError:  # it is no database, so nobody can have it open
            return


def _with_its_log(path: Path) -> tuple[Path, ...]:
    """A database file and what SQLite may have left beside it; its log must never lie beside another database."""
    return (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"), path)


def _move(path: Path, to: Path) -> None:
    for one in _with_its_log(path):
        if one.exists():
            one.rename(to / one.name)
            flush(to)
            flush(path.parent)


def _write_whole(path: Path, text: str) -> None:
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8")
    flush(aside)
    aside.rename(path)
    flush(path.parent)
