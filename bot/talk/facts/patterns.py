"""The patterns of bot/talk/facts: what a message may say of a fact, read strictly and compiled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from pydantic import ConfigDict

from bot.talk.facts.together import Around, Condition, How, Together, Within
from bot.talk.language.patterns import Language, or_wrong
from knowledge.datafile import BadDataFile, Location, line_of, read_data
from knowledge.facts import shipped_facts

_HOW: Mapping[str, How] = {"!": "denied", "~": "mentioned", "?": "any"}

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Rule:
    """Words that give a fact a value; bot/talk/facts/people.toml explains each key.

    Attributes:
        fact: key of the fact.
        value: which value; None says nothing and keeps other rules of the fact from reading the same words.
        denied: the value if it is denied, None if that says nothing.
        reads: whether the value is worked out from named groups.
        mention: whether it is a noun, not a statement.
        alone: whether it counts only if nobody else is spoken of.
        owner: whether it is said of whoever was named last.
        short: whether it counts only in a short message, such as an answer to a question.
        patterns: what to look for.
        with_any: if given, what the message must hold.
        without: if given, what it must not hold.
        not_after: if given, what must not stand before it in the same part.
    """

    fact: str
    value: str | None
    denied: str | None
    reads: bool
    mention: bool
    alone: bool
    owner: bool
    short: bool
    patterns: tuple[re.Pattern[str], ...]
    with_any: re.Pattern[str] | None
    without: re.Pattern[str] | None
    not_after: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Frames:
    """What stands round a statement; bot/talk/facts/frames.toml explains each."""

    deny: re.Pattern[str]
    no_denial: re.Pattern[str]
    hedge: re.Pattern[str]
    hedge_after: re.Pattern[str]
    others: re.Pattern[str]
    ask: re.Pattern[str]
    inverted: re.Pattern[str]
    parts: re.Pattern[str]
    correct: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Patterns:
    """All of them.

    Attributes:
        rules: in the order of the files.
        together: ideas that say something together, in order.
        ideas: by name.
        masks: by the name of an idea, where it does not stand though its words do.
        frames: what stands round a statement.
        around: the same for parts of a sentence.
        spelling: what a word is to be read as.
        adults: nouns for grown-ups.
        young: nouns for the young, and relatives.
        order: by fact, which value goes first.
    """

    rules: tuple[Rule, ...]
    together: tuple[Together, ...]
    ideas: Mapping[str, re.Pattern[str]]
    masks: Mapping[str, re.Pattern[str]]
    frames: Frames
    around: Around
    spelling: Mapping[str, str]
    adults: re.Pattern[str]
    young: re.Pattern[str]
    order: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _RuleData:
    __pydantic_config__ = ConfigDict(extra="forbid")

    fact: str
    said: tuple[str, ...]
    value: str | None = None
    denied: str | None = None
    reads: bool = False
    mention: bool = False
    alone: bool = False
    owner: bool = False
    short: bool = False
    with_any: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    not_after: str = ""


@dataclass(frozen=True, slots=True)
class _FramesData:
    __pydantic_config__ = ConfigDict(extra="forbid")

    deny: tuple[str, ...]
    no_denial: tuple[str, ...]
    hedge: tuple[str, ...]
    hedge_after: tuple[str, ...]
    others: tuple[str, ...]
    ask: tuple[str, ...]
    inverted: tuple[str, ...]
    parts: tuple[str, ...]
    correct: tuple[str, ...]
    opens_question: tuple[str, ...]
    goes_on: tuple[str, ...]
    divides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _TogetherData:
    __pydantic_config__ = ConfigDict(extra="forbid")

    fact: str
    holds: tuple[str, ...]
    value: str | None = None
    within: Within = "part"
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _TogetherFile:
    __pydantic_config__ = ConfigDict(extra="forbid")

    words: Mapping[str, tuple[str, ...]]
    masks: Mapping[str, tuple[str, ...]]
    ideas: Mapping[str, tuple[str, ...]]
    together: tuple[_TogetherData, ...]


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="forbid")

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rule: tuple[_RuleData, ...] = ()


@dataclass(frozen=True, slots=True)
class _FramesFile:
    __pydantic_config__ = ConfigDict(extra="forbid")

    frames: _FramesData
    spelling: Mapping[str, tuple[str, ...]]
    order: Mapping[str, tuple[str, ...]]


def shared_words(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """The words that patterns of a folder name in braces; other patterns may use them too.

    Raises:
        BadDataFile: the file is wrong.
    """
    return read_data(folder / "words.toml", _File).words


@cache
def shipped_patterns() -> Patterns:
    """The patterns that come with the product, read once.

    Raises:
        BadDataFile: a file is wrong: its shape, a fact or value that knowledge/facts.toml does not have, a name that
            stands nowhere, a pattern that cannot be compiled.
    """
    return load_patterns(FOLDER)


def load_patterns(folder: Path) -> Patterns:
    """The patterns of a folder: words.toml, frames.toml and files of rules.

    Raises:
        BadDataFile: see ``shipped_patterns``.
    """
    paths = sorted(path for path in folder.glob("*.toml") if path.name not in {"frames.toml", "together.toml"})
    files = [(path, read_data(path, _File)) for path in paths]
    together_path = folder / "together.toml"
    together = read_data(together_path, _TogetherFile)
    words = [file.words for _, file in files] + [together.words]
    language = Language({name: said for one in words for name, said in one.items()})
    rules = tuple(_rule(path, number, data, language) for path, file in files for number, data in enumerate(file.rule))
    path = folder / "frames.toml"
    frames = read_data(path, _FramesFile)
    around = frames.frames
    ideas = {name: _idea(together_path, name, said, language) for name, said in together.ideas.items()}
    return Patterns(
        rules=rules,
        together=tuple(_together(together_path, number, one, ideas) for number, one in enumerate(together.together)),
        ideas=ideas,
        masks={name: _idea(together_path, name, said, language) for name, said in together.masks.items()},
        frames=replace(
            language.all_compiled(Frames, around, path, "frames"),
            parts=re.compile(rf" [,:()](?= )|{language.compiled(around.parts).pattern}"),
        ),
        around=replace(
            language.all_compiled(Around, around, path, "frames"),
            divides=re.compile(rf" [.!?;,:()](?= )|{language.compiled(around.divides).pattern}"),
        ),
        spelling={wrong: right for right, wrongs in frames.spelling.items() for wrong in wrongs},
        adults=language.compiled(["{adult}"]),
        young=language.compiled(["{young}", "{kin}"]),
        order=frames.order,
    )


def _rule(path: Path, number: int, data: _RuleData, language: Language) -> Rule:
    place: Location = ("rule", number)
    fact = shipped_facts().get(data.fact)
    if fact is None:
        raise _wrong(path, (*place, "fact"), f"there is no fact '{data.fact}'; correct it")
    for value in (data.value, data.denied):
        if value is not None and value not in fact.values:
            raise _wrong(path, (*place, "value"), f"'{data.fact}' has no value '{value}'; correct it")
    if data.reads and data.value is not None:
        raise _wrong(path, (*place, "reads"), "a rule has a value or reads one; take one of them out")
    each = [(pattern,) for pattern in data.said] if data.reads else [data.said]
    return or_wrong(
        path,
        (*place, "said"),
        lambda: Rule(
            data.fact,
            data.value,
            data.denied,
            data.reads,
            data.mention,
            data.alone,
            data.owner,
            data.short,
            tuple(language.compiled(patterns, reads=data.reads) for patterns in each),
            language.compiled(data.with_any) if data.with_any else None,
            language.compiled(data.without) if data.without else None,
            language.compiled([f"{{{data.not_after}}}"]) if data.not_after else None,
        ),
    )


def _idea(path: Path, name: str, said: tuple[str, ...], language: Language) -> re.Pattern[str]:
    return or_wrong(path, ("ideas", name), lambda: language.compiled(said))


def _together(path: Path, number: int, data: _TogetherData, ideas: Mapping[str, object]) -> Together:
    place: Location = ("together", number)
    fact = shipped_facts().get(data.fact)
    if fact is None:
        raise _wrong(path, (*place, "fact"), f"there is no fact '{data.fact}'; correct it")
    if data.value is not None and data.value not in fact.values:
        raise _wrong(path, (*place, "value"), f"'{data.fact}' has no value '{data.value}'; correct it")
    holds = tuple(map(_condition, data.holds))
    for name in (*data.lacks, *(name for condition in holds for name, _ in condition.ideas)):
        if name not in ideas:
            raise _wrong(path, place, f"'{name}' stands not among the [ideas]; add it or correct it")
    return Together(data.fact, data.value, data.within, holds, data.lacks)


def _condition(said: str) -> Condition:
    return Condition(tuple((name.lstrip("!?~"), _HOW.get(name[0], "said")) for name in said.split("|")))


def _wrong(path: Path, place: Location, what: str) -> BadDataFile:
    return BadDataFile(path, line_of(path, place), what)
