"""`touchstone serve`: the web chat, the forms and the inboxes, in one process on this machine."""

import logging
import socket
import sys

import structlog
import uvicorn

from bot.cases.directory import Directory
from bot.wording import say
from index.encoder import MiniLM
from integrations import app
from integrations.cli.progress import encoding
from integrations.settings import Settings, read_settings
from integrations.web.sign_in import OneTimeLinks
from knowledge.errors import TouchstoneError


class PortTaken(TouchstoneError):
    """Something else listens there already; stop it, or set TOUCHSTONE_PORT to another port."""


def serve() -> None:
    """Serves the web chat on this machine until it is stopped with Ctrl-C."""
    settings = read_settings()
    listener = _listen(settings)
    _log_without_words()
    clock = app.SystemClock()
    shelf = app.published(settings, MiniLM(), encoding())
    shelf.searcher()
    reports = app.open_reports(settings, clock)
    links = OneTimeLinks(clock)
    application = app.web(shelf, reports, clock, app.Unwatched(), links)
    sys.stdout.write(_welcome(settings, reports.directory, links))
    sys.stdout.flush()
    # No access log: the address of a sign-in page holds its one-time token.
    config = uvicorn.Config(application, access_log=False, log_config=None, server_header=False, lifespan="off")
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        reports.close()


def _listen(settings: Settings) -> socket.socket:
    """Takes the port before anything else is done, so that a second server says so at once.

    Raises:
        PortTaken: it is not to be had.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError:
        listener.close()
        raise PortTaken(f"{settings.host}:{settings.port}") from None
    return listener


def _welcome(settings: Settings, directory: Directory, links: OneTimeLinks) -> str:
    here = f"http://{settings.host}:{settings.port}"
    lines = [say("terminal.serving", address=f"{here}/"), "", say("terminal.demonstration")]
    lines += [f"  {person.name}:  {here}/sign-in/{links.issue(person.id)}" for person in directory.person]
    return "\n".join([*lines, "", say("terminal.stop"), ""])


def _log_without_words() -> None:
    """JSON lines on standard error: events of ours, and warnings of libraries; no requests, no addresses, no words."""
    logging.basicConfig(level=logging.WARNING, format='{"level": "%(levelname)s", "logger": "%(name)s"}')
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
