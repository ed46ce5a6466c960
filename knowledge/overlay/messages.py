"""Messages, and what each is for, with the file in which it stands: no message is for two things."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.datafile import BadDataFile
from knowledge.kinds import FOLDER as KINDS
from knowledge.kinds import read_kind_files
from knowledge.locks import toml_string
from knowledge.overlay.files import PHRASINGS, Phrasing
from knowledge.overlay.shelves import Shelved
from knowledge.phrasing_checks import places_of
from knowledge.ruling_checks import Problem
from knowledge.rulings import RulingFile
from knowledge.words import tokens


@dataclass(frozen=True, slots=True)
class Message:
    """Messages that are for one thing, and the file in which they stand.

    Attributes:
        name: what they are for: ``ruling x``, ``topic y``, ``kind z``, ``clause 6.2(25)``.
        phrasings: the messages.
        path: the file.
        is_own: whether that is the school's.
    """

    name: str
    phrasings: tuple[str, ...]
    path: Path
    is_own: bool

    def line_of(self, phrasing: str) -> int:
        """The line of a phrasing in the file, from 1; the first where it does not stand on a line as it is."""
        lines = self.path.read_text(encoding="utf-8").split("\n")
        quoted = toml_string(phrasing)
        return next((number for number, line in enumerate(lines, start=1) if quoted in line), 1)


def require_once(shelved: Shelved) -> None:
    """Refuses a message that stands in two places, one of them the school's.

    The same message twice in one place does no harm: an upgrade may bring what a school added before.

    Raises:
        BadDataFile: one does; both places are named.
    """
    own = shelved.own
    if not (own.phrasings or own.rulings or own.topics):
        return
    had: dict[tuple[str, ...], Message] = {}
    for one in messages_of(shelved):
        for phrasing in one.phrasings:
            words = tokens(phrasing)
            if not words and one.is_own:
                raise BadDataFile(one.path, one.line_of(phrasing), "a phrasing has no words; take it out")
            other = had.setdefault(words, one)
            if one.is_own and other.name != one.name:
                there = f"{other.path}:{other.line_of(phrasing)}"
                what = f"'{phrasing}' is a phrasing of the {other.name} too ({there}); leave it in one place"
                raise BadDataFile(one.path, one.line_of(phrasing), what)


def messages_of(shelved: Shelved) -> tuple[Message, ...]:
    """What every message of a policy is for: shipped ones, then the kinds of any policy, then the school's.

    A shipped ruling in whose place the school's stands has none.
    """
    own = shelved.own
    replaced = {ruling.id for file in own.rulings for ruling in file.rulings}
    rulings = shelved.ruling_files()[: -len(own.rulings) or None]
    topics = shelved.topic_files()[: -len(own.topics) or None]
    kept = [RulingFile(file.path, tuple(one for one in file.rulings if one.id not in replaced)) for file in rulings]
    of_phrasings = (Message(target_of(one), (one.text,), own.folder / PHRASINGS, is_own=True) for one in own.phrasings)
    return (
        *(Message(*place, is_own=False) for place in places_of(kept, read_kind_files(KINDS), topics)),
        *(Message(*place, is_own=True) for place in places_of(own.rulings, (), own.topics)),
        *of_phrasings,
    )


def target_of(phrasing: Phrasing) -> str:
    """What a phrasing is for, in words: ``ruling x``, ``clause 6.2(25)``, ``topic y``."""
    if phrasing.ruling is not None:
        return f"ruling {phrasing.ruling}"
    return f"topic {phrasing.topic}" if phrasing.topic is not None else f"clause {phrasing.clause}"


def elsewhere(messages: Sequence[Message], phrasings: Sequence[str], path: Path) -> list[Problem]:
    """Phrasings that stand somewhere already, each with both places."""
    had = {tokens(phrasing): (one, phrasing) for one in messages for phrasing in one.phrasings}
    problems = []
    for phrasing in phrasings:
        if (words := tokens(phrasing)) and words in had:
            one, as_there = had[words]
            there = f"{one.path}:{one.line_of(as_there)}"
            problems.append(Problem(path, 1, f"'{phrasing}' is a phrasing of the {one.name} ({there}); leave it there"))
    return problems
