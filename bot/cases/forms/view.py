"""Makes a form ready to be shown: with who will read it, what was filled in, and what is wrong with that."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cases.forms.model import Form, QuestionSpec
from bot.cases.routing import Routes
from bot.messages import Choice, FormQuestion, FormView, Intro
from bot.wording import say


@dataclass(frozen=True, slots=True)
class Filled:
    """How far a form is filled in.

    Attributes:
        draft: the id it is known by.
        values: what was filled in, by question key.
        errors: what is wrong with that, by question key.
        notice: what went wrong with the sending itself.
    """

    draft: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""


def form_view(name: str, form: Form, routes: Routes, filled: Filled) -> FormView:
    """The form as a person sees it."""
    questions = tuple(
        FormQuestion(
            key=question.key,
            kind=question.kind,
            ask=question.ask,
            help=question.help,
            source=question.source,
            required=question.required,
            choices=_choices(name, question, routes),
            max_length=question.max_length,
            value=filled.values.get(question.key, ""),
            error=filled.errors.get(question.key, ""),
        )
        for question in form.question
    )
    intro = tuple(Intro(paragraph.text, paragraph.source) for paragraph in form.intro)
    return FormView(name, filled.draft, form.title, intro, questions, form.submit, filled.notice)


def _choices(name: str, question: QuestionSpec, routes: Routes) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            choice.value, choice.label, f"{choice.note} {_readers(name, question.key, choice.value, routes)}".strip()
        )
        for choice in question.choice
    )


def _readers(name: str, key: str, value: str, routes: Routes) -> str:
    """Where an answer decides who reads the report, the sentence that says who."""
    roles = [say(f"role.{role}") for role in routes.roles(name, {key: value})]
    return say("form.readers", roles=say("list.and").join(roles)) if roles else ""
