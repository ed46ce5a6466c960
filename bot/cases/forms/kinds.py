"""The kinds of answer: how each is stored, what is wrong with one, and how it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, assert_never

from bot.cases import dates
from bot.cases.dates import SCHOOL_ZONE, NotUnderstood
from bot.cases.forms.model import Bound, QuestionSpec
from bot.messages import MEANS, QuestionKind
from bot.wording import say

_CLOCKS_DIFFER = timedelta(minutes=15)
"""So much later than now a time of today may be: clocks differ, and people round up."""

NOBODY_HERE = "-"
"""What stands for the id where the sender said that a name is nobody of the directory."""


@dataclass(frozen=True, slots=True)
class Named:
    """One name as it was typed, and whom the sender said that it means.

    Attributes:
        name: as typed.
        person: an id in the directory, ``NOBODY_HERE``, or empty while nothing was said.
    """

    name: str
    person: str = ""


class Known(Protocol):
    """Somebody of the directory, as far as a form needs to know them."""

    @property
    def id(self) -> str:
        """Their id in the directory."""

    @property
    def name(self) -> str:
        """Their name."""


class Match(Protocol):
    """Whom a typed name may mean (``conflicts.Match``)."""

    @property
    def close(self) -> tuple[Known, ...]:
        """Those whom it may mean, the likeliest first."""

    @property
    def is_asked(self) -> bool:
        """Whether the sender has to be asked: nobody can be sure whom it means."""


@dataclass(frozen=True, slots=True)
class _NobodyKnown:
    close: tuple[Known, ...] = ()
    is_asked: bool = False


def _one(line: str) -> tuple[str, ...]:
    return (line,)


def _nobody(_name: str) -> Match:
    return _NobodyKnown()


@dataclass(frozen=True, slots=True)
class Lookup:
    """How typed names are held against the directory.

    Attributes:
        propose: whom a name may mean (``conflicts.propose``, given directory, school and day); by default nobody.
        names_in: the names of one line (``conflicts.names_in``); by default the line is one name.
    """

    propose: Callable[[str], Match] = _nobody
    names_in: Callable[[str], tuple[str, ...]] = _one


NO_DIRECTORY = Lookup()
"""Nobody is known, and no name is asked about."""


def named(answer: str) -> tuple[Named, ...]:
    """The names of a ``people`` answer."""
    found = (line.split(MEANS, 1) for line in answer.split("\n"))
    return tuple(Named(name.strip(), "".join(rest).strip()) for name, *rest in found if name.strip())


def canonical(question: QuestionSpec, text: str) -> str:  # noqa: PLR0911 (one for each kind)
    """The answer as it is stored; what cannot be understood stays as it was typed, without white space around it.

    Half a surrogate pair, an emoji that some client cut, cannot be stored and becomes the sign for that (U+FFFD).
    """
    if not text:
        return ""  # as most are: a form has many questions that nobody answers
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.CHOICE | QuestionKind.YES_NO:
            return text
        case QuestionKind.LINE:
            return " ".join(text.split())
        case QuestionKind.CHOICES:
            return _chosen(question.labels, text)
        case QuestionKind.PEOPLE:
            return "\n".join(dict.fromkeys(line_of(one) for one in named(text)))
        case QuestionKind.DATE:
            return _understood(lambda: dates.read_day(text).isoformat(), text)
        case QuestionKind.MOMENT:
            return _understood(lambda: str(dates.read_moment(text)), text)
        case _:
            assert_never(question.kind)


def fault(question: QuestionSpec, answer: str, now: datetime) -> str:
    """What is wrong with an answer as ``canonical`` gave it, to the person who wrote it; empty if nothing is.

    Whether it had to be given is not looked at here. ``now`` is in UTC.
    """
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.LINE:
            return _too_long(answer, question.max_length)
        case QuestionKind.CHOICE | QuestionKind.YES_NO:
            return "" if answer in question.labels else say("form.not_a_choice")
        case QuestionKind.CHOICES:
            return "" if set(answer.split("\n")) <= set(question.labels) else say("form.not_a_choice")
        case QuestionKind.PEOPLE:
            return _fault_of_names(question, named(answer))
        case QuestionKind.DATE | QuestionKind.MOMENT:
            return _fault_of_time(question, answer, now)
        case _:
            assert_never(question.kind)


def in_words(question: QuestionSpec, answer: str) -> str:
    """An answer as a person reads it: labels of what was chosen, dates in words, names without ids."""
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.LINE:
            return answer
        case QuestionKind.CHOICE | QuestionKind.CHOICES | QuestionKind.YES_NO:
            return "\n".join(question.labels.get(value, value) for value in answer.split("\n"))
        case QuestionKind.PEOPLE:
            return "\n".join(one.name for one in named(answer))
        case QuestionKind.DATE:
            return _understood(lambda: dates.day_in_words(dates.read_day(answer)), answer)
        case QuestionKind.MOMENT:
            return _understood(lambda: dates.read_moment(answer).in_words(), answer)
        case _:
            assert_never(question.kind)


def bounds(question: QuestionSpec, now: datetime) -> tuple[date | None, date | None]:
    """The earliest and the latest day that a date or moment may have; None where there is no such bound."""
    today = now.astimezone(SCHOOL_ZONE).date()
    earliest = today if question.earliest is Bound.TODAY else None
    return earliest, today if question.latest is Bound.TODAY else None


def line_of(one: Named) -> str:
    """A name as it stands in an answer."""
    name = " ".join(one.name.split())
    return f"{name}{MEANS}{one.person}" if one.person else name


def _chosen(labels: Mapping[str, str], text: str) -> str:
    """In the order of the form, each once; what is no choice at the end, so that it is found to be wrong."""
    values = dict.fromkeys(line.strip() for line in text.split("\n") if line.strip())
    return "\n".join(
        [value for value in labels if value in values] + [value for value in values if value not in labels]
    )


def _too_long(text: str, limit: int) -> str:
    over = len(text) - limit
    return say("form.too_long", limit=f"{limit:,}", over=f"{over:,}") if over > 0 else ""


def _fault_of_names(question: QuestionSpec, names: tuple[Named, ...]) -> str:
    if len(names) > question.most:
        return say("form.too_many_names", most=question.most, over=len(names) - question.most)
    return next((too_long for one in names if (too_long := _too_long(one.name, question.max_length))), "")


def _fault_of_time(question: QuestionSpec, answer: str, now: datetime) -> str:
    try:
        moment = (
            dates.Moment(dates.read_day(answer)) if question.kind is QuestionKind.DATE else dates.read_moment(answer)
        )
    except NotUnderstood as why:
        return str(why)
    earliest, latest = bounds(question, now)
    if latest and moment.day > latest:
        return say("form.in_the_future", day=dates.day_in_words(moment.day))
    if earliest and moment.day < earliest:
        return say("form.in_the_past", day=dates.day_in_words(moment.day))
    soon = (now + _CLOCKS_DIFFER).astimezone(SCHOOL_ZONE)
    if latest == moment.day and moment.at and not moment.is_rough and soon.date() == latest and moment.at > soon.time():
        return say("form.later_today", time=f"{moment.at:%H:%M}")
    return ""


def _understood(read: Callable[[], str], text: str) -> str:
    try:
        return read()
    except NotUnderstood:
        return text
