"""What holds on PostgreSQL alone: the settings that durability rests on, who may write, and how trouble shows."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.engine_errors import UnsafeDatabase

SETTINGS = {
    "synchronous_commit": "on",
    "timezone": "UTC",
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "15s",
}
"""What each connection must say of itself. The last one frees the others from a process that froze as it wrote."""

SERVER = {"server_encoding": "UTF8"}
"""What the server must say of itself, which no connection can set."""

SAFE_SERVER = {"fsync": "on", "full_page_writes": "on"}
"""What the server must say of itself for a commit to outlive a loss of power. Some services of a cloud say ``off``,
because their disks are of another kind, so it is shown by ``touchstone check``, and nobody is refused."""

OLDEST = 150000
"""PostgreSQL 15, as the server counts its versions."""

ENGINE: Mapping[str, Any] = {
    "pool_size": 15,
    "max_overflow": 0,
    "pool_timeout": 3,
    "pool_pre_ping": True,
    "use_native_hstore": False,
    "connect_args": {
        "application_name": "touchstone",
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
        "target_session_attrs": "read-write",
    },
}
"""How an engine differs from what it is by default: a connection that died is noticed, in seconds and not in hours; and
all that a crowd needs are kept, for to open one anew takes longer than what is done with it."""

AFRESH: Mapping[str, Any] | None = None
"""How the engine of connections that are used once differs; None: none is needed, for a new transaction of any
connection sees nothing but what is committed, and a new connection costs the server a process."""

READING: Mapping[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""Execution options of a connection that reads: all its statements see one state of the database."""

WRITING: Mapping[str, Any] = {"isolation_level": "READ COMMITTED", "writes": True}
"""Execution options of a connection that writes: each statement sees what was committed before it.

Writers are one at a time, by an advisory lock on the database: a chronology is numbered and chained, and so are its
anchors over all cases, so each must see the one before it in any case. With SERIALIZABLE they would be told to try
again instead, and no transaction here knows how; with row locks alone, whoever forgets one loses an update silently.
A stricter level than this would take its view of the database while it still waits for the lock: an old one.
"""

IDENTITY = """
    select system_identifier, oid from pg_control_system(), pg_database where datname = current_database()
"""
"""What tells one database from every other, by whatever address it was reached."""

_WRITER = 0x746F756368
"""The advisory lock of whoever writes ("touch" in ASCII)."""

_BUSY = {"55P03", "57014", "40001", "40P01", "53300"}
"""SQLSTATE: lock not available, query canceled (its timeout), serialization failure, deadlock, too many connections."""

_ENDED = {"25P03", "57P01", "57P02", "57P03", "57P05"}
"""SQLSTATE: the server ended the session (idle in a transaction, shutdown, crash, starting up, idle)."""


def make_ready(url: URL) -> None:
    """Nothing: a database is made by whoever looks after the server."""
    del url


def attend(engine: Engine) -> None:
    """Sees to each connection, each transaction and each error of an engine."""
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _without_values)


def probe(connection: Connection) -> None:
    """Writes something that nobody reads: a message into the write-ahead log."""
    connection.exec_driver_sql("select pg_logical_emit_message(true, 'touchstone', 'probe')")


def is_busy(failure: DBAPIError) -> bool:
    """Whether somebody else holds what is wanted, for too long."""
    return getattr(failure.orig, "sqlstate", None) in _BUSY


def is_lost(failure: DBAPIError) -> bool:
    """Whether the server is not, or no longer, at the other end."""
    sqlstate = getattr(failure.orig, "sqlstate", None)
    never_there = isinstance(failure, OperationalError) and sqlstate is None
    return failure.connection_invalidated or never_there or sqlstate in _ENDED


def about(connection: Connection) -> dict[str, str]:
    """What the database is, and how it flushes."""
    names = ("server_version", "synchronous_commit", *SAFE_SERVER)
    said = {name: str(connection.exec_driver_sql(f"show {name}").scalar()) for name in names}
    return {"engine": f"PostgreSQL {said.pop('server_version').split()[0]}", **said}


def _configure(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Sets and checks; the pool does not close what is refused here."""
    try:
        _set_and_check(connection)
    except BaseException:
        connection.close()
        raise


def _set_and_check(connection: DBAPIConnection) -> None:
    if connection.info.server_version < OLDEST:
        raise UnsafeDatabase(f"the server's version is {connection.info.server_version}")
    wanted = {**SETTINGS, **SERVER}
    cursor = connection.cursor()
    cursor.execute(
        f"select {', '.join(['set_config(%s, %s, false)'] * len(SETTINGS))}", tuple(chain(*SETTINGS.items()))
    )
    cursor.execute(f"select {', '.join(['current_setting(%s)'] * len(wanted))}", tuple(wanted))
    for (name, expected), got in zip(wanted.items(), cursor.fetchone() or (), strict=True):
        if got != expected:
            raise UnsafeDatabase(f"{name} is {got}, not {expected}")
    cursor.close()
    connection.commit()


def _begin(connection: Connection) -> None:
    """Begins a transaction; a writer takes the write lock at once and waits for it as long as it has left."""
    options = connection.get_execution_options()
    if options.get("writes"):
        milliseconds = max(1, int(options["patience"] * 1000))  # 0 would be for ever
        both = f"set local lock_timeout = {milliseconds}; select pg_advisory_xact_lock({_WRITER})"
        connection.exec_driver_sql(both, execution_options={"no_parameters": True})  # in one go, across a network


def _without_values(context: ExceptionContext) -> None:
    """Takes the second half from the server's messages: it quotes the row that was refused."""
    diagnosis = getattr(context.original_exception, "diag", None)
    primary = getattr(diagnosis, "message_primary", None)
    if primary is not None and context.sqlalchemy_exception is not None:
        context.original_exception.args = (primary,)
        context.sqlalchemy_exception.args = (f"({type(context.original_exception).__name__}) {primary}",)
