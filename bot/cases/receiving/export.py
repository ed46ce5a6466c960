"""Export: cases given out to somebody who may, watermarked, and that they took them recorded in each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.chronology import Event, record_event, remember_newest
from bot.cases.contents import read_answers
from bot.cases.people.roles import Person
from bot.cases.receiving.access import Act
from bot.cases.receiving.acting import NotDone
from bot.cases.receiving.entries import read_words
from bot.cases.receiving.inbox import Inbox
from bot.cases.receiving.seeing import NotYours, Visible
from bot.cases.receiving.taken import Taken, Taker, as_csv, as_json
from bot.cases.reference import is_reference
from bot.engines import Busy
from bot.messages import CaseAnswer, ExportCases, ExportFile, ExportFormat
from bot.wording import say

_MEDIA: Mapping[ExportFormat, str] = {
    ExportFormat.PDF: "application/pdf",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSON: "application/json",
}


@dataclass(frozen=True, slots=True)
class Export:
    """Gives cases out.

    Attributes:
        inbox: what a person may see.
    """

    inbox: Inbox

    def take(self, wanted: ExportCases) -> ExportFile:
        """Cases as a file; that this person took each, and as what, is stored before anything is given.

        Raises:
            NotYours: one of them is not theirs to take out, there is none, or a PDF of several is asked for.
            NotDone: that they took it cannot be stored, so nothing is given.
            SealBroken: a content cannot be opened.
        """
        person = self.inbox.sight.person(wanted.person)
        if not all(map(is_reference, wanted.references)):
            raise NotYours
        if wanted.format is ExportFormat.PDF and len(wanted.references) != 1:
            raise NotYours
        try:
            with self.inbox.store.reading() as connection:  # refused without the write lock
                self._theirs(connection, person, wanted)
            with self.inbox.store.writing() as connection:
                theirs = self._theirs(connection, person, wanted)
                self._record(connection, person, theirs, wanted.format)
                cases = [self._taken(connection, person, one) for one in theirs]
                connection.commit()
        except (SQLAlchemyError, Busy) as failure:
            raise NotDone(type(failure).__name__) from None
        remember_newest(self.inbox.store, self.inbox.keys)
        roles = say("list.and").join(dict.fromkeys(say(f"role.{one.role}") for one in theirs))
        taker = Taker(person.name, roles, self.inbox.clock.now())
        name = wanted.references[0] if len(wanted.references) == 1 else say("export.file")
        return ExportFile(f"{name}.{wanted.format}", _MEDIA[wanted.format], _content(cases, taker, wanted.format))

    def _theirs(self, connection: Connection, person: Person, wanted: ExportCases) -> list[Visible]:
        sight = self.inbox.sight
        if not wanted.references:
            theirs = sight.visible(connection, person, Act.EXPORT)
        else:
            references = dict.fromkeys(wanted.references)
            theirs = [sight.one(connection, person, Act.EXPORT, reference) for reference in references]
        if not theirs:
            raise NotYours
        return theirs

    def _record(self, connection: Connection, person: Person, theirs: list[Visible], as_what: ExportFormat) -> None:
        now = self.inbox.clock.now()
        for one in theirs:
            record_event(
                connection, self.inbox.keys, Event(one.id, now, "exported", person.id, one.role, as_what.value)
            )

    def _taken(self, connection: Connection, person: Person, seen: Visible) -> Taken:
        views, key = self.inbox.views, self.inbox.keys.key(seen.id)
        told = read_answers(connection, seen.id, key)
        shown = views.answers(seen.form, told)
        keyed: dict[str, CaseAnswer] = dict(zip(told, shown, strict=True))
        written = tuple(
            (event, field, views.in_words(event, field, text))
            for event, words in views.written(connection, seen.id, read_words(connection, seen.id, key))
            for field, text in words.items()
        )
        return Taken(views.case(connection, person, seen), keyed, seen.closed, written)


def _content(cases: Sequence[Taken], taker: Taker, as_what: ExportFormat) -> bytes:
    match as_what:
        case ExportFormat.PDF:
            from bot.cases.receiving.taken_pdf import as_pdf  # noqa: PLC0415 (it takes a while to load, and few need it)

            return as_pdf(cases[0], taker)
        case ExportFormat.CSV:
            return as_csv(cases, taker)
        case ExportFormat.JSON:
            return as_json(cases, taker)
        case _:
            assert_never(as_what)
