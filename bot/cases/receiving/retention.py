"""Retention: how long what was told is kept, by how a case ended; what is due, for somebody to look at and confirm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from bot.cases.people.directory import day_at_school
from knowledge.datafile import BadDataFile, line_of, read_data

SHIPPED = Path(__file__).parent / "retention.toml"

ENTERED = "entered"
"""An ending of its own, which no school has to name: it is in the school's case system."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case can end, and how long it is kept then; the head of ``retention.toml`` says what each key means."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=32)]
    label: str
    forms: tuple[str, ...]
    years: Annotated[int, Field(ge=0, le=100)]
    look: str
    source: str


@dataclass(frozen=True, slots=True)
class Signed:
    """How long a signature is kept after somebody left, and a walk that nobody goes on with; see the file's head."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    years: Annotated[int, Field(ge=0, le=100)] = 6
    look: str = ""
    source: str = "school"
    walk_days: Annotated[int, Field(ge=1, le=3660)] = 366


@dataclass(frozen=True, slots=True)
class Retention:
    """The school's periods."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    entered_days: Annotated[int, Field(ge=1, le=366)]
    outcome: tuple[Outcome, ...]
    signed: Signed = Signed()

    def signed_until(self, left: datetime) -> date:
        """The day from which a signature is looked at, of whoever was seen to have left at a moment (UTC)."""
        day = day_at_school(left)
        return _years_on(day, self.signed.years) if self.signed.years else day + timedelta(days=1)

    def of_form(self, form: str) -> tuple[Outcome, ...]:
        """How a report of this form can end."""
        return tuple(one for one in self.outcome if form in one.forms)

    def find(self, key: str) -> Outcome | None:
        """The outcome of that key; None for one that the school has no more, and for endings of their own."""
        return next((one for one in self.outcome if one.key == key), None)

    def due(self, outcome: str, since: datetime) -> date | None:
        """The day from which a case that ended so is looked at; None where its outcome is no longer known.

        Args:
            outcome: the key.
            since: when it was closed, or when somebody looked last and kept it, in UTC.
        """
        found = self.find(outcome)
        if found is None:
            return None
        day = day_at_school(since)
        return _years_on(day, found.years) if found.years else day + timedelta(days=1)

    def entered_until(self, closed: datetime) -> datetime:
        """When what was entered in the school's case system is deleted here, in UTC."""
        return closed + timedelta(days=self.entered_days)


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)


def load_retention(forms: Mapping[str, object], path: Path = SHIPPED) -> Retention:
    """Reads the periods and checks that each report has at least one ending.

    Raises:
        BadDataFile: the file is wrong, names what there is not, or leaves a form without an ending.
    """
    retention = read_data(path, Retention)
    seen: set[str] = set()
    for number, outcome in enumerate(retention.outcome):
        for form in outcome.forms:
            if form not in forms:
                at = line_of(path, ("outcome", number, "forms"))
                raise BadDataFile(path, at, f"there is no form '{form}'; correct the name")
        if outcome.key in seen or outcome.key == ENTERED:
            at = line_of(path, ("outcome", number, "key"))
            raise BadDataFile(path, at, f"'{outcome.key}' is taken already; give it another key")
        seen.add(outcome.key)
    for form in forms:
        if not retention.of_form(form):
            raise BadDataFile(path, 1, f"'{form}' has no ending; add one")
    return retention
