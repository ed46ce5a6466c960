"""What a form is, read strictly from its TOML file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict

from bot.messages import QuestionKind
from knowledge.datafile import BadDataFile, read_data
from knowledge.errors import TouchstoneError

SHIPPED = Path(__file__).parent


class NoSuchForm(TouchstoneError):
    """There is no form of that name."""


@dataclass(frozen=True, slots=True)
class ChoiceSpec:
    """One answer to choose from.

    Attributes:
        value: what is stored.
        label: what is read.
        note: what choosing it means.
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
        kind: a choice or a text.
        ask: the question as a person reads it.
        source: the clause or guidance it comes from.
        help: a sentence or two under it.
        required: whether it must be answered.
        max_length: of a text, in characters.
        choice: what to choose from.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    key: str
    kind: QuestionKind
    ask: str
    source: str
    help: str = ""
    required: bool = False
    max_length: int = 0
    choice: tuple[ChoiceSpec, ...] = ()

    def label_of(self, value: str) -> str:
        """An answer as a person reads it: the label of a choice, or the text itself."""
        return next((choice.label for choice in self.choice if choice.value == value), value)


@dataclass(frozen=True, slots=True)
class IntroSpec:
    """A paragraph to read first, and the clause or guidance it comes from."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form: what to read first, the questions in order, and the words on the button."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    title: str
    submit: str
    intro: tuple[IntroSpec, ...]
    question: tuple[QuestionSpec, ...]


def load_forms(folder: Path = SHIPPED) -> Mapping[str, Form]:
    """Every form of a folder by its name, which is the file's.

    Raises:
        BadDataFile: a file is not a form; file, line and remedy are named.
    """
    return {path.stem: _checked(path, read_data(path, Form)) for path in sorted(folder.glob("*.toml"))}


def _checked(path: Path, form: Form) -> Form:
    for number, question in enumerate(form.question):
        line = _line_of_question(path, number)
        if question.kind is QuestionKind.CHOICE and len(question.choice) < 2:  # noqa: PLR2004 (a choice has two sides)
            raise BadDataFile(path, line, f"'{question.key}' is a choice without choices; give at least two")
        if question.kind is QuestionKind.TEXT and question.max_length <= 0:
            raise BadDataFile(path, line, f"'{question.key}' is a text without a limit; give max_length")
        if question.key in {earlier.key for earlier in form.question[:number]}:
            raise BadDataFile(path, line, f"'{question.key}' is asked twice; give each question a key of its own")
    return form


def _line_of_question(path: Path, number: int) -> int:
    lines = path.read_text(encoding="utf-8").split("\n")
    return [at for at, line in enumerate(lines, start=1) if line.strip() == "[[question]]"][number]
