"""What is wrong in an induction that its shape cannot say: each problem with file, line and what to do."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.datafile import Location, line_of
from knowledge.facts import Fact
from knowledge.induction.walk import Induction, Situation, Step
from knowledge.model import Clause, Policy
from knowledge.ruling_checks import LABEL, QUOTED, Problem, one_line, whole
from knowledge.rulings import GIVEN, Ruling, Verdict
from knowledge.words import tokens

WORDS_A_MINUTE = 200
"""Adults read non-fiction in silence at 238 words a minute on the average (Brysbaert 2019, Journal of Memory and
Language 109); this leaves room for whoever reads more slowly, or is interrupted."""

SECONDS_TO_JUDGE = 10
"""Added for each situation: to think, and to press."""

MOST_MINUTES = 2
"""A step is done between two other things."""

_OFFERABLE = frozenset({Verdict.YES, Verdict.NO, Verdict.DEPENDS})
_FEWEST_OFFERED = 2
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_induction(
    path: Path, induction: Induction, policy: Policy, rulings: Iterable[Ruling], facts: Mapping[str, Fact]
) -> tuple[Problem, ...]:
    """Every problem of a policy's induction, in the order of its file.

    Args:
        path: the file that it was read from.
        induction: the induction.
        policy: the policy that it walks through.
        rulings: all of the policy's, whether or not they decide today.
        facts: all facts by key.
    """
    clauses = {str(clause.label): clause for clause in policy.clauses}
    by_id = {ruling.id: ruling for ruling in rulings}
    return (
        *_ids(path, induction),
        *_agreement(path, induction, clauses),
        *(
            problem
            for number, step in enumerate(induction.steps)
            for problem in _CheckStep(
                path, number, step, clauses, by_id, facts, induction.shown_before(step)
            ).problems()
        ),
    )


def seconds(step: Step, clauses: Mapping[str, Clause], rulings: Mapping[str, Ruling]) -> int:
    """How long a step takes to read, with its clauses and with what is said of each situation after the press.

    Clauses and rulings that are not given count for nothing: leave out the clauses that an earlier step has shown.
    """
    words = [step.title, *(one.text for one in step.says), *(check.text for check in step.checks)]
    words += [f"{clauses[label].lead_in or ''} {clauses[label].text}" for label in step.cites if label in clauses]
    for one in step.situations:
        words.append(one.text)
        if one.ruling in rulings:
            words.append(one.judged_by(rulings[one.ruling]).says)
    read = sum(len(text.split()) for text in words) * 60 / WORDS_A_MINUTE
    return round(read) + SECONDS_TO_JUDGE * len(step.situations)


def _ids(path: Path, induction: Induction) -> Iterator[Problem]:
    """Each thing that progress is kept of has an id, and one of its own."""
    places: list[tuple[Location, str]] = []
    for number, step in enumerate(induction.steps):
        places.append((("step", number, "id"), step.id))
        of_situations = [("situation", place, one.id) for place, one in enumerate(step.situations)]
        of_checks = [("check", place, one.id) for place, one in enumerate(step.checks)]
        places += [(("step", number, table, place, "id"), name) for table, place, name in of_situations + of_checks]
    counts = Counter(name for _, name in places)
    seen: set[str] = set()
    for place, name in places:
        if not _ID.fullmatch(name):
            yield _problem(path, place, f"'{name}' is no id; use small letters, digits and hyphens")
        if counts[name] > 1 and name in seen:
            yield _problem(path, place, f"the id '{name}' stands here twice; rename one of them")
        seen.add(name)
    if not induction.steps:
        yield Problem(path, 1, "has no step; write one [[step]] at least")


def _agreement(path: Path, induction: Induction, clauses: Mapping[str, Clause]) -> Iterator[Problem]:
    agreement = induction.agreement
    if agreement.clause not in clauses:
        yield _problem(path, ("agreement", "clause"), _no_clause(agreement.clause))
        return
    signed = one_line(clauses[agreement.clause].text)
    for bound in agreement.binds:
        if one_line(bound) not in signed:
            what = f"{agreement.clause} does not speak of '{bound}'; name it in its words, or take it out"
            yield _problem(path, ("agreement", "binds"), what)


@dataclass(frozen=True, slots=True)
class _CheckStep:
    """One step, and what it is held against."""

    path: Path
    number: int
    step: Step
    clauses: Mapping[str, Clause]
    rulings: Mapping[str, Ruling]
    facts: Mapping[str, Fact]
    shown_before: frozenset[str]

    def problems(self) -> Iterator[Problem]:
        unknown = list(self._unknown_clauses())
        yield from unknown
        if not self.step.says:
            yield self._at(("says",), "says nothing; write what its clauses ask, in plain words")
        if not unknown:
            yield from self._words()
        for number, situation in enumerate(self.step.situations):
            yield from self._situation(("situation", number), situation)
        if self.step.skip is not None and not (tokens(self.step.skip.when) and tokens(self.step.skip.argued)):
            yield self._at(("skip",), "says not who may skip it, or not what in the policy leaves that; say both")
        yield from self._time()

    def _at(self, place: Location, what: str) -> Problem:
        return _problem(self.path, ("step", self.number, *place), f"{self.step.id}: {what}")

    def _cited(self) -> Iterator[tuple[Location, str, tuple[str, ...]]]:
        """Each text that states what clauses say, with its place and those clauses."""
        for one in self.step.says:
            yield ("says",), one.text, one.cites
        for number, check in enumerate(self.step.checks):
            yield ("check", number), check.text, check.cites

    def _unknown_clauses(self) -> Iterator[Problem]:
        for place, text, cites in self._cited():
            if not cites:
                yield self._at(place, f"'{_begin(text)}' names no clause; name those that say it")
            for label in cites:
                if label not in self.clauses:
                    yield self._at(place, _no_clause(label))

    def _words(self) -> Iterator[Problem]:
        """Every sentence quotes, and names, its own clauses only."""
        for place, text, cites in self._cited():
            if not tokens(text):
                yield self._at(place, "a sentence has no words; write what the clause asks")
            said = one_line(" ".join(whole(self.clauses[label]) for label in cites))
            for match in QUOTED.finditer(text):
                quoted = next(group for group in match.groups() if group)
                if one_line(quoted) not in said:
                    what = (
                        f"quotes '{quoted}', which no clause named with it has; quote exactly, or take the marks away"
                    )
                    yield self._at(place, what)
            for label in LABEL.findall(text):
                if label not in cites:
                    yield self._at(place, f"speaks of {label}, which is not named with it; name it or take it out")

    def _situation(self, place: Location, situation: Situation) -> Iterator[Problem]:
        if not situation.text.rstrip().endswith("?"):
            yield self._at((*place, "text"), f"'{situation.id}' asks nothing; end it with the question")
        unknown = list(self._unknown_facts(place, situation))
        yield from unknown
        offered = situation.offered
        if len(set(offered)) < max(_FEWEST_OFFERED, len(offered)) or not set(offered) <= _OFFERABLE:
            what = f"'{situation.id}' is no choice; offer two or all of yes, no and depends, each once"
            yield self._at((*place, "offered"), what)
            return
        ruling = self.rulings.get(situation.ruling)
        if ruling is None:
            what = f"there is no ruling '{situation.ruling}'; take one of those in the folder rulings"
            yield self._at((*place, "ruling"), what)
        elif not unknown:
            yield from self._decided(place, situation, ruling)

    def _unknown_facts(self, place: Location, situation: Situation) -> Iterator[Problem]:
        for key, value in situation.facts.items():
            if key not in self.facts:
                what = f"there is no fact '{key}'; knowledge/facts.toml has those there are"
                yield self._at((*place, "facts"), what)
            elif value not in self.facts[key].values:
                what = f"'{value}' is no value of '{key}'; it has: {', '.join(self.facts[key].values)}"
                yield self._at((*place, "facts"), what)

    def _decided(self, place: Location, situation: Situation, ruling: Ruling) -> Iterator[Problem]:
        """Its ruling must decide it, and what it decides must be among what is offered."""
        verdict = situation.judged_by(ruling).verdict
        if verdict is Verdict.DEPENDS and not situation.lesson:
            what = f"'{ruling.id}' does not decide '{situation.id}'; state more facts, or say why that is the `lesson`"
            yield self._at((*place, "facts"), what)
        elif verdict is not Verdict.DEPENDS and situation.lesson:
            what = f"'{situation.id}' is decided ({verdict}); `lesson` is for one that depends: take it out"
            yield self._at((*place, "lesson"), what)
        elif verdict not in GIVEN and verdict is not Verdict.DEPENDS:
            what = f"'{ruling.id}' says {verdict} of '{situation.id}', which nobody can judge; take another ruling"
            yield self._at((*place, "ruling"), what)
        elif verdict not in situation.offered:
            what = f"'{ruling.id}' says {verdict} of '{situation.id}', which is not offered; offer it"
            yield self._at((*place, "offered"), what)

    def _time(self) -> Iterator[Problem]:
        if not 1 <= self.step.minutes <= MOST_MINUTES:
            yield self._at(("minutes",), f"a step takes 1 or {MOST_MINUTES} minutes; make two steps of it")
            return
        new = {label: clause for label, clause in self.clauses.items() if label not in self.shown_before}
        needed = seconds(self.step, new, self.rulings)
        if needed > self.step.minutes * 60:
            what = (
                f"takes {needed} seconds to read at {WORDS_A_MINUTE} words a minute, with its clauses and what is said"
                f" of its situations, not {self.step.minutes} min; correct that, shorten it or make two steps of it"
            )
            yield self._at(("minutes",), what)


def _problem(path: Path, place: Location, what: str) -> Problem:
    return Problem(path, line_of(path, place), what)


def _no_clause(label: str) -> str:
    return f"there is no clause {label}; `touchstone clauses` shows those there are"


def _begin(text: str) -> str:
    return " ".join(text.split()[:6])
