"""When a step of a route is due: after a while, or at a moment of the school day."""

from datetime import datetime, timedelta

from bot.cases.dates import SCHOOL_ZONE
from bot.cases.routes.calendar import PLAIN, Calendar
from bot.cases.routes.route import Moment

LEAST = timedelta(minutes=30)
"""A report that comes in late in the day, at a weekend or in the holidays waits for so long, not for the next day."""

MOST = timedelta(days=5)
"""Nothing waits longer for a school day, a bank holiday's weekend included: in the holidays somebody is told too."""


def due(after: timedelta | Moment, received: datetime, calendar: Calendar = PLAIN) -> datetime:
    """When a step is due that comes after a report.

    Args:
        after: how long after it, or at which moment.
        received: when the report came in, in UTC.
        calendar: when the school is there.

    Returns:
        In UTC, never before the report.
    """
    today = received.astimezone(SCHOOL_ZONE).date()
    match after:
        case timedelta():
            return received + after
        case Moment.BEFORE_END_OF_SCHOOL_DAY:
            end = calendar.end_of(today).astimezone(received.tzinfo)
            in_time = calendar.is_school_day(today) and received + LEAST < end
            return end if in_time else received + LEAST
        case Moment.END_OF_NEXT_SCHOOL_DAY:
            end = calendar.end_of(calendar.next_school_day(today)).astimezone(received.tzinfo)
            return min(end, received + MOST)
