"""Who may do what to which case: one table of data (``access.toml``), asked by every path."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict

from bot.cases.people.conflicts import is_struck
from bot.cases.people.directory import Directory
from bot.cases.people.roles import Role
from bot.cases.routes.routing import Recipient, Told
from knowledge.datafile import read_data

SHIPPED = Path(__file__).parent / "access.toml"


class Act(StrEnum):
    """What can be done."""

    SEE_THAT_IT_EXISTS = "see_that_it_exists"
    OPEN = "open"
    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    ASK = "ask"
    ANSWER = "answer"
    PASS_ON = "pass_on"  # noqa: S105 (nobody's password)
    CLOSE = "close"
    MERGE = "merge"
    REOPEN = "reopen"
    EXPORT = "export"
    STRIKE = "strike"
    HOLD = "hold"
    PURGE = "purge"
    SEE_OWN = "see_own"
    AMEND_OWN = "amend_own"
    SEE_THAT_IT_WORKS = "see_that_it_works"
    VERIFY = "verify"
    LOOK_AFTER_INDUCTION = "look_after_induction"
    """See who has signed the policy and who is where with its induction, remind, and ask everybody to sign."""


class Relation(StrEnum):
    """How a person stands to a case."""

    SENT_TO = "sent_to"
    """It was sent to them, in a role that they still hold."""
    HOLDS_ROLE_NOW = "holds_role_now"
    """It was sent to somebody in a role that this one holds no longer, and that they hold now."""
    SENDER = "sender"
    STRUCK = "struck"
    """It is about them."""
    NONE = "none"
    """None of these, or there is no case in question."""


@dataclass(frozen=True, slots=True)
class Allow:
    """One row: these acts, for those who stand so to a case in one of these roles."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    acts: frozenset[Act]
    relations: frozenset[Relation]
    roles: frozenset[Role] | Literal["anybody"]
    source: str


