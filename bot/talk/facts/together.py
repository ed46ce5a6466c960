"""Facts from ideas that stand together in one part of a sentence, whatever their order: "mum" and "signed"."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

How = Literal["said", "denied", "mentioned", "any"]
"""Plainly; denied; asked or unsure too, but not denied; in whatever way."""

Within = Literal["part", "sentence", "message"]

_NEAR = 4
"""As many words may stand between a denying word and what it denies: "none of the parents have signed"."""

_FAR = 8
"""As many between a hedge, a report or a demand and what it is about."""

_ENDS = frozenset(".!?;")


@dataclass(frozen=True, slots=True)
class Condition:
    """One of these ideas has to be there: each by its name, and how."""

    ideas: tuple[tuple[str, How], ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Ideas that together give a fact a value; bot/talk/facts/together.toml explains each key."""

    fact: str
    value: str | None
    within: Within
    holds: tuple[Condition, ...]
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """What changes how a part of a sentence counts; bot/talk/facts/frames.toml explains each."""

    deny: re.Pattern[str]
    no_denial: re.Pattern[str]
    hedge: re.Pattern[str]
    hedge_after: re.Pattern[str]
    others: re.Pattern[str]
    ask: re.Pattern[str]
    opens_question: re.Pattern[str]
    inverted: re.Pattern[str]
    goes_on: re.Pattern[str]
    divides: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Said:
    """A value that ideas gave: sure or not, and its place in the words."""

    value: str
    sure: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a sentence: ``words[start:end]``, in which sentence, and whether it is a question."""

    start: int
    end: int
    sentence: int
    asked: bool


@dataclass(frozen=True, slots=True)
class _Idea:
    """An idea where it stands, and how."""

    start: int
    end: int
    part: int
    denied: bool
    asked: bool
    unsure: bool


class Parts:
    """One message in its parts, and the ideas in them."""

    def __init__(
        self,
        words: str,
        around: Around,
        ideas: Mapping[str, re.Pattern[str]],
        masks: Mapping[str, re.Pattern[str]],
    ) -> None:
        self._words = words
        self._around = around
        self._ideas = ideas
        self._masks = masks
        self._found: dict[str, tuple[_Idea, ...]] = {}
        self._met: dict[Condition, tuple[_Idea, ...]] = {}

    def said(self, rules: tuple[Together, ...]) -> Iterator[tuple[str, Said]]:
        """By fact, what the rules give: of each fact the first that holds in a place, in the order of the rules."""
        taken: set[tuple[str, int]] = set()
        for rule in rules:
            for unit, held in self._units(rule):
                sentences = {self.parts[idea.part].sentence for idea in held}
                if any((rule.fact, sentence) in taken for sentence in sentences):
                    continue
                if any(found for name in rule.lacks for found in self._in(name, rule.within, unit)):
                    continue
                taken.update((rule.fact, sentence) for sentence in sentences)
                if rule.value is not None:
                    start, end = min(one.start for one in held), max(one.end for one in held)
                    yield rule.fact, Said(rule.value, not any(one.unsure for one in held), start, end)

    def _units(self, rule: Together) -> Iterator[tuple[int, list[_Idea]]]:
        first, *others = rule.holds
        for idea in self._meeting(first):
            unit = self._unit(idea, rule.within)
            held = [idea]
            for condition in others:
                there = [one for one in self._meeting(condition) if self._unit(one, rule.within) == unit]
                if not there:
                    break
                held.append(min(there, key=lambda one: (one.unsure, abs(one.start - idea.start))))
            else:
                yield unit, held

    def _meeting(self, condition: Condition) -> tuple[_Idea, ...]:
        if condition not in self._met:
            self._met[condition] = tuple(self._meets(condition))
        return self._met[condition]

    def _meets(self, condition: Condition) -> Iterator[_Idea]:
        for name, how in condition.ideas:
            for idea in self._places(name):
                if how == "any" or (how == "mentioned" and not idea.denied):
                    yield replace(idea, unsure=False) if idea.unsure else idea
                elif how in {"said", "denied"} and not idea.asked and idea.denied == (how == "denied"):
                    yield idea

    def _in(self, name: str, within: Within, unit: int) -> Iterator[_Idea]:
        return (idea for idea in self._places(name) if self._unit(idea, within) == unit)

    def _unit(self, idea: _Idea, within: Within) -> int:
        if within == "part":
            return idea.part
        return self.parts[idea.part].sentence if within == "sentence" else 0

    def _places(self, name: str) -> tuple[_Idea, ...]:
        if name not in self._found:
            mask = self._masks.get(name)
            masked = [found.span() for found in mask.finditer(self._words)] if mask else []
            self._found[name] = tuple(
                self._idea(match.start(), match.end())
                for match in self._ideas[name].finditer(self._words)
                if not any(start <= match.start() < end for start, end in masked)
            )
        return self._found[name]

    def _idea(self, start: int, end: int) -> _Idea:
        number = next(n for n, part in enumerate(self.parts) if start < part.end)
        part = self.parts[number]
        around = self._around
        before = self._words[part.start : start + 1]
        return _Idea(
            start,
            end,
            number,
            denied=self._denied(before),
            asked=part.asked or _stands_in(around.ask, before, _FAR),
            unsure=any(_stands_in(frame, before, _FAR) for frame in (around.hedge, around.others))
            or self._hedged_after(end, part),
        )

    def _denied(self, before: str) -> bool:
        for deny in self._around.deny.finditer(before):
            if len(before[deny.end() :].split()) > _NEAR:
                continue
            harmless = self._around.no_denial.finditer(before)
            if not any(one.start() <= deny.start() < one.end() for one in harmless):
                return True
        return False

    def _hedged_after(self, end: int, part: _Part) -> bool:
        """Also at the head of the next part: "mum signed it, I think"."""
        following = next((one for one in self.parts if one.start >= part.end and one.sentence == part.sentence), None)
        after = self._words[end : part.end + 1]
        if (found := self._around.hedge_after.search(after)) and len(after[: found.start()].split()) <= _NEAR:
            return True
        if following is None:
            return False
        return bool(self._around.hedge_after.match(self._words[following.start : following.end + 1]))

    @cached_property
    def parts(self) -> tuple[_Part, ...]:
        """The parts in order; between them they hold every word."""
        parts: list[_Part] = []
        start = sentence = 0
        for divide in self._around.divides.finditer(self._words):
            is_end = divide[0].strip() in _ENDS
            cut = divide.end() if not divide[0].strip().isalpha() else divide.start()
            if is_end or cut > start:
                parts.append(self._part(start, cut, sentence, parts))
                start = cut
            sentence += is_end
        parts.append(self._part(start, len(self._words), sentence, parts))
        return tuple(parts)

    def _ends_asking(self, start: int) -> bool:
        mark = next((sign for sign in self._words[start:] if sign in _ENDS), "")
        return mark == "?"

    def _part(self, start: int, end: int, sentence: int, before: list[_Part]) -> _Part:
        words = self._words[start : end + 1]
        opens = self._around.opens_question.match(words)
        is_first = not before or before[-1].sentence != sentence
        if not opens and is_first and self._ends_asking(start):
            opens = self._around.inverted.match(words)
        asked = bool(opens)
        if not asked and before and before[-1].asked and before[-1].sentence == sentence:
            asked = bool(self._around.goes_on.match(words))
        return _Part(start, end, sentence, asked)


def _stands_in(frame: re.Pattern[str], before: str, within: int) -> bool:
    """Whether one of the frame's words stands there, so many words or fewer before the end."""
    return any(len(before[found.end() :].split()) <= within for found in frame.finditer(before))
