"""`touchstone serve`: the web chat, the forms and the inboxes, in one process on this machine."""

import signal
import socket
import sys
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import uvicorn

from bot.cases.people.directory import Directory, day_at_school
from bot.desk import Desk
from bot.ports import Clock
from bot.talk.answering import answers
from bot.talk.feedback.insights import Insights
from bot.wording import say
from index.encoder import MiniLM
from integrations import app
from integrations.answering import SystemClock, own_overlay, published, renewals
from integrations.cli.people import waiting
from integrations.cli.progress import encoding
from integrations.logs import log_without_words
from integrations.mail import mail
from integrations.papers import require_papers
from integrations.renewing import Renewing
from integrations.settings import Settings, read_settings
from integrations.ways import Way, Ways
from integrations.web.sign_in import OneTimeLinks
from integrations.worker import Worker
from knowledge.errors import TouchstoneError

if TYPE_CHECKING:
    from integrations.slack.serving import Slack

_PATIENCE = 5
"""Seconds that requests have to end in when the server is stopped."""


class CannotListen(TouchstoneError):
    """Touchstone cannot listen there; stop what does already, or set TOUCHSTONE_PORT to another port."""


def serve() -> None:
    """Serves the web chat on this machine until it is stopped with Ctrl-C."""
    settings = read_settings()
    today = day_at_school(datetime.now(UTC))
    _look_at_slack(settings)
    require_papers(settings, app.open_directory(settings), today)  # before all that takes its time
    listener = _listen(settings)
    log_without_words()
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _end)  # uvicorn ends first, then hands the signal on: what is open gets closed
    clock = SystemClock()
    encoder = MiniLM(kept=settings.encoder)
    shelf = published(settings, encoder, encoding())
    shelf.searcher()
    encoder.load()  # before anybody asks: they would wait for it, and what is wrong with it is for whoever starts us
    answers.load()
    reports = app.open_reports(settings)
    insights = Insights(settings.insights, clock)
    links = OneTimeLinks(clock, used=lambda person: _say(_sign_in_line(settings, reports.directory, links, person)))
    unwatched = app.Unwatched()
    room = app.owning(
        shelf.searcher,
        reports,
        insights,
        clock,
        overlay=own_overlay(settings, clock),
        renewals=renewals(settings, clock),
        encoder=encoder,
    )
    desk = app.desk(shelf.searcher, reports, insights, clock, unwatched, attachments=settings.attachments, owning=room)
    slack = _slack(settings, desk, reports, clock)
    set_up: list[Way | None] = [mail(settings), slack.way if slack else None]
    ways = Ways(lambda: reports.directory, tuple(way for way in set_up if way))
    also = (*app.counting(insights), app.reminding(desk))
    worker = Worker(reports, ways, clock, unwatched, also=also)
    providers = [slack.sign_in] if slack and slack.sign_in else []
    pages = app.web(
        settings,
        shelf,
        reports,
        clock,
        links,
        insights=insights,
        heartbeat=worker.is_beating,
        bot=desk,
        providers=providers,
    )
    _say(_welcome(settings, reports, links, today))
    # No access log: the address of a sign-in page holds its one-time token.
    config = uvicorn.Config(
        slack.beside(pages) if slack else pages,
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="on" if slack else "off",
        timeout_graceful_shutdown=_PATIENCE,
    )
    renewing = Renewing(settings, clock)
    worker.start()
    renewing.start()
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        renewing.stop()
        worker.stop()
        reports.close()
        insights.close()


def _listen(settings: Settings) -> socket.socket:
    """Takes the port before anything else is done, so that a second server says so at once.

    Raises:
        CannotListen: it is not to be had.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        raise CannotListen(f"{settings.host}:{settings.port}: {error.strerror}") from None
    return listener


def _look_at_slack(settings: Settings) -> None:
    """Before anything takes its time.

    Raises:
        BadSetting: something of Slack's is missing, or cannot be read.
    """
    if settings.slack_mode != "none":
        from integrations.slack.serving import secrets  # noqa: PLC0415 (where it is not set, its libraries are not needed)

        secrets(settings)


def _slack(settings: Settings, desk: Desk, reports: app.Reports, clock: Clock) -> "Slack | None":
    """Slack, where it is set."""
    if settings.slack_mode == "none":
        return None
    from integrations.slack.serving import slack  # noqa: PLC0415 (as above)

    return slack(settings, desk, reports, clock)


def _end(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


def _welcome(settings: Settings, reports: app.Reports, links: OneTimeLinks, today: date) -> str:
    directory = reports.directory
    people = [_sign_in_line(settings, directory, links, person.id) for person in directory.persons]
    serving = say("terminal.serving", address=f"{_here(settings)}/")
    whose = say("terminal.demonstration") if directory.is_demonstration else say("terminal.directory")
    vacant = [
        say("terminal.vacant", role=say(f"role.{one.role}"), school=one.school) for one in directory.vacancies(today)
    ]
    mode = [] if settings.is_live else [say("terminal.not_live")]
    return "\n".join([serving, *mode, *vacant, *_waiting(reports), "", whose, *people, "", say("terminal.stop")])


def _waiting(reports: app.Reports) -> list[str]:
    """Who is named for a role and may open nothing yet."""
    return waiting(reports.appointments) if reports.appointments.waiting() else []


def _sign_in_line(settings: Settings, directory: Directory, links: OneTimeLinks, person_id: str) -> str:
    person = directory.find(person_id)
    return f"  {person.name if person else person_id}:  {_here(settings)}/sign-in/{links.issue(person_id)}"


def _here(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _say(line: str) -> None:
    """On the terminal; that nobody reads there any more is no reason to stop serving."""
    with suppress(OSError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
