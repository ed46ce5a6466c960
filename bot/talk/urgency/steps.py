"""What an urgent answer shows: steps with their sources, clauses, whom to ring (data: steps.toml)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from bot.talk.urgency.patterns import Occasion
from knowledge.datafile import BadDataFile, Location, line_of, read_data

STEPS = Path(__file__).with_name("steps.toml")

RoleName = Literal["dsl", "deputy_dsl", "headteacher", "chair_of_governors", "social_care", "lado"]
"""Whom to ring: a role of the school, or an office of the council."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """A document outside: its title, and the year of the edition that was read."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    title: str
    edition: int


@dataclass(frozen=True, slots=True)
class GuidancePart:
    """A part of a document outside; ``part`` is empty for all of it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    part: str


@dataclass(frozen=True, slots=True)
class LockedClause:
    """A clause, and words that it must hold to be named."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    label: str
    holds: str


@dataclass(frozen=True, slots=True)
class StepSpec:
    """A step: its sentence in the locale is ``urgent.step.<key>``."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    key: str
    guidance: tuple[GuidancePart, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OccasionSpec:
    """What an occasion shows; steps.toml explains each key."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: Occasion
    steps: tuple[str, ...]
    clauses: tuple[str, ...]
    roles: tuple[RoleName, ...]
    online: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UrgentSteps:
    """All of it, with the slug of the policy whose clauses are named, and the label shown where none of them fits."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    policy: str
    nothing_fits: str
    guidance: tuple[Guidance, ...]
    clause: tuple[LockedClause, ...]
    step: tuple[StepSpec, ...]
    occasions: Annotated[tuple[OccasionSpec, ...], Field(validation_alias="occasion")]

    @property
    def by_occasion(self) -> Mapping[Occasion, OccasionSpec]:
        """The occasions by name."""
        return {one.id: one for one in self.occasions}

    @property
    def guidance_by_id(self) -> Mapping[str, Guidance]:
        """The documents outside by id."""
        return {one.id: one for one in self.guidance}


@cache
def shipped_steps() -> UrgentSteps:
    """What comes with the product, read once.

    Raises:
        BadDataFile: the file is wrong: its shape, an occasion that is missing, a name that stands nowhere.
    """
    return load_steps(STEPS)


def load_steps(path: Path) -> UrgentSteps:
    """Reads a file of steps and checks that every name in it stands somewhere.

    Raises:
        BadDataFile: see ``shipped_steps``.
    """
    steps = read_data(path, UrgentSteps)
    labels = {one.label for one in steps.clause}
    _all_known(path, "nothing_fits", [((), steps.nothing_fits)], labels)
    for number, step in enumerate(steps.step):
        at: Location = ("step", number)
        _all_known(path, "guidance", [(at, one.id) for one in step.guidance], set(steps.guidance_by_id))
        _all_known(path, "clauses", [(at, one) for one in step.clauses], labels)
    for number, occasion in enumerate(steps.occasions):
        at = ("occasion", number)
        _all_known(path, "steps", [(at, one) for one in occasion.steps], {one.key for one in steps.step})
        _all_known(path, "clauses", [(at, one) for one in occasion.clauses], labels)
        _all_known(path, "online", [(at, one) for one in occasion.online], set(occasion.clauses))
    missing = set(Occasion) - set(steps.by_occasion)
    if missing:
        raise BadDataFile(path, 1, f"there is no [[occasion]] '{min(missing)}'; add it")
    return steps


def _all_known(path: Path, key: str, named: list[tuple[Location, str]], known: set[str]) -> None:
    for at, name in named:
        if name not in known:
            raise BadDataFile(path, line_of(path, (*at, key)), f"'{name}' stands nowhere else; add it or correct it")
