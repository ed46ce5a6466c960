"""Listeners: the induction, from the first step to the signature, in a window that may be left at any time."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.reports.drafts import code_owner
from bot.messages import (
    AgreementView,
    BeginInduction,
    FinishStep,
    Incoming,
    InductionStepView,
    InductionView,
    JudgeSituation,
    OpenAgreement,
    OpenInduction,
    OpenInductionStep,
    OpenSignOffs,
    Refusal,
    Reply,
    SignAgreement,
    SignedView,
)
from bot.wording import say
from integrations.incidents import report
from integrations.shown import judged_together
from integrations.slack import home, modals, submitted, walk
from integrations.slack.blocks import Block
from integrations.slack.filled import owner_of
from integrations.slack.forms import Page
from integrations.slack.late import Submission, in_time
from integrations.slack.room import Room
from integrations.slack.window import Newest, Window, who_acts, window

Json = Mapping[str, Any]

COMMANDED = "induction"
"""What is typed behind /policy to open it."""

_Wanted = Callable[[str], Incoming]
"""What somebody wants, by whose walk it is."""

_SITUATION = re.compile(rf"\A{re.escape(walk.SITUATION)}.+\Z")
_OWNER = "induction"
"""For what an owner is sealed that a window of the induction carries."""


def listen(app: AsyncApp, room: Room) -> None:
    """Registers the listeners of the induction; before those of asking, whose command it shares."""
    walking = Walking(room, Newest())
    app.command("/policy", matchers=[_is_asked_for])(walking.open)
    app.action(walk.OPEN_WALK)(walking.open)
    app.action(walk.OPEN_STEP)(walking.open_step)
    app.action(walk.PICK_STEP)(walking.open_step)
    app.action(walk.SKIP_STEP)(walking.skip)
    app.action(walk.OPEN_AGREEMENT)(walking.open_agreement)
    app.action(walk.OPEN_SIGNED)(walking.open_signed)
    app.action({"block_id": _SITUATION})(walking.judge)
    app.view_submission(walk.STEP)(in_time(walking.finish))
    app.view_submission(walk.AGREEMENT)(in_time(walking.sign))
    app.view_submission(walk.WALK)(in_time(walking.by_code))


async def _is_asked_for(body: Json) -> bool:
    return str(body.get("text") or "").strip().casefold() == COMMANDED


@dataclass(frozen=True, slots=True)
class Walking:
    """Walks somebody through the induction.

    Attributes:
        room: what every listener shares.
        newest: which act in a window came last.
    """

    room: Room
    newest: Newest

    # ----------------------------------------------------------------------------------------------------- opened

    async def open(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """The whole walk, by command or by a button."""
        await ack()
        policy = _value(body) or walk.carried(body.get("view") or {}).policy
        await self._shows(client, context, body, lambda owner: OpenInduction(owner, policy))

    async def open_step(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """A step. Whoever is not known, and has no code, gets one with the first step that they open."""
        await ack()
        came, wanted = walk.carried(body.get("view") or {}), _value(body)
        opened = await window(client, body)
        owner, name = await self._owner(client, context, body)
        if not owner:
            begun, *_ = await self._told(BeginInduction("", came.policy))
            if isinstance(begun, InductionView) and begun.code:
                await opened.show(self._view(begun, self._sealed(code_owner(begun.code)), name))
                return
        reply, *_ = await self._told(OpenInductionStep(wanted, owner, came.policy))
        await self._show(opened, reply, owner, name)

    async def open_agreement(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """The agreement."""
        await ack()
        policy = _value(body) or walk.carried(body.get("view") or {}).policy
        await self._shows(client, context, body, lambda owner: OpenAgreement(owner, policy))

    async def open_signed(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """What somebody has signed."""
        await ack()
        await self._shows(client, context, body, OpenSignOffs)

    async def by_code(self, answer: Submission, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """The walk of a code."""
        del client, context
        view = body["view"]
        typed = submitted.fields(view).get(walk.CODE_FIELD, "").strip()
        if not typed:
            await answer.errors({walk.CODE_FIELD: say("slack.modal.no_code")})
            return
        owner = code_owner(typed)
        reply, *_ = await self.room.tell(OpenInduction(owner, walk.carried(view).policy))
        if isinstance(reply, Refusal):
            await answer.errors({walk.CODE_FIELD: reply.headline})
        else:
            await answer.show(self._view(reply, self._sealed(owner), ""))

    # ----------------------------------------------------------------------------------------------------- walked

    async def judge(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """A situation was judged: what the ruling says of it, and of those that were judged beside it, is shown."""
        await ack()
        view, at = body["view"], str(body["actions"][0].get("action_ts") or "")
        opened, came = await window(client, body), walk.carried(view)
        self.newest.came(opened.view, at)
        owner, name = await self._owner(client, context, body)
        chosen = {
            block.removeprefix(walk.SITUATION): verdict
            for block, verdict in submitted.fields(view).items()
            if block.startswith(walk.SITUATION) and verdict
        }
        shown: InductionStepView | None = None
        for situation, verdict in chosen.items():
            said = JudgeSituation(came.step, situation, verdict, owner, came.policy)
            reply, *_ = await self._told(said)
            if not isinstance(reply, InductionStepView):
                await self._show(opened, reply, owner, name)
                return
            shown = judged_together(shown, reply)
        if shown is None or not self.newest.is_newest(opened.view, at):
            return
        await opened.show(self._view(shown, came.owner, name), str(view.get("hash") or ""))

    async def finish(self, answer: Submission, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """On to the next step, or this one with what is left of it."""
        view = body["view"]
        came = walk.carried(view)
        owner, name = await self._owner(client, context, body)
        reply, *_ = await self.room.tell(FinishStep(came.step, _ticked(view), owner=owner, policy=came.policy))
        await answer.show(self._view(reply, came.owner, name))
        await home.refresh(self.room, client, context.team_id or "", who_acts(body))

    async def skip(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """A step is not for this person."""
        await ack()
        came = walk.carried(body["view"])
        await self._shows(
            client, context, body, lambda owner: FinishStep(came.step, skip=True, owner=owner, policy=came.policy)
        )
        await home.refresh(self.room, client, context.team_id or "", who_acts(body))

    async def sign(self, answer: Submission, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """The agreement is signed, or given back with what is wrong."""
        view = body["view"]
        came = walk.carried(view)
        owner, name = await self._owner(client, context, body)
        given = submitted.given(view, {})
        reply, *_ = await self.room.tell(SignAgreement(came.policy, came.form, came.digest, given, owner))
        if isinstance(reply, AgreementView) and reply.has_errors and not reply.notice:
            wrong = {one.key: one.error for one in reply.questions if one.error}
            if (errors := submitted.errors(view, wrong)) is not None:
                await answer.errors(errors)
                return
        sealed = came.owner
        if isinstance(reply, SignedView) and reply.code:
            sealed = self._sealed(code_owner(reply.code))
        await answer.show(self._view(reply, sealed, name), unseen=say("slack.modal.done_unseen"))
        await home.refresh(self.room, client, context.team_id or "", who_acts(body))

    # ------------------------------------------------------------------------------------------------------ shared

    async def _shows(self, client: AsyncWebClient, context: AsyncBoltContext, body: Json, wanted: _Wanted) -> None:
        """Shows what the desk says to what this person wants, where it was pressed, or in a new window."""
        opened = await window(client, body)
        owner, name = await self._owner(client, context, body)
        reply, *_ = await self._told(wanted(owner))
        await self._show(opened, reply, owner, name)

    async def _show(self, opened: Window, reply: Reply, owner: str, name: str) -> None:
        await opened.show(self._view(reply, "" if name else self._sealed(owner), name))

    async def _told(self, wanted: Incoming) -> tuple[Reply, ...]:
        """What the desk says; what breaks is said in the window."""
        try:
            return await self.room.tell(wanted)
        except Exception as error:  # noqa: BLE001 (whatever broke below: the window must not say "one moment" for ever)
            return (Refusal(say("slack.modal.not_opened", incident=report(error))),)

    async def _owner(self, client: AsyncWebClient, context: AsyncBoltContext, body: Json) -> tuple[str, str]:
        """Whose walk it is, and the id of that person in the directory; who is not in it is known by a code alone."""
        who = await self.room.people.who(client, context.team_id or "", who_acts(body))
        if who.person:
            return owner_of(who), who.person
        return self.room.owners.read(_OWNER, walk.carried(body.get("view") or {}).owner), ""

    def _sealed(self, owner: str) -> str:
        return self.room.owners.seal(_OWNER, owner)

    def _view(self, reply: Reply, sealed: str, name: str) -> Block:
        page = Page(self.room.address, owner=sealed, is_live=self.room.is_live)
        return modals.reply(reply, page, is_known=bool(name))


def _ticked(view: Json) -> tuple[str, ...]:
    fields = submitted.fields(view)
    return tuple(name.removeprefix(walk.TICK) for name, value in fields.items() if name.startswith(walk.TICK) and value)


def _value(body: Json) -> str:
    """What the button carries that was pressed, or what was picked."""
    pressed = (body.get("actions") or [{}])[0]
    return str(pressed.get("value") or (pressed.get("selected_option") or {}).get("value") or "")
