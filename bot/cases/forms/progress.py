"""How far a form is filled in: what is asked, what is next, missing and wrong. Pure functions over data.

Answers are text by question key, in the form of their kind (``QuestionKind``). An answer that is there and empty was
passed over: it is not asked again in a conversation, and is not kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.cases.forms import kinds
from bot.cases.forms.kinds import NO_DIRECTORY, Known, Lookup, Named
from bot.cases.forms.model import Form, QuestionSpec
from bot.messages import QuestionKind
from bot.wording import say


@dataclass(frozen=True, slots=True)
class Taken:
    """The answers after one or more were given.

    Attributes:
        answers: all there are now.
        dropped: keys of questions that had an answer and are not asked any more, in the form's order; their answers
            are gone, and the person is to be told so.
    """

    answers: Mapping[str, str] = field(repr=False)
    dropped: tuple[str, ...] = ()


def asked(form: Form, answers: Mapping[str, str]) -> tuple[QuestionSpec, ...]:
    """The questions that are asked after these answers, in order.

    A condition counts only if the question in it is asked itself.
    """
    found: dict[str, QuestionSpec] = {}
    given: dict[str, list[str]] = {}
    for question in form.question:
        if not question.when or any(
            all(set(values) & set(given.get(key, ())) for key, values in condition.items())
            for condition in question.when
        ):
            found[question.key] = question
            given[question.key] = kinds.canonical(question, answers.get(question.key, "")).split("\n")
    return tuple(found.values())


def cleaned(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    """What may become a case: the answers to questions that are asked, as they are stored, in the form's order."""
    given = {
        question.key: kinds.canonical(question, answers.get(question.key, "")) for question in asked(form, answers)
    }
    return {key: answer for key, answer in given.items() if answer}


def take(form: Form, answers: Mapping[str, str], key: str, value: str) -> Taken:
    """Takes one answer. One to a question that is not asked is left out; so is each whose question it closes."""
    if key not in {question.key for question in asked(form, answers)}:
        return Taken(answers, (key,) if value.strip() and form.find(key) else ())
    question = next(question for question in form.question if question.key == key)
    now_given = {**answers, key: kinds.canonical(question, value)}
    open_now = {question.key for question in asked(form, now_given)}
    dropped = tuple(one.key for one in form.question if now_given.get(one.key) and one.key not in open_now)
    return Taken({name: answer for name, answer in now_given.items() if name in open_now}, dropped)


def take_page(form: Form, answers: Mapping[str, str], values: Mapping[str, str]) -> Taken:
    """Takes a whole page: as if its answers had been given one by one, in the form's order. What is not in it stays."""
    dropped: dict[str, None] = {}
    for question in form.question:
        if question.key in values:
            taken = take(form, answers, question.key, values[question.key])
            answers = taken.answers
            dropped |= dict.fromkeys(taken.dropped)
    return Taken(answers, tuple(key for key in dropped if not answers.get(key)))


def next_question(form: Form, answers: Mapping[str, str]) -> QuestionSpec | None:
    """The first question that is asked and was neither answered nor passed over; None at the end."""
    return next((question for question in asked(form, answers) if question.key not in answers), None)


def back(form: Form, answers: Mapping[str, str]) -> Taken:
    """One step back: without the last answer of those given, so that its question is the next one again."""
    given = [question.key for question in asked(form, answers) if question.key in answers]
    return Taken({key: answers[key] for key in given[:-1]})


def missing(form: Form, answers: Mapping[str, str]) -> tuple[str, ...]:
    """Keys of the questions that are asked, must be answered, and are not."""
    given = cleaned(form, answers)
    return tuple(one.key for one in asked(form, answers) if one.required and one.key not in given)


def errors(form: Form, answers: Mapping[str, str], now: datetime, lookup: Lookup = NO_DIRECTORY) -> Mapping[str, str]:
    """What a person has to mend before the form can be sent, by question key; empty when it is complete.

    Args:
        form: the form.
        answers: what was given.
        now: in UTC; some days may not be in the future.
        lookup: whom a typed name may mean, for names that are struck from the case.
    """
    given = cleaned(form, answers)
    found = {
        question.key: _error(question, given.get(question.key, ""), now, lookup) for question in asked(form, answers)
    }
    return {key: error for key, error in found.items() if error}


def doubtful(question: QuestionSpec, answer: str, lookup: Lookup) -> tuple[tuple[Named, tuple[Known, ...]], ...]:
    """Names that may mean more than one person, with those whom each may mean: the sender has to say who it is.

    Only where the name decides who is left out of the case; for anybody else a name is but a word. Whom the sender said
    stands with the name, if it is one of these or nobody; anything else counts as not said.
    """
    if not question.struck:
        return ()
    found = ((one, lookup.propose(one.name)) for one in names_apart(answer, lookup))
    return tuple((_said(one, match.close), match.close) for one, match in found if match.is_asked)


def names_apart(answer: str, lookup: Lookup) -> tuple[Named, ...]:
    """The names of an answer one by one, also where several stand in a line; with whom the sender said that they mean.

    For whoever strikes them from the case: ``{one.name: one.person}`` is what the sender confirmed, where ``person`` is
    not empty.
    """
    return tuple(
        piece
        for one in kinds.named(answer)
        for piece in ([one] if one.person else [Named(name) for name in lookup.names_in(one.name)])
    )


def _said(one: Named, close: tuple[Known, ...]) -> Named:
    return one if one.person in {kinds.NOBODY_HERE, *(person.id for person in close)} else Named(one.name)


def is_urgent(form: Form, answers: Mapping[str, str]) -> bool:
    """Whether an answer was chosen that the form marks as urgent."""
    given = cleaned(form, answers)
    return any(
        choice.urgent and choice.value in given.get(question.key, "").split("\n")
        for question in form.question
        if question.kind in {QuestionKind.CHOICE, QuestionKind.CHOICES}
        for choice in question.choice
    )


def _error(question: QuestionSpec, answer: str, now: datetime, lookup: Lookup) -> str:
    if not answer:
        return say(f"form.missing_{question.kind.value}") if question.required else ""
    if wrong := kinds.fault(question, answer, now):
        return wrong
    is_open = any(not one.person for one, _ in doubtful(question, answer, lookup))
    return say("form.who_is_meant") if is_open else ""
