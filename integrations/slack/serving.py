"""Slack as it is set: app, notices, installing and signing in put together, and served beside the pages."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from slack_sdk.web import WebClient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.cases.arrivals import Arrivals
from bot.cases.forms.model import load_forms
from bot.desk import Desk
from bot.ports import Clock
from bot.wording import say
from integrations.app import Reports
from integrations.incidents import report
from integrations.settings import BadSetting, Settings
from integrations.slack.attach import SLACK, Attached, attach
from integrations.slack.install_pages import PATIENCE, InstallPages
from integrations.slack.installs import Installs, authorizing, forgetting
from integrations.slack.notices import SlackNotices
from integrations.slack.people import People
from integrations.slack.quiet import QUIET
from integrations.slack.room import Conversations, Memory, Room
from integrations.slack.sign_in import SlackSignIn, accounts
from integrations.web.failures import Failures
from integrations.web.guard import SecurityHeaders

BELOW = "/slack/"
"""Addresses that are Slack's; all others are the pages'."""

INSTALLATIONS = "slack installations"
"""What the key of installations is derived for."""

_ENDS_WITHIN = 5.0
_APP_ID = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Secrets:
    """What opens Slack to us, read from wherever the settings say; nothing of it is in a repr.

    Attributes:
        bot_token: of the one workspace; empty where there are several.
        app_token: for Socket Mode; empty in HTTP mode.
        signing_secret: for HTTP mode; empty in Socket Mode.
        client_secret: for signing in and for installing; empty where nobody does.
    """

    bot_token: str
    app_token: str
    signing_secret: str
    client_secret: str

    def __repr__(self) -> str:
        """Only that there are some."""
        return "Secrets()"

    @property
    def app(self) -> str:
        """The app's id, as it stands in the app-level token; empty where it is not known."""
        found = _APP_ID.match(self.app_token)
        return found[1] if found else ""


def secrets(settings: Settings) -> Secrets | None:
    """What is set for Slack; None where nothing is.

    Raises:
        BadSetting: a file cannot be read, or holds something else; nobody is let in.
    """
    mode = settings.slack_mode
    if mode == "none":
        return None
    if not settings.slack_teams:
        raise BadSetting("TOUCHSTONE_SLACK_WORKSPACES: which workspaces are let in? touchstone check names yours")
    bot, app = settings.secret("slack_bot_token"), settings.secret("slack_app_token")
    for name, token, beginning in (("BOT", bot, "xoxb-"), ("APP", app, "xapp-")):
        if token and not token.startswith(beginning):
            raise BadSetting(f"TOUCHSTONE_SLACK_{name}_TOKEN_FILE: it begins with {beginning}; this is another token")
    signing = settings.secret("slack_signing_secret") if mode == "http" else ""
    return Secrets(bot, app, signing, settings.secret("slack_client_secret"))


@dataclass(frozen=True, slots=True)
class Slack:
    """Slack, ready to be served.

    Attributes:
        attached: the app.
        way: by which notices go.
        sign_in: for the pages; None where no client id is set.
        installing: the routes by which it is installed in a workspace.
    """

    attached: Attached
    way: SlackNotices
    sign_in: SlackSignIn | None
    installing: tuple[Route, ...] = ()

    def beside(self, pages: ASGIApp) -> "Beside":
        """One application of Slack and the pages."""
        own = Starlette(
            routes=[*self.attached.routes(), *self.installing],
            middleware=[Middleware(SecurityHeaders), Middleware(Failures, page=_broken)],
            lifespan=self._connected,
        )
        return Beside(own, pages)

    @asynccontextmanager
    async def _connected(self, _app: Starlette) -> AsyncIterator[None]:
        """Connected as long as the server runs; that it cannot be stops neither the pages nor the delivery."""
        begun = asyncio.create_task(self._begin())
        try:
            yield
        finally:
            begun.cancel()
            with suppress(asyncio.CancelledError):
                await begun
            await self._end()

    async def _begin(self) -> None:
        try:
            await self.attached.begin()
        except Exception as failure:  # noqa: BLE001 (whatever it is, the pages go on; touchstone check says what it is)
            report(failure)
            _log.error("not connected to Slack: see touchstone check")

    async def _end(self) -> None:
        try:
            async with asyncio.timeout(_ENDS_WITHIN):
                await self.attached.end()
        except Exception as failure:  # noqa: BLE001 (the process ends in any case)
            report(failure)


class Beside:
    """Gives to Slack what is Slack's, and its beginning and end; all else to the pages."""

    def __init__(self, slack: ASGIApp, pages: ASGIApp) -> None:
        """Wraps both."""
        self.slack = slack
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        is_slack = scope["type"] == "lifespan" or scope.get("path", "").startswith(BELOW)
        await (self.slack if is_slack else self.pages)(scope, receive, send)


def slack(settings: Settings, desk: Desk, reports: Reports, clock: Clock, base_url: str = SLACK) -> Slack | None:
    """Slack as it is set; None where it is not. Nothing is connected yet.

    Raises:
        BadSetting: something is missing, or cannot be read.
    """
    held = secrets(settings)
    if held is None:
        return None
    teams = settings.slack_teams
    installs = Installs(reports.store, reports.keys.derive(INSTALLATIONS), clock)
    token = _tokens(held.bot_token, teams[0], installs)
    people = People(lambda: reports.directory, teams, clock)
    conversations = Conversations(reports.keys.derive("slack conversations"), clock)
    titles = {name: form.title for name, form in load_forms().items()}
    attached = attach(
        Room(desk, people, conversations, Memory(clock), clock, settings.address, titles, settings.is_live),
        Arrivals(reports.store, reports.keys.derive("arrivals"), clock),
        workspaces=teams,
        signing_secret=held.signing_secret,
        app_token=held.app_token,
        bot_token=held.bot_token,
        authorize=None if held.bot_token else authorizing(installs),
        app_id=held.app,
        base_url=base_url,
        listeners=() if held.bot_token else (forgetting(installs),),
    )
    way = SlackNotices(token, teams, clock, base_url)
    if not settings.slack_client_id:
        return Slack(attached, way, None)
    client = WebClient(base_url=base_url, timeout=PATIENCE, logger=QUIET)
    sign_in = SlackSignIn(
        client=client,
        client_id=settings.slack_client_id,
        client_secret=held.client_secret,
        workspaces=teams,
        token=token,
        account=accounts(lambda: reports.directory, teams),
    )
    if held.bot_token:
        return Slack(attached, way, sign_in)
    pages = InstallPages(
        installs,
        client=client,
        client_id=settings.slack_client_id,
        client_secret=held.client_secret,
        workspaces=teams,
        address=settings.address,
        key=reports.keys.derive("slack install pages"),
        clock=clock,
    )
    return Slack(attached, way, sign_in, tuple(pages.routes()))


def _tokens(bot_token: str, team: str, installs: Installs) -> Callable[[str], str]:
    """The bot's token in a workspace; empty where it is not installed."""

    def of(asked: str) -> str:
        if bot_token:
            return bot_token if asked == team else ""
        found = installs.of(asked)
        return found.token if found else ""

    return of


def _broken(_request: Request, incident: str) -> Response:
    return PlainTextResponse(say("slack.install.broken", incident=incident) + "\n", status_code=500)
