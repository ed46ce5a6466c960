"""What the bot needs of the world, as Protocols that the layer above fills."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Clock(Protocol):
    """What time it is; a port, so that tests never wait."""

    def now(self) -> datetime:
        """Now, with the time zone UTC."""


class Stage(StrEnum):
    """The named points that a report passes on its way to a receipt, in order.

    A process that dies at any of them must leave either no case and no receipt, or exactly one readable case.
    """

    ARRIVED = "arrived"
    """Complete and valid; nothing is stored yet."""
    KEY_COMMITTED = "key_committed"
    """The case's data key is stored, the case is not."""
    WRITTEN = "written"
    """All rows are written in the open transaction."""
    COMMITTED = "committed"
    """The transaction is committed, the case is not read back yet."""
    READ_BACK = "read_back"
    """The case was read back; the receipt is not shown yet."""


class Milestones(Protocol):
    """Hears of each stage as a report passes it: for metrics, and for tests that kill the process there."""

    def reached(self, stage: Stage) -> None:
        """The report has come this far."""
