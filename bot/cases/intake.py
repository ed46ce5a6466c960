"""Intake: a filled form becomes a case, in the order that makes it durable, and only then a receipt."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.cases import records
from bot.cases.chronology import Event, record_event, remember_newest
from bot.cases.contents import read_answers, write_answers
from bot.cases.directory import Directory, day_at_school
from bot.cases.drafts import Drafts
from bot.cases.filling import code_of, numbered_label
from bot.cases.forms import progress
from bot.cases.forms.model import Form, NoSuchForm
from bot.cases.forms.view import Filled, FormViews
from bot.cases.keystore import KeyStore
from bot.cases.masterkey import MasterKeyWrong
from bot.cases.reference import new_reference
from bot.cases.routing import Recipient, Routes
from bot.cases.sealing import CaseKey, SealBroken
from bot.engines import Busy, Store
from bot.messages import FormView, Receipt, SubmitForm
from bot.ports import Clock, Milestones, Stage
from bot.wording import say
from knowledge.errors import TouchstoneError

_log = structlog.get_logger()


class NobodyToReceive(TouchstoneError):
    """The routes lead this report to nobody; mend bot/cases/routes.toml."""


class PerhapsStored(TouchstoneError):
    """It was not seen to be stored as it was sent: it may be, and may not; nothing may be called received."""


@dataclass(frozen=True, slots=True)
class _NewCase:
    """A complete report on its way to the store; ``received`` is in UTC."""

    id: str
    form: str
    answers: Mapping[str, str] = field(repr=False)
    urgent: bool
    received: datetime


@dataclass(frozen=True, slots=True)
class Intake:
    """Receives forms.

    Attributes:
        forms: by name.
        views: shows a form that is given back.
        drafts: closes the draft that a case was.
        routes: which roles each report goes to.
        directory: who holds those roles.
        store: the records.
        keys: the keys they are sealed under.
        fingerprint_key: 32 bytes; makes the hash by which a repeated submission is known.
        clock: what time it is.
        milestones: hears how far a report has come.
    """

    forms: Mapping[str, Form]
    views: FormViews
    drafts: Drafts
    routes: Routes
    directory: Directory
    store: Store
    keys: KeyStore
    fingerprint_key: bytes
    clock: Clock
    milestones: Milestones

    def submit(self, submission: SubmitForm) -> Receipt | FormView:
        """Receives a filled form: a receipt once the case is stored and was read back, else the form with its errors.

        So too if there is an answer to a question that another answer has closed: it would not become part of the
        case, and nothing that somebody wrote is left out unsaid.

        The same draft with the same answers gives the same receipt, however often it comes. The same draft with
        other answers is a further case: what somebody wrote is never dropped as a repetition.

        Raises:
            NoSuchForm: there is no form of that name.
        """
        form = self._form(submission.form)
        answers = progress.cleaned(form, submission.answers)
        if dropped := progress.take_page(form, {}, submission.answers).dropped:
            return self._view(submission, dropped=dropped)
        if errors := progress.errors(form, answers, self.clock.now(), self.views.lookup):
            return self._view(submission, errors=errors)
        self.milestones.reached(Stage.ARRIVED)
        try:
            case_id = self._stored(submission, answers)
        except (SQLAlchemyError, OSError, Busy, NobodyToReceive, MasterKeyWrong) as failure:
            return self._given_back(submission, "not_stored", failure)
        except PerhapsStored as failure:
            return self._given_back(submission, "perhaps_stored", failure)
        try:
            self.milestones.reached(Stage.COMMITTED)
            receipt = self._receipt_after_reading_back(case_id, answers)
        except (SQLAlchemyError, OSError, PerhapsStored, SealBroken, MasterKeyWrong) as failure:
            return self._given_back(submission, "perhaps_stored", failure)
        self.milestones.reached(Stage.READ_BACK)
        remember_newest(self.store, self.keys)
        self._forget_draft(submission)
        return receipt

    def _forget_draft(self, submission: SubmitForm) -> None:
        """Destroys the key of the draft that was sent. Its content went with the commit, so a failure costs nothing."""
        try:
            self.drafts.forget(submission.draft)
        except (SQLAlchemyError, OSError, Busy) as failure:
            _log.error("key of a sent draft is still there", cause=type(failure).__name__)

    def _given_back(self, submission: SubmitForm, how: str, failure: Exception) -> FormView:
        """The form with all that was filled in, and what is known of it: surely not stored, or perhaps."""
        _log.error("no receipt", how=how, cause=type(failure).__name__)  # no more: its words may hold what was told
        return self._view(submission, notice=say(f"form.{how}"))

    def _view(
        self,
        submission: SubmitForm,
        errors: Mapping[str, str] | None = None,
        notice: str = "",
        dropped: tuple[str, ...] = (),
    ) -> FormView:
        """The form given back, with all that was filled in."""
        filled = Filled(
            submission.draft,
            submission.answers,
            errors or {},
            notice,
            clause=numbered_label(submission.clause),
            dropped=dropped,
            code=code_of(submission.owner),
        )
        return self.views.view(submission.form, filled, self.clock.now())

    def _form(self, name: str) -> Form:
        if name not in self.forms:
            raise NoSuchForm(name)
        return self.forms[name]

    def _fingerprint(self, submission: SubmitForm, answers: Mapping[str, str]) -> str:
        content = json.dumps([submission.form, submission.draft, sorted(answers.items())])
        return hmac.new(self.fingerprint_key, content.encode(), hashlib.sha256).hexdigest()

    def _stored(self, submission: SubmitForm, answers: Mapping[str, str]) -> str:
        """The id of the case of these answers: one that is there already, or a new one, committed."""
        name, fingerprint = submission.form, self._fingerprint(submission, answers)
        if known := self._known(fingerprint):
            return known
        urgent = progress.is_urgent(self._form(name), answers)
        case = _NewCase(secrets.token_hex(16), name, answers, urgent, self.clock.now())
        key = self.keys.new(case.id, case.received)
        self.milestones.reached(Stage.KEY_COMMITTED)
        try:
            with self.store.writing() as connection:
                self._write(connection, case, key)
                connection.execute(insert(records.submissions).values(fingerprint=fingerprint, case_id=case.id))
                self.drafts.sent(connection, submission.draft, submission.owner)
                self.milestones.reached(Stage.WRITTEN)
                _commit(connection)
        except IntegrityError:
            if known := self._known(fingerprint):  # the same submission came twice at once, and the other was quicker
                return known
            raise
        return case.id

    def _known(self, fingerprint: str) -> str | None:
        query = select(records.submissions.c.case_id).where(records.submissions.c.fingerprint == fingerprint)
        with self.store.reading() as connection:
            return connection.scalar(query)

    def _write(self, connection: Connection, case: _NewCase, key: CaseKey) -> None:
        """All rows of a new case: itself, its sealed answers, a delivery for each recipient, and the chronology."""
        values = {"id": case.id, "form": case.form, "urgent": case.urgent, "received_at": case.received}
        connection.execute(insert(records.cases).values(reference=new_reference(), **values))
        write_answers(connection, case.id, key, case.answers)
        record_event(connection, self.keys, Event(case.id, case.received, "received"))
        plans = self.routes.plan(
            form=case.form,
            answers=case.answers,
            school=self.directory.schools[0].id,
            struck=(),
            sender=None,
            directory=self.directory,
            on=day_at_school(case.received),
        )
        if not plans or not plans[0].steps:
            raise NobodyToReceive(case.form)
        for recipient in plans[0].steps[0].people:
            self._deliver(connection, case, recipient)

    def _deliver(self, connection: Connection, case: _NewCase, recipient: Recipient) -> None:
        """Owes a case to one person, at once; with the commit it lies in their inbox."""
        person, role = recipient.person.id, recipient.role.value
        values = {"case_id": case.id, "person": person, "role": role, "due_at": case.received}
        connection.execute(insert(records.deliveries).values(id=secrets.token_hex(16), **values))
        record_event(connection, self.keys, Event(case.id, case.received, "delivered", person, role))

    def _receipt_after_reading_back(self, case_id: str, answers: Mapping[str, str]) -> Receipt:
        """Reads the committed case with a connection of its own, and makes the receipt of what is really there.

        Raises:
            PerhapsStored: it is not what was sent.
        """
        with self.store.reading_afresh() as connection:
            case = connection.execute(select(records.cases).where(records.cases.c.id == case_id)).one_or_none()
            roles = connection.scalars(
                select(records.deliveries.c.role).where(records.deliveries.c.case_id == case_id).order_by("id")
            ).all()
            if case is None or not roles or read_answers(connection, case_id, self.keys.key(case_id)) != answers:
                raise PerhapsStored
        return Receipt(
            reference=case.reference,
            received=case.received_at,
            recipients=tuple(say(f"role.{role}") for role in dict.fromkeys(sorted(roles))),
            headline=self._form(case.form).received,
            steps=_steps(self._form(case.form), urgent=case.urgent),
        )


def _commit(connection: Connection) -> None:
    """Commits; whatever fails here leaves open whether it happened.

    Raises:
        PerhapsStored: it failed.
    """
    try:
        connection.commit()
    except (SQLAlchemyError, OSError):
        raise PerhapsStored from None


def _steps(form: Form, *, urgent: bool) -> tuple[str, ...]:
    after = (say("receipt.step", text=one.text, source=one.source) if one.source else one.text for one in form.after)
    always = (say("receipt.keep"), *after)
    return (say("receipt.danger"), *always) if urgent else always
