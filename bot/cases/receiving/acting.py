"""What somebody does to a case: asked of the table of access, done and recorded in one transaction, once a form."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.chronology import Event, record_event, remember_newest
from bot.cases.delivery.steps import Steps
from bot.cases.keys.keystore import KeyStore
from bot.cases.people.roles import Person, Role
from bot.cases.receiving import onward
from bot.cases.receiving.access import Act
from bot.cases.receiving.acts import ActSpec, Filled
from bot.cases.receiving.entries import record_words
from bot.cases.receiving.grace import begin_grace
from bot.cases.receiving.inbox import Inbox, record_look
from bot.cases.receiving.retention import ENTERED
from bot.cases.receiving.seeing import NotYours, Sight, Visible
from bot.cases.receiving.viewing import Attempt, Views
from bot.cases.reference import is_reference
from bot.engines import Busy
from bot.messages import ActOnCase, CaseAct, CaseView
from bot.wording import say
from knowledge.errors import TouchstoneError

ADVICE, TALK = "advice", "talk"
"""Answers to a contact that was made known (``acts.toml``): with advice it needs words, to talk leaves it open."""


class NotDone(TouchstoneError):
    """That could not be stored, so it was not done; see to the disk."""


class _Wrong(TouchstoneError):
    """It cannot be done as it was filled in; to be said beside the question."""

    def __init__(self, question: str, why: str) -> None:
        """Takes the key of the question and the key of the sentence."""
        super().__init__(question, why)
        self.question = question
        self.why = why


@dataclass(frozen=True, slots=True)
class _Doing:
    """One act under way.

    Attributes:
        connection: its transaction.
        person: who acts.
        role: in which role.
        seen: the case, as they see it.
        answers: what they filled in.
        now: when, in UTC.
    """

    connection: Connection
    person: Person
    role: Role
    seen: Visible
    answers: Mapping[str, str] = field(repr=False)
    now: datetime


@dataclass(frozen=True, slots=True)
class Acting:
    """Does what people do to cases.

    Attributes:
        inbox: what they may see, and how it is shown.
        steps: what it means for who is told.
    """

    inbox: Inbox
    steps: Steps

    def act(self, said: ActOnCase) -> CaseView:
        """Does it, and shows the case as it stands then; if it cannot be done, the case with what was filled in.

        The same form twice is one act. Whoever may not open the case is told the same as of none.

        Raises:
            NotYours: this person may not open it, or there is no such case.
            NotDone: it cannot be stored.
            SealBroken: its content cannot be opened.
        """
        person = self._sight.person(said.person)
        if not is_reference(said.reference):
            raise NotYours
        try:
            with (
                self.inbox.store.reading() as connection
            ):  # refused without the write lock: who guesses holds up nobody
                self._sight.one(connection, person, Act.OPEN, said.reference)
            with self.inbox.store.writing() as connection:
                view = self._acted(connection, person, said)
                connection.commit()
        except (SQLAlchemyError, Busy) as failure:
            raise NotDone(type(failure).__name__) from None
        remember_newest(self.inbox.store, self._keys)
        return view

    def _acted(self, connection: Connection, person: Person, said: ActOnCase) -> CaseView:
        seen = self._sight.one(connection, person, Act.OPEN, said.reference)
        if is_repeated(connection, self._keys, seen.id, said):
            return self._shown(connection, person, seen, Attempt(said.act, done=say("done.already")))
        spec = next((one for one in self._views.offered(connection, person, seen) if one.act is said.act), None)
        if spec is None:
            given = Attempt(said.act, Filled(said.form, said.answers), notice=say("case.not_possible"))
            return self._shown(connection, person, seen, given)
        answers = spec.cleaned(said.answers)
        now = self._sight.clock.now()
        errors = spec.errors(answers, now)
        if not errors:
            try:
                self._done(connection, person, seen, spec, answers)
            except _Wrong as wrong:
                errors = {wrong.question: say(f"wrong.{wrong.why}")}
        if errors:
            given = Attempt(said.act, Filled(said.form, said.answers, errors))
            return self._shown(connection, person, seen, given)
        remember(connection, self._keys, seen.id, said)
        mark = update(records.deliveries).where(records.deliveries.c.id == seen.delivery)
        connection.execute(mark.values(opened_at=now))
        after = self._sight.one(connection, person, Act.OPEN, said.reference)
        return self._views.case(connection, person, after, Attempt(said.act, done=say(f"done.{said.act}")))

    def _shown(self, connection: Connection, person: Person, seen: Visible, attempt: Attempt) -> CaseView:
        """The case as it is, because nothing was done: that is a look, and recorded like any."""
        record_look(connection, self._keys, seen, person, self._sight.clock.now())
        return self._views.case(connection, person, seen, attempt)

    def _done(
        self, connection: Connection, person: Person, seen: Visible, spec: ActSpec, answers: Mapping[str, str]
    ) -> None:
        role = self._sight.may(person, spec.needs, seen)
        if role is None:
            raise NotYours
        doing = _Doing(connection, person, role, seen, answers, self._sight.clock.now())
        do: Mapping[CaseAct, Callable[[_Doing], None]] = {
            CaseAct.ACKNOWLEDGE: self._acknowledge,
            CaseAct.NOTE: self._note,
            CaseAct.PASS_ON: self._pass_on,
            CaseAct.ASK: self._ask,
            CaseAct.ADD: self._add,
            CaseAct.ANSWER: self._answer,
            CaseAct.CLOSE: self._close_it,
            CaseAct.ENTERED: self._entered,
            CaseAct.MERGE: self._merge,
            CaseAct.REOPEN: self._reopen,
            CaseAct.HOLD: self._hold,
            CaseAct.RELEASE: self._release,
        }
        do[spec.act](doing)

    # ------------------------------------------------------------------------------------------- each of them

    def _acknowledge(self, doing: _Doing) -> None:
        self._record(doing, "acknowledged")
        self._in_hand(doing)

    def _note(self, doing: _Doing) -> None:
        self._write(doing, "noted", doing.answers)

    def _add(self, doing: _Doing) -> None:
        self._write(doing, "added", doing.answers)

    def _hold(self, doing: _Doing) -> None:
        self._write(doing, "held", doing.answers)

    def _release(self, doing: _Doing) -> None:
        self._write(doing, "released", doing.answers)

    def _close_it(self, doing: _Doing) -> None:
        self._close(doing, "closed", doing.answers)

    def _pass_on(self, doing: _Doing) -> None:
        receivers = self._views.receivers(doing.person, doing.seen)
        to = next(one for one in receivers if one.person.id == doing.answers["to"])
        self._write(doing, "passed_on", doing.answers)
        given = Event(doing.seen.id, doing.now, "delivered", to.person.id, to.role.value)
        record_event(doing.connection, self._keys, given)
        self._set(doing, waits_since=doing.now)
        self.steps.passed_on(doing.connection, doing.seen.id, [(to.person.id, to.role.value)], doing.now)

    def _ask(self, doing: _Doing) -> None:
        self._write(doing, "asked", doing.answers)
        onward.asked(self.steps, doing.connection, doing.seen.id, doing.now)

    def _answer(self, doing: _Doing) -> None:
        answer = doing.answers["answer"]
        if answer == ADVICE and not doing.answers.get("text"):
            raise _Wrong("text", "no_advice")
        if answer == TALK:
            self._write(doing, "answered", doing.answers)
            self._in_hand(doing)
        else:
            self._close(doing, "answered", {**doing.answers, "outcome": "contact"})

    def _entered(self, doing: _Doing) -> None:
        self._close(doing, "entered", {**doing.answers, "outcome": ENTERED})
        until = self._views.retention.entered_until(doing.now)
        begin_grace(doing.connection, doing.seen.id, until)

    def _close(self, doing: _Doing, event: str, words: Mapping[str, str]) -> None:
        self._write(doing, event, words)
        self._set(doing, state="closed", closed_at=doing.now)
        self.steps.closed(doing.connection, doing.seen.id, doing.now)

    def _merge(self, doing: _Doing) -> None:
        other = self._other(doing)
        for case, reference in ((doing.seen, other.reference), (other, doing.seen.reference)):
            event = "merged" if case is doing.seen else "received_merged"
            happened = Event(case.id, doing.now, event, doing.person.id, doing.role.value, reference)
            record_event(doing.connection, self._keys, happened)
        both = doing.seen.facts.struck | other.facts.struck
        for case in (doing.seen, other):
            new = [{"case_id": case.id, "person_hash": one} for one in sorted(both - case.facts.struck)]
            if new:
                doing.connection.execute(insert(records.struck), new)
        self._set(doing, state="closed", closed_at=doing.now, merged_into=other.id)
        self.steps.merged(doing.connection, doing.seen.id, doing.now)

    def _other(self, doing: _Doing) -> Visible:
        """Where a case is to go on.

        Raises:
            _Wrong: not there, or the two must stay apart.
        """
        seen, wanted = doing.seen, doing.answers["other"].upper()
        found = self._sight.visible(doing.connection, doing.person, Act.MERGE, wanted) if is_reference(wanted) else []
        if not found or found[0].state != "open" or found[0].id == seen.id:
            raise _Wrong("other", "no_other")
        other = found[0]
        of_one_report = {one.sibling_of or one.id for one in (seen, other)}
        readers = {case.id: {self._sight.hashed(told.person) for told in case.facts.told} for case in (seen, other)}
        is_about = bool(seen.facts.struck & readers[other.id] or other.facts.struck & readers[seen.id])
        if len(of_one_report) == 1 or is_about:
            raise _Wrong("other", "stay_apart")
        return other

    def _reopen(self, doing: _Doing) -> None:
        self._write(doing, "reopened", doing.answers)
        self._set(doing, state="open", closed_at=None, goes_at=None, merged_into=None, waits_since=doing.now)
        onward.reopened(doing.connection, doing.seen.id)
        self.steps.reopened(doing.connection, doing.seen.id, doing.person.id, doing.role.value, doing.now)

    # ---------------------------------------------------------------------------------------------- what they share

    def _in_hand(self, doing: _Doing) -> None:
        self.steps.acknowledged(doing.connection, doing.seen.id, doing.person.id, doing.role.value, doing.now)

    def _record(self, doing: _Doing, event: str) -> None:
        happened = Event(doing.seen.id, doing.now, event, doing.person.id, doing.role.value)
        record_event(doing.connection, self._keys, happened)

    def _write(self, doing: _Doing, event: str, words: Mapping[str, str]) -> None:
        happened = Event(doing.seen.id, doing.now, event, doing.person.id, doing.role.value)
        record_words(doing.connection, self._keys, self._keys.key(doing.seen.id), happened, words)

    def _set(self, doing: _Doing, **values: object) -> None:
        case = update(records.cases).where(records.cases.c.id == doing.seen.id)
        doing.connection.execute(case.values(**values))

    @property
    def _keys(self) -> KeyStore:
        return self.inbox.keys

    @property
    def _sight(self) -> Sight:
        return self.inbox.sight

    @property
    def _views(self) -> Views:
        return self.inbox.views


def is_repeated(connection: Connection, keys: KeyStore, case_id: str, said: ActOnCase) -> bool:
    """Whether this very form was sent before with the same words, and done."""
    known = select(records.acts.c.case_id).where(records.acts.c.fingerprint == _fingerprint(keys, said))
    return bool(said.form) and connection.scalar(known) == case_id


def remember(connection: Connection, keys: KeyStore, case_id: str, said: ActOnCase) -> None:
    """Remembers that this form was done, in the transaction that does it."""
    if said.form:
        connection.execute(insert(records.acts).values(fingerprint=_fingerprint(keys, said), case_id=case_id))


def _fingerprint(keys: KeyStore, said: ActOnCase) -> str:
    """The same form with other words is another act: what somebody wrote is never dropped as a repetition."""
    what = json.dumps([said.person, said.reference, said.act, said.form, sorted(said.answers.items())])
    return hmac.new(keys.derive("acts"), what.encode(), hashlib.sha256).hexdigest()
