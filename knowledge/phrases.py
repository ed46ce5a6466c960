"""The phrases by which policies bind people: modals, whom they bind, and the terms of it; patterns in readings.toml."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import ConfigDict

from knowledge.datafile import read_data

RULES = Path(__file__).with_name("readings.toml")

CLAUSE_EDGE = re.compile(r",|;|\band\b|\bbut\b|\bhowever\b|\bnor\b|\bneither\b", re.IGNORECASE)
"""Where one statement of a sentence may end and the next begin."""

SUBORDINATE = re.compile(
    r"\s*(?:where|when|if|whilst|while|in|during|for|to|before|after|as|once|due)\b", re.IGNORECASE
)
"""What opens a sentence before its main part."""

_DESCRIBES = re.compile(
    r"(?<!accepts )(?<!agrees )(?<!expects )(?<!ensure )(?<!expected )(?<!advise )(?<!recommend )(?<!essential )"
    r"(?<!crucial )\b(?:that|which|how|what|whether|whom?)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
"""Before a modal: it only describes something ("the principles that staff are expected to follow")."""

_AFTER_A_SUBJECT = re.compile(
    r"\s*(?:$|[,(/]|(?:and|or|nor|who|that|which|in|at|of|with|under|from|working|employed|either|featured|as|on|is|are|"
    r"was|were|also|therefore|particularly|has|have|wishing|using|wish|wishes|need|needs|want|themselves|alike|both|they|"
    r"may|must|should|can|shall|will|considers?)\b)",
    re.IGNORECASE,
)
"""After a noun that can be a subject; another noun ("school logos", "staff room") makes it an adjective."""

_DETERMINER = re.compile(r"\s(?:the|a|an|any|all|each|every|these|this|they|it|he|she|we|you)\b", re.IGNORECASE)
_REST = r"(?:\([^)]*\)|(?! and only\b)[^,;:.()\u2013]|\.(?=\w))*"
"""The rest of a phrase: up to the next punctuation mark or "and only"; what stands in brackets belongs to it."""


class Who(StrEnum):
    """Whom a statement binds."""

    EVERYONE = "everyone"
    STAFF = "staff"
    PUPILS = "pupils"
    PARENTS = "parents"
    SCHOOL = "school"


class Force(StrEnum):
    """How strongly."""

    MUST_NOT = "must_not"
    SHOULD_NOT = "should_not"
    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    ADVISED = "advised"


class TermKind(StrEnum):
    """What a phrase does to a statement."""

    CONDITION = "condition"
    SUBJECT = "subject"
    """A condition if it is said of those who are bound ("children under the age of 13"), else part of the act."""
    EXCEPTION = "exception"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Term:
    """A phrase that says when a statement holds, for whom not, or with whose consent.

    Attributes:
        kind: which of these.
        text: its words, verbatim.
        start: where it begins in the sentence, in characters from 0.
        opens: whether it opens the sentence before everything else, and so holds for all of it.
    """

    kind: TermKind
    text: str
    start: int
    opens: bool


@dataclass(frozen=True, slots=True)
class Phrases:
    """The patterns of readings.toml, compiled."""

    _force: re.Pattern[str]
    _forces: tuple[Force, ...]
    _people: re.Pattern[str]
    _kinds: tuple[tuple[Who, re.Pattern[str]], ...]
    _mentioned: re.Pattern[str]
    _part_of_a_name: re.Pattern[str]
    _named_first: re.Pattern[str]
    _agent: re.Pattern[str]
    _passive: re.Pattern[str]
    _told: re.Pattern[str]
    _terms: re.Pattern[str]
    _approval: re.Pattern[str]
    _trivial: re.Pattern[str]

    def modals(self, sentence: str) -> list[re.Match[str]]:
        """What in a sentence binds somebody, in order."""
        return [modal for modal in self._force.finditer(sentence) if not _DESCRIBES.search(sentence[: modal.start()])]

    def force(self, modal: re.Match[str]) -> Force:
        """How strongly one of ``modals`` binds."""
        return self._forces[int(str(modal.lastgroup).removeprefix("f"))]

    def people(self, words: str) -> frozenset[Who]:
        """Those whom some words are about, not those whom they only mention."""
        return frozenset(
            self._who(noun[0])
            for noun in self._people.finditer(words)
            if not self._is_mentioned(noun) and _AFTER_A_SUBJECT.match(words[noun.end() :])
        )

    def named_first(self, action: str) -> frozenset[Who]:
        """Whoever stands right after the modal: "under no circumstances should staff"."""
        found = self._named_first.match(action)
        if found is None:
            return frozenset()
        who = self._who(found["person"])
        is_adjective = who is Who.SCHOOL and not _AFTER_A_SUBJECT.match(action[found.end() :])
        return frozenset() if is_adjective else frozenset({who})

    def agent(self, action: str) -> frozenset[Who]:
        """Whoever it is done by: "reviewed by the children"."""
        found = self._agent.match(action)
        return frozenset({self._who(found["person"])}) if found else frozenset()

    def is_duty_of_school(self, who: frozenset[Who], action: str) -> bool:
        """Whether it is said of pupils, parents or others, but binds whoever teaches, tells or lets them."""
        return bool((self._passive if who else self._told).match(action))

    def terms(self, sentence: str, modals: Sequence[re.Match[str]]) -> list[Term]:
        """Conditions, exceptions and approvals: each from its first word to the end of its phrase, or to a modal."""
        return list(self._find_terms(sentence, modals))

    def _find_terms(self, sentence: str, modals: Sequence[re.Match[str]]) -> Iterator[Term]:
        at = 0
        while found := self._terms.search(sentence, at):
            start, kind = found.start(), str(found.lastgroup)
            modal = next((modal.start() for modal in modals if start < modal.start() < found.end()), None)
            at = max(modal or found.end(), start + 1)
            text = sentence[start:at].strip()
            if kind == "place" and sentence[:start].rstrip()[-1:] not in {"", ","}:
                at = start + 1
                continue
            if self._trivial.match(text):
                continue
            if modal is not None and kind in {"condition", "place"}:
                text = self._without_subject(text)
            opens = start == 0
            yield Term(TermKind.CONDITION if kind in {"place", "whole"} else TermKind(kind), text, start, opens)
            if kind in {"condition", "place"}:
                nested = self._approval.search(sentence, start + 1, start + len(text))
                if nested:
                    yield Term(TermKind.APPROVAL, nested[0], nested.start(), opens)

    def _without_subject(self, words: str) -> str:
        """A condition that runs into the modal without a comma, less the noun phrase that the modal belongs to."""
        nouns = [noun for noun in self._people.finditer(words) if noun.end() == len(words)]
        if nouns:
            return words[: nouns[0].start()].strip()
        determiners = list(_DETERMINER.finditer(words))
        return words[: determiners[-1].start()] if determiners else words

    def _is_mentioned(self, noun: re.Match[str]) -> bool:
        before = noun.string[: noun.start()]
        if self._mentioned.search(before):
            return True
        return self._who(noun[0]) is Who.SCHOOL and self._part_of_a_name.search(before) is not None

    def _who(self, noun: str) -> Who:
        return next(who for who, pattern in self._kinds if pattern.fullmatch(noun))


@dataclass(frozen=True, slots=True)
class _Said:
    __pydantic_config__ = ConfigDict(extra="forbid")

    force: Force
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Object:
    __pydantic_config__ = ConfigDict(extra="forbid")

    after: tuple[str, ...]
    between: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Passive:
    __pydantic_config__ = ConfigDict(extra="forbid")

    binds_school: tuple[str, ...]
    binds_school_whoever: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _TermRules:
    __pydantic_config__ = ConfigDict(extra="forbid")

    approval: str
    approval_from: tuple[str, ...]
    exception_from: tuple[str, ...]
    condition_from: tuple[str, ...]
    condition_whole: tuple[str, ...]
    condition_of_subject: tuple[str, ...]
    condition_at_start: tuple[str, ...]
    trivial: str


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="forbid")

    force: tuple[_Said, ...]
    who: Mapping[Who, tuple[str, ...]]
    object: _Object
    passive: _Passive
    terms: _TermRules


@cache
def phrases() -> Phrases:
    """The phrases of readings.toml.

    Raises:
        BadDataFile: the file is not as it must be.
    """
    file = read_data(RULES, _File)
    person = _any(sorted((noun for nouns in file.who.values() for noun in nouns), key=len, reverse=True))
    person_whole = rf"{person}(?![\w'\u2019])"
    after, terms = _any(file.object.after), file.terms
    between = rf"(?:(?:{_any(file.object.between)}|{person})(?:['\u2019]s?)?)[\s,/]+"
    approval = rf"{_any(terms.approval_from)}\b(?=(?:\s+[^\s,;:.()]+){{0,6}}\s+{terms.approval}){_REST}"
    adverb = r"\s*(?:also |always |be |\w+ly )*"
    return Phrases(
        _force=_compiled("|".join(rf"(?P<f{n}>\b{_any(said.said)})" for n, said in enumerate(file.force))),
        _forces=tuple(said.force for said in file.force),
        _people=_compiled(rf"\b{person_whole}"),
        _kinds=tuple((who, _compiled("|".join(nouns))) for who, nouns in file.who.items()),
        _mentioned=_compiled(rf"\b{after}\s+(?:{between}){{0,10}}$"),
        _part_of_a_name=_compiled(rf"\b{after}\s+[\w'\u2019]+\s+(?:\w+\s+)?$"),
        _named_first=_compiled(rf"\s*(?:the |any |all |our )?(?P<person>{person_whole})"),
        _agent=_compiled(rf"[^,;:(]*?\bby (?:the |our |any |all )?(?P<person>{person_whole})"),
        _passive=_compiled(rf"{adverb}{_any(file.passive.binds_school)}\b"),
        _told=_compiled(rf"{adverb}{_any(file.passive.binds_school_whoever)}\b"),
        _terms=_compiled(
            rf"\b(?:(?P<approval>{approval})|(?P<exception>{_any(terms.exception_from)}\b{_REST})"
            rf"|(?P<whole>{_any(terms.condition_whole)})|(?P<subject>{_any(terms.condition_of_subject)})"
            rf"|(?P<condition>{_any(terms.condition_from)}\b{_REST})"
            rf"|(?P<place>{_any(terms.condition_at_start)}\b{_REST}))"
        ),
        _approval=_compiled(rf"\b{approval}"),
        _trivial=_compiled(terms.trivial),
    )


def _any(patterns: Sequence[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
