"""What a person may see: every case that is theirs as the table of access says; the others do not exist for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, Row, Select, exists, or_, select

from bot.cases import records
from bot.cases.keys.keystore import KeyStore
from bot.cases.people.conflicts import person_hash
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import Person, Role
from bot.cases.receiving.access import Act, CaseFacts, Gate, Relation, allowed
from bot.cases.routes.routing import Told
from bot.ports import Clock
from knowledge.errors import TouchstoneError

Rows = Sequence[Row[tuple[object, ...]]]


class NotYours(TouchstoneError):
    """There is no such case for this person; whether there is one at all is not said."""


@dataclass(frozen=True, slots=True)
class Visible:
    """A case that a person may see, with the delivery by which it is theirs.

    Attributes:
        id: the case's own.
        reference: how people speak of it.
        form: the name of its form.
        urgent: whether somebody is in danger now.
        received: when, in UTC.
        state: open, closed or purged.
        closed: when it was closed.
        waits_since: when it began to wait for somebody to acknowledge it.
        merged_into: the id of the case where it goes on.
        sibling_of: the id of the first case of the same report.
        sender_hash: who sent it, where that is known.
        facts: what access turns on, for this person.
        delivery: the id of the delivery by which it is theirs.
        role: the role in which they see it.
        deliveries: all of its deliveries.
    """

    id: str
    reference: str
    form: str
    urgent: bool
    received: datetime
    state: str
    closed: datetime | None
    waits_since: datetime
    merged_into: str | None
    sibling_of: str | None
    sender_hash: str | None = field(repr=False)
    facts: CaseFacts = field(repr=False)
    delivery: str
    role: str
    deliveries: Rows = field(repr=False)

    @property
    def mine(self) -> Row[tuple[object, ...]]:
        """The delivery by which it is theirs."""
        return next(row for row in self.deliveries if row.id == self.delivery)

    @property
    def is_acknowledged(self) -> bool:
        """Whether somebody has it in hand."""
        return any(row.acknowledged_at is not None for row in self.deliveries)

    @property
    def is_sender(self) -> bool:
        """Whether whoever sees it sent it themselves."""
        return self.facts.sender is not None


@dataclass(frozen=True, slots=True)
class Sight:
    """Finds what is somebody's.

    Attributes:
        directory: who holds which role.
        keys: for the hashes of people.
        clock: what day it is.
    """

    directory: Directory
    keys: KeyStore
    clock: Clock

    def person(self, person_id: str) -> Person:
        """Who it is.

        Raises:
            NotYours: they are not in the directory.
        """
        person = self.directory.find(person_id)
        if person is None:
            raise NotYours
        return person

    def one(self, connection: Connection, person: Person, act: Act, reference: str) -> Visible:
        """The case of a reference, if this person may do that to it.

        Raises:
            NotYours: they may not, or there is none.
        """
        found = self.visible(connection, person, act, reference)
        if not found:
            raise NotYours
        return found[0]

    def visible(self, connection: Connection, person: Person, act: Act, reference: str | None = None) -> list[Visible]:
        """The cases to which a person may do something, as the table of access says: the others do not exist for them.

        One of one reference, or all: urgent first, then the newest first.
        """
        cases, owed = records.cases.c, records.deliveries.c
        roles = [role.value for role in self.roles(person)]
        theirs = select(owed.case_id).where(or_(owed.person == person.id, owed.role.in_(roles)))
        me = self.hashed(person.id)
        strikes = (records.struck.c.case_id == cases.id, records.struck.c.person_hash == me)
        about_me = exists().where(
            *strikes
        )  # left out before anything is looked at: the time taken must not tell either
        wanted = select(cases.id).where(cases.state != "purged", cases.id.in_(theirs), ~about_me)
        if reference is not None:
            wanted = wanted.where(cases.reference == reference)
        told = _by_case(
            connection, select(records.deliveries).where(owed.case_id.in_(wanted)).order_by(owed.step, owed.id)
        )
        struck = _by_case(connection, select(records.struck).where(records.struck.c.case_id.in_(wanted)))
        found = []
        gate = self.gate
        newest_first = (cases.urgent.desc(), cases.received_at.desc(), cases.id)
        for case in connection.execute(select(records.cases).where(cases.id.in_(wanted)).order_by(*newest_first)):
            deliveries = told.get(case.id, [])
            facts = CaseFacts(
                case.school or self.directory.schools[0].id,
                person.id if case.sender_hash == me else None,
                frozenset(row.person_hash for row in struck.get(case.id, [])),
                tuple(Told(row.person, Role(row.role)) for row in deliveries),
            )
            role = gate.role_for(person.id, act, facts)
            if role is not None and (mine := _delivery(gate, person, facts, deliveries)):
                found.append(_seen(case, facts, deliveries, mine, role))
        return found

    def own(self, connection: Connection, person: Person, act: Act, reference: str | None = None) -> Rows:
        """The rows of the cases that a person sent, the newest first: what they may see or add to as their sender."""
        cases = records.cases.c
        me = self.hashed(person.id)
        strikes = (records.struck.c.case_id == cases.id, records.struck.c.person_hash == me)
        mine = select(records.cases).where(cases.sender_hash == me, ~exists().where(*strikes))
        if reference is not None:
            mine = mine.where(cases.reference == reference)
        gate, school = self.gate, self.directory.schools[0].id
        rows = connection.execute(mine.order_by(cases.received_at.desc(), cases.id)).all()
        return [
            row for row in rows if gate.may(person.id, act, CaseFacts(row.school or school, person.id, frozenset(), ()))
        ]

    def sender(self, seen: Visible) -> Person | None:
        """Who sent a case, if they are in the directory."""
        if seen.sender_hash is None:
            return None
        return next((one for one in self.directory.persons if self.hashed(one.id) == seen.sender_hash), None)

    def may(self, person: Person, act: Act, seen: Visible) -> Role | None:
        """The role in which a person may do something to a case that they see; None if they may not."""
        return self.gate.role_for(person.id, act, seen.facts)

    def holds(self, person: Person, act: Act) -> bool:
        """Whether a person has a role that may do something to a case that is sent to it."""
        return any(allowed(act, [role], [Relation.SENT_TO]) for role in self.roles(person))

    def roles(self, person: Person) -> tuple[Role, ...]:
        """The roles in which a person sees anything today."""
        return self.directory.roles_for_access(person.id, self.directory.schools[0].id, self._today())

    def hashed(self, person_id: str) -> str:
        """How the records name a person."""
        return person_hash(self.keys.derive("people"), person_id)

    @property
    def gate(self) -> Gate:
        """Who may do what today."""
        return Gate(self.directory, self._today(), self.keys.derive("people"))

    def _today(self) -> date:
        return day_at_school(self.clock.now())


def _seen(case: Row[tuple[object, ...]], facts: CaseFacts, deliveries: Rows, mine: str, role: Role) -> Visible:
    return Visible(
        id=case.id,
        reference=case.reference,
        form=case.form,
        urgent=case.urgent,
        received=case.received_at,
        state=case.state,
        closed=case.closed_at,
        waits_since=case.waits_since or case.received_at,
        merged_into=case.merged_into,
        sibling_of=case.sibling_of,
        sender_hash=case.sender_hash,
        facts=facts,
        delivery=mine,
        role=role.value,
        deliveries=deliveries,
    )


def _delivery(gate: Gate, person: Person, facts: CaseFacts, deliveries: Rows) -> str | None:
    """The delivery by which a case is theirs: their own, or one in a role that they hold in its owner's place."""
    roles = {role for held in gate.standing(person.id, facts).values() for role in held}
    theirs = [row for row in deliveries if row.role in roles]
    mine = next((row for row in theirs if row.person == person.id), theirs[0] if theirs else None)
    return None if mine is None else str(mine.id)


def _by_case(connection: Connection, query: Select[tuple[object, ...]]) -> Mapping[str, list[Row[tuple[object, ...]]]]:
    found: dict[str, list[Row[tuple[object, ...]]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.case_id, []).append(row)
    return found
