"""The overlay: what a school adds to the shipped knowledge, as plain files; all doors to read it and to change it."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from knowledge import changelog
from knowledge.changelog import Act, By, Change, Verified
from knowledge.changes import ClauseChange, Comparison, Fate, Mark, Piece, Side, compare, labels_now, side_of
from knowledge.datafile import BadDataFile
from knowledge.described import FILE as DESCRIPTION
from knowledge.described import PolicyFile, read_about, read_described
from knowledge.errors import TouchstoneError
from knowledge.exporting import as_diff, as_zip
from knowledge.induction.locks import LOCKS as STEP_LOCKS
from knowledge.induction.locks import StepStanding, with_review
from knowledge.library import SHIPPED, NoSuchPolicy, shelves
from knowledge.locks import FILE as LOCKS
from knowledge.locks import Standing, locks_text, toml_string
from knowledge.merging import Message, Shelved, clause_labels, messages_of, standings_in, steps_in, target_of, topics_in
from knowledge.model import Policy
from knowledge.own import NAME, PHRASINGS, InForce, Phrasing, read_own
from knowledge.own_text import (
    HEADING,
    description_file,
    document_name,
    free_id,
    in_order,
    one_line,
    phrasing_lines,
    schedule_file,
    toml_list,
)
from knowledge.own_writing import by_hand, reading, version_folder, writing
from knowledge.readers.errors import UnreadableDocument
from knowledge.relabelling import relabel
from knowledge.ruling_checks import Problem, check_one
from knowledge.ruling_draft import draft
from knowledge.rulings import FOLDER as RULINGS
from knowledge.rulings import Ruling, RulingFile, read_rulings
from knowledge.topics import FOLDER as TOPICS
from knowledge.words import tokens

__all__ = [
    "Act",
    "By",
    "CannotAccept",
    "CannotBeVersion",
    "CannotPublish",
    "Change",
    "ClauseChange",
    "Comparison",
    "Fate",
    "Mark",
    "NoSuchPhrasing",
    "NoSuchVersion",
    "NothingToAttachTo",
    "Overlay",
    "OwnPhrasing",
    "Piece",
    "Problem",
    "Refused",
    "Side",
    "Source",
    "Target",
    "ToClause",
    "ToRuling",
    "ToTopic",
    "Touched",
    "TouchedPhrasings",
    "Verified",
    "Version",
]


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


OF_INDUCTION = "induction/"
"""Stands before the id of a step where one is reviewed: a ruling may bear the same id."""

_LONGEST = 500
"""Characters of a phrasing: as many as anybody asks in."""
_MOST_NEAR = 3


class Overlay:
    """What a school adds: policies in several versions, rulings, phrasings, topics, locks, and who did what when.

    Every door that changes something takes who does it (``by``), checks first, writes whole or not at all, and adds a
    row to the log. What is answered follows by itself in some seconds (``index.renewal``). All raise BadDataFile where
    a file of the overlay cannot be used: its message names file, line, and what to do.
    """

    def __init__(
        self, root: Path, today: Callable[[], date], now: Callable[[], datetime], shipped: Path = SHIPPED
    ) -> None:
        """Takes the overlay's folder, which may be missing, what day it is at school, what time it is in UTC."""
        self.root = root
        self._today = today
        self._now = now
        self._shipped = shipped

    # ------------------------------------------------------------------------------------------------ versions

    def policies(self) -> tuple[str, ...]:
        """The slugs of all policies, shipped and own."""
        with reading(self.root):
            return tuple(one.slug for one in shelves(self.root, self._shipped))

    def in_force(self) -> tuple[Version, ...]:
        """The version of each policy that is in force today, by slug."""
        return tuple(one for slug in self.policies() for one in self.versions(slug) if one.in_force)

    def versions(self, slug: str) -> tuple[Version, ...]:
        """Every version of a policy, the oldest first.

        Raises:
            NoSuchPolicy: there is no such policy.
        """
        with reading(self.root):
            return tuple(self._versions(self._shelved(slug)))

    def scheduled(self, slug: str) -> tuple[tuple[date, str], ...]:
        """What takes effect after today: each day with the version, in order."""
        with reading(self.root):
            own = self._shelved(slug).own
        return tuple((one.since, one.version) for one in own.schedule if one.since > self._today())

    def policy(self, slug: str, version: str | None = None) -> Policy:
        """A policy in one version, whole, to be read; without one, the version in force.

        Raises:
            NoSuchPolicy: there is no such policy.
            NoSuchVersion: there is no such version.
        """
        with reading(self.root):
            return self._policy(self._shelved(slug), version)

    def published(self, slug: str, version: str) -> Policy | None:
        """A version that is or was in force, or is to be, whole; None where it is none of these, or cannot be read."""
        try:
            with reading(self.root):
                shelved = self._shelved(slug)
                known = {one.version for one in shelved.own.schedule} | {shelved.shipped_version()}
                return self._policy(shelved, version) if version in known else None
        except (TouchstoneError, OSError):
            return None

    def publish(self, slug: str, version: str, effective: date, by: By) -> None:
        """Puts a version in force from a day on, at the school's midnight; today: at once.

        Raises:
            NoSuchVersion: there is no such version.
            CannotPublish: the day is past, or that version is in force then anyway.
        """
        with writing(self.root) as pen:
            shelved = self._shelved(slug)
            if shelved.folder_of(version) is None:
                raise NoSuchVersion(slug, version)
            if effective < self._today() or self._version_on(shelved, effective) == version:
                raise CannotPublish(slug, version, effective)
            files, schedule = self._with_what_is_shipped(shelved)
            schedule.append(InForce(version, effective))
            files |= schedule_file(slug, schedule)
            pen.change(files, Act.PUBLISHED, (slug, version, effective.isoformat()), by, self._now())

    def withdraw(self, slug: str, version: str, by: By) -> None:
        """Takes a version that is to take effect after today out of the schedule.

        Raises:
            CannotPublish: it is not to take effect.
        """
        with writing(self.root) as pen:
            own = self._shelved(slug).own
            today = self._today()
            kept = [one for one in own.schedule if one.version != version or one.since <= today]
            if len(kept) == len(own.schedule):
                raise CannotPublish(slug, version)
            pen.change(schedule_file(slug, kept), Act.WITHDRAWN, (slug, version, ""), by, self._now())

    def roll_back(self, slug: str, to: str, by: By) -> None:
        """Puts a version in force again from today on, and withdraws whatever was to take effect.

        Raises:
            CannotPublish: it is in force, or never was.
        """
        with writing(self.root) as pen:
            shelved = self._shelved(slug)
            today = self._today()
            kept = [one for one in shelved.own.schedule if one.since <= today]
            if to not in {one.version for one in kept} or self._version_on(shelved, today) == to:
                raise CannotPublish(slug, to)
            files = schedule_file(slug, [*kept, InForce(to, today)])
            pen.change(files, Act.ROLLED_BACK, (slug, to, today.isoformat()), by, self._now())

    def before(self, slug: str) -> str | None:
        """The version that was in force before the one that is, to roll back to; None where there was none."""
        with reading(self.root):
            shelved = self._shelved(slug)
        today = self._today()
        now = self._version_on(shelved, today)
        past = [one.version for one in shelved.own.schedule if one.since <= today]
        return next((version for version in reversed(past) if version != now), None)

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
        if not (NAME.fullmatch(version) and NAME.fullmatch(slug)):
            raise CannotBeVersion(slug, version)
        document = document_name(file_name)
        with writing(self.root) as pen:
            shelved = self._shelved(slug, begins=bool(title))
            before = self._about(shelved)
            about = PolicyFile(
                " ".join((title or (before.title if before else "")).split()),
                document,
                version,
                approved,
                review_months or (before.review_months if before else None),
            )
            policy = _read_from(about, content, slug)
            if version in {one.version for one in shelved.own.schedule} or version == shelved.shipped_version():
                if self._holds(shelved, version, content):
                    return policy
                raise CannotBeVersion(slug, version)
            folder = version_folder(slug, version)
            old = self.root / folder
            files: dict[str, bytes | None] = {f"{folder}/{path.name}": None for path in sorted(old.glob("*"))}
            files |= {f"{folder}/{document}": content, f"{folder}/{DESCRIPTION}": description_file(about)}
            pen.change(files, Act.VERSION_ADDED, (slug, version, document), by, self._now())
        return policy

    def compare(self, slug: str, old: str, new: str) -> Comparison:
        """Two versions side by side, clause by clause, whatever was renumbered.

        Raises:
            NoSuchPolicy: there is no such policy.
            NoSuchVersion: there is no such version.
        """
        with reading(self.root):
            shelved = self._shelved(slug)
            return compare(self._policy(shelved, old), self._policy(shelved, new))

    def touches(self, slug: str, new: str, old: str | None = None) -> Touched:
        """What a version would touch; without ``old``, against the version in force."""
        with reading(self.root):
            shelved = self._shelved(slug)
            was, will = self._policy(shelved, old), self._policy(shelved, new)
            deciding = {one.ruling.id for one in standings_in(shelved, was) if one.decides}
            then = standings_in(shelved, will)
            comparison = compare(was, will)
            go_on = {one.ruling.id for one in then if one.decides}
            stopped = tuple(one for one in then if one.ruling.id in deciding - go_on)
            topics = tuple(one.id for one in topics_in(shelved, was) if comparison.touched & set(one.near))
            phrasings = tuple(_touched_phrasings(shelved, was, comparison))
            walked = {one.step.id for one in steps_in(shelved, was) if one.stands}
            steps = tuple(one for one in steps_in(shelved, will) if one.step.id in walked and not one.stands)
        return Touched(comparison, stopped, len(deciding) - len(stopped), phrasings, topics, steps)

    # ------------------------------------------------------------------------------------- rulings, phrasings

    def standings(self, slug: str, version: str | None = None) -> tuple[Standing, ...]:
        """Every ruling, shipped and own, and how it stands in a version; without one, in the version in force."""
        with reading(self.root):
            shelved = self._shelved(slug)
            return standings_in(shelved, self._policy(shelved, version))

    def source_of(self, slug: str, ruling: str) -> Source:
        """Whether a ruling came with the product or is the school's own."""
        with reading(self.root):
            own = self._shelved(slug).own
        is_own = any(one.id == ruling for file in own.rulings for one in file.rulings)
        return Source.OWN if is_own else Source.SHIPPED

    def own_phrasings(self, slug: str) -> tuple[OwnPhrasing, ...]:
        """The phrasings that the school added."""
        with reading(self.root):
            return tuple(OwnPhrasing(one.text, _target(one)) for one in self._shelved(slug).own.phrasings)

    def add_phrasing(self, slug: str, phrasing: str, to: Target, by: By) -> None:
        """Adds a phrasing to a ruling, a clause or a topic.

        Raises:
            NothingToAttachTo: there is no such ruling, clause or topic.
            Refused: it has no words, or stands somewhere already: both places are named.
        """
        with writing(self.root) as pen:
            shelved = self._shelved(slug)
            text = one_line(phrasing)
            entry, subject = self._entry(shelved, text, to)
            path = shelved.own.folder / PHRASINGS
            self._require_new(shelved, text, path)
            before = path.read_bytes() if path.exists() else HEADING.encode()
            files = {f"{slug}/{PHRASINGS}": before.rstrip(b"\n") + b"\n\n" + phrasing_lines(entry)}
            pen.change(files, Act.PHRASING_ADDED, (slug, subject, text), by, self._now())

    def take_out_phrasing(self, slug: str, phrasing: str, by: By) -> None:
        """Takes one of the school's own phrasings out again.

        Raises:
            NoSuchPhrasing: it is none of the school's own.
        """
        with writing(self.root) as pen:
            own = self._shelved(slug).own
            out = next((one for one in own.phrasings if one.text == phrasing), None)
            if out is None:
                raise NoSuchPhrasing(slug)
            kept = [one for one in own.phrasings if one != out]
            content = (HEADING.encode() + b"\n" + b"\n".join(map(phrasing_lines, kept))) if kept else None
            told = (slug, target_of(out), phrasing)
            pen.change({f"{slug}/{PHRASINGS}": content}, Act.PHRASING_TAKEN_OUT, told, by, self._now())

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
        with writing(self.root) as pen:
            shelved = self._shelved(slug)
            about, text = one_line(about), one_line(phrasing)
            name = free_id(about, {topic.id for file in shelved.topic_files() for topic in file.topics})
            path = shelved.own.folder / TOPICS / f"{name}.toml"
            labels = {str(clause.label) for clause in self._policy(shelved, None).clauses}
            if len(near) > _MOST_NEAR or not labels.issuperset(near):
                unknown = ", ".join(label for label in near if label not in labels) or f"more than {_MOST_NEAR}"
                raise Refused((Problem(path, 1, f"there is no such clause to be near: {unknown}"),))
            self._require_new(shelved, text, path)
            lines = (f"id = {toml_string(name)}", f"about = {toml_string(about)}", f"near = {toml_list(near)}")
            version = f"version = {toml_string(self._version_on(shelved, self._today()) or '')}\n"
            content = "\n".join((HEADING, version, "[[topic]]", *lines, f"phrasings = {toml_list((text,))}", ""))
            told = (slug, name, text)
            pen.change({f"{slug}/{TOPICS}/{name}.toml": content.encode()}, Act.TOPIC_ADDED, told, by, self._now())
        return name

    def draft(self, slug: str, label: str) -> str:
        """A skeleton of a ruling on a clause, as TOML, to begin from.

        Raises:
            NothingToAttachTo: there is no such clause.
        """
        for clause in self.policy(slug).clauses:
            if str(clause.label) == label:
                return draft(clause)
        raise NothingToAttachTo(slug, label)

    def check_ruling(self, slug: str, text: str) -> tuple[Problem, ...]:
        """What is wrong in the text of a ruling (TOML), warnings too, with lines of that text; nothing is written."""
        with reading(self.root):
            return self._checked(self._shelved(slug), text)[1]

    def put_in_ruling(self, slug: str, text: str, by: By) -> tuple[str, ...]:
        """Puts in one or more rulings; gives their ids. They decide once their review is accepted.

        One with the id of a ruling that is there stands in its place.

        Raises:
            Refused: something is wrong in it that is no warning.
        """
        with writing(self.root) as pen:
            shelved = self._shelved(slug)
            rulings, problems = self._checked(shelved, text)
            files: dict[str, bytes | None] = {}
            names = {one.id for one in rulings}
            for file in shelved.own.rulings:
                stand = {one.id for one in file.rulings}
                if stand & names and not stand <= names:
                    what = f"{', '.join(sorted(stand & names))} stands here with others; change it in this file"
                    problems = (*problems, Problem(file.path, 1, what))
                elif stand & names:
                    files[f"{slug}/{RULINGS}/{file.path.name}"] = None
            if wrong := tuple(one for one in problems if not one.is_warning):
                raise Refused(wrong)
            files[f"{slug}/{RULINGS}/{rulings[0].id}.toml"] = text.strip().encode() + b"\n"
            told = (slug, ", ".join(one.id for one in rulings), "")
            pen.change(files, Act.RULING_PUT_IN, told, by, self._now())
        return tuple(one.id for one in rulings)

    def take_out_ruling(self, slug: str, ruling: str, by: By) -> None:
        """Takes one of the school's own rulings out again; a shipped one of that id stands again.

        Raises:
            NothingToAttachTo: there is no own ruling of that id.
        """
        with writing(self.root) as pen:
            for file in self._shelved(slug).own.rulings:
                if ruling in {one.id for one in file.rulings}:
                    if len(file.rulings) > 1:
                        raise Refused(
                            (Problem(file.path, 1, f"{ruling} stands here with others; take it out by hand"),)
                        )
                    files = {f"{slug}/{RULINGS}/{file.path.name}": None}
                    pen.change(files, Act.RULING_TAKEN_OUT, (slug, ruling, ""), by, self._now())
                    return
        raise NothingToAttachTo(slug, ruling)

    def accept_review(self, slug: str, ruling: str, by: By, version: str | None = None) -> None:
        """Records that somebody read a ruling against its clauses in a version, and locks it to them.

        Where a cited clause has another label there, the ruling cites that from then on. A review for a version that
        is not in force yet counts from the day it is.

        Raises:
            NothingToAttachTo: there is no such ruling.
            CannotAccept: a clause that it cites is gone.
        """
        with writing(self.root) as pen:
            shelved = self._shelved(slug)
            policy = self._policy(shelved, version)
            standing = next((one for one in reversed(standings_in(shelved, policy)) if one.ruling.id == ruling), None)
            if standing is None:
                raise NothingToAttachTo(slug, ruling)
            if standing.decides:
                return
            file, number = _place(shelved, ruling)
            as_written = file.rulings[number]
            labels = _labels_at_review(as_written, standing, policy)
            problems = check_one(file.path, number, relabel(as_written, labels), policy)
            if wrong := tuple(one for one in problems if not one.is_warning):
                raise Refused(wrong)
            locks = shelved.own.locks.with_another(as_written, policy, self._today(), by.person, labels)
            files = {f"{slug}/{LOCKS}": locks_text(locks).encode()}
            pen.change(files, Act.REVIEW_ACCEPTED, (slug, ruling, policy.version or ""), by, self._now())

    def steps(self, slug: str, version: str | None = None) -> tuple[StepStanding, ...]:
        """Every step of the induction, and how it stands in a version; without one, in the version in force."""
        with reading(self.root):
            shelved = self._shelved(slug)
            return steps_in(shelved, self._policy(shelved, version))

    def accept_step(self, slug: str, step: str, by: By, version: str | None = None) -> None:
        """Records that somebody read a step of the induction against its clauses in a version.

        Raises:
            NothingToAttachTo: there is no such step.
            CannotAccept: a clause that it cites is gone.
        """
        with writing(self.root) as pen:
            shelved = self._shelved(slug)
            policy = self._policy(shelved, version)
            standing = next((one for one in steps_in(shelved, policy) if one.step.id == step), None)
            if standing is None:
                raise NothingToAttachTo(slug, step)
            if standing.stands:
                return
            try:
                locks = with_review(shelved.own.step_locks, standing.step, policy, self._today(), by.person)
            except KeyError as missing:
                raise CannotAccept(step, missing.args[0]) from None
            files: dict[str, bytes | None] = {f"{slug}/{STEP_LOCKS}": locks_text(locks).encode()}
            told = (slug, f"{OF_INDUCTION}{step}", policy.version or "")
            pen.change(files, Act.REVIEW_ACCEPTED, told, by, self._now())

    # ------------------------------------------------------------------------------------------ log and exports

    def changes(self) -> tuple[Change, ...]:
        """The log, the newest first."""
        with reading(self.root):
            return tuple(row.change for row in reversed(changelog.read_rows(self.root / changelog.FILE)))

    def verify(self) -> Verified:
        """Holds the log against itself and against the files."""
        with reading(self.root):
            rows = changelog.read_rows(self.root / changelog.FILE)
            return Verified(len(rows), changelog.verify_rows(rows), by_hand(self.root, rows))

    def export_zip(self) -> bytes:
        """The overlay, all its files, as a zip."""
        with reading(self.root):
            return as_zip(self.root)

    def export_diff(self) -> str:
        """What the school changed, as a unified diff against the shipped knowledge, to be reviewed."""
        with reading(self.root):
            return as_diff(self.root, self._shipped)

    # ---------------------------------------------------------------------------------------------------------

    def _shelved(self, slug: str, *, begins: bool = False) -> Shelved:
        shipped = self._shipped / slug
        if not NAME.fullmatch(slug):
            raise NoSuchPolicy(slug)
        here = shipped if (shipped / DESCRIPTION).exists() else None
        if here is None and not begins and not (self.root / slug).is_dir():
            raise NoSuchPolicy(slug)
        return Shelved(slug, here, read_own(self.root / slug))

    def _version_on(self, shelved: Shelved, day: date) -> str | None:
        return shelved.own.version_on(day) or shelved.shipped_version()

    def _policy(self, shelved: Shelved, version: str | None) -> Policy:
        wanted = self._version_on(shelved, self._today()) if version is None else version
        folder = None if wanted is None else shelved.folder_of(wanted)
        if folder is None:
            raise NoSuchVersion(shelved.slug, wanted or "none in force")
        return _read(folder, shelved.slug, (folder / DESCRIPTION).stat().st_mtime_ns)

    def _versions(self, shelved: Shelved) -> Iterator[Version]:
        shipped, now = shelved.shipped_version(), self._version_on(shelved, self._today())
        names = {*shelved.own.versions, *([] if shipped is None else [shipped])}
        for name in sorted(names, key=in_order):
            folder = shelved.folder_of(name)
            if folder is None:  # it was just named
                continue
            about = read_about(folder)
            days = tuple(one.since for one in shelved.own.schedule if one.version == name)
            is_shipped = name == shipped and self._holds(shelved, name, (folder / about.source).read_bytes())
            source = Source.SHIPPED if is_shipped else Source.OWN
            approved = about.approved.replace(day=1) if about.approved else None
            facts = (about.title, source, about.source, approved, about.review_months)
            yield Version(shelved.slug, name, *facts, days, name == now)

    def _holds(self, shelved: Shelved, version: str, content: bytes) -> bool:
        """Whether a version that is there, the shipped one before the school's copy, has this document."""
        folder = shelved.shipped if version == shelved.shipped_version() else shelved.folder_of(version)
        return folder is not None and (folder / read_about(folder).source).read_bytes() == content

    def _about(self, shelved: Shelved) -> PolicyFile | None:
        """What is said of the version in force, or of any, where none is."""
        version = self._version_on(shelved, self._today()) or next(iter(shelved.own.versions), None)
        folder = None if version is None else shelved.folder_of(version)
        return None if folder is None else read_about(folder)

    def _with_what_is_shipped(self, shelved: Shelved) -> tuple[dict[str, bytes | None], list[InForce]]:
        """Before the first version of the school's own: a copy of the shipped one, which an upgrade may take away."""
        version = shelved.shipped_version()
        if shelved.own.schedule or shelved.shipped is None or not version:
            return {}, list(shelved.own.schedule)
        about, folder = read_about(shelved.shipped), version_folder(shelved.slug, version)
        since = min(about.approved or self._today(), self._today())
        files: dict[str, bytes | None] = {
            f"{folder}/{name}": (shelved.shipped / name).read_bytes() for name in (about.source, DESCRIPTION)
        }
        return files, [InForce(version, since)]

    def _entry(self, shelved: Shelved, text: str, to: Target) -> tuple[Phrasing, str]:
        """A phrasing as it is written down, and what it is for."""
        match to:
            case ToRuling(id=name):
                entry = Phrasing(text, ruling=name)
                there = any(one.id == name for file in shelved.ruling_files() for one in file.rulings)
            case ToTopic(id=name):
                entry = Phrasing(text, topic=name)
                there = any(one.id == name for file in shelved.topic_files() for one in file.topics)
            case ToClause(label=name):
                policy = self._policy(shelved, None)
                entry = Phrasing(text, clause=name, version=policy.version or "")
                there = any(str(clause.label) == name for clause in policy.clauses)
        if not there:
            raise NothingToAttachTo(shelved.slug, name)
        return entry, target_of(entry)

    def _require_new(self, shelved: Shelved, text: str, path: Path) -> None:
        """Refuses words that are none, too many, or stand somewhere already."""
        words = tokens(text)
        if not words or len(text) > _LONGEST:
            what = f"a phrasing has words, and no more than {_LONGEST} characters; write it so"
            raise Refused((Problem(path, 1, what),))
        for problem in _elsewhere(messages_of(shelved), (text,), path):
            raise Refused((problem,))

    def _checked(self, shelved: Shelved, text: str) -> tuple[tuple[Ruling, ...], tuple[Problem, ...]]:
        """The rulings of a text, and what is wrong in them."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / RULINGS / "ruling.toml"
            path.parent.mkdir()
            path.write_text(text, encoding="utf-8", errors="replace")
            try:
                rulings = read_rulings(Path(folder))[0].rulings
            except BadDataFile as error:
                return (), (Problem(Path(path.name), error.line, error.what),)
            if not rulings:
                return (), (Problem(Path(path.name), 1, "there is no [[ruling]] in it; write one"),)
            names = {one.id for one in rulings}
            others = [one for one in messages_of(shelved) if one.name not in {f"ruling {name}" for name in names}]
            policy = self._policy(shelved, None)
            problems = [one for number, ruling in enumerate(rulings) for one in check_one(path, number, ruling, policy)]
            problems += _elsewhere(others, [one for ruling in rulings for one in ruling.phrasings], path)
            if len(names) < len(rulings):
                problems.append(Problem(path, 1, "two rulings have one id; rename one of them"))
            return rulings, tuple(replace(one, path=Path(path.name)) if one.path == path else one for one in problems)


@lru_cache(maxsize=16)
def _read(folder: Path, slug: str, _written: int) -> Policy:
    """A version, read once: what was published is not changed any more."""
    return read_described(folder, slug)


def _read_from(about: PolicyFile, content: bytes, slug: str) -> Policy:
    """What a document says, before it is kept anywhere."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / about.source).write_bytes(content)
        (Path(folder) / DESCRIPTION).write_bytes(description_file(about))
        policy = read_described(Path(folder), slug)
    if not policy.clauses:
        raise UnreadableDocument("no clause was found in it")
    return policy


