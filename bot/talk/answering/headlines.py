"""The first sentence of an answer without a ruling: what the document itself says, in its own words and no others."""

from collections.abc import Iterable

from bot.messages import Condition, ConditionKind
from bot.wording import say
from index.places import Place
from index.search import Hit
from knowledge.phrases import Who
from knowledge.readings import Reading, read

LONGEST = 220
"""Characters of a sentence that a headline shows; the clause stands whole under it."""


def headline(hit: Hit) -> str:
    """What the clause is about: of a clause of several sentences the one that comes nearest, word for word.

    A clause of one sentence stands right under the headline, which then says only whom it binds and how strongly.
    """
    reading = _nearest(hit)
    label = hit.clause.label
    if len(hit.clause.sentences) == 1:
        return _about(str(label), reading)
    sentence = shortened(hit.sentence)
    if reading is None:
        return say("answer.says", label=label, sentence=sentence)
    if not reading.is_for_staff:
        return say("answer.for_others", label=label, who=_named(reading), sentence=sentence)
    if reading.governed:
        return say(f"answer.listed.{reading.force}", label=label, sentence=sentence)
    return say("answer.says", label=label, sentence=sentence)


def _about(label: str, reading: Reading | None) -> str:
    if reading is None:
        return say("answer.states", label=label)
    if not reading.who:
        return say(f"answer.unnamed.{reading.force}", label=label)
    said = say(f"answer.named.{reading.force}", label=label, who=_named(reading))
    return said if reading.is_for_staff else f"{said} {say('answer.not_for_staff', who=_named(reading))}"


def _named(reading: Reading) -> str:
    return say("list.and").join(say(f"who.{who}") for who in Who if who in reading.who)


def place_headline(place: Place, titles: Iterable[str]) -> str:
    """For a clause or section that the question names: what it is, or that there is none such.

    ``titles`` are those of the policies that were searched.
    """
    span = place.span
    if place.clauses and span:
        heading = place.heading
        kind = "named" if heading == place.name else "numbered"
        return say(
            f"answer.section.{kind}",
            name=place.name,
            heading=heading,
            count=len(place.clauses),
            first=span[0],
            last=span[1],
        )
    searched = tuple(titles)
    if len(searched) != 1:
        return say("answer.no_such_clause_anywhere", name=place.name)
    if span is None:
        return say("answer.no_such_clause", name=place.name, title=searched[0])
    return say("answer.no_such_clause_but", name=place.name, title=searched[0], first=span[0], last=span[1])


def conditions(hit: Hit) -> tuple[Condition, ...]:
    """What the rule turns on: the conditions of the sentence, and every exception and approval of the clause."""
    readings = read(hit.clause)
    nearest = _nearest(hit)
    found = [
        *_as(ConditionKind.CONDITION, nearest.conditions if nearest else ()),
        *_as(ConditionKind.EXCEPTION, (text for reading in readings for text in reading.exceptions)),
        *_as(ConditionKind.APPROVAL, (text for reading in readings for text in reading.approvals)),
    ]
    return tuple(dict.fromkeys(found))


def shortened(sentence: str) -> str:
    """A sentence, or as many of its words as a headline holds."""
    sentence = sentence.rstrip(";")
    if len(sentence) <= LONGEST:
        return sentence
    return sentence[:LONGEST].rsplit(maxsplit=1)[0].rstrip(",;:") + "…"


def _nearest(hit: Hit) -> Reading | None:
    return next((reading for reading in read(hit.clause) if reading.sentence == hit.sentence), None)


def _as(kind: ConditionKind, texts: Iterable[str]) -> list[Condition]:
    return [Condition(kind, text) for text in texts]
