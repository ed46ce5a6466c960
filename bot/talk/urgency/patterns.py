"""The patterns of bot/talk/urgency: what is told of dangers that do not wait, read strictly and compiled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import ConfigDict

from bot.talk.facts.patterns import FOLDER as FACTS
from bot.talk.facts.patterns import shared_words, shipped_patterns
from bot.talk.language.patterns import Language, or_wrong
from knowledge.datafile import read_data

FOLDER = Path(__file__).parent

_WITHIN = 12


class Occasion(StrEnum):
    """What is told, in the order in which it decides what is shown first."""

    INDECENT_IMAGES = "indecent_images"
    SELF_HARM = "self_harm"
    GROOMING = "grooming"
    ADULT_BEHAVIOUR = "adult_behaviour"
    THREAT_TO_STAFF = "threat_to_staff"
    THREAT = "threat"
    SEARCH = "search"
    CHILD_AT_RISK = "child_at_risk"


@dataclass(frozen=True, slots=True)
class Rule:
    """Words that tell of an occasion; bot/talk/urgency/words.toml explains each key."""

    occasion: Occasion
    said: re.Pattern[str]
    near: tuple[re.Pattern[str], ...]
    within: int
    without: re.Pattern[str] | None
    topic: bool
    weak: bool


@dataclass(frozen=True, slots=True)
class Frames:
    """What stands round a statement; bot/talk/urgency/frames.toml explains each."""

    harmless: re.Pattern[str]
    permission: re.Pattern[str]
    told: re.Pattern[str]
    when: re.Pattern[str]
    actual: re.Pattern[str]
    imagined: re.Pattern[str]
    asked: re.Pattern[str]
    exercise: re.Pattern[str]
    training: re.Pattern[str]
    first_hand: re.Pattern[str]
    handed: re.Pattern[str]
    not_handed: re.Pattern[str]
    still: re.Pattern[str]
    online: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class UrgencyPatterns:
    """All of them: rules, what stands round a statement, and how words are mostly misspelt."""

    rules: tuple[Rule, ...]
    frames: Frames
    spelling: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _RuleData:
    __pydantic_config__ = ConfigDict(extra="forbid")

    occasion: Occasion
    said: tuple[str, ...]
    near: tuple[str, ...] = ()
    within: int = _WITHIN
    without: tuple[str, ...] = ()
    topic: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="forbid")

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rule: tuple[_RuleData, ...] = ()


@dataclass(frozen=True, slots=True)
class _FramesFile:
    __pydantic_config__ = ConfigDict(extra="forbid")

    harmless: tuple[str, ...]
    permission: tuple[str, ...]
    told: tuple[str, ...]
    when: tuple[str, ...]
    actual: tuple[str, ...]
    imagined: tuple[str, ...]
    asked: tuple[str, ...]
    exercise: tuple[str, ...]
    training: tuple[str, ...]
    first_hand: tuple[str, ...]
    handed: tuple[str, ...]
    not_handed: tuple[str, ...]
    still: tuple[str, ...]
    authority: tuple[str, ...]
    online: tuple[str, ...]
    spelling: Mapping[str, tuple[str, ...]]


@cache
def shipped_urgency() -> UrgencyPatterns:
    """The patterns that come with the product, read once.

    Raises:
        BadDataFile: a file is wrong: its shape, an occasion that there is not, a name that stands nowhere, a pattern
            that cannot be compiled.
    """
    return load_urgency(FOLDER)


def load_urgency(folder: Path) -> UrgencyPatterns:
    """The patterns of a folder: frames.toml and files of words and rules. The words of bot/talk/facts can be used too.

    Raises:
        BadDataFile: see ``shipped_urgency``.
    """
    paths = sorted(path for path in folder.glob("*.toml") if path.name not in {"frames.toml", "steps.toml"})
    files = [(path, read_data(path, _File)) for path in paths]
    frames_path = folder / "frames.toml"
    data = read_data(frames_path, _FramesFile)
    own = {name: words for _, file in files for name, words in file.words.items()}
    language = Language({**shared_words(FACTS), **own, "authority": data.authority})
    rules = tuple(_rule(path, number, rule, language) for path, file in files for number, rule in enumerate(file.rule))
    spelling = {wrong: right for right, wrongs in data.spelling.items() for wrong in wrongs}
    frames = language.all_compiled(Frames, data, frames_path)
    return UrgencyPatterns(rules, frames, {**shipped_patterns().spelling, **spelling})


def _rule(path: Path, number: int, data: _RuleData, language: Language) -> Rule:
    return or_wrong(
        path,
        ("rule", number, "said"),
        lambda: Rule(
            data.occasion,
            language.compiled(data.said),
            tuple(language.compiled([pattern]) for pattern in data.near),
            data.within,
            language.compiled(data.without) if data.without else None,
            data.topic,
            data.weak,
        ),
    )
