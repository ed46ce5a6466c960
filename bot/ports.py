"""What the bot needs of the world, as Protocols that the layer above fills."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from knowledge.errors import TouchstoneError


class Clock(Protocol):
    """What time it is; a port, so that tests never wait."""

    def now(self) -> datetime:
        """Now, with the time zone UTC."""


@dataclass(frozen=True, slots=True)
class Membership:
    """That a group gives somebody a role, as it was when the group was asked.

    Attributes:
        id: the person's id in the directory; for somebody who is not in it, an id of the platform that never changes.
        name: in full.
        role: the name of a role of ``bot/cases/people/roles.py``.
        school: the id of the school, or ``trust``.
        slack: their member id there; may be empty.
        teams: their object id in Entra ID; may be empty.
        mail: their address at work; may be empty.
    """

    id: str
    name: str
    role: str
    school: str
    slack: str = ""
    teams: str = ""
    mail: str = ""


class Groups(Protocol):
    """Which groups give whom which role: a source beside the directory's file.

    What it says may be old when it is used. So it decides whom a report goes to, never who opens one.
    """

    def memberships(self) -> tuple[Membership, ...]:
        """Everybody in a group that gives a role, as the groups are now.

        Raises:
            TouchstoneError: the groups cannot be asked; whoever asks goes on with what was said last.
        """


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to ring when it cannot wait.

    Attributes:
        role: name of a role (``bot/cases/people/roles.py``) or an office of the council: ``social_care``, ``lado``.
        name: in full, or as people know the office.
        telephone: to be shown as it stands.
        out_of_hours: the telephone at night and at weekends; may be empty.
        is_office_number: whether the telephone is the school office's, since theirs is not known.
        is_outside: whether it is an office of the council.
    """

    role: str
    name: str
    telephone: str
    out_of_hours: str = ""
    is_office_number: bool = False
    is_outside: bool = False


class Contacts(Protocol):
    """Who is to be rung: what the half that answers may know of the directory, and nothing more."""

    @property
    def are_invented(self) -> bool:
        """Whether nobody answers these numbers, as in a demonstration."""

    def urgent(self) -> tuple[Contact, ...]:
        """Whom to ring today, those of one role in the order in which they are rung.

        Raises:
            TouchstoneError: it is not known; whoever asks says how to find them.
        """


class Stage(StrEnum):
    """The named points that a report passes on its way to a receipt, a notice to a person, a next step to its end.

    A process that dies at any of them must leave either no case and no receipt, or exactly one readable case; and of a
    notice, that it was sent or that it is sent later.
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
    CLAIMED = "claimed"
    """A notice is claimed, which is committed; it is not sent yet, and no lock is held."""
    SENT = "sent"
    """The platform took the notice; that is not stored yet."""
    MARKED = "marked"
    """That it was sent is committed."""
    FIRING = "firing"
    """A next step is written in the open transaction: its timer marked, what it is for done, the next one set."""
    FIRED = "fired"
    """That is committed."""


RECEIVING = (Stage.ARRIVED, Stage.KEY_COMMITTED, Stage.WRITTEN, Stage.COMMITTED, Stage.READ_BACK)
"""The stages of a report."""

SENDING = (Stage.CLAIMED, Stage.SENT, Stage.MARKED)
"""The stages of a notice."""

GOING_ON = (Stage.FIRING, Stage.FIRED)
"""The stages of a next step."""


class Telling(StrEnum):
    """What a notice says; each value is a key of the locale, under ``notice``."""

    NEW = "new"
    """A case came to them."""
    REMINDER = "reminder"
    """Nobody has acknowledged it."""
    GONE_ON = "gone_on"
    """Nobody had acknowledged it in time, so it went on to the next in its route."""
    IN_HAND = "in_hand"
    """Somebody later in its route has it in hand."""
    REVIEW = "review"
    """They have had it in hand for a week, and it is open."""
    RING = "ring"
    """To its sender: nobody has opened it, and they should ring somebody."""
    SEEN = "seen"
    """To its sender: it was seen."""
    QUESTION = "question"
    """To its sender: they are asked something."""
    CLOSED = "closed"
    """To its sender: it was closed."""
    DRAFT = "draft"
    """To its author: something was begun and not sent."""
    DRAFT_LEFT = "draft_left"
    """To a DSL: somebody began a report and did not send it."""
    NUDGE = "nudge"
    """Whoever looks after induction reminds them of the walk, or of the agreement."""
    SIGN_AGAIN = "sign_again"
    """What they signed is a year old, or a clause of it changed."""
    CAMPAIGN = "campaign"
    """Everybody is asked to read and sign by a day."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person is told in chat or by mail: that there is something, and nothing of what it is.

    Attributes:
        reference: the case's; empty for a draft, which has none.
        urgent: whether somebody is in danger now.
        person: whom to tell, by their id in the directory.
        role: in which role they are told.
        key: the same each time that the same notice is sent, so that a platform can drop what it has taken already.
        telling: what it says.
        taken: the ways that have taken this very notice already, where it goes by several and another refused it.
    """

    reference: str
    urgent: bool
    person: str
    role: str
    key: str
    telling: Telling = Telling.NEW
    taken: frozenset[str] = frozenset()


class NoWay(TouchstoneError):
    """There is no way to this person but their inbox; give them an address in the directory."""


class NotByEveryWay(TouchstoneError):
    """Not every way that a person has took a notice; it is tried again by the others."""

    def __init__(self, taken: frozenset[str]) -> None:
        """``taken``: the ways that took it, this time or before."""
        super().__init__()
        self.taken = taken


class Sender(Protocol):
    """One way to reach people, or several together."""

    def send(self, notice: Notice) -> None:
        """Hands a notice to the platform; returns once it took it, within a minute, and raises whatever went wrong.

        Raises:
            NoWay: there is none to this person; the case lies in their inbox, and the next in its route is told.
            NotByEveryWay: some ways took it and others did not.
        """


class Milestones(Protocol):
    """Hears of each stage as a report passes it: for metrics, and for tests that kill the process there."""

    def reached(self, stage: Stage) -> None:
        """The report has come this far."""
