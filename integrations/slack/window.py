"""A window: a modal that is opened at once with nothing in it, and shows what it is for as soon as that is known."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.wording import say
from integrations.incidents import report
from integrations.slack import modals
from integrations.slack.blocks import Block, sections
from integrations.slack.quiet import code

Json = Mapping[str, Any]

NOT_TAKEN = (SlackClientError, aiohttp.ClientError, TimeoutError)
"""What Slack and the way to it raise."""

_GONE = frozenset({"not_found", "view_not_found"})
_MOST = 5000
_A_MOMENT = 0.3
"""Seconds until what Slack did not take is tried again."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Window:
    """A modal that somebody has before them.

    Attributes:
        client: of their workspace.
        user: who.
        view: its id; empty where none was opened.
    """

    client: AsyncWebClient
    user: str
    view: str

    async def show(self, view: Block, known_hash: str = "", *, unseen: str | None = None) -> bool:
        """Shows something in it; gives whether that is seen.

        What Slack does not take is tried once more. Where it is not seen the person is told by a direct message: it
        says nothing of whether anything was done, unless the caller knows and says so.

        Args:
            view: what.
            known_hash: of what it is made for; if the window shows something else by now, nothing is done.
            unseen: what is said where it is not seen; empty for nothing, None for that it is to be tried again.
        """
        if not self.view:
            return False
        error = await self._update(view, known_hash)
        if not error:
            return True
        if error == "hash_conflict" and known_hash:
            return False
        words = say("slack.modal.gone" if error in _GONE else "slack.modal.not_shown") if unseen is None else unseen
        if words:
            await tell(self.client, self.user, words)
        return False

    async def _update(self, view: Block, known_hash: str) -> str:
        """The code of what Slack says against it; empty where it took it."""
        given = {"hash": known_hash} if known_hash else {}
        for is_last in (False, True):
            try:
                await self.client.views_update(view_id=self.view, view=view, **given)
            except NOT_TAKEN as failure:
                error = code(failure)
                if error in _GONE or error == "hash_conflict":
                    return error
                if is_last:
                    report(failure)
                    return error
                await asyncio.sleep(_A_MOMENT)
            else:
                break
        return ""


async def window(client: AsyncWebClient, body: Json, *, on_top: bool = False, view: Block | None = None) -> Window:
    """The window in which to show what follows from a press, a command or a shortcut.

    From a modal it is that modal, or one on top of it; from anywhere else a new one, opened at once: what it shows
    may take longer than a trigger lives. Where Slack opens none, the person is told so.

    Args:
        client: of the workspace.
        body: what was pressed or typed.
        on_top: whether it is to lie on top of the modal where it was pressed.
        view: what a new one shows at first.

    Returns:
        The window; one without an id where none was opened.
    """
    user = who_acts(body)
    under = body.get("view") or {}
    if under.get("type") == "modal" and not on_top:
        return Window(client, user, str(under["id"]))
    opens = client.views_push if under.get("type") == "modal" else client.views_open
    try:
        answer = await opens(trigger_id=str(body.get("trigger_id") or ""), view=view or modals.loading())
    except NOT_TAKEN as failure:
        report(failure)
        await tell(client, user, say("slack.modal.not_yet"))
        return Window(client, user, "")
    return Window(client, user, str((answer.get("view") or {}).get("id") or ""))


def who_acts(body: Json) -> str:
    """The member id of whoever pressed, typed or submitted."""
    return str((body.get("user") or {}).get("id") or body.get("user_id") or "")


async def tell(client: AsyncWebClient, user: str, words: str, blocks: list[Block] | None = None) -> None:
    """Writes a direct message: words of ours without content, which stand in the notification as well.

    That it cannot be written is no reason for anything to fail: what it says stands elsewhere too.
    """
    try:
        answer = await client.conversations_open(users=user)
        channel = str((answer.get("channel") or {}).get("id") or "")
        shown = blocks or list(sections(words))
        await client.chat_postMessage(channel=channel, text=words, blocks=shown, unfurl_links=False, unfurl_media=False)
    except NOT_TAKEN as failure:
        _log.warning("direct message not taken", cause=type(failure).__name__)


class Newest:
    """Which of several acts in one window came last: an answer to an earlier one must not take its place."""

    def __init__(self) -> None:
        """Knows of none."""
        self._at: OrderedDict[str, str] = OrderedDict()

    def came(self, view: str, at: str) -> None:
        """One came."""
        self._at[view] = max(at, self._at.get(view, ""))
        self._at.move_to_end(view)
        while len(self._at) > _MOST:
            self._at.popitem(last=False)

    def is_newest(self, view: str, at: str) -> bool:
        """Whether none came after it."""
        return self._at.get(view, at) <= at
