"""What lies of a policy, shipped and own: its folders, its versions, and its files of rulings, topics and reviews."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.datafile import BadDataFile, line_of
from knowledge.described import FILE as DESCRIPTION
from knowledge.described import read_about, read_described
from knowledge.errors import TouchstoneError
from knowledge.locks import FILE as LOCKS
from knowledge.locks import Locks, read_locks
from knowledge.model import Policy
from knowledge.overlay.files import VERSIONS, Own, own_slugs, read_own
from knowledge.readers.errors import UnreadableDocument
from knowledge.rulings import FOLDER as RULINGS
from knowledge.rulings import RulingFile, read_rulings
from knowledge.topics import FOLDER as TOPICS
from knowledge.topics import TopicFile, read_topic_files

SHIPPED = Path(__file__).parent.parent / "policies"
"""Policies that come with the product, a folder each with its ``policy.toml``."""


class NoSuchPolicy(TouchstoneError):
    """There is no policy of that name; `touchstone policies list` shows those there are."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """Two folders of one policy: the shipped one, which may be missing, and the school's own, which may be too."""

    slug: str
    shipped: Path | None
    own: Own

    def shipped_version(self) -> str | None:
        """What the shipped document calls itself; None where nothing is shipped.

        Raises:
            BadDataFile: the shipped ``policy.toml`` is wrong.
        """
        return None if self.shipped is None else read_about(self.shipped).version or ""

    def folder_of(self, version: str | None) -> Path | None:
        """Where a version lies, the school's own copy first; None where there is none such. None: the shipped one."""
        if version is None:
            return self.shipped
        if version in self.own.versions:
            return self.own.folder / VERSIONS / version
        return self.shipped if version == self.shipped_version() else None

    def read(self, version: str | None) -> Policy | None:
        """A version, whole; None where there is none such. None: the shipped one.

        Raises:
            BadDataFile: its ``policy.toml`` is wrong, or its document cannot be read.
        """
        folder = self.folder_of(version)
        try:
            return None if folder is None else read_described(folder, self.slug)
        except UnreadableDocument as error:
            raise BadDataFile(folder or self.own.folder, 1, f"the document cannot be read: {error}") from None

    def ruling_files(self) -> tuple[RulingFile, ...]:
        """The shipped files of rulings, then the school's."""
        return (*(_rulings(self.shipped, _as_it_lies(self.shipped)) if self.shipped else ()), *self.own.rulings)

    def topic_files(self) -> tuple[TopicFile, ...]:
        """The shipped files of topics, then the school's."""
        return (*(_topics(self.shipped, _as_it_lies(self.shipped)) if self.shipped else ()), *self.own.topics)

    def locks(self) -> Locks:
        """The shipped reviews, then the school's."""
        return (_locks(self.shipped, _as_it_lies(self.shipped)) if self.shipped else Locks()).beside(self.own.locks)


def _as_it_lies(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes whenever a file of a policy does."""
    files = (folder / LOCKS, *(folder / RULINGS).glob("*.toml"), *(folder / TOPICS).glob("*.toml"))
    stats = ((path.name, path.stat()) for path in sorted(files) if path.exists())
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


@lru_cache(maxsize=2)
def _rulings(folder: Path, _as_it_lay: tuple[tuple[str, int, int], ...]) -> tuple[RulingFile, ...]:
    """What is shipped is read once, for it takes a second, and not again until an upgrade changes it."""
    return read_rulings(folder)


@lru_cache(maxsize=2)
def _topics(folder: Path, _as_it_lay: tuple[tuple[str, int, int], ...]) -> tuple[TopicFile, ...]:
    return read_topic_files(folder)


@lru_cache(maxsize=2)
def _locks(folder: Path, _as_it_lay: tuple[tuple[str, int, int], ...]) -> Locks:
    return read_locks(folder)


def require_versions(shelved: Shelved) -> None:
    """Refuses a schedule that names a version which is not there.

    Raises:
        BadDataFile: it does.
    """
    path = shelved.own.folder / DESCRIPTION
    for one in shelved.own.schedule:
        if shelved.folder_of(one.version) is None:
            what = f"there is no version {one.version}; put it into {VERSIONS}/{one.version}, or take it out here"
            raise BadDataFile(path, line_of(path, ("in_force",)), what)
    if shelved.shipped is None and not (shelved.own.schedule or shelved.own.versions):
        raise BadDataFile(shelved.own.folder, 1, "there is no policy of that name to add to; correct the folder's name")


def shelves(own: Path, folder: Path = SHIPPED) -> tuple[Shelved, ...]:
    """Every policy, by slug: its shipped folder, and what the overlay has of it.

    Raises:
        BadDataFile: a file of the overlay cannot be used.
    """
    shipped = {path.parent.name: path.parent for path in shipped_files(folder)}
    slugs = sorted({*shipped, *own_slugs(own)})
    return tuple(Shelved(slug, shipped.get(slug), read_own(own / slug)) for slug in slugs)


def shipped_files(folder: Path) -> list[Path]:
    """The ``policy.toml`` of each shipped policy, by slug."""
    return sorted(folder.glob("*/policy.toml"))
