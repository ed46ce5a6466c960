"""The policy owner's room: what stands in it for its pages and its acts alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.messages import OpenOwning, RulingDraft
from bot.owning import drafting
from bot.owning.grouping import Meanings
from bot.owning.known import Known
from bot.talk.feedback.insights import Insights
from bot.talk.feedback.sent import SentQuestion
from index.renewal import Renewal
from index.search import Searcher
from knowledge.errors import TouchstoneError
from knowledge.locks import Standing
from knowledge.model import Policy
from knowledge.overlay import Overlay


class Renewing(Protocol):
    """What says how the last change of the knowledge fared: `index.renewal.Renewals`."""

    def standing(self) -> Renewal:
        """How it stands now."""


class NothingHere(TouchstoneError):
    """There is no such question, ruling or version."""


@dataclass(frozen=True, slots=True)
class Room:
    """What pages are made of, and acts change.

    Attributes:
        insights: what was counted and sent.
        overlay: the doors to what is known.
        known: what is read through them again and again.
        renewals: how the last change fared.
        searcher: gives the searcher of what is answered from now.
        meanings: groups what was sent.
        today: the day at school.
        name_of: the name of somebody, by their id.
        sign_offs_due: how many signatures that stand on the first version of a policy do not on the second.
    """

    insights: Insights
    overlay: Overlay
    known: Known
    renewals: Renewing
    searcher: Callable[[], Searcher]
    meanings: Meanings
    today: Callable[[], date]
    name_of: Callable[[str], str]
    sign_offs_due: Callable[[Policy, Policy], int]

    def previewed(self, slug: str, draft: RulingDraft) -> tuple[RulingDraft, str]:
        """A draft with what is wrong in it and what it would answer, and its text."""
        taken = [one.ruling.id for one in self.known.standings(slug)]
        return drafting.previewed(self.overlay, self.overlay.versions.policy(slug), draft, taken)

    def standing(self, wanted: OpenOwning) -> Standing:
        """How the ruling of a page stands in the page's version.

        Raises:
            NothingHere: there is no such ruling.
        """
        for one in self.known.standings(wanted.policy, wanted.version or None):
            if one.ruling.id == wanted.item:
                return one
        raise NothingHere

    def policy_of(self, question: SentQuestion) -> str:
        """The policy that a question is about, else the first."""
        return question.policy if question.policy in self.overlay.versions.policies() else self.first_policy()

    def first_policy(self) -> str:
        """The slug of the first policy; empty where there is none."""
        return next(iter(self.overlay.versions.policies()), "")
