"""Years of old deliveries do not slow a new one: the index is used, and the times are measured.

TOUCHSTONE_OLD_DELIVERIES says how many there are (20,000 where nothing is said); with -s the times are printed.
"""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import Select, insert, select

from bot.cases import records
from bot.cases.delivery import deliveries as module
from bot.cases.delivery.deliveries import LEASE, Deliveries
from bot.cases.delivery.timers import due_timers, open_without_a_step
from bot.engines import Store
from tests.bot.test_deliveries import case, owed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD = int(os.environ.get("TOUCHSTONE_OLD_DELIVERIES", "20000"))  # noqa: TID251 (tests, not the product)
A_CASE = 10
"""Deliveries of one case, in those years."""
CHUNK = 10_000
THEN = NOON - timedelta(days=1800)


@pytest.fixture
def years(store: Store) -> Store:
    """Cases that are closed, their deliveries all sent and their timers all done."""
    for first in range(0, OLD, CHUNK):
        numbers = range(first, min(first + CHUNK, OLD))
        with store.writing() as connection:
            connection.execute(insert(records.cases), [_case(number) for number in numbers if number % A_CASE == 0])
            connection.execute(insert(records.deliveries), [_delivery(number) for number in numbers])
            connection.execute(insert(records.timers), [_timer(number) for number in numbers])
            connection.commit()
    if store.is_postgresql:  # as the server itself does before long
        with store.writing() as connection:
            connection.exec_driver_sql("analyze")
            connection.commit()
    return store


def _case(number: int) -> dict[str, object]:
    name = f"old {number}"
    return {"id": name, "reference": name, "form": "f", "urgent": False, "received_at": THEN, "state": "closed"}


def _delivery(number: int) -> dict[str, object]:
    owed_to = {"case_id": f"old {number - number % A_CASE}", "person": f"p {number % 50}", "role": "dsl"}
    return {"id": f"old {number}", "state": "sent", "due_at": THEN, "sent_at": THEN, "attempts": 1, **owed_to}


def _timer(number: int) -> dict[str, object]:
    times = {"set_at": THEN, "due_at": THEN, "done_at": THEN}
    return {"id": f"old {number}", "case_id": f"old {number - number % A_CASE}", "kind": "remind", **times}


def _plan(store: Store, query: "Select[*tuple[Any, ...]]") -> str:
    """How the database would go about a query."""
    with store.reading() as connection:
        wording = query.compile(
            dialect=connection.dialect, compile_kwargs={"literal_binds": True, "render_postcompile": True}
        )
        explain = "explain" if store.is_postgresql else "explain query plan"
        rows = connection.exec_driver_sql(f"{explain} {wording}").all()
    return "\n".join(str(row[-1]) for row in rows)


def _median(what: Callable[[int], object], times: int = 30) -> float:
    """Milliseconds."""
    took = []
    for number in range(times):
        began = perf_counter()
        what(number)
        took.append((perf_counter() - began) * 1000)
    return median(took)


def _measured(store: Store, prefix: str) -> dict[str, float]:
    one = case(store, prefix)
    deliveries = Deliveries(store)

    def deliver(_number: int) -> None:
        (claim,) = deliveries.claim_due(NOON)
        deliveries.mark_sent(claim, NOON)

    def look(_number: int) -> None:
        with store.reading() as connection:
            due_timers(connection, NOON)
            open_without_a_step(connection)

    return {
        "owe": _median(lambda number: owed(store, one, f"{prefix}{number}")),
        "claim and mark": _median(deliver),
        "nothing to claim": _median(lambda _number: deliveries.claim_due(NOON)),
        "timers and audit": _median(look),
    }


def test_what_is_due_is_found_by_the_index_and_not_among_the_old(years: Store) -> None:
    plan = _plan(years, module._due(records.deliveries, NOON, LEASE, 1))  # noqa: SLF001 (the query itself is what is asked about)
    assert "ix_deliveries_state_due_at" in plan
    assert "SCAN deliveries" not in plan
    assert "Seq Scan on deliveries" not in plan
    assert "SCAN cases" not in plan
    assert "Seq Scan on cases" not in plan


@pytest.mark.parametrize(
    ("query", "table"),
    [
        (select(records.timers.c.id).where(records.timers.c.done_at.is_(None)), "timers"),
        (select(records.deliveries.c.role).where(records.deliveries.c.case_id == "old 10"), "deliveries"),
        (select(records.deliveries.c.case_id).where(records.deliveries.c.person == "nobody"), "deliveries"),
        (select(records.cases.c.id).where(records.cases.c.state == "open"), "cases"),
        (select(records.cases.c.id).where(records.cases.c.sibling_of == "old 10"), "cases"),
    ],
    ids=["due timers", "deliveries of a case", "an inbox", "open cases", "a sibling"],
)  # fmt: skip
def test_no_query_of_every_day_reads_a_whole_table(years: Store, query: "Select[*tuple[Any, ...]]", table: str) -> None:
    plan = _plan(years, query)
    assert f"SCAN {table}" not in plan
    assert f"Seq Scan on {table}" not in plan


@pytest.mark.alone
def test_owing_claiming_and_marking_take_as_long_as_without_the_old_ones(
    store: Store, request: pytest.FixtureRequest
) -> None:
    """Two and a half times is a lot for noise, and nothing for a search through all rows."""
    before = _measured(store, "before")
    request.getfixturevalue("years")
    after = _measured(store, "after")
    for what, took in before.items():
        sys.stdout.write(f"\n{OLD:,} old, {what}: {took:.2f} ms before, {after[what]:.2f} ms after")
    for what, took in before.items():
        assert after[what] < 2.5 * took + 10, what
    assert timedelta(milliseconds=max(after.values())) < timedelta(seconds=1)
