"""What a scripted desk says by a ruling on former pupils: it asks for age and relative, and counts what is pressed."""

from dataclasses import replace
from datetime import date

from bot.messages import Answer, Ask, Incoming, Meaning, Refusal, Reply, RuledBy, TellFact
from knowledge.facts import shipped_facts
from knowledge.rulings import Verdict
from tests.web.conftest import House
from tests.web.scripted import ANSWER

KEYS = ("age", "relative")
POLICY, RULING = "reach2-online-safety", "former-pupil-follows-me"
OPEN = replace(ANSWER, ruling=RuledBy(POLICY, RULING, date(2026, 11, 1)), deciding=(0,))
GONE = Refusal("What this button belonged to was changed meanwhile. Ask your question again.")
MEANT = ("Follow a former pupil", "Follow a current pupil")
WHICH = replace(
    ANSWER,
    headline="It depends on which of these you mean.",
    asks=(),
    offers=(),
    deciding=(),
    means=tuple(Meaning(POLICY, f"{RULING}-{number}", about) for number, about in enumerate(MEANT)),
)
CORRECTION = "sorry, she is 17"


def ruled(house: House) -> None:
    """The desk answers by the ruling from now on; what begins with "sorry" takes the answer before it back."""
    house.desk.instead |= {Ask: _asked, TellFact: _told}


def counted(facts: dict[str, str]) -> Answer:
    """The answer for what is known; what is none of the choices is not."""
    known = tuple((key, facts[key]) for key in KEYS if facts.get(key) in shipped_facts()[key].values)
    facts = dict(known)
    if facts.get("relative") == "yes":
        return replace(OPEN, verdict=Verdict.YES, headline="A relative is the exception.", asks=(), facts=known)
    if facts.get("age") == "18 or over":
        return replace(OPEN, verdict=Verdict.YES, headline="The rule stops at 18.", asks=(), facts=known)
    if facts.get("age"):
        return replace(OPEN, verdict=Verdict.NO, headline="Not under 18.", asks=(), facts=known)
    return replace(OPEN, asks=tuple(key for key in KEYS if key not in facts), facts=known)


def _asked(incoming: Incoming) -> Reply:
    assert isinstance(incoming, Ask)
    return replace(counted({"age": "under 18"}), withdraws=True) if incoming.text == CORRECTION else OPEN


def _told(incoming: Incoming) -> Reply:
    assert isinstance(incoming, TellFact)
    return counted(dict(incoming.facts)) if incoming.ruling.startswith(RULING) else GONE
