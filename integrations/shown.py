"""What every platform shows alike: facts in words, months, and where a clause can be read."""

from dataclasses import replace
from datetime import date
from urllib.parse import quote

from bot.messages import InductionStepView, OpenOwning, OwningPage
from bot.ports import Telling
from bot.wording import say
from knowledge.facts import FactChoice, shipped_facts
from knowledge.model import Citation

UNDATED = "undated"
"""What stands for the version of a policy that states none."""

TO_SENDERS = frozenset(
    {Telling.RING, Telling.SEEN, Telling.QUESTION, Telling.CLOSED, Telling.DRAFT, Telling.DRAFT_LEFT}
)
"""Notices that are not for the inbox: they lead to one's own reports."""

TO_INDUCTION = frozenset({Telling.NUDGE, Telling.SIGN_AGAIN, Telling.CAMPAIGN})
"""Notices that lead to the walk and to the agreement at its end."""


def month(day: date) -> str:
    """A month as a document states it: July 2023."""
    return f"{day:%B %Y}"


def citation_address(citation: Citation) -> str:
    """Where a clause can be read in its place."""
    clause = citation.clause
    return f"/policies/{quote(clause.policy)}/{quote(citation.version or UNDATED)}#{clause.label.anchor}"


def owning_address(page: OpenOwning) -> str:
    """Where a page of the policy owner is: ids, labels and versions, never anybody's words."""
    policy, item = quote(page.policy, safe=""), quote(page.item, safe="")
    match page.page:
        case OwningPage.HOME:
            return "/owner"
        case OwningPage.ASKED:
            return f"/owner/questions/{item}"
        case OwningPage.RULING | OwningPage.STEP:
            against = f"?version={quote(page.version, safe='')}" if page.version else ""
            return f"/owner/{page.page}s/{policy}/{item}{against}"
        case OwningPage.VERSION:
            return f"/owner/versions/{policy}/{item}"
        case OwningPage.DRAFT if item:
            return f"/owner/draft?question={item}"
    return f"/owner/{page.page}"


def fact_label(fact: tuple[str, str]) -> str:
    """A fact as its button says it; an empty value is one that is not known."""
    key, value = fact
    if not value:
        return say("answer.unsaid")
    return next((choice.label for choice in fact_choices(key) if choice.value == value), value)


def fact_choices(key: str) -> tuple[FactChoice, ...]:
    """The buttons for what is asked back; none where it is no fact that the product ships."""
    fact = shipped_facts().get(key)
    return fact.choices if fact else ()


def fact_question(key: str) -> str:
    """What is asked back about a fact; its key in words, where it is none that the product ships."""
    fact = shipped_facts().get(key)
    return fact.ask if fact else key.replace("_", " ")


def judged_together(before: InductionStepView | None, now: InductionStepView) -> InductionStepView:
    """A step with what was said to each of its situations: the desk says it of the one that was judged just now."""
    known = {one.situation: one.judged for one in before.situations} if before else {}
    situations = (replace(one, judged=one.judged or known.get(one.situation)) for one in now.situations)
    return replace(now, situations=tuple(situations))
