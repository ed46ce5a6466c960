"""Fills in forms, whatever they ask: each way through one, with the same words in every field that takes words."""

from collections.abc import Mapping

from bot.cases.forms import progress
from bot.cases.forms.model import Form, QuestionSpec, load_forms
from bot.messages import QuestionKind

ROUNDS = max(len(question.labels) for form in load_forms().values() for question in form.question)
"""So many turns give every answer that can be chosen, and so ask every question."""

_DATES = {QuestionKind.DATE: "2026-11-01", QuestionKind.MOMENT: "about 2026-11-01 10:00"}


def _value(question: QuestionSpec, turn: int, words: str) -> str:
    labels = [*question.labels]
    if question.kind is QuestionKind.CHOICES:
        return "\n".join(labels)
    return labels[turn % len(labels)] if labels else _DATES.get(question.kind, f"{words} in {question.key}")


def filled(form: Form, turn: int, words: str) -> Mapping[str, str]:
    """All questions that one way through the form asks, each answered rightly; turn by turn another way."""
    answers: Mapping[str, str] = {}
    while question := progress.next_question(form, answers):
        answers = progress.take(form, answers, question.key, _value(question, turn, words)).answers
    return answers
