"""Listeners: what is asked, in a direct message, by a mention, behind a command; and the buttons under the answers."""

import asyncio
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages import Answer, Ask, Noted, Overhear, QuestionView, Refusal, Reply, SectionView
from bot.wording import say
from integrations.slack import inbound, render
from integrations.slack.inbound import Said
from integrations.slack.late import Submission, in_time
from integrations.slack.render import Setting, spoken
from integrations.slack.room import Held, Message, NotShown, Place, Room, respond, show
from integrations.slack.window import window

Json = Mapping[str, Any]

PROMPTS = ("photo", "follow", "parents", "worry")
"""Questions to begin with; Slack shows four at most."""

_NOT_TAKEN = (SlackClientError, aiohttp.ClientError, TimeoutError)
"""What is nothing to anybody but Slack: a status line, prompts."""

_STATUS_WITHIN = 1.0
"""Seconds that Slack has to show what we are doing; the answer waits for it no longer."""

_FACT = re.compile(rf"{render.FACT}\.\d+")
_MEANING = re.compile(rf"{render.MEANING}\.\d+")


def listen(app: AsyncApp, room: Room) -> None:
    """Registers the listeners of asking."""
    asking = Asking(room)
    app.event("app_home_opened", matchers=[inbound.is_tab("messages")])(asking.opened)
    app.event("app_mention")(asking.mentioned)
    app.event("message")(asking.heard)
    app.command("/policy")(asking.commanded)
    app.action(_FACT)(asking.told)
    app.action(_MEANING)(asking.told)
    app.action(render.CHANGE)(asking.changed)
    app.action(render.SECTION)(asking.section)
    app.action(render.SHARE)(asking.share)
    app.action(render.HELPFUL)(asking.helpful)
    app.action(render.UNHELPFUL)(asking.unhelpful)
    app.action(render.SEND_QUESTION)(asking.open_question)
    app.view_submission(render.QUESTION_FORM)(in_time(asking.send_question))


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
            await show(client, place, self._rendered(place, reply, question, in_channel=in_channel))

    def _rendered(  # noqa: PLR0913 (what can differ in a message, each by name)
        self,
        place: Place,
        reply: Reply,
        question: str,
        *,
        in_channel: bool,
        asked: tuple[str, ...] = (),
        is_open: bool = False,
    ) -> Message:
        is_urgent = isinstance(reply, Answer) and reply.urgent
        held = "" if is_urgent else self.room.memory.hold(Held((reply,), question, in_channel))
        setting = replace(
            self._setting(place),
            held=held,
            rated=secrets.token_hex(16),
            can_share=not place.is_direct and not is_urgent,
            asked=asked,
            is_open=is_open,
        )
        return render.message(reply, setting)

    def _setting(self, place: Place) -> Setting:
        return Setting(self.room.address, self.room.forms, place.thread)

    # ---------------------------------------------------------------------------------------------- pressed

    async def told(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """A fact, or what was meant: the answer to it takes the place of the one before."""
        await ack()
        await self._told(body, context, client, is_open=False)

    async def changed(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """The same answer, with the facts that were taken into account to be changed."""
        await ack()
        await self._told(body, context, client, is_open=True)

    async def _told(self, body: Json, context: AsyncBoltContext, client: AsyncWebClient, *, is_open: bool) -> None:
        place, given = inbound.pressed_in(context.team_id or "", body), inbound.pressed(body)
        if self.room.conversations.goes_on(place):
            self.room.conversations.go_on(place)
        before = self.room.memory.find(inbound.hex_id(given.get("m")))
        question, in_channel = (before.question, before.in_channel) if before else ("", False)
        replies = await self.room.tell(inbound.tell_fact(given, self.room.conversations.name(place)))
        asked = inbound.asked(given)
        for reply in replies:
            message = self._rendered(place, reply, question, in_channel=in_channel, asked=asked, is_open=is_open)
            await self._instead(client, place, body, message)

    async def _instead(self, client: AsyncWebClient, place: Place, body: Json, message: Message) -> None:
        """Shows a message in the place of the one whose button was pressed."""
        whole: dict[str, Any] = {"text": message.text, "blocks": list(message.blocks)}
        container = body.get("container") or {}
        if place.is_direct and not container.get("is_ephemeral"):
            try:
                await client.chat_update(channel=place.channel, ts=str(container.get("message_ts") or ""), **whole)
            except SlackApiError:  # too old to be changed, or gone
                await show(client, replace(place, response_url=""), message)
            return
        try:
            await respond(place, {**whole, "response_type": "ephemeral", "replace_original": True})
        except NotShown:
            await show(client, replace(place, response_url=""), message)

    async def section(self, ack: Any, body: Json, client: AsyncWebClient, context: AsyncBoltContext) -> None:  # noqa: ANN401 (slack-bolt's own)
        """The clause in its place, in a window."""
        await ack()
        opened = await window(client, body)
        place = inbound.pressed_in(context.team_id or "", body)
        reply, *_ = await self.room.tell(inbound.show_section(inbound.pressed(body)))
        if isinstance(reply, SectionView):
            await opened.show(render.section_view(reply, self._setting(place)))
        else:
            await opened.show(_kept(reply))

    # ----------------------------------------------------------------------------------------------- shared

    async def share(self, ack: Any, body: Json, client: AsyncWebClient, context: AsyncBoltContext) -> None:  # noqa: ANN401 (slack-bolt's own)
        """The answer for everyone in the channel, as the person saw it; what they asked only if it stands there."""
        await ack()
        place = inbound.pressed_in(context.team_id or "", body)
        held = self.room.memory.find(inbound.hex_id(inbound.pressed(body).get("m")))
        if held is None:
            await show(client, place, spoken(say("slack.asking.share_gone")))
            return
        question = held.question if held.in_channel else ""
        message = render.shared(held.replies, self._setting(place), place.user, question)
        try:
            await show(client, replace(place, under=place.under or place.thread), message, to_all=True)
        except NotShown:
            await show(client, place, spoken(say("slack.asking.share_not_in")))
            return
        await show(client, place, spoken(say("slack.asking.was_shared")))

    # ------------------------------------------------------------------------------------ said of an answer

    async def helpful(self, ack: Any, body: Json, client: AsyncWebClient, context: AsyncBoltContext) -> None:  # noqa: ANN401 (slack-bolt's own)
        """It was helpful."""
        await ack()
        await self._rate(body, client, context, helpful=True)

    async def unhelpful(self, ack: Any, body: Json, client: AsyncWebClient, context: AsyncBoltContext) -> None:  # noqa: ANN401 (slack-bolt's own)
        """It was not."""
        await ack()
        await self._rate(body, client, context, helpful=False)

    async def _rate(self, body: Json, client: AsyncWebClient, context: AsyncBoltContext, *, helpful: bool) -> None:
        place = inbound.pressed_in(context.team_id or "", body)
        for reply in await self.room.tell(inbound.rate(inbound.pressed(body), helpful=helpful)):
            await show(client, place, render.message(reply, self._setting(place)))

    async def open_question(self, ack: Any, body: Json, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """The words that would be sent to the policy owner, in a window; where they are held no longer, none."""
        await ack()
        opened = await window(client, body)
        given = inbound.pressed(body)
        held = self.room.memory.find(inbound.hex_id(given.get("m")))
        reply, *_ = await self.room.tell(inbound.open_question(given, held.question if held else ""))
        view = render.question_view(reply) if isinstance(reply, QuestionView) else _kept(reply)
        await opened.show(view)

    async def send_question(
        self, answer: Submission, body: Json, context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """What was kept, or the words again with what is wrong; if it breaks, the window stays as it is."""
        del context, client
        reply, *_ = await self.room.tell(inbound.send_question(body["view"]))
        errors = {}
        if isinstance(reply, QuestionView):
            errors = {one.key: one.error for one in (reply.text, reply.reply_to) if one.error}
            errors = errors or {reply.text.key: reply.notice}
        if errors:
            await answer.errors(errors)
        else:
            await answer.show(_kept(reply))


def _kept(reply: Reply) -> dict[str, Any]:
    if isinstance(reply, Noted | Refusal):
        return render.noted_view(reply)
    return render.spoken_view(say("slack.asking.unknown"))
