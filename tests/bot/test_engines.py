"""What a store promises, on both engines: commits, one writer, moments in UTC, settings that hold, and clear words."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import URL, Column, Integer, MetaData, Table, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from bot import postgresql, sqlite
from bot.cases import records
from bot.cases.records import open_records
from bot.engines import BadAddress, Busy, Store, Unreachable, UnsafeDatabase, UtcTime, address, named, same
from tests.bot.elsewhere import elsewhere
from tests.postgresql import ASKED, Server

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CASE = {"id": "1", "reference": "C-2345-6789", "form": "report_concern", "urgent": False, "received_at": NOON}


def _insert(store: Store, **changes: object) -> None:
    with store.writing() as connection:
        connection.execute(insert(records.cases).values(**{**CASE, **changes}))
        connection.commit()


def _count(store: Store) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(records.cases)) or 0


# ------------------------------------------------------------------------------------------- transactions


def test_nothing_is_kept_without_a_commit(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(insert(records.cases).values(**CASE))
    assert _count(store) == 0


def test_what_is_committed_is_seen_by_a_connection_that_saw_nothing_before(store: Store) -> None:
    with store.reading() as before:
        assert before.scalar(select(records.cases.c.id)) is None
        _insert(store)
        assert before.scalar(select(records.cases.c.id)) is None  # one consistent view
        with store.reading_afresh() as afresh:
            assert afresh.scalar(select(records.cases.c.id)) == "1"


def test_a_connection_for_reading_afresh_is_used_once_however_often(store: Store) -> None:
    seen = set()
    for _ in range(8):
        with store.reading_afresh() as connection:
            seen.add(id(connection.connection.dbapi_connection))
            held = connection.connection.dbapi_connection
            assert held is not None
    assert store._once.pool.checkedout() == 0  # type: ignore[attr-defined]  # noqa: SLF001


def test_updates_of_two_at_once_are_not_lost(engine_url: URL) -> None:
    """The drivers' own transactions take their view too early or too late: both would read the same number.

    Each thread has a store of its own, as another process would: the lock within a process must not hide it.
    """
    metadata = MetaData()
    counter = Table("counter", metadata, Column("value", Integer))

    def count() -> None:
        with closing(Store(engine_url, patience=60)) as own:
            for _ in range(25):
                with own.writing() as connection:
                    value = connection.scalar(select(counter.c.value)) or 0
                    connection.execute(update(counter).values(value=value + 1))
                    connection.commit()

    with closing(Store(engine_url)) as store:
        with store.writing() as connection:
            metadata.create_all(connection)
            connection.execute(insert(counter).values(value=0))
            connection.commit()
        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.reading() as connection:
            assert connection.scalar(select(counter.c.value)) == 100


def test_what_two_processes_write_at_once_is_all_there(store: Store, engine_url: URL) -> None:
    writers = [elsewhere(engine_url, name, 100) for name in ("a", "b")]
    assert [writer.wait(timeout=100) for writer in writers] == [0, 0]
    assert _count(store) == 200


def test_a_writer_is_not_kept_waiting_for_ever_by_another_of_this_process(store: Store) -> None:
    store.patience = 0.05
    with store.writing(), pytest.raises(Busy), store.writing():
        pass
    store.probe()


def test_a_writer_is_told_within_five_seconds_that_another_process_writes(store: Store, engine_url: URL) -> None:
    with closing(Store(engine_url)) as other, other.writing():
        began = monotonic()
        with pytest.raises(Busy, match="try again"):
            store.probe()
        assert 4.5 < monotonic() - began < 7
        assert _count(store) == 0  # whoever reads does not wait
    store.probe()


# ------------------------------------------------------------------------------------------------ moments


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(store: Store) -> None:
    _insert(store, received_at=NOON.astimezone(timezone(timedelta(hours=5, minutes=30))))
    with store.reading() as connection:
        moment = connection.scalar(select(records.cases.c.received_at))
    assert moment == NOON
    assert moment.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="time zone"):
        _insert(store, received_at=NOON.replace(tzinfo=None))
    assert UtcTime.cache_ok


def test_moments_sort_as_time_does_to_the_microsecond(store: Store) -> None:
    moments = [NOON + timedelta(microseconds=offset) for offset in (5, 0, 1_000_000, 999_999, 86_400_000_000)]
    for number, moment in enumerate(moments):
        _insert(store, id=str(number), reference=str(number), received_at=moment)
    with store.reading() as connection:
        cases = records.cases.c
        assert connection.scalars(select(cases.received_at).order_by(cases.received_at)).all() == sorted(moments)
        later = select(cases.received_at).where(cases.received_at > NOON + timedelta(microseconds=999_999))
        assert set(connection.scalars(later)) == {moments[2], moments[4]}


# ----------------------------------------------------------------------------------------------- settings


def test_each_connection_has_the_settings_that_durability_rests_on(store: Store) -> None:
    with store.reading() as one, store.reading() as other, store.reading_afresh() as third:
        for connection in (one, other, third):
            if store.is_postgresql:
                said = {name: connection.exec_driver_sql(f"show {name}").scalar() for name in postgresql.SETTINGS}
                assert said == postgresql.SETTINGS
            else:
                wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
                assert {name: connection.exec_driver_sql(f"pragma {name}").scalar() for name in wanted} == wanted


def test_a_setting_that_does_not_hold_is_refused(engine_url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PRAGMAS", {"page_size": 1000})
    monkeypatch.setattr(postgresql, "SERVER", {"server_encoding": "EBCDIC"})
    with pytest.raises(UnsafeDatabase, match=r"page_size is 4096, not 1000|server_encoding is UTF8, not EBCDIC"):
        open_records(engine_url)
    with pytest.raises(UnsafeDatabase):
        Store.open(engine_url)


def test_a_server_that_is_too_old_is_refused(postgresql_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "OLDEST", 990000)
    with pytest.raises(UnsafeDatabase, match="the server's version is 15"):
        Store.open(postgresql_server.url("postgres"))


def test_a_server_that_is_set_to_answer_before_it_has_flushed_is_overruled(postgresql_server: Server) -> None:
    url = postgresql_server.create("hasty")
    with closing(Store(url)) as store, store.writing() as connection:
        connection.exec_driver_sql("alter database hasty set synchronous_commit = off")
        connection.commit()
    with closing(Store(url)) as later:
        assert later.about()["synchronous_commit"] == "on"
    postgresql_server.drop("hasty")


def test_a_user_without_any_rights_but_to_their_tables_is_enough(postgresql_server: Server) -> None:
    url = postgresql_server.create("plain")
    with closing(Store(url)) as store, store.writing() as connection:
        connection.exec_driver_sql("create role plain login")
        connection.exec_driver_sql("grant create on schema public to plain")
        connection.commit()
    with closing(open_records(url.set(username="plain"))) as store:
        store.probe()
        _insert(store)
        assert same(url, url.set(username="plain"))
        assert store.about()["fsync"] == "on"
    postgresql_server.drop("plain")


def test_a_store_says_what_it_is_and_how_it_flushes(store: Store) -> None:
    about = store.about()
    if store.is_postgresql:
        assert about.pop("engine").startswith("PostgreSQL 15.")
        assert about == {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}
    else:
        assert about == {"engine": f"SQLite {sqlite3.sqlite_version}", "synchronous": "full"}


# ----------------------------------------------------------------------------------------------- in words


def test_an_error_does_not_quote_the_row_that_was_refused(store: Store) -> None:
    with pytest.raises(IntegrityError) as refused:
        _insert(store, form=None, reference="sparrow")
    _insert(store, reference="sparrow")
    with pytest.raises(IntegrityError) as twice:
        _insert(store, id="2", reference="sparrow")
    for caught in (refused, twice):
        assert "sparrow" not in f"{caught.value} {caught.value!r} {caught.value.orig} {caught.value.orig!r}"


def test_a_statement_that_is_wrong_is_neither_busy_nor_lost(store: Store) -> None:
    with pytest.raises(DBAPIError) as wrong, store.reading() as connection:
        connection.exec_driver_sql("select nothing_like_it")
    assert isinstance(wrong.value, DBAPIError)


def test_a_reader_cannot_write_on_postgresql(store: Store) -> None:
    if store.is_postgresql:
        with pytest.raises(DBAPIError), store.reading() as connection:
            connection.execute(insert(records.cases).values(**CASE))


def test_a_server_that_is_not_there_is_said_so_without_user_and_password(tmp_path: Path) -> None:
    url = f"postgresql://someone:hunter2@/records?host={tmp_path}"
    with pytest.raises(Unreachable) as caught:
        Store.open(url)
    assert str(tmp_path) in str(caught.value)
    assert not [secret for secret in ("hunter2", "someone") if secret in f"{caught.value} {caught.value!r}"]


def test_a_password_may_stand_in_a_file_and_a_wrong_one_is_shown_nowhere(
    postgresql_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql_server.create("guarded")
    with closing(Store(url)) as store, store.writing() as connection:
        connection.exec_driver_sql(f"create role {ASKED} login password 'hunter2'")
        connection.commit()
    for wrong in (url.set(username=ASKED), url.set(username=ASKED, password="hunter3")):  # noqa: S106 (wrong)
        with pytest.raises(Unreachable) as caught:
            Store.open(wrong)
        assert "hunter" not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"
    passwords = tmp_path / "passwords"
    passwords.write_text("*:*:*:*:hunter2\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    Store.open(url.set(username=ASKED)).close()
    postgresql_server.drop("guarded")


def test_a_database_that_is_not_there_is_said_so(postgresql_server: Server) -> None:
    with pytest.raises(Unreachable, match="PostgreSQL database nowhere on"):
        open_records(postgresql_server.url("nowhere"))


@pytest.mark.parametrize(
    "wrong",
    [
        "", "records.sqlite3", "mysql://u@h/d", "postgresql://u@h", "sqlite://", "sqlite:///:memory:",
        "sqlite:///x?mode=ro", "postgresql://u@h/d?password=hunter2", "postgresql://u@h:port/d", "http://[",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(wrong: str) -> None:
    with pytest.raises(BadAddress) as caught:
        address(wrong)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("sqlite:////var/records.sqlite3", "/var/records.sqlite3"),
        ("postgresql://u:hunter2@db.example:5433/records", "PostgreSQL database records on db.example:5433"),
        ("postgres+psycopg://u@/records", None),
        ("postgresql://u@/records?host=/run/a&host=/run/b", "PostgreSQL database records on /run/a, /run/b"),
        ("postgresql:///records", "PostgreSQL database records on this machine"),
    ],
)
def test_a_database_is_named_without_user_and_secret(given: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(BadAddress):
            named(given)
    else:
        assert named(given) == name


def test_two_addresses_of_one_database_are_known_to_be_the_same(
    engine_url: URL, new_database: Callable[[str], URL], tmp_path: Path
) -> None:
    other = new_database("keys")
    Store.open(engine_url).close()
    Store.open(other).close()
    assert same(engine_url, engine_url)
    assert not same(engine_url, other)
    if engine_url.get_backend_name() == "sqlite":
        (tmp_path / "hard.sqlite3").hardlink_to(str(engine_url.database))
        (tmp_path / "soft").symlink_to(Path(str(engine_url.database)).parent)
        assert same(engine_url, tmp_path / "hard.sqlite3")
        assert same(engine_url, tmp_path / "soft" / Path(str(engine_url.database)).name)
    else:
        (tmp_path / "soft").symlink_to(str(engine_url.query["host"]))
        assert same(engine_url, engine_url.update_query_dict({"host": str(tmp_path / "soft")}))
        assert not same(engine_url, tmp_path / "a file")


# ------------------------------------------------------------------------------------------------ trouble


def test_a_connection_that_the_server_ends_is_said_so_and_the_next_one_works(postgresql_server: Server) -> None:
    with closing(open_records(postgresql_server.create("ended"))) as store:
        with closing(Store(store.engine.url)) as other, pytest.raises(Unreachable):
            _insert_and_be_ended(store, other)
        assert _count(store) == 0
        _insert(store)
        assert _count(store) == 1
    postgresql_server.drop("ended")


def _insert_and_be_ended(store: Store, other: Store) -> None:
    with store.writing() as connection:
        connection.execute(insert(records.cases).values(**CASE))
        pid = connection.exec_driver_sql("select pg_backend_pid()").scalar()
        with other.reading() as killer:
            killer.exec_driver_sql(f"select pg_terminate_backend({pid})")
        connection.commit()


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_server_that_stops_is_said_so_and_when_it_is_back_all_goes_on(postgresql_server: Server, how: str) -> None:
    name = f"stopped_{how}"
    with closing(open_records(postgresql_server.create(name))) as store:
        _insert(store)
        with store.reading() as reader:  # a connection in use while the server stops
            assert reader.scalar(select(records.cases.c.id)) == "1"
            postgresql_server.stop(how)
            try:
                with pytest.raises(Unreachable, match=f"PostgreSQL database {name}"):
                    _insert(store, id="2", reference="2")
                with pytest.raises(OperationalError):
                    reader.scalar(select(records.cases.c.id))
            finally:
                postgresql_server.start()
        _insert(store, id="3", reference="3")
        with store.reading() as connection:
            assert connection.scalars(select(records.cases.c.id).order_by("id")).all() == ["1", "3"]
    postgresql_server.drop(name)
