"""Filling in: which forms there are, a form while it is filled in, and drafts that are left and come back."""

import re
import secrets
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.forms import progress
from bot.cases.forms.model import Form, NoSuchForm
from bot.cases.forms.view import Filled, FormViews
from bot.cases.keys.sealing import SealBroken
from bot.cases.reports.drafts import CODE, Draft, Drafts, DraftUnreadable, NoSuchDraft, new_code, spelled
from bot.engines import Busy
from bot.messages import (
    DiscardDraft,
    DraftKept,
    DraftRow,
    FillForm,
    FormOffer,
    FormsView,
    FormView,
    Noted,
    OpenDraft,
    OpenForm,
    OpenForms,
    SaveDraft,
)
from bot.ports import Clock
from bot.wording import say
from knowledge.numbering import Label, NotALabel

_log = structlog.get_logger()

CONCERN = "report_concern"
"""The form that may not lie unsent: its author is asked, and then others learn that it is there."""

_MAX_LABEL = 32
_NUMBERED = re.compile(r"[0-9A-Z][0-9A-Za-z.() ]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filling:
    """Shows forms, goes on in them, keeps drafts and gives them back.

    Attributes:
        views: shows a form.
        drafts: keeps what is left.
        clock: what time it is.
    """

    views: FormViews
    drafts: Drafts
    clock: Clock

    def offers(self, wanted: OpenForms) -> FormsView:
        """What can be told, and what this person left."""
        forms = self.views.forms
        offers = tuple(FormOffer(name, form.title, form.offer) for name, form in forms.items())
        rows = tuple(
            DraftRow(draft, forms[form].title if form in forms else form, updated)
            for draft, form, updated in self.drafts.titles(wanted.owner)
        )
        return FormsView(say("forms.title"), offers, rows)

    def open(self, wanted: OpenForm) -> FormView:
        """A form with a draft id of its own, and what the conversation knows, for the person to check.

        Raises:
            NoSuchForm: there is none of that name.
        """
        form = self._form(wanted.form)
        known = progress.take_page(form, {}, wanted.answers).answers
        wrong = progress.errors(form, known, self.clock.now(), self.views.lookup)
        given = {key: answer for key, answer in progress.cleaned(form, known).items() if key not in wrong}
        draft = self.drafts.open(wanted.form, progress.cleaned(form, given), numbered_label(wanted.clause))
        taken_over = frozenset(draft.answers)
        filled = Filled(draft.id, draft.answers, clause=draft.clause, taken_over=taken_over)
        return self._view(wanted.form, filled)

    def fill(self, wanted: FillForm) -> FormView:
        """The form after these answers: what they open is asked, what they close is left out, and said to be.

        Raises:
            NoSuchForm: there is none of that name.
        """
        form = self._form(wanted.form)
        taken = progress.take_page(form, {}, wanted.answers)
        return self._view(wanted.form, replace(_filled(wanted), values=taken.answers, dropped=taken.dropped))

    def save(self, wanted: SaveDraft) -> DraftKept | FormView:
        """Keeps the draft for its owner, who gets a code if the platform does not know them; else the form again.

        Raises:
            NoSuchForm: there is none of that name.
        """
        form = self._form(wanted.form)
        answers = progress.take_page(form, {}, wanted.answers).answers
        owner = wanted.owner or CODE + (code := new_code()).replace("-", "")
        fresh = self.drafts.open(wanted.form, clause=numbered_label(wanted.clause))
        try:
            kept = self.drafts.save(replace(fresh, id=wanted.draft), owner, progress.cleaned(form, answers))
        except (SQLAlchemyError, OSError, Busy, SealBroken, NoSuchDraft) as failure:
            _log.error("draft not kept", cause=type(failure).__name__)  # no more: its words may hold what was written
            return self._view(wanted.form, replace(_filled(wanted), notice=say("draft.not_kept")))
        return _kept(form, kept, wanted.owner, "" if wanted.owner else code)

    def resume(self, wanted: OpenDraft) -> FormView:
        """A draft as it was left.

        Raises:
            NoSuchDraft: this owner has none, or its form is not there any more.
            DraftUnreadable: it cannot be opened.
        """
        draft = self.drafts.find(wanted.owner, wanted.draft)
        if draft.form not in self.views.forms:
            raise DraftUnreadable
        filled = Filled(draft.id, draft.answers, clause=draft.clause, kept=say("draft.came_back"))
        return self._view(draft.form, replace(filled, code=code_of(wanted.owner)))

    def discard(self, wanted: DiscardDraft) -> Noted:
        """Takes a draft away, and its key.

        Raises:
            NoSuchDraft: this owner has none.
        """
        self.drafts.discard(wanted.owner, wanted.draft)
        return Noted(say("draft.gone"), (say("draft.gone_for_good"),))

    def _view(self, name: str, filled: Filled) -> FormView:
        return self.views.view(name, filled, self.clock.now())

    def _form(self, name: str) -> Form:
        if name not in self.views.forms:
            raise NoSuchForm(name)
        return self.views.forms[name]


def _kept(form: Form, kept: Draft, owner: str, code: str) -> DraftKept:
    back = "code" if code else "same_code" if code_of(owner) else "yours"
    asked = [say(f"draft.asked_{'yours' if back == 'yours' else 'code'}")] if kept.form == CONCERN else []
    sentences = (say("draft.nobody_reads"), say(f"draft.back_{back}"), *asked, say("draft.do_not_wait"))
    return DraftKept(kept.id, form.title, say("draft.kept"), sentences, code)


def code_of(owner: str) -> str:
    """The code that an owner is known by, as they wrote it down; empty for anybody else."""
    return spelled(owner.removeprefix(CODE)) if owner.startswith(CODE) else ""


def numbered_label(text: str | None) -> str | None:
    """A clause's label as it is cited, if it is a number; None for anything else.

    It is stored in clear beside what is sealed, so no words may get in: a label that is a heading is left out.
    """
    if not text or len(text) > _MAX_LABEL or not _NUMBERED.fullmatch(text):
        return None
    try:
        label = Label.parse(text)
    except NotALabel:
        return None
    return str(label) if label.number and not label.heading else None


def _filled(wanted: FillForm | SaveDraft) -> Filled:
    draft = wanted.draft or secrets.token_hex(16)
    clause = numbered_label(wanted.clause)
    return Filled(draft, wanted.answers, clause=clause, code=code_of(wanted.owner))
