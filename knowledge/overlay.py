"""The overlay: what a school adds to the shipped knowledge, as plain files; all doors to read it and to change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from knowledge.errors import TouchstoneError
from knowledge.locks import Standing
from knowledge.model import Policy
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
class By:
    """Who changes knowledge: an id of the directory and the name of a role, which the log keeps on purpose."""

    person: str
    role: str


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


class Fate(StrEnum):
    """What became of a clause from one version to another."""

    SAME = "same"
    MOVED = "moved"
    """All its words (headings, lead-in, text) stand as they were, under another label."""
    REWORDED = "reworded"
    """Some of its words are others; its label may be another too."""
    NEW = "new"
    GONE = "gone"


class Mark(StrEnum):
    """What a piece of a reworded clause is."""

    KEPT = "kept"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a clause that stayed, went or came; all pieces that are not IN are the old text, not OUT the new."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """A clause in one of two versions."""

    label: str
    headings: tuple[str, ...]
    lead_in: str | None
    text: str


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause in two versions.

    Attributes:
        fate: what became of it.
        old: as it was; None for a new one.
        new: as it is; None for one that is gone.
        text: word by word, what stayed, went and came of its text; for a clause that is the same, one piece.
        lead_in: the same of its lead-in; empty where neither version has one.
        headings: the same of its headings, joined by " / ".
    """

    fate: Fate
    old: Side | None
    new: Side | None
    text: tuple[Piece, ...]
    lead_in: tuple[Piece, ...]
    headings: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side.

    Attributes:
        old: the version compared from.
        new: the version compared to.
        clauses: every clause of either, in the order of the new one, each that is gone where it stood.
    """

    old: Policy
    new: Policy
    clauses: tuple[ClauseChange, ...]

    @property
    def changed(self) -> tuple[ClauseChange, ...]:
        """All that are not the same."""
        return tuple(one for one in self.clauses if one.fate is not Fate.SAME)

    @property
    def counts(self) -> Mapping[Fate, int]:
        """How many clauses of each fate."""
        return {fate: sum(one.fate is fate for one in self.clauses) for fate in Fate}

    @property
    def touched(self) -> frozenset[str]:
        """Labels in the old version of every clause that is not the same: what inductions and sign-offs go by."""
        return frozenset(one.old.label for one in self.changed if one.old is not None)


@dataclass(frozen=True, slots=True)
class TouchedPhrasings:
    """Phrasings for a clause that is not what it was: which clause, what became of it, and how many."""

    change: ClauseChange
    phrasings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """What a version touches, were it in force instead of another.

    Attributes:
        comparison: the two versions side by side; ``comparison.touched`` are the labels that inductions go by.
        rulings: the rulings that would not decide, in order, each with what changed under it (``Standing.changes``).
        still: how many rulings would decide as they do.
        phrasings: the school's own phrasings for clauses that change.
        topics: ids of topics that name a changed clause as near.
    """

    comparison: Comparison
    rulings: tuple[Standing, ...]
    still: int
    phrasings: tuple[TouchedPhrasings, ...]
    topics: tuple[str, ...]


class Act(StrEnum):
    """What can be done to knowledge; each has its words in the locale under ``knowledge.act``."""

    PHRASING_ADDED = "phrasing_added"
    PHRASING_TAKEN_OUT = "phrasing_taken_out"
    TOPIC_ADDED = "topic_added"
    RULING_PUT_IN = "ruling_put_in"
    RULING_TAKEN_OUT = "ruling_taken_out"
    REVIEW_ACCEPTED = "review_accepted"
    VERSION_ADDED = "version_added"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the log: who changed which knowledge, when.

    Attributes:
        number: from 1, without gaps.
        at: when, in UTC.
        by: who.
        act: what was done.
        policy: the slug.
        subject: to what: the id of a ruling or topic, a label, or a version.
        detail: what else must be known: the phrasing, or the day of effect (ISO).
        files: the files of the overlay that it changed, below its folder.
    """

    number: int
    at: datetime
    by: By
    act: Act
    policy: str
    subject: str
    detail: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying the log found: both are as they should be when ``broken_at`` is None and ``by_hand`` is empty.

    Attributes:
        changes: how many there are.
        broken_at: the number of the first row that is not as it was written; None where all are.
        by_hand: files of the overlay that are not as the log left them: edited by hand, or the log was cut short.
    """

    changes: int
    broken_at: int | None
    by_hand: tuple[str, ...]


class Overlay(Protocol):
    """What a school adds: policies in several versions, rulings, phrasings, topics, locks, and who did what when.

    Every door that changes something takes who does it (``by``), checks first, writes whole or not at all, and adds a
    row to the log. What is answered follows by itself in some seconds (``index.renewal``). All raise BadDataFile where
    a file of the overlay cannot be used: its message names file, line, and what to do.
    """

    def policies(self) -> tuple[str, ...]:
        """The slugs of all policies, shipped and own."""

    def in_force(self) -> tuple[Version, ...]:
        """The version of each policy that is in force today, by slug."""

    def versions(self, slug: str) -> tuple[Version, ...]:
        """Every version of a policy, the oldest first.

        Raises:
            NoSuchPolicy: there is no such policy.
        """

    def scheduled(self, slug: str) -> tuple[tuple[date, str], ...]:
        """What takes effect after today: each day with the version, in order."""

    def policy(self, slug: str, version: str | None = None) -> Policy:
        """A policy in one version, whole, to be read; without one, the version in force.

        Raises:
            NoSuchPolicy: there is no such policy.
            NoSuchVersion: there is no such version.
        """

    def standings(self, slug: str, version: str | None = None) -> tuple[Standing, ...]:
        """Every ruling, shipped and own, and how it stands in a version; without one, in the version in force."""

    def source_of(self, slug: str, ruling: str) -> Source:
        """Whether a ruling came with the product or is the school's own."""

    def own_phrasings(self, slug: str) -> tuple[OwnPhrasing, ...]:
        """The phrasings that the school added."""

    def add_phrasing(self, slug: str, phrasing: str, to: Target, by: By) -> None:
        """Adds a phrasing to a ruling, a clause or a topic.

        Raises:
            NothingToAttachTo: there is no such ruling, clause or topic.
            Refused: it has no words, or stands somewhere already: both places are named.
        """

    def take_out_phrasing(self, slug: str, phrasing: str, by: By) -> None:
        """Takes one of the school's own phrasings out again.

        Raises:
            NoSuchPhrasing: it is none of the school's own.
        """

    def add_topic(self, slug: str, about: str, phrasing: str, near: tuple[str, ...], by: By) -> str:
        """Marks something as not covered: a new topic with its first phrasing; gives the topic's id.

        Args:
            slug: the policy.
            about: the topic in a few words; its id is made of them.
            phrasing: a message that asks about it.
            near: labels of up to three clauses that may be shown as nearest.
            by: who.

        Raises:
            Refused: the words stand somewhere already, or a label is none.
        """

    def draft(self, slug: str, label: str) -> str:
        """A skeleton of a ruling on a clause, as TOML, to begin from.

        Raises:
            NothingToAttachTo: there is no such clause.
        """

    def check_ruling(self, slug: str, text: str) -> tuple[Problem, ...]:
        """What is wrong in the text of a ruling (TOML), warnings too, with lines of that text; nothing is written."""

    def put_in_ruling(self, slug: str, text: str, by: By) -> tuple[str, ...]:
        """Puts in one or more rulings; gives their ids. They decide once their review is accepted.

        One with the id of a ruling that is there stands in its place.

        Raises:
            Refused: something is wrong in it that is no warning.
        """

    def take_out_ruling(self, slug: str, ruling: str, by: By) -> None:
        """Takes one of the school's own rulings out again; a shipped one of that id stands again.

        Raises:
            NothingToAttachTo: there is no own ruling of that id.
        """

    def accept_review(self, slug: str, ruling: str, by: By, version: str | None = None) -> None:
        """Records that somebody read a ruling against its clauses in a version, and locks it to them.

        Where a cited clause has another label there, the ruling cites that from then on. A review for a version that
        is not in force yet counts from the day it is.

        Raises:
            NothingToAttachTo: there is no such ruling.
            CannotAccept: a clause that it cites is gone.
        """

    def upload(  # noqa: PLR0913 (what is known of a version)
        self,
        slug: str,
        version: str,
        file_name: str,
        content: bytes,
        by: By,
        *,
        title: str = "",
        approved: date | None = None,
        review_months: int | None = None,
    ) -> Policy:
        """Adds a version, not yet in force, and gives what was read of it.

        Args:
            slug: the policy; one that is not there begins with this version, and needs a title.
            version: its name.
            file_name: the document's, which says its format; only its last part counts.
            content: the document.
            by: who.
            title: as people call it; without one, as the version in force.
            approved: any day of the month it was approved in.
            review_months: after how many months it is to be reviewed; without one, as the version in force.

        Raises:
            UnreadableDocument: it cannot be read; the message says why.
            CannotBeVersion: the name cannot be one, or another document has it already.
        """

    def compare(self, slug: str, old: str, new: str) -> Comparison:
        """Two versions side by side, clause by clause, whatever was renumbered.

        Raises:
            NoSuchPolicy: there is no such policy.
            NoSuchVersion: there is no such version.
        """

    def touches(self, slug: str, new: str, old: str | None = None) -> Touched:
        """What a version would touch; without ``old``, against the version in force."""

    def publish(self, slug: str, version: str, effective: date, by: By) -> None:
        """Puts a version in force from a day on, at the school's midnight; today: at once.

        Raises:
            NoSuchVersion: there is no such version.
            CannotPublish: the day is past, or that version is in force then anyway.
        """

    def withdraw(self, slug: str, version: str, by: By) -> None:
        """Takes a version that is to take effect after today out of the schedule.

        Raises:
            CannotPublish: it is not to take effect.
        """

    def roll_back(self, slug: str, to: str, by: By) -> None:
        """Puts a version in force again from today on, and withdraws whatever was to take effect.

        Raises:
            CannotPublish: it is in force, or never was.
        """

    def before(self, slug: str) -> str | None:
        """The version that was in force before the one that is, to roll back to; None where there was none."""

    def changes(self) -> tuple[Change, ...]:
        """The log, the newest first."""

    def verify(self) -> Verified:
        """Holds the log against itself and against the files."""

    def export_zip(self) -> bytes:
        """The overlay, all its files, as a zip."""

    def export_diff(self) -> str:
        """What the school changed, as a unified diff against the shipped knowledge, to be reviewed."""
