"""When the agreement is to be signed, and signed again: never, a year ago, a clause that changed, or a campaign."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.cases.people.directory import day_at_school
from bot.induction.document import Document


class Why(StrEnum):
    """Why somebody is to sign; each has a sentence in the locale, under ``induction.due``."""

    NEVER = "never"
    """They have not signed this policy."""
    YEAR = "year"
    """A year is over since they did. That is ours: the policy does not say how often it is signed."""
    CHANGED = "changed"
    """The words of a clause in the version now in force are not those that they signed."""
    CAMPAIGN = "campaign"
    """The school asks everybody to sign by a day."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What due turns on of somebody's newest signature.

    Attributes:
        sign_off: its id.
        digest: of the policy that was signed.
        words: the digests of its clauses.
        at: when, in UTC.
    """

    sign_off: str
    digest: str
    words: frozenset[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Campaign:
    """That everybody is asked to sign by a day.

    Attributes:
        id: its id.
        policy: the policy's slug.
        version: what the version was called when it began.
        digest: of the policy then.
        by: the day.
        began: when, in UTC.
        ended: when, in UTC; None while it goes on.
    """

    id: str
    policy: str
    version: str | None
    digest: str
    by: date
    began: datetime
    ended: datetime | None = None

    def is_met_by(self, signed: Sequence[Signed]) -> bool:
        """Whether somebody has done what it asks: signed since it began, or that very version in the year before."""
        return any(
            one.at > self.began or (one.digest == self.digest and not is_a_year_old(one.at, self.began))
            for one in signed
        )


def reasons(signed: Sequence[Signed], document: Document, now: datetime, campaign: Campaign | None) -> tuple[Why, ...]:
    """Why somebody is to sign a policy, the weightiest first; none where their signature stands.

    Args:
        signed: what they signed of this policy, the newest first.
        document: the version in force.
        now: in UTC.
        campaign: the one that goes on, for somebody whom it asks.
    """
    return tuple(_reasons(signed, document, now, campaign))


def _reasons(signed: Sequence[Signed], document: Document, now: datetime, campaign: Campaign | None) -> Iterator[Why]:
    if campaign is not None and campaign.ended is None and not campaign.is_met_by(signed):
        yield Why.CAMPAIGN
    if not signed:
        yield Why.NEVER
        return
    if signed[0].words != document.words:
        yield Why.CHANGED
    if is_a_year_old(signed[0].at, now):
        yield Why.YEAR


def is_a_year_old(signed: datetime, now: datetime) -> bool:
    """Whether a year is over since a signature, by the days at school; on the 29th of February, with the 28th."""
    day, today = day_at_school(signed), day_at_school(now)
    try:
        anniversary = day.replace(year=day.year + 1)
    except ValueError:
        anniversary = day.replace(year=day.year + 1, day=28)
    return today >= anniversary
