"""What is read of the overlay again and again, read once for each state of its files."""

from collections.abc import Callable, Hashable
from datetime import date
from threading import Lock
from typing import TypeVar, cast

from knowledge.induction.locks import StepStanding
from knowledge.locks import Standing
from knowledge.overlay import Overlay, Source, Touched
from knowledge.overlay.writing import fingerprint

T = TypeVar("T")


class Known:
    """Some four hundred rulings stand as they stand until a file or the day changes: a page need not wait for them."""

    def __init__(self, overlay: Overlay, today: Callable[[], date]) -> None:
        """Reads nothing yet."""
        self._overlay = overlay
        self._today = today
        self._state: tuple[str, date] | None = None
        self._read: dict[Hashable, object] = {}
        self._lock = Lock()

    def standings(self, slug: str, version: str | None = None) -> tuple[Standing, ...]:
        """Every ruling and how it stands in a version; without one, in the version in force.

        Raises:
            NoSuchPolicy: there is no such policy.
            NoSuchVersion: there is no such version.
            BadDataFile: a file of the overlay cannot be used.
        """
        return self._once(("standings", slug, version), lambda: self._overlay.rulings.standings(slug, version))

    def steps(self, slug: str, version: str | None = None) -> tuple[StepStanding, ...]:
        """Every step of the induction and how it stands in a version; without one, in the version in force.

        Raises:
            NoSuchPolicy: there is no such policy.
            NoSuchVersion: there is no such version.
            BadDataFile: a file of the overlay cannot be used.
        """
        return self._once(("steps", slug, version), lambda: self._overlay.steps.standings(slug, version))

    def is_own(self, slug: str, ruling: str) -> bool:
        """Whether a ruling is the school's own.

        Raises:
            NoSuchPolicy: there is no such policy.
            BadDataFile: a file of the overlay cannot be used.
        """
        source = self._once(("source", slug, ruling), lambda: self._overlay.rulings.source_of(slug, ruling))
        return source is Source.OWN

    def touches(self, slug: str, new: str, old: str) -> Touched:
        """What one version would touch, were it in force instead of another.

        Raises:
            NoSuchPolicy: there is no such policy.
            NoSuchVersion: there is no such version.
            BadDataFile: a file of the overlay cannot be used.
        """
        return self._once(("touches", slug, new, old), lambda: self._overlay.versions.touches(slug, new, old))

    def _once(self, key: Hashable, read: Callable[[], T]) -> T:
        state = (fingerprint(self._overlay.root), self._today())
        with self._lock:
            if state != self._state:
                self._state, self._read = state, {}
            if key in self._read:
                return cast("T", self._read[key])
        found = read()
        with self._lock:
            if state == self._state:
                self._read[key] = found
        return found
