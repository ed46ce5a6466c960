"""Databases that can be trusted: settings set on each connection and asserted, tables brought to the newest version."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Dialect, String, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.types import TypeDecorator

from knowledge.disk import make_folder
from knowledge.errors import TouchstoneError

_PRAGMAS = {"busy_timeout": 5000, "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
"""What each connection must say of itself, in the order it is set: waiting first, for the next may find a lock.
synchronous 2 is FULL."""

_PATIENCE = 5.0
"""Seconds that a writer of this process waits for those before it; then it is told so, rather than kept waiting."""


class Busy(TouchstoneError):
    """Too many are writing at this moment; try again."""


class UnsafeDatabase(TouchstoneError):
    """The database does not take a setting on which durability rests; use a local disk and SQLite 3.37 or later."""


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite has no such type and would drop the zone silently, so it is kept as ISO 8601 text."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Refuses a moment without a zone: it would be somebody's local time."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment without a time zone cannot be stored"
            raise ValueError(message)
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Gives the moment back with its zone."""
        del dialect
        return None if value is None else datetime.fromisoformat(value)


class Store:
    """One SQLite file. Nothing is kept without an explicit ``commit()``; one writer at a time in this process."""

    def __init__(self, path: Path) -> None:
        """Opens the file, making it and its folder if need be, readable by its owner alone.

        Raises:
            UnsafeDatabase: a setting does not hold.
        """
        make_folder(path.parent)
        path.touch(mode=0o600)
        url = URL.create("sqlite", database=str(path))
        self.engine = create_engine(url, hide_parameters=True)
        self._unpooled = create_engine(url, hide_parameters=True, poolclass=NullPool)
        for engine in (self.engine, self._unpooled):
            event.listen(engine, "connect", _configure)
            event.listen(engine, "begin", _begin)
        self._writer = Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from: one consistent view, never waiting for the writer."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def reading_afresh(self) -> Iterator[Connection]:
        """A new connection that has seen nothing of what this process wrote but what is in the file."""
        with self._unpooled.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose transaction holds the write lock from the start; rolled back unless committed.

        Raises:
            Busy: the lock was not to be had within a few seconds.
        """
        if not self._writer.acquire(timeout=_PATIENCE):
            raise Busy
        try:
            with self.engine.connect().execution_options(writes=True) as connection:
                yield connection
        finally:
            self._writer.release()

    def probe(self) -> None:
        """Commits a write that changes nothing anybody reads, so that a full disk or a lock shows."""
        with self.writing() as connection:
            version = connection.exec_driver_sql("pragma user_version").scalar() or 0
            connection.exec_driver_sql(f"pragma user_version = {1 - version % 2}")
            connection.commit()

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def open_store(path: Path, migrations: Path, unusable: type[TouchstoneError], to: str = "head") -> Store:
    """Opens a store, making its tables or bringing them to the newest version first.

    Args:
        path: the file.
        migrations: the folder of its Alembic history.
        unusable: what to raise when the file is damaged, locked, of a newer version, or cannot be written.
        to: the version; an earlier one than the newest only to fill it from a backup of that version.

    Raises:
        UnsafeDatabase: a setting on which durability rests does not hold.
    """
    try:
        store = Store(path)
        config = Config()
        config.set_main_option("script_location", str(migrations).replace("%", "%%"))
        with store.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, to)
            connection.commit()
    except (SQLAlchemyError, CommandError, OSError) as failure:
        raise unusable(f"{path}: {type(failure).__name__}") from failure
    return store


def _configure(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Gives transactions into our hands (the driver's own begin too late, and lose updates), then sets and checks."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, wanted in _PRAGMAS.items():
        cursor.execute(f"pragma {name} = {wanted}")
        cursor.execute(f"pragma {name}")
        (got,) = cursor.fetchone() or (None,)
        if got != wanted:
            raise UnsafeDatabase(f"{name} is {got}, not {wanted}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
