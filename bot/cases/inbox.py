"""The inbox: what was sent to one person, and the case they open."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Row, Select, select, update

from bot.cases import records
from bot.cases.chronology import Event, read_chronology, record_event
from bot.cases.contents import read_answers
from bot.cases.directory import Directory, Person
from bot.cases.engines import Store
from bot.cases.forms.model import Form
from bot.cases.sealing import KeyStore
from bot.messages import CaseAnswer, CaseView, InboxRow, InboxView
from bot.ports import Clock
from bot.wording import say
from knowledge.errors import TouchstoneError


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
        newest_first = _sent_to(person.id).order_by(cases.urgent.desc(), cases.received_at.desc(), cases.id)
        with self.store.reading() as connection:
            rows = tuple(self._row(row) for row in connection.execute(newest_first))
        return InboxView(person.name, say("list.and").join(say(f"role.{role}") for role in person.roles), rows)

    def open_case(self, person_id: str, reference: str) -> CaseView:
        """One case with what was told. That this person looked is stored before anything is shown.

        Raises:
            NotYours: it was not sent to this person, or there is no such case.
            SealBroken: its content cannot be opened.
        """
        person = self._person(person_id)
        now = self.clock.now()
        with self.store.writing() as connection:
            row = connection.execute(_sent_to(person.id).where(records.cases.c.reference == reference)).first()
            if row is None:
                raise NotYours
            told = read_answers(connection, row.id, self.keys.key(row.id))
            record_event(connection, Event(row.id, now, "opened", person.id, row.role))
            connection.execute(
                update(records.deliveries).where(records.deliveries.c.id == row.delivery).values(opened_at=now)
            )
            history = read_chronology(connection, row.id, self.directory)
            connection.commit()
        answers = tuple(
            CaseAnswer(question.ask, question.label_of(told[question.key]))
            for question in self.forms[row.form].question
            if question.key in told
        )
        return CaseView(self._row(row), answers, history)

    def _person(self, person_id: str) -> Person:
        person = self.directory.find(person_id)
        if person is None:
            raise NotYours
        return person

    def _row(self, row: Row[tuple[object, ...]]) -> InboxRow:
        title = self.forms[row.form].title
        return InboxRow(row.reference, row.received_at, title, row.urgent, opened=row.opened_at is not None)


def _sent_to(person_id: str) -> Select[tuple[object, ...]]:
    """The cases owed to a person: whatever is not, does not exist for them."""
    cases, owed = records.cases.c, records.deliveries.c
    columns = (cases.id, cases.reference, cases.form, cases.urgent, cases.received_at)
    return (
        select(*columns, owed.id.label("delivery"), owed.role, owed.opened_at)
        .join(records.deliveries, owed.case_id == cases.id)
        .where(owed.person == person_id)
    )
