"""What a directory must not say: checks that the shape of its file cannot make."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.cases.people.roles import (
    FOR_THE_TRUST_ALONE,
    FOR_THE_TRUST_TOO,
    RECEIVES_ABOUT_THE_HEADTEACHER,
    REQUIRED,
    TRUST,
    Holding,
    Person,
    Role,
    School,
    Source,
)
from knowledge.datafile import Location

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where in the file, and what it is with what to do."""

    at: Location
    what: str


def faults(schools: Sequence[School], persons: Sequence[Person]) -> Iterator[Fault]:
    """Everything that is wrong, in the order in which it is best mended."""
    yield from _schools(schools)
    yield from _ids(persons)
    for number, person in enumerate(persons):
        for place, held in enumerate(person.holds):
            at = ("person", number, "holds", place)
            yield from _holding(at, person, held, schools)
            yield from _cover(at, person, held, persons)
            yield from _beside(at, person, place)
    yield from _nobody(schools, persons)


def _schools(schools: Sequence[School]) -> Iterator[Fault]:
    if not schools:
        yield Fault((), "there is no school; add a [[school]]")
    for number, school in enumerate(schools):
        yield from _id(("school", number, "id"), school.id)
        if school.id == TRUST:
            yield Fault(("school", number, "id"), f"'{TRUST}' stands for all schools; give the school another id")
        if school.id in {earlier.id for earlier in schools[:number]}:
            yield Fault(
                ("school", number, "id"), f"the id '{school.id}' is given twice; give each school an id of its own"
            )
        for key, given in (("name", school.name), ("office", school.office)):
            if not given.strip():
                yield Fault(("school", number, key), f"'{key}' is empty; fill it in")
        for key, contact in (("social_care", school.social_care), ("lado", school.lado)):
            if not (contact.name.strip() and contact.telephone.strip()):
                yield Fault(
                    ("school", number, key), f"'{key}' has no name or no telephone: it is the last resort; fill it in"
                )
        if not school.social_care.out_of_hours.strip():
            yield Fault(
                ("school", number, "social_care"),
                "'social_care' has no number out of hours; give the one that answers on a Friday night",
            )


def _ids(persons: Sequence[Person]) -> Iterator[Fault]:
    for number, person in enumerate(persons):
        yield from _id(("person", number, "id"), person.id)
        if not person.name.strip():
            yield Fault(("person", number, "name"), "'name' is empty; fill it in")
    for key in ("id", "slack", "teams", "mail"):
        given = [getattr(person, key).casefold() for person in persons]
        for number, value in enumerate(given):
            if value and value in given[:number]:
                yield Fault(
                    ("person", number, key), f"the {key} '{value}' is given twice; give each person one of their own"
                )


def _id(at: Location, given: str) -> Iterator[Fault]:
    if not _ID.fullmatch(given):
        yield Fault(at, f"'{given}' is no id; use up to 64 letters, digits, dots, hyphens and underscores")


def _holding(at: Location, person: Person, held: Holding, schools: Sequence[School]) -> Iterator[Fault]:
    if held.source is not Source.FILE:
        yield Fault((*at, "source"), "'source' is not written in a file; take it out")
    if held.school != TRUST and held.school not in {school.id for school in schools}:
        yield Fault((*at, "school"), f"there is no school '{held.school}'; add it, or correct the id")
    if held.school != TRUST and held.role in FOR_THE_TRUST_ALONE:
        yield Fault((*at, "school"), f"'{held.role}' is held for all schools; write school = \"{TRUST}\"")
    if held.school == TRUST and held.role not in FOR_THE_TRUST_TOO:
        yield Fault(
            (*at, "school"), f"'{held.role}' is held at a school; name the school, one [[person.holds]] for each"
        )
    if held.begins and held.until and held.until < held.begins:
        yield Fault((*at, "until"), f"'{person.id}' would end before it begins; exchange 'from' and 'until'")


def _cover(at: Location, person: Person, held: Holding, persons: Sequence[Person]) -> Iterator[Fault]:
    if held.covers is None:
        return
    covered = [
        other
        for one in persons
        if one.id == held.covers and one.id != person.id
        for other in one.holds
        if (other.role, other.school) == (held.role, held.school)
    ]
    if not covered:
        what = f"'{held.covers}' does not hold '{held.role}' there, so nobody can cover for them; correct the id"
        yield Fault((*at, "covers"), what)
    if held.begins is None or held.until is None:
        yield Fault((*at, "covers"), "a cover has a first and a last day; give 'from' and 'until'")
    if any(other.covers is not None and other.overlaps(held) for other in covered):
        what = f"'{held.covers}' covers for somebody already; end that one, and name whom both cover for"
        yield Fault((*at, "covers"), what)


def _beside(at: Location, person: Person, place: int) -> Iterator[Fault]:
    """What a person cannot hold beside what they hold."""
    held = person.holds[place]
    for earlier in person.holds[:place]:
        if earlier.school != held.school or not earlier.overlaps(held):
            continue
        roles = {earlier.role, held.role}
        if len(roles) == 1:
            yield Fault((*at, "role"), f"'{person.id}' holds '{held.role}' twice at once; take one out")
        if Role.HEADTEACHER in roles and roles & set(RECEIVES_ABOUT_THE_HEADTEACHER):
            yield Fault((*at, "role"), f"'{person.id}' would receive reports about themselves; part these two roles")


def _nobody(schools: Sequence[School], persons: Sequence[Person]) -> Iterator[Fault]:
    """Roles that nobody is ever to hold. That nobody holds one on a certain day is said by ``Directory.vacancies``."""
    held = Counter((one.school, one.role) for person in persons for one in person.holds)
    for number, school in enumerate(schools):
        for role in REQUIRED:
            if not held[school.id, role]:
                yield Fault(
                    ("school", number, "id"),
                    f"nobody holds the role '{role}' at '{school.id}'; add a [[person]] who does",
                )
    if len(schools) > 1 and not held[TRUST, Role.TRUST_SAFEGUARDING_LEAD]:
        what = f"nobody holds the role '{Role.TRUST_SAFEGUARDING_LEAD}' for all schools; add a [[person]] who does"
        yield Fault(("school", 1, "id"), what)
