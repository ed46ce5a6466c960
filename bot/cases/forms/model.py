"""What a form is, read strictly from its TOML file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ConfigDict

from bot.messages import QuestionKind
from knowledge.datafile import BadDataFile, line_of, read_data
from knowledge.errors import TouchstoneError

SHIPPED = Path(__file__).parent

When = tuple[Mapping[str, tuple[str, ...]], ...]
"""On what a question depends: it is asked if any of these holds, and each holds if all its questions were answered with
one of the values named. Nothing at all: it is always asked."""

YES_NO: Mapping[str, str] = {"yes": "Yes", "no": "No"}
"""The two answers of a ``yes_no``, and how they are read."""

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_CHOSEN = frozenset({QuestionKind.CHOICE, QuestionKind.CHOICES, QuestionKind.YES_NO})
_LISTED = frozenset({QuestionKind.CHOICE, QuestionKind.CHOICES})
_WRITTEN = frozenset({QuestionKind.TEXT, QuestionKind.LINE, QuestionKind.PEOPLE})
_DATED = frozenset({QuestionKind.DATE, QuestionKind.MOMENT})
_NAMES = frozenset({QuestionKind.PEOPLE})

_FITS: Mapping[str, frozenset[QuestionKind]] = {
    "choice": _LISTED,
    "max_length": _WRITTEN,
    "most": _NAMES,
    "struck": _NAMES,
    "latest": _DATED,
    "earliest": _DATED,
    "decides_route": _CHOSEN,
}
"""Which kinds of question each key belongs to."""

_NEEDED = {
    "choice": "is a {kind} without choices; give at least two",
    "max_length": "is a {kind} without a limit; give max_length",
    "most": "has no limit to how many names; give most",
}
"""Which of these keys a question of such a kind cannot do without, and what to say."""


class NoSuchForm(TouchstoneError):
    """There is no form of that name."""


class Makes(StrEnum):
    """What a submitted form becomes."""

    CASE = "case"
    """Somebody has to see to it."""
    RECORD = "record"
    """It is kept; nobody has to answer."""


class Bound(StrEnum):
    """What a date is held against."""

    NONE = ""
    TODAY = "today"


@dataclass(frozen=True, slots=True)
class ChoiceSpec:
    """One answer to choose from.

    Attributes:
        value: what is stored.
        label: what is read.
        note: what choosing it means; what it says of the policy names its clause.
        urgent: whether it makes the case urgent: someone is, or may be, in danger now.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    value: str
    label: str
    note: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """One question.

    Attributes:
        key: its name, unique in the form.
        kind: how it is answered.
        ask: the question as a person reads it.
        source: the clause or guidance it comes from.
        help: a sentence or two under it.
        required: whether it must be answered when it is asked.
        more: whether it stands apart, under "more, if you know it".
        max_length: of a text or a line, or of one name, in characters.
        most: of people, how many names.
        latest: of a date or moment, until when at most.
        earliest: of a date or moment, from when at least.
        when: on what it depends.
        decides_route: whether who reads the report depends on the answer.
        struck: of people, whether those who are named are left out of every step of the case.
        choice: what to choose from.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    key: str
    kind: QuestionKind
    ask: str
    source: str
    help: str = ""
    required: bool = False
    more: bool = False
    max_length: int = 0
    most: int = 0
    latest: Bound = Bound.NONE
    earliest: Bound = Bound.NONE
    when: When = ()
    decides_route: bool = False
    struck: bool = False
    choice: tuple[ChoiceSpec, ...] = ()

    @property
    def labels(self) -> Mapping[str, str]:
        """What can be chosen, by value, as it is read; nothing for a question that is not chosen from a list."""
        return YES_NO if self.kind is QuestionKind.YES_NO else {one.value: one.label for one in self.choice}


@dataclass(frozen=True, slots=True)
class ParagraphSpec:
    """A paragraph, and the clause or guidance it comes from.

    Attributes:
        text: the words.
        source: where they come from; may be empty for what is said of the form itself.
        verbatim: whether they are the source's own words, sign for sign.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    text: str
    source: str = ""
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form.

    Attributes:
        title: its heading.
        offer: what it is for, in a sentence, where forms are offered.
        place: its place among the forms that are offered; the first is the most important one.
        submit: the words on the button.
        received: the first sentence of the receipt.
        intro: paragraphs to read first.
        question: in order.
        after: what to do once it is sent.
        makes: what it becomes.
        files: whether files may go along, where the school allows that at all.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    title: str
    offer: str
    place: int
    submit: str
    received: str
    intro: tuple[ParagraphSpec, ...]
    question: tuple[QuestionSpec, ...]
    after: tuple[ParagraphSpec, ...] = ()
    makes: Makes = Makes.CASE
    files: bool = False

    def find(self, key: str) -> QuestionSpec | None:
        """The question of that key, or None."""
        return next((question for question in self.question if question.key == key), None)


