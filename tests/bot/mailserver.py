"""A mail server of our own: real sockets, real TLS, strict about the order of commands, ill-mannered where told to."""

import base64
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Manner = Literal[
    "",
    "refuses_all",
    "refuses_recipients",
    "refuses_password",
    "hangs",
    "hangs_after_data",
    "drops",
    "drops_after_data",
    "drips",
    "no_tls",
]
USER, PASSWORD = "touchstone", "correct horse"


@dataclass
class MailServer:
    """What came in, and how it behaves; it may change its manner between two letters."""

    port: int
    authority: Path
    letters: list[Message] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    manner: Manner = ""
    over: threading.Event = field(default_factory=threading.Event)

    def trusted(self) -> ssl.SSLContext:
        """Believes this server's certificate and no other."""
        return ssl.create_default_context(cafile=str(self.authority))


@contextmanager
def mail_server(folder: Path, names: tuple[str, ...] = ("127.0.0.1",)) -> Iterator[MailServer]:
    """Serves until the block ends; whatever hangs then is let go."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate, key = _certificate(folder, names)
    context.load_cert_chain(certificate, key)
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session, bind_and_activate=True)
    server.daemon_threads = True
    state = MailServer(server.server_address[1], certificate)
    _Session.state[state.port] = (state, context)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
        del _Session.state[state.port]


class _Session(socketserver.StreamRequestHandler):
    """One connection: EHLO, STARTTLS, EHLO, AUTH, then letters; any other order is refused."""

    state: dict[int, tuple[MailServer, ssl.SSLContext]] = {}  # noqa: RUF012 (by port, for socketserver makes sessions itself)

    def handle(self) -> None:
        address: tuple[str, int] = self.server.server_address  # type: ignore[assignment]
        self.mail, self.context = self.state[address[1]]
        self.is_encrypted = self.is_known = False
        self.sender = ""
        self.recipients: list[str] = []
        with suppress(OSError, ValueError):
            if self._greet():
                while self._answer(self.rfile.readline().decode("ascii").rstrip("\r\n")):
                    pass

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.connection.close()

    def _greet(self) -> bool:
        match self.mail.manner:
            case "refuses_all":
                return self._say(554, "no mail here") and False
            case "hangs":
                return self.mail.over.wait() and False
            case "drops":
                return False
            case "drips":
                while not self.mail.over.wait(0.05):
                    self.wfile.write(b"220-and so on\r\n")
                return False
        return self._say(220, "ready")

    def _say(self, code: int, text: str) -> bool:
        self.wfile.write(f"{code} {text}\r\n".encode())
        return True

    def _answer(self, line: str) -> bool:  # noqa: C901, PLR0911 (one arm for each command)
        if not line:
            return False
        self.mail.said.append(line.partition(" ")[0].upper())
        command, _, rest = line.partition(" ")
        match command.upper():
            case "EHLO":
                self.wfile.write(b"250-here\r\n")
                if not self.is_encrypted and self.mail.manner != "no_tls":
                    self.wfile.write(b"250-STARTTLS\r\n")
                return self._say(250, "AUTH PLAIN" if self.is_encrypted else "8BITMIME")
            case "STARTTLS" if not self.is_encrypted:
                self._say(220, "go on")
                self.connection = self.context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                self.is_encrypted = True
                return True
            case "AUTH" if self.is_encrypted:
                _, user, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
                self.is_known = (user, password) == (USER, PASSWORD) and self.mail.manner != "refuses_password"
                return self._say(235, "welcome") if self.is_known else self._say(535, "who are you")
            case "MAIL" if self.is_known:
                self.sender = rest
                return self._say(250, "yes")
            case "RCPT" if self.sender:
                if self.mail.manner == "refuses_recipients":
                    return self._say(550, "no such person")
                self.recipients.append(rest)
                return self._say(250, "yes")
            case "DATA" if self.recipients:
                return self._take()
            case "RSET":
                return self._say(250, "forgotten")
            case "QUIT":
                return self._say(221, "goodbye") and False
        return self._say(503, "not now")

    def _take(self) -> bool:
        self._say(354, "go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b"."))
        if self.mail.manner == "hangs_after_data":
            return self.mail.over.wait() and False
        if self.mail.manner == "drops_after_data":
            return False
        self.mail.letters.append(message_from_bytes(b"".join(lines)))
        self.mail.envelopes += [(self.sender, recipient) for recipient in self.recipients]
        self.sender, self.recipients = "", []
        return self._say(250, "taken")


def _certificate(folder: Path, names: tuple[str, ...]) -> tuple[Path, Path]:
    """A certificate for these addresses that vouches for itself, and its key."""
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(one)) for one in names])
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(addresses, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return certificate, private
