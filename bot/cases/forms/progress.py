"""Checks what was filled in: what is missing, what is wrong, and what is complete."""

from collections.abc import Mapping

from bot.cases.forms.model import Form, QuestionSpec
from bot.messages import QuestionKind
from bot.wording import say


def cleaned(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers to this form's questions, in its order, without white space around them; empty ones left out.

    Half a surrogate pair, an emoji that some client cut, cannot be stored and becomes the sign for that (U+FFFD).
    """
    whole = {question.key: _whole(answers.get(question.key, "")) for question in form.question}
    stripped = {key: answer.strip() for key, answer in whole.items()}
    return {key: answer for key, answer in stripped.items() if answer}


def errors(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    """What a person has to mend before the form can be sent, by question key; empty when it is complete."""
    found = {question.key: _error(question, answers.get(question.key, "")) for question in form.question}
    return {key: error for key, error in found.items() if error}


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_urgent(form: Form, answers: Mapping[str, str]) -> bool:
    """Whether an answer was chosen that the form marks as urgent."""
    return any(
        choice.urgent and answers.get(question.key) == choice.value
        for question in form.question
        for choice in question.choice
    )


def _error(question: QuestionSpec, answer: str) -> str:
    if not answer:
        return say(f"form.missing_{question.kind.value}") if question.required else ""
    match question.kind:
        case QuestionKind.CHOICE:
            return "" if answer in {choice.value for choice in question.choice} else say("form.not_a_choice")
        case QuestionKind.TEXT:
            over = len(answer) - question.max_length
            return say("form.too_long", limit=f"{question.max_length:,}", over=f"{over:,}") if over > 0 else ""
