"""Mail: a Sender over SMTP, encrypted, that says that there is something and nothing of what it is."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from threading import Timer
from typing import Literal

from bot.cases.people.roles import Person
from bot.ports import Notice
from bot.wording import say
from integrations.settings import Settings
from integrations.shown import TO_INDUCTION, TO_SENDERS
from integrations.ways import WayFails

MAIL = "mail"

PATIENCE = 10.0
"""Seconds that the mail server has for each of its answers, and ..."""

DEADLINE = 40.0
"""... for all of them together: less than a claim lasts (``deliveries.LEASE``), however slowly it drips."""


class MailFails(WayFails):
    """The mail server does not take what it should; look at TOUCHSTONE_MAIL_HOST, _PORT, _SECURITY, _USER, _FROM."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Sends notices by mail.

    Attributes:
        host: the mail server.
        port: its port.
        security: how the way to it is encrypted.
        sender: the address that mail comes from.
        link: the address of Touchstone, without a path.
        user: to sign in as; empty for no sign-in.
        password: that user's.
        trusted: whose certificates are believed; by default those that the system believes.
        patience: seconds for each answer of the server.
        deadline: seconds for all of it.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    link: str
    user: str = ""
    password: str = field(default="", repr=False)
    trusted: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    patience: float = PATIENCE
    deadline: float = DEADLINE

    @property
    def name(self) -> str:
        """What it is called among the ways."""
        return MAIL

    def address(self, person: Person) -> str:
        """A person's address; empty where it is not known."""
        return person.mail

    def send(self, notice: Notice, address: str) -> None:
        """Hands a notice for an address to the mail server; returns once it took it.

        Raises:
            MailFails: it did not, or could not be asked.
        """
        with self._connected() as server:
            refused = server.send_message(self.letter(notice, address))
            if refused:
                raise MailFails

    def probe(self) -> None:
        """Connects, encrypts, signs in, names the address that mail comes from, and sends nothing.

        Raises:
            MailFails: one of these does not work.
        """
        with self._connected() as server:
            code, _ = server.mail(self.sender)
            if code != 250:  # noqa: PLR2004 (RFC 5321, 4.2.3: requested mail action okay)
                raise MailFails(f"{self.host}:{self.port}: does not send for TOUCHSTONE_MAIL_FROM ({code})")
            server.rset()

    def letter(self, notice: Notice, address: str) -> EmailMessage:
        """The mail: reference and urgency, whether it is told again, and where to look; in the same words each time.

        The same notice has the same Message-ID each time that it is sent, so that a mailbox can drop a second one.
        """
        letter = EmailMessage()
        letter["From"] = self.sender
        letter["To"] = address
        urgent = say("mail.urgent") if notice.urgent else ""
        reference = notice.reference or say("mail.no_reference")
        letter["Subject"] = say("mail.subject", reference=reference, urgent=urgent)
        letter["Date"] = formatdate()
        letter["Message-ID"] = f"<{notice.key}@{self.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is answered
        if notice.urgent:
            letter["X-Priority"] = "1"
        page = "/reports" if notice.telling in TO_SENDERS else "/inbox"
        page = "/induction" if notice.telling in TO_INDUCTION else page
        lines = [say(f"notice.{notice.telling}"), f"{self.link}{page}", say("mail.nothing_in_it")]
        letter.set_content("\n\n".join(lines) + "\n")
        return letter

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A session with the server, signed in. It ends at the deadline, whatever the server does."""
        server: smtplib.SMTP | None = None
        watch: Timer | None = None
        try:
            server = self._server()
            watch = Timer(self.deadline, _cut, [server])
            watch.daemon = True
            watch.start()
            setattr(server, "_host", self.host)  # noqa: B010 (smtplib sets it only where it connects in the constructor)
            server.connect(self.host, self.port)
            server.ehlo()
            if self.security == "starttls":
                server.starttls(context=self.trusted)
                server.ehlo()
            if self.user:
                server.login(self.user, self.password)
            yield server
            with suppress(smtplib.SMTPException, OSError):  # it took the mail: how it says goodbye is all the same
                server.quit()
        except (smtplib.SMTPException, OSError, ValueError) as failure:
            raise MailFails(f"{self.host}:{self.port}: {_why(failure)}") from None
        finally:
            if watch is not None:
                watch.cancel()
            if server is not None:
                server.close()

    def _server(self) -> smtplib.SMTP:
        name = socket.gethostname() if self.security != "none" else "localhost"
        if self.security == "tls":
            return smtplib.SMTP_SSL(timeout=self.patience, local_hostname=name, context=self.trusted)
        return smtplib.SMTP(timeout=self.patience, local_hostname=name)


def mail(settings: Settings) -> Mail | None:
    """Mail as it is set; None where it is not.

    Raises:
        MailFails: the file of the password cannot be read.
    """
    if not settings.mail_host:
        return None
    password = settings.mail_password.get_secret_value() if settings.mail_password else ""
    if settings.mail_password_file:
        try:
            password = settings.mail_password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise MailFails(f"{settings.mail_password_file} cannot be read") from None
    where = (settings.mail_host, settings.mail_port, settings.mail_security)
    return Mail(*where, settings.mail_from, settings.here, settings.mail_user, password)


def _cut(server: smtplib.SMTP) -> None:
    """Ends a session from outside: whoever waits in it is told that it is gone."""
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)


def _why(failure: Exception) -> str:
    """What went wrong, by its kind and the server's code: its words may hold an address."""
    code = getattr(failure, "smtp_code", None)
    return f"{type(failure).__name__} ({code})" if code else type(failure).__name__
