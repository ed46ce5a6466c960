"""What is wrong in rulings that their shape cannot say: each problem with file, line and what to do."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.datafile import Location, line_of
from knowledge.facts import Fact, shipped_facts
from knowledge.model import Clause, Policy
from knowledge.phrases import Force
from knowledge.readings import Reading, read
from knowledge.ruling_tables import Values, known_or_not, size, stated, values_of
from knowledge.rulings import GIVEN, Row, Ruling, RulingFile, Verdict
from knowledge.words import fold, tokens

PHRASINGS = 15
"""Fewer are a warning: the search learns from them how staff ask."""

MOST_COMBINATIONS = 5_000
"""More are refused: nobody can read such a table against the clauses."""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LABEL = re.compile(r"\b\d{1,2}\.\d{1,2}(?:\(\d{1,2}\))?")
_QUOTED = re.compile(r"\u201c([^\u201d]+)\u201d|\"([^\"]+)\"|(?<!\w)['\u2018]([^'\u2018\u2019]+)['\u2019](?!\w)")
_FORBIDS = frozenset({Force.MUST_NOT, Force.SHOULD_NOT})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend.

    Attributes:
        path: the file.
        line: the line, from 1.
        what: what is wrong, and what to do.
        is_warning: whether the ruling can be used all the same.
    """

    path: Path
    line: int
    what: str
    is_warning: bool = False

    def __str__(self) -> str:
        """``path:line: what is wrong; what to do``."""
        return f"{self.path}:{self.line}: {self.what}"


def check(files: Iterable[RulingFile], policy: Policy, facts: Mapping[str, Fact]) -> tuple[Problem, ...]:
    """Every problem of a policy's rulings, in the order of the files."""
    clauses = {str(clause.label): clause for clause in policy.clauses}
    seen = _Seen()
    return tuple(
        problem
        for file in files
        for number, ruling in enumerate(file.rulings)
        for problem in _Check(file.path, number, ruling, clauses, facts).problems(seen)
    )


def check_one(path: Path, number: int, ruling: Ruling, policy: Policy) -> tuple[Problem, ...]:
    """Every problem of one ruling in itself, held against a version of its policy.

    Args:
        path: its file.
        number: which ruling of the file it is, from 0.
        ruling: the ruling, maybe with other labels than in its file.
        policy: the version.
    """
    clauses = {str(clause.label): clause for clause in policy.clauses}
    return tuple(_Check(path, number, ruling, clauses, shipped_facts()).problems(_Seen()))


