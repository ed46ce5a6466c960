"""Listeners: what is received. A case opens in a window, after Slack was asked anew who looks; acts open on top."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages import ActForm, ActOnCase, CaseAct, CaseView, OpenCase, OpenOwn, OwnView, Refusal, Reply
from bot.wording import say
from integrations.incidents import report
from integrations.slack import cases, forms, home, modals, submitted
from integrations.slack.forms import Page
from integrations.slack.late import Submission, in_time
from integrations.slack.people import Who
from integrations.slack.room import Room
from integrations.slack.submitted import CarriedAct
from integrations.slack.window import Window, who_acts, window

Json = Mapping[str, Any]

OF_SENDERS = frozenset({CaseAct.REPLY, CaseAct.AMEND})
"""What the sender of a report does, and nobody else."""

_MOST = 5000
_ACT = re.compile(rf"\A{cases.DO}\..+\Z")


def listen(app: AsyncApp, room: Room) -> None:
    """Registers the listeners of receiving."""
    receiving = Receiving(room)
    app.action(cases.OPEN_CASE)(receiving.open)
    app.action(modals.MY_OWN)(receiving.own)
    app.action(_ACT)(receiving.press)
    app.view_submission(cases.ACT)(in_time(receiving.act))


class Offered:
    """The forms of acts that were offered, with their choices: so that to fill one in is no second look at the case.

    There is nothing in them of what was told. Where one is not here, as after a restart, the case is looked at again.
    """

    def __init__(self) -> None:
        """Knows of none."""
        self._forms: OrderedDict[tuple[str, str, CaseAct], ActForm] = OrderedDict()

    def keep(self, person: str, reply: Reply) -> None:
        """Remembers what was offered to somebody."""
        reports = [(reply.row.reference, reply.acts)] if isinstance(reply, CaseView) else []
        if isinstance(reply, OwnView):
            reports = [(one.reference, one.acts) for one in reply.reports]
        for reference, acts in reports:
            for act in acts:
                self._forms[person, reference, act.act] = act
        while len(self._forms) > _MOST:
            self._forms.popitem(last=False)

    def find(self, person: str, reference: str, act: CaseAct) -> ActForm | None:
        """The form of an act, as it was offered."""
        return self._forms.get((person, reference, act))


@dataclass(frozen=True, slots=True)
class Receiving:
    """Shows cases to those whose job it is, and does what they do.

    Attributes:
        room: what every listener shares.
        offered: the acts that were offered.
    """

    room: Room
    offered: Offered = field(default_factory=Offered)

    async def open(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """A case; that somebody looked is recorded by the desk."""
        await ack()
        opened = await window(client, body)
        if not opened.view:
            return  # nobody would see it, and a look is recorded
        reference = str(body["actions"][0].get("value") or "")
        who = await self._anew(client, context, body)
        if who.may_receive:
            await self._shown(opened, who, OpenCase(who.person, reference))
            await home.refresh(self.room, client, context.team_id or "", who_acts(body))
        else:
            await opened.show(modals.message(_why_not(who)))

    async def own(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """What somebody reported themselves, with what they told."""
        await ack()
        opened = await window(client, body)
        who = await self._anew(client, context, body)
        if who.may_receive:
            await self._shown(opened, who, OpenOwn(who.person))
        else:
            await opened.show(modals.message(say("slack.modal.unsure" if who.is_unsure else "slack.modal.unknown")))

    async def press(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """An act: a mere button does it, any other opens its form on top of the case."""
        await ack()
        pressed = _pressed(body)
        if pressed is None:
            await (await window(client, body)).show(modals.message(say("slack.modal.old")))
            return
        who = await self.room.people.who(client, context.team_id or "", who_acts(body))
        form = self.offered.find(who.person, pressed.reference, pressed.act)
        if pressed.act is CaseAct.ACKNOWLEDGE or (form is not None and not form.questions):
            await self._done_at_once(client, context, body, pressed)
            return
        if form is not None:
            view = cases.act_form(form, pressed.reference)
            await window(client, body, on_top=True, view=view)
            return
        opened = await window(client, body, on_top=True)
        if not opened.view:
            return
        await self._offer_again(opened, await self._anew(client, context, body), pressed)

    async def _offer_again(self, opened: Window, who: Who, pressed: CarriedAct) -> None:
        """The form of an act that is not remembered: the case is looked at once more, which is recorded."""
        if not who.may_receive:
            await opened.show(modals.message(_why_not(who)))
            return
        is_own = pressed.act in OF_SENDERS
        try:
            reply, *_ = await self.room.tell(OpenOwn(who.person) if is_own else OpenCase(who.person, pressed.reference))
        except Exception as error:  # noqa: BLE001 (whatever broke below: the window must not say "one moment" for ever)
            await opened.show(modals.message(say("slack.modal.not_opened", incident=report(error))))
            return
        self.offered.keep(who.person, reply)
        form = self.offered.find(who.person, pressed.reference, pressed.act)
        words = reply.headline if isinstance(reply, Refusal) else say("case.not_possible")
        await opened.show(cases.act_form(form, pressed.reference) if form else modals.message(words))

    async def _done_at_once(
        self, client: AsyncWebClient, context: AsyncBoltContext, body: Json, pressed: CarriedAct
    ) -> None:
        opened = await window(client, body)
        who = await self._anew(client, context, body)
        if not who.may_receive:
            await opened.show(modals.message(_why_not(who)))
            return
        try:
            reply, *_ = await self.room.tell(ActOnCase(who.person, pressed.reference, pressed.act, pressed.form))
        except Exception as error:  # noqa: BLE001 (whatever broke below, the case stays where it is)
            await opened.show(forms.again(body["view"], say("slack.modal.broken", incident=report(error))))
            return
        self.offered.keep(who.person, reply)
        if isinstance(reply, Refusal):
            await opened.show(modals.message(reply.headline))
        else:
            await opened.show(modals.reply(reply, self._page()), unseen=say("slack.modal.done_unseen"))
        await home.refresh(self.room, client, context.team_id or "", who_acts(body))

    async def act(self, answer: Submission, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """The form of an act is sent: it is done, once however often it comes; then the case under it is shown anew."""
        view, carried = body["view"], submitted.carried_act(body["view"])
        if carried is None:
            await answer.show(forms.again(view, say("slack.modal.old")))
            return
        who = await self._anew(client, context, body)
        if not who.may_receive:
            if who.is_unsure:
                await answer.show(forms.again(view, _why_not(who)))
            else:
                await self._refused(answer, client, body, _why_not(who))
            return
        said = ActOnCase(who.person, carried.reference, carried.act, carried.form, submitted.given(view, {}))
        reply, *_ = await self.room.tell(said)
        self.offered.keep(who.person, reply)
        wrong = _wrong(reply, carried)
        errors = submitted.errors(view, wrong) if wrong else None
        if isinstance(reply, Refusal):
            await self._refused(answer, client, body, reply.headline)
        elif errors:
            await answer.errors(errors)
        elif why := _not_done(reply):
            await answer.show(forms.again(view, why))
        else:
            await self._under(answer, client, body, reply)
            await home.refresh(self.room, client, context.team_id or "", who_acts(body))

    @staticmethod
    async def _refused(answer: Submission, client: AsyncWebClient, body: Json, why: str) -> None:
        """Takes the case away too that lies under the form: who may not act in it may not read it any more either."""
        await answer.show(modals.message(why))
        under = str(body["view"].get("previous_view_id") or "")
        await Window(client, who_acts(body), under).show(modals.message(why), unseen="")

    async def _under(self, answer: Submission, client: AsyncWebClient, body: Json, reply: Reply) -> None:
        """Closes the window of an act, and shows the case under it as the act left it.

        What is answered to the submission itself goes to whoever sent it, and says no more than that it was done; the
        case goes to the window that Slack opened for this person.
        """
        under = str(body["view"].get("previous_view_id") or "")
        words = reply.done if isinstance(reply, CaseView | OwnView) else say("case.not_possible")
        if not under:
            await answer.show(modals.message(words))
            return
        await answer.close(words)
        await Window(client, who_acts(body), under).show(modals.reply(reply, self._page()), unseen=words)

    async def _shown(self, opened: Window, who: Who, wanted: OpenCase | OpenOwn) -> None:
        try:
            reply, *_ = await self.room.tell(wanted)
        except Exception as error:  # noqa: BLE001 (whatever broke below: the window must not say "one moment" for ever)
            await opened.show(modals.message(say("slack.modal.not_opened", incident=report(error))))
            return
        self.offered.keep(who.person, reply)
        await opened.show(modals.reply(reply, self._page()))

    async def _anew(self, client: AsyncWebClient, context: AsyncBoltContext, body: Json) -> Who:
        """Who it is, as Slack says now: somebody may have left, or become a guest, a minute ago."""
        return await self.room.people.who(client, context.team_id or "", who_acts(body), anew=True)

    def _page(self) -> Page:
        return Page(self.room.address, is_live=self.room.is_live)


def _pressed(body: Json) -> CarriedAct | None:
    """Which act of which case was pressed, and the id of that showing of it."""
    action = body["actions"][0]
    act = str(action.get("action_id") or "").removeprefix(f"{cases.DO}.")
    reference, _, form = str(action.get("value") or "").partition(" ")
    return CarriedAct(reference, CaseAct(act), form) if act in set(CaseAct) else None


def _why_not(who: Who) -> str:
    return say("slack.modal.unsure" if who.is_unsure else "slack.modal.receives_nothing")


def _acts(reply: Reply, reference: str) -> tuple[ActForm, ...]:
    if isinstance(reply, CaseView):
        return reply.acts
    reports = reply.reports if isinstance(reply, OwnView) else ()
    return tuple(act for one in reports if one.reference == reference for act in one.acts)


def _wrong(reply: Reply, carried: CarriedAct) -> dict[str, str]:
    """What is wrong with what was filled in, by question key."""
    return {
        question.key: question.error
        for act in _acts(reply, carried.reference)
        if act.act is carried.act
        for question in act.questions
        if question.error
    }


def _not_done(reply: Reply) -> str:
    """Why nothing was done; empty if it was."""
    return reply.notice if isinstance(reply, CaseView | OwnView) else ""
