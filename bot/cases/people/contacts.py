"""Whom to ring when it cannot wait: the people of the directory, and the council's offices."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import Contact as Office
from bot.cases.people.roles import Role
from bot.ports import Clock, Contact

RUNG = (Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS)
"""The roles that are rung; which of them, and in which order, depends on what was told."""


@dataclass(frozen=True, slots=True)
class DirectoryContacts:
    """The contacts of the one school of a directory.

    Attributes:
        directory: gives the directory.
        clock: what day it is: roles begin and end.
    """

    directory: Callable[[], Directory]
    clock: Clock

    @property
    def are_invented(self) -> bool:
        """Whether these people are those of the demonstration, whose numbers nobody answers."""
        return self.directory().is_demonstration

    def urgent(self) -> tuple[Contact, ...]:
        """Who holds a role today that is rung, in order, then the council's offices.

        Raises:
            BadDataFile: the directory cannot be read.
        """
        directory = self.directory()
        school = directory.schools[0]
        today = day_at_school(self.clock.now())
        people = [
            Contact(role, person.name, person.telephone or school.office, is_office_number=not person.telephone)
            for role in RUNG
            for person in directory.holders(role, school.id, today)
        ]
        return (*people, _outside("social_care", school.social_care), _outside("lado", school.lado))


def _outside(role: str, office: Office) -> Contact:
    return Contact(role, office.name, office.telephone, office.out_of_hours, is_outside=True)
