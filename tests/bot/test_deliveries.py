"""What is owed is sent, once, however many send at once, whatever fails, and whatever clocks do."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL, Row, insert, select, update

from bot.cases import records
from bot.cases.delivery.deliveries import (
    FIRST,
    LEASE,
    LONGEST,
    LONGEST_URGENT,
    Claimed,
    Deliverer,
    Deliveries,
    Run,
    back_off,
    owe,
)
from bot.cases.delivery.timers import SKEW
from bot.engines import Busy, Store
from bot.ports import SENDING, Notice
from bot.testing import FixedClock, Trail

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


class PlatformDown(Exception):
    pass


@dataclass
class Outbox:
    """A platform that takes notices, unless it is down."""

    taken: list[Notice] = field(default_factory=list)
    is_down: bool = False
    meanwhile: Callable[[], None] = lambda: None
    tried: int = 0

    def send(self, notice: Notice) -> None:
        self.tried += 1
        self.meanwhile()
        if self.is_down:
            raise PlatformDown
        self.taken.append(notice)


def case(store: Store, name: str = "1", *, urgent: bool = False) -> str:
    with store.writing() as connection:
        values = {"id": name, "reference": f"C-{name}", "form": "f", "urgent": urgent, "received_at": NOON}
        connection.execute(insert(records.cases).values(**values))
        connection.commit()
    return name


def owed(store: Store, case_id: str, person: str = "dsl", now: datetime = NOON) -> str:
    with store.writing() as connection:
        (delivery,) = owe(connection, case_id, [(person, "dsl")], step=0, now=now)
        connection.commit()
    return delivery


def row(store: Store, delivery: str) -> Row[*tuple[object, ...]]:
    with store.reading() as connection:
        return connection.execute(select(records.deliveries).where(records.deliveries.c.id == delivery)).one()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def deliveries(store: Store) -> Deliveries:
    return Deliveries(store)


@pytest.fixture
def deliverer(deliveries: Deliveries, outbox: Outbox, clock: FixedClock, trail: Trail) -> Deliverer:
    return Deliverer(deliveries, outbox, clock, trail, chance=lambda: 1.0)


# ------------------------------------------------------------------------------------------------ sending


def test_what_is_owed_is_sent_once_and_says_nothing_of_what_it_is(
    deliverer: Deliverer, outbox: Outbox, store: Store, trail: Trail
) -> None:
    delivery = owed(store, case(store, urgent=True))
    assert deliverer.run_once() == Run(sent=1, failed=0)
    assert outbox.taken == [Notice("C-1", urgent=True, person="dsl", role="dsl", key=delivery)]
    assert deliverer.run_once() == Run(sent=0, failed=0)
    assert trail.stages == [*SENDING]
    sent = row(store, delivery)
    assert (sent.state, sent.sent_at, sent.attempts, sent.claimed_until) == ("sent", NOON, 1, None)


def test_no_lock_is_held_while_a_notice_is_on_its_way(deliverer: Deliverer, outbox: Outbox, store: Store) -> None:
    owed(store, case(store))
    outbox.meanwhile = store.probe  # a writer of the same process
    assert deliverer.run_once() == Run(sent=1, failed=0)


def test_urgent_ones_go_first_then_those_that_waited_longest(
    deliverer: Deliverer, outbox: Outbox, store: Store, clock: FixedClock
) -> None:
    for number, (urgent, age) in enumerate([(False, 1), (True, 1), (False, 3), (True, 2)]):
        owed(store, case(store, str(number), urgent=urgent), now=NOON - age * SECOND)
    assert clock.now() == NOON
    deliverer.run_once()
    assert [notice.reference for notice in outbox.taken] == ["C-3", "C-1", "C-2", "C-0"]


def test_a_run_ends_at_its_limit_and_the_next_goes_on(deliverer: Deliverer, outbox: Outbox, store: Store) -> None:
    one = case(store)
    for number in range(5):
        owed(store, one, str(number))
    assert [deliverer.run_once(limit=2).sent for _ in range(4)] == [2, 2, 1, 0]
    assert len({notice.key for notice in outbox.taken}) == 5


# ---------------------------------------------------------------------------------------------- failing


def test_what_fails_is_tried_again_later_and_later_under_the_same_key_and_never_given_up(
    deliverer: Deliverer, outbox: Outbox, store: Store, clock: FixedClock
) -> None:
    delivery = owed(store, case(store))
    outbox.is_down = True
    waits = []
    for _ in range(30):
        assert deliverer.run_once() == Run(sent=0, failed=1)
        assert deliverer.run_once() == Run(sent=0, failed=0)
        waits.append(row(store, delivery).due_at - clock.now())
        clock.go_on(waits[-1])
    assert waits[:4] == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST
    outbox.is_down = False
    assert deliverer.run_once() == Run(sent=1, failed=0)
    assert outbox.taken[0].key == delivery
    assert row(store, delivery).attempts == 31


@given(attempts=st.integers(1, 10**9), chance=st.floats(0, 1), urgent=st.booleans())
def test_the_wait_is_never_too_long_and_never_none(attempts: int, chance: float, *, urgent: bool) -> None:
    wait = back_off(Claimed("d", "c", "C", urgent, "p", "r", 0, attempts), chance)
    assert FIRST / 2 <= wait <= (LONGEST_URGENT if urgent else LONGEST)


def test_one_that_always_fails_does_not_hold_up_the_others(deliverer: Deliverer, outbox: Outbox, store: Store) -> None:
    bad, good = owed(store, case(store, "bad"), now=NOON - DAY), owed(store, case(store, "good"))

    def fail_the_first() -> None:
        outbox.is_down = outbox.tried == 1

    outbox.meanwhile = fail_the_first
    assert deliverer.run_once() == Run(sent=1, failed=1)
    assert [row(store, delivery).state for delivery in (bad, good)] == ["due", "sent"]


def test_what_was_sent_and_could_not_be_marked_is_marked_when_it_can_be(
    deliverer: Deliverer, outbox: Outbox, store: Store, engine_url: URL
) -> None:
    """Another process holds the records while the notice goes out, and lets go of them after the first try to mark."""
    delivery = owed(store, case(store))
    store.patience = 0.5
    with closing(Store(engine_url)) as other:
        held = other.writing()
        let_go = threading.Timer(0.7, lambda: held.__exit__(None, None, None))

        def hold() -> None:
            held.__enter__()
            let_go.start()

        outbox.meanwhile = hold
        assert deliverer.run_once() == Run(sent=1, failed=0)
        let_go.join()
    assert row(store, delivery).state == "sent"


def test_that_nothing_can_be_claimed_is_said(deliverer: Deliverer, store: Store, engine_url: URL) -> None:
    owed(store, case(store))
    store.patience = 0.05
    with closing(Store(engine_url)) as other, other.writing(), pytest.raises(Busy):
        deliverer.run_once()


def test_nobody_is_held_up_by_those_who_find_nothing_to_do(deliverer: Deliverer, store: Store, engine_url: URL) -> None:
    store.patience = 0.05
    with closing(Store(engine_url)) as other, other.writing():
        assert deliverer.run_once() == Run(sent=0, failed=0)


# ----------------------------------------------------------------------------------------------- leases


def test_a_claim_is_left_alone_until_its_lease_ends_and_then_taken_over(deliveries: Deliveries, store: Store) -> None:
    owed(store, case(store))
    (first,) = deliveries.claim_due(NOON)
    assert deliveries.claim_due(NOON + LEASE - SECOND) == []
    (second,) = deliveries.claim_due(NOON + LEASE)
    assert (second.id, second.attempts) == (first.id, 2)


def test_whoever_lost_the_claim_cannot_undo_what_the_next_one_does(deliveries: Deliveries, store: Store) -> None:
    delivery = owed(store, case(store))
    (first,) = deliveries.claim_due(NOON)
    (second,) = deliveries.claim_due(NOON + LEASE)
    deliveries.mark_failed(first, NOON)
    assert row(store, delivery).state == "claimed"
    deliveries.mark_sent(second, NOON + LEASE)
    deliveries.mark_failed(second, NOON)
    deliveries.mark_failed(first, NOON)
    assert row(store, delivery).state == "sent"


def test_what_was_sent_after_the_lease_ended_is_sent_all_the_same(deliveries: Deliveries, store: Store) -> None:
    delivery = owed(store, case(store))
    (first,) = deliveries.claim_due(NOON)
    (second,) = deliveries.claim_due(NOON + LEASE)
    deliveries.mark_sent(first, NOON + LEASE)
    deliveries.mark_sent(second, NOON + LEASE + SECOND)
    assert row(store, delivery).sent_at == NOON + LEASE


def test_a_row_that_somebody_holds_by_hand_does_not_hold_up_the_others(
    deliveries: Deliveries, store: Store, engine_url: URL
) -> None:
    if not store.is_postgresql:
        assert store.claiming(select(records.deliveries.c.id)).whereclause is None  # writers are alone there anyway
        return
    held, free = owed(store, case(store, "a"), now=NOON - DAY), owed(store, case(store, "b"))
    with closing(Store(engine_url)) as by_hand, by_hand.engine.connect() as connection:
        connection.execute(update(records.deliveries).where(records.deliveries.c.id == held).values(step=9))
        assert [claim.id for claim in deliveries.claim_due(NOON, limit=10)] == [free]
        connection.rollback()
    assert [claim.id for claim in deliveries.claim_due(NOON, limit=10)] == [held]


def test_many_deliverers_at_once_send_each_notice_once(store: Store, engine_url: URL, clock: FixedClock) -> None:
    """Each has a store of its own, as in another process."""
    cases = [case(store, str(number)) for number in range(5)]
    keys = {owed(store, cases[number % 5], f"person {number}") for number in range(60)}
    outbox = Outbox()
    runs: list[Run] = []

    def work() -> None:
        with closing(Store(engine_url, patience=60)) as own:
            runs.append(Deliverer(Deliveries(own), outbox, clock, Trail()).run_once())

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Counter(notice.key for notice in outbox.taken) == Counter(keys)
    assert sum(run.sent for run in runs) == 60


# ----------------------------------------------------------------------------------------------- clocks


def test_what_a_clock_far_ahead_wrote_is_sent_when_the_clock_is_put_right(
    deliverer: Deliverer, outbox: Outbox, store: Store, clock: FixedClock
) -> None:
    """Owed, claimed by a process that died, and failed: all a day ahead."""
    one = case(store)
    ahead = NOON + DAY
    deliveries = deliverer.deliveries
    claimed = owed(store, one, "claimed", now=ahead)
    deliveries.claim_due(ahead)
    failed = owed(store, one, "failed", now=ahead)
    (claim,) = deliveries.claim_due(ahead)
    deliveries.mark_failed(claim, ahead + LONGEST)
    new = owed(store, one, "new", now=ahead)
    assert clock.now() == NOON
    assert deliverer.run_once() == Run(sent=3, failed=0)
    assert {notice.key for notice in outbox.taken} == {claimed, failed, new}
    assert deliverer.run_once() == Run(sent=0, failed=0)


def test_a_clock_that_is_put_back_a_little_delays_by_that_and_doubles_nothing(
    deliverer: Deliverer, outbox: Outbox, store: Store, clock: FixedClock
) -> None:
    one = case(store)
    owed(store, one, "claimed")
    deliverer.deliveries.claim_due(NOON)
    owed(store, one, "new")
    clock.go_on(-SKEW)
    assert deliverer.run_once().sent == 0
    clock.go_on(SKEW)
    assert deliverer.run_once().sent == 1
    assert [notice.person for notice in outbox.taken] == ["new"]


def test_a_clock_that_jumps_to_and_fro_loses_nothing_and_sends_nothing_twice(
    deliverer: Deliverer, outbox: Outbox, store: Store, clock: FixedClock
) -> None:
    one = case(store)
    keys = []
    for number, jump in enumerate([DAY, -2 * DAY, 400 * DAY, -400 * DAY, SECOND, -DAY, 2 * DAY]):
        keys.append(owed(store, one, str(number), now=clock.now()))
        outbox.is_down = number % 2 == 0
        deliverer.run_once()
        clock.go_on(jump)
    outbox.is_down = False
    tried = outbox.tried
    for _ in range(10):
        deliverer.run_once()
        clock.go_on(LONGEST)
    assert Counter(notice.key for notice in outbox.taken) == Counter(keys)
    assert outbox.tried - tried <= len(keys)  # and no storm


def test_a_clock_that_jumps_ahead_makes_no_storm_of_a_platform_that_is_down(
    deliverer: Deliverer, outbox: Outbox, store: Store, clock: FixedClock
) -> None:
    one = case(store)
    for number in range(20):
        owed(store, one, str(number))
    outbox.is_down = True
    deliverer.run_once()
    clock.go_on(365 * DAY)
    assert deliverer.run_once() == Run(sent=0, failed=20)  # each once, however long it seems to have been
    assert deliverer.run_once() == Run(sent=0, failed=0)
