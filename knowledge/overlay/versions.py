"""Versions of policies: which there are, which is in force when, what a new one touches; added and put in force."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from knowledge.changes import Comparison, compare
from knowledge.described import FILE as DESCRIPTION
from knowledge.described import PolicyFile, read_about, read_described
from knowledge.errors import TouchstoneError
from knowledge.model import Policy
from knowledge.overlay.changelog import Act, By
from knowledge.overlay.crossing import (
    CannotBeVersion,
    CannotPublish,
    NoSuchVersion,
    Source,
    Touched,
    TouchedPhrasings,
    Version,
)
from knowledge.overlay.files import NAME, InForce
from knowledge.overlay.merging import clause_labels, standings_in, steps_in, topics_in
from knowledge.overlay.opened import Opened
from knowledge.overlay.shelves import Shelved, shelves
from knowledge.overlay.text import description_file, document_name, in_order, schedule_file
from knowledge.overlay.writing import reading, version_folder, writing
from knowledge.readers.errors import UnreadableDocument


class Versions:
    """The doors to the versions of all policies, shipped and own."""

    def __init__(self, opened: Opened) -> None:
        """Takes the overlay, opened."""
        self._opened = opened

    def policies(self) -> tuple[str, ...]:
        """The slugs of all policies, shipped and own."""
        with reading(self._opened.root):
            return tuple(one.slug for one in shelves(self._opened.root, self._opened.shipped))

    def in_force(self) -> tuple[Version, ...]:
        """The version of each policy that is in force today, by slug."""
        return tuple(one for slug in self.policies() for one in self.of(slug) if one.in_force)

    def of(self, slug: str) -> tuple[Version, ...]:
        """Every version of a policy, the oldest first.

        Raises:
            NoSuchPolicy: there is no such policy.
        """
        with reading(self._opened.root):
            return tuple(self._all_of(self._opened.shelved(slug)))

    def scheduled(self, slug: str) -> tuple[tuple[date, str], ...]:
        """What takes effect after today: each day with the version, in order."""
        with reading(self._opened.root):
            own = self._opened.shelved(slug).own
        return tuple((one.since, one.version) for one in own.schedule if one.since > self._opened.today())

    def policy(self, slug: str, version: str | None = None) -> Policy:
        """A policy in one version, whole, to be read; without one, the version in force.

        Raises:
            NoSuchPolicy: there is no such policy.
            NoSuchVersion: there is no such version.
        """
        with reading(self._opened.root):
            return self._opened.policy(self._opened.shelved(slug), version)

    def published(self, slug: str, version: str) -> Policy | None:
        """A version that is or was in force, or is to be, whole; None where it is none of these, or cannot be read."""
        try:
            with reading(self._opened.root):
                shelved = self._opened.shelved(slug)
                known = {one.version for one in shelved.own.schedule} | {shelved.shipped_version()}
                return self._opened.policy(shelved, version) if version in known else None
        except (TouchstoneError, OSError):
            return None

    def before(self, slug: str) -> str | None:
        """The version that was in force before the one that is, to roll back to; None where there was none."""
        with reading(self._opened.root):
            shelved = self._opened.shelved(slug)
        today = self._opened.today()
        now = self._opened.version_on(shelved, today)
        past = [one.version for one in shelved.own.schedule if one.since <= today]
        return next((version for version in reversed(past) if version != now), None)

    def compare(self, slug: str, old: str, new: str) -> Comparison:
        """Two versions side by side, clause by clause, whatever was renumbered.

        Raises:
            NoSuchPolicy: there is no such policy.
            NoSuchVersion: there is no such version.
        """
        with reading(self._opened.root):
            shelved = self._opened.shelved(slug)
            return compare(self._opened.policy(shelved, old), self._opened.policy(shelved, new))

    def touches(self, slug: str, new: str, old: str | None = None) -> Touched:
        """What a version would touch; without ``old``, against the version in force."""
        with reading(self._opened.root):
            shelved = self._opened.shelved(slug)
            was, will = self._opened.policy(shelved, old), self._opened.policy(shelved, new)
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
        with writing(self._opened.root) as pen:
            shelved = self._opened.shelved(slug, begins=bool(title))
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
            old = self._opened.root / folder
            files: dict[str, bytes | None] = {f"{folder}/{path.name}": None for path in sorted(old.glob("*"))}
            files |= {f"{folder}/{document}": content, f"{folder}/{DESCRIPTION}": description_file(about)}
            pen.change(files, Act.VERSION_ADDED, (slug, version, document), by, self._opened.now())
        return policy

    def publish(self, slug: str, version: str, effective: date, by: By) -> None:
        """Puts a version in force from a day on, at the school's midnight; today: at once.

        Raises:
            NoSuchVersion: there is no such version.
            CannotPublish: the day is past, or that version is in force then anyway.
        """
        with writing(self._opened.root) as pen:
            shelved = self._opened.shelved(slug)
            if shelved.folder_of(version) is None:
                raise NoSuchVersion(slug, version)
            if effective < self._opened.today() or self._opened.version_on(shelved, effective) == version:
                raise CannotPublish(slug, version, effective)
            files, schedule = self._with_what_is_shipped(shelved)
            schedule.append(InForce(version, effective))
            files |= schedule_file(slug, schedule)
            pen.change(files, Act.PUBLISHED, (slug, version, effective.isoformat()), by, self._opened.now())

    def withdraw(self, slug: str, version: str, by: By) -> None:
        """Takes a version that is to take effect after today out of the schedule.

        Raises:
            CannotPublish: it is not to take effect.
        """
        with writing(self._opened.root) as pen:
            own = self._opened.shelved(slug).own
            today = self._opened.today()
            kept = [one for one in own.schedule if one.version != version or one.since <= today]
            if len(kept) == len(own.schedule):
                raise CannotPublish(slug, version)
            pen.change(schedule_file(slug, kept), Act.WITHDRAWN, (slug, version, ""), by, self._opened.now())

    def roll_back(self, slug: str, to: str, by: By) -> None:
        """Puts a version in force again from today on, and withdraws whatever was to take effect.

        Raises:
            CannotPublish: it is in force, or never was.
        """
        with writing(self._opened.root) as pen:
            shelved = self._opened.shelved(slug)
            today = self._opened.today()
            kept = [one for one in shelved.own.schedule if one.since <= today]
            if to not in {one.version for one in kept} or self._opened.version_on(shelved, today) == to:
                raise CannotPublish(slug, to)
            files = schedule_file(slug, [*kept, InForce(to, today)])
            pen.change(files, Act.ROLLED_BACK, (slug, to, today.isoformat()), by, self._opened.now())

    def _all_of(self, shelved: Shelved) -> Iterator[Version]:
        shipped, now = shelved.shipped_version(), self._opened.version_on(shelved, self._opened.today())
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
        version = self._opened.version_on(shelved, self._opened.today()) or next(iter(shelved.own.versions), None)
        folder = None if version is None else shelved.folder_of(version)
        return None if folder is None else read_about(folder)

    def _with_what_is_shipped(self, shelved: Shelved) -> tuple[dict[str, bytes | None], list[InForce]]:
        """Before the first version of the school's own: a copy of the shipped one, which an upgrade may take away."""
        version = shelved.shipped_version()
        if shelved.own.schedule or shelved.shipped is None or not version:
            return {}, list(shelved.own.schedule)
        about, folder = read_about(shelved.shipped), version_folder(shelved.slug, version)
        since = min(about.approved or self._opened.today(), self._opened.today())
        files: dict[str, bytes | None] = {
            f"{folder}/{name}": (shelved.shipped / name).read_bytes() for name in (about.source, DESCRIPTION)
        }
        return files, [InForce(version, since)]


def _read_from(about: PolicyFile, content: bytes, slug: str) -> Policy:
    """What a document says, before it is kept anywhere."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / about.source).write_bytes(content)
        (Path(folder) / DESCRIPTION).write_bytes(description_file(about))
        policy = read_described(Path(folder), slug)
    if not policy.clauses:
        raise UnreadableDocument("no clause was found in it")
    return policy


def _touched_phrasings(shelved: Shelved, was: Policy, comparison: Comparison) -> Iterator[TouchedPhrasings]:
    labels = clause_labels(shelved, was)
    by_label: dict[str, list[str]] = {}
    for one in shelved.own.phrasings:
        if one.clause is not None and one.version is not None and (now := labels.get((one.version, one.clause))):
            by_label.setdefault(now, []).append(one.text)
    for change in comparison.changed:
        if change.old is not None and change.old.label in by_label:
            yield TouchedPhrasings(change, tuple(by_label[change.old.label]))
