"""Reviewing: what is due to be deleted, for somebody to look at, and to keep or to delete; nothing goes by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.chronology import Event, remember_newest
from bot.cases.people.directory import day_at_school
from bot.cases.people.roles import Person
from bot.cases.receiving.access import Act
from bot.cases.receiving.acting import NotDone, is_repeated, remember
from bot.cases.receiving.acts import Filled, shipped_acts
from bot.cases.receiving.entries import read_words, record_words
from bot.cases.receiving.grace import grace_ends
from bot.cases.receiving.inbox import Inbox
from bot.cases.receiving.retention import ENTERED, Retention
from bot.cases.receiving.seeing import NotYours, Visible
from bot.cases.reference import is_reference
from bot.cases.safekeeping.deletions import DeletionsDamaged
from bot.cases.safekeeping.purge import OnHold, Purge, Reason, StillOpen, is_held
from bot.engines import Busy
from bot.messages import ActForm, ActOnCase, CaseAct, RetentionRow, RetentionView
from bot.wording import say

_ACTS = (CaseAct.KEEP, CaseAct.PURGE)


@dataclass(frozen=True, slots=True)
class Closing:
    """How a case ended.

    Attributes:
        outcome: the key; empty where none is known.
        since: when it was closed, or when somebody looked last and kept it, in UTC.
        is_open: whether it goes on in one that is open.
    """

    outcome: str
    since: datetime
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Shows what is due, and does what somebody decides.

    Attributes:
        inbox: what a person may see.
        purge: deletes for good.
    """

    inbox: Inbox
    purge: Purge

    def open(self, person_id: str) -> RetentionView:
        """What is due to be looked at, of what this person may keep or delete; what has waited longest first.

        Raises:
            NotYours: the person is not in the directory, or nothing is theirs to keep or delete.
            SealBroken: how a case ended cannot be opened.
        """
        person = self.inbox.sight.person(person_id)
        with self.inbox.store.reading() as connection:
            return self._shown(connection, person)

    def act(self, said: ActOnCase) -> RetentionView:
        """Keeps or deletes a case that is due; one that a hold keeps stays, and so does one that is not due.

        Raises:
            NotYours: it is not theirs to keep or delete, or there is none.
            NotDone: it cannot be stored.
        """
        person = self.inbox.sight.person(said.person)
        needs = shipped_acts()[said.act].needs
        if not is_reference(said.reference):
            raise NotYours
        try:
            with self.inbox.store.reading() as connection:
                seen = self.inbox.sight.one(connection, person, needs, said.reference)
                if is_repeated(connection, self.inbox.keys, seen.id, said):
                    return self._shown(connection, person, done=say("done.already"))
                if not self._is_due(connection, seen):
                    return self._shown(connection, person, notice=say("case.not_possible"))
                filled = self._filled(said)
                if filled.errors:
                    return self._shown(connection, person, said=said, filled=filled)
            if said.act is CaseAct.KEEP:
                self._keep(person, said, filled)
            else:
                self.delete(person.id, said.reference, Reason.RETENTION)
            with self.inbox.store.reading() as connection:
                return self._shown(connection, person, done=say(f"done.{said.act}"))
        except (OnHold, StillOpen):  # since a moment ago
            with self.inbox.store.reading() as connection:
                return self._shown(connection, person, notice=say("case.not_possible"))
        except (SQLAlchemyError, Busy, OSError, DeletionsDamaged) as failure:
            raise NotDone(type(failure).__name__) from None

    def delete(self, person_id: str, reference: str, reason: Reason) -> None:
        """Deletes a closed case whose time need not be over, as somebody who may purge it decided.

        Raises:
            NotYours: it is not theirs to delete, there is none, or it was deleted before.
            StillOpen: it is not closed.
            OnHold: a legal hold is on it.
            DeletionsDamaged: the log of deletions cannot be trusted, so nothing was deleted.
        """
        person = self.inbox.sight.person(person_id)
        with self.inbox.store.reading() as connection:
            seen = self.inbox.sight.one(connection, person, Act.PURGE, reference)
        self.purge.purge(seen.reference, reason, (person.id, seen.role))

    def _keep(self, person: Person, said: ActOnCase, filled: Filled) -> None:
        sight, keys = self.inbox.sight, self.inbox.keys
        with self.inbox.store.writing() as connection:
            seen = sight.one(connection, person, shipped_acts()[CaseAct.KEEP].needs, said.reference)
            role = sight.may(person, Act.HOLD, seen)
            if role is None:
                raise NotYours
            happened = Event(seen.id, self.inbox.clock.now(), "kept", person.id, role.value)
            record_words(connection, keys, keys.key(seen.id), happened, filled.answers)
            remember(connection, keys, seen.id, said)
            connection.commit()
        remember_newest(self.inbox.store, keys)

    def _filled(self, said: ActOnCase) -> Filled:
        spec = shipped_acts()[said.act]
        answers = spec.cleaned(said.answers)
        return Filled(said.form, answers, spec.errors(answers, self.inbox.clock.now()))

    def _shown(  # noqa: PLR0913 (what was done, or why not, each by its name)
        self,
        connection: Connection,
        person: Person,
        *,
        said: ActOnCase | None = None,
        filled: Filled | None = None,
        done: str = "",
        notice: str = "",
    ) -> RetentionView:
        theirs = self.inbox.sight.visible(connection, person, Act.HOLD)
        if not theirs and not self._is_reviewer(person):
            raise NotYours
        rows = [
            row
            for seen in theirs
            if seen.state == "closed" and (row := self._row(connection, person, seen, said, filled)) is not None
        ]
        rows.sort(key=lambda row: (row.due or date.min, row.row.reference))
        return RetentionView(say("retention.title"), (say("retention.says"),), tuple(rows), done, notice)

    def _is_reviewer(self, person: Person) -> bool:
        """Whether their role keeps or deletes at all, so that an empty list is an answer."""
        return self.inbox.sight.holds(person, Act.HOLD)

    def _row(
        self, connection: Connection, person: Person, seen: Visible, said: ActOnCase | None, filled: Filled | None
    ) -> RetentionRow | None:
        """A case on the list; None if it is not due."""
        closing = self._closing(connection, seen)
        due = self._due(closing)
        if not self._is_over(connection, seen, closing, due):
            return None
        (row,) = self.inbox.views.rows(connection, [seen])
        outcome = self._periods.find(closing.outcome)
        held = is_held(connection, seen.id)
        return RetentionRow(
            row,
            seen.closed or seen.received,
            outcome.label if outcome else say("retention.unknown"),
            due,
            outcome.look if outcome else "",
            outcome.source if outcome and outcome.source != "school" else "",
            held,
            () if held else tuple(self._acts(person, seen, said, filled)),
        )

    def _acts(self, person: Person, seen: Visible, said: ActOnCase | None, filled: Filled | None) -> Iterator[ActForm]:
        for act in _ACTS:
            spec = shipped_acts()[act]
            if self.inbox.sight.may(person, spec.needs, seen) is not None:
                is_this = said is not None and (said.reference, said.act) == (seen.reference, act)
                yield spec.form(filled if is_this else None)

    def _is_due(self, connection: Connection, seen: Visible) -> bool:
        closing = self._closing(connection, seen)
        return seen.state == "closed" and self._is_over(connection, seen, closing, self._due(closing))

    def _is_over(self, connection: Connection, seen: Visible, closing: Closing, due: date | None) -> bool:
        if closing.is_open:
            return False
        if closing.outcome == ENTERED and grace_ends(connection, seen.id) is not None:
            return False  # it goes by itself, on the day that whoever closed it was told
        return due is None or due <= day_at_school(self.inbox.clock.now())

    def _due(self, closing: Closing) -> date | None:
        return self._periods.due(closing.outcome, closing.since)

    def _closing(self, connection: Connection, seen: Visible) -> Closing:
        """How a case ended; one that goes on in another ends when and as that does."""
        table = records.chronology.c
        outcome, since = "", seen.closed or seen.received
        case_id, merged = seen.id, seen.merged_into
        while merged is not None:
            cases = records.cases.c
            other = connection.execute(
                select(cases.id, cases.state, cases.closed_at, cases.merged_into).where(cases.id == merged)
            ).one()
            if other.state == "purged":
                return Closing("", since)
            case_id, merged = other.id, other.merged_into
            since = other.closed_at or self.inbox.clock.now()
            if other.state == "open":
                return Closing("", since, is_open=True)
        words = read_words(connection, case_id, self.inbox.keys.key(case_id))
        for number in sorted(words):
            outcome = words[number].get("outcome", outcome)
        kept = select(table.at).where(table.case_id == seen.id, table.event == "kept")
        last = connection.scalar(kept.order_by(table.number.desc()).limit(1))
        return Closing(outcome, max(since, last) if last else since)

    @property
    def _periods(self) -> Retention:
        return self.inbox.retention
