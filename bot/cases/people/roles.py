"""Roles, and what a directory says of schools and people: the words that directory, routes and access share."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field

TRUST = "trust"
"""Stands in ``Holding.school`` for all schools of the directory."""


class Role(StrEnum):
    """What somebody may be at a school, or for all of them."""

    DSL = "dsl"
    DEPUTY_DSL = "deputy_dsl"
    HEADTEACHER = "headteacher"
    DEPUTY_HEAD = "deputy_head"
    SLT = "slt"
    CONTACTS_LEAD = "contacts_lead"
    """The one named member of the senior leadership team to whom outside contacts are made known."""
    CHAIR_OF_GOVERNORS = "chair_of_governors"
    VICE_CHAIR = "vice_chair"
    TRUST_SAFEGUARDING_LEAD = "trust_safeguarding_lead"
    POLICY_OWNER = "policy_owner"
    INDUCTION_LEAD = "induction_lead"
    DATA_PROTECTION_LEAD = "data_protection_lead"
    ADMINISTRATOR = "administrator"


REQUIRED = (Role.DSL, Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS)
"""What each school must have, or a report would not reach whom the guidance names (KCSIE, parts one and four)."""

FOR_THE_TRUST_ALONE = frozenset({Role.TRUST_SAFEGUARDING_LEAD})
"""Held for all schools, never at one."""

FOR_THE_TRUST_TOO = FOR_THE_TRUST_ALONE | {
    Role.POLICY_OWNER,
    Role.INDUCTION_LEAD,
    Role.DATA_PROTECTION_LEAD,
    Role.ADMINISTRATOR,
}
"""May be held for all schools; every other role is held at a school, by name."""

RECEIVES_ABOUT_THE_HEADTEACHER = (Role.CHAIR_OF_GOVERNORS, Role.VICE_CHAIR)
"""No headteacher may hold one of these at the same school (KCSIE part four: allegations about the headteacher)."""


class Source(StrEnum):
    """Where it is known from that somebody holds a role."""

    FILE = "file"
    """The school's directory file: it serves routing and access."""
    GROUP = "group"
    """A group of Entra ID or Slack, as it was when last asked: it serves routing alone. To open a case, that sign-in
    must have confirmed the group afresh (``Directory.roles_for_access``)."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody outside whom the product never writes to: it shows how to reach them.

    Attributes:
        name: as people know the office.
        telephone: to be shown as it stands.
        out_of_hours: the telephone at night and at weekends; may be empty.
        mail: may be empty.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    telephone: str
    out_of_hours: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class School:
    """A school.

    Attributes:
        id: never changes; stands in the records.
        name: as people call it.
        office: the telephone of its office.
        social_care: the council's children's social care, with the number out of hours.
        lado: the local authority's designated officer (KCSIE part four).
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    name: str
    office: str
    social_care: Contact
    lado: Contact


@dataclass(frozen=True, slots=True)
class Holding:
    """That somebody holds a role.

    Attributes:
        school: the school's id, or ``TRUST`` for all schools.
        role: the role.
        order: who is named first among those who hold it; equal ones in the order of the file.
        begins: the first day, ``from`` in the file; None for always.
        until: the last day; None for as long as it stands there.
        covers: the id of the person in whose absence they hold it: that person does not hold it meanwhile.
        source: where it is known from; never written in a file.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    school: str
    role: Role
    order: int = 1
    begins: Annotated[date | None, Field(validation_alias="from")] = None
    until: date | None = None
    covers: str | None = None
    source: Source = Source.FILE

    def is_held(self, on: date) -> bool:
        """Whether it is held on a day, both ends included."""
        return (self.begins or date.min) <= on <= (self.until or date.max)

    def overlaps(self, other: "Holding") -> bool:
        """Whether there is a day on which both are held."""
        return (self.begins or date.min) <= (other.until or date.max) and (other.begins or date.min) <= (
            self.until or date.max
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who holds a role, or has held one.

    Attributes:
        id: never changes and is never given to somebody else; stands in the records.
        name: in full, as people write it.
        also: other names they are known by.
        holds: their roles.
        telephone: where to ring them; may be empty.
        slack: their member id there; may be empty.
        teams: their object id in Entra ID; may be empty.
        mail: their address at work; may be empty.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    name: str
    also: tuple[str, ...] = ()
    holds: tuple[Holding, ...] = ()
    telephone: str = ""
    slack: str = ""
    teams: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A role that nobody holds, though a school needs it: on this day, at this school."""

    on: date
    school: str
    role: Role
