"""Ways: one notice by each way that a person has, as one Sender."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.cases.people.directory import Directory
from bot.cases.people.roles import Person
from bot.ports import NotByEveryWay, Notice, NoWay
from knowledge.errors import TouchstoneError

_log = structlog.get_logger()


class WayFails(TouchstoneError):
    """A notice was not taken now; it is tried again. The message says why, and names nobody."""


class Way(Protocol):
    """One way to reach people."""

    @property
    def name(self) -> str:
        """What it is called where it is stored that it took a notice; never changed."""

    def address(self, person: Person) -> str:
        """Where it reaches a person; empty where it does not."""

    def send(self, notice: Notice, address: str) -> None:
        """Hands a notice over; returns once it was taken.

        Raises:
            WayFails: it was not taken now.
            NoWay: it leads to nobody who may be told; trying again is of no use.
        """


@dataclass(frozen=True, slots=True)
class Ways:
    """The inbox, where a case lies from the moment it is stored, and whatever ways are set: mail, Slack.

    Attributes:
        directory: gives the directory of now, with people's addresses.
        ways: those that are set. Without any the inbox is the only way there is, and nobody is out of reach.
    """

    directory: Callable[[], Directory]
    ways: tuple[Way, ...] = ()

    def send(self, notice: Notice) -> None:
        """Sends a notice by each way that has not taken it yet.

        Raises:
            NoWay: there are ways, and none of them leads to this person.
            NotByEveryWay: some took it and others did not; they are tried again.
        """
        if not self.ways:
            return
        person = self.directory().find(notice.person)
        found = {way.name: (way, way.address(person)) for way in self.ways} if person is not None else {}
        leading = {name for name, (_, address) in found.items() if address}
        taken = set(notice.taken)
        for name in sorted(leading - taken):
            way, address = found[name]
            try:
                way.send(notice, address)
            except NoWay:
                _log.warning("way leads to nobody who may be told", way=name)
                leading.discard(name)
                continue
            except WayFails as failure:
                _log.warning("notice not taken", way=name, cause=str(failure))  # who refused it and how, no address
                continue
            taken.add(name)
        if not leading and not taken:
            raise NoWay
        if not leading <= taken:
            raise NotByEveryWay(frozenset(taken))
