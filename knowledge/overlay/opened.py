"""The overlay, opened: its folder, the day and the time, and what every door looks up there before it does anything."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from knowledge.described import FILE as DESCRIPTION
from knowledge.described import read_described
from knowledge.model import Policy
from knowledge.overlay.crossing import NoSuchVersion
from knowledge.overlay.files import NAME, read_own
from knowledge.overlay.shelves import NoSuchPolicy, Shelved


@dataclass(frozen=True, slots=True)
class Opened:
    """What the doors of one overlay share.

    Attributes:
        root: its folder, which may be missing.
        today: what day it is at school.
        now: what time it is, in UTC.
        shipped: the folder of the shipped policies.
    """

    root: Path
    today: Callable[[], date]
    now: Callable[[], datetime]
    shipped: Path

    def shelved(self, slug: str, *, begins: bool = False) -> Shelved:
        """What there is of a policy; ``begins`` says that it may be a new one.

        Raises:
            NoSuchPolicy: there is no such policy.
        """
        shipped = self.shipped / slug
        if not NAME.fullmatch(slug):
            raise NoSuchPolicy(slug)
        here = shipped if (shipped / DESCRIPTION).exists() else None
        if here is None and not begins and not (self.root / slug).is_dir():
            raise NoSuchPolicy(slug)
        return Shelved(slug, here, read_own(self.root / slug))

    def version_on(self, shelved: Shelved, day: date) -> str | None:
        """The version of a policy that is in force on a day, if one is."""
        return shelved.own.version_on(day) or shelved.shipped_version()

    def policy(self, shelved: Shelved, version: str | None) -> Policy:
        """A policy in one version, whole; without one, the version in force.

        Raises:
            NoSuchVersion: there is no such version.
        """
        wanted = self.version_on(shelved, self.today()) if version is None else version
        folder = None if wanted is None else shelved.folder_of(wanted)
        if folder is None:
            raise NoSuchVersion(shelved.slug, wanted or "none in force")
        return _read(folder, shelved.slug, (folder / DESCRIPTION).stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _read(folder: Path, slug: str, _written: int) -> Policy:
    """A version, read once: what was published is not changed any more."""
    return read_described(folder, slug)
