"""Whether a message tells of what cannot wait: a child at risk, images, grooming, a threat, self-harm, a search."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.talk.language.saying import read_saying
from bot.talk.urgency.patterns import Frames, Occasion, Rule, shipped_urgency
from index.families import Understood

_SIGNS = re.compile(r"\S")
_ENDS = frozenset(".!?;")
_BEFORE_HANDED = 4
"""So many words before "told the DSL" may say that it was not so."""

LEARNED_FROM = 0.5
"""How likely the messages that tell of dangers must be, all together, for a message to be taken for one of them."""

LEARNED = {
    "urgent-adult-around": Occasion.GROOMING,
    "urgent-adult-self-harm": Occasion.SELF_HARM,
    "urgent-blackmail": Occasion.INDECENT_IMAGES,
    "urgent-child-self-harm": Occasion.SELF_HARM,
    "urgent-colleague-and-child": Occasion.ADULT_BEHAVIOUR,
    "urgent-colleague-hurts-child": Occasion.ADULT_BEHAVIOUR,
    "urgent-drawn-or-written": Occasion.SELF_HARM,
    "urgent-exploited": Occasion.CHILD_AT_RISK,
    "urgent-home-not-safe": Occasion.CHILD_AT_RISK,
    "urgent-hurt-at-home": Occasion.CHILD_AT_RISK,
    "urgent-images-of-children": Occasion.INDECENT_IMAGES,
    "urgent-searched": Occasion.SEARCH,
    "urgent-stranger-online": Occasion.GROOMING,
    "urgent-threat-to-me": Occasion.THREAT_TO_STAFF,
    "urgent-threat-to-school": Occasion.THREAT,
    "urgent-told-in-confidence": Occasion.CHILD_AT_RISK,
    "urgent-touched": Occasion.CHILD_AT_RISK,
}
"""The occasion that each urgent kind of message of knowledge/kinds tells of."""

LEARNED_OF_RULINGS = {
    "colleague-messages-pupils": Occasion.ADULT_BEHAVIOUR,
    "colleague-with-indecent-images": Occasion.INDECENT_IMAGES,
    "inappropriate-messages-to-a-child": Occasion.GROOMING,
    "indecent-images-found": Occasion.INDECENT_IMAGES,
    "look-into-or-copy-indecent-images": Occasion.INDECENT_IMAGES,
    "nude-image-among-pupils": Occasion.INDECENT_IMAGES,
    "photo-of-an-injury": Occasion.CHILD_AT_RISK,
    "pupil-searched-something-worrying": Occasion.SEARCH,
    "school-investigates-indecent-images": Occasion.INDECENT_IMAGES,
}
"""The occasion that somebody tells of who is near one of these rulings and does not ask."""

READ = 6000
"""Characters of a message that are read: three times as many as the page takes, and as many again at its end."""


class Standing(StrEnum):
    """How an occasion is told."""

    TOLD = "told"
    """It happens, happened or may happen: an alarm."""
    IMAGINED = "imagined"
    """It is asked about: a training, a rule, what one would do. No alarm; one line of safety stays."""
    HANDED_ON = "handed_on"
    """The DSL, the police or social care have it already, by what the message says."""


@dataclass(frozen=True, slots=True)
class Urgency:
    """What a message tells of dangers. It holds no words of the message.

    Attributes:
        occasions: what is told, the one that decides first; at least one.
        standing: how it is told.
        is_online: whether it happened online or on a device, as far as the words say.
    """

    occasions: tuple[Occasion, ...]
    standing: Standing
    is_online: bool

    @property
    def is_alarm(self) -> bool:
        """Whether somebody has to act now."""
        return self.standing is Standing.TOLD


_ANYTHING = Rule(Occasion.CHILD_AT_RISK, re.compile(""), (), 0, None, topic=False, weak=False)
"""What stands for whatever another signal finds."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """A rule that matched ``words[start:end]``."""

    rule: Rule
    start: int
    end: int


def find_urgency(text: str) -> Urgency | None:
    """What a message tells of dangers that do not wait, or None. Nothing of the text is kept.

    Where it is in doubt whether something happened or is only asked about, it counts as happened.
    """
    return _Reader(_shortened(text)).urgency()


def learned_urgency(understood: Understood, text: str, *, is_question: bool) -> Urgency | None:
    """What a message is like that tells of a danger for which the patterns have no words, or None.

    Args:
        understood: what the message may be, as far as that was learned from messages like it.
        text: the message; nothing of it is kept.
        is_question: whether it has the form of a question. What has not, and is near a ruling on a danger, tells of it.
    """
    like = [(LEARNED[kind.id], likelihood) for kind, likelihood in understood.kinds if kind.urgent]
    if not is_question:
        named = [(one.ruling.id, likelihood) for one, likelihood in understood.rulings]
        named += [(one.fallback.name, likelihood) for one, likelihood in understood.cited]  # it may await its review
        like += [(LEARNED_OF_RULINGS[name], likelihood) for name, likelihood in named if name in LEARNED_OF_RULINGS]
    if sum(likelihood for _, likelihood in like) < LEARNED_FROM or read_standing(text) is not Standing.TOLD:
        return None
    likeliest, _ = max(like, key=lambda one: one[1])
    return Urgency((likeliest,), Standing.TOLD, is_online=_Reader(_shortened(text)).is_online())


def read_standing(text: str) -> Standing:
    """How a message tells whatever it tells, whether or not the patterns find a danger in it.

    For a signal that finds dangers by other means: it is an alarm only where this is ``TOLD``.
    """
    return _Reader(_shortened(text)).standing()


class _Reader:
    """Reads one message."""

    def __init__(self, text: str) -> None:
        patterns = shipped_urgency()
        self._rules = patterns.rules
        self._frames: Frames = patterns.frames
        self._said = read_saying(text, patterns.spelling).words
        self._words = self._frames.harmless.sub(_blank, self._said)
        self._spaces = [place for place, sign in enumerate(self._words) if sign == " "]

    def urgency(self) -> Urgency | None:
        hits = list(self._hits())
        if not hits:
            return None
        alarms = [hit for hit in hits if not self._is_imagined(hit)]
        if not alarms:
            return self._found(hits, Standing.IMAGINED)
        return self._found(alarms, Standing.HANDED_ON if self._is_handed_on() else Standing.TOLD)

    def standing(self) -> Standing:
        ends = [place for place in self._spaces[1:] if self._words[place - 1] in _ENDS or place == self._spaces[-1]]
        if all(self._is_imagined(_Hit(_ANYTHING, end - 1, end)) for end in ends):
            return Standing.IMAGINED
        return Standing.HANDED_ON if self._is_handed_on() else Standing.TOLD

    def _found(self, hits: list[_Hit], standing: Standing) -> Urgency:
        told = {hit.rule.occasion for hit in hits}
        return Urgency(
            tuple(occasion for occasion in Occasion if occasion in told),
            standing,
            self.is_online(),
        )

    def is_online(self) -> bool:
        """Whether it speaks of something online or on a device."""
        return self._frames.online.search(self._words) is not None

    def _hits(self) -> Iterator[_Hit]:
        asks_leave = self._frames.permission.search(self._said) is not None
        for rule in self._rules:
            if rule.weak and asks_leave:
                continue
            for match in rule.said.finditer(self._words):
                first, last = self._around(match.start(), match.end(), rule.within)
                if any(not near.search(self._words, first, last) for near in rule.near):
                    continue
                if rule.without is None or not rule.without.search(self._words, first, last):
                    yield _Hit(rule, match.start(), match.end())

    def _around(self, start: int, end: int, within: int) -> tuple[int, int]:
        """From where to where so many words stand before and after, with the spaces at both ends."""
        first = max(bisect_right(self._spaces, start) - 1 - within, 0)
        last = min(bisect_left(self._spaces, end) + within, len(self._spaces) - 1)
        return self._spaces[first], self._spaces[last] + 1

    # What stands round a hit

    def _is_imagined(self, hit: _Hit) -> bool:
        frames = self._frames
        if frames.actual.search(self._said):
            return hit.rule.topic and not frames.told.search(self._said)
        if frames.exercise.search(self._said):
            return True
        first, last = self._sentence(hit)
        sentence = self._said[first:last] + " "
        if frames.training.search(self._said) and not frames.first_hand.search(sentence):
            return True
        imagined, asked = frames.imagined.search(sentence), frames.asked.search(sentence)
        if imagined and first + imagined.start() <= hit.start and not frames.when.search(sentence):
            return True
        if asked and first + asked.start() <= hit.start and not frames.told.search(sentence, asked.end()):
            return True
        return hit.rule.topic and not frames.told.search(self._said)

    def _sentence(self, hit: _Hit) -> tuple[int, int]:
        """Where the sentence of a hit begins and ends."""
        first = max(self._said.rfind(f" {mark} ", 0, hit.start + 1) for mark in _ENDS)
        ends = [place for mark in _ENDS if (place := self._said.find(f" {mark} ", hit.end)) >= 0]
        return (first + 2 if first >= 0 else 0), min(ends, default=len(self._said) - 1)

    def _is_handed_on(self) -> bool:
        """Whether the message says that whoever has to know it does, and that is not all there is to it."""
        if self._frames.still.search(self._said):
            return False
        return any(not self._is_doubted(match) for match in self._frames.handed.finditer(self._said))

    def _is_doubted(self, handed: re.Match[str]) -> bool:
        first = max(bisect_right(self._spaces, handed.start()) - 1 - _BEFORE_HANDED, 0)
        before = self._said[self._spaces[first] : handed.start() + 1]
        cut = max(before.rfind(f" {mark} ") for mark in (*_ENDS, ","))
        return self._frames.not_handed.search(before, cut + 2 if cut >= 0 else 0) is not None


def _shortened(text: str) -> str:
    return text if len(text) <= 2 * READ else f"{text[:READ]}\n{text[-READ:]}"


def _blank(match: re.Match[str]) -> str:
    return _SIGNS.sub("_", match[0])
