"""The overlay: what a school adds to the shipped knowledge, as plain files; all doors to read it and to change it."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from knowledge.changes import ClauseChange, Comparison, Fate, Mark, Piece, Side
from knowledge.overlay.changelog import Act, By, Change, Verified
from knowledge.overlay.crossing import (
    CannotAccept,
    CannotBeVersion,
    CannotPublish,
    NoSuchPhrasing,
    NoSuchVersion,
    NothingToAttachTo,
    OwnPhrasing,
    Refused,
    Source,
    Target,
    ToClause,
    ToRuling,
    ToTopic,
    Touched,
    TouchedPhrasings,
    Version,
)
from knowledge.overlay.log import Log
from knowledge.overlay.opened import Opened
from knowledge.overlay.phrasings import Phrasings
from knowledge.overlay.rulings import Rulings
from knowledge.overlay.shelves import SHIPPED
from knowledge.overlay.steps import OF_INDUCTION, Steps
from knowledge.overlay.versions import Versions
from knowledge.ruling_checks import Problem

__all__ = [
    "OF_INDUCTION",
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


class Overlay:
    """What a school adds: policies in several versions, rulings, phrasings, topics, locks, and who did what when.

    Every door that changes something takes who does it (``by``), checks first, writes whole or not at all, and adds a
    row to the log. What is answered follows by itself in some seconds (``index.renewal``). All raise BadDataFile where
    a file of the overlay cannot be used: its message names file, line, and what to do.

    Attributes:
        root: its folder.
        versions: the doors to versions of policies.
        rulings: those to rulings.
        phrasings: those to the school's own phrasings and topics.
        steps: those to the steps of the induction.
        log: who did what, and the way out.
    """

    def __init__(
        self, root: Path, today: Callable[[], date], now: Callable[[], datetime], shipped: Path = SHIPPED
    ) -> None:
        """Takes the overlay's folder, which may be missing, what day it is at school, what time it is in UTC."""
        opened = Opened(root, today, now, shipped)
        self.root = root
        self.versions = Versions(opened)
        self.rulings = Rulings(opened)
        self.phrasings = Phrasings(opened)
        self.steps = Steps(opened)
        self.log = Log(opened)
