"""How well facts are read from labelled messages: precision and recall of what is sure, by fact."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.talk.facts.finding import find_facts

MESSAGES = Path(__file__).parents[1] / "talk_facts"
WRITTEN = date(2026, 11, 22)
"""The day on which the messages were labelled: ages by the year of leaving are those of that day."""

_LATER = frozenset({"posted", "parent_too"})
"""Facts that are read since; of the sets only the blind one, written by another hand, has labels for them."""

NOT_LABELLED = {
    "messages_build.jsonl": _LATER,
    "messages_held_out.jsonl": _LATER,
    "messages_turns.jsonl": _LATER,
    "messages_rounds.jsonl": _LATER | {"who", "channel", "direction"},
}
"""By file, the facts that nobody labelled in it: they are not counted there."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts for one fact: found with the right value, found wrongly, and not found."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def labelled(name: str) -> list[tuple[str, dict[str, str]]]:
    """Messages of a file, each with what it states."""
    lines = (MESSAGES / name).read_text(encoding="utf-8").splitlines()
    return [(row["text"], row["facts"]) for row in map(json.loads, lines)]


def scores(name: str) -> Mapping[str, Score]:
    """By fact, and all of them together under ``all``."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for text, facts in labelled(name):
        known = find_facts(text, WRITTEN).known
        for key in {*facts, *known} - NOT_LABELLED.get(name, frozenset()):
            for counted in (key, "all"):
                if facts.get(key) == known.get(key):
                    right[counted] += 1
                else:
                    wrong[counted] += key in known
                    missed[counted] += key in facts
    return {key: Score(right[key], wrong[key], missed[key]) for key in {**right, **wrong, **missed}}
