"""Sign in with Slack: a Provider for the pages, by OpenID Connect.

Slack has PKCE (RFC 7636) for public clients alone, and to switch it on makes an app one for good. Ours is confidential:
the code is of no use without the client secret, and a code that was planted is found by the nonce (RFC 9700, 2.1.1).

How fresh a sign-in is: Slack has no ``prompt`` and no ``max_age``. Who is signed in to Slack in a browser is sent back
without being asked, so ``auth_time`` says when Slack vouched for them, not when they last typed a password.
"""

import hmac
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import jwt
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web import WebClient

from bot.cases.people.directory import Directory
from integrations.slack.manifest import SIGN_IN_SCOPES
from integrations.slack.people import may_receive
from integrations.web.elsewhere import Known, NotSignedIn, Trip

ISSUER = "https://slack.com"
AUTHORIZE = "https://slack.com/openid/connect/authorize"
KEYS = "https://slack.com/openid/connect/keys"

TEAM = "https://slack.com/team_id"
USER = "https://slack.com/user_id"
"""The claims that are Slack's own."""

PATIENCE = 10
"""Seconds that Slack has for each answer."""

KEYS_LAST = 3600
"""Seconds for which Slack's keys are kept; one that is not among them is looked for at once, twice a minute at most."""

_LEEWAY = 60
_REQUIRED = ("iss", "aud", "sub", "exp", "iat", "nonce", "auth_time", TEAM, USER)
_log = structlog.get_logger()


class SlackSignIn:
    """Lets in members of the workspaces that are set, by the account that the directory has of them."""

    name = "slack"
    title = "Slack"

    def __init__(  # noqa: PLR0913 (each a part of its own, by name)
        self,
        *,
        client: WebClient,
        client_id: str,
        client_secret: str,
        workspaces: Collection[str],
        token: Callable[[str], str],
        account: Callable[[str, str], str],
        keys: jwt.PyJWKClient | None = None,
    ) -> None:
        """Signs nobody in.

        Args:
            client: asks Slack; it has a timeout and no token.
            client_id: the app's.
            client_secret: the app's.
            workspaces: the ids of those that are let in.
            token: the bot's token in a workspace; empty where there is none.
            account: for a workspace and a member of it, how the directory has them.
            keys: gives the keys that Slack signs with.
        """
        self._client = client
        self._app = (client_id, client_secret)
        self._workspaces = frozenset(workspaces)
        self._token = token
        self._account = account
        self._keys = keys or jwt.PyJWKClient(KEYS, lifespan=KEYS_LAST, timeout=PATIENCE)

    def away(self, trip: Trip) -> str:
        """The address at Slack; in one workspace alone where only one is let in."""
        asked = {
            "response_type": "code",
            "client_id": self._app[0],
            "scope": " ".join(SIGN_IN_SCOPES),
            "state": trip.state,
            "nonce": trip.nonce,
            "redirect_uri": trip.back,
        }
        if len(self._workspaces) == 1:
            asked["team"] = next(iter(self._workspaces))
        return f"{AUTHORIZE}?{urlencode(asked)}"

    def exchanged(self, trip: Trip, code: str) -> Known:
        """Who it is, as Slack signs it, and a full member of a workspace that is let in, as Slack says now.

        Raises:
            NotSignedIn: any of it does not hold, or Slack does not answer.
        """
        try:
            said = self._client.openid_connect_token(
                client_id=self._app[0],
                client_secret=self._app[1],
                code=code,
                redirect_uri=trip.back,
                grant_type="authorization_code",
            )
            claims = self._claims(str(said.get("id_token", "")), trip)
            team, user = str(claims[TEAM]), str(claims[USER])
            self._check_member(team, user)
            at = datetime.fromtimestamp(min(int(claims["auth_time"]), int(claims["iat"])), UTC)
        except (SlackClientError, jwt.PyJWTError, OSError, ValueError, TypeError, OverflowError) as failure:
            _log.warning("not signed in with Slack", cause=type(failure).__name__)
            raise NotSignedIn from None
        return Known(self._account(team, user), at)

    def _claims(self, token: str, trip: Trip) -> dict[str, Any]:
        """What Slack signed.

        Raises:
            PyJWTError: it is not Slack's, not for us, or no longer good.
            NotSignedIn: it was not made for this trip, or is of a workspace that is not let in.
        """
        claims: dict[str, Any] = jwt.decode(
            token,
            self._keys.get_signing_key_from_jwt(token).key,
            algorithms=["RS256"],
            audience=self._app[0],
            issuer=ISSUER,
            leeway=_LEEWAY,
            options={"require": list(_REQUIRED), "strict_aud": True},
        )
        if not hmac.compare_digest(str(claims["nonce"]).encode(), trip.nonce.encode()):
            raise NotSignedIn
        if claims[TEAM] not in self._workspaces or claims["sub"] != claims[USER]:
            raise NotSignedIn
        return claims

    def _check_member(self, team: str, user: str) -> None:
        """That they are no guest, and not deactivated: such people ask and report, and receive nothing.

        Raises:
            SlackClientError: Slack does not say.
            NotSignedIn: they are.
        """
        token = self._token(team)
        if not token:
            raise NotSignedIn
        member: dict[str, Any] = self._client.users_info(token=token, user=user).get("user") or {}
        if member.get("id") != user or not may_receive(member, team):
            raise NotSignedIn


def accounts(directory: Callable[[], Directory], workspaces: Collection[str]) -> Callable[[str, str], str]:
    """How the directory has a member of a workspace: ``T.../U...``, or ``U...`` alone where one workspace is let in.

    Empty for who is not in it.
    """

    def account(team: str, user: str) -> str:
        names = {f"{team}/{user}".casefold()} | ({user.casefold()} if set(workspaces) == {team} else set())
        return next((one.slack for one in directory().persons if one.slack.casefold() in names), "")

    return account
