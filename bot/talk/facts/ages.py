"""Which side of 18 somebody is on: by age, by year group, by the year in which they left a year group."""

from datetime import date

UNDER = "under 18"
OVER = "18 or over"

_ADULT = 18
_LAST_CHILDREN_S_YEAR = 12
"""Year 12 ends before anybody in it is 18; in Year 13 both are there."""

NURSERY, LAST_YEAR = -1, 13
"""Year groups as numbers: nursery, reception (0), Year 1 to Year 13."""


def by_age(years: int) -> str:
    """Which side, for an age in years."""
    return OVER if years >= _ADULT else UNDER


def by_birth_year(year: int, today: date) -> str | None:
    """Which side, for whoever was born in that year; None if it depends on the day."""
    sides = {by_age(today.year - year - 1), by_age(today.year - year)}
    return sides.pop() if len(sides) == 1 else None


def by_year_group(group: int) -> str | None:
    """Which side, for whoever is in that year group now; None in Year 13, where it is not certain."""
    return UNDER if group <= _LAST_CHILDREN_S_YEAR else None


def by_leaving(year: int, group: int | None, today: date) -> str | None:
    """Which side, for whoever was in a year group at the end of the school year that ended in ``year``.

    A school year takes those born from 1 September to 31 August (England): who leaves Year 6 in 2015 was born between
    September 2003 and August 2004. Without a year group the answer holds for every group, or there is none.
    """
    groups = range(NURSERY, LAST_YEAR + 1) if group is None else (group,)
    sides = {_by_leaving(year, one, today) for one in groups}
    return sides.pop() if len(sides) == 1 else None


def by_years_since(since: int, group: int, today: date) -> str | None:
    """Which side, for whoever was in a year group "so many years ago": one year either way, for people round."""
    sides = {by_leaving(today.year - since + slack, group, today) for slack in (-1, 0, 1)}
    return sides.pop() if len(sides) == 1 else None


def _by_leaving(year: int, group: int, today: date) -> str | None:
    oldest_is_adult = date(year - 6 - group + _ADULT, 9, 1)
    youngest_is_adult = date(year - 5 - group + _ADULT, 8, 31)
    if today >= youngest_is_adult:
        return OVER
    return UNDER if today < oldest_is_adult else None
