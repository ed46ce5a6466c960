"""Who holds which role, at which school, on which day."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from bot.cases.dates import SCHOOL_ZONE
from bot.cases.people.directory_checks import faults
from bot.cases.people.roles import (
    FOR_THE_TRUST_ALONE,
    REQUIRED,
    TRUST,
    Holding,
    Person,
    Role,
    School,
    Source,
    Vacancy,
)
from bot.ports import Membership
from knowledge.datafile import BadDataFile, line_of, read_data
from knowledge.errors import TouchstoneError

DEMONSTRATION = Path(__file__).parent / "demonstration.toml"
"""A directory of invented people, marked so by their names."""


class NoSuchSchool(TouchstoneError):
    """There is no school of that id in the directory."""


class BadMembership(TouchstoneError):
    """A group gives a role, or names a school, that there is not; correct which group gives which role."""


def day_at_school(moment: datetime) -> date:
    """The day that a calendar at school shows at a moment: roles begin and end with the day there, not in UTC."""
    return moment.astimezone(SCHOOL_ZONE).date()


def as_it_stands(_person_id: str, _holding: Holding) -> bool:
    """Whoever is named for a role holds it: what is so where nobody has to be confirmed."""
    return True


@dataclass(frozen=True, slots=True)
class Directory:
    """The schools, and everybody who holds a role.

    Attributes:
        schools: one, or those of a trust.
        persons: in the order of the file.
        is_demonstration: whether these people are invented.
        appointed: whether a person, by one of their lines here, may open something yet; nothing that a file says.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    schools: Annotated[tuple[School, ...], Field(validation_alias="school")]
    persons: Annotated[tuple[Person, ...], Field(validation_alias="person")]
    is_demonstration: Annotated[bool, Field(validation_alias="demonstration")] = False
    appointed: Callable[[str, Holding], bool] = field(default=as_it_stands, compare=False, repr=False)

    def find(self, person_id: str) -> Person | None:
        """The person of that id, or None."""
        return next((person for person in self.persons if person.id == person_id), None)

    def school(self, school_id: str) -> School:
        """The school of that id.

        Raises:
            NoSuchSchool: there is none.
        """
        found = next((school for school in self.schools if school.id == school_id), None)
        if found is None:
            raise NoSuchSchool(school_id)
        return found

    def holders(self, role: Role, school: str, on: date) -> tuple[Person, ...]:
        """Who holds a role at a school on a day, in order; whoever is covered for on that day does not."""
        held = self._held(role, school, on)
        covered = {holding.covers for _, holding in held}
        return tuple(dict.fromkeys(person for person, _ in held if person.id not in covered))

    def covered(self, role: Role, school: str, on: date) -> tuple[Person, ...]:
        """Whose role it is at a school, though somebody else holds it on that day in their absence."""
        held = self._held(role, school, on)
        covered = {holding.covers for _, holding in held}
        return tuple(dict.fromkeys(person for person, _ in held if person.id in covered))

    def roles(self, person_id: str, school: str, on: date) -> tuple[Role, ...]:
        """The roles that a person holds at a school on a day, for routing."""
        return tuple(role for role in Role if person_id in {one.id for one in self.holders(role, school, on)})

    def roles_for_access(
        self, person_id: str, school: str, on: date, confirmed: Collection[Role] = ()
    ) -> tuple[Role, ...]:
        """The roles in which a person may open something: those that were confirmed (``Appointments``).

        Args:
            person_id: who.
            school: where.
            on: the day.
            confirmed: roles that the sign-in of just now has confirmed. A role that is known from a group alone
                counts only if it is among them: what a group said earlier serves routing, nothing else.
        """
        by_file = replace(
            self, persons=tuple(replace(one, holds=tuple(filter(_is_by_file, one.holds))) for one in self.persons)
        )
        mine = set(by_file.roles(person_id, school, on)) | set(confirmed)
        return tuple(
            role
            for role in self.roles(person_id, school, on)
            if role in mine and self._is_appointed(person_id, role, school, on)
        )

    def _is_appointed(self, person_id: str, role: Role, school: str, on: date) -> bool:
        """Whether one of the lines by which somebody holds a role has been confirmed, where that is needed."""
        lines = [holding for person, holding in self._held(role, school, on) if person.id == person_id]
        return any(self.appointed(person_id, holding) for holding in lines)

    def vacancies(self, on: date) -> tuple[Vacancy, ...]:
        """What nobody holds on a day, though each school needs it, and several schools their trust's lead."""
        required = [(school.id, role) for school in self.schools for role in REQUIRED]
        if len(self.schools) > 1:
            required += [(TRUST, role) for role in FOR_THE_TRUST_ALONE]
        return tuple(Vacancy(on, school, role) for school, role in required if not self.holders(role, school, on))

    def days_of_change(self, after: date, until: date) -> tuple[date, ...]:
        """The days, after the one and up to the other, from which somebody holds a role who did not, or no longer."""
        holdings = [holding for person in self.persons for holding in person.holds]
        days = {holding.begins for holding in holdings if holding.begins}
        days |= {date.fromordinal(one.until.toordinal() + 1) for one in holdings if one.until and one.until < date.max}
        return tuple(sorted(day for day in days if after < day <= until))

    def with_groups(self, memberships: Iterable[Membership]) -> "Directory":
        """This directory, with what groups say added: what the file says of a person and a role, days included, stands.

        Raises:
            BadMembership: a group gives what there is not, or would make somebody receive what is about them.
        """
        persons = {person.id: person for person in self.persons}
        for member in memberships:
            found = next((one for one in persons.values() if _is_same(one, member)), None)
            person = found or Person(member.id, member.name, slack=member.slack, teams=member.teams, mail=member.mail)
            holding = self._holding(member)
            if not any((held.role, held.school) == (holding.role, holding.school) for held in person.holds):
                persons[person.id] = replace(person, holds=(*person.holds, holding))
        merged = replace(self, persons=tuple(persons.values()))
        known = {fault.what for fault in faults(self.schools, _as_in_a_file(self.persons))}
        for fault in faults(merged.schools, _as_in_a_file(merged.persons)):
            if fault.what not in known:
                raise BadMembership(fault.what)
        return merged

    def _holding(self, member: Membership) -> Holding:
        if member.role not in set(Role) or member.school not in {TRUST, *(school.id for school in self.schools)}:
            raise BadMembership(f"{member.role} at {member.school}")
        return Holding(member.school, Role(member.role), source=Source.GROUP)

    def _held(self, role: Role, school: str, on: date) -> list[tuple[Person, Holding]]:
        held = [
            (person, holding)
            for person in self.persons
            for holding in person.holds
            if holding.role is role and holding.school in {school, TRUST} and holding.is_held(on)
        ]
        return sorted(held, key=lambda one: one[1].order)


def load_directory(path: Path = DEMONSTRATION) -> Directory:
    """Reads a directory and checks it.

    That somebody's last day has passed keeps nothing from starting, or a report could not be told that morning:
    routes go on to the next role, and ``Directory.vacancies`` says what is missing on a day.

    Raises:
        BadDataFile: the file is wrong, somebody would receive what is about them, or nobody is ever to hold a role
            that each school needs.
    """
    directory = read_data(path, Directory)
    for fault in faults(directory.schools, directory.persons):
        raise BadDataFile(path, line_of(path, fault.at), fault.what)
    return directory


def _is_by_file(holding: Holding) -> bool:
    return holding.source is Source.FILE


def _as_in_a_file(persons: Iterable[Person]) -> tuple[Person, ...]:
    """The same people with all that they hold taken for the file's, so that its checks see it."""
    return tuple(replace(one, holds=tuple(replace(held, source=Source.FILE) for held in one.holds)) for one in persons)


def _is_same(person: Person, member: Membership) -> bool:
    given = {("id", member.id), ("slack", member.slack), ("teams", member.teams), ("mail", member.mail)}
    return any(value and getattr(person, key).casefold() == value.casefold() for key, value in given)
