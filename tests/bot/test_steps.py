"""What a person does with a case decides what is to happen next, and whom it is told."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.cases import records
from bot.cases.delivery.deliveries import owe
from bot.cases.delivery.steps import AboutThem, Steps
from bot.cases.delivery.timers import REMIND, REVIEW, STEP, open_without_a_step, set_timer
from bot.cases.people.conflicts import person_hash
from bot.engines import Store
from bot.ports import Telling
from tests.bot.people import directory
from tests.bot.test_deliveries import case

KEY = bytes(32)
FRIDAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STAFF = directory(("dsl", "dsl"), ("deputy", "deputy_dsl"), ("head", "headteacher"), ("tess", "slt"))
steps = Steps(lambda: STAFF, KEY)


def _case(store: Store, *, track: str = "child", urgent: bool = False) -> str:
    """A case that the DSL and, as nobody acknowledged, the headteacher were told of; both notices are sent."""
    case_id = case(store, urgent=urgent)
    with store.writing() as connection:
        owe(connection, case_id, [("dsl", "dsl")], step=0, now=FRIDAY)
        owe(connection, case_id, [("head", "headteacher")], step=1, now=FRIDAY)
        connection.execute(update(records.deliveries).values(state="sent", sent_at=FRIDAY))
        connection.execute(update(records.cases).values(track=track, sender_hash=person_hash(KEY, "tess")))
        set_timer(connection, case_id, STEP, due_at=FRIDAY + 5 * MINUTE, now=FRIDAY)
        connection.commit()
    return case_id


def _timers(store: Store) -> list[tuple[str, datetime]]:
    with store.reading() as connection:
        timers = records.timers.c
        return [
            tuple(row) for row in connection.execute(select(timers.kind, timers.due_at).where(timers.done_at.is_(None)))
        ]


def _due(store: Store) -> list[tuple[str, str, int]]:
    with store.reading() as connection:
        owed = records.deliveries.c
        return [
            tuple(row)
            for row in connection.execute(select(owed.person, owed.notice, owed.round).where(owed.state == "due"))
        ]


def _told(store: Store) -> list[tuple[str, str]]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(select(records.notices.c.person, records.notices.c.notice))]


def test_who_acknowledges_is_asked_again_after_a_week_and_nobody_is_reminded(store: Store) -> None:
    case_id = _case(store)
    with store.writing() as connection:
        steps.acknowledged(connection, case_id, "dsl", "dsl", FRIDAY)
        connection.commit()
    assert _timers(store) == [(REVIEW, datetime(2026, 11, 27, 15, 30, tzinfo=UTC))]
    assert _due(store) == []


def test_those_before_in_the_route_learn_that_somebody_later_has_it_in_hand(store: Store) -> None:
    case_id = _case(store)
    with store.writing() as connection:
        steps.acknowledged(connection, case_id, "head", "headteacher", FRIDAY)
        connection.commit()
    assert _due(store) == [("dsl", Telling.IN_HAND, 1)]


def test_whoever_has_the_role_now_may_acknowledge_what_another_was_told(store: Store) -> None:
    case_id = _case(store)
    with store.writing() as connection:
        steps.acknowledged(connection, case_id, "deputy", "deputy_dsl", FRIDAY)
        connection.commit()
    with store.reading() as connection:
        owed = records.deliveries.c
        who = select(owed.person, owed.state).where(owed.acknowledged_at == FRIDAY)
        assert connection.execute(who).all() == [("deputy", "sent")]


@pytest.mark.parametrize(
    ("track", "danger", "expected"),
    [
        ("child", "urgent", FRIDAY + 5 * MINUTE),
        ("child", "", datetime(2026, 11, 20, 15, 30, tzinfo=UTC)),
        ("adult", "", datetime(2026, 11, 23, 15, 30, tzinfo=UTC)),
    ],
)
def test_what_is_passed_on_waits_as_a_new_report_does(
    store: Store,
    track: str,
    danger: str,
    expected: datetime,
) -> None:
    case_id = _case(store, track=track, urgent=bool(danger))
    with store.writing() as connection:
        steps.acknowledged(connection, case_id, "dsl", "dsl", FRIDAY)
        (delivery,) = steps.passed_on(connection, case_id, [("deputy", "deputy_dsl")], FRIDAY)
        connection.commit()
        assert (
            connection.scalar(select(records.deliveries.c.person).where(records.deliveries.c.id == delivery))
            == "deputy"
        )
        assert connection.scalars(select(records.deliveries.c.acknowledged_at)).all() == [None] * 3
    assert _timers(store) == [(REMIND, expected)]
    assert _due(store) == [("deputy", Telling.NEW, 0)]


def test_a_case_is_not_passed_on_to_whom_it_is_about(store: Store) -> None:
    case_id = _case(store)
    with store.writing() as connection:
        connection.execute(insert(records.struck).values(case_id=case_id, person_hash=person_hash(KEY, "deputy")))
        with pytest.raises(AboutThem):
            steps.passed_on(connection, case_id, [("dsl", "dsl"), ("deputy", "deputy_dsl")], FRIDAY)
        connection.commit()
    assert _due(store) == []
    assert [kind for kind, _ in _timers(store)] == [STEP]


def test_closing_ends_what_was_to_happen_and_tells_the_sender(store: Store) -> None:
    case_id = _case(store)
    with store.writing() as connection:
        owe(connection, case_id, [("deputy", "deputy_dsl")], step=1, now=FRIDAY)
        steps.closed(connection, case_id, FRIDAY)
        connection.execute(update(records.cases).values(state="closed"))
        connection.commit()
    assert (_timers(store), _due(store), _told(store)) == ([], [], [("tess", Telling.CLOSED)])


def test_what_is_opened_again_has_a_next_step(store: Store) -> None:
    case_id = _case(store)
    with store.writing() as connection:
        steps.closed(connection, case_id, FRIDAY)
        steps.reopened(connection, case_id, "head", "headteacher", FRIDAY + MINUTE)
        connection.commit()
        assert open_without_a_step(connection) == ()
    assert [kind for kind, _ in _timers(store)] == [REVIEW]


def test_a_sender_who_is_not_known_is_told_nothing(store: Store) -> None:
    case_id = case(store)
    with store.writing() as connection:
        assert not steps.tell_sender(connection, case_id, Telling.QUESTION, FRIDAY)
        connection.commit()
    assert _told(store) == []
