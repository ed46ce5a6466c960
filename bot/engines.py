"""Databases that can be trusted: settings set on each connection and asserted, tables brought to the newest version.

SQLite for a school or a trust, PostgreSQL for more; the same methods and the same promises on both. ``bot.sqlite`` and
``bot.postgresql`` hold what differs.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, Protocol, Self

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Dialect, Engine, Select, String, Table, create_engine, make_url
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot import postgresql, sqlite
from bot.engine_errors import BadAddress, Busy, Unreachable, UnsafeDatabase
from knowledge.errors import TouchstoneError

__all__ = [
    "BadAddress",
    "Busy",
    "Store",
    "Unreachable",
    "UnsafeDatabase",
    "UtcTime",
    "address",
    "named",
    "open_store",
    "same",
]

PATIENCE = 5.0
"""Seconds that a writer waits for those before it, in this process and in others; then it is told so."""

_MIGRATING = 120.0
"""Seconds that a start waits for another start which is bringing the tables to the newest version."""

_POOL: Mapping[str, Any] = {"pool_size": 5, "max_overflow": 10, "pool_timeout": 3}
"""Connections kept, further ones when it is crowded, and the seconds that somebody waits for one."""

_AFRESH: Mapping[str, Any] = {"pool_size": 5, "max_overflow": 0, "pool_timeout": PATIENCE}
"""The same for connections that are used once: a crowd must not open so many that the server refuses the next."""


class _Kind(Protocol):
    """What ``bot.sqlite`` and ``bot.postgresql`` both give."""

    @property
    def ENGINE(self) -> Mapping[str, Any]: ...  # noqa: N802 (constants of a module; described there)
    @property
    def READING(self) -> Mapping[str, Any]: ...  # noqa: N802
    @property
    def WRITING(self) -> Mapping[str, Any]: ...  # noqa: N802
    def make_ready(self, url: URL) -> None: ...
    def attend(self, engine: Engine) -> None: ...
    def probe(self, connection: Connection) -> None: ...
    def is_busy(self, failure: DBAPIError) -> bool: ...
    def is_lost(self, failure: DBAPIError) -> bool: ...
    def about(self, connection: Connection) -> dict[str, str]: ...


_KINDS: Mapping[str, _Kind] = {"sqlite": sqlite, "postgresql": postgresql}


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond.

    PostgreSQL has a type for it. SQLite has none and would drop the zone silently, so there it is ISO 8601 text, of one
    length, which sorts as time does.
    """

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the column."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Refuses a moment without a zone: it would be somebody's local time."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment without a time zone cannot be stored"
            raise ValueError(message)
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.isoformat(timespec="microseconds")

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:
        """Gives the moment back with its zone."""
        del dialect
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


class Store:
    """One database. Nothing is kept without an explicit ``commit()``; one writer at a time.

    A writer holds the write lock from the start of its transaction: that of the file on SQLite, an advisory lock on
    PostgreSQL, so whatever it reads is still so when it commits, and a number one higher than the last is given once.

    Attributes:
        patience: seconds that a writer waits for those before it.
        is_postgresql: whether it is PostgreSQL; else it is SQLite.
        name: the database in words that hold no user and no secret.
    """

    def __init__(self, place: Path | str | URL, *, patience: float = PATIENCE) -> None:
        """Makes ready to open it; on SQLite makes the file and its folder, readable by its owner alone.

        Args:
            place: the file of a SQLite database, or the address of any.
            patience: seconds that a writer waits for those before it.

        Raises:
            BadAddress: the address is none of a database that can be used here.
            OSError: the file cannot be made.
        """
        url = address(place)
        self.patience = patience
        self.is_postgresql = url.get_backend_name() == "postgresql"
        self.name = named(url)
        self._kind = _KINDS[url.get_backend_name()]
        self._kind.make_ready(url)
        self.engine = create_engine(url, hide_parameters=True, **_POOL, **self._kind.ENGINE)
        self._once = create_engine(url, hide_parameters=True, **_AFRESH, **self._kind.ENGINE)
        for engine in (self.engine, self._once):
            self._kind.attend(engine)
        self._writer = Lock()

    @classmethod
    def open(cls, place: Path | str | URL) -> Self:
        """The store at a place, once it was reached and its settings were seen to hold.

        Raises:
            BadAddress: the address is none of a database that can be used here.
            UnsafeDatabase: a setting on which durability rests does not hold.
            Unreachable: nobody answers there.
        """
        store = cls(place)
        with _closed_unless_opened(store), store.reading():
            return store

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from: one consistent view, never waiting for the writer.

        Raises:
            Busy: no connection was to be had within a few seconds.
            Unreachable: the database does not answer.
        """
        with self._in_words(), self.engine.connect() as connection:
            yield connection.execution_options(patience=self.patience, **self._kind.READING)

    @contextmanager
    def reading_afresh(self) -> Iterator[Connection]:
        """A new connection that has seen nothing of what this process wrote but what is in the database.

        Raises:
            Busy: none was to be had within a few seconds.
            Unreachable: the database does not answer.
        """
        with self._in_words(), self._once.connect() as connection:
            try:
                yield connection.execution_options(patience=self.patience, **self._kind.READING)
            finally:
                connection.invalidate()

    @contextmanager
    def writing(self, patience: float | None = None) -> Iterator[Connection]:
        """A connection whose transaction holds the write lock from the start; rolled back unless committed.

        Args:
            patience: seconds to wait for the lock, where it is not the store's.

        Raises:
            Busy: the lock was not to be had within a few seconds.
            Unreachable: the database does not answer.
        """
        deadline = monotonic() + (self.patience if patience is None else patience)
        if not self._writer.acquire(timeout=max(0.0, deadline - monotonic())):
            raise Busy
        try:
            with self._in_words(), self.engine.connect() as pooled:
                left = max(0.0, deadline - monotonic())
                connection = pooled.execution_options(patience=left, **self._kind.WRITING)
                connection.begin()
                yield connection
        finally:
            self._writer.release()

    def claiming(self, query: Select[Any], of: Table | None = None) -> Select[Any]:
        """A query for rows to be claimed: on PostgreSQL it locks those of a table, and passes over what is locked.

        Writers are alone, so this holds off nobody but whoever works on the database by other means than this class:
        their locks must not keep everybody else's rows waiting.
        """
        return query.with_for_update(skip_locked=True, of=of) if self.is_postgresql else query

    def probe(self) -> None:
        """Commits a write that changes nothing anybody reads, so that a full disk or a lock shows."""
        with self.writing() as connection:
            self._kind.probe(connection)
            connection.commit()

    def about(self) -> dict[str, str]:
        """The engine with its version, and the settings of durability by name, as the database itself says them."""
        with self.reading() as connection:
            return self._kind.about(connection)

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()
        self._once.dispose()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Says in words what each driver says in its own way; what is not about waiting or reaching goes through."""
        try:
            yield
        except PoolExhausted as failure:
            raise Busy from failure
        except DBAPIError as failure:
            if self._kind.is_busy(failure):
                raise Busy from failure
            if self._kind.is_lost(failure):
                raise Unreachable(self.name) from failure
            raise


