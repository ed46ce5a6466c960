"""When a step of a route is due: after a while, or at a moment of the school day.

Plain until there is a calendar of terms and holidays: Monday to Friday are school days and end at half past three.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.cases.routes.route import Moment

END_OF_SCHOOL_DAY = time(15, 30)
"""On the clock at school."""

LEAST = timedelta(minutes=30)
"""A report that comes in late in the day, or at a weekend, waits for so long and not for the next school day."""

_HERE = ZoneInfo("Europe/London")
_SATURDAY = 5


def due(after: timedelta | Moment, received: datetime) -> datetime:
    """When a step is due that comes after a report.

    Args:
        after: how long after it, or at which moment.
        received: when the report came in, in UTC.

    Returns:
        In UTC, never before the report.
    """
    match after:
        case timedelta():
            return received + after
        case Moment.BEFORE_END_OF_SCHOOL_DAY:
            end = _end_of_day(received)
            in_time = _is_school_day(received) and received + LEAST < end
            return end if in_time else received + LEAST
        case Moment.END_OF_NEXT_SCHOOL_DAY:
            return _end_of_day(_next_school_day(received))


def _is_school_day(moment: datetime) -> bool:
    return moment.astimezone(_HERE).weekday() < _SATURDAY


def _next_school_day(moment: datetime) -> datetime:
    day = moment + timedelta(days=1)
    while not _is_school_day(day):
        day += timedelta(days=1)
    return day


def _end_of_day(moment: datetime) -> datetime:
    local = moment.astimezone(_HERE)
    return datetime.combine(local.date(), END_OF_SCHOOL_DAY, _HERE).astimezone(moment.tzinfo)
