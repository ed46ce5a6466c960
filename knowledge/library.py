"""The library: the policies that can be asked: shipped ones with what a school added, or any folder of documents."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from knowledge.clauses import assemble
from knowledge.errors import TouchstoneError
from knowledge.model import Clause, Passage, PassageKind, Policy
from knowledge.overlay.files import Own
from knowledge.overlay.merging import Fallback, fallbacks_in, standings_in, topics_in
from knowledge.overlay.messages import require_once
from knowledge.overlay.shelves import SHIPPED, NoSuchPolicy, Shelved, require_versions, shelves, shipped_files
from knowledge.overlay.writing import reading
from knowledge.readers import read_document
from knowledge.readers.errors import UnreadableDocument
from knowledge.rulings import Ruling
from knowledge.topics import Topic

__all__ = ["SHIPPED", "Cited", "LeftOut", "Library", "NoSuchFolder", "NoSuchPolicy", "Reviewed", "Unanswered"]


class NoSuchFolder(TouchstoneError):
    """There is no folder of that name to take documents from; check the path."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that could not be made a policy, and why, for the person who put it there.

    Attributes:
        path: its path below the folder.
        reason: one sentence that says what to do.
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A ruling that decides: it is as it was reviewed, and so are the clauses that it cites.

    Attributes:
        policy: the slug of the policy.
        ruling: the ruling.
        reviewed: the day of its review.
    """

    policy: str
    ruling: Ruling
    reviewed: date


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A topic on which a policy, by its slug, is silent."""

    policy: str
    topic: Topic


@dataclass(frozen=True, slots=True)
class Cited:
    """Messages for which a clause is right though no ruling decides.

    They are those of a ruling that is to be reviewed, or the school's own for the clause.

    Attributes:
        policy: the slug of the policy.
        fallback: the clauses and the messages.
    """

    policy: str
    fallback: Fallback


@dataclass(frozen=True, slots=True)
class Library:
    """Policies in a fixed order (by slug), and what is known of them.

    Attributes:
        policies: the policies, each in the version that is in force.
        left_out: what was left out of them.
        rulings: the rulings that decide on them.
        unanswered: what staff ask and they do not answer.
        cited: what staff ask and a clause answers, without a ruling.
    """

    policies: tuple[Policy, ...]
    left_out: tuple[LeftOut, ...] = ()
    rulings: tuple[Reviewed, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    cited: tuple[Cited, ...] = ()

    @classmethod
    def shipped(cls, folder: Path = SHIPPED) -> Self:
        """The policies of a folder of folders, each with a ``policy.toml``.

        Raises:
            BadDataFile: a ``policy.toml`` is wrong, a document, or a file of rulings, locks or topics.
        """
        return cls._of([Shelved(path.parent.name, path.parent, Own(path.parent)) for path in shipped_files(folder)], {})

    @classmethod
    def in_force(cls, own: Path, day: date, folder: Path = SHIPPED) -> Self:
        """The shipped policies and a school's own, each in the version that is in force on a day, merged.

        Args:
            own: the folder of the overlay, with a folder for each policy; it may be missing.
            day: by the school's calendar.
            folder: that of the shipped policies.

        Raises:
            BadDataFile: a file cannot be used, or a message stands in two places.
        """
        with reading(own):
            shelved = shelves(own, folder)
            for one in shelved:
                require_versions(one)
                require_once(one)
            return cls._of(shelved, {one.slug: one.own.version_on(day) for one in shelved})

    @classmethod
    def _of(cls, shelved: Iterable[Shelved], versions: Mapping[str, str | None]) -> Self:
        policies: list[Policy] = []
        rulings: list[Reviewed] = []
        unanswered: list[Unanswered] = []
        cited: list[Cited] = []
        for one in shelved:
            policy = one.read(versions.get(one.slug))
            if policy is None:  # the school's own, and not in force yet
                continue
            policies.append(policy)
            standings = standings_in(one, policy)
            rulings += (
                Reviewed(one.slug, standing.ruling, standing.lock.reviewed)
                for standing in standings
                if standing.decides and standing.lock is not None
            )
            unanswered += (Unanswered(one.slug, topic) for topic in topics_in(one, policy))
            cited += (Cited(one.slug, fallback) for fallback in fallbacks_in(one, policy, standings))
        return cls(tuple(policies), (), tuple(rulings), tuple(unanswered), tuple(cited))

    @classmethod
    def folder(cls, folder: Path) -> Self:
        """Any folder of documents: every file a policy, named by its path, with no configuration at all.

        Raises:
            NoSuchFolder: it is not there.
        """
        if not folder.is_dir():
            raise NoSuchFolder(str(folder))
        policies: list[Policy] = []
        left_out: list[LeftOut] = []
        for path, reason in _documents(folder):
            slug = path.relative_to(folder).as_posix()
            if reason:
                left_out.append(LeftOut(slug.encode(errors="replace").decode(), reason))
                continue
            try:
                policies.append(_bare(path, slug))
            except UnreadableDocument as error:
                left_out.append(LeftOut(slug, str(error)))
        return cls(tuple(policies), tuple(left_out))

    def policy(self, slug: str) -> Policy:
        """The policy of that slug.

        Raises:
            NoSuchPolicy: there is none.
        """
        for policy in self.policies:
            if policy.slug == slug:
                return policy
        raise NoSuchPolicy(slug)

    def among(self, slug: str | None) -> tuple[Policy, ...]:
        """The policies that a question is searched in: the one of that slug, or all.

        Raises:
            NoSuchPolicy: there is none of that slug.
        """
        return self.policies if slug is None else (self.policy(slug),)

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Every clause of every policy, in order."""
        return tuple(clause for policy in self.policies for clause in policy.clauses)


def _documents(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below the folder in a fixed order, with the reason why it is not read, if there is one.

    Hidden files and folders are passed over; links are followed only to files within the folder.
    """
    closed: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [Path(parent) / name for name in folders if (Path(parent) / name).is_symlink()]
        yield from ((path, "a link to a folder is not followed") for path in linked)
        for path in (Path(parent) / name for name in sorted(names) if not name.startswith(".")):
            yield path, _not_read(path, folder)
    yield from ((Path(error.filename), error.strerror or "it cannot be opened") for error in closed)


def _not_read(path: Path, folder: Path) -> str:
    try:
        target = path.resolve()
    except (OSError, RuntimeError):  # which of them depends on the version of Python
        return "a link that leads to itself; take it away"
    if not target.is_relative_to(folder.resolve()):
        return "a link out of the folder is not followed"
    if path.exists() and not path.is_file():
        return "it is not a file"
    if str(path).encode(errors="replace").decode() != str(path):
        return "its name is not UTF-8; rename it"
    return ""


def _bare(path: Path, slug: str) -> Policy:
    passages, clauses = assemble(read_document(path), slug)
    if not passages:
        raise UnreadableDocument("there are no words in it")
    if not clauses:
        raise UnreadableDocument("no clause was found in it")
    return Policy(slug, _title(passages) or path.stem, None, None, None, passages, clauses)


def _title(passages: tuple[Passage, ...]) -> str | None:
    """The title that the document gives itself in a table on its front, or the heading before every clause."""
    for passage in passages:
        if passage.kind is PassageKind.HEADING or (passage.kind is PassageKind.DETAIL and passage.marker == "title:"):
            return passage.text
        if passage.kind is PassageKind.CLAUSE:
            return None
    return None
