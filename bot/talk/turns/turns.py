"""Turns: what in a message leans on the one before: that it goes on, corrects, answers, or asks about the answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import ConfigDict

from bot.talk.language.saying import read_saying
from knowledge.datafile import read_data
from knowledge.words import tokens

FILE = Path(__file__).with_name("turns.toml")

SHORT = 12
"""As many words may a message have that asks about the answer itself, or only adds a fact."""


class About(StrEnum):
    """What a message asks about the answer before it."""

    WHO = "who"
    WHY = "why"
    WHERE = "where"
    WHOLE = "whole"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Turn:
    """How a message hangs together with the one before.

    Attributes:
        words: how many words it has.
        leans: whether it cannot be understood alone.
        corrects: whether it takes back what was said.
        about: what it asks about the answer, if it does.
        bare: True for a yes, False for a no, None where it begins with neither.
        is_question: whether it has the form of a question.
    """

    words: int
    leans: bool
    corrects: bool
    about: About | None
    bare: bool | None
    is_question: bool

    @property
    def is_short(self) -> bool:
        """Whether it has few words."""
        return self.words <= SHORT


@dataclass(frozen=True, slots=True)
class _Bare:
    __pydantic_config__ = ConfigDict(extra="forbid")

    yes: tuple[str, ...]
    no: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="forbid")

    leans: tuple[str, ...]
    corrects: tuple[str, ...]
    question: tuple[str, ...]
    asks: Mapping[About, tuple[str, ...]]
    bare: _Bare


@dataclass(frozen=True, slots=True)
class _Patterns:
    leans: re.Pattern[str]
    corrects: re.Pattern[str]
    question: re.Pattern[str]
    asks: Mapping[About, re.Pattern[str]]
    yes: re.Pattern[str]
    no: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    """Read once.

    Raises:
        BadDataFile: the file cannot be used.
    """
    file = read_data(FILE, _File)
    return _Patterns(
        _any(file.leans),
        _any(file.corrects),
        _any(file.question),
        {about: _any(patterns) for about, patterns in file.asks.items()},
        _any(file.bare.yes),
        _any(file.bare.no),
    )


def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern.replace('^', '^ ')})" for pattern in patterns))


def read_turn(text: str) -> Turn:
    """How a message hangs together with the one before. Nothing of it is kept."""
    words, patterns = read_saying(text, {}).words, _patterns()
    count = len(tokens(text))
    about = next((one for one, pattern in patterns.asks.items() if pattern.search(words)), None)
    is_yes, is_no = bool(patterns.yes.match(words)), bool(patterns.no.match(words))
    return Turn(
        count,
        bool(patterns.leans.search(words)),
        bool(patterns.corrects.search(words)),
        about if count <= SHORT else None,
        is_yes if is_yes != is_no else None,
        bool(patterns.question.search(words)),
    )
