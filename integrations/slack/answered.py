"""Listeners: what is pressed under an answer: facts, meanings, the section, sharing, and what is said of it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages import QuestionView, Reply
from bot.wording import say
from integrations.slack import asking, inbound, modals, pressing, render
from integrations.slack.asking import Asking
from integrations.slack.blocks import Block
from integrations.slack.forms import Page
from integrations.slack.late import Submission, in_time
from integrations.slack.render import spoken
from integrations.slack.room import Message, NotShown, Place, Room, respond, show
from integrations.slack.window import window

Json = Mapping[str, Any]

_NOT_IN = frozenset({"not_in_channel", "channel_not_found", "is_archived", "restricted_action"})
"""What Slack says where we may not write."""

_FACT = re.compile(rf"\A{pressing.FACT}\.\d+\Z")
_MEANING = re.compile(rf"\A{pressing.MEANING}\.\d+\Z")


def listen(app: AsyncApp, room: Room) -> None:
    """Registers the listeners of asking, and of what is pressed under its answers."""
    under = UnderAnswers(asking.listen(app, room))
    app.action(_FACT)(under.told)
    app.action(_MEANING)(under.told)
    app.action(pressing.CHANGE)(under.changed)
    app.action(pressing.SECTION)(under.section)
    app.action(pressing.SHARE)(under.share)
    app.action(pressing.HELPFUL)(under.helpful)
    app.action(pressing.UNHELPFUL)(under.unhelpful)
    app.action(pressing.SEND_QUESTION)(under.open_question)
    app.view_submission(modals.QUESTION_FORM)(in_time(under.send_question))


@dataclass(frozen=True, slots=True)
class UnderAnswers:
    """Does what the buttons under an answer say.

    Attributes:
        asking: how an answer is shown, and what is held of it.
    """

    asking: Asking

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
        if self.asking.room.conversations.goes_on(place):
            self.asking.room.conversations.go_on(place)
        before = self.asking.room.memory.find(inbound.hex_id(given.get("m")))
        question, in_channel = (before.question, before.in_channel) if before else ("", False)
        replies = await self.asking.room.tell(inbound.tell_fact(given, self.asking.room.conversations.name(place)))
        asked = inbound.asked(given)
        for reply in replies:
            message = self.asking.rendered(place, reply, question, in_channel=in_channel, asked=asked, is_open=is_open)
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

    async def section(self, ack: Any, body: Json, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """The clause in its place, in a window."""
        await ack()
        opened = await window(client, body)
        reply, *_ = await self.asking.room.tell(inbound.show_section(inbound.pressed(body)))
        await opened.show(self._window(reply))

    # ----------------------------------------------------------------------------------------------- shared

    async def share(self, ack: Any, body: Json, client: AsyncWebClient, context: AsyncBoltContext) -> None:  # noqa: ANN401 (slack-bolt's own)
        """The answer for everyone in the channel, as the person saw it; what they asked only if it stands there."""
        await ack()
        place = inbound.pressed_in(context.team_id or "", body)
        held = self.asking.room.memory.find(inbound.hex_id(inbound.pressed(body).get("m")))
        if held is None:
            await show(client, place, spoken(say("slack.asking.share_gone")))
            return
        question = held.question if held.in_channel else ""
        message = render.shared(held.replies, self.asking.setting(place), place.user, question)
        try:
            await show(client, replace(place, under=place.under or place.thread), message, to_all=True)
        except NotShown as failure:
            is_out = _NOT_IN.issuperset(failure.args)
            await show(
                client, place, spoken(say("slack.asking.share_not_in" if is_out else "slack.asking.share_perhaps"))
            )
            return
        with suppress(NotShown):  # it stands in the channel, whoever is told so
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
        for reply in await self.asking.room.tell(inbound.rate(inbound.pressed(body), helpful=helpful)):
            await show(client, place, render.message(reply, self.asking.setting(place)))

    async def open_question(self, ack: Any, body: Json, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """The words that would be sent to the policy owner, in a window; where they are held no longer, none."""
        await ack()
        opened = await window(client, body)
        given = inbound.pressed(body)
        held = self.asking.room.memory.find(inbound.hex_id(given.get("m")))
        reply, *_ = await self.asking.room.tell(inbound.open_question(given, held.question if held else ""))
        await opened.show(self._window(reply))

    async def send_question(
        self, answer: Submission, body: Json, context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """What was kept, or the words again with what is wrong; if it breaks, the window stays as it is."""
        del context, client
        reply, *_ = await self.asking.room.tell(inbound.send_question(body["view"]))
        errors = {}
        if isinstance(reply, QuestionView):
            errors = {one.key: one.error for one in (reply.text, reply.reply_to) if one.error}
            errors = errors or {reply.text.key: reply.notice}
        if errors:
            await answer.errors(errors)
        else:
            await answer.show(self._window(reply))

    def _window(self, reply: Reply) -> Block:
        return modals.reply(reply, Page(self.asking.room.address, is_live=self.asking.room.is_live))
