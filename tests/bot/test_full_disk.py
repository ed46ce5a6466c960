"""A disk that is full, as the kernel says it: a file may not grow any further. What was there stays readable.

A limit on the size of files stands in for the disk, for no test can fill one; the write fails in the same place.
"""

import resource
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, func, insert, select
from sqlalchemy.exc import DBAPIError

from bot.cases import records
from bot.cases.records import open_records
from bot.desk import Desk
from bot.engines import Store
from integrations.app import Reports
from integrations.settings import Settings
from tests.bot.reporting import ANSWERS, CANARY, count, inbox, notice, opened, received, send
from tests.postgresql import Server

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MEGABYTE = 1_000_000


@contextmanager
def _files_no_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def _full(store: Store, request: pytest.FixtureRequest) -> Iterator[None]:
    """Leaves a few megabytes, and no more, to whatever writes the file of a table."""
    if not store.is_postgresql:
        with _files_no_larger_than(4 * MEGABYTE):
            yield
        return
    server: Server = request.getfixturevalue("postgresql_server")
    with store.reading() as connection:  # the pool has one connection, which the writer gets as well
        (pid,) = connection.exec_driver_sql("select pg_backend_pid()").one()
    with server.files_no_larger_than(17 * MEGABYTE, pid):  # the log has files of 16.8 MB, and they must do
        yield


def _write(store: Store, name: str, megabytes: int) -> None:
    """One case with so much told in it, in one transaction."""
    with store.writing() as connection:
        case = {"id": name, "reference": name, "form": "f", "urgent": False, "received_at": NOON}
        connection.execute(insert(records.cases).values(**case))
        for position in range(megabytes):
            answer = {"case_id": name, "question": str(position), "position": position}
            connection.execute(insert(records.answers).values(sealed=secrets.token_bytes(MEGABYTE), **answer))
        connection.commit()


def _there(store: Store) -> dict[str, int]:
    """How many megabytes there are of each case."""
    cases, answers = records.cases.c, records.answers.c
    query = (
        select(cases.id, func.sum(func.length(answers.sealed)))
        .outerjoin(records.answers, answers.case_id == cases.id)
        .group_by(cases.id)
    )
    with store.reading_afresh() as connection:
        return {name: (size or 0) // MEGABYTE for name, size in connection.execute(query)}


def test_a_write_on_a_full_disk_fails_whole_and_all_goes_on_when_there_is_room(
    engine_url: URL, request: pytest.FixtureRequest
) -> None:
    with closing(open_records(engine_url)) as store:
        _write(store, "before", 2)
        with _full(store, request):
            with pytest.raises(DBAPIError) as caught:
                _write(store, "too much", 20)
            assert _there(store) == {"before": 2}
            with pytest.raises(DBAPIError):
                _write(store, "again", 20)
        assert _there(store) == {"before": 2}
        assert len(str(caught.value)) < 1000  # not the megabytes themselves
        _write(store, "after", 20)
    with closing(open_records(engine_url)) as store:
        assert _there(store) == {"before": 2, "after": 20}


def test_a_report_on_a_full_disk_is_given_back_with_its_text_and_no_receipt(
    desk: Desk, reports: Reports, settings: Settings
) -> None:
    first = received(desk)
    log = settings.records.with_name(f"{settings.records.name}-wal")  # what is written grows this file first
    with _files_no_larger_than(log.stat().st_size):
        later = [send(desk, draft=f"later {number}") for number in range(3)]
    assert ["NOT stored" in notice(reply) or "not certain" in notice(reply) for reply in later] == [True] * 3
    assert count(reports) == 1
    assert opened(desk, "demo-dsl", first.reference).answers[1].answer == CANARY
    again = received(desk, ANSWERS, draft="later 0")
    assert set(inbox(desk, "demo-dsl")) == {first.reference, again.reference}
