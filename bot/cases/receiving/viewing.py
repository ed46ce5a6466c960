"""How a case is shown: what a list says of it, what was told and written, what happened, and what can be done now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, Row, func, select

from bot.cases import records
from bot.cases.chronology import in_words, who
from bot.cases.contents import read_answers
from bot.cases.dates import SCHOOL_ZONE, day_in_words
from bot.cases.forms import kinds
from bot.cases.forms.model import ChoiceSpec, Form
from bot.cases.keys.keystore import KeyStore
from bot.cases.people.roles import Person, Role
from bot.cases.receiving.access import Act
from bot.cases.receiving.acts import ActSpec, Filled, shipped_acts
from bot.cases.receiving.entries import WRITTEN, read_words
from bot.cases.receiving.grace import grace_ends
from bot.cases.receiving.retention import ENTERED, Retention
from bot.cases.receiving.seeing import Sight, Visible
from bot.cases.reports.attachments import Kept, read_attachments
from bot.cases.routes.routing import Recipient
from bot.cases.safekeeping.purge import is_held
from bot.messages import (
    ActForm,
    AttachmentRow,
    CaseAct,
    CaseAnswer,
    CaseState,
    CaseView,
    ChronologyRow,
    ExportFormat,
    InboxRow,
    Looked,
)
from bot.wording import say

BY_SENDER = ("sender_added", "sender_replied", "added_there")
"""What the sender does: whoever has the case is shown that there is something new."""

_ROLES = tuple(role.value for role in Role)

_REVIEWED = frozenset({CaseAct.KEEP, CaseAct.PURGE})
_OF_SENDER = frozenset({CaseAct.REPLY, CaseAct.AMEND})


def _listed(kept: Kept) -> AttachmentRow:
    size = say("attach.size", size=f"{max(1, round(kept.size / 1000)):,}")
    return AttachmentRow(kept.id, kept.name, kept.suffix.upper(), size)


@dataclass(frozen=True, slots=True)
class Views:
    """Makes what is shown.

    Attributes:
        forms: by name.
        sight: who may see what.
        keys: what was told is sealed under.
        retention: how a case can end.
    """

    forms: Mapping[str, Form]
    sight: Sight
    keys: KeyStore
    retention: Retention

    def rows(self, connection: Connection, seen: Sequence[Visible]) -> tuple[InboxRow, ...]:
        """What a list says of cases, in their order."""
        fired = self._time_is_over(connection, [one.id for one in seen if one.state == "open"])
        news = self._newest_of_sender(connection, [one.id for one in seen])
        return tuple(self._row(one, fired.get(one.id), news.get(one.id)) for one in seen)

    def case(self, connection: Connection, person: Person, seen: Visible, filled: "Attempt | None" = None) -> CaseView:
        """A whole case, opened, as it stands in this transaction.

        Args:
            connection: any; that the person looks is recorded by the caller.
            person: who looks.
            seen: the case, as they see it.
            filled: what they tried to do, if it was not done.

        Raises:
            SealBroken: its content cannot be opened.
        """
        case_key = self.keys.key(seen.id)
        told = read_answers(connection, seen.id, case_key)
        words = read_words(connection, seen.id, case_key)
        history = self.history(connection, seen, words)
        (row,) = self.rows(connection, [seen])
        files = tuple(map(_listed, read_attachments(connection, seen.id, case_key)))
        return CaseView(
            row,
            self.answers(seen.form, told),
            history,
            acts=tuple(self._acts(connection, person, seen, filled)),
            done=filled.done if filled else "",
            notice=filled.notice if filled else "",
            open=filled.act if filled and filled.filled else None,
            facts=(*self._facts(connection, seen), *((say("case.files", count=len(files)),) if files else ())),
            exports=tuple(ExportFormat) if self.sight.may(person, Act.EXPORT, seen) else (),
            attachments=files,
        )

    def answers(self, form: str, told: Mapping[str, str]) -> tuple[CaseAnswer, ...]:
        """All that was told, with the questions in the words of today; what the form no longer asks, by its key."""
        asked = {question.key: question for question in self.forms[form].question} if form in self.forms else {}
        return tuple(
            CaseAnswer(asked[key].ask, kinds.in_words(asked[key], answer)) if key in asked else CaseAnswer(key, answer)
            for key, answer in told.items()
        )

    def title(self, form: str) -> str:
        """What kind of report it is."""
        return self.forms[form].title if form in self.forms else form

    def history(
        self, connection: Connection, seen: Visible, words: Mapping[int, Mapping[str, str]]
    ) -> tuple[ChronologyRow, ...]:
        """What happened, with what was written; looks of one person that follow one another stand in one row."""
        names = _events(connection, seen.id)
        rows = in_words(connection, seen.id, self.sight.directory)
        whole = [
            (names[number], replace(row, said=self.said(names[number], words.get(number, {}))))
            for number, row in rows.items()
        ]
        return tuple(_looks_together(whole))

    @staticmethod
    def written(
        connection: Connection, case_id: str, words: Mapping[int, Mapping[str, str]]
    ) -> Iterator[tuple[str, Mapping[str, str]]]:
        """What was written along with each event, in order: the event's name, and the texts by field."""
        names = _events(connection, case_id)
        yield from ((names[number], words[number]) for number in sorted(words))

    def said(self, event: str, words: Mapping[str, str]) -> tuple[CaseAnswer, ...]:
        """What was written along with an event, each under what it was asked as."""
        return tuple(
            CaseAnswer(say(f"written.{event}.{field}"), self.in_words(event, field, words[field]))
            for field in WRITTEN.get(event, ())
            if field in words
        )

    def receivers(self, person: Person, seen: Visible) -> tuple[Recipient, ...]:
        """To whom a person may pass a case on: neither its sender, nor whom it is about, nor who has it already."""
        sender = self.sight.sender(seen)
        facts = replace(seen.facts, sender=sender.id if sender else None)
        gate = self.sight.gate
        return tuple(
            one
            for one in gate.receivers(facts)
            if one.person.id != person.id and gate.role_for(one.person.id, Act.OPEN, facts) is None
        )

    def choosing(self, spec: ActSpec, person: Person, seen: Visible) -> ActSpec:
        """An act with its choices: to whom it can be passed on, how it can end."""
        receivers: tuple[ChoiceSpec, ...] = ()
        if spec.act is CaseAct.PASS_ON:
            receivers = tuple(
                ChoiceSpec(one.person.id, who(one.person.id, one.role, self.sight.directory))
                for one in self.receivers(person, seen)
            )
        outcomes = tuple(ChoiceSpec(one.key, one.label) for one in self.retention.of_form(seen.form))
        return spec.choosing({"to": receivers, "outcome": outcomes})

    def offered(self, connection: Connection, person: Person, seen: Visible) -> Iterator[ActSpec]:
        """What a person may do to a case as it stands, the likeliest first."""
        held = is_held(connection, seen.id)
        for act, spec in shipped_acts().items():
            if act in _REVIEWED or act in _OF_SENDER or seen.state not in spec.on:
                continue
            if spec.forms and seen.form not in spec.forms:
                continue
            if act is CaseAct.ACKNOWLEDGE and seen.mine.acknowledged_at is not None:
                continue
            if act is CaseAct.ASK and (seen.is_sender or self.sight.sender(seen) is None):
                continue
            if (act is CaseAct.HOLD and held) or (act is CaseAct.RELEASE and not held):
                continue
            if self.sight.may(person, spec.needs, seen) is not None:
                chosen = self.choosing(spec, person, seen)
                if act is not CaseAct.PASS_ON or chosen.question[0].choice:
                    yield chosen

    def _acts(
        self, connection: Connection, person: Person, seen: Visible, filled: "Attempt | None"
    ) -> Iterator[ActForm]:
        until = self.retention.entered_until(self.sight.clock.now()).astimezone(SCHOOL_ZONE)
        for spec in self.offered(connection, person, seen):
            mine = filled.filled if filled is not None and filled.act is spec.act else None
            if spec.act is CaseAct.ENTERED:
                yield spec.form(mine, days=str(self.retention.entered_days), until=day_in_words(until))
            else:
                yield spec.form(mine)

    def _facts(self, connection: Connection, seen: Visible) -> Iterator[str]:
        """What has to be known before anything is done."""
        cases = records.cases.c
        if seen.is_sender:
            yield say("case.yours")
        elif seen.sender_hash is None:
            yield say("case.sender_unknown")
        if is_held(connection, seen.id):
            yield say("case.held")
        if seen.merged_into is not None:
            other = connection.scalar(select(cases.reference).where(cases.id == seen.merged_into))
            yield say("case.goes_on", reference=other)
        for reference in connection.scalars(
            select(cases.reference).where(cases.merged_into == seen.id).order_by(cases.received_at)
        ):
            yield say("case.comes_from", reference=reference)
        if (goes := grace_ends(connection, seen.id)) is not None:
            yield say("case.goes", day=day_in_words(goes.astimezone(SCHOOL_ZONE)))

    def _row(self, seen: Visible, over: datetime | None, news: datetime | None) -> InboxRow:
        if seen.state == "closed":
            state = CaseState.CLOSED
        else:
            state = CaseState.ACKNOWLEDGED if seen.is_acknowledged else CaseState.NEW
        opened = seen.mine.opened_at
        marks = [say("inbox.yours")] if seen.is_sender else []
        if news is not None and (opened is None or opened <= news):
            marks.append(say("inbox.news"))
        return InboxRow(
            seen.reference,
            seen.received,
            self.title(seen.form),
            seen.urgent,
            opened is not None,
            state,
            overdue=state is CaseState.NEW and over is not None,
            seen=tuple(self._looked(seen)),
            marks=tuple(marks),
        )

    def _looked(self, seen: Visible) -> Iterator[Looked]:
        by_person: dict[str, list[Row[tuple[object, ...]]]] = {}
        for row in sorted(seen.deliveries, key=lambda row: (row.step, _ROLES.index(row.role), row.person)):
            by_person.setdefault(row.person, []).append(row)
        for person, mine in by_person.items():
            opened = max((row.opened_at for row in mine if row.opened_at), default=None)
            acknowledged = max((row.acknowledged_at for row in mine if row.acknowledged_at), default=None)
            yield Looked(who(person, mine[0].role, self.sight.directory), opened, acknowledged)

    def _time_is_over(self, connection: Connection, cases: Sequence[str]) -> dict[str, datetime]:
        """Of open cases, those whose next step was due since they began to wait: when it was."""
        timers, rows = records.timers.c, records.cases.c
        over = (
            select(timers.case_id, func.min(timers.due_at))
            .join(records.cases, rows.id == timers.case_id)
            .where(timers.case_id.in_(cases), timers.set_at >= func.coalesce(rows.waits_since, rows.received_at))
            .where(timers.due_at <= self.sight.clock.now())
            .group_by(timers.case_id)
        )
        return dict(connection.execute(over).all()) if cases else {}

    @staticmethod
    def _newest_of_sender(connection: Connection, cases: Sequence[str]) -> dict[str, datetime]:
        events = records.chronology.c
        newest = (
            select(events.case_id, func.max(events.at))
            .where(events.case_id.in_(cases), events.event.in_(BY_SENDER))
            .group_by(events.case_id)
        )
        return dict(connection.execute(newest).all()) if cases else {}

    def in_words(self, event: str, field: str, text: str) -> str:
        """What was written, as it is read: the label of an outcome, the words of an answer."""
        if field == "outcome":
            known = self.retention.find(text)
            return known.label if known else say("outcome.entered") if text == ENTERED else text
        return say(f"answered.{text}") if (event, field) == ("answered", "answer") else text


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody did, or tried to do.

    Attributes:
        act: what.
        filled: what they filled in, to be given back; None where it was done.
        done: what was done, in words.
        notice: why it was not done, in words.
    """

    act: CaseAct
    filled: Filled | None = None
    done: str = ""
    notice: str = ""


def _events(connection: Connection, case_id: str) -> dict[int, str]:
    events = records.chronology.c
    named = select(events.number, events.event).where(events.case_id == case_id)
    return dict(connection.execute(named).all())


def _looks_together(rows: Sequence[tuple[str, ChronologyRow]]) -> Iterator[ChronologyRow]:
    for (event, _), group in groupby(rows, key=lambda one: (one[0], one[1].who)):
        together = [row for _, row in group]
        if event == "opened" and len(together) > 1:
            yield replace(together[-1], detail=say("event.times", count=len(together)))
        else:
            yield from together
