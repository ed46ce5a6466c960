"""The skeleton of a ruling on one clause, from what its readings find; a person writes the rest."""

import json
import re
from collections.abc import Iterator

from knowledge.model import Clause
from knowledge.phrases import Force
from knowledge.readings import Reading, read

_FORBIDS = frozenset({Force.MUST_NOT, Force.SHOULD_NOT})


def draft(clause: Clause) -> str:
    """TOML to begin from: an exception row for each way out that the clause names, a row for what it says, and "...".

    It is not to be used as it is: `touchstone rulings check` refuses what is still "..." in it.
    """
    return "\n".join(_lines(clause)) + "\n"


def _lines(clause: Clause) -> Iterator[str]:
    name = re.sub(r"[^a-z0-9]+", "-", str(clause.label).casefold()).strip("-")
    if clause.lead_in:
        yield f"# {clause.lead_in}"
    yield from (f"# {sentence}" for sentence in clause.sentences)
    yield "[[ruling]]"
    yield f'id = "clause-{name}"'
    yield 'about = "..."'
    yield f"cites = [{json.dumps(str(clause.label), ensure_ascii=False)}]"
    yield 'phrasings = ["..."]'
    readings = [reading for reading in read(clause) if reading.is_for_staff]
    for way_out in dict.fromkeys(words for reading in readings for words in reading.exceptions + reading.approvals):
        yield "[[ruling.row]]"
        yield f"# {way_out}"
        yield 'when = { "..." = "..." }'
        yield "exception = true"
        yield 'verdict = "..."'
        yield 'says = "..."'
        yield 'unless = "..."'
    yield "[[ruling.row]]"
    for condition in dict.fromkeys(words for reading in readings for words in reading.conditions):
        yield f"# {condition}"
    yield f'verdict = "{_verdict(readings)}"'
    yield 'says = "..."'


def _verdict(readings: list[Reading]) -> str:
    if any(reading.force in _FORBIDS for reading in readings):
        return "no"
    return "info"
