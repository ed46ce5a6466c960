"""A school's words: what a word stands for (kid: pupil; insta: Instagram, a kind of social media)."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Self

from pydantic import ConfigDict

from knowledge.datafile import BadDataFile, Location, line_of, read_data
from knowledge.errors import TouchstoneError
from knowledge.inflection import plural, verb_forms
from knowledge.words import tokens

SHIPPED = Path(__file__).with_name("vocabulary.toml")

_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
_SHORTEST = 2
_BETWEEN = 2
"""As many words may stand between a verb and what it is done to: "give *out my* number"."""

_NOTHING = ""
"""What idioms stand for."""

Phrase = tuple[str, ...]


class NoSuchConcept(TouchstoneError):
    """There is no concept of that name; knowledge/vocabulary.toml and the school's own file name those there are."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing that a school speaks of, and the words for it.

    Attributes:
        name: in small letters and underscores; one of its kind.
        words: names and phrases as the file writes them. Each counts in the plural too, and a hyphen joined or apart.
        verbs: what is done and to what, "give number"; the verb counts in all its forms, the rest are its context.
        broader: names of the concepts that it is a kind of.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    words: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A concept that stands in a text.

    Attributes:
        concept: its name.
        word: what matched, as the vocabulary writes it.
        said: the tokens of the text that matched, folded.
        at: the place of the first of them among the tokens of the text, from 0.
    """

    concept: str
    word: str
    said: Phrase
    at: int


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="forbid")

    concept: tuple[Concept, ...]
    idioms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Verb:
    """What is done and to what: after the verb itself, the words that must follow, each in both numbers."""

    concept: str
    word: str
    objects: tuple[frozenset[str], ...]

    def end(self, said: Phrase, at: int) -> int | None:
        """Where it ends among these tokens if the verb itself is just before ``at``, else None."""
        for wanted in self.objects:
            place = next((n for n, token in enumerate(said[at : at + _BETWEEN + 1], at) if token in wanted), None)
            if place is None:
                return None
            at = place + 1
        return at


@dataclass(frozen=True, slots=True)
class _Match:
    """A word or verb in a text: tokens ``start`` to ``end``, of which those before ``claimed`` are its own."""

    length: int
    start: int
    end: int
    claimed: int
    concept: str
    word: str


class Vocabulary:
    """All concepts of the shipped file and of a school's own, with a lookup from a text's words to them."""

    def __init__(self, concepts: Iterable[Concept], idioms: Iterable[str] = ()) -> None:
        """Takes the concepts, those of one name as one, and the phrases that stand for none."""
        grouped: dict[str, list[Concept]] = defaultdict(list)
        for concept in concepts:
            grouped[concept.name].append(concept)
        self._concepts = {name: _as_one(name, parts) for name, parts in grouped.items()}
        self._phrases: dict[Phrase, dict[str, str]] = defaultdict(dict)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        self._verbs: dict[str, list[_Verb]] = defaultdict(list)
        for concept in self._concepts.values():
            self._learn(concept.name, concept.words)
            self._learn_verbs(concept.name, concept.verbs)
        self._learn(_NOTHING, idioms)
        said = repr((tuple(self._concepts.values()), sorted(idioms)))
        self.digest = hashlib.sha256(said.encode()).hexdigest()
        """Hex sha256 of all that decides which concepts stand in a text."""

    @staticmethod
    @cache
    def shipped() -> "Vocabulary":
        """The vocabulary that comes with the product, read once."""
        return Vocabulary.of([SHIPPED])

    @classmethod
    def of(cls, paths: Sequence[Path]) -> Self:
        """Several files as one: a later file adds concepts, and words to those of the files before it.

        Raises:
            BadDataFile: a file is wrong, or a concept is of a kind that no file has, or of its own kind in the end.
        """
        files = [(path, _read(path)) for path in paths]
        _check_broader(files)
        return cls(
            [concept for _, file in files for concept in file.concept],
            [idiom for _, file in files for idiom in file.idioms],
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all concepts, in the order of the files."""
        return tuple(self._concepts)

    @property
    def all_words(self) -> frozenset[str]:
        """Every single token of every word, in every form that counts: what a mistyped word may have meant."""
        objects = (token for verbs in self._verbs.values() for verb in verbs for both in verb.objects for token in both)
        return frozenset((*(token for phrase in self._phrases for token in phrase), *self._verbs, *objects))

    def words_of(self, name: str) -> tuple[str, ...]:
        """All words and verbs of a concept, as the files write them.

        Raises:
            NoSuchConcept: there is none of that name.
        """
        concept = self._concept(name)
        return concept.words + concept.verbs

    def with_broader(self, names: Iterable[str]) -> tuple[str, ...]:
        """These concepts and all that they are kinds of, nearest first, each once.

        Raises:
            NoSuchConcept: there is none of one of these names.
        """
        found = list(dict.fromkeys(names))
        for name in found:  # grows while it is walked: those asked for, then their kinds, then the kinds of these
            found.extend(kind for kind in self._concept(name).broader if kind not in found)
        return tuple(found)

    def concepts(self, text: str) -> tuple[Found, ...]:
        """Which concepts stand in a text, in its order; a longer phrase goes before a shorter one that it overlaps."""
        said = tokens(text)
        bare = tuple(token.split("'")[0] for token in said)  # "the pupil's mum": 's says nothing of who it is
        matches = {match for way in {said, bare} for match in self._matches(way)}
        taken: dict[int, tuple[int, int, bool]] = {}
        found: dict[tuple[int, str], Found] = {}
        for match in sorted(matches, key=_first_longest):
            is_idiom = match.concept == _NOTHING
            by = (match.start, match.length, is_idiom)  # the same words may stand for two concepts
            mine = range(match.start, match.claimed)
            if all(taken.get(place, by) == by for place in mine):
                taken.update(dict.fromkeys(mine, by))
                if not is_idiom:
                    one = Found(match.concept, match.word, said[match.start : match.end], match.start)
                    found.setdefault((match.start, match.concept), one)
        return tuple(sorted(found.values(), key=lambda one: one.at))

    def _matches(self, said: Phrase) -> Iterator[_Match]:
        for start, token in enumerate(said):
            for length in self._lengths.get(token, ()):
                end = start + length
                for concept, word in (self._phrases.get(said[start:end], {}) if end <= len(said) else {}).items():
                    yield _Match(length, start, end, end, concept, word)
            for verb in self._verbs.get(token, ()):
                reach = verb.end(said, start + 1)
                if reach is not None:
                    yield _Match(len(verb.objects) + 1, start, reach, start + 1, verb.concept, verb.word)

    def _learn(self, concept: str, words: Iterable[str]) -> None:
        for word in words:
            for *rest, last in _spellings(word):
                for phrase in ((*rest, last), (*rest, plural(last))):
                    self._phrases[phrase].setdefault(concept, word)
                    self._lengths[phrase[0]].add(len(phrase))

    def _learn_verbs(self, concept: str, verbs: Iterable[str]) -> None:
        for word in verbs:
            for first, *rest in _spellings(word):
                verb = _Verb(concept, word, tuple(frozenset((token, plural(token))) for token in rest))
                for form in verb_forms(first):
                    self._verbs[form].append(verb)

    def _concept(self, name: str) -> Concept:
        try:
            return self._concepts[name]
        except KeyError:
            raise NoSuchConcept(name) from None


