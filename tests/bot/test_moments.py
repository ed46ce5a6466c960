"""When a step of a route is due."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cases.routes.moments import due
from bot.cases.routes.route import Moment

SUNDAY = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
FRIDAY_MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FRIDAY_LATE = datetime(2026, 11, 20, 15, 10, tzinfo=UTC)
SUMMER = datetime(2026, 7, 14, 9, 0, tzinfo=UTC)


def test_five_minutes_are_five_minutes() -> None:
    assert due(timedelta(minutes=5), SUNDAY) == SUNDAY + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (FRIDAY_MORNING, datetime(2026, 11, 20, 15, 30, tzinfo=UTC)),
        (SUMMER, datetime(2026, 7, 14, 14, 30, tzinfo=UTC)),  # half past three by the clock at school
        (FRIDAY_LATE, FRIDAY_LATE + timedelta(minutes=30)),  # it does not wait for Monday
        (SUNDAY, SUNDAY + timedelta(minutes=30)),
    ],
)
def test_before_the_end_of_the_school_day_never_waits_for_another_day(received: datetime, expected: datetime) -> None:
    assert due(Moment.BEFORE_END_OF_SCHOOL_DAY, received) == expected


@pytest.mark.parametrize("received", [FRIDAY_MORNING, FRIDAY_LATE, SUNDAY])
def test_the_end_of_the_next_school_day_is_on_monday(received: datetime) -> None:
    assert due(Moment.END_OF_NEXT_SCHOOL_DAY, received) == datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
