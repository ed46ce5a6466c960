"""Who holds which role."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ConfigDict

from knowledge.datafile import BadDataFile, read_data

DEMONSTRATION = Path(__file__).parent / "demonstration.toml"
"""A directory of invented people, marked so by their names."""


class Role(StrEnum):
    """The roles that receive reports."""

    DSL = "dsl"
    HEADTEACHER = "headteacher"
    CHAIR_OF_GOVERNORS = "chair_of_governors"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who holds a role: an id that never changes, a name, and the roles."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody who holds a role, in the order of the file: the first holder of a role is asked first."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    person: tuple[Person, ...]

    def holders(self, role: Role) -> tuple[Person, ...]:
        """Who holds a role, in order."""
        return tuple(person for person in self.person if role in person.roles)

    def find(self, person_id: str) -> Person | None:
        """The person of that id, or None."""
        return next((person for person in self.person if person.id == person_id), None)


def load_directory(path: Path = DEMONSTRATION) -> Directory:
    """Reads a directory and checks that every role has a holder, and that nobody would receive what is about them.

    Raises:
        BadDataFile: the file is wrong, or nobody holds a role.
    """
    directory = read_data(path, Directory)
    for role in Role:
        if not directory.holders(role):
            raise BadDataFile(path, 1, f"nobody holds the role '{role}'; add a [[person]] who does")
    for number, person in enumerate(directory.person):
        if person.id in {earlier.id for earlier in directory.person[:number]}:
            raise BadDataFile(path, 1, f"the id '{person.id}' is given twice; give each person an id of their own")
        if {Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS} <= set(person.roles):
            raise BadDataFile(path, 1, f"'{person.id}' would receive reports about themselves; part these two roles")
    return directory
