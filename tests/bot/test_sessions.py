"""Sessions in the records: known to every process, ended by time and by hand, telling a thief nothing."""

from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.cases import records
from bot.cases.people.sessions import ABSOLUTE_END, IDLE_END, NOTED_EVERY, Proof, Sessions
from bot.engines import Store
from bot.testing import FixedClock
from tests.bot.reporting import held_by_another
from tests.conftest import NOW

KEY = b"s" * 32
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sessions(store: Store, clock: FixedClock) -> Sessions:
    return Sessions(store, KEY, clock)


def _begun(sessions: Sessions, person: str = "ann", instead_of: str = "") -> str:
    return sessions.begin(Proof(person, "link", NOW), instead_of)


def test_another_process_knows_who_is_signed_in(store: Store, clock: FixedClock, sessions: Sessions) -> None:
    session_id = _begun(sessions)
    with closing(Store(store.engine.url)) as other:
        found = Sessions(other, KEY, clock).find(session_id)
    assert found is not None
    assert found.proof == Proof("ann", "link", NOW)


def test_an_id_that_nobody_was_given_is_nobodys(sessions: Sessions) -> None:
    _begun(sessions)
    for unknown in ("", "x" * 43, "é", "' or 1=1 --", "\x00", "x" * 100_000):
        assert sessions.find(unknown) is None


def test_ids_are_long_and_random_and_not_in_the_records(store: Store, sessions: Sessions) -> None:
    ids = {_begun(sessions) for _ in range(30)}
    assert len(ids) == 30
    assert {len(one) for one in ids} == {43}
    with store.reading() as connection:
        rows = repr(connection.execute(select(records.sessions)).all())
    assert not any(one in rows for one in ids)


def test_the_records_alone_do_not_say_who_was_signed_in(store: Store, sessions: Sessions) -> None:
    _begun(sessions, "ann.archer")
    with store.reading() as connection:
        assert "archer" not in repr(connection.execute(select(records.sessions)).all())


def test_a_row_that_was_given_to_somebody_else_opens_for_nobody(store: Store, sessions: Sessions) -> None:
    """Whoever may write in the records makes nobody the DSL: the seal is bound to the session."""
    mine, hers = _begun(sessions, "me"), _begun(sessions, "dsl")
    table = records.sessions
    found = sessions.find(hers)
    me = sessions.find(mine)
    assert found is not None
    assert me is not None
    with store.writing() as connection:
        sealed = connection.scalar(select(table.c.person_sealed).where(table.c.id_hash == found.id_hash))
        connection.execute(table.update().where(table.c.id_hash == me.id_hash).values(person_sealed=sealed))
        connection.commit()
    assert sessions.find(mine) is None


def test_under_another_key_nobody_is_signed_in(store: Store, clock: FixedClock, sessions: Sessions) -> None:
    assert Sessions(store, b"t" * 32, clock).find(_begun(sessions)) is None


def test_it_ends_half_an_hour_after_it_was_last_used(sessions: Sessions, clock: FixedClock) -> None:
    one = _begun(sessions)
    for _ in range(4):
        clock.go_on(IDLE_END - MINUTE)
        assert sessions.find(one) is not None
    clock.go_on(IDLE_END)
    assert sessions.find(one) is None


def test_it_ends_after_a_working_day_however_much_it_is_used(sessions: Sessions, clock: FixedClock) -> None:
    one = _begun(sessions)
    for _ in range(ABSOLUTE_END // (20 * MINUTE) - 1):
        clock.go_on(20 * MINUTE)
        assert sessions.find(one) is not None
    clock.go_on(20 * MINUTE)
    assert sessions.find(one) is None


def test_a_clock_that_was_set_back_ends_it(sessions: Sessions, clock: FixedClock) -> None:
    one = _begun(sessions)
    clock.go_on(-MINUTE)
    assert sessions.find(one) is None


def test_what_is_over_is_deleted_with_the_next_sign_in(store: Store, sessions: Sessions, clock: FixedClock) -> None:
    _begun(sessions)
    clock.go_on(ABSOLUTE_END)
    _begun(sessions, "ben")
    with store.reading() as connection:
        assert len(connection.execute(select(records.sessions)).all()) == 1


def test_a_new_sign_in_ends_what_the_browser_had_whoevers_it_was(sessions: Sessions) -> None:
    before = _begun(sessions, "ben")
    _begun(sessions, "ann", before)
    assert sessions.find(before) is None
    assert sessions.of("ben") == ()


def test_signing_out_ends_one_and_everywhere_ends_all_of_one_person(sessions: Sessions) -> None:
    first, second, theirs = _begun(sessions), _begun(sessions), _begun(sessions, "ben")
    sessions.end(first)
    assert sessions.find(first) is None
    assert len(sessions.of("ann")) == 1
    assert sessions.end_all("ann") == 1
    assert sessions.find(second) is None
    assert sessions.find(theirs) is not None


def test_the_list_of_ones_sessions_has_those_that_last_the_newest_first(sessions: Sessions, clock: FixedClock) -> None:
    _begun(sessions)
    clock.go_on(20 * MINUTE)
    second = _begun(sessions)
    clock.go_on(15 * MINUTE)
    (listed,) = sessions.of("ann")
    found = sessions.find(second)
    assert found is not None
    assert listed.id_hash == found.id_hash


def test_a_look_at_a_page_waits_for_no_writer(store: Store, sessions: Sessions, clock: FixedClock) -> None:
    one = _begun(sessions)
    clock.go_on(NOTED_EVERY * 2)
    with held_by_another(store):
        assert sessions.find(one) is not None
    with store.reading() as connection:
        assert connection.scalar(select(records.sessions.c.used_at)) == NOW


def test_while_the_records_do_not_answer_nobody_is_signed_in(store: Store, sessions: Sessions) -> None:
    one = _begun(sessions)
    with store.writing() as connection:
        connection.exec_driver_sql("drop table sessions")
        connection.commit()
    assert sessions.find(one) is None


def test_use_is_written_down_once_a_minute_at_most(store: Store, sessions: Sessions, clock: FixedClock) -> None:
    one = _begun(sessions)

    def used() -> object:
        with store.reading() as connection:
            return connection.scalar(select(records.sessions.c.used_at))

    clock.go_on(NOTED_EVERY / 2)
    sessions.find(one)
    assert used() == NOW
    clock.go_on(NOTED_EVERY)
    sessions.find(one)
    assert used() == NOW + NOTED_EVERY * 1.5
