"""Installing in a workspace by OAuth 2.0: there and back, for administrators of the workspaces that are let in."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from urllib.parse import urlencode

import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web import WebClient
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.ports import Clock
from bot.wording import say
from integrations.slack.installs import Installed, Installs
from integrations.slack.manifest import INSTALLED, LINK_SCOPES, SCOPES
from knowledge.errors import TouchstoneError

INSTALL = "/slack/install"

AUTHORIZE = "https://slack.com/oauth/v2/authorize"

PATIENCE = 10
"""Seconds that Slack has for each answer."""

_COOKIE = "__Host-touchstone_install"
_LASTS = 600
"""Seconds that an administrator may take at Slack."""

_HELD = re.compile(r"([\w-]{43})\.(\d{1,12})\.([0-9a-f]{64})", re.ASCII)
_log = structlog.get_logger()


class NotInstalled(TouchstoneError):
    """Touchstone could not be installed there; begin again, signed in to Slack as an administrator of the workspace."""


class NotLetIn(NotInstalled):
    """This workspace is none of TOUCHSTONE_SLACK_WORKSPACES, so Touchstone was not installed in it."""


class TooLittleAllowed(NotInstalled):
    """Slack allows less than Touchstone needs; make the app anew from `touchstone slack manifest`, then install it."""


class InstallPages:
    """GET /slack/install leads to Slack, GET /slack/installed comes back from there.

    Anybody may set out: whoever is asked at Slack is somebody who may install apps in a workspace, and none but the
    workspaces of the settings is taken. The state binds the way back to the browser that set out.
    """

    def __init__(  # noqa: PLR0913 (each a part of its own, by name)
        self,
        installs: Installs,
        *,
        client: WebClient,
        client_id: str,
        client_secret: str,
        workspaces: Collection[str],
        address: str,
        key: bytes,
        clock: Clock,
    ) -> None:
        """Leads nobody anywhere yet.

        Args:
            installs: where an installation is kept.
            client: asks Slack; it has a timeout and no token.
            client_id: the app's.
            client_secret: the app's.
            workspaces: the ids of those that are let in.
            address: ours, https and without a path.
            key: 32 bytes for the state, the same in every process.
            clock: for how long somebody may take.
        """
        self._installs = installs
        self._client = client
        self._app = (client_id, client_secret)
        self._workspaces = frozenset(workspaces)
        self._back = f"{address}{INSTALLED}"
        self._key = key
        self._clock = clock

    def routes(self) -> list[Route]:
        """There and back."""
        return [Route(INSTALL, self.leave), Route(INSTALLED, self.back)]

    async def leave(self, _request: Request) -> Response:
        """To Slack."""
        trip, issued = secrets.token_urlsafe(32), str(int(self._clock.now().timestamp()))
        asked = {
            "client_id": self._app[0],
            "scope": ",".join((*SCOPES, *LINK_SCOPES)),
            "state": self._mac("state", trip, issued),
            "redirect_uri": self._back,
        }
        if len(self._workspaces) == 1:
            asked["team"] = next(iter(self._workspaces))
        response = RedirectResponse(f"{AUTHORIZE}?{urlencode(asked)}", status_code=303)
        held = f"{trip}.{issued}.{self._mac('held', trip, issued)}"
        # Lax: the browser comes back from another website, by a link that it follows.
        response.set_cookie(_COOKIE, held, _LASTS, secure=True, httponly=True, samesite="lax")
        return response

    async def back(self, request: Request) -> Response:
        """From Slack: keeps the installation, and says so."""
        try:
            self._check(request)
            installed = await run_in_threadpool(self._exchanged, request.query_params.get("code", ""))
        except NotInstalled as refusal:
            response: Response = PlainTextResponse(f"{refusal}\n", status_code=403)
        else:
            await run_in_threadpool(self._installs.keep, installed)
            _log.info("installed in a workspace", team=installed.team)
            response = PlainTextResponse(say("slack.install.done", name=installed.name) + "\n")
        response.delete_cookie(_COOKIE, secure=True, httponly=True, samesite="lax")
        return response

    def _check(self, request: Request) -> None:
        """That this browser set out from here, a short while ago.

        Raises:
            NotInstalled: it did not.
        """
        held = _HELD.fullmatch(request.cookies.get(_COOKIE, ""))
        if held is None or not hmac.compare_digest(held[3], self._mac("held", held[1], held[2])):
            raise NotInstalled
        if not 0 <= self._clock.now().timestamp() - int(held[2]) < _LASTS:
            raise NotInstalled
        state = request.query_params.get("state", "")
        if not hmac.compare_digest(state.encode(), self._mac("state", held[1], held[2]).encode()):
            raise NotInstalled

    def _exchanged(self, code: str) -> Installed:
        """What Slack gives for the code.

        Raises:
            NotInstalled: it gives nothing, or something of another workspace, or less than is needed.
        """
        if not code:
            raise NotInstalled
        try:
            said = self._client.oauth_v2_access(
                client_id=self._app[0], client_secret=self._app[1], code=code, redirect_uri=self._back
            )
            tested = self._client.auth_test(token=str(said.get("access_token", "")))
        except (SlackClientError, OSError) as failure:
            _log.warning("not installed", cause=type(failure).__name__)
            raise NotInstalled from None
        team = (said.get("team") or {}).get("id", "")
        if said.get("is_enterprise_install") or team not in self._workspaces or tested.get("team_id") != team:
            _log.warning("not installed", cause="a workspace that is not let in")
            with suppress(SlackClientError, OSError):  # a token that nobody keeps is good for nothing either
                self._client.auth_revoke(token=str(said.get("access_token", "")))
            raise NotLetIn
        installed = Installed(
            team=team,
            name=str(tested.get("team", "")),
            token=str(said["access_token"]),
            bot_user=str(said.get("bot_user_id", "")),
            bot=str(tested.get("bot_id", "")),
            app=str(said.get("app_id", "")),
            scopes=tuple(str(said.get("scope", "")).split(",")),
        )
        if installed.missing:
            raise TooLittleAllowed(", ".join(installed.missing))
        return installed

    def _mac(self, what: str, trip: str, issued: str) -> str:
        return hmac.new(self._key, f"install\x1f{what}\x1f{trip}\x1f{issued}".encode(), hashlib.sha256).hexdigest()
