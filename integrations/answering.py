"""Puts together the half that answers. It does without web and records, so that a question asked alone is quick."""

from datetime import UTC, datetime

from bot.cases.people.contacts import DirectoryContacts
from bot.cases.people.directory import load_directory
from bot.ports import Clock
from index import snapshot
from index.encoder import Encoder
from index.search import Shelf
from index.snapshot import Progress
from integrations.settings import Settings
from knowledge.library import Library


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)


def own_contacts(settings: Settings, clock: Clock) -> DirectoryContacts | None:
    """Whom to ring by the school's own directory; None without one: at a terminal invented numbers help nobody.

    It is read when somebody has to be rung, not before.
    """
    own = settings.directory
    return DirectoryContacts(lambda: load_directory(own), clock) if own.exists() else None


def published(settings: Settings, encoder: Encoder, progress: Progress = lambda _done, _of: None) -> Shelf:
    """A shelf with the snapshot of the shipped policies on it: built now, if it is not there or out of date."""
    digest = snapshot.build(Library.shipped(), encoder, settings.snapshots, progress)
    try:
        is_current = snapshot.current(settings.snapshots) == digest
    except snapshot.SnapshotMissing:
        is_current = False
    if not is_current:
        snapshot.publish(settings.snapshots, digest)
    return Shelf(settings.snapshots, encoder)
