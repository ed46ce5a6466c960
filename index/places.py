"""Places of a policy that a question names: a clause by its label ("9.1", "section 12"), a section by half its name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ConfigDict
from rapidfuzz import fuzz

from knowledge.datafile import read_data
from knowledge.model import Clause
from knowledge.numbering import Label
from knowledge.words import tokens

_CUE = r"(?:clause|section|sect|paragraph|para|point|part|rule|number|no|item|chapter|heading|bit|§)s?"
_LABEL = re.compile(
    rf"(?P<cue>\b{_CUE}\.?\s?|§\s?)?(?<![\d.,:/£$-])(?P<number>\d{{1,2}}(?:\.\d{{1,3}}){{0,3}})(?![\d:/]|[.,]\d)(?P<second>\s?\(second\))?"
    r"(?P<items>,?\s(?:bullet|point|item)(?:\spoint)?\s\d{1,3}|(?:\s?\(\s?(?:\d{1,3}|[a-z]|[ivx]{2,5})\s?\)){0,3})(?P<unit>\s?(?:%|[a-z]+))?",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    rf"\b{_CUE}\s+(?:(?:that|which|where)\s+)?(?:(?:it|is|are|talks?|says?|deals?|goes)\s+)*"
    r"(?:about|on|for|with|called|headed|titled|named|covers?|covering|regarding|over)\s+(?P<name>[^?.!,;]+?)"
    r"(?:\s+(?:says?|means?|covers?|please|again))*\s*(?:[?.!,;]|$)",
    re.IGNORECASE,
)
_ALIKE = 0.6
"""The share of a heading's words that a half remembered name must have, and the other way round."""
_SAME_WORD = 84.0
"""rapidfuzz's ratio, 0 to 100, from which two words are the same but for a slip or an ending."""


@dataclass(frozen=True, slots=True)
class _Words:
    """Words that tell a label from other numbers: places.toml says which."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    units: frozenset[str]
    not_before_a_label: frozenset[str]
    small_words: frozenset[str]


@cache
def _words() -> _Words:
    return read_data(Path(__file__).with_name("places.toml"), _Words)


@dataclass(frozen=True, slots=True)
class Place:
    """What a question points to.

    Attributes:
        name: the label or number as the document writes it, or the section's heading.
        clauses: its clauses with their positions, in the order of the library; empty where there is no such clause.
        siblings: where there is none: those of the section that it would stand in.
        heading: the innermost heading that all its clauses stand under.
    """

    name: str
    clauses: "Numbered"
    siblings: "Numbered" = ()
    heading: str = ""

    @property
    def positions(self) -> tuple[int, ...]:
        """Where its clauses stand in the library."""
        return tuple(position for position, _ in self.clauses)

    @property
    def span(self) -> tuple[Label, Label] | None:
        """The labels of the first and last of its clauses, or of the siblings; None where there are none."""
        numbered = self.clauses or self.siblings
        return (numbered[0][1].label, numbered[-1][1].label) if numbered else None


Numbered = Sequence[tuple[int, Clause]]
"""The clauses that are searched, each with its position."""


def named_place(question: str, clauses: Numbered) -> Place | None:
    """The first place that a question names by a label; one that is not there only where nothing else can be meant."""
    missing: Place | None = None
    for found in _LABEL.finditer(question):
        if not _may_be_a_label(found):
            continue
        number = tuple(found["number"].split("."))
        items = tuple(re.findall(r"\w+", re.sub(r"[a-z]{3,}", "", found["items"], flags=re.IGNORECASE)))
        name = found["number"] + "".join(f"({item})" for item in items)
        if under := _labelled(number, items, found["second"] is not None, clauses):
            first = under[0][1].label
            name = str(first) if len(under) == 1 or first.number == number else name
            return Place(name, under, heading=_shared_heading(under))
        if missing is None and _is_surely_a_label(found, question):
            siblings = tuple(row for row in clauses if row[1].label.number[:1] == number[:1])
            missing = Place(name, (), siblings)
    return missing


def _shared_heading(clauses: Numbered) -> str:
    trails = [clause.headings for _, clause in clauses]
    shared = [level[0] for level in zip(*trails, strict=False) if len(set(level)) == 1]
    return shared[-1] if shared else ""


def _may_be_a_label(found: re.Match[str]) -> bool:
    """Whether a number can be a label: "9.1" and "section 12" can; "3 pupils", "at 8.30" and "9.15am" cannot."""
    if found["cue"]:
        return True
    before = tokens(found.string[: found.start()])[-1:]
    unit = (found["unit"] or "").strip().casefold()
    return "." in found["number"] and unit not in _words().units and not _words().not_before_a_label & set(before)


def _is_surely_a_label(found: re.Match[str], question: str) -> bool:
    """Whether nothing else can be meant: a word such as "clause" stands before it, or hardly anything beside it."""
    rest = set(tokens(question[: found.start()] + " " + question[found.end() :])) - _words().small_words
    return bool(found["cue"]) or not rest


def _labelled(number: tuple[str, ...], items: tuple[str, ...], is_second: bool, clauses: Numbered) -> Numbered:  # noqa: FBT001 (of ours alone)
    """The clauses under a label: itself first, then what hangs below it."""
    wanted = [(number, items), *([(number[:-1], (number[-1],))] if not items and len(number) > 1 else [])]
    for numbers, names in wanted:
        under = tuple(
            (position, clause)
            for position, clause in clauses
            if clause.label.number[: len(numbers)] == numbers
            and (not names or (clause.label.number == numbers and clause.label.items[: len(names)] == names))
            and (not is_second or clause.label.occurrence > 1)
        )
        if under:
            return under
    return ()


def named_section(question: str, clauses: Numbered) -> tuple[Place | None, str]:
    """The section that "the bit about phones" means, if one is called nearly so; and what the question is about.

    The words after "the bit about" are what to search for, whether or not a section bears them.
    """
    found = _ABOUT.search(question)
    if found is None:
        return None, question
    name = found["name"].strip()
    return next((place for heading, place in _sections(clauses).items() if _is_called(name, heading)), None), name


def _sections(clauses: Numbered) -> Mapping[str, Place]:
    """Every heading with the clauses under it, the innermost headings first."""
    under: dict[tuple[int, str], list[tuple[int, Clause]]] = {}
    for row in clauses:
        for depth, heading in enumerate(row[1].headings):
            under.setdefault((depth, heading), []).append(row)
    deepest_first = sorted(under.items(), key=lambda entry: -entry[0][0])
    return {heading: Place(heading, tuple(rows), heading=heading) for (_, heading), rows in deepest_first}


def _is_called(name: str, heading: str) -> bool:
    """Whether a remembered name and a heading share most words of either, slips and endings aside."""
    asked = [word for word in tokens(name) if word not in _words().small_words]
    title = [word for word in tokens(heading) if word not in _words().small_words]
    if not asked or not title:
        return False
    if fuzz.ratio("".join(asked), "".join(title)) >= _SAME_WORD:
        return True
    return all(_in(word, title) for word in asked) or sum(_in(word, asked) for word in title) / len(title) >= _ALIKE


def _in(word: str, words: Iterable[str]) -> bool:
    return any(fuzz.ratio(word, other) >= _SAME_WORD or (len(word) > 3 and other.startswith(word)) for other in words)  # noqa: PLR2004
