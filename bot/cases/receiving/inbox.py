"""The inbox: what was sent to one person, and the case they open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.chronology import Event, record_event, remember_newest
from bot.cases.forms.model import Form
from bot.cases.keys.keystore import KeyStore
from bot.cases.people.directory import Directory
from bot.cases.people.roles import Person
from bot.cases.receiving.access import Act
from bot.cases.receiving.retention import Retention
from bot.cases.receiving.seeing import NotYours, Sight, Visible
from bot.cases.receiving.viewing import Views
from bot.cases.reference import is_reference
from bot.cases.reports.attachments import AttachedFiles, read_attachments
from bot.engines import Busy, Store
from bot.messages import AttachmentContent, CaseState, CaseView, InboxRow, InboxView, OpenAttachment
from bot.ports import Clock
from bot.wording import say
from knowledge.errors import TouchstoneError

_ORDER = tuple(CaseState)


class LookNotRecorded(TouchstoneError):
    """That somebody looks at this case cannot be stored now, so it is not shown; see to the disk."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """Shows people what is theirs.

    Attributes:
        forms: by name.
        directory: who holds which role.
        store: the records.
        keys: the keys they are sealed under.
        clock: what time it is.
        retention: how a case can end.
        files: where the files lie that came with reports; None where none ever could.
    """

    forms: Mapping[str, Form]
    directory: Directory
    store: Store
    keys: KeyStore
    clock: Clock
    retention: Retention

    files: AttachedFiles | None = None

    @property
    def sight(self) -> Sight:
        """Who may see what."""
        return Sight(self.directory, self.keys, self.clock)

    @property
    def views(self) -> Views:
        """How it is shown."""
        return Views(self.forms, self.sight, self.keys, self.retention)

    def open(self, person_id: str) -> InboxView:
        """Everything that was sent to a person, without its content: new first, urgent first, then the newest first.

        Raises:
            NotYours: the person is not in the directory.
        """
        person = self.sight.person(person_id)
        with self.store.reading() as connection:
            visible = self.sight.visible(connection, person, Act.SEE_THAT_IT_EXISTS)
            rows = self.views.rows(connection, visible)
        roles = say("list.and").join(say(f"role.{role}") for role in self.sight.roles(person))
        reviews = self.sight.holds(person, Act.HOLD)
        return InboxView(person.name, roles, tuple(sorted(rows, key=_place)), reviews=reviews)

    def open_case(self, person_id: str, reference: str) -> CaseView:
        """One case with what was told. That this person looked is stored before anything is shown.

        Raises:
            NotYours: this person may not open it, or there is no such case.
            SealBroken: its content cannot be opened.
            LookNotRecorded: that this person looks cannot be stored, so nothing is shown.
        """
        person = self.sight.person(person_id)
        if not is_reference(reference):
            raise NotYours
        try:
            with self.store.reading() as connection:  # refused without the write lock: who guesses holds up nobody
                self.sight.one(connection, person, Act.OPEN, reference)
            return self._opened(person, reference)
        except (SQLAlchemyError, Busy) as failure:
            raise LookNotRecorded(type(failure).__name__) from None

    def _opened(self, person: Person, reference: str) -> CaseView:
        with self.store.writing() as connection:
            seen = self.sight.one(connection, person, Act.OPEN, reference)
            record_look(connection, self.keys, seen, person, self.clock.now())
            shown = self.views.case(connection, person, self.sight.one(connection, person, Act.OPEN, reference))
            connection.commit()
        remember_newest(self.store, self.keys)
        return shown

    def open_attachment(self, wanted: OpenAttachment) -> AttachmentContent:
        """A file that came with a case, for whoever may open it. That they took it is stored before it is given.

        Raises:
            NotYours: this person may not open the case, or there is no such case, or no such file in it.
            SealBroken: the file is gone or was changed.
            LookNotRecorded: that this person takes it cannot be stored, so nothing is given.
        """
        person = self.sight.person(wanted.person)
        if not is_reference(wanted.reference):
            raise NotYours
        try:
            with self.store.reading() as connection:  # refused without the write lock, as for a case
                self.sight.one(connection, person, Act.OPEN, wanted.reference)
            return self._taken(person, wanted)
        except (SQLAlchemyError, Busy) as failure:
            raise LookNotRecorded(type(failure).__name__) from None

    def _taken(self, person: Person, wanted: OpenAttachment) -> AttachmentContent:
        with self.store.writing() as connection:
            seen = self.sight.one(connection, person, Act.OPEN, wanted.reference)
            key = self.keys.key(seen.id)
            came = {one.id: (number, one) for number, one in enumerate(read_attachments(connection, seen.id, key), 1)}
            if self.files is None or wanted.attachment not in came:
                raise NotYours
            number, kept = came[wanted.attachment]
            event = Event(seen.id, self.clock.now(), "attachment_opened", person.id, seen.role, f"file {number}")
            record_event(connection, self.keys, event)
            connection.commit()
        remember_newest(self.store, self.keys)
        filename = f"{wanted.reference}-{number}.{kept.suffix}"
        return AttachmentContent(filename, kept.size, self.files.read(seen.id, kept, key))


def record_look(connection: Connection, keys: KeyStore, seen: Visible, person: Person, now: datetime) -> None:
    """Records that a person opens a case, in the caller's transaction, before anything of it is shown."""
    record_event(connection, keys, Event(seen.id, now, "opened", person.id, seen.role))
    mark = update(records.deliveries).where(records.deliveries.c.id == seen.delivery)
    connection.execute(mark.values(opened_at=now))


def _place(row: InboxRow) -> tuple[int, bool]:
    return _ORDER.index(row.state), not row.urgent
