"""The school's calendar: terms, holidays, inset days, short days and quiet hours, read strictly."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.routes.calendar import PLAIN, Calendar, Days, Quiet, ShortDay, load_calendar
from bot.cases.routes.moments import LEAST, MOST, due
from bot.cases.routes.route import Moment
from knowledge.datafile import BadDataFile

CALENDAR = Calendar(
    terms=(Days(date(2026, 9, 2), date(2026, 12, 18)), Days(date(2027, 1, 4), date(2027, 3, 25))),
    holidays=(Days(date(2026, 10, 26), date(2026, 10, 30)),),
    inset=(date(2026, 9, 1),),
    short=(ShortDay(date(2026, 12, 18), time(13, 30)),),
)
FILE = """
ends = 15:15:00
inset = [2026-09-01]

[[term]]
name = "Autumn"
first = 2026-09-02
last = 2026-12-18

[[holiday]]
name = "Half term"
first = 2026-10-26
last = 2026-10-30

[[short]]
day = 2026-12-18
ends = 13:30:00

[quiet]
from = 19:00:00
until = 07:00:00
"""
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 (UTC is put in)


def _at(month: int, day: int, hour: int = 9, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def test_what_a_file_says_holds(tmp_path: Path) -> None:
    path = tmp_path / "calendar.toml"
    path.write_text(FILE, encoding="utf-8")
    calendar = load_calendar(path)
    assert calendar.quiet == Quiet(time(19), time(7))
    assert due(Moment.BEFORE_END_OF_SCHOOL_DAY, _at(11, 20), calendar) == _at(11, 20, 15, 15)


@pytest.mark.parametrize(
    ("written", "wrong", "what"),
    [
        ("last = 2026-12-18", "last = 2026-08-18", "ends before it begins"),
        ("day = 2026-12-18", "day = 2026-10-27", "is no school day"),
        ("[quiet]", "[silence]", "silence"),
        ("ends = 15:15:00", 'ends = "whenever"', "ends"),
        ("from = 19:00:00", "from = 07:00:00", "begins when it ends"),
        ("inset = [2026-09-01]", "inset = [2026-09-31]", "is not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_line(tmp_path: Path, written: str, wrong: str, what: str) -> None:
    path = tmp_path / "calendar.toml"
    path.write_text(FILE.replace(written, wrong), encoding="utf-8")
    with pytest.raises(BadDataFile, match=what) as problem:
        load_calendar(path)
    assert problem.value.line > 0


@pytest.mark.parametrize(
    ("day", "is_one"),
    [
        (date(2026, 9, 1), True),  # inset, the day before term
        (date(2026, 9, 2), True),
        (date(2026, 9, 5), False),  # a Saturday
        (date(2026, 10, 27), False),  # half term
        (date(2026, 12, 21), False),  # between two terms
        (date(2027, 3, 26), True),  # after the last term of the file: a weekday counts again
    ],
)
def test_which_days_are_school_days(day: date, is_one: bool) -> None:  # noqa: FBT001 (the expected)
    assert CALENDAR.is_school_day(day) is is_one


def test_on_a_short_day_the_deadline_is_early() -> None:
    assert due(Moment.BEFORE_END_OF_SCHOOL_DAY, _at(12, 18), CALENDAR) == _at(12, 18, 13, 30)


def test_in_the_holidays_a_concern_about_a_child_waits_half_an_hour_not_for_term() -> None:
    assert due(Moment.BEFORE_END_OF_SCHOOL_DAY, _at(10, 27), CALENDAR) == _at(10, 27) + LEAST


def test_the_next_school_day_is_after_the_holidays_but_nothing_waits_so_long() -> None:
    assert due(Moment.END_OF_NEXT_SCHOOL_DAY, _at(10, 22), CALENDAR) == _at(10, 23, 14, 30)
    assert due(Moment.END_OF_NEXT_SCHOOL_DAY, _at(10, 23), CALENDAR) == _at(10, 23) + MOST


@pytest.mark.parametrize("calendar", [PLAIN, CALENDAR])
@given(received=moments)
def test_a_deadline_is_never_before_the_report_nor_far_after_it(calendar: Calendar, received: datetime) -> None:
    assert received < due(Moment.BEFORE_END_OF_SCHOOL_DAY, received, calendar)
    same_day = due(Moment.BEFORE_END_OF_SCHOOL_DAY, received, calendar) - received
    assert same_day.days == 0
    assert received < due(Moment.END_OF_NEXT_SCHOOL_DAY, received, calendar) <= received + MOST


@pytest.mark.parametrize(
    ("moment", "awake"),
    [
        (_at(11, 20, 12), _at(11, 20, 12)),
        (_at(11, 19, 20), _at(11, 20, 7, 30)),
        (_at(11, 20, 4), _at(11, 20, 7, 30)),
        (_at(11, 20, 19), _at(11, 23, 7, 30)),  # Friday evening: Monday
        (_at(10, 23, 19), _at(11, 2, 7, 30)),  # into half term, and over the change of the clocks
    ],
)
def test_quiet_hours_end_in_the_morning_of_a_school_day(moment: datetime, awake: datetime) -> None:
    assert CALENDAR.awake(moment) == awake


@given(moment=moments)
def test_whoever_is_woken_is_not_woken_in_quiet_hours_and_never_earlier(moment: datetime) -> None:
    assert CALENDAR.awake(moment) >= moment
    assert not CALENDAR.is_quiet(CALENDAR.awake(moment))
