"""Several workspaces: in which of them Touchstone is installed, and with which token."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from sqlalchemy import delete, insert, select
from starlette.concurrency import run_in_threadpool

from bot.cases import records
from bot.cases.keys.sealing import CaseKey, Place, SealBroken
from bot.engines import Store
from bot.ports import Clock
from integrations.slack.manifest import SCOPES

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Installed:
    """Touchstone in one workspace.

    Attributes:
        team: the workspace's id.
        name: as it calls itself.
        token: the bot's, for this workspace alone.
        bot_user: the bot's own member id there.
        bot: the bot's id there.
        app: the app's id; the same in every workspace.
        scopes: what it may do there.
    """

    team: str
    name: str
    token: str = field(repr=False)
    bot_user: str
    bot: str
    app: str
    scopes: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What the app needs by now and was not allowed there when it was installed."""
        return tuple(scope for scope in SCOPES if scope not in self.scopes)


class Installs:
    """The workspaces that it is installed in, kept in the records; each token is sealed and bound to its workspace."""

    def __init__(self, store: Store, key: bytes, clock: Clock) -> None:
        """Installs nothing.

        Args:
            store: the records.
            key: 32 bytes for the seal, the same in every process.
            clock: for when it was.
        """
        self._store = store
        self._seal = CaseKey(hmac.new(key, b"seal", hashlib.sha256).digest())
        self._clock = clock

    def of(self, team: str) -> Installed | None:
        """The installation in a workspace; None where there is none, or where it cannot be unsealed."""
        table = records.installations
        with self._store.reading() as connection:
            row = connection.execute(select(table).where(table.c.team == team)).one_or_none()
        if row is None:
            return None
        try:
            held = json.loads(self._seal.unseal(row.sealed, _place(team)))
        except SealBroken:
            _log.error("an installation cannot be unsealed: install anew", team=team)
            return None
        return Installed(**{**held, "scopes": tuple(held["scopes"])})

    def teams(self) -> tuple[str, ...]:
        """The ids of all workspaces in which it is installed."""
        with self._store.reading() as connection:
            return tuple(
                connection.scalars(select(records.installations.c.team).order_by(records.installations.c.team))
            )

    def keep(self, installed: Installed) -> None:
        """Stores an installation, in place of an earlier one in that workspace."""
        table, team = records.installations, installed.team
        sealed = self._seal.seal(json.dumps(asdict(installed)), _place(team))
        with self._store.writing() as connection:
            connection.execute(delete(table).where(table.c.team == team))
            connection.execute(insert(table).values(team=team, sealed=sealed, installed_at=self._clock.now()))
            connection.commit()

    def drop(self, team: str, at: datetime) -> None:
        """Forgets an installation: it was taken out there, or its token was revoked.

        Args:
            team: the workspace's id.
            at: when; Slack may tell of it late, and what was installed since stays.
        """
        table = records.installations
        with self._store.writing() as connection:
            connection.execute(delete(table).where(table.c.team == team, table.c.installed_at <= at))
            connection.commit()


def _place(team: str) -> Place:
    return Place("installations", "sealed", team)


def authorizing(installs: Installs) -> Callable[..., Awaitable[AuthorizeResult | None]]:
    """Gives slack-bolt the token of the workspace that an event is of; nothing where Touchstone is not installed."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        installed = await run_in_threadpool(installs.of, team_id or "")
        if installed is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=installed.bot_user,
            bot_id=installed.bot,
            bot_token=installed.token,
            bot_scopes=list(installed.scopes),
        )

    return authorize


def forgetting(installs: Installs) -> Callable[[AsyncApp], None]:
    """Registers listeners: where Touchstone is taken out, or its token revoked, the token is forgotten."""

    def listen(app: AsyncApp) -> None:
        async def taken_out(body: dict[str, Any], context: AsyncBoltContext) -> None:
            await run_in_threadpool(installs.drop, context.team_id or "", _when(body))

        async def revoked(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
            if (event.get("tokens") or {}).get("bot"):
                await run_in_threadpool(installs.drop, context.team_id or "", _when(body))

        app.event("app_uninstalled")(taken_out)
        app.event("tokens_revoked")(revoked)

    return listen


def _when(body: dict[str, Any]) -> datetime:
    """When something happened at Slack, by the end of its second; nothing is older than what does not say."""
    stamp = body.get("event_time")
    return datetime.fromtimestamp(stamp + 1 if isinstance(stamp, int) else 0, UTC)
