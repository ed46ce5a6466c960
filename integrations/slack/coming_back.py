"""Listeners: coming back to what was left or sent: drafts, codes, and how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.reports.drafts import code_owner
from bot.messages import DiscardDraft, FormView, OpenDraft, OpenStanding, Refusal
from bot.wording import say
from integrations.slack import home, modals, submitted, telling
from integrations.slack.filled import owner_of
from integrations.slack.late import Submission, in_time
from integrations.slack.room import Room
from integrations.slack.telling import Telling
from integrations.slack.window import who_acts, window

Json = Mapping[str, Any]


def listen(app: AsyncApp, room: Room) -> None:
    """Registers the listeners of telling, and of coming back to what was told."""
    back = ComingBack(telling.listen(app, room))
    app.action(modals.OPEN_DRAFT)(back.open_draft)
    app.action(modals.DISCARD_DRAFT)(back.discard_draft)
    app.action(modals.BY_CODE)(back.ask_code)
    app.action(modals.MY_REPORTS)(back.stands)
    app.view_submission(modals.CODE)(in_time(back.by_code))


@dataclass(frozen=True, slots=True)
class ComingBack:
    """Shows people what they left and how it stands with what they sent.

    Attributes:
        telling: where forms are shown.
    """

    telling: Telling

    async def open_draft(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """Goes on in a draft, wherever it was saved."""
        await ack()
        opened = await window(client, body)
        who = await self.telling.who(client, context, body)
        await self.telling.shown(opened, context, OpenDraft(owner_of(who), _value(body)))

    async def discard_draft(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """Takes a draft away."""
        await ack()
        opened = await window(client, body)
        who = await self.telling.who(client, context, body)
        await self.telling.shown(
            opened, context, DiscardDraft(owner_of(who), _value(body)), unseen=say("slack.modal.done_unseen")
        )
        await home.refresh(self.telling.room, client, context.team_id or "", who_acts(body))

    async def ask_code(self, ack: Any, body: Json, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """Asks for the code of a draft or of a report."""
        await ack()
        opened = await window(client, body)
        await opened.show(modals.code(_value(body) or "report"))

    async def by_code(self, answer: Submission, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """What is kept under a code, or how it stands with the report of one."""
        del client
        view = body["view"]
        typed = submitted.fields(view).get(modals.CODE_FIELD, "").strip()
        is_draft = view.get("private_metadata") == "draft"
        if not typed:
            await answer.errors({modals.CODE_FIELD: say("slack.modal.no_code")})
            return
        wanted = OpenDraft(code_owner(typed)) if is_draft else OpenStanding(code=typed)
        reply, *_ = await self.telling.room.tell(wanted)
        if isinstance(reply, Refusal):
            await answer.errors({modals.CODE_FIELD: reply.headline})
            return
        draft = reply.draft if isinstance(reply, FormView) else ""
        owner = self.telling.room.owners.seal(draft, code_owner(typed)) if draft else ""
        await answer.show(modals.reply(reply, self.telling.page(context, owner=owner)))

    async def stands(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """How it stands with what somebody sent: with all of it, or for whom nobody knows by the code of a receipt."""
        await ack()
        opened = await window(client, body)
        who = await self.telling.who(client, context, body)
        if who.person:
            await self.telling.shown(opened, context, OpenStanding(who.person))
        else:
            await opened.show(modals.code("report"))


def _value(body: Json) -> str:
    """What the button carries that was pressed."""
    pressed = body.get("actions") or [{}]
    return str(pressed[0].get("value") or "")
