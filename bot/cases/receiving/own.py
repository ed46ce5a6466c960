"""What people reported themselves: how far it has come, what they were asked, and a file of all that they supplied."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.chronology import Event, record_event, remember_newest
from bot.cases.contents import read_answers
from bot.cases.delivery.steps import Steps
from bot.cases.people.roles import Person
from bot.cases.receiving import onward
from bot.cases.receiving.access import Act
from bot.cases.receiving.acting import NotDone, is_repeated, remember
from bot.cases.receiving.acts import Filled, shipped_acts
from bot.cases.receiving.entries import read_words, record_words
from bot.cases.receiving.inbox import Inbox
from bot.cases.receiving.seeing import NotYours
from bot.cases.reference import is_reference
from bot.cases.reports.standing import Standings, where_it_goes_on
from bot.engines import Busy
from bot.messages import ActForm, ActOnCase, CaseAct, ChronologyRow, ExportFile, OwnReport, OwnView
from bot.wording import say

TO_SENDER: Mapping[str, tuple[str, ...]] = {
    "asked": ("text",),
    "answered": ("answer", "text"),
    "sender_added": ("text",),
    "sender_replied": ("text",),
}
"""Which of what was written its sender reads, and what of it: what they wrote, were asked and were answered."""


def _nothing(_person: str) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True)
class Own:
    """Shows senders what is theirs, and takes what they add.

    Attributes:
        inbox: what they may see, and how it is shown.
        standings: how far each has come.
        steps: what an addition means for who is told.
        further: gives what else a person supplied, by its name, for the file of all that they did.
    """

    inbox: Inbox
    standings: Standings
    steps: Steps
    further: Callable[[str], Mapping[str, object]] = _nothing

    def open(self, person_id: str) -> OwnView:
        """What a person reported, the newest first; nothing of what is about them, not even that there is something.

        Raises:
            NotYours: they are not in the directory.
            SealBroken: something cannot be opened.
        """
        person = self.inbox.sight.person(person_id)
        with self.inbox.store.reading() as connection:
            return self._shown(connection, person)

    def whole(self, person_id: str) -> ExportFile:
        """All that a person supplied, as a file for them to keep.

        Whoever is under a concern gets what anybody gets who supplied the same: the words that are theirs. All else is
        a request to the data protection lead, who looks at it first.

        Raises:
            NotYours: they are not in the directory.
            SealBroken: something cannot be opened.
        """
        view = self.open(person_id)
        supplied = [
            {
                "reference": report.reference,
                "form": report.standing.form,
                "received": report.standing.received.isoformat(),
                "answers": [{"asked": one.ask, "answered": one.answer} for one in report.answers],
                "later": [
                    {"at": row.at.isoformat(), "what": row.what, "said": [one.answer for one in row.said]}
                    for row in report.said
                ],
            }
            for report in view.reports
        ]
        whole = {"about": list(view.says), "reports": supplied, **self.further(person_id)}
        content = json.dumps(whole, ensure_ascii=False, indent=2)
        return ExportFile("what-you-supplied.json", "application/json", content.encode())

    def act(self, said: ActOnCase) -> OwnView:
        """Takes a sender's answer or addition; the same form twice is one.

        Raises:
            NotYours: they sent no such report, or may not add to it.
            NotDone: it cannot be stored.
        """
        person = self.inbox.sight.person(said.person)
        if not is_reference(said.reference):
            raise NotYours
        try:
            with self.inbox.store.reading() as connection:
                self._one(connection, person, said.reference)
            with self.inbox.store.writing() as connection:
                filled = self._acted(connection, self._one(connection, person, said.reference), said)
                view = self._shown(connection, person, said, filled)
                connection.commit()
        except (SQLAlchemyError, Busy) as failure:
            raise NotDone(type(failure).__name__) from None
        remember_newest(self.inbox.store, self.inbox.keys)
        return view

    def _acted(self, connection: Connection, case: Row[Any], said: ActOnCase) -> Filled | None:
        """Does it; what was filled in, with what is wrong, if it was not done."""
        if is_repeated(connection, self.inbox.keys, case.id, said):
            return None
        spec, now = shipped_acts()[said.act], self.inbox.sight.clock.now()
        answers = spec.cleaned(said.answers)
        if errors := spec.errors(answers, now):
            return Filled(said.form, said.answers, errors)
        event = "sender_replied" if said.act is CaseAct.REPLY else "sender_added"
        key = self.inbox.keys.key(case.id)
        record_words(connection, self.inbox.keys, key, Event(case.id, now, event), answers)
        remember(connection, self.inbox.keys, case.id, said)
        goes_on = where_it_goes_on(connection, case)
        if goes_on.id != case.id:
            news = Event(goes_on.id, now, "added_there", detail=case.reference)
            record_event(connection, self.inbox.keys, news)
        if goes_on.state == "closed":
            again = update(records.cases).where(records.cases.c.id == goes_on.id)
            connection.execute(again.values(state="open", closed_at=None, goes_at=None, waits_since=now))
        onward.added(self.steps, connection, goes_on.id, now, was_closed=goes_on.state == "closed")
        return None

    def _one(self, connection: Connection, person: Person, reference: str) -> Row[Any]:
        """The row of a report that a person may add to.

        Raises:
            NotYours: there is none.
        """
        mine = [
            row for row in self.inbox.sight.own(connection, person, Act.AMEND_OWN, reference) if row.state != "purged"
        ]
        if not mine:
            raise NotYours
        return mine[0]

    def _shown(
        self, connection: Connection, person: Person, said: ActOnCase | None = None, filled: Filled | None = None
    ) -> OwnView:
        reports = tuple(
            self._report(connection, row, said if said and said.reference == row.reference else None, filled)
            for row in self.inbox.sight.own(connection, person, Act.SEE_OWN)
        )
        done = say(f"done.{said.act}") if said is not None and filled is None else ""
        says = (say("own.says"), say("own.rest"))
        tried = (said.reference, said.act) if said is not None and filled is not None else None
        return OwnView(say("own.title"), says, reports, done, open=tried)

    def _report(
        self, connection: Connection, case: Row[Any], said: ActOnCase | None, filled: Filled | None
    ) -> OwnReport:
        standing = self.standings.row(connection, case)
        if standing.is_purged:
            return OwnReport(standing, ())
        key = self.inbox.keys.key(case.id)
        history = tuple(self._history(connection, case.id, read_words(connection, case.id, key)))
        return OwnReport(
            standing,
            self.inbox.views.answers(case.form, read_answers(connection, case.id, key)),
            tuple(row for _, row in history),
            tuple(_acts([event for event, _ in history], said, filled)),
        )

    def _history(
        self, connection: Connection, case_id: str, words: Mapping[int, Mapping[str, str]]
    ) -> Iterator[tuple[str, ChronologyRow]]:
        """What the sender wrote since, was asked and was answered; by whom in no more than their role."""
        table = records.chronology.c
        events = select(table.number, table.at, table.event, table.role)
        theirs = events.where(table.case_id == case_id, table.event.in_(TO_SENDER)).order_by(table.number)
        for row in connection.execute(theirs):
            told = {field: words[row.number][field] for field in TO_SENDER[row.event] if field in words[row.number]}
            by = say(f"role.{row.role}") if row.role else ""
            yield (
                row.event,
                ChronologyRow(row.at, say(f"own.{row.event}"), by, "", self.inbox.views.said(row.event, told)),
            )


def _acts(events: list[str], said: ActOnCase | None, filled: Filled | None) -> Iterator[ActForm]:
    """Reply, while a question is open; and add, always."""
    about = [event for event in events if event in {"asked", "sender_replied"}]
    for act in (CaseAct.REPLY, CaseAct.AMEND):
        if act is CaseAct.AMEND or about[-1:] == ["asked"]:
            yield shipped_acts()[act].form(filled if said is not None and said.act is act else None)
