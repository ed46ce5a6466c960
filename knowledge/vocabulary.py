"""A school's words: what a word stands for (kid: pupil; insta: Instagram, a kind of social media)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from knowledge.concepts import Concept, Phrase, own_places, plain, read_concepts, ways
from knowledge.errors import TouchstoneError
from knowledge.inflection import plural, verb_forms
from knowledge.words import tokens

SHIPPED = Path(__file__).with_name("vocabulary.toml")

_BETWEEN = 2
"""As many words may stand between a verb and what it is done to: "give *out my* number"."""

_NOTHING = ""
"""What idioms stand for."""


class NoSuchConcept(TouchstoneError):
    """There is no concept of that name; knowledge/vocabulary.toml and the school's own file name those there are."""


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
class _Name:
    """What a phrase stands for, and the places of those of its tokens that are not context."""

    concept: str
    word: str
    own: tuple[int, ...]


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
    """A word or verb in a text: ``length`` tokens from ``start`` to before ``end``, of which ``own`` are its own."""

    length: int
    start: int
    end: int
    own: tuple[int, ...]
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
        self._phrases: dict[Phrase, list[_Name]] = defaultdict(list)
        self._longest: dict[str, int] = {}
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
        files = read_concepts(paths)
        return cls(
            [concept for file in files for concept in file.concept], [idiom for file in files for idiom in file.idioms]
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
        """All words and verbs of a concept as the files write them, but without brackets.

        Raises:
            NoSuchConcept: there is none of that name.
        """
        concept = self._concept(name)
        return tuple(dict.fromkeys(plain(word) for word in concept.words + concept.verbs))

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
            if all(taken.get(place, by) == by for place in match.own):
                taken.update(dict.fromkeys(match.own, by))
                if not is_idiom:
                    one = Found(match.concept, match.word, said[match.start : match.end], match.start)
                    found.setdefault((match.start, match.concept), one)
        return tuple(sorted(found.values(), key=lambda one: one.at))

    def _matches(self, said: Phrase) -> Iterator[_Match]:
        for start, token in enumerate(said):
            for end in range(start + 1, min(start + self._longest.get(token, 0), len(said)) + 1):
                for name in self._phrases.get(said[start:end], ()):
                    own = tuple(start + place for place in name.own)
                    yield _Match(end - start, start, end, own, name.concept, name.word)
            for verb in self._verbs.get(token, ()):
                reach = verb.end(said, start + 1)
                if reach is not None:
                    yield _Match(len(verb.objects) + 1, start, reach, (start,), verb.concept, verb.word)

    def _learn(self, concept: str, words: Iterable[str]) -> None:
        for word in words:
            for way in ways(word):
                *rest, last = phrase = tokens(way)
                name = _Name(concept, plain(word), own_places(way, phrase))
                for form in dict.fromkeys((phrase, (*rest, plural(last)))):
                    self._phrases[form].append(name)
                    if len(form) > self._longest.get(form[0], 0):
                        self._longest[form[0]] = len(form)

    def _learn_verbs(self, concept: str, verbs: Iterable[str]) -> None:
        for word in verbs:
            for first, *rest in map(tokens, ways(word)):
                verb = _Verb(concept, plain(word), tuple(frozenset((token, plural(token))) for token in rest))
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
