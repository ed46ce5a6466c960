"""The tables: a fresh start, a migration from each earlier version with cases in it, and versions that are too new."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from bot.cases import records
from bot.cases.records import MIGRATIONS, RecordsUnusable, open_records
from bot.engines import Store
from tests.bot.elsewhere import elsewhere

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CASE = {"id": "1", "reference": "C-2345-6789", "form": "report_concern", "urgent": False, "received_at": NOON}


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _versions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def _insert(store: Store, **changes: object) -> None:
    with store.writing() as connection:
        connection.execute(insert(records.cases).values(**{**CASE, **changes}))
        connection.commit()


def _schema(connection: Connection) -> str:
    """All that the database says of its tables, as text to compare; the order of columns means nothing."""
    look = inspect(connection)
    tables = {}
    for table in sorted(set(look.get_table_names()) - {"alembic_version"}):
        columns = [{**c, "type": str(c["type"]), "autoincrement": None} for c in look.get_columns(table)]
        tables[table] = [
            sorted(columns, key=lambda column: str(column["name"])),
            look.get_pk_constraint(table)["constrained_columns"],
            sorted(look.get_foreign_keys(table), key=str),
            sorted(look.get_unique_constraints(table), key=str),
            sorted(look.get_indexes(table), key=str),
        ]
    return json.dumps(tables, indent=1, default=str, sort_keys=True)


OLD = {
    "0001": (
        "insert into cases values ('a', 'C-2222-2222', 'report_concern', true, :then)",
        "insert into cases values ('b', 'C-3333-3333', 'report_concern', false, :then)",
        "insert into submissions (fingerprint, case_id) values ('f', 'a')",
        "insert into answers (case_id, question, position, sealed) values ('a', 'what', 0, :sealed)",
        "insert into chronology (case_id, number, at, event) values ('a', 1, :then, 'received')",
        "insert into deliveries (id, case_id, person, role, due_at) values ('d', 'a', 'demo-dsl', 'dsl', :then)",
        "insert into deliveries select 'e', 'b', person, role, due_at, due_at from deliveries",
    ),
    "0002": (
        (
            "insert into cases (id, reference, form, urgent, received_at) values"
            " ('a', 'C-2222-2222', 'report_concern', true, :then), ('b', 'C-3333-3333', 'report_concern', false, :then)"
        ),
        "insert into submissions (fingerprint, case_id) values ('f', 'a')",
        "insert into answers (case_id, question, position, sealed) values ('a', 'what', 0, :sealed)",
        "insert into chronology (case_id, number, at, event, mac) values ('a', 1, :then, 'received', :empty)",
        (
            "insert into deliveries (id, case_id, person, role, due_at, step, state, attempts) values"
            " ('d', 'a', 'demo-dsl', 'dsl', :then, 0, 'due', 0)"
        ),
        (
            "insert into deliveries (id, case_id, person, role, due_at, step, state, attempts, sent_at, opened_at)"
            " select 'e', 'b', person, role, due_at, step, 'sent', attempts, due_at, due_at from deliveries"
        ),
        "insert into timers (id, case_id, kind, set_at, due_at) values ('t', 'a', 'remind', :then, :then)",
    ),
    "0003": (
        (
            "insert into cases (id, reference, form, urgent, received_at, track) values"
            " ('a', 'C-2222-2222', 'report_concern', true, :then, 'child'),"
            " ('b', 'C-3333-3333', 'report_concern', false, :then, 'child')"
        ),
        "insert into submissions (fingerprint, case_id) values ('f', 'a')",
        "insert into answers (case_id, question, position, sealed) values ('a', 'what', 0, :sealed)",
        "insert into chronology (case_id, number, at, event, mac) values ('a', 1, :then, 'received', :empty)",
        (
            "insert into deliveries (id, case_id, person, role, due_at, step, state, attempts) values"
            " ('d', 'a', 'demo-dsl', 'dsl', :then, 0, 'due', 0)"
        ),
        (
            "insert into deliveries (id, case_id, person, role, due_at, step, state, attempts, sent_at, opened_at)"
            " select 'e', 'b', person, role, due_at, step, 'sent', attempts, due_at, due_at from deliveries"
        ),
    ),
    "0004": (),
    "0005": (),
    "0006": (),
    "0007": (),
}
"""Rows as each version wrote them, in the words of that time."""

OLD["0004"] = OLD["0005"] = OLD["0006"] = OLD["0003"]


@pytest.fixture(params=_versions()[:-1])
def migrated(request: pytest.FixtureRequest, engine_url: URL) -> Iterator[Store]:
    """Records that an earlier version made and wrote to, opened by this one."""
    with closing(Store(engine_url)) as old, old.writing() as connection:
        command.upgrade(_config(connection), request.param)
        then = NOON if connection.dialect.name == "postgresql" else "2026-11-22T12:00:00.000000+00:00"
        for statement in OLD[request.param]:
            given = {"then": then, "sealed": b"\x00sealed", "empty": b""}
            connection.execute(text(statement), {key: given[key] for key in given if f":{key}" in statement})
        connection.commit()
    store = open_records(engine_url)
    yield store
    store.close()


def test_each_version_has_rows_to_migrate() -> None:
    assert list(OLD) == _versions()


def test_migrating_gives_exactly_the_tables_that_the_code_knows(store: Store) -> None:
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, records.metadata) == []


def test_migrating_from_an_earlier_version_equals_a_fresh_start(migrated: Store) -> None:
    with migrated.reading() as connection:
        after = _schema(connection)
    with migrated.writing() as connection:
        records.metadata.drop_all(connection)
        records.metadata.create_all(connection)
        assert _schema(connection) == after


def test_the_cases_of_an_earlier_version_are_all_there_and_what_nobody_opened_is_due(migrated: Store) -> None:
    with migrated.reading() as connection:
        cases = connection.execute(select(records.cases).order_by("reference")).all()
        assert [(row.reference, row.urgent, row.received_at, row.school, row.state) for row in cases] == [
            ("C-2222-2222", True, NOON, "", "open"), ("C-3333-3333", False, NOON, "", "open"),
        ]  # fmt: skip
        assert connection.execute(select(records.submissions)).all() == [("f", "a")]
        assert connection.scalars(select(records.answers.c.sealed)).all() == [b"\x00sealed"]
        (happened,) = connection.execute(select(records.chronology)).all()
        assert (happened.event, happened.at, happened.detail, happened.mac) == ("received", NOON, None, b"")
        owed = connection.execute(select(records.deliveries).order_by("id")).all()
        assert {(row.notice, row.round, row.taken) for row in owed} == {("new", 0, "")}
        assert [(row.id, row.state, row.sent_at, row.opened_at, row.attempts) for row in owed] == [
            ("d", "due", None, None, 0), ("e", "sent", NOON, NOON, 0),
        ]  # fmt: skip


def test_a_migrated_database_still_holds_rows_to_their_case(migrated: Store) -> None:
    for table in ("submissions", "answers", "chronology", "deliveries"):
        with pytest.raises(IntegrityError), migrated.writing() as connection:
            connection.execute(update(records.metadata.tables[table]).values(case_id="no such case"))


def test_opening_again_changes_nothing(engine_url: URL, store: Store) -> None:
    _insert(store)
    store.close()
    again = open_records(engine_url)
    with again.reading() as connection:
        assert connection.scalar(select(records.cases.c.reference)) == CASE["reference"]
    again.close()


def test_first_starts_at_once_do_not_break_each_other(engine_url: URL) -> None:
    starts = [elsewhere(engine_url) for _ in range(3)]
    assert [start.wait(timeout=60) for start in starts] == [0] * 3
    with closing(open_records(engine_url)) as store, store.reading() as connection:
        assert connection.exec_driver_sql("select count(*) from alembic_version").scalar() == 1


def test_a_row_that_belongs_to_no_case_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(insert(records.submissions).values(fingerprint="f", case_id="no such case"))


def test_a_reference_is_given_once(store: Store) -> None:
    _insert(store)
    with pytest.raises(IntegrityError):
        _insert(store, id="2")


def test_records_of_a_newer_version_are_refused_in_words(engine_url: URL) -> None:
    store = open_records(engine_url)
    with store.writing() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
        connection.commit()
    store.close()
    with pytest.raises(RecordsUnusable, match="a newer version of Touchstone made it; install that one"):
        open_records(engine_url)


@pytest.mark.parametrize("content", [b"garbage " * 1000, b"SQLite format 3\0" + bytes(500)])
def test_a_file_that_is_no_database_is_said_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "records.sqlite3"
    path.write_bytes(content)
    with pytest.raises(RecordsUnusable, match="put it back from a backup"):
        open_records(path)


@pytest.mark.parametrize("name", ["a b", "q?x=y", "50%", "#1", "\u00fcml\u00e4ut"])
def test_a_folder_of_any_name_holds_its_own_records(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "records.sqlite3"
    open_records(path).close()
    assert path.stat().st_size > 0
    assert [made.name for made in tmp_path.iterdir()] == [name]


def test_the_file_stays_one_that_any_sqlite_reads(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    store = open_records(path)
    _insert(store)
    store.close()
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("select received_at from cases").fetchall() == [("2026-11-22T12:00:00.000000+00:00",)]
        assert plain.execute("pragma integrity_check").fetchall() == [("ok",)]
