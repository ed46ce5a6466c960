"""A school that is walked through the policy, on a Monday morning within term."""

from datetime import UTC, datetime

import pytest

from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from integrations import app
from knowledge.library import Library
from tests.bot.induction.walking import School

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def school(reports: app.Reports, insights: Insights, clock: FixedClock, library: Library) -> School:
    return School(reports, insights, clock, library)