@dataclass(slots=True)
class _Seen:
    """What stands once only among all rulings of a policy: ids, and phrasings with the ruling that has them."""

    ids: set[str] = field(default_factory=set)
    phrasings: dict[tuple[str, ...], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Check:
    """One ruling, and what it is held against."""

    path: Path
    number: int
    ruling: Ruling
    clauses: Mapping[str, Clause]
    facts: Mapping[str, Fact]

    def problems(self, seen: _Seen) -> Iterator[Problem]:
        yield from self._name(seen)
        yield from self._phrasings(seen)
        unknown = [*self._cites(), *self._unknown_facts()]
        yield from unknown
        if unknown:
            return  # nothing below can be told of a table that names what is not there
        yield from self._says()
        yield from self._keys_of_rows()
        yield from self._table()
        yield from self._contradictions()

    def _problem(self, place: Location, what: str, *, is_warning: bool = False) -> Problem:
        line = line_of(self.path, ("ruling", self.number, *place))
        return Problem(self.path, line, f"{self.ruling.id}: {what}", is_warning)

    def _name(self, seen: _Seen) -> Iterator[Problem]:
        if not _ID.fullmatch(self.ruling.id):
            yield self._problem(("id",), "this is no id; use small letters, digits and hyphens")
        if self.ruling.id in seen.ids:
            yield self._problem(("id",), "another ruling has this id; rename one of them")
        seen.ids.add(self.ruling.id)

    def _phrasings(self, seen: _Seen) -> Iterator[Problem]:
        for phrasing in self.ruling.phrasings:
            words = tokens(phrasing)
            other = seen.phrasings.setdefault(words, self.ruling.id)
            if not words:
                yield self._problem(("phrasings",), "a phrasing has no words; take it out")
            elif other != self.ruling.id:
                what = f"'{phrasing}' is a phrasing of '{other}' too; leave it with the ruling that answers it"
                yield self._problem(("phrasings",), what)
        different = len({tokens(phrasing) for phrasing in self.ruling.phrasings})
        if different < len(self.ruling.phrasings):
            yield self._problem(("phrasings",), "a phrasing stands here twice; take one of them out")
        if different < PHRASINGS:
            what = f"{different} phrasings; write {PHRASINGS} or more, in the words of different people"
            yield self._problem(("phrasings",), what, is_warning=True)

    def _cites(self) -> Iterator[Problem]:
        if not self.ruling.cites:
            yield self._problem(("cites",), "cites no clause; name those that decide")
        if not self.ruling.row:
            yield self._problem(("row",), "has no row; write one [[ruling.row]] at least")
        for label in self.ruling.cites:
            if label not in self.clauses:
                what = f"there is no clause {label}; `touchstone clauses` shows those there are"
                yield self._problem(("cites",), what)
        for number, row in enumerate(self.ruling.row):
            for label in row.cites:
                if label not in self.ruling.cites:
                    what = f"the row cites {label}, the ruling does not; name it in the ruling's cites too"
                    yield self._problem(("row", number, "cites"), what)

    def _unknown_facts(self) -> Iterator[Problem]:
        for number, row in enumerate(self.ruling.row):
            for key, values in row.conditions.items():
                place = ("row", number, "when")
                if key not in self.facts:
                    yield self._problem(place, f"there is no fact '{key}'; knowledge/facts.toml has those there are")
                    continue
                if not values:
                    yield self._problem(place, f"'{key}' has no value; name at least one")
                yield from self._unknown_values(key, values, place)
            yield from self._unknown_asks(row.asks, ("row", number, "asks"))
        if self.ruling.otherwise is not None:
            yield from self._unknown_asks(self.ruling.otherwise.asks, ("otherwise", "asks"))
        if self.ruling.who:
            yield from self._unknown_values("who", self.ruling.who, ("who",))

    def _unknown_values(self, key: str, values: Iterable[str], place: Location) -> Iterator[Problem]:
        has = self.facts[key].values if key in self.facts else ()
        for value in values:
            if value not in has:
                yield self._problem(place, f"'{value}' is no value of '{key}'; it has: {', '.join(has)}")

    def _unknown_asks(self, asks: Iterable[str], place: Location) -> Iterator[Problem]:
        for key in asks:
            if key not in self.ruling.keys:
                yield self._problem(place, f"asks for '{key}', on which no row turns; take it out or write the row")

    def _says(self) -> Iterator[Problem]:
        """Every sentence that people read: it quotes, and names, its own clauses only."""
        sentences: list[tuple[Location, str]] = [
            (("row", number, name), said)
            for number, row in enumerate(self.ruling.row)
            for name, said in (("says", row.says), ("unless", row.unless))
            if name == "says" or said
        ]
        if self.ruling.otherwise is not None:
            sentences.append((("otherwise", "says"), self.ruling.otherwise.says))
        cited = _one_line(" ".join(_whole(self.clauses[label]) for label in self.ruling.cites))
        for place, said in sentences:
            if not tokens(said):
                yield self._problem(place, "says nothing; write the answer")
            for match in _QUOTED.finditer(said):
                quoted = next(group for group in match.groups() if group)
                if _one_line(quoted) not in cited:
                    what = f"quotes '{quoted}', which no cited clause has; quote exactly, or take the marks away"
                    yield self._problem(place, what)
            for label in _LABEL.findall(said):
                if label not in self.ruling.cites:
                    yield self._problem(place, f"names {label}, which it does not cite; cite it or take it out")

    def _keys_of_rows(self) -> Iterator[Problem]:
        for number, row in enumerate(self.ruling.row):
            place = ("row", number)
            if row.exception and not row.conditions:
                yield self._problem(
                    place, "an exception without `when` always holds; say when, or take `exception` out"
                )
            if row.unless and not row.exception:
                yield self._problem((*place, "unless"), "`unless` is for an exception; take it out")
            if row.asks and row.verdict is not Verdict.DEPENDS:
                yield self._problem((*place, "asks"), "a row that does not say `depends` asks nothing; take `asks` out")
        otherwise = self.ruling.otherwise
        if otherwise is not None and (otherwise.verdict is not Verdict.DEPENDS or not otherwise.asks):
            yield self._problem(("otherwise",), "while facts are missing it depends; say `depends`, and what it asks")
        blocking = [key for row in self.ruling.row if not row.exception for key in row.conditions]
        for key in dict.fromkeys(blocking):
            if otherwise is not None and key not in otherwise.asks:
                yield self._problem(("otherwise", "asks"), f"'{key}' can keep a row open and is not asked for; add it")

    def _table(self) -> Iterator[Problem]:
        values = values_of(self.ruling, self.facts)
        if size(values) > MOST_COMBINATIONS:
            what = f"{size(values)} combinations of facts are more than a person can read; make two rulings of it"
            yield self._problem(("id",), what)
            return
        yield from self._reach(values)
        for facts in stated(values):
            if self.ruling.deciding(facts) is None:
                what = f"no row answers when {_told(facts)}; write one"
                yield self._problem(("row", len(self.ruling.row) - 1), what)
                break
        yield from self._open_exceptions(values)

    def _reach(self, values: Values) -> Iterator[Problem]:
        reached = {self.ruling.deciding(facts) for facts in known_or_not(values)}
        for number in range(len(self.ruling.row)):
            if number not in reached:
                what = f"row {number + 1} can never be reached, those before it decide; reorder or take it out"
                yield self._problem(("row", number), what)
        if None in reached and self.ruling.otherwise is None:
            yield self._problem(("id",), "facts may be missing; write [ruling.otherwise] with what it asks")
        if None not in reached and self.ruling.otherwise is not None:
            yield self._problem(("otherwise",), "this can never be reached; take it out")

    def _open_exceptions(self, values: Values) -> Iterator[Problem]:
        """A yes or no that skips an exception which may still hold: it has to name it; a yes has to be argued for."""
        silent: dict[int, dict[str, str]] = {}
        risky: dict[int, dict[str, str]] = {}
        for facts in known_or_not(values):
            number = self.ruling.deciding(facts)
            if number is None or self.ruling.row[number].verdict not in GIVEN:
                continue
            row = self.ruling.row[number]
            skipped = list(self.ruling.exceptions_open(number, facts))
            if skipped and not any(one.unless for one in skipped):
                silent.setdefault(number, facts)
            if row.verdict is Verdict.YES and any(one.verdict is Verdict.NO for one in skipped) and not row.argued:
                risky.setdefault(number, facts)
        for number, facts in silent.items():
            what = f"when {_told(facts)}, an earlier exception may still hold and is not named; give one an `unless`"
            yield self._problem(("row", number), what)
        for number, facts in risky.items():
            what = (
                f"says yes when {_told(facts)}, though an earlier exception may say no; ask first, or say why: `argued`"
            )
            yield self._problem(("row", number), what)

    def _contradictions(self) -> Iterator[Problem]:
        for number, row in enumerate(self.ruling.row):
            if row.argued:
                continue
            against = self._against(row)
            if row.verdict is Verdict.YES and against:
                what = f"says yes, and {against} forbids without exception; if it stands, say why: `argued`"
                yield self._problem(("row", number, "verdict"), what)
            if row.verdict is Verdict.NO and not self._binds(row):
                what = "says no, and no clause that it cites binds anybody; if it stands, say why: `argued`"
                yield self._problem(("row", number, "verdict"), what)

    def _against(self, row: Row) -> str | None:
        """The first cited clause that forbids staff something and leaves no way open, whatever row cites it."""
        return self._first((*row.cites, *self.ruling.cites), _forbids_absolutely)

    def _binds(self, row: Row) -> bool:
        return self._first(row.cites or self.ruling.cites, lambda reading: reading.force is not Force.MAY) is not None

    def _first(self, labels: Iterable[str], wanted: Callable[[Reading], bool]) -> str | None:
        return next((label for label in labels if any(map(wanted, read(self.clauses[label])))), None)


def _forbids_absolutely(reading: Reading) -> bool:
    return reading.force in _FORBIDS and reading.is_for_staff and not reading.exceptions and not reading.approvals


def _whole(clause: Clause) -> str:
    return " ".join((*clause.headings, clause.lead_in or "", clause.text))


def _one_line(text: str) -> str:
    return " ".join(fold(text).split())


def _told(facts: Mapping[str, str]) -> str:
    return " and ".join(f"{key} is '{value}'" for key, value in facts.items()) or "nothing is known"
