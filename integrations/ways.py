"""Ways: one notice by each way that a person has, as one Sender."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.cases.people.directory import Directory
from bot.ports import NotByEveryWay, Notice, NoWay
from integrations.mail import Mail, MailFails

MAIL = "mail"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ways:
    """The inbox, where a case lies from the moment it is stored, and mail where it is set; chat platforms come here.

    Attributes:
        directory: gives the directory of now, with people's addresses.
        mail: sends mail; None where it is not set. Then the inbox is the only way there is, and nobody is out of reach.
    """

    directory: Callable[[], Directory]
    mail: Mail | None = None

    def send(self, notice: Notice) -> None:
        """Sends a notice by each way that has not taken it yet.

        Raises:
            NoWay: there are ways, and none of them leads to this person.
            NotByEveryWay: some took it and others did not; they are tried again.
        """
        if self.mail is None:
            return
        person = self.directory().find(notice.person)
        ways = {MAIL: person.mail} if person is not None and person.mail else {}
        if not ways:
            raise NoWay
        taken = set(notice.taken)
        for way in sorted(set(ways) - taken):
            try:
                self.mail.send(notice, ways[way])
            except MailFails as failure:
                _log.warning("notice not taken", way=way, cause=str(failure))  # the server and its answer, no address
                continue
            taken.add(way)
        if taken < set(ways):
            raise NotByEveryWay(frozenset(taken))
