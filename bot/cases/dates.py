"""Days and moments as people write them, understood day first, and said again in words."""

import calendar
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from bot.wording import say

SCHOOL_ZONE: tzinfo = ZoneInfo("Europe/London")
"""Where the school's days begin and end."""

_ABOUT = re.compile(r"(?:about|around|roughly|ca?\.?|~)\s+(?=\S)", re.IGNORECASE)
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_NUMBERS = re.compile(r"(?P<day>\d{1,2})\s*[./-]\s*(?P<month>\d{1,2})\s*[./-]\s*(?P<year>\d{4})", re.ASCII)
_WORDS = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<month>[a-z]{3,9})\.?,?\s+(?P<year>\d{4})", re.IGNORECASE | re.ASCII
)
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::\d{2})?)?\s*(?P<half>[ap]\.?m\.?)?", re.IGNORECASE | re.ASCII
)
_TIME_AT_THE_END = re.compile(
    r"(?:(?<=\s)|^|(?<=T))(?:at\s+)?(?P<time>\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\.?)$",
    re.IGNORECASE | re.ASCII,
)
_MONTHS = [name.lower() for name in calendar.month_name]
_FIRST_YEAR = 1900
_NOON = 12


class NotUnderstood(ValueError):
    """It is no day or no time; the message says why, to the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, perhaps with its time (``at``); ``is_rough`` if the person said "about"."""

    day: date
    at: time | None = None
    is_rough: bool = False

    def __str__(self) -> str:
        """As it is stored: ``about 2026-11-20 15:10``."""
        parts = ["about"] if self.is_rough else []
        parts.append(self.day.isoformat())
        if self.at is not None:
            parts.append(f"{self.at:%H:%M}")
        return " ".join(parts)

    def in_words(self) -> str:
        """As it is read: about 20 November 2026, 15:10."""
        words = day_in_words(self.day)
        if self.at is not None:
            words = f"{words}, {self.at:%H:%M}"
        return say("form.about", moment=words) if self.is_rough else words


def read_day(text: str) -> date:
    """The day that was written: 2026-11-20, 20/11/2026, 20.11.2026 or 20 November 2026.

    Raises:
        NotUnderstood: it is none, or there is no such day.
    """
    text = text.strip()
    match = _ISO.fullmatch(text) or _NUMBERS.fullmatch(text) or _WORDS.fullmatch(text)
    if match is None:
        raise NotUnderstood(say("form.not_a_date"))
    year, month, day = int(match["year"]), _month(match["month"]), int(match["day"])
    if year < _FIRST_YEAR:
        raise NotUnderstood(say("form.check_the_year", year=match["year"]))
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise NotUnderstood(say("form.no_such_day", month=f"{calendar.month_name[month]} {year}", days=days))
    return date(year, month, day)


def read_moment(text: str) -> Moment:
    """The moment that was written: a day, then its time if there is one, after "about" if it is rough.

    Raises:
        NotUnderstood: it is none, or has a time and no day.
    """
    text = text.strip()
    about = _ABOUT.match(text)
    rest = text[about.end() :] if about else text
    found = _TIME_AT_THE_END.search(rest)
    at = _read_time(found["time"]) if found else None
    day = (rest[: found.start()] if found else rest).strip().removesuffix("T").rstrip(",")
    if found and not day:
        raise NotUnderstood(say("form.time_without_day"))
    return Moment(read_day(day), at, about is not None)


def day_in_words(day: date) -> str:
    """A day as it is read: 20 November 2026."""
    return f"{day.day} {day:%B %Y}"


def moment_in_words(at: datetime) -> str:
    """When something happened, as people of the school say it: 20 November 2026, 15:10.

    Args:
        at: with its zone.
    """
    local = at.astimezone(SCHOOL_ZONE)
    return f"{day_in_words(local)}, {local:%H:%M}"


def parts(text: str) -> tuple[str, str, bool]:
    """A moment for a form that has a field for each: day, time, and whether it is rough.

    A day or a time that cannot be understood stands there word for word.
    """
    about = _ABOUT.match(text.strip())
    rest = text.strip()[about.end() :] if about else text.strip()
    found = _TIME_AT_THE_END.search(rest)
    day = (rest[: found.start()] if found else rest).strip().removesuffix("T").rstrip(",")
    at = found["time"] if found else ""
    with suppress(NotUnderstood):
        day = read_day(day).isoformat()
    with suppress(NotUnderstood):
        at = f"{_read_time(at):%H:%M}" if at else ""
    return day, at, about is not None


def _month(text: str) -> int:
    if text.isdecimal():
        if not 1 <= int(text) < len(_MONTHS):
            raise NotUnderstood(say("form.no_such_month", month=int(text)))
        return int(text)
    found = [number for number, name in enumerate(_MONTHS) if number and name.startswith(text.lower())]
    if len(found) != 1:
        raise NotUnderstood(say("form.not_a_date"))
    return found[0]


def _read_time(text: str) -> time:
    match = _TIME.fullmatch(text)
    if match is None:
        raise NotUnderstood(say("form.not_a_time"))
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    half = (match["half"] or "").lower()
    if half:
        if not 1 <= hour <= _NOON:
            raise NotUnderstood(say("form.not_a_time"))
        hour = hour % _NOON + (_NOON if half.startswith("p") else 0)
    try:
        return time(hour, minute)
    except ValueError:
        raise NotUnderstood(say("form.not_a_time")) from None