@dataclass(frozen=True, slots=True)
class Never:
    """What those who stand so to a case may not do, whatever else allows it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    acts: frozenset[Act]
    relations: frozenset[Relation]
    source: str


@dataclass(frozen=True, slots=True)
class Access:
    """The table."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    allow: tuple[Allow, ...]
    never: tuple[Never, ...]

    def forbids(self, act: Act, relations: Collection[Relation]) -> bool:
        """Whether nothing can allow it to somebody who stands so to a case."""
        stands = frozenset(relations)
        return Relation.STRUCK in stands or any(act in row.acts and row.relations & stands for row in self.never)

    def allowed(self, act: Act, roles: Collection[Role], relations: Collection[Relation]) -> bool:
        """Whether somebody may do it; the function ``allowed`` below asks the shipped table."""
        stands = frozenset(relations) or {Relation.NONE}
        return not self.forbids(act, stands) and any(
            act in row.acts and row.relations & stands and (row.roles == "anybody" or not row.roles.isdisjoint(roles))
            for row in self.allow
        )


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What access turns on, as the records have it.

    Attributes:
        school: where it was reported.
        sender: the id of the sender; None where they are not known.
        struck: the hashes of those whom it is about.
        told: to whom it was sent, in which role, by a step or passed on.
    """

    school: str
    sender: str | None
    struck: frozenset[str]
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may do what today.

    Attributes:
        directory: who holds which role.
        on: the day, as the school has it.
        people_key: what the hashes of the struck are made with.
    """

    directory: Directory
    on: date
    people_key: bytes = field(repr=False)
    _known: dict[tuple[str, str], frozenset[Role]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Who holds what, as far as it was looked up: an inbox asks for the same people again and again."""
    _opening: dict[tuple[str, str, frozenset[Role]], frozenset[Role]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The same of the roles in which somebody may open something."""

    def may(self, person_id: str, act: Act, case: CaseFacts, confirmed: Collection[Role] = ()) -> bool:
        """Whether a person may do something to a case.

        Args:
            person_id: who; their sign-in was verified.
            act: what.
            case: to which case.
            confirmed: roles that their sign-in of just now has confirmed; for what is known from groups alone.
        """
        standing = self.standing(person_id, case, confirmed)
        return not shipped().forbids(act, standing) and any(
            allowed(act, roles, [relation]) for relation, roles in standing.items()
        )

    def role_for(self, person_id: str, act: Act, case: CaseFacts, confirmed: Collection[Role] = ()) -> Role | None:
        """The role in which a person may do something to a case that was sent to them; None if they may not."""
        standing = self.standing(person_id, case, confirmed)
        if shipped().forbids(act, standing):
            return None
        held = ((role, relation) for relation, roles in standing.items() for role in Role if role in roles)
        return next((role for role, relation in held if allowed(act, [role], [relation])), None)

    def may_without_case(self, person_id: str, act: Act, school: str, confirmed: Collection[Role] = ()) -> bool:
        """Whether a person may do something, at a school or for the trust, that is about no case."""
        return allowed(act, self.directory.roles_for_access(person_id, school, self.on, confirmed), [])

    def standing(
        self, person_id: str, case: CaseFacts, confirmed: Collection[Role] = ()
    ) -> Mapping[Relation, frozenset[Role]]:
        """How a person stands to a case, and in which roles they stand so. Roles at other schools do not count."""
        held = self._held(person_id, case.school, frozenset(confirmed))
        sent = {one.role for one in case.told if one.person == person_id}
        left = {one.role for one in case.told if one.person != person_id and not self._holds(one, case.school)}
        stands = {Relation.SENT_TO: held & sent, Relation.HOLDS_ROLE_NOW: held & left}
        found = {relation: roles for relation, roles in stands.items() if roles}
        if person_id == case.sender:
            found[Relation.SENDER] = frozenset()
        if is_struck(self.people_key, person_id, case.struck):
            found[Relation.STRUCK] = frozenset()
        return found or {Relation.NONE: frozenset()}

    def receivers(self, case: CaseFacts) -> tuple[Recipient, ...]:
        """To whom a case may be passed on: whoever could open it then, but for its sender and whom it is about."""
        found: dict[str, Recipient] = {}
        for role in Role:
            for person in self.directory.holders(role, case.school, self.on):
                is_out = person.id == case.sender or is_struck(self.people_key, person.id, case.struck)
                if not is_out and allowed(Act.OPEN, [role], [Relation.SENT_TO]):
                    found.setdefault(person.id, Recipient(person, role))
        return tuple(found.values())

    def _held(self, person_id: str, school: str, confirmed: frozenset[Role]) -> frozenset[Role]:
        """The roles in which a person may open something."""
        at = (person_id, school, confirmed)
        if at not in self._opening:
            roles = self.directory.roles_for_access(person_id, school, self.on, confirmed)
            self._opening[at] = frozenset(roles)
        return self._opening[at]

    def _holds(self, told: Told, school: str) -> bool:
        at = (told.person, school)
        if at not in self._known:
            self._known[at] = frozenset(self.directory.roles(told.person, school, self.on))
        return told.role in self._known[at]


def allowed(act: Act, roles: Collection[Role], relations: Collection[Relation]) -> bool:
    """Whether somebody may do something.

    Args:
        act: what.
        roles: the roles in which they stand to the case, at its school; without a case, all they hold.
        relations: how they stand to it; none for no case.
    """
    return shipped().allowed(act, roles, relations)


def opening() -> frozenset[Role]:
    """The roles in which anybody may open a case, by the shipped table: their holders have to be confirmed."""
    rows = [row for row in shipped().allow if Act.OPEN in row.acts]
    return frozenset(role for row in rows for role in (Role if row.roles == "anybody" else row.roles))


@cache
def shipped() -> Access:
    """The table that comes with the product."""
    return load_access()


def load_access(path: Path = SHIPPED) -> Access:
    """Reads a table of access.

    Raises:
        BadDataFile: it is not one.
    """
    return read_data(path, Access)
