"""What can be done to a case: each act with its questions, read strictly from ``acts.toml``."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from pydantic import ConfigDict

from bot.cases.forms import kinds
from bot.cases.forms.model import ChoiceSpec, QuestionSpec
from bot.cases.receiving.access import Act
from bot.messages import ActForm, CaseAct, Choice, FormQuestion
from bot.wording import say
from knowledge.datafile import read_data

SHIPPED = Path(__file__).parent / "acts.toml"


@dataclass(frozen=True, slots=True)
class ActSpec:
    """One thing that can be done; the head of ``acts.toml`` says what each key means."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    act: CaseAct
    needs: Act
    on: frozenset[str]
    title: str
    says: str
    submit: str
    forms: tuple[str, ...] = ()
    question: tuple[QuestionSpec, ...] = ()

    def choosing(self, choices: Mapping[str, tuple[ChoiceSpec, ...]]) -> "ActSpec":
        """This act with what can be chosen, by the key of the question; what has choices of its own keeps them."""
        questions = (replace(one, choice=choices.get(one.key, one.choice)) for one in self.question)
        return replace(self, question=tuple(questions))

    def cleaned(self, given: Mapping[str, str]) -> dict[str, str]:
        """The answers to this act's questions as they are stored; empty ones left out."""
        answers = {one.key: kinds.canonical(one, given.get(one.key, "")) for one in self.question}
        return {key: answer for key, answer in answers.items() if answer}

    def errors(self, answers: Mapping[str, str], now: datetime) -> dict[str, str]:
        """What is missing or wrong, by question key, in words."""
        found = {}
        for one in self.question:
            answer = answers.get(one.key, "")
            if answer:
                found[one.key] = kinds.fault(one, answer, now)
            elif one.required:
                found[one.key] = say(f"form.missing_{one.kind}")
        return {key: error for key, error in found.items() if error}

    def form(self, filled: "Filled | None" = None, **values: str) -> ActForm:
        """The act as a person sees it, with an id of its own.

        Args:
            filled: what was filled in before, and what is wrong with it.
            values: for the blanks in ``says``.
        """
        given = filled or Filled("")
        return ActForm(
            act=self.act,
            form=given.form or secrets.token_hex(16),
            title=self.title,
            says=self.says.format_map(values) if values else self.says,
            questions=tuple(_question(one, given) for one in self.question),
            submit=self.submit,
        )


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody filled in: the id of the form, their answers, and what is wrong with them."""

    form: str
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Acts:
    """The file ``acts.toml``."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    act: tuple[ActSpec, ...]


def _question(question: QuestionSpec, filled: Filled) -> FormQuestion:
    return FormQuestion(
        key=question.key,
        kind=question.kind,
        ask=question.ask,
        help=question.help,
        source=question.source,
        required=question.required,
        choices=tuple(Choice(one.value, one.label, one.note) for one in question.choice),
        max_length=question.max_length,
        value=filled.answers.get(question.key, ""),
        error=filled.errors.get(question.key, ""),
    )


@cache
def shipped_acts() -> Mapping[CaseAct, ActSpec]:
    """Every act, in the order in which they are offered.

    Raises:
        BadDataFile: the file is wrong.
    """
    return {one.act: one for one in read_data(SHIPPED, _Acts).act}
