"""The inbox: what was sent to one person, and the case they open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, Select, exists, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.chronology import Event, read_chronology, record_event, remember_newest
from bot.cases.contents import read_answers
from bot.cases.forms import kinds
from bot.cases.forms.model import Form
from bot.cases.keys.keystore import KeyStore
from bot.cases.people.conflicts import person_hash
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import Person, Role
from bot.cases.receiving.access import Act, CaseFacts, Gate
from bot.cases.reference import is_reference
from bot.cases.reports.attachments import AttachedFiles, Kept, read_attachments
from bot.cases.routes.routing import Told
from bot.engines import Busy, Store
from bot.messages import (
    AttachmentContent,
    AttachmentRow,
    CaseAnswer,
    CaseView,
    InboxRow,
    InboxView,
    OpenAttachment,
)
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
        files: where the files lie that came with reports; None where none ever could.
    """

    forms: Mapping[str, Form]
    directory: Directory
    store: Store
    keys: KeyStore
    clock: Clock
    files: AttachedFiles | None = None

    def open(self, person_id: str) -> InboxView:
        """Everything that was sent to a person, without its content: urgent first, then the newest first.

        Raises:
            NotYours: the person is not in the directory.
        """
        person = self._person(person_id)
        with self.store.reading() as connection:
            visible = self._visible(connection, person, Act.SEE_THAT_IT_EXISTS)
        rows = tuple(map(self._row, visible))
        return InboxView(person.name, say("list.and").join(say(f"role.{role}") for role in self._roles(person)), rows)

    def open_case(self, person_id: str, reference: str) -> CaseView:
        """One case with what was told. That this person looked is stored before anything is shown.

        Raises:
            NotYours: this person may not open it, or there is no such case.
            SealBroken: its content cannot be opened.
            LookNotRecorded: that this person looks cannot be stored, so nothing is shown.
        """
        person = self._person(person_id)
        if not is_reference(reference):
            raise NotYours
        try:
            with self.store.reading() as connection:  # refused without the write lock: who guesses holds up nobody
                if not self._visible(connection, person, Act.OPEN, reference):
                    raise NotYours
            return self._opened(person, reference)
        except (SQLAlchemyError, Busy) as failure:
            raise LookNotRecorded(type(failure).__name__) from None

    def _opened(self, person: Person, reference: str) -> CaseView:
        now = self.clock.now()
        with self.store.writing() as connection:
            row = next(iter(self._visible(connection, person, Act.OPEN, reference)), None)
            if row is None:
                raise NotYours
            key = self.keys.key(row.id)
            told, came = read_answers(connection, row.id, key), read_attachments(connection, row.id, key)
            record_event(connection, self.keys, Event(row.id, now, "opened", person.id, row.role))
            connection.execute(
                update(records.deliveries).where(records.deliveries.c.id == row.delivery).values(opened_at=now)
            )
            history = read_chronology(connection, row.id, self.directory)
            connection.commit()
        remember_newest(self.store, self.keys)
        return CaseView(self._row(row), self._answers(row.form, told), history, tuple(map(_listed, came)))

    def open_attachment(self, wanted: OpenAttachment) -> AttachmentContent:
        """A file that came with a case, for whoever may open it. That they took it is stored before it is given.

        Raises:
            NotYours: this person may not open the case, or there is no such case, or no such file in it.
            SealBroken: the file is gone or was changed.
            LookNotRecorded: that this person takes it cannot be stored, so nothing is given.
        """
        person = self._person(wanted.person)
        if not is_reference(wanted.reference):
            raise NotYours
        try:
            with self.store.reading() as connection:  # refused without the write lock, as for a case
                if not self._visible(connection, person, Act.OPEN, wanted.reference):
                    raise NotYours
            return self._taken(person, wanted)
        except (SQLAlchemyError, Busy) as failure:
            raise LookNotRecorded(type(failure).__name__) from None

    def _taken(self, person: Person, wanted: OpenAttachment) -> AttachmentContent:
        with self.store.writing() as connection:
            row = next(iter(self._visible(connection, person, Act.OPEN, wanted.reference)), None)
            if row is None or self.files is None:
                raise NotYours
            key = self.keys.key(row.id)
            came = read_attachments(connection, row.id, key)
            number, kept = next(((n, one) for n, one in enumerate(came, 1) if one.id == wanted.attachment), (0, None))
            if kept is None:
                raise NotYours
            event = Event(row.id, self.clock.now(), "attachment_opened", person.id, row.role, f"file {number}")
            record_event(connection, self.keys, event)
            connection.commit()
        remember_newest(self.store, self.keys)
        filename = f"{wanted.reference}-{number}.{kept.suffix}"
        return AttachmentContent(filename, kept.size, self.files.read(row.id, kept, key))

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

    def _row(self, row: "_Visible") -> InboxRow:
        title = self.forms[row.form].title if row.form in self.forms else row.form
        return InboxRow(row.reference, row.received, title, row.urgent, row.opened)

    def _visible(
        self, connection: Connection, person: Person, act: Act, reference: str | None = None
    ) -> "list[_Visible]":
        """The cases to which a person may do something, as the table of access says: the others do not exist for them.

        One of one reference, or all: urgent first, then the newest first.
        """
        cases, owed = records.cases.c, records.deliveries.c
        roles = [role.value for role in self._roles(person)]
        theirs = select(owed.case_id).where(or_(owed.person == person.id, owed.role.in_(roles)))
        me = person_hash(self._people_key, person.id)
        strikes = (records.struck.c.case_id == cases.id, records.struck.c.person_hash == me)
        about_me = exists().where(
            *strikes
        )  # left out before anything is looked at: the time taken must not tell either
        wanted = select(cases.id).where(cases.state != "purged", cases.id.in_(theirs), ~about_me)
        if reference is not None:
            wanted = wanted.where(cases.reference == reference)
        told = self._by_case(
            connection, select(records.deliveries).where(owed.case_id.in_(wanted)).order_by(owed.step, owed.id)
        )
        struck = self._by_case(connection, select(records.struck).where(records.struck.c.case_id.in_(wanted)))
        found = []
        newest_first = (cases.urgent.desc(), cases.received_at.desc(), cases.id)
        for case in connection.execute(select(records.cases).where(cases.id.in_(wanted)).order_by(*newest_first)):
            deliveries = told.get(case.id, [])
            facts = CaseFacts(
                case.school or self.directory.schools[0].id,
                person.id if case.sender_hash == me else None,
                frozenset(row.person_hash for row in struck.get(case.id, [])),
                tuple(Told(row.person, Role(row.role)) for row in deliveries),
            )
            if self._gate.may(person.id, act, facts) and (mine := self._delivery(person, facts, deliveries)):
                seen = mine.opened_at is not None
                about = (case.id, case.reference, case.form, case.urgent, case.received_at)
                found.append(_Visible(*about, mine.id, mine.role, seen))
        return found

    def _delivery(
        self, person: Person, facts: CaseFacts, deliveries: Sequence[Row[tuple[object, ...]]]
    ) -> Row[tuple[object, ...]] | None:
        """The delivery by which a case is theirs: their own, or one in a role that they hold in its owner's place."""
        roles = {role for held in self._gate.standing(person.id, facts).values() for role in held}
        theirs = [row for row in deliveries if row.role in roles]
        return next((row for row in theirs if row.person == person.id), theirs[0] if theirs else None)

    @staticmethod
    def _by_case(connection: Connection, query: Select[tuple[object, ...]]) -> dict[str, list[Row[tuple[object, ...]]]]:
        found: dict[str, list[Row[tuple[object, ...]]]] = {}
        for row in connection.execute(query):
            found.setdefault(row.case_id, []).append(row)
        return found

    def _roles(self, person: Person) -> tuple[Role, ...]:
        return self.directory.roles_for_access(person.id, self.directory.schools[0].id, self._today())

    @property
    def _people_key(self) -> bytes:
        return self.keys.derive("people")

    @property
    def _gate(self) -> Gate:
        return Gate(self.directory, self._today(), self._people_key)

    def _today(self) -> date:
        return day_at_school(self.clock.now())


def _listed(kept: Kept) -> AttachmentRow:
    size = say("attach.size", size=f"{max(1, round(kept.size / 1000)):,}")
    return AttachmentRow(kept.id, kept.name, kept.suffix.upper(), size)


@dataclass(frozen=True, slots=True)
class _Visible:
    """A case that a person may see, with the delivery by which it is theirs."""

    id: str
    reference: str
    form: str
    urgent: bool
    received: datetime
    delivery: str
    role: str
    opened: bool