def _first_longest(match: _Match) -> tuple[int, bool, int, int, str, str]:
    """The order in which matches take their words: long ones first, of two alike the idiom, the nearest, the first."""
    return -match.length, match.concept != _NOTHING, match.start, match.end, match.concept, match.word


def _as_one(name: str, parts: Sequence[Concept]) -> Concept:
    return Concept(
        name,
        tuple(dict.fromkeys(word for part in parts for word in part.words)),
        tuple(dict.fromkeys(verb for part in parts for verb in part.verbs)),
        tuple(dict.fromkeys(kind for part in parts for kind in part.broader)),
    )


def _spellings(word: str) -> tuple[Phrase, ...]:
    """The ways to write a word: "e-mail" is e mail and email."""
    apart = tokens(word)
    return (apart, tokens(word.replace("-", ""))) if "-" in word else (apart,)


def _read(path: Path) -> _File:
    """One file, with the checks that need no other."""
    file = read_data(path, _File)
    names: set[str] = set()
    for number, concept in enumerate(file.concept):
        place = ("concept", number)
        if not _NAME.fullmatch(concept.name):
            raise _wrong(path, place, f"'{concept.name}' is no name; use small letters and underscores")
        if concept.name in names:
            raise _wrong(path, place, f"'{concept.name}' stands here twice; put all its words into one [[concept]]")
        if not concept.words and not concept.verbs:
            raise _wrong(path, place, f"'{concept.name}' has no words; give at least one")
        names.add(concept.name)
        _check_words(path, (*place, "words"), concept.words)
        _check_words(path, (*place, "verbs"), concept.verbs)
    _check_words(path, ("idioms",), file.idioms)
    return file


def _check_words(path: Path, place: Location, words: Iterable[str]) -> None:
    seen: dict[Phrase, str] = {}
    for word in words:
        spellings = _spellings(word)
        if len("".join(spellings[0])) < _SHORTEST:
            raise _wrong(path, place, f"'{word}' is too short to look for; write two letters or more")
        if twice := [seen[spelling] for spelling in spellings if spelling in seen]:
            raise _wrong(path, place, f"'{word}' says the same as '{twice[0]}'; take one of them out")
        seen.update(dict.fromkeys(spellings, word))


def _check_broader(files: Sequence[tuple[Path, _File]]) -> None:
    """Every kind is there, and nothing is a kind of itself, however far round."""
    names = {concept.name for _, file in files for concept in file.concept}
    places: dict[str, tuple[Path, Location]] = {}
    kinds: dict[str, set[str]] = defaultdict(set)
    for path, file in files:
        for number, concept in enumerate(file.concept):
            place = ("concept", number, "broader")
            if unknown := [kind for kind in concept.broader if kind not in names]:
                raise _wrong(path, place, f"there is no concept '{unknown[0]}'; add it or correct its spelling")
            if concept.broader:
                places[concept.name] = (path, place)
                kinds[concept.name].update(concept.broader)
    try:
        TopologicalSorter(kinds).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        path, last = next(place for name, place in reversed(places.items()) if name in circle)
        way = " is a kind of ".join(reversed(circle))
        raise _wrong(path, last, f"{way}; take one of these steps out") from None


def _wrong(path: Path, place: Location, what: str) -> BadDataFile:
    return BadDataFile(path, line_of(path, place), what)
