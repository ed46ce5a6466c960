"""What holds on SQLite alone: the settings that durability rests on, who may write, and how trouble shows."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from bot.engine_errors import UnsafeDatabase
from knowledge.disk import make_folder

PRAGMAS = {"busy_timeout": 5000, "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
"""What each connection must say of itself, in the order it is set: waiting first, for the next may find a lock.
synchronous 2 is FULL."""

ENGINE: Mapping[str, Any] = {"pool_size": 15, "max_overflow": 0, "pool_timeout": 3}
"""How an engine differs from what it is by default: all connections that a crowd needs are kept."""

AFRESH: Mapping[str, Any] | None = {"poolclass": NullPool}
"""How the engine of connections that are used once differs: none of them is kept, nor what it remembers of the file."""

READING: Mapping[str, Any] = {}
"""Execution options of a connection that reads: a transaction in WAL mode sees one state of the file anyway."""

WRITING: Mapping[str, Any] = {"writes": True}
"""Execution options of a connection that writes."""

_PATIENCE = 5.0
"""Seconds to wait for the file while a connection is made."""

_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY = 0xFF
"""The part of an extended result code that names its kind."""


def make_ready(url: URL) -> None:
    """Makes the file and its folder if need be, readable by its owner alone."""
    path = Path(url.database or "")
    make_folder(path.parent)
    path.touch(mode=0o600)


def attend(engine: Engine) -> None:
    """Sees to each connection and each transaction of an engine."""
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)


def probe(connection: Connection) -> None:
    """Writes something that nobody reads."""
    version = connection.exec_driver_sql("pragma user_version").scalar() or 0
    connection.exec_driver_sql(f"pragma user_version = {1 - version % 2}")


def is_busy(failure: DBAPIError) -> bool:
    """Whether somebody else holds the file."""
    return _is_locked(failure.orig)


def is_lost(failure: DBAPIError) -> bool:
    """Whether there is nobody at the other end; a file has no other end."""
    del failure
    return False


def about(connection: Connection) -> dict[str, str]:
    """What the database is, and how it flushes."""
    del connection
    return {"engine": f"SQLite {sqlite3.sqlite_version}", "synchronous": "full"}


def _configure(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Gives transactions into our hands (the driver's own begin too late, and lose updates), then sets and checks."""
    connection.isolation_level = None
    try:
        _set_and_check(connection)
    except BaseException:  # the pool does not close what is refused here
        connection.close()
        raise


def _set_and_check(connection: DBAPIConnection) -> None:
    cursor = connection.cursor()
    for name, wanted in PRAGMAS.items():
        _set(cursor, name, wanted)
        cursor.execute(f"pragma {name}")
        (got,) = cursor.fetchone() or (None,)
        if got != wanted:
            raise UnsafeDatabase(f"{name} is {got}, not {wanted}")
    cursor.close()


def _set(cursor: DBAPICursor, name: str, wanted: object) -> None:
    """Sets one pragma, waiting for whoever holds the file.

    SQLite itself does not wait where two at once are the first to open a file: it tells both that it is locked.
    """
    deadline = monotonic() + _PATIENCE
    while True:
        try:
            cursor.execute(f"pragma {name} = {wanted}")
        except sqlite3.OperationalError as failure:
            if not _is_locked(failure) or monotonic() > deadline:
                raise
            sleep(0.01)
        else:
            return


def _is_locked(failure: BaseException | None) -> bool:
    return getattr(failure, "sqlite_errorcode", 0) & _PRIMARY in _LOCKED


def _begin(connection: Connection) -> None:
    """Begins a transaction; a writer takes the write lock at once and waits for it as long as it has left."""
    options = connection.get_execution_options()
    connection.exec_driver_sql(f"pragma busy_timeout = {int(options.get('patience', _PATIENCE) * 1000)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")
