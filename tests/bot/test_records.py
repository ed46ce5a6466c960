import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, inspect, select
from sqlalchemy.exc import IntegrityError, StatementError

from bot.cases import engines, records
from bot.cases.engines import Store, UnsafeDatabase, UtcTime
from bot.cases.records import open_records

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
    """The driver's own transactions begin too late: both would read the same number, and one update would be gone."""
    store = Store(tmp_path / "counter.sqlite3")
    metadata = MetaData()
    counter = Table("counter", metadata, Column("value", Integer))
    metadata.create_all(store.engine)

    def count() -> None:
        for _ in range(25):
            with store.writing() as connection:
                value = connection.scalar(select(counter.c.value)) or 0
                connection.execute(counter.update().values(value=value + 1))
                connection.commit()

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
