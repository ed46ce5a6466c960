"""Rulings: reviewed tables that say what a policy answers to a question, fact by fact; and how one decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict

from knowledge.datafile import read_data

FOLDER = "rulings"
"""The folder of a policy in which its rulings lie, in as many files as its owner likes."""

_ANOTHER = "\0"
"""Stands for every value of a fact that no row names."""


FormName = Literal["report_concern", "disclose_contact", "ask_permission", "explain_judgement", "sign_agreement"]
"""A form that a ruling may offer."""


class Verdict(StrEnum):
    """What a ruling says of the act asked about."""

    NO = "no"
    YES = "yes"
    DEPENDS = "depends"
    INFO = "info"
    NOT_COVERED = "not_covered"


GIVEN = frozenset({Verdict.YES, Verdict.NO})
"""The verdicts that a person may act upon, so that they name the exceptions that may still hold."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a ruling's table.

    Attributes:
        verdict: what holds where the row does.
        says: one or two sentences for the person who asks; they state only what the cited clauses say.
        when: for each fact the value, or the values, that it must have; without any, the row always holds.
        exception: it must be stated to hold: while unknown it blocks no later row.
        unless: for an exception: the sentence that names it under a later row, while it is unknown.
        asks: for ``depends``: the facts that would decide after all.
        cites: the labels that decide here, the first foremost; without any, those of the ruling.
        argued: why a verdict stands that a cited clause, read alone, seems to contradict.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    verdict: Verdict
    says: str
    when: Mapping[str, str | tuple[str, ...]] | None = None
    exception: bool = False
    unless: str = ""
    asks: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    argued: str = ""

    @property
    def conditions(self) -> Mapping[str, tuple[str, ...]]:
        """The values that each fact may have, by fact."""
        when = self.when or {}
        return {key: (values,) if isinstance(values, str) else values for key, values in when.items()}

    def holds(self, facts: Mapping[str, str]) -> bool | None:
        """Whether it holds for these facts; None while that turns on a fact that is not among them."""
        known = [facts[key] in values for key, values in self.conditions.items() if key in facts]
        if not all(known):
            return False
        return True if len(known) == len(self.conditions) else None


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What is said while the facts do not decide: what it turns on, and what is asked back, in this order."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    verdict: Verdict
    says: str
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a ruling says for the facts that are known.

    Attributes:
        verdict: the verdict.
        says: the sentences of the row, and what names an exception that may still hold.
        asks: keys of the facts that still matter, in the order to ask them.
        row: the number of the row that decided, from 0; None where none does yet.
        cites: labels of the clauses that decide, the first foremost.
    """

    verdict: Verdict
    says: str
    asks: tuple[str, ...]
    row: int | None
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ruling:
    """A question that staff ask in many words, and a table of what the cited clauses answer.

    Attributes:
        id: its name, small letters, digits and hyphens; one of its kind.
        about: the question in a few words, as a heading.
        cites: labels of the clauses that decide, the first foremost.
        phrasings: messages that ask it.
        row: the table; the rows are tried in order.
        otherwise: what is said while the facts do not decide; None where every row before the last is an exception.
        offers: the forms that fit somebody who tells of it as having happened, the foremost first.
        who: values of the fact ``who``: the people whom it is about; a message about others is hardly for it. Empty:
            about anybody.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    about: str
    cites: tuple[str, ...]
    phrasings: tuple[str, ...]
    row: tuple[Row, ...]
    otherwise: Otherwise | None = None
    offers: tuple[FormName, ...] = ()
    who: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The facts that it turns on, in the order in which its rows name them."""
        return tuple(dict.fromkeys(key for row in self.row for key in row.conditions))

    def decide(self, facts: Mapping[str, str]) -> Decision:
        """What holds for these facts; a fact that is unknown is not among them.

        The first row that holds decides, unless an earlier row that is no exception may still hold: then it depends,
        and what still matters is asked. Facts that no row names change nothing.
        """
        number = self.deciding(facts)
        if number is None:
            return self._open(facts)
        row = self.row[number]
        asks = tuple(key for key in row.asks if key not in facts)
        may_hold = self.exceptions_open(number, facts) if row.verdict in GIVEN else ()
        names = dict.fromkeys(one.unless for one in may_hold if one.unless)
        return Decision(row.verdict, " ".join((row.says, *names)), asks, number, row.cites or self.cites)

    def deciding(self, facts: Mapping[str, str]) -> int | None:
        """The number of the row that decides, from 0, or None."""
        for number, row in enumerate(self.row):
            holds = row.holds(facts)
            if holds:
                return number
            if holds is None and not row.exception:
                return None
        return None

    def exceptions_open(self, number: int, facts: Mapping[str, str]) -> Iterator[Row]:
        """The exceptions before a row of which nobody knows yet whether they hold, with another verdict than its."""
        for row in self.row[:number]:
            if row.holds(facts) is None and row.verdict is not self.row[number].verdict:
                yield row

    def _open(self, facts: Mapping[str, str]) -> Decision:
        if self.otherwise is None:  # `touchstone rulings check` refuses such a table
            return Decision(Verdict.DEPENDS, self.about, (), None, self.cites)
        unknown = tuple(key for key in self.otherwise.asks if key not in facts)
        matter = self._matter(facts)
        asks = tuple(key for key in unknown if key in matter) or unknown
        return Decision(self.otherwise.verdict, self.otherwise.says, asks, None, self.cites)

    def _matter(self, facts: Mapping[str, str]) -> frozenset[str]:
        """The unknown facts of which two values lead to two rows, all else being equal."""
        unknown = [key for key in self.keys if key not in facts]
        named = {key: {value for row in self.row for value in row.conditions.get(key, ())} for key in unknown}
        domains = [(*sorted(named[key]), _ANOTHER) for key in unknown]
        led: dict[tuple[str, ...], int | None] = {}
        for values in product(*domains):
            led[values] = self.deciding({**facts, **dict(zip(unknown, values, strict=True))})
        return frozenset(
            key
            for place, key in enumerate(unknown)
            for values, number in led.items()
            for other in domains[place]
            if number is not None
            and (second := led[(*values[:place], other, *values[place + 1 :])]) is not None
            and second != number
        )


@dataclass(frozen=True, slots=True)
class _Contents:
    __pydantic_config__ = ConfigDict(extra="forbid")

    ruling: tuple[Ruling, ...]


@dataclass(frozen=True, slots=True)
class RulingFile:
    """The rulings of one file, in its order."""

    path: Path
    rulings: tuple[Ruling, ...]


def read_rulings(policy_folder: Path) -> tuple[RulingFile, ...]:
    """The files of rulings of a policy, by name; none where it has no folder ``rulings``.

    Raises:
        BadDataFile: a file is not TOML or not of that shape. What the shape cannot say: ``knowledge.ruling_checks``.
    """
    paths = sorted((policy_folder / FOLDER).glob("*.toml"))
    return tuple(RulingFile(path, read_data(path, _Contents).ruling) for path in paths)
