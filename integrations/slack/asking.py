"""Listeners: what is asked, in a direct message, by a mention, behind a command; and the answer to it."""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages import Answer, Ask, Overhear, Reply
from bot.wording import say
from integrations.slack import inbound, render
from integrations.slack.inbound import Said
from integrations.slack.pressing import Setting
from integrations.slack.render import spoken
from integrations.slack.room import Held, Message, Place, Room, show

Json = Mapping[str, Any]

PROMPTS = ("photo", "follow", "parents", "worry")
"""Questions to begin with; Slack shows four at most."""

_NOT_TAKEN = (SlackClientError, aiohttp.ClientError, TimeoutError)
"""What is nothing to anybody but Slack: a status line, prompts."""

_STATUS_WITHIN = 1.0
"""Seconds that Slack has to show what we are doing; the answer waits for it no longer."""


def listen(app: AsyncApp, room: Room) -> "Asking":
    """Registers the listeners of asking; gives what they share with those of the buttons under an answer."""
    asking = Asking(room)
    app.event("app_home_opened", matchers=[inbound.is_tab("messages")])(asking.opened)
    app.event("app_mention")(asking.mentioned)
    app.event("message")(asking.heard)
    app.command("/policy")(asking.commanded)
    return asking


@dataclass(frozen=True, slots=True)
class Asking:
    """Answers what is asked."""

    room: Room

    # ------------------------------------------------------------------------------------------------ asked

    async def opened(self, event: Json, client: AsyncWebClient) -> None:
        """The messages with us were opened: questions to begin with."""
        prompts = [
            {"title": say(f"slack.asking.prompt.{one}"), "message": say(f"slack.asking.prompt.{one}")}
            for one in PROMPTS
        ]
        with suppress(*_NOT_TAKEN):  # plans without agents have no prompts
            await client.assistant_threads_setSuggestedPrompts(
                channel_id=str(event.get("channel") or ""), title=say("slack.asking.hello"), prompts=prompts
            )

    async def mentioned(self, event: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """We were named in a channel: the answer is shown to whoever asked, alone."""
        said = inbound.said(context.team_id or "", event)
        if said is None:
            return
        self.room.conversations.go_on(said.place)
        if not said.text:
            await show(client, said.place, spoken(say("slack.asking.nothing_mentioned")))
            return
        await self._ask(client, said)

    async def heard(self, event: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A message: with us, an answer; in a channel, only what goes on from a mention, and what cannot wait."""
        said = inbound.said(context.team_id or "", event)
        if said is None:
            return
        if said.place.is_direct and not said.text:
            await show(client, said.place, spoken(say("slack.asking.no_words")))
        elif not said.text:
            return
        elif said.place.is_direct:
            await self._ask(client, said)
        elif context.bot_user_id in said.mentioned:
            return  # it comes as a mention too
        elif said.place.under and not said.mentioned and self.room.conversations.goes_on(said.place):
            self.room.conversations.go_on(said.place)
            await self._ask(client, said)
        else:
            replies = await self.room.tell(Overhear(said.text))
            await self._show(client, said.place, replies, question="")

    async def commanded(self, ack: Any, body: Json, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """/policy and a question."""
        await ack()
        place, text = inbound.commanded(body)
        if not text:
            await show(client, place, spoken(say("slack.asking.nothing")))
            return
        await self._answer(client, place, text, in_channel=False)

    async def _ask(self, client: AsyncWebClient, said: Said) -> None:
        place = said.place
        if not place.is_direct:
            await self._answer(client, place, said.text, in_channel=True)
            return
        thinks = asyncio.create_task(self._status(client, place, said.ts, say("slack.asking.thinking")))
        try:
            await self._answer(client, place, said.text, in_channel=False, after=thinks)
        finally:
            await thinks
            if not place.under:  # an answer in a thread ends it by itself
                await self._status(client, place, said.ts, "")

    @staticmethod
    async def _status(client: AsyncWebClient, place: Place, ts: str, words: str) -> None:
        """Says under the person's message what we are doing; a nicety, which is not to be had everywhere."""
        with suppress(*_NOT_TAKEN):
            async with asyncio.timeout(_STATUS_WITHIN):
                await client.assistant_threads_setStatus(
                    channel_id=place.channel, thread_ts=place.under or ts, status=words
                )

    async def _answer(
        self,
        client: AsyncWebClient,
        place: Place,
        text: str,
        *,
        in_channel: bool,
        after: asyncio.Task[None] | None = None,
    ) -> None:
        if len(text) > inbound.MAX_QUESTION:
            replies = await self.room.tell(Overhear(text))
            if not replies:
                limits = {"count": f"{len(text):,}", "limit": f"{inbound.MAX_QUESTION:,}"}
                await show(client, place, spoken(say("slack.asking.too_long", **limits)))
                return
        else:
            replies = await self.room.tell(Ask(text, conversation=self.room.conversations.name(place)))
        if after is not None:
            await asyncio.wait({after}, timeout=_STATUS_WITHIN)
        await self._show(client, place, replies, question=text, in_channel=in_channel)

    async def _show(
        self,
        client: AsyncWebClient,
        place: Place,
        replies: tuple[Reply, ...],
        *,
        question: str,
        in_channel: bool = False,
    ) -> None:
        for reply in replies:
            await show(client, place, self.rendered(place, reply, question, in_channel=in_channel))

    def rendered(  # noqa: PLR0913 (what can differ in a message, each by name)
        self,
        place: Place,
        reply: Reply,
        question: str,
        *,
        in_channel: bool,
        asked: tuple[str, ...] = (),
        is_open: bool = False,
    ) -> Message:
        """A reply as a message; but for what is urgent it is held, so that it can be shared."""
        is_urgent = isinstance(reply, Answer) and reply.urgent
        held = "" if is_urgent else self.room.memory.hold(Held((reply,), question, in_channel))
        setting = replace(
            self.setting(place),
            held=held,
            rated=secrets.token_hex(16),
            can_share=not place.is_direct and not is_urgent,
            asked=asked,
            is_open=is_open,
        )
        return render.message(reply, setting)

    def setting(self, place: Place) -> Setting:
        """What a message has to know of the world around it."""
        return Setting(self.room.address, self.room.forms, place.thread)
