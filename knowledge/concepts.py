"""The file of a vocabulary: concepts and their words, read strictly."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from pydantic import ConfigDict

from knowledge.datafile import BadDataFile, Location, line_of, read_data
from knowledge.words import tokens

_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
_BRACKETED = re.compile(r"[^()]*(?:(?<!\w)\([^()]+\)(?!\w)[^()]*)*")
_SHORTEST = 2

Phrase = tuple[str, ...]
"""The tokens of a word."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing that a school speaks of, and the words for it.

    Attributes:
        name: in small letters and underscores; one of its kind.
        words: names and phrases as the file writes them. Each counts in the plural too, and a hyphen
            joined or apart; what stands in brackets is context and may count for another concept too.
        verbs: what is done and to what, "give number"; the verb counts in all its forms, the rest are its context.
        broader: names of the concepts that it is a kind of.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    words: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConceptFile:
    """One file: its concepts, and the phrases that stand for none."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    concept: tuple[Concept, ...]
    idioms: tuple[str, ...] = ()


def read_concepts(paths: Sequence[Path]) -> tuple[ConceptFile, ...]:
    """Several files that are used together, each right in itself and in what it says of the others' concepts.

    Raises:
        BadDataFile: a file is wrong, or a concept is of a kind that no file has, or of its own kind in the end.
    """
    files = [(path, _read(path)) for path in paths]
    _check_broader(files)
    return tuple(file for _, file in files)


def ways(word: str) -> tuple[str, ...]:
    """The ways to write a word: "e-mail" in two words and in one."""
    return (word, word.replace("-", "")) if "-" in word else (word,)


def plain(word: str) -> str:
    """The word without the brackets that stand round context."""
    return word.replace("(", "").replace(")", "")


def own_places(way: str, phrase: Phrase) -> tuple[int, ...]:
    """The places of those tokens that stand outside brackets: of "(parents) group" that of "group"."""
    if "(" not in way:
        return tuple(range(len(phrase)))
    parts = re.split(r"[()]", way)
    inside = [number % 2 == 1 for number, part in enumerate(parts) for _ in tokens(part)]
    return tuple(place for place, context in enumerate(inside) if not context)


def _read(path: Path) -> ConceptFile:
    """One file, with the checks that need no other."""
    file = read_data(path, ConceptFile)
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
        phrases = [tokens(way) for way in ways(word)]
        if sum(map(len, phrases[0])) < _SHORTEST:
            raise _wrong(path, place, f"'{word}' is too short to look for; write two letters or more")
        if plain(word) != word and not (_BRACKETED.fullmatch(word) and own_places(word, phrases[0])):
            raise _wrong(path, place, f"'{word}': brackets go round whole words, and not round all; move them")
        if twice := [seen[phrase] for phrase in phrases if phrase in seen]:
            raise _wrong(path, place, f"'{word}' says the same as '{twice[0]}'; take one of them out")
        seen.update(dict.fromkeys(phrases, word))


def _check_broader(files: Sequence[tuple[Path, ConceptFile]]) -> None:
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
