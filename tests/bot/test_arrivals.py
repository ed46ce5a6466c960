"""A message of a chat platform is handled once: when it comes again, and when the process dies in between."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, select, update

from bot.cases import records
from bot.cases.arrivals import KEPT, LEASE, MOST_ATTEMPTS, Arrivals, Left
from bot.cases.records import open_records
from bot.engines import Store
from bot.testing import FixedClock

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CANARY = "zebra-lantern-4471"


@pytest.fixture
def store(engine_url: URL) -> Iterator[Store]:
    store = open_records(engine_url)
    yield store
    store.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def arrivals(store: Store, clock: FixedClock) -> Arrivals:
    return Arrivals(store, b"k" * 32, clock)


def test_a_message_is_taken_once_from_each_platform(arrivals: Arrivals) -> None:
    assert arrivals.take("slack", "Ev1", "one") is not None
    assert arrivals.take("slack", "Ev1", "one") is None
    assert arrivals.take("teams", "Ev1", "one") is not None


def test_what_was_handled_is_still_known_and_no_longer_kept(arrivals: Arrivals, clock: FixedClock) -> None:
    taken = arrivals.take("slack", "Ev1", CANARY)
    assert taken
    arrivals.handled(taken)
    clock.go_on(LEASE)
    assert arrivals.left() == ()
    assert arrivals.take("slack", "Ev1", CANARY) is None


def test_what_a_process_left_is_taken_up_by_the_next_and_by_one_alone(
    store: Store, arrivals: Arrivals, clock: FixedClock
) -> None:
    taken = arrivals.take("slack", "Ev1", CANARY)
    assert arrivals.left() == ()
    clock.go_on(LEASE)
    (left,) = Arrivals(store, b"k" * 32, clock).left()
    assert (left.id_hash, left.body) == (taken, CANARY)
    assert arrivals.left() == ()


def test_what_nobody_can_handle_is_given_up(arrivals: Arrivals, clock: FixedClock) -> None:
    arrivals.take("slack", "Ev1", CANARY)
    found: list[Left] = []
    for _ in range(MOST_ATTEMPTS + 2):
        clock.go_on(LEASE)
        found += arrivals.left()
    assert len(found) == MOST_ATTEMPTS - 1


def test_old_ones_are_deleted_when_the_next_comes(store: Store, arrivals: Arrivals, clock: FixedClock) -> None:
    arrivals.take("slack", "Ev1", CANARY)
    clock.go_on(KEPT)
    assert arrivals.left() == ()
    arrivals.take("slack", "Ev2", "")
    with store.reading() as connection:
        assert len(connection.execute(select(records.arrivals)).all()) == 1


def test_old_ones_are_deleted_though_nothing_new_comes(store: Store, arrivals: Arrivals, clock: FixedClock) -> None:
    """As over a holiday: whoever looks for what was left takes away what is old."""
    arrivals.take("slack", "Ev1", CANARY)
    arrivals.take("slack", "Ev2", "")
    clock.go_on(KEPT)
    assert arrivals.left() == ()
    with store.reading() as connection:
        assert connection.execute(select(records.arrivals)).all() == []


def test_the_records_hold_no_word_and_no_id_of_it(store: Store, arrivals: Arrivals) -> None:
    arrivals.take("slack", "Ev-plain", CANARY)
    with store.reading() as connection:
        (row,) = connection.execute(select(records.arrivals)).all()
    assert CANARY not in repr(tuple(row))
    assert "Ev-plain" not in repr(tuple(row))


def test_what_was_changed_in_the_records_is_not_handled(store: Store, arrivals: Arrivals, clock: FixedClock) -> None:
    taken = arrivals.take("slack", "Ev1", CANARY)
    arrivals.take("slack", "Ev2", "whole")
    clock.go_on(LEASE)
    with store.writing() as connection:
        known = records.arrivals.c.id_hash == taken
        connection.execute(update(records.arrivals).where(known).values(sealed=b"\x01" + bytes(40)))
        connection.commit()
    assert [one.body for one in arrivals.left()] == ["whole"]


def test_a_body_that_may_not_be_kept_is_not(arrivals: Arrivals, clock: FixedClock) -> None:
    assert arrivals.take("slack", "Ev1", "") is not None
    clock.go_on(LEASE)
    assert arrivals.left() == ()
