"""What is wrong in a document, as far as a rule can see it: for whoever owns the policy."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from pydantic import ConfigDict

from knowledge.body import number_of
from knowledge.datafile import read_data
from knowledge.model import Passage, PassageKind, Policy
from knowledge.pulls import pulls
from knowledge.vocabulary import Vocabulary

KNOWN = Path(__file__).with_name("health.toml")

_YEARS = {
    "every year": 12,
    "each year": 12,
    "annually": 12,
    "yearly": 12,
    "every two years": 24,
    "every three years": 36,
}
_PERIOD = re.compile(rf"\b(?:{'|'.join(_YEARS)}|every (?P<years>\d+) years?)\b", re.IGNORECASE)
_OF_THE_POLICY = re.compile(r"\bpolicy\b[^.]*\breview|\breview[^.]*\bpolicy\b", re.IGNORECASE)
_PLAIN_LINK = re.compile(r"http://[^\s<>]+")


class Problem(StrEnum):
    """The kinds of thing that a rule can see, what may mislead staff first."""

    EXCEPTION_IN_ONE = "exception_in_one"
    FORBIDDEN_AND_ALLOWED = "forbidden_and_allowed"
    REPLACED = "replaced"
    REVIEW_OVERDUE = "review_overdue"
    REVIEW_PERIODS_DIFFER = "review_periods_differ"
    NUMBER_TWICE = "number_twice"
    NUMBER_MISSING = "number_missing"
    CONTENTS_DISAGREE = "contents_disagree"
    RENAMED = "renamed"
    PLAIN_LINK = "plain_link"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at.

    Attributes:
        problem: what kind of thing.
        places: where: labels of clauses, names of rows on the front, or section numbers.
        line: the first line in the source that shows it, from 1.
        detail: the words, numbers or dates that it is about.
        source: where it is said that this is out of date; empty where the document itself shows it.
    """

    problem: Problem
    places: tuple[str, ...]
    line: int
    detail: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Outdated:
    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    now: str
    source: str
    unless: str = ""


@dataclass(frozen=True, slots=True)
class _Compared:
    __pydantic_config__ = ConfigDict(extra="forbid")

    acts: tuple[str, ...]
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    __pydantic_config__ = ConfigDict(extra="forbid")

    replaced: tuple[_Outdated, ...]
    renamed: tuple[_Outdated, ...]
    pulls: _Compared


def examine(policy: Policy, today: date) -> tuple[Finding, ...]:
    """Everything that a rule can see, kind by kind, each in the order of the source."""
    known = read_data(KNOWN, _Known)
    found = [
        *_numbers_twice(policy),
        *_numbers_missing(policy),
        *_contents(policy),
        *_review(policy, today),
        *_outdated(policy, Problem.REPLACED, known.replaced),
        *_outdated(policy, Problem.RENAMED, known.renamed),
        *_plain_links(policy),
        *_pulls(policy, known.pulls),
    ]
    kinds = list(Problem)
    return tuple(sorted(found, key=lambda finding: (kinds.index(finding.problem), finding.line)))


def _numbers_twice(policy: Policy) -> Iterator[Finding]:
    for clause in policy.clauses:
        if clause.label.occurrence > 1 and not clause.label.items:
            number = ".".join(clause.label.number) or clause.label.heading
            yield Finding(Problem.NUMBER_TWICE, (number, str(clause.label)), clause.line, number)


def _numbers_missing(policy: Policy) -> Iterator[Finding]:
    """Gaps between numbered siblings: sections 12 and 14, clauses 6.2 and 6.4."""
    used: dict[tuple[str, ...], dict[int, int]] = defaultdict(dict)
    for number, line in _numbered(policy):
        for depth in range(1, len(number) + 1):
            if number[depth - 1].isdigit():
                used[number[: depth - 1]].setdefault(int(number[depth - 1]), line)
    for parent, numbers in used.items():
        gaps = sorted(set(range(1, max(numbers))) - set(numbers))
        if len(gaps) > len(numbers):
            continue  # a year, or a number that somebody wrote about: nobody counted up to it
        for missing in gaps:
            after = min(number for number in numbers if number > missing)
            yield Finding(
                Problem.NUMBER_MISSING,
                (".".join((*parent, str(after))),),
                numbers[after],
                ".".join((*parent, str(missing))),
            )


