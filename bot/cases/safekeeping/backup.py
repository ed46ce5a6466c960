"""Backup: records and keys as two archives, made while others go on writing, so that any later keys fit any records."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, select

from bot.cases import records
from bot.cases.chronology import holds
from bot.cases.keys import keystore
from bot.cases.keys.keystore import KeyStore
from bot.cases.reports.attachments import AttachedFiles
from bot.cases.safekeeping.archive import Header, Line, new_file, write
from bot.cases.safekeeping.deletions import DeletionLog
from bot.engines import Store
from knowledge.disk import flush

RECORDS, KEYS, DELETIONS, ATTACHMENTS = "records.backup", "keys.backup", "deletions.log", "attachments"
"""What the files of a backup are called, and the folder of the files that came with reports."""

KEYS_REVISION = "1"
"""Of the tables of the key store, which have no migrations."""

_AT_ONCE = 1000
_FILES = records.attachments.c


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written.

    Attributes:
        cases: how many cases.
        rows: how many rows of records.
        keys: how many rows of keys.
        is_whole: whether the records have the newest anchor that the keys remember; if not, something was cut off.
    """

    cases: int
    rows: int
    keys: int
    is_whole: bool


def back_up(  # noqa: PLR0913, PLR0917 (what it takes)
    store: Store,
    keys: KeyStore,
    log: DeletionLog,
    to: tuple[Path, Path],
    now: datetime,
    files: AttachedFiles | None = None,
) -> Backup:
    """Writes the two archives, each one moment's view, and a copy of the log of deletions beside the records.

    The records first, then the keys, then the log. A key is committed before its case: so whatever case is in the
    records has its key in any keys that were written later. A key that is gone by then was destroyed by a purge, and
    a purge is in the log before it deletes: so the log, taken last, says which. A key without a case does no harm.
    The master key is in neither.

    The files that came with reports are copied, sealed as they lie, before the records get their name: a file was
    flushed before its case was committed, so each that these records name is there, but for what was purged since.
    What is in the backup already is not copied again; what no record names any more goes last.

    All files are written aside first and get their names last, keys before records: a disk that is full, or a process
    that dies, leaves the backup that was there before, or newer keys beside older records, which fit as well.

    Args:
        store: the records.
        keys: their keys.
        log: the deletions of this machine.
        to: the folder for the records, and that for the keys; better not the same.
        now: what time it is.
        files: where the files lie that came with reports.

    Raises:
        OSError: it cannot be written; what was there before is untouched.
    """
    seal = keys.derive("backup")
    remembered = keys.head()
    head = None if remembered is None else (remembered.number, remembered.mac.hex())
    folder, keys_folder = to
    with ExitStack() as aside:
        records_aside = aside.enter_context(new_file(folder / RECORDS))
        keys_aside = aside.enter_context(new_file(keys_folder / KEYS))
        log_aside = aside.enter_context(new_file(folder / DELETIONS))
        with store.reading() as connection:
            is_whole = remembered is None or holds(connection, remembered)
            cases = len(connection.execute(select(records.cases.c.id)).all())
            revision = str(MigrationContext.configure(connection).get_current_revision())
            header = Header("records", keys.id, revision, now, head)
            rows = write(records_aside, header, _lines(connection, records.metadata), seal)
            named = [(row.case_id, row.id) for row in connection.execute(select(_FILES.case_id, _FILES.id))]
        with keys.store.reading() as connection:
            header = Header("keys", keys.id, KEYS_REVISION, now)
            wrapped = write(keys_aside, header, _lines(connection, keystore.metadata), seal)
        if log.path.exists():
            shutil.copyfile(log.path, log_aside)
        if files is not None:
            _copy(files.folder, folder / ATTACHMENTS, named)
        for written in (records_aside, keys_aside, log_aside):
            flush(written)
        keys_aside.rename(keys_folder / KEYS)
        log_aside.rename(folder / DELETIONS)
        flush(keys_folder)
        records_aside.rename(folder / RECORDS)
        flush(folder)
    if files is not None:
        _drop(folder / ATTACHMENTS, frozenset(named))
    return Backup(cases, rows, wrapped, is_whole)


def _copy(here: Path, there: Path, named: Sequence[tuple[str, str]]) -> None:
    """Copies the files that are not there yet; one that is gone here was purged since."""
    for case_id, file_id in named:
        source, target = here / case_id / file_id, there / case_id / file_id
        if target.exists():
            continue
        with new_file(target) as aside, suppress(FileNotFoundError):
            shutil.copyfile(source, aside)
            flush(aside)
            aside.rename(target)
        flush(target.parent)


def _drop(there: Path, named: frozenset[tuple[str, str]]) -> None:
    """Takes away what no record of this backup names."""
    for path in there.glob("*/*"):
        if (path.parent.name, path.name) not in named:
            path.unlink()
            with suppress(OSError):  # others are left in it
                path.parent.rmdir()


def _lines(connection: Connection, metadata: MetaData) -> Iterator[Line]:
    """Every row of every table that lasts, tables in the order in which they can be filled."""
    for table in metadata.sorted_tables:
        if table.name in records.PASSING:
            continue
        firsts = [key.parent.is_not(None) for key in table.foreign_keys if key.column.table is table]
        query = select(table).order_by(*firsts, *table.primary_key.columns).execution_options(yield_per=_AT_ONCE)
        for row in connection.execute(query):
            yield table.name, row._asdict()
