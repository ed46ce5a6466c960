"""The files of the overlay, read strictly: what a school has of a policy beside what came with the product."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import ConfigDict

from knowledge.datafile import BadDataFile, line_of, read_data
from knowledge.described import FILE as DESCRIPTION
from knowledge.described import read_about
from knowledge.induction.locks import LOCKS as STEP_LOCKS
from knowledge.locks import FILE as LOCKS
from knowledge.locks import Locks, read_locks
from knowledge.rulings import FOLDER as RULINGS
from knowledge.rulings import RulingFile, read_rulings
from knowledge.topics import FOLDER as TOPICS
from knowledge.topics import TopicFile, read_topic_files

SCHEDULE, PHRASINGS, VERSIONS = "policy.toml", "phrasings.toml", "versions"
"""What lies in the folder of a policy, besides the folders of rulings and topics, and the locks."""

NAME = re.compile(r"(?!\.)[0-9A-Za-z][0-9A-Za-z.-]{0,39}(?<!\.)")
"""How a version may be called, and a policy: as a folder, and in a link."""

_KNOWN = {
    SCHEDULE: False,
    PHRASINGS: False,
    LOCKS: False,
    STEP_LOCKS: False,
    VERSIONS: True,
    RULINGS: True,
    TOPICS: True,
}
"""For each name that may lie there, whether it is a folder."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A version, and the day from which it is in force, until the next one's."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    version: str
    since: date


@dataclass(frozen=True, slots=True)
class _Schedule:
    __pydantic_config__ = ConfigDict(extra="forbid")

    in_force: tuple[InForce, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A message for which a ruling, a clause or a topic is right: exactly one of the three.

    Attributes:
        text: the message.
        ruling: the id of a ruling.
        clause: a label, as it stood in ``version``.
        topic: the id of a topic.
        version: for a clause, the version in which it bears that label.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    text: str
    ruling: str | None = None
    clause: str | None = None
    topic: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class _Phrasings:
    __pydantic_config__ = ConfigDict(extra="forbid")

    phrasing: tuple[Phrasing, ...] = ()


@dataclass(frozen=True, slots=True)
class Own:
    """All that a school has of one policy.

    Attributes:
        folder: where it lies, whether or not anything does.
        schedule: which version is in force from when, by the day and, of one day, in the order in which it was said.
        versions: the names of the versions that lie there.
        rulings: its rulings.
        topics: its topics.
        phrasings: its phrasings.
        locks: its reviews, also of shipped rulings.
        step_locks: its reviews of the steps of the induction.
    """

    folder: Path
    schedule: tuple[InForce, ...] = ()
    versions: tuple[str, ...] = ()
    rulings: tuple[RulingFile, ...] = ()
    topics: tuple[TopicFile, ...] = ()
    phrasings: tuple[Phrasing, ...] = ()
    locks: Locks = field(default_factory=Locks)
    step_locks: Locks = field(default_factory=Locks)

    @property
    def slug(self) -> str:
        """The policy."""
        return self.folder.name

    def version_on(self, day: date) -> str | None:
        """The version that is in force on a day; None where that is the shipped one."""
        return next((one.version for one in reversed(self.schedule) if one.since <= day), None)


def read_own(folder: Path) -> Own:
    """What lies in the folder of a policy; nothing where there is no such folder.

    Raises:
        BadDataFile: a file there cannot be used, or is none of an overlay.
        UnreadableDocument: never; documents are read when they are wanted.
    """
    if not folder.exists():
        return Own(folder)
    if not NAME.fullmatch(folder.name):
        raise BadDataFile(folder, 1, "a policy's folder has letters, digits, dots and hyphens in its name; rename it")
    for path in _entries(folder):
        if path.name not in _KNOWN:
            raise BadDataFile(path, 1, f"is not known here; there may be {', '.join(_KNOWN)}: rename it or take it out")
        if path.is_dir() != _KNOWN[path.name]:
            raise BadDataFile(path, 1, "a folder stands where a file is wanted, or a file where a folder; put it right")
    for inside in (RULINGS, TOPICS):
        for path in _entries(folder / inside):
            if path.suffix != ".toml" or path.is_dir():
                raise BadDataFile(path, 1, "is not read; give it a name that ends in .toml, or take it out")
    versions = tuple(_versions(folder / VERSIONS))
    return Own(
        folder,
        _schedule(folder / SCHEDULE),
        versions,
        read_rulings(folder),
        read_topic_files(folder),
        _phrasings(folder / PHRASINGS),
        read_locks(folder),
        read_locks(folder, STEP_LOCKS),
    )


def own_slugs(root: Path) -> tuple[str, ...]:
    """The policies of which a school has something, by name."""
    return tuple(path.name for path in _entries(root) if path.is_dir()) if root.is_dir() else ()


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name, but for what is hidden."""
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def _schedule(path: Path) -> tuple[InForce, ...]:
    if not path.exists():
        return ()
    return tuple(sorted(read_data(path, _Schedule).in_force, key=lambda one: one.since))


def _versions(folder: Path) -> Iterator[str]:
    for path in _entries(folder):
        if not NAME.fullmatch(path.name):
            raise BadDataFile(path, 1, "is not how a version may be called: letters, digits, dots, hyphens; rename it")
        about, file = read_about(path), path / DESCRIPTION
        if about.version != path.name:
            raise BadDataFile(file, 1, f"'version' is not the name of the folder, {path.name}; make them agree")
        source = path / about.source
        if source.parent != path or not source.is_file():
            raise BadDataFile(file, line_of(file, ("source",)), "'source' is not in its folder; put it there")
        yield path.name


def _phrasings(path: Path) -> tuple[Phrasing, ...]:
    if not path.exists():
        return ()
    found = read_data(path, _Phrasings).phrasing
    for number, one in enumerate(found):
        named = [name for name in (one.ruling, one.clause, one.topic) if name is not None]
        line = line_of(path, ("phrasing", number))
        if len(named) != 1:
            raise BadDataFile(path, line, "a phrasing is for one of 'ruling', 'clause' and 'topic'; name one")
        if (one.version is None) != (one.clause is None):
            raise BadDataFile(path, line, "'clause' and 'version' belong together: a label is one of a version")
    return found
