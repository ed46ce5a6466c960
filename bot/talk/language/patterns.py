"""How the words of bot/talk/facts become regular expressions; bot/talk/facts/words.toml explains the signs."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

from bot.talk.language.saying import read_saying
from knowledge.concepts import ways
from knowledge.datafile import BadDataFile, Location, line_of
from knowledge.inflection import plural, verb_forms
from knowledge.vocabulary import NoSuchConcept, Vocabulary

T = TypeVar("T")

_GAP = 4
_NAME = re.compile(r"\{([a-z_]+)\}")
_CONCEPT = re.compile(r"@([a-z_]+)")
_CAPTURING = re.compile(r"(?<!\\)\((?!\?)")
_NAMED = re.compile(r"\(\?P<\w+>")
_GAP_INSIDE = re.compile(r" ~(\d?)(?=[ )|])")
_OPTIONAL_INSIDE = re.compile(r"\[([^\]]+)\] ")
_NOT_DENYING = r"(?!(?:not|never|no|isnt|arent|wasnt|dont|doesnt|didnt|hasnt|havent|nor|neither|without|but) )"
"""A gap does not run over what would turn the meaning round."""
_OPENING = r"(?:^|(?<= [.,!?;:])|^ (?:hi|hiya|hello|hey|morning|evening|afternoon|sorry|question)(?: all)?)"
_DEEPEST = 5


class Language:
    """Turns a pattern of the files into a regular expression over the words of a ``Saying``."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self._words = words
        self._known: dict[str, str] = {}

    def compiled(self, patterns: Iterable[str], *, reads: bool = False) -> re.Pattern[str]:
        """Whichever of the patterns matches; ``reads`` keeps the named groups.

        Raises:
            KeyError: a name in braces stands in no list of words.
            NoSuchConcept: the vocabulary lacks a concept that is named.
            re.error: it is no pattern.
            RecursionError: names in braces name each other.
        """
        expression = "|".join(self._expression(pattern) for pattern in patterns)
        return re.compile(expression if reads else _NAMED.sub("(?:", expression))

    def all_compiled(self, into: type[T], data: object, path: Path, table: str = "") -> T:
        """A dataclass of patterns, each field compiled from the one of that name in what a file holds.

        Args:
            into: the dataclass; all its fields are patterns.
            data: what was read, with the same fields and perhaps more.
            path: the file.
            table: where in the file; empty for its top.

        Raises:
            BadDataFile: one of them cannot be compiled.
        """

        def field_compiled(name: str) -> re.Pattern[str]:
            place = (table, name) if table else (name,)
            return or_wrong(path, place, lambda: self.compiled(getattr(data, name)))

        names = [field.name for field in fields(into)]  # type: ignore[arg-type]
        return into(**{name: field_compiled(name) for name in names})

    def _expression(self, pattern: str) -> str:
        pattern = self._filled(pattern)
        return "".join(map(_element, _split(pattern))) + "(?= )"

    def _filled(self, pattern: str, depth: int = 0) -> str:
        if depth > _DEEPEST:
            raise RecursionError(pattern)
        pattern = _CONCEPT.sub(lambda found: self._concept(found[1]), pattern)
        return _NAME.sub(lambda found: self._named(found[1], depth), pattern)

    def _named(self, name: str, depth: int) -> str:
        if name not in self._known:
            filled = (self._filled(word, depth + 1) for word in self._words[name])
            self._known[name] = f"(?:{'|'.join(filled)})"
        return self._known[name]

    def _concept(self, name: str) -> str:
        """All words of a concept, in the forms in which it counts, longest first."""
        forms: set[str] = set()
        for word in Vocabulary.shipped().words_of(name):
            for way in ways(word):
                first, _, rest = way.partition(" ")
                forms.update((way, plural(way)))
                forms.update(f"{form} {rest}".strip() for form in verb_forms(first))
        plain = {read_saying(form, {}).words.strip() for form in forms}
        return f"(?:{'|'.join(sorted(map(re.escape, plain), key=lambda form: (-len(form), form)))})".replace("\\ ", " ")


def _split(pattern: str) -> list[str]:
    """A pattern in its elements: at each space that stands outside all brackets."""
    elements, depth, element = [], 0, ""
    escaped = False
    for sign in pattern:
        if sign == " " and depth == 0:
            elements.append(element)
            element = ""
        else:
            element += sign
            depth += 0 if escaped else (sign in "([") - (sign in ")]")
        escaped = sign == "\\" and not escaped
    return [one for one in (*elements, element) if one]


def _element(element: str) -> str:  # noqa: PLR0911 (a line for each sign of the language)
    if element.startswith("~"):
        return _gap(element[1:])
    if element == "^":
        return _OPENING
    if element.startswith("(?<") and element.endswith(")") and _CAPTURING.search(element) is None:
        return element
    if element.startswith("(?!"):
        return f"(?! {element[3:].strip()}"
    optional_space = " "
    if element.startswith("?"):
        optional_space, element = " ?", element[1:]
    element = _CAPTURING.sub("(?:", element)
    if element.startswith("[") and element.endswith("]"):
        return f"(?: (?:{element[1:-1]}))?"
    element = _GAP_INSIDE.sub(lambda found: _gap(found[1]), element)
    element = _OPTIONAL_INSIDE.sub(r"(?:(?:\1) )?", element)
    if element.endswith(")?") and _closes_last(element[:-1]):
        return f"(?: {element[:-1]})?"
    return f"{optional_space}(?:{element})"


def _gap(words: str) -> str:
    return rf"(?: {_NOT_DENYING}[a-z0-9+]+){{0,{words or _GAP}}}?"


def _closes_last(element: str) -> bool:
    """Whether the bracket that opens an element is closed by its last sign alone."""
    depth = 0
    for place, sign in enumerate(element):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place == len(element) - 1
    return False


def or_wrong(path: Path, place: Location, compiled: Callable[[], T]) -> T:
    """What was compiled.

    Raises:
        BadDataFile: it could not be; the message says in which line of the file, and what to do.
    """
    try:
        return compiled()
    except (KeyError, NoSuchConcept) as error:
        what = f"'{error.args[0]}' stands in no [words]; add it or correct it"
    except (re.error, RecursionError) as error:
        what = f"is no pattern ({error}); correct it"
    raise BadDataFile(path, line_of(path, place), what)
