"""The log of what was changed, held against the files; and the overlay given out, as files or as a comparison."""

from knowledge.overlay import changelog
from knowledge.overlay.changelog import Change, Verified
from knowledge.overlay.exporting import as_diff, as_zip
from knowledge.overlay.opened import Opened
from knowledge.overlay.writing import by_hand, reading


class Log:
    """The doors to what was done, and the way out."""

    def __init__(self, opened: Opened) -> None:
        """Takes the overlay, opened."""
        self._opened = opened

    def changes(self) -> tuple[Change, ...]:
        """The log, the newest first."""
        with reading(self._opened.root):
            return tuple(row.change for row in reversed(changelog.read_rows(self._opened.root / changelog.FILE)))

    def verify(self) -> Verified:
        """Holds the log against itself and against the files."""
        with reading(self._opened.root):
            rows = changelog.read_rows(self._opened.root / changelog.FILE)
            return Verified(len(rows), changelog.verify_rows(rows), by_hand(self._opened.root, rows))

    def export_zip(self) -> bytes:
        """The overlay, all its files, as a zip."""
        with reading(self._opened.root):
            return as_zip(self._opened.root)

    def export_diff(self) -> str:
        """What the school changed, as a unified diff against the shipped knowledge, to be reviewed."""
        with reading(self._opened.root):
            return as_diff(self._opened.root, self._opened.shipped)
