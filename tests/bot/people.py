"""Directories for tests, written short: who holds which role."""

from datetime import date

from bot.cases.people.directory import Directory
from bot.cases.people.roles import TRUST, Contact, Holding, Person, Role, School

TODAY = date(2026, 11, 20)
SCHOOL = "oak"


def school(school_id: str = SCHOOL) -> School:
    return School(
        school_id, f"{school_id} school", "01632 960200",
        social_care=Contact("social care", "01632 960210", "01632 960211"), lado=Contact("LADO", "01632 960212"),
    )  # fmt: skip


def directory(*held: tuple[str, Role | str], school_ids: tuple[str, ...] = (SCHOOL,)) -> Directory:
    """``("ann", "dsl")`` holds it at the first school, ``("ann", "dsl@elm")`` at another; the trust's lead at all."""
    holds: dict[str, tuple[Holding, ...]] = {}
    for person, role in held:
        name, _, at = str(role).partition("@")
        where = TRUST if name == Role.TRUST_SAFEGUARDING_LEAD else at or school_ids[0]
        holds[person] = (*holds.get(person, ()), Holding(where, Role(name)))
    return Directory(tuple(map(school, school_ids)), tuple(Person(one, one, holds=holds[one]) for one in holds))
