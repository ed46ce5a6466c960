"""A small policy that is shipped, and what a school has beside it: real files, and no more of them than needed."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from knowledge.described import read_described
from knowledge.library import Library
from knowledge.locks import Locks, write_locks
from knowledge.overlay import By, Overlay
from knowledge.rulings import read_rulings

DOORS = "doors"
OWNER = By("p-owner", "policy_owner")
TODAY = date(2026, 11, 23)
TEXT = """1. Doors

1.1 Staff must lock the outer door when they leave the building.

1.2 Pupils should not open the door of the boiler room.

2. Windows

2.1 Staff should close every window of their classroom at the end of the day.

2.2 Visitors must not open windows on the upper floor.
"""
RULINGS = """
[[ruling]]
id = "lock-the-door"
about = "Lock the outer door"
cites = ["1.1"]
phrasings = ["do I lock up when I go", "who locks the outer door"]
[[ruling.row]]
verdict = "info"
says = "Lock the outer door when you leave."

[[ruling]]
id = "close-windows"
about = "Close the windows"
cites = ["2.1", "2.2"]
phrasings = ["must I shut the windows", "windows at the end of the day"]
[[ruling.row]]
verdict = "info"
says = "2.1 says to close them."
"""
TOPICS = """
[[topic]]
id = "heating"
about = "The heating"
near = ["2.1"]
phrasings = ["can I turn the heating up"]
"""
NEWER = TEXT.replace("1.2 Pupils should not open the door of the boiler room.\n\n", "").replace(
    "upper floor", "top floor"
)
"""1.2 is gone, 2.2 reworded."""


@dataclass
class World:
    """A shipped policy, an overlay, and what day it is."""

    shipped: Path
    root: Path
    day: date = TODAY
    overlay: Overlay = field(init=False)

    def __post_init__(self) -> None:
        self.overlay = Overlay(self.root, lambda: self.day, lambda: datetime.now(UTC), self.shipped)

    def library(self) -> Library:
        return Library.in_force(self.root, self.day, self.shipped)

    def upload(self, version: str = "2.0", text: str = NEWER) -> None:
        self.overlay.versions.upload(DOORS, version, "doors.txt", text.encode(), OWNER)

    def publish(self, version: str = "2.0", effective: date | None = None) -> None:
        self.overlay.versions.publish(DOORS, version, effective or self.day, OWNER)

    @property
    def deciding(self) -> set[str]:
        return {one.ruling.id for one in self.library().rulings}


def world(folder: Path) -> World:
    shipped = folder / "shipped" / DOORS
    (shipped / "rulings").mkdir(parents=True)
    (shipped / "not_covered").mkdir()
    (shipped / "policy.toml").write_text('title = "Doors"\nsource = "doors.txt"\nversion = "1.0"\n', encoding="utf-8")
    (shipped / "doors.txt").write_text(TEXT, encoding="utf-8")
    (shipped / "rulings" / "all.toml").write_text(RULINGS, encoding="utf-8")
    (shipped / "not_covered" / "all.toml").write_text(TOPICS, encoding="utf-8")
    policy, locks = read_described(shipped, DOORS), Locks()
    for ruling in read_rulings(shipped)[0].rulings:
        locks = locks.renewed(ruling, policy, TODAY, "A. Reader")
    write_locks(shipped, locks)
    return World(shipped.parent, folder / "own")
