"""The facts on which a verdict can turn: what each means, how it is asked for and which values it has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ConfigDict

from knowledge.datafile import BadDataFile, Location, line_of, read_data
from knowledge.errors import TouchstoneError

SHIPPED = Path(__file__).with_name("facts.toml")

_KEY = re.compile(r"[a-z]+(_[a-z]+)*")
_FEWEST = 2

_HEAD = """# Facts

The facts on which a verdict can turn, from `knowledge/facts.toml`; a test holds this page to it. Write it anew with
`python -m knowledge.facts > docs/facts.md`. A ruling uses key and value; whoever asks sees the question, and a button
for each value. A message is read for them by rule (`bot/talk/facts/finding.py` and the words beside it); what is
hedged, told by somebody else or contradicted stays unknown and is asked. The clauses are those of the shipped policy
where it draws the line.

| key | what it says | the question | values and buttons | clauses |
|---|---|---|---|---|"""


class NoSuchFact(TouchstoneError):
    """There is no fact of that key; knowledge/facts.toml names those there are."""


@dataclass(frozen=True, slots=True)
class FactChoice:
    """One value of a fact, and what the button says that gives it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about a situation that decides what holds.

    Attributes:
        key: its name in rulings, small letters and underscores; one of its kind.
        means: what it says, for whoever writes a ruling.
        ask: the question that is asked back, one sentence.
        choices: its values, two or more, each once, in the order of the buttons.
        clauses: labels of the clauses of the shipped policy that draw the line, if any does.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    key: str
    means: str
    ask: str
    choices: tuple[FactChoice, ...]
    clauses: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """Its values in the order of the buttons."""
        return tuple(choice.value for choice in self.choices)


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="forbid")

    fact: tuple[Fact, ...]


def load_facts(path: Path = SHIPPED) -> Mapping[str, Fact]:
    """All facts by key, in the order of the file.

    Raises:
        BadDataFile: the file is wrong: its shape, a key or a value that stands twice, fewer than two choices.
    """
    file = read_data(path, _File)
    facts: dict[str, Fact] = {}
    for number, fact in enumerate(file.fact):
        place = ("fact", number)
        if not _KEY.fullmatch(fact.key):
            raise _wrong(path, (*place, "key"), f"'{fact.key}' is no key; use small letters and underscores")
        if fact.key in facts:
            raise _wrong(path, (*place, "key"), f"'{fact.key}' stands here twice; take one of them out")
        if not fact.ask.endswith("?"):
            raise _wrong(path, (*place, "ask"), f"'{fact.ask}' is no question; end it with a question mark")
        if len(fact.choices) < _FEWEST:
            raise _wrong(path, (*place, "choices"), f"'{fact.key}' leaves no choice; give two values or more")
        for said in (fact.values, tuple(choice.label for choice in fact.choices), fact.clauses):
            if twice := [one for one in said if said.count(one) > 1 or not one.strip()]:
                raise _wrong(path, place, f"'{twice[0]}' stands twice or is empty in '{fact.key}'; make them differ")
        facts[fact.key] = fact
    return facts


@cache
def shipped_facts() -> Mapping[str, Fact]:
    """The facts that come with the product, read once."""
    return load_facts()


def fact_named(key: str) -> Fact:
    """The shipped fact of that key.

    Raises:
        NoSuchFact: there is none.
    """
    try:
        return shipped_facts()[key]
    except KeyError:
        raise NoSuchFact(key) from None


def page(facts: Mapping[str, Fact]) -> str:
    """docs/facts.md: a table of the facts for whoever writes a ruling."""
    rows = [
        f"| `{fact.key}` | {fact.means} | {fact.ask} | {_choices(fact)} | {', '.join(fact.clauses)} |"
        for fact in facts.values()
    ]
    return "\n".join((_HEAD, *rows)) + "\n"


def _choices(fact: Fact) -> str:
    return "<br>".join(f"`{choice.value}`: {choice.label}" for choice in fact.choices)


def _wrong(path: Path, place: Location, what: str) -> BadDataFile:
    return BadDataFile(path, line_of(path, place), what)


if __name__ == "__main__":
    print(page(shipped_facts()), end="")  # noqa: T201 (this is the page)
