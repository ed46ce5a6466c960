"""Intents: what kind of message it is, by what was learned of messages like it, and what is said to some of them."""

from collections import defaultdict

from bot.messages import Answer, Intent
from bot.wording import say
from index.families import Understood
from knowledge.rulings import Ruling

_TOLD = {
    Intent.REPORT_CONCERN: "report_concern",
    Intent.DISCLOSE_CONTACT: "disclose_contact",
    Intent.ACKNOWLEDGE_POLICY: "sign_agreement",
}
"""The form for somebody who has something to tell or to sign."""

_ASKS_NOTHING = frozenset({Intent.STATUS, Intent.SMALLTALK, Intent.HELP})


def intent_of(understood: Understood) -> Intent:
    """What a message wants; a question where it is no likelier anything else."""
    shares: dict[Intent, float] = defaultdict(float)
    for kind, likelihood in understood.kinds:
        shares[Intent(kind.intent)] += likelihood
    answered, unanswered = understood.rulings, understood.topics
    shares[Intent.QUESTION] = understood.elsewhere + sum(likely for _, likely in (*answered, *unanswered))
    return max(shares, key=lambda intent: shares[intent])


def offers_for(intent: Intent, ruling: Ruling | None = None) -> tuple[str, ...]:
    """The forms that fit: those of the ruling, and that of what the person wants."""
    own = (_TOLD[intent],) if intent in _TOLD else ()
    return tuple(dict.fromkeys((*own, *(ruling.offers if ruling else ()))))


def reply_to(intent: Intent) -> Answer | None:
    """What is said to a message that asks and tells nothing; None for the others."""
    if intent not in _ASKS_NOTHING:
        return None
    return Answer(intent, None, say(f"intent.{intent}"), deciding=0)