@contextmanager
def _closed_unless_opened(store: Store) -> Iterator[None]:
    try:
        yield
    except BaseException:
        store.close()
        raise


def address(place: Path | str | URL) -> URL:
    """The address of a database, with the driver that is used here.

    Raises:
        BadAddress: it is none of a database that can be used here, or a secret stands in it where it would be shown.
    """
    if isinstance(place, Path):
        return URL.create("sqlite", database=str(place))
    try:
        url = make_url(place)
        kind = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise BadAddress from None
    if kind == "sqlite" and url.database and url.database != ":memory:" and not url.query:
        return url.set(drivername="sqlite")
    if kind == "postgresql" and url.database and not {"password", "sslpassword", "passfile"} & set(url.query):
        return url.set(drivername="postgresql+psycopg")
    raise BadAddress


def named(place: Path | str | URL) -> str:
    """A database in words that may be shown: a file, or a database and its server; never a user or a secret."""
    url = address(place)
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or ", ".join(_hosts(url)) or "this machine"
    return f"PostgreSQL database {url.database} on {host}" + (f":{url.port}" if url.port else "")


def same(one: Path | str | URL, other: Path | str | URL) -> bool:
    """Whether two addresses lead to one database, by whatever way: asks the servers, looks at the files.

    Raises:
        BadAddress: one is none of a database that can be used here.
        Unreachable: a server does not answer.
    """
    first, second = address(one), address(other)
    if {first.get_backend_name(), second.get_backend_name()} == {"sqlite"}:
        paths = [Path(str(url.database)) for url in (first, second)]
        return paths[0].resolve() == paths[1].resolve() or (
            all(path.exists() for path in paths) and paths[0].samefile(paths[1])
        )
    if first.get_backend_name() != second.get_backend_name():
        return False
    return _identity(first) == _identity(second)


def _identity(url: URL) -> tuple[object, ...]:
    """What no other database in the world is called: its server's own number, and its own there."""
    store = Store(url)
    try:
        with store.reading() as connection:
            return tuple(connection.exec_driver_sql(postgresql.IDENTITY).one())
    finally:
        store.close()


def _hosts(url: URL) -> tuple[str, ...]:
    given = url.query.get("host", ())
    return (given,) if isinstance(given, str) else given


def open_store(place: Path | str | URL, migrations: Path, unusable: type[TouchstoneError], to: str = "head") -> Store:
    """Opens a store, making its tables or bringing them to the newest version first.

    Several processes may do so at once: one does it, the others wait for it and find nothing left to do.

    Args:
        place: the file of a SQLite database, or the address of any.
        migrations: the folder of its Alembic history.
        unusable: what to raise when it is damaged, of a newer version, or cannot be written.
        to: the version; an earlier one than the newest only to fill it from a backup of that version.

    Raises:
        BadAddress: the address is none of a database that can be used here.
        UnsafeDatabase: a setting on which durability rests does not hold.
        Busy: another start holds it for minutes.
        Unreachable: nobody answers there.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    name = named(place)
    try:
        store = Store(place)
        with _closed_unless_opened(store), store.writing(_MIGRATING) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, to)
            connection.commit()
    except CommandError as failure:
        raise unusable(f"{name}: a newer version of Touchstone made it; install that one") from failure
    except (SQLAlchemyError, OSError) as failure:
        raise unusable(f"{name}: {type(failure).__name__}") from failure
    return store