def load_forms(folder: Path = SHIPPED) -> Mapping[str, Form]:
    """Every form of a folder by its name, which is the file's; in the order in which they are offered.

    Raises:
        BadDataFile: a file is not a form; file, line and remedy are named.
    """
    found = {path: read_data(path, Form) for path in sorted(folder.glob("*.toml"))}
    for path, form in found.items():
        for fault in _faults(form):
            raise BadDataFile(path, line_of(path, fault.place), fault.what)
    return {path.stem: form for path, form in sorted(found.items(), key=lambda each: each[1].place)}


@dataclass(frozen=True, slots=True)
class _Fault:
    """What the shape of the data cannot say: where in the file, and what is wrong and to be done."""

    place: tuple[int | str, ...]
    what: str


def _faults(form: Form) -> Iterator[_Fault]:
    asked: dict[str, QuestionSpec] = {}
    for number, question in enumerate(form.question):
        at = ("question", number)
        if not _NAME.fullmatch(question.key):
            yield _Fault((*at, "key"), f"'{question.key}' cannot be a key; use small letters, digits and _")
        if question.key in asked:
            yield _Fault((*at, "key"), f"'{question.key}' is asked twice; give each question a key of its own")
        for key, what in _misfits(question):
            yield _Fault((*at, key), f"'{question.key}' {what}")
        for what in _bad_conditions(question, form, asked):
            yield _Fault((*at, "when"), f"'{question.key}' {what}")
        asked[question.key] = question


def _misfits(question: QuestionSpec) -> Iterator[tuple[str, str]]:
    """What does not fit the kind of the question: the key at fault, and what to do."""
    for key, kinds in _FITS.items():
        given = getattr(question, key)
        if given and question.kind not in kinds:
            yield key, f"is a {question.kind} and has {key}; take it out"
        is_enough = len(given) > 1 if key == "choice" else given
        if key in _NEEDED and question.kind in kinds and not is_enough:
            yield "key", _NEEDED[key].format(kind=question.kind)
    values = [choice.value for choice in question.choice]
    for number, value in enumerate(values):
        if value in values[:number]:
            yield "choice", f"has the choice '{value}' twice; give each choice a value of its own"
        if not _NAME.fullmatch(value):
            yield "choice", f"has the choice '{value}', which cannot be a value; use small letters, digits and _"


def _bad_conditions(question: QuestionSpec, form: Form, asked: Mapping[str, QuestionSpec]) -> Iterator[str]:
    """What is wrong with the conditions of a question; only what was asked before it can decide whether it is asked."""
    for condition in question.when:
        if not condition:
            yield "has an empty condition; name a question, or take the condition out"
        for key, values in condition.items():
            if key not in asked:
                yield _not_asked_before(question, key, form)
                continue
            labels = asked[key].labels
            if not labels:
                yield f"depends on '{key}', which is a {asked[key].kind}; only what is chosen can be a condition"
                continue
            if not values:
                yield f"depends on '{key}' and no answer to it; name at least one"
            for value in values:
                if value not in labels:
                    yield f"depends on {key} = '{value}', which is no answer to it; there are: {', '.join(labels)}"


def _not_asked_before(question: QuestionSpec, key: str, form: Form) -> str:
    if form.find(key) is None:
        return f"depends on '{key}', which this form does not ask; correct the key or add the question"
    if question.key in _depends_on(key, form):
        return f"depends on '{key}', and '{key}' on it: that goes in a circle; take one of the conditions out"
    return f"depends on '{key}', which comes later; move it behind that question"


def _depends_on(key: str, form: Form) -> frozenset[str]:
    """All that a question depends on, itself included, through however many others."""
    found: set[str] = set()
    waiting = {key}
    while waiting:
        one = waiting.pop()
        found.add(one)
        question = form.find(one)
        waiting |= {name for condition in question.when for name in condition} - found if question else set()
    return frozenset(found)
