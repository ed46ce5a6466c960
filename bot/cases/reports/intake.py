"""Intake: a filled form becomes a case, in the order that makes it durable, and only then a receipt."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.cases import records
from bot.cases.chronology import remember_newest
from bot.cases.forms import progress
from bot.cases.forms.model import Form, NoSuchForm
from bot.cases.forms.view import Filled, FormViews
from bot.cases.keys.keystore import KeyStore
from bot.cases.keys.masterkey import MasterKeyWrong
from bot.cases.keys.sealing import CaseKey, SealBroken
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.reports.attachments import AttachedFiles, Kept, shipped_rules
from bot.cases.reports.drafts import PERSON, Drafts, NoSuchDraft
from bot.cases.reports.filing import Filed, Report, file_report, new_ids, read_filed
from bot.cases.reports.filling import code_of, numbered_label
from bot.cases.reports.standing import status_code, status_hash
from bot.cases.reports.strikes import struck_by
from bot.cases.routes.calendar import PLAIN, Calendar
from bot.cases.routes.routing import Plan, Routes
from bot.engines import Busy, Store
from bot.messages import FormView, Receipt, Sibling, SubmitForm
from bot.ports import Clock, Milestones, Stage
from bot.wording import say
from knowledge.errors import TouchstoneError

_log = structlog.get_logger()


class NobodyToReceive(TouchstoneError):
    """The routes lead this report to nobody; mend bot/cases/routes/routes.toml."""


class PerhapsStored(TouchstoneError):
    """It was not seen to be stored as it was sent: it may be, and may not; nothing may be called received."""


Afterwards = Callable[[], None]
"""What is left to do after a commit, and may come to nothing."""


class Beside(Protocol):
    """What some forms make beside their case, stored in its transaction: both are there, or neither."""

    def prepared(self, report: Report, fingerprint: str) -> Callable[[Connection], Afterwards] | None:
        """Makes ready what has to be committed first, and gives what adds the rest; None where there is nothing.

        Args:
            report: what was sent.
            fingerprint: by which it is known again, however often it comes.
        """


class NothingBeside:
    """No form makes anything but its case."""

    def prepared(self, report: Report, fingerprint: str) -> None:
        """Makes nothing ready."""


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
        code_key: 32 bytes; makes the code with which a sender asks how it stands, and the hash of it.
        clock: what time it is.
        milestones: hears how far a report has come.
        calendar: when the school is there.
        files: where the files lie that come with reports; None where the school allows none.
        beside: what some forms make beside their case.
    """

    forms: Mapping[str, Form]
    views: FormViews
    drafts: Drafts
    routes: Routes
    directory: Directory
    store: Store
    keys: KeyStore
    fingerprint_key: bytes = field(repr=False)
    code_key: bytes = field(repr=False)
    clock: Clock
    milestones: Milestones
    calendar: Calendar = PLAIN
    files: AttachedFiles | None = None
    beside: Beside = field(default_factory=NothingBeside)

    def submit(self, submission: SubmitForm) -> Receipt | FormView:  # noqa: PLR0911 (each way to give it back)
        """Receives a filled form: a receipt once the case is stored and was read back, else the form with its errors.

        So too if there is an answer to a question that another answer has closed: it would not become part of the
        case, and nothing that somebody wrote is left out unsaid.

        The same draft with the same answers gives the same receipt, however often it comes. The same draft with
        other answers is a further case: what somebody wrote is never dropped as a repetition.

        Raises:
            NoSuchForm: there is no form of that name.
            NoSuchDraft: answers are to be taken from a draft that this owner does not have.
            DraftUnreadable: that draft cannot be opened.
        """
        form = self._form(submission.form)
        submission = self._completed(submission)
        answers = progress.cleaned(form, submission.answers)
        if dropped := progress.take_page(form, {}, submission.answers).dropped:
            return self._view(submission, dropped=dropped)
        if errors := progress.errors(form, answers, self.clock.now(), self.views.lookup):
            return self._view(submission, errors=errors)
        if wrong := self._wrong_files(form, submission):
            return self._view(submission, attach_error=wrong)
        self.milestones.reached(Stage.ARRIVED)
        try:
            report = self._report(submission, answers)
            case_id = self._stored(self._fingerprint(submission, answers), submission, report)
        except (SQLAlchemyError, OSError, Busy, NobodyToReceive, MasterKeyWrong) as failure:
            return self._given_back(submission, "not_stored", failure)
        except PerhapsStored as failure:
            return self._given_back(submission, "perhaps_stored", failure)
        try:
            self.milestones.reached(Stage.COMMITTED)
            receipt = self._receipt_after_reading_back(case_id, report, self._code(submission, answers))
        except (SQLAlchemyError, OSError, PerhapsStored, SealBroken, MasterKeyWrong) as failure:
            return self._given_back(submission, "perhaps_stored", failure)
        self.milestones.reached(Stage.READ_BACK)
        remember_newest(self.store, self.keys)
        self._forget_draft(submission)
        return receipt

    def _completed(self, submission: SubmitForm) -> SubmitForm:
        """With the answers that were kept elsewhere than where it was filled in.

        Raises:
            NoSuchDraft: this owner has no such draft, and sent none.
            DraftUnreadable: it cannot be opened.
        """
        if not submission.kept:
            return submission
        try:
            told = self.drafts.find(submission.owner, submission.draft).answers
        except NoSuchDraft:
            told = self._became(submission)
        kept = {key: told.get(key, "") for key in submission.kept}
        return replace(submission, answers={**submission.answers, **kept}, kept=())

    def _became(self, submission: SubmitForm) -> Mapping[str, str]:
        """What was told in the report that a draft was: it is sent again by who saw no receipt.

        Raises:
            NoSuchDraft: this owner sent none, or what it became was deleted.
        """
        case_id = self._known(self._mark(submission.draft))
        if not case_id or not self.drafts.was_sent(submission.owner, submission.draft):
            raise NoSuchDraft
        with self.store.reading_afresh() as connection:
            filed = read_filed(connection, self.keys, case_id)
        return {key: answer for case in filed for key, answer in case.answers.items()}

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
        attach_error: str = "",
    ) -> FormView:
        """The form given back, with all that was filled in; files have to be chosen again, and that is said."""
        attach_error = attach_error or (say("attach.again") if submission.attachments else "")
        filled = Filled(
            submission.draft,
            submission.answers,
            errors or {},
            notice,
            clause=numbered_label(submission.clause),
            dropped=dropped,
            code=code_of(submission.owner),
            attach_error=attach_error,
        )
        return self.views.view(submission.form, filled, self.clock.now())

    def _form(self, name: str) -> Form:
        if name not in self.forms:
            raise NoSuchForm(name)
        return self.forms[name]

    def _fingerprint(self, submission: SubmitForm, answers: Mapping[str, str]) -> str:
        said: list[object] = [submission.form, submission.draft, sorted(answers.items())]
        if submission.attachments:
            said.append([one.digest for one in submission.attachments])
        return self._keyed(said)

    def _mark(self, draft_id: str) -> str:
        """By what the case is found that a draft of somebody's became."""
        return self._keyed(["draft", draft_id])

    def _keyed(self, said: Sequence[object]) -> str:
        return hmac.new(self.fingerprint_key, json.dumps(said).encode(), hashlib.sha256).hexdigest()

    def _report(self, submission: SubmitForm, answers: Mapping[str, str]) -> Report:
        """The report with where it goes: planned now, by the directory of now, less whoever it is about.

        Raises:
            NobodyToReceive: no route fits.
        """
        form, school, now = self._form(submission.form), self.directory.schools[0].id, self.clock.now()
        owner = submission.owner.removeprefix(PERSON) if submission.owner.startswith(PERSON) else None
        sender = submission.sender or owner
        today = day_at_school(now)
        struck = struck_by(form, answers, self.directory, school, today)
        plans = self.routes.plan(
            submission.form,
            answers,
            school=school,
            struck=struck,
            sender=sender,
            directory=self.directory,
            on=today,
        )
        if not plans:
            raise NobodyToReceive(submission.form)
        clause = numbered_label(submission.clause)
        urgent = progress.is_urgent(form, answers)
        hashed = status_hash(self.code_key, self._code(submission, answers))
        ids, files = new_ids(plans), submission.attachments
        return Report(submission.form, answers, urgent, now, clause, sender, plans, ids, hashed, files)

    def _stored(self, fingerprint: str, submission: SubmitForm, report: Report) -> str:
        """The id of the first case of this report: one that is there already, or a new one, committed."""
        if known := self._known(fingerprint):
            return known
        case_keys = self.keys.new_for(report.ids, report.received)
        self.milestones.reached(Stage.KEY_COMMITTED)
        add_beside, afterwards = self.beside.prepared(report, fingerprint), None
        kept = self._files_written(report, case_keys)
        try:
            with self.store.writing() as connection:
                file_report(connection, self.keys, case_keys, replace(report, kept=kept), self.calendar)
                connection.execute(insert(records.submissions).values(fingerprint=fingerprint, case_id=report.ids[0]))
                if self.drafts.sent(connection, submission.draft, submission.owner):
                    became = {"fingerprint": self._mark(submission.draft), "case_id": report.ids[0]}
                    connection.execute(insert(records.submissions).values(**became))
                afterwards = add_beside(connection) if add_beside else None
                self.milestones.reached(Stage.WRITTEN)
                _commit(connection)
        except IntegrityError:
            self._forget_files(report)
            if known := self._known(fingerprint):  # the same submission came twice at once, and the other was quicker
                return known
            raise
        except (SQLAlchemyError, OSError, Busy):
            self._forget_files(report)
            raise
        if afterwards is not None:
            afterwards()
        return report.ids[0]

    def _wrong_files(self, form: Form, submission: SubmitForm) -> str:
        """What is wrong with the files that came, in a sentence; empty where nothing is."""
        if not submission.attachments:
            return ""
        if self.files is None or not form.files:
            return say("attach.off")
        return shipped_rules().error(submission.attachments)

    def _files_written(self, report: Report, case_keys: Mapping[str, CaseKey]) -> dict[str, tuple[Kept, ...]]:
        """The files of each case, sealed and on the disk before any row names them."""
        if self.files is None or not report.attachments:
            return {}
        try:
            return {
                case_id: self.files.write(case_id, case_keys[case_id], report.attachments) for case_id in report.ids
            }
        except OSError:
            self._forget_files(report)
            raise

    def _forget_files(self, report: Report) -> None:
        if self.files is not None and report.attachments:
            self.files.forget(report.ids)

    def _are_there(self, case: Filed, report: Report) -> bool:
        """Whether the files that came are with a case, and open to what was sent."""
        if [one.digest for one in case.attachments] != [one.digest for one in report.attachments]:
            return False
        key = self.keys.key(case.id)
        return self.files is None or all(self.files.is_whole(case.id, one, key) for one in case.attachments)

    def _known(self, fingerprint: str) -> str | None:
        query = select(records.submissions.c.case_id).where(records.submissions.c.fingerprint == fingerprint)
        with self.store.reading() as connection:
            return connection.scalar(query)

    def _code(self, submission: SubmitForm, answers: Mapping[str, str]) -> str:
        return status_code(self.code_key, self._fingerprint(submission, answers))

    def _receipt_after_reading_back(self, case_id: str, report: Report, code: str) -> Receipt:
        """Reads the committed cases with a connection of its own, and makes the receipt of what is really there.

        Raises:
            PerhapsStored: it is not what was sent.
        """
        with self.store.reading_afresh() as connection:
            filed = read_filed(connection, self.keys, case_id)
        together = {key: answer for case in filed for key, answer in case.answers.items()}
        is_owed = all(case.roles for case in filed) or not all(plan.steps for plan in report.plans)
        if not filed or together != report.answers or not is_owed:
            raise PerhapsStored
        if not all(self._are_there(case, report) for case in filed):
            raise PerhapsStored
        first, *others = filed
        return Receipt(
            reference=first.reference,
            received=first.received,
            recipients=_in_words(first),
            headline=self._form(first.form).received,
            steps=(*_whom_to_ring(report.plans), *_files(first), *_steps(self._form(first.form), urgent=first.urgent)),
            siblings=tuple(Sibling(other.reference, _in_words(other)) for other in others),
            code=code,
        )


def _in_words(case: Filed) -> tuple[str, ...]:
    return tuple(say(f"role.{role}") for role in case.roles)


def _whom_to_ring(plans: Sequence[Plan]) -> tuple[str, ...]:
    """Where nobody at the school may receive a case: whom the sender is to ring instead."""
    contacts = dict.fromkeys(plan.last_resort for plan in plans if plan.last_resort)
    return tuple(
        say(
            f"receipt.ring.{'out_of_hours' if one.out_of_hours else 'office'}",
            name=one.name,
            telephone=one.telephone,
            out_of_hours=one.out_of_hours,
        )
        for one in contacts
    )


def _files(case: Filed) -> tuple[str, ...]:
    return (say("receipt.attached", count=len(case.attachments)),) if case.attachments else ()


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
