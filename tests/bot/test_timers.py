"""What is to happen to a case happens, once, and each open case has something that is to happen."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL, insert, select, update

from bot.cases import records
from bot.cases.delivery.timers import done, done_with, due_timers, open_without_a_step, put_right, set_timer
from bot.engines import Store
from tests.bot.test_deliveries import case

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def _set(store: Store, case_id: str, due_at: datetime, now: datetime = NOON, kind: str = "remind") -> str:
    with store.writing() as connection:
        timer = set_timer(connection, case_id, kind, due_at=due_at, now=now)
        connection.commit()
    return timer


def _due(store: Store, now: datetime, limit: int = 100) -> list[str]:
    with store.reading() as connection:
        return [timer.id for timer in due_timers(connection, now, limit)]


def test_a_timer_is_due_from_its_time_on_until_it_is_done(store: Store) -> None:
    timer = _set(store, case(store), NOON + MINUTE)
    assert _due(store, NOON) == []
    assert _due(store, NOON + MINUTE) == [timer]
    assert _due(store, NOON + 1000 * DAY) == [timer]
    with store.writing() as connection:
        assert done(connection, timer, NOON + MINUTE)
        connection.commit()
    assert _due(store, NOON + 1000 * DAY) == []


def test_those_that_wait_longest_come_first_and_no_more_than_the_limit(store: Store) -> None:
    one = case(store)
    timers = [_set(store, one, NOON + minutes * MINUTE) for minutes in (3, 1, 2)]
    assert _due(store, NOON + DAY, limit=2) == [timers[1], timers[2]]


def test_a_timer_fires_for_one_of_those_who_saw_it(store: Store, engine_url: URL) -> None:
    timer = _set(store, case(store), NOON)
    with closing(Store(engine_url)) as other:
        assert _due(store, NOON) == _due(other, NOON) == [timer]
        fired = []
        for each in (store, other):
            with each.writing() as connection:
                fired.append(done(connection, timer, NOON))
                connection.commit()
    assert fired == [True, False]


def test_a_timer_that_was_not_committed_fires_again(store: Store) -> None:
    timer = _set(store, case(store), NOON)
    with store.writing() as connection:
        assert done(connection, timer, NOON)
    assert _due(store, NOON) == [timer]


def test_the_timers_of_a_case_are_done_together(store: Store) -> None:
    one, other = case(store, "1"), case(store, "2")
    _set(store, one, NOON)
    _set(store, one, NOON + DAY)
    kept = _set(store, other, NOON)
    with store.writing() as connection:
        assert done_with(connection, one, NOON) == 2
        connection.commit()
    assert _due(store, NOON + DAY) == [kept]


@pytest.mark.parametrize(
    ("happens", "found"),
    [
        (lambda _connection, _case: None, True),
        (lambda connection, one: set_timer(connection, one, "remind", due_at=NOON + DAY, now=NOON), False),
        (lambda connection, one: set_timer(connection, one, "remind", due_at=NOON - DAY, now=NOON), False),
        (lambda connection, _case: connection.execute(update(records.cases).values(state="closed")), False),
    ],
    ids=["no timer", "a timer", "a timer that is due", "closed"],
)
def test_an_open_case_for_which_nothing_is_to_happen_is_found(
    store: Store, happens: Callable[..., object], *, found: bool
) -> None:
    one = case(store)
    with store.writing() as connection:
        happens(connection, one)
        connection.commit()
    with store.reading() as connection:
        assert open_without_a_step(connection) == ((one,) if found else ())


def test_an_open_case_whose_only_timer_is_done_is_found(store: Store) -> None:
    one, timer = case(store), ""
    timer = _set(store, one, NOON)
    with store.writing() as connection:
        done(connection, timer, NOON)
        connection.commit()
        assert open_without_a_step(connection) == (one,)


def test_a_timer_set_by_a_clock_that_was_ahead_keeps_its_length_from_when_the_clock_is_right(store: Store) -> None:
    one = case(store)
    ahead = _set(store, one, NOON + 30 * DAY + 5 * MINUTE, now=NOON + 30 * DAY)
    far = _set(store, one, NOON + 30 * DAY, now=NOON)  # this one is meant so
    with store.writing() as connection:
        assert put_right(connection, NOON) == 1
        connection.commit()
        assert put_right(connection, NOON) == 0
    assert _due(store, NOON + 5 * MINUTE - timedelta(seconds=1)) == []
    assert _due(store, NOON + 5 * MINUTE) == [ahead]
    assert _due(store, NOON + 30 * DAY) == [ahead, far]


def test_a_clock_that_jumps_ahead_fires_a_timer_once_and_not_as_often_as_it_could_have(store: Store) -> None:
    one = case(store)
    now, fired = NOON, 0
    _set(store, one, now + MINUTE)
    for jump in (365 * DAY, MINUTE, -365 * DAY, MINUTE, timedelta(0)):
        now += jump
        with store.writing() as connection:
            put_right(connection, now)
            for timer in due_timers(connection, now):
                assert done(connection, timer.id, now)
                set_timer(connection, one, "remind", due_at=now + MINUTE, now=now)
                fired += 1
            connection.commit()
    assert fired == 3  # after each of the three that went ahead
    with store.reading() as connection:
        assert len(connection.execute(select(records.timers).where(records.timers.c.done_at.is_(None))).all()) == 1
        assert open_without_a_step(connection) == ()


def test_a_timer_of_no_case_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), store.writing() as connection:
        connection.execute(insert(records.timers).values(id="t", case_id="x", kind="k", set_at=NOON, due_at=NOON))
