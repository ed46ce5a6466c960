"""The school's calendar: on which days staff are in, from when until when, and when nobody is to be disturbed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from bot.cases.dates import SCHOOL_ZONE
from knowledge.datafile import BadDataFile, Location, line_of, read_data

_SATURDAY = 5
_LONGEST_SEARCH = 400
"""Days: a calendar that knows no school day for longer than a year is taken for one that has run out."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days from the first to the last, both included, with a name that only people read."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    first: date
    last: date
    name: str = ""

    def has(self, day: date) -> bool:
        """Whether a day is among them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class ShortDay:
    """A school day that ends earlier than others."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    day: date
    ends: time
    name: str = ""


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of each day in which nobody is reminded of what can wait; days without school are quiet throughout."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    begins: Annotated[time, Field(validation_alias="from")] = time(18)
    ends: Annotated[time, Field(validation_alias="until")] = time(7, 30)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the school is there. Without a file: from Monday to Friday, until half past three.

    Attributes:
        ends: when a school day ends, on the clock at school.
        terms: in which there are school days; a day that lies after all of them, or none at all, counts as in a term.
        holidays: within terms, when nobody is in: half terms, bank holidays.
        inset: days on which staff are in without pupils; they count as school days, also outside of terms.
        short: school days that end earlier.
        quiet: the quiet hours.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    ends: time = time(15, 30)
    terms: Annotated[tuple[Days, ...], Field(validation_alias="term")] = ()
    holidays: Annotated[tuple[Days, ...], Field(validation_alias="holiday")] = ()
    inset: tuple[date, ...] = ()
    short: tuple[ShortDay, ...] = ()
    quiet: Quiet = Quiet()

    def is_school_day(self, day: date) -> bool:
        """Whether staff are in on a day.

        After the last term of the file it is Monday to Friday again: a file that nobody renewed silences nothing.
        """
        if day in self.inset:
            return True
        in_term = any(term.has(day) for term in self.terms) or not self.terms or self.has_run_out(day)
        return in_term and day.weekday() < _SATURDAY and not any(one.has(day) for one in self.holidays)

    def has_run_out(self, day: date) -> bool:
        """Whether a day lies after all terms that the calendar knows."""
        return bool(self.terms) and day > max(term.last for term in self.terms)

    def end_of(self, day: date) -> datetime:
        """When a school day ends, in the time of the school."""
        ends = next((short.ends for short in self.short if short.day == day), self.ends)
        return datetime.combine(day, ends, SCHOOL_ZONE)

    def next_school_day(self, after: date) -> date:
        """The first school day after a day."""
        days = (after + timedelta(days=ahead) for ahead in range(1, _LONGEST_SEARCH))
        return next((day for day in days if self.is_school_day(day)), after + timedelta(days=1))

    def is_quiet(self, moment: datetime) -> bool:
        """Whether at a moment nobody is to be reminded of what can wait."""
        local = moment.astimezone(SCHOOL_ZONE)
        if not self.is_school_day(local.date()):
            return True
        begins, ends, now = self.quiet.begins, self.quiet.ends, local.time()
        return begins <= now < ends if begins < ends else now >= begins or now < ends

    def awake(self, moment: datetime) -> datetime:
        """That moment, or the first after it that is not quiet, in the same time zone as the moment."""
        if not self.is_quiet(moment):
            return moment
        today = moment.astimezone(SCHOOL_ZONE).date()
        for day in (today, self.next_school_day(today)):
            start = datetime.combine(day, self.quiet.ends, SCHOOL_ZONE).astimezone(moment.tzinfo)
            if start > moment and not self.is_quiet(start):
                return start
        return moment  # the quiet hours leave nothing of any day: a calendar that silences all is not heard


PLAIN = Calendar()
"""The calendar of a school that has given none."""


def load_calendar(path: Path) -> Calendar:
    """Reads a calendar and checks it.

    Raises:
        BadDataFile: it is not one, ends before it begins, or has a short or inset day twice or on no school day.
    """
    calendar = read_data(path, Calendar)
    for at, what in _faults(calendar):
        raise BadDataFile(path, line_of(path, at), what)
    return calendar


def _faults(calendar: Calendar) -> Iterator[tuple[Location, str]]:
    for key, spans in (("term", calendar.terms), ("holiday", calendar.holidays)):
        for number, span in enumerate(spans):
            if span.last < span.first:
                yield (key, number, "last"), "ends before it begins"
    for number, (one, other) in enumerate(zip(calendar.terms, calendar.terms[1:], strict=False)):
        if other.first <= one.last:
            yield ("term", number + 1, "first"), "begins before the term before it has ended"
    days = [short.day for short in calendar.short]
    for number, day in enumerate(days):
        if day in days[:number]:
            yield ("short", number, "day"), "stands there twice"
        if not calendar.is_school_day(day):
            yield ("short", number, "day"), "is no school day"
    if calendar.quiet.begins == calendar.quiet.ends:
        yield ("quiet",), "begins when it ends; take [quiet] out for the usual hours"
