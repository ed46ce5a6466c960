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
    Intent.INDUCTION: "sign_agreement",
}
"""The form for somebody who has something to tell or to sign."""

_INTENTS = {
    "report_concern": Intent.REPORT_CONCERN,
    "disclose_contact": Intent.DISCLOSE_CONTACT,
    "sign_agreement": Intent.ACKNOWLEDGE_POLICY,
}
"""What somebody wants who tells of a thing for which a ruling has this form."""

_OWN_WORDS = frozenset({"thanks", "ok-and-sorry", "a-human-please", "stuck-in-a-form"})
"""Kinds of message that are answered otherwise than others of their intent."""

_ASKS_NOTHING = frozenset({Intent.STATUS, Intent.SMALLTALK, Intent.HELP})


TOLD_FROM = 0.3
"""How likely a message without the form of a question must be of another kind to be taken for it."""


def intent_of(understood: Understood, *, is_question: bool) -> Intent:
    """What a message wants.

    Args:
        understood: what it may want, as far as that was learned.
        is_question: whether it has the form of a question. What has not, and speaks of something that a ruling has a
            form for, tells of it.
    """
    shares: dict[Intent, float] = defaultdict(float)
    for kind, likelihood in understood.kinds:
        shares[Intent(kind.intent)] += likelihood
    offered = [(one.ruling.offers, likelihood) for one, likelihood in understood.rulings]
    offered += [(one.fallback.offers, likelihood) for one, likelihood in understood.cited]
    for forms, likelihood in offered:
        told = next((_INTENTS[form] for form in forms if form in _INTENTS), None)
        shares[Intent.QUESTION if is_question or told is None else told] += likelihood
    shares[Intent.QUESTION] += understood.elsewhere + sum(likelihood for _, likelihood in understood.topics)
    best = max(shares, key=lambda intent: shares[intent])
    if best is Intent.QUESTION and not is_question:
        others = {intent: share for intent, share in shares.items() if intent is not Intent.QUESTION}
        likeliest = max(others, key=lambda intent: others[intent], default=best)
        return likeliest if shares[likeliest] >= TOLD_FROM else best
    return best


def offers_for(intent: Intent, ruling: Ruling | None = None) -> tuple[str, ...]:
    """The forms that fit: those of the ruling, and that of what the person wants."""
    own = (_TOLD[intent],) if intent in _TOLD else ()
    return tuple(dict.fromkeys((*own, *(ruling.offers if ruling else ()))))


def asks_nothing(intent: Intent) -> bool:
    """Whether a message of this kind neither asks of the policy nor tells of anything."""
    return intent in _ASKS_NOTHING


def reply_to(intent: Intent, understood: Understood) -> Answer | None:
    """What is said to a message that asks and tells nothing; None for the others."""
    if not asks_nothing(intent):
        return None
    kind = next((kind.id for kind, _ in understood.kinds if kind.intent == intent), "")
    occasion = kind if kind in _OWN_WORDS else intent.value
    return Answer(intent, None, say(f"intent.{occasion}"), deciding=())
