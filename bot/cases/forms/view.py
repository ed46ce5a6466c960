"""Makes a form ready to be shown: with who will read it, what was filled in, and what is wrong with that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.cases.forms import kinds, progress
from bot.cases.forms.kinds import NO_DIRECTORY, Lookup
from bot.cases.forms.model import Form, QuestionSpec
from bot.messages import Attaching, Choice, Doubt, FormQuestion, FormView, Intro
from bot.wording import say


class Readers(Protocol):
    """Says which roles read a report (``Routes``)."""

    def roles(self, form: str, answers: Mapping[str, str]) -> tuple[str, ...]:
        """The roles that these answers lead to first; none while the deciding question is open."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How far a form is filled in.

    Attributes:
        draft: the id it is known by.
        values: what was filled in, by question key.
        errors: what is wrong with that, by question key.
        notice: what went wrong with the sending itself.
        clause: the label of the clause that the conversation came to.
        taken_over: keys of the answers that come from that conversation.
        dropped: keys of the answers that were left out because another one changed.
        kept: a sentence if it is a draft that came back.
        code: the code it is kept under; empty where it is not.
        attach_error: what is wrong with the files that came.
    """

    draft: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    clause: str | None = None
    taken_over: frozenset[str] = frozenset()
    dropped: tuple[str, ...] = ()
    kept: str = ""
    code: str = field(default="", repr=False)
    attach_error: str = ""


@dataclass(frozen=True, slots=True)
class FormViews:
    """Shows forms.

    Attributes:
        forms: by name.
        readers: which roles read a report.
        lookup: whom a typed name may mean.
        attaching: which files may go along, with what is wrong with those that came; None where none may.
    """

    forms: Mapping[str, Form]
    readers: Readers
    lookup: Lookup = NO_DIRECTORY
    attaching: Callable[[str], Attaching] | None = None

    def view(self, name: str, filled: Filled, now: datetime) -> FormView:
        """The form of that name as a person sees it; ``now`` is in UTC."""
        form = self.forms[name]
        asked = {question.key for question in progress.asked(form, filled.values)}
        return FormView(
            form=name,
            draft=filled.draft,
            title=form.title,
            intro=tuple(Intro(paragraph.text, paragraph.source, paragraph.verbatim) for paragraph in form.intro),
            questions=tuple(
                self._question(name, question, filled, now, is_asked=question.key in asked)
                for question in form.question
            ),
            submit=form.submit,
            notice=filled.notice,
            readers=self._readers(name, {}),
            clause=filled.clause,
            dropped=tuple(question.ask for question in form.question if question.key in filled.dropped),
            kept=filled.kept,
            code=filled.code,
            attaching=self.attaching(filled.attach_error) if self.attaching and form.files else None,
        )

    def _question(
        self, name: str, question: QuestionSpec, filled: Filled, now: datetime, *, is_asked: bool
    ) -> FormQuestion:
        value = filled.values.get(question.key, "")
        doubts = self._doubts(question, value) if is_asked and value else ()
        if doubts:  # each name that is asked about on a line of its own, to be found again
            value = "\n".join(kinds.line_of(one) for one in progress.names_apart(value, self.lookup))
        earliest, latest = kinds.bounds(question, now)
        return FormQuestion(
            key=question.key,
            kind=question.kind,
            ask=question.ask,
            help=question.help,
            source=question.source,
            required=question.required,
            choices=self._choices(name, question),
            max_length=question.max_length,
            value=value if is_asked else "",
            error=filled.errors.get(question.key, ""),
            asked=is_asked,
            when=question.when,
            more=question.more,
            taken_over=question.key in filled.taken_over,
            earliest=earliest,
            latest=latest,
            doubts=doubts,
            struck=question.struck,
        )

    def _choices(self, name: str, question: QuestionSpec) -> tuple[Choice, ...]:
        notes = {choice.value: choice.note for choice in question.choice}
        readers = {value: self._readers(name, {question.key: value}) for value in question.labels}
        if len(set(readers.values())) == 1:  # who reads it does not depend on this answer
            readers = dict.fromkeys(readers, "")
        return tuple(
            Choice(value, label, f"{notes.get(value, '')} {readers[value]}".strip())
            for value, label in question.labels.items()
        )

    def _readers(self, name: str, answers: Mapping[str, str]) -> str:
        """Who reads a report with these answers, in a sentence; nothing where that is not yet known."""
        roles = [say(f"role.{role}") for role in self.readers.roles(name, answers)]
        return say("form.readers", roles=say("list.and").join(roles)) if roles else ""

    def _doubts(self, question: QuestionSpec, value: str) -> tuple[Doubt, ...]:
        nobody = Choice(kinds.NOBODY_HERE, say("form.nobody"))
        return tuple(
            Doubt(one.name, (*(Choice(person.id, person.name) for person in close), nobody), one.person)
            for one, close in progress.doubtful(question, value, self.lookup)
        )
