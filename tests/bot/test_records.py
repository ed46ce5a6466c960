import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, inspect, select
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from bot import engines
from bot.cases import records
from bot.cases.records import RecordsUnusable, open_records
from bot.engines import Busy, Store, UnsafeDatabase, UtcTime

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CASE = {"id": "1", "reference": "C-2345-6789", "form": "report_concern", "urgent": False, "received_at": NOON}


def _insert(store: Store, **changes: object) -> None:
    with store.writing() as connection:
        connection.execute(insert(records.cases).values(**{**CASE, **changes}))
        connection.commit()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_records(tmp_path / "records.sqlite3")


def test_migrating_gives_exactly_the_tables_that_the_code_knows(store: Store) -> None:
    with store.reading() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), records.metadata)
            == []
        )


def test_a_migrated_database_equals_a_fresh_start_column_by_column(store: Store) -> None:
    fresh = create_engine("sqlite://")
    records.metadata.create_all(fresh)
    with store.reading() as one, fresh.connect() as other:
        for table in records.metadata.tables:
            columns = [
                [(c["name"], str(c["type"]), c["nullable"]) for c in inspect(at).get_columns(table)]
                for at in (one, other)
            ]
            assert columns[0] == columns[1], table


def test_opening_again_changes_nothing(tmp_path: Path, store: Store) -> None:
    _insert(store)
    store.close()
    with open_records(tmp_path / "records.sqlite3").reading() as connection:
        assert connection.scalar(select(records.cases.c.reference)) == CASE["reference"]


def test_nothing_is_kept_without_a_commit(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(insert(records.cases).values(**CASE))
    with store.reading() as connection:
        assert connection.scalar(select(records.cases.c.id)) is None


def test_each_connection_has_the_settings_that_durability_rests_on(store: Store) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with store.reading() as one, store.reading() as other:
        for connection in (one, other):
            assert {name: connection.exec_driver_sql(f"pragma {name}").scalar() for name in wanted} == wanted


def test_a_setting_that_does_not_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_PRAGMAS", {"page_size": 1000})
    with pytest.raises(UnsafeDatabase, match="page_size is 4096, not 1000"):
        open_records(tmp_path / "other.sqlite3")


def test_a_row_that_belongs_to_no_case_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(insert(records.submissions).values(fingerprint="f", case_id="no such case"))


def test_a_reference_is_given_once(store: Store) -> None:
    _insert(store)
    with pytest.raises(IntegrityError):
        _insert(store, id="2")


def test_updates_of_two_at_once_are_not_lost(tmp_path: Path) -> None:
    """The driver's own transactions begin too late: both would read the same number, and one update would be gone.

    Each thread has a store of its own, as another process would: the lock within a process must not hide it.
    """
    path = tmp_path / "counter.sqlite3"
    store = Store(path)
    metadata = MetaData()
    counter = Table("counter", metadata, Column("value", Integer))
    metadata.create_all(store.engine)

    def count() -> None:
        own = Store(path)
        for _ in range(25):
            with own.writing() as connection:
                value = connection.scalar(select(counter.c.value)) or 0
                connection.execute(counter.update().values(value=value + 1))
                connection.commit()
        own.close()

    with store.writing() as connection:
        connection.execute(insert(counter).values(value=0))
        connection.commit()
    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert connection.scalar(select(counter.c.value)) == 100


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


@pytest.mark.parametrize("content", [b"garbage " * 1000, b"SQLite format 3\0" + bytes(500)])
def test_a_file_that_is_no_database_is_said_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "records.sqlite3"
    path.write_bytes(content)
    with pytest.raises(RecordsUnusable, match="put it back from a backup"):
        open_records(path)


def test_records_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    store = open_records(path)
    with store.writing() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
        connection.commit()
    store.close()
    with pytest.raises(RecordsUnusable, match="CommandError"):
        open_records(path)


@pytest.mark.parametrize("name", ["a b", "q?x=y", "50%", "#1", "\u00fcml\u00e4ut"])
def test_a_folder_of_any_name_holds_its_own_records(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "records.sqlite3"
    open_records(path).close()
    assert path.stat().st_size > 0
    assert [made.name for made in tmp_path.iterdir()] == [name]


def test_a_probe_shows_a_lock_that_somebody_else_holds(tmp_path: Path, store: Store) -> None:
    store.probe()
    with closing(sqlite3.connect(tmp_path / "records.sqlite3", isolation_level=None)) as other, store.reading() as mine:
        mine.exec_driver_sql("pragma busy_timeout = 0")
        mine.close()
        other.execute("begin immediate")
        with pytest.raises(OperationalError):
            store.probe()


def test_a_writer_is_not_kept_waiting_for_ever(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_PATIENCE", 0.01)
    with store.writing(), pytest.raises(Busy), store.writing():
        pass
    store.probe()
