"""The inbox: what was sent to one person, and the case they open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, Select, and_, false, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.chronology import Event, read_chronology, record_event, remember_newest
from bot.cases.contents import read_answers
from bot.cases.directory import Directory, day_at_school
from bot.cases.forms import kinds
from bot.cases.forms.model import Form
from bot.cases.keystore import KeyStore
from bot.cases.roles import Person, Role
from bot.engines import Busy, Store
from bot.messages import CaseAnswer, CaseView, InboxRow, InboxView
from bot.ports import Clock
from bot.wording import say
from knowledge.errors import TouchstoneError


class LookNotRecorded(TouchstoneError):
    """That somebody looks at this case cannot be stored now, so it is not shown; see to the disk."""


class NotYours(TouchstoneError):
    """There is no such case for this person; whether there is one at all is not said."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """Shows people what is theirs.

    Attributes:
        forms: by name.
        directory: who holds which role.
        store: the records.
        keys: the keys they are sealed under.
        clock: what time it is.
    """

    forms: Mapping[str, Form]
    directory: Directory
    store: Store
    keys: KeyStore
    clock: Clock

    def open(self, person_id: str) -> InboxView:
        """Everything that was sent to a person, without its content: urgent first, then the newest first.

        Raises:
            NotYours: the person holds no role.
        """
        person = self._person(person_id)
        cases = records.cases.c
        newest_first = self._sent_to(person).order_by(cases.urgent.desc(), cases.received_at.desc(), cases.id)
        with self.store.reading() as connection:
            found = {row.id: self._row(row) for row in reversed(connection.execute(newest_first).all())}
        rows = tuple(reversed(found.values()))
        return InboxView(person.name, say("list.and").join(say(f"role.{role}") for role in self._roles(person)), rows)

    def open_case(self, person_id: str, reference: str) -> CaseView:
        """One case with what was told. That this person looked is stored before anything is shown.

        Raises:
            NotYours: it was not sent to this person, or there is no such case.
            SealBroken: its content cannot be opened.
            LookNotRecorded: that this person looks cannot be stored, so nothing is shown.
        """
        person = self._person(person_id)
        try:
            return self._opened(person, reference)
        except (SQLAlchemyError, Busy) as failure:
            raise LookNotRecorded(type(failure).__name__) from None

    def _opened(self, person: Person, reference: str) -> CaseView:
        now = self.clock.now()
        with self.store.writing() as connection:
            row = connection.execute(self._sent_to(person).where(records.cases.c.reference == reference)).first()
            if row is None:
                raise NotYours
            told = read_answers(connection, row.id, self.keys.key(row.id))
            record_event(connection, self.keys, Event(row.id, now, "opened", person.id, row.role))
            connection.execute(
                update(records.deliveries).where(records.deliveries.c.id == row.delivery).values(opened_at=now)
            )
            history = read_chronology(connection, row.id, self.directory)
            connection.commit()
        remember_newest(self.store, self.keys)
        return CaseView(self._row(row), self._answers(row.form, told), history)

    def _answers(self, form: str, told: Mapping[str, str]) -> tuple[CaseAnswer, ...]:
        """All that was told, with the questions in the words of today; what the form no longer asks, by its key."""
        asked = {question.key: question for question in self.forms[form].question} if form in self.forms else {}
        return tuple(
            CaseAnswer(asked[key].ask, kinds.in_words(asked[key], answer)) if key in asked else CaseAnswer(key, answer)
            for key, answer in told.items()
        )

    def _person(self, person_id: str) -> Person:
        person = self.directory.find(person_id)
        if person is None:
            raise NotYours
        return person

    def _row(self, row: Row[tuple[object, ...]]) -> InboxRow:
        title = self.forms[row.form].title if row.form in self.forms else row.form
        return InboxRow(row.reference, row.received_at, title, row.urgent, opened=row.opened_at is not None)

    def _sent_to(self, person: Person) -> Select[tuple[object, ...]]:
        """The cases that a person may see: whatever is not among them does not exist for them.

        Theirs is what was sent to them in a role that they hold still, and what was sent to somebody who holds that
        role no longer: a case outlives whoever received it.
        """
        cases, owed = records.cases.c, records.deliveries.c
        columns = (cases.id, cases.reference, cases.form, cases.urgent, cases.received_at)
        mine = [
            and_(owed.role == role.value, owed.person.not_in(self._other_holders(person, role)))
            for role in self._roles(person)
        ]
        return (
            select(*columns, owed.id.label("delivery"), owed.role, owed.opened_at)
            .join(records.deliveries, owed.case_id == cases.id)
            .where(or_(false(), *mine))
        )

    def _roles(self, person: Person) -> tuple[Role, ...]:
        return self.directory.roles_for_access(person.id, self.directory.schools[0].id, self._today())

    def _other_holders(self, person: Person, role: Role) -> list[str]:
        holders = self.directory.holders(role, self.directory.schools[0].id, self._today())
        return [holder.id for holder in holders if holder.id != person.id]

    def _today(self) -> date:
        return day_at_school(self.clock.now())
