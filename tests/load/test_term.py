"""A simulated term: nobody struck is ever told, and every concern about a child is seen in time or goes on.

TOUCHSTONE_TERM_CASES says how many reports there are (make term: 10,000, and draws docs/pictures/term.svg).
"""

import os
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from bot.cases.safekeeping.verification import verify
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock, Trail
from index.search import Searcher
from index.snapshot import SnapshotMissing
from integrations import app
from integrations.settings import Settings
from tests.load.plot import plot
from tests.load.term import CALENDAR, Term, school

CASES = int(os.environ.get("TOUCHSTONE_TERM_CASES", "60"))  # noqa: TID251 (tests, not the product)
EVERY = timedelta(hours=1 if CASES > 1000 else 12)
PLOT = os.environ.get("TOUCHSTONE_TERM_PLOT", "")  # noqa: TID251 (as above)


def _no_policies() -> Searcher:
    raise SnapshotMissing


@pytest.mark.parametrize("seed", [20260902])
def test_in_a_term_nobody_struck_is_told_and_each_concern_about_a_child_is_seen_in_time_or_goes_on(
    settings: Settings, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 (a simulation, the same each time)
    directory, away = school(chance)
    clock = FixedClock(datetime(2026, 9, 1, 6, tzinfo=UTC))
    with closing(app.open_reports(settings)) as opened, closing(Insights(settings.insights, clock)) as insights:
        reports = replace(opened, directory=directory, calendar=CALENDAR)
        desk = app.desk(_no_policies, reports, insights, clock, Trail())
        term = Term(reports, desk, clock, CASES, chance, away, EVERY)
        term.run()
        assert len(term.known) == CASES
        assert term.told_the_struck == []
        assert term.late() == []
        assert term.alarms == []
        assert [one.reference for one in term.known.values() if one.reference not in term.seen] == []
        assert verify(reports.store, reports.keys, reports.purge.log, contents=False).findings == ()
        _say(term)
    if PLOT:
        Path(PLOT).write_text(plot(term.hours), encoding="utf-8")


def _say(term: Term) -> None:
    waited = sorted(term.seen[one.reference] - one.received for one in term.known.values())
    child = [one for one in term.known.values() if one.is_about_a_child]
    urgent = sorted(term.seen[one.reference] - one.received for one in term.known.values() if one.urgent)
    went = sum(one.reference in term.gone_on for one in child)
    lines = [
        f"{len(term.known)} reports, {len(child)} about a child ({went} went on, the others were opened in time)",
        f"{sum(bool(one.struck) for one in term.known.values())} struck somebody; told: {len(term.told_the_struck)}",
        f"opened: {_spread(waited)}",
        f"in danger, opened: {_spread(urgent)}" if urgent else "nobody in danger",
        f"{term.sent} notices, {term.refused} refused while mail was down; alarms of the audit: {len(term.alarms)}",
        f"oldest unseen about a child, at any hour: {_hours(max(hour.child for hour in term.hours))}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def _spread(waited: list[timedelta]) -> str:
    half, most = waited[len(waited) // 2], waited[len(waited) * 99 // 100]
    return f"half within {_hours(half)}, 99 of 100 within {_hours(most)}, the last after {_hours(waited[-1])}"


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.1f} h"