def _target(one: Phrasing) -> Target:
    if one.ruling is not None:
        return ToRuling(one.ruling)
    return ToTopic(one.topic) if one.topic is not None else ToClause(one.clause or "")


def _place(shelved: Shelved, ruling: str) -> tuple[RulingFile, int]:
    """The file of a ruling, the school's own first, and which of the file's it is."""
    return next(
        (file, number)
        for file in reversed(shelved.ruling_files())
        for number, one in enumerate(file.rulings)
        if one.id == ruling
    )


def _labels_at_review(as_written: Ruling, standing: Standing, policy: Policy) -> dict[str, str]:
    """For what a ruling cites, where that stands in a version; the words of its last review are looked for.

    Raises:
        CannotAccept: a clause is gone.
    """
    sides = tuple(map(side_of, policy.clauses))
    held = [Side(one.old.label, one.old.headings, one.old.lead_in, one.old.text) for one in standing.changes if one.old]
    now = labels_now(held, sides)
    there = {side.label for side in sides}
    base = (standing.lock.labels if standing.lock else None) or {}
    labels: dict[str, str] = {}
    for label in as_written.cites:
        then = base.get(label, label)
        stands = now.get(then) if then in {side.label for side in held} else then
        if stands is None or stands not in there:
            raise CannotAccept(as_written.id, then)
        if stands != label:
            labels[label] = stands
    return labels


def _elsewhere(messages: Sequence[Message], phrasings: Sequence[str], path: Path) -> list[Problem]:
    """Phrasings that stand somewhere already, each with both places."""
    had = {tokens(phrasing): (one, phrasing) for one in messages for phrasing in one.phrasings}
    problems = []
    for phrasing in phrasings:
        if (words := tokens(phrasing)) and words in had:
            one, as_there = had[words]
            there = f"{one.path}:{one.line_of(as_there)}"
            problems.append(Problem(path, 1, f"'{phrasing}' is a phrasing of the {one.name} ({there}); leave it there"))
    return problems


def _touched_phrasings(shelved: Shelved, was: Policy, comparison: Comparison) -> Iterator[TouchedPhrasings]:
    labels = clause_labels(shelved, was)
    by_label: dict[str, list[str]] = {}
    for one in shelved.own.phrasings:
        if one.clause is not None and one.version is not None and (now := labels.get((one.version, one.clause))):
            by_label.setdefault(now, []).append(one.text)
    for change in comparison.changed:
        if change.old is not None and change.old.label in by_label:
            yield TouchedPhrasings(change, tuple(by_label[change.old.label]))