def _numbered(policy: Policy) -> Iterator[tuple[tuple[str, ...], int]]:
    for passage in policy.passages_of(PassageKind.HEADING):
        if number := _number(passage):
            yield number, passage.line
    yield from ((clause.label.number, clause.line) for clause in policy.clauses if clause.label.number)


def _number(passage: Passage) -> tuple[str, ...]:
    """The number of a heading, if it is one of digits: letters of appendices are not counted on."""
    number = number_of(passage)
    return number if all(map(str.isdigit, number)) else ()


def _contents(policy: Policy) -> Iterator[Finding]:
    """The contents list against the numbered headings of the body, number by number."""
    listed = {_number(passage): passage for passage in policy.passages_of(PassageKind.CONTENTS) if _number(passage)}
    if not listed:
        return
    depth = max(map(len, listed))
    headings = ((_number(passage), passage) for passage in policy.passages_of(PassageKind.HEADING))
    body = {number: passage for number, passage in headings if 0 < len(number) <= depth}
    for number in sorted(listed | body, key=lambda key: [int(part) for part in key]):
        words = [found[number].text if number in found else "" for found in (listed, body)]
        if words[0].casefold() != words[1].casefold():
            line = (listed | body)[number].line
            detail = f"contents: {words[0] or 'nothing'}; body: {words[1] or 'nothing'}"
            yield Finding(Problem.CONTENTS_DISAGREE, (".".join(number),), line, detail)


def _review(policy: Policy, today: date) -> Iterator[Finding]:
    """How often the document says that it is reviewed, wherever it says so; and whether that time has gone."""
    said = [(place, months, line) for place, text, line in _about_review(policy) if (months := _months(text))]
    if len({months for _, months, _ in said}) > 1:
        detail = "; ".join(f"{place}: every {months} months" for place, months, _ in said)
        yield Finding(Problem.REVIEW_PERIODS_DIFFER, tuple(place for place, _, _ in said), said[0][2], detail)
    if policy.overdue(today) and policy.review_due is not None:
        line = said[0][2] if said else 1
        yield Finding(
            Problem.REVIEW_OVERDUE, (said[0][0] if said else "policy.toml",), line, f"{policy.review_due:%B %Y}"
        )


def _about_review(policy: Policy) -> Iterator[tuple[str, str, int]]:
    for detail in policy.passages_of(PassageKind.DETAIL):
        if detail.marker.casefold().startswith("review"):
            yield detail.marker.rstrip(":"), detail.text, detail.line
    for clause in policy.clauses:
        if _OF_THE_POLICY.search(clause.text):
            yield str(clause.label), clause.text, clause.line


def _months(text: str) -> int | None:
    found = _PERIOD.search(text)
    if found is None:
        return None
    return 12 * int(found["years"]) if found["years"] else _YEARS[found[0].casefold()]


def _outdated(policy: Policy, problem: Problem, known: Iterable[_Outdated]) -> Iterator[Finding]:
    for outdated in known:
        name = re.compile(rf"\b{re.escape(outdated.name)}\b", re.IGNORECASE)
        clauses = [
            clause
            for clause in policy.clauses
            if name.search(clause.text) and not (outdated.unless and outdated.unless in clause.text)
        ]
        if clauses:
            places = tuple(str(clause.label) for clause in clauses)
            yield Finding(problem, places, clauses[0].line, f"{outdated.name}: {outdated.now}", outdated.source)


def _plain_links(policy: Policy) -> Iterator[Finding]:
    for clause in policy.clauses:
        for link in _PLAIN_LINK.findall(clause.text):
            yield Finding(Problem.PLAIN_LINK, (str(clause.label),), clause.line, link)


def _pulls(policy: Policy, compared: _Compared) -> Iterator[Finding]:
    for pull in pulls(policy, compared.acts, compared.objects, Vocabulary.shipped()):
        places = (str(pull.first.label), str(pull.second.label))
        shared = ", ".join(name.replace("_", " ") for name in pull.shared)
        detail = f"{shared} ({pull.words})" if pull.words else shared
        yield Finding(Problem(pull.kind), places, min(pull.first.line, pull.second.line), detail)
