"""What a message says of the facts on which a verdict turns; what is unsure counts as unknown."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from bot.talk.facts.ages import OVER, by_age, by_birth_year, by_leaving, by_year_group, by_years_since
from bot.talk.facts.patterns import Frames, Patterns, Rule, shipped_patterns
from bot.talk.facts.together import Parts, Said
from bot.talk.language.saying import Saying, read_saying

_NEAR = 2
"""As many words may stand between a denying word and a noun that it denies: "not on my phone"."""

_WITHIN = 7
"""As many between a hedge, a report or a question and the statement that it is about."""

_SHORT = 9
"""As many words, with punctuation marks, a short message has at most."""

_TAGGED_ON = re.compile(r" , (?:is|are|was|has|have|did|does) (?:it|that|this|she|he|they|we|i)(?: [a-z]+){0,3} $")
"""A question that follows a comma: "the coach broke down, is that an emergency"."""

_LAST_GROUP_OF_PRIMARY = 6
_OLDEST = 99

_PREDICATE = re.compile(
    r" (?:goes|go|goes|attends|comes|come|used|was|were|left|leaves|is|are|still|shes|hes|theyre|in|no|isnt|moved)(?= )"
)
_SAYS_WHO = re.compile(r" (?:shes|hes|theyre|is|are|was|were|whos|being|as|also|and|and is)(?: [a-z]+)? $")
"""What makes of a noun a statement of who somebody is: "he's a pupil here"."""

_THAT = re.compile(r" that(?= |$)")
"""Hands on whatever somebody says or thinks: "she says on her profile that she is 19"."""

_CONNECTOR = re.compile(r"(?: (?:that|if|whether|how|when|who|they|she|he|it|the))+(?= |$)")


@dataclass(frozen=True, slots=True)
class Found:
    """What a message says of one fact.

    Attributes:
        value: one of the fact's values.
        sure: whether it is stated; what is hedged, reported or contradicted is not.
        said: where in the message, in characters from 0: first, and one past the last.
    """

    value: str
    sure: bool
    said: tuple[int, int]


class Facts(dict[str, Found]):
    """What a message says, by the key of the fact. Holds places, no text."""

    @property
    def known(self) -> dict[str, str]:
        """The values that are sure, by key: what a ruling is asked with."""
        return {key: found.value for key, found in self.items() if found.sure}


@dataclass(frozen=True, slots=True)
class _Hit:
    """A rule that matched ``words[start:end]``."""

    rule: Rule
    match: re.Match[str]
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


def find_facts(text: str, today: date) -> Facts:
    """What a message says of the facts of knowledge/facts.toml.

    Args:
        text: the message. Nothing of it is kept.
        today: the date by which "left in 2015" is an age.
    """
    return _Reader(read_saying(text, shipped_patterns().spelling), shipped_patterns(), today).facts()


class _Reader:
    """Reads one message."""

    def __init__(self, saying: Saying, patterns: Patterns, today: date) -> None:
        self._saying = saying
        self._words = saying.words
        self._patterns = patterns
        self._frames: Frames = patterns.frames
        self._today = today

    def facts(self) -> Facts:
        facts = Facts()
        hits = self._hits()
        said: dict[str, list[Said]] = defaultdict(list)
        for fact, found_hits in hits.items():
            said[fact].extend(one for hit in found_hits for one in self._statements(hit, hits))
        parts = Parts(self._words, self._patterns.around, self._patterns.ideas, self._patterns.masks)
        for fact, one in parts.said(self._patterns.together):
            said[fact].append(one)
        for fact, statements in said.items():
            if found := self._settled(fact, statements):
                facts[fact] = Found(found.value, found.sure, self._saying.span(found.start, found.end))
        return facts

    def _hits(self) -> Mapping[str, list[_Hit]]:
        """By fact, in order; of two that overlap the longer."""
        all_hits: dict[str, list[_Hit]] = defaultdict(list)
        for rule in self._patterns.rules:
            if rule.with_any is not None and not rule.with_any.search(self._words):
                continue
            if rule.short and len(self._words.split()) > _SHORT:
                continue
            if rule.without is not None and rule.without.search(self._words):
                continue
            for pattern in rule.patterns:
                for match in pattern.finditer(self._words):
                    hit = _Hit(rule, match, match.start(), match.end())
                    if rule.not_after is None or not self._stands_before(rule.not_after, hit):
                        all_hits[rule.fact].append(hit)
        return {fact: _without_overlaps(hits) for fact, hits in all_hits.items()}

    def _statements(self, hit: _Hit, hits: Mapping[str, list[_Hit]]) -> Iterator[Said]:
        rule = hit.rule
        value, sure = (self._read_age(hit), True) if rule.reads else (rule.value, True)
        if value is None or (rule.fact == "age" and value == OVER and self._is_adults_age(hit)):
            return
        if self._denied(hit):
            if rule.denied is None:
                return
            value = rule.denied
        if not rule.mention:
            if self._asked(hit):
                return
            sure = not self._unsure(hit)
        if rule.owner and not hit.match[0].startswith((" my ", " our ")) and self._names_adult_last(hit.start):
            sure = False
        if rule.alone and any(self._is_another(hit, other) for other in hits.get("who", ())):
            return
        yield Said(value, sure, hit.start, hit.end)

    def _settled(self, fact: str, statements: list[Said]) -> Said | None:
        """What all of it comes to: the correction, the value that goes first, or nothing sure."""
        if not statements:
            return None
        for correction in self._frames.correct.finditer(self._words):
            before = [one for one in statements if one.end <= correction.start()]
            after = [one for one in statements if one.start >= correction.end() - 1]
            if before and after:
                statements = after
        sure = [one for one in statements if one.sure]
        values = {one.value for one in statements}
        if len(values) == 1:
            return sure[0] if sure else statements[0]
        if sure and (order := self._patterns.order.get(fact)):
            return min(sure, key=lambda one: order.index(one.value))
        last = statements[-1]
        return replace(last, sure=False)

    # What stands round a hit

    def _denied(self, hit: _Hit) -> bool:
        if (hit.rule.owner or hit.rule.denied) and self._frames.deny.search(self._words, hit.start, hit.end + 1):
            return True
        within = _NEAR if hit.rule.mention else _NEAR + 1
        return any(
            not self._holds(self._frames.no_denial, deny.start())
            for deny in self._before(self._frames.deny, hit, within)
        )

    def _asked(self, hit: _Hit) -> bool:
        if next(self._before(self._frames.ask, hit, _WITHIN), None):
            return True
        opening = self._words[self._sentence(hit.start) : hit.start]
        if self._frames.inverted.match(opening + " ") and not self._frames.parts.search(opening + " "):
            return True
        return bool(_TAGGED_ON.search(opening + " "))

    def _unsure(self, hit: _Hit) -> bool:
        frames = self._frames
        for frame in (frames.hedge, frames.others):
            if next(self._before(frame, hit, _WITHIN, through=_THAT), None):
                return True
        inside = frames.hedge.search(self._words, hit.start, hit.end + 1)
        if inside and inside.start() > hit.start:
            return True
        rest = self._words[hit.end :]
        if rest.startswith((" ? )", " ) ?", " ? ,", " ? ? ")):
            return True
        return self._hedged_after(hit.end)

    def _hedged_after(self, end: int) -> bool:
        sentence_end = next((n for n in range(end, len(self._words)) if self._words[n] in ".!?;"), len(self._words))
        found = self._frames.hedge_after.search(self._words, end, sentence_end)
        if not found:
            return False
        between = self._words[end : found.start()]
        return len(between.split()) <= _NEAR + 1 and not self._frames.parts.search(between.replace(",", "") + " ")

    def _before(
        self, frame: re.Pattern[str], hit: _Hit, within: int, through: re.Pattern[str] | None = None
    ) -> Iterator[re.Match[str]]:
        """Frames before a hit that nothing parts from it."""
        for found in frame.finditer(self._words, self._sentence(hit.start), hit.start + 1):
            between = self._words[found.end() : hit.start]
            connector = _CONNECTOR.match(between + " ")
            if connector:
                between = between[connector.end() :]
            if through:
                between = through.sub("", between)
            if len(between.split()) <= within and not self._frames.parts.search(between + " "):
                yield found

    def _stands_before(self, pattern: re.Pattern[str], hit: _Hit) -> bool:
        return next(self._before(pattern, hit, _WITHIN), None) is not None

    def _holds(self, pattern: re.Pattern[str], place: int) -> bool:
        """Whether a match of the pattern holds that place."""
        around = pattern.finditer(self._words, max(place - 20, 0), place + 25)
        return any(found.start() <= place < found.end() for found in around)

    def _sentence(self, place: int) -> int:
        """Where the sentence of that place begins."""
        return max(self._words.rfind(mark, 0, place) for mark in (".", "!", "?", ";")) + 1

    def _names_adult_last(self, place: int) -> bool:
        """Whether whoever was named last before that place is a grown-up by their role."""
        adults = [found.end() for found in self._patterns.adults.finditer(self._words, 0, place + 1)]
        young = [found.end() for found in self._patterns.young.finditer(self._words, 0, place + 1)]
        return bool(adults) and max(adults) > max(young, default=0)

    def _is_another(self, hit: _Hit, other: _Hit) -> bool:
        """Whether ``other`` speaks of somebody else, and does not only say who it is that was spoken of."""
        if not _apart(hit, other) or other.rule.value is None:
            return False
        if hit.rule.fact == other.rule.fact:
            return hit.rule.value != other.rule.value
        return not (_PREDICATE.match(other.match[0]) or _SAYS_WHO.search(self._words[: other.start] + " "))

    def _is_adults_age(self, hit: _Hit) -> bool:
        is_followed = self._patterns.adults.match(self._words, hit.end) is not None
        return is_followed or self._names_adult_last(hit.start + 1)

    # Ages

    def _read_age(self, hit: _Hit) -> str | None:
        groups = {name: said for name, said in hit.match.groupdict().items() if said is not None}
        group = _group_number(groups)
        if "born" in groups:
            return by_birth_year(int(groups["born"]), self._today)
        if "left" in groups:
            return by_leaving(int(groups["left"]), group, self._today)
        if "ago" in groups:
            return _by_years_ago(int(groups["ago"]), group, self._today)
        if "last" in groups and group is not None:
            year = self._today.year - ("last" in groups["last"] and not self._is_early(groups["last"]))
            return by_leaving(year, group, self._today)
        if group is not None:
            return by_year_group(group)
        years = int(groups["years"])
        return by_age(years) if years <= _OLDEST else None

    def _is_early(self, said: str) -> bool:
        """Whether "last July" is this year's: it is later than July, and "last summer" too."""
        return said != "last year" and self._today.month > date(2000, 8, 1).month


def _by_years_ago(ago: int, group: int | None, today: date) -> str | None:
    return None if group is None else by_years_since(ago, group, today)


def _group_number(groups: Mapping[str, str]) -> int | None:
    if "primary" in groups:
        return _LAST_GROUP_OF_PRIMARY
    said = groups.get("group")
    if said is None:
        return None
    return 1 if said == "one" else int(said)


def _apart(one: _Hit, other: _Hit) -> bool:
    return one.end <= other.start + 1 or other.end <= one.start + 1


def _without_overlaps(hits: list[_Hit]) -> list[_Hit]:
    """Of hits that overlap the longest, of two as long that of the earlier rule; in the order of the message."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda one: -one.length):
        if all(_apart(hit, other) for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda one: one.start)
