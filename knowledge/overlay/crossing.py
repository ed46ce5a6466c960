"""What crosses the doors of the overlay: versions, what phrasings are for, what a version touches, what is refused."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.changes import ClauseChange, Comparison
from knowledge.errors import TouchstoneError
from knowledge.induction.locks import StepStanding
from knowledge.locks import Standing
from knowledge.ruling_checks import Problem


class NoSuchVersion(TouchstoneError):
    """There is no such version of that policy; `touchstone policies versions` shows those there are."""


class NoSuchPhrasing(TouchstoneError):
    """That phrasing is not one of the school's own; those that came with the product stay."""


class NothingToAttachTo(TouchstoneError):
    """There is no such ruling, clause or topic in the policy that is in force."""


class CannotBeVersion(TouchstoneError):
    """A version is called by letters, digits, dots and hyphens, such as 2.1; and each only once."""


class CannotPublish(TouchstoneError):
    """A version takes effect today or later; what took effect already cannot be taken back but by rolling back."""


class CannotAccept(TouchstoneError):
    """A clause that it cites is gone; put in a ruling of the same id that does without, which then stands for it."""


class Refused(TouchstoneError):
    """This would not be right, so nothing was changed. What is wrong stands in ``problems``, in the checker's words."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Takes what is wrong."""
        super().__init__(*problems)
        self.problems = problems


class Source(StrEnum):
    """Where something comes from."""

    SHIPPED = "shipped"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a policy that is there, in force or not.

    Attributes:
        slug: the policy.
        version: its name, as in links: ``/policies/<slug>/<version>``.
        title: as people call it.
        source: whether it came with the product or is the school's own.
        document: the file name of the document.
        approved: the month of approval (its first day), or None.
        review_months: after how many months it is to be reviewed, or None.
        effective: each day from which it is or was in force, by the schedule; empty for a version that was never
            published, and for the shipped one, which is in force until another is.
        in_force: whether it is today.
    """

    slug: str
    version: str
    title: str
    source: Source
    document: str
    approved: date | None
    review_months: int | None
    effective: tuple[date, ...]
    in_force: bool


@dataclass(frozen=True, slots=True)
class ToRuling:
    """A phrasing is for the ruling of this id."""

    id: str


@dataclass(frozen=True, slots=True)
class ToClause:
    """A phrasing is for the clause of this label, in the version that is in force."""

    label: str


@dataclass(frozen=True, slots=True)
class ToTopic:
    """A phrasing is for the topic of this id, on which the policy is silent."""

    id: str


Target = ToRuling | ToClause | ToTopic


@dataclass(frozen=True, slots=True)
class OwnPhrasing:
    """A phrasing that the school added, and what for."""

    text: str
    to: Target


@dataclass(frozen=True, slots=True)
class TouchedPhrasings:
    """Phrasings for a clause that is not what it was: which clause, what became of it, and how many."""

    change: ClauseChange
    phrasings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """What a version touches, were it in force instead of another.

    Attributes:
        comparison: the two versions side by side; ``comparison.touched`` is what sign-offs go by.
        rulings: the rulings that would not decide, in order, each with what changed under it (``Standing.changes``).
        still: how many rulings would decide as they do, some of them under other labels.
        phrasings: the school's own phrasings for clauses that change.
        topics: ids of topics that name a changed clause as near.
        steps: the steps of the induction that would wait for review, each with what changed under it.
    """

    comparison: Comparison
    rulings: tuple[Standing, ...]
    still: int
    phrasings: tuple[TouchedPhrasings, ...]
    topics: tuple[str, ...]
    steps: tuple[StepStanding, ...] = ()
