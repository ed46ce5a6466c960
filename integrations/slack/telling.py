"""Listeners: what is told, in forms; drafts, receipts, and how it stands with what somebody sent."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases import dates
from bot.messages import (
    FillForm,
    FormView,
    Incoming,
    OpenForm,
    OpenForms,
    QuestionKind,
    Receipt,
    Refusal,
    Reply,
    SaveDraft,
    SubmitForm,
)
from bot.wording import say
from integrations.incidents import report
from integrations.slack import forms, home, inbound, modals, quoting, submitted
from integrations.slack.blocks import Block, actions, button, sections
from integrations.slack.filled import Filled, Kept, KeptElsewhere, NotNamed, Sent, owner_of
from integrations.slack.forms import Page
from integrations.slack.late import Submission, in_time
from integrations.slack.manifest import CONCERN, CONTACT, REPORT_MESSAGE
from integrations.slack.people import Who
from integrations.slack.render import TELL
from integrations.slack.room import Held, Memory, Room
from integrations.slack.submitted import Carried, View
from integrations.slack.window import NOT_TAKEN, Newest, Window, tell, who_acts, window

Json = Mapping[str, Any]

FORMS = {CONCERN: "report_concern", CONTACT: "disclose_contact"}
"""Which form a command opens."""

QUOTED_IN = "report_concern"
"""The form into which a message is quoted."""

SHOW_UNSEEN = "show_unseen"
"""The button in a message that shows what no window showed."""

_FORM_BUTTON = re.compile(rf"\A{modals.OPEN_FORM}(\..+)?\Z")
_FIELD = re.compile(r"\Aanswer\..+\Z")


def listen(app: AsyncApp, room: Room) -> "Telling":
    """Registers the listeners of telling; gives what they share with those of coming back."""
    telling = Telling(room, Memory(room.clock), Filled(room))
    for command in FORMS:
        app.command(command)(telling.commanded)
    app.shortcut({"type": "message_action", "callback_id": REPORT_MESSAGE})(telling.quoted)
    app.action(_FORM_BUTTON)(telling.open_form)
    app.action(TELL)(telling.open_forms)
    app.action({"block_id": _FIELD})(telling.filled)
    app.action(forms.SAVE_DRAFT)(telling.save)
    app.action(SHOW_UNSEEN)(telling.show_unseen)
    app.view_submission(forms.FORM)(in_time(telling.submit))
    return telling


@dataclass(frozen=True, slots=True)
class Telling:
    """Takes what is told.

    Attributes:
        room: what every listener shares.
        unseen: receipts and codes of drafts that Slack did not show, for half an hour.
        given: reads what stands in a form.
        told: of which reports their senders have had a message.
        newest: which answer in a form came last.
    """

    room: Room
    unseen: Memory
    given: Filled
    told: Kept = field(default_factory=Kept)
    newest: Newest = field(default_factory=Newest)

    # ------------------------------------------------------------------------------------------------ opened

    async def commanded(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """/concern and /contact: what is typed behind them stands in the form already."""
        await ack()
        _, text = inbound.commanded(body)
        await self._open(client, context, body, OpenForm(FORMS[str(body["command"])]), quoting.fitting(text))

    async def quoted(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """A message is to be reported: it is quoted into the form, and nothing is written where it stands."""
        await ack()
        await self._open(client, context, body, OpenForm(QUOTED_IN), "", of=body)

    async def open_form(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """A button that opens a form."""
        await ack()
        name, clause = inbound.form_button(body)
        await self._open(client, context, body, OpenForm(name, clause))

    async def open_forms(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """Tell someone: which forms there are, and what this person left."""
        await ack()
        opened = await window(client, body)
        who = await self.who(client, context, body)
        await self.shown(opened, context, OpenForms(owner_of(who)))

    async def _open(  # noqa: PLR0913, PLR0917 (what a form is opened with)
        self,
        client: AsyncWebClient,
        context: AsyncBoltContext,
        body: Json,
        wanted: OpenForm,
        text: str = "",
        of: Json | None = None,
    ) -> None:
        """Opens a form, with a text in its first question for words, or the message of a shortcut quoted there."""
        opened = await window(client, body)
        if of is not None:
            text = await self._quoted(client, context.team_id or "", of)
        await self.shown(opened, context, wanted, text)

    async def _quoted(self, client: AsyncWebClient, team: str, body: Json) -> str:
        """The message of a shortcut with the names of those whom it names, and where it stands, if Slack says so."""
        users = quoting.people_in(body)
        found = await asyncio.gather(*(self.room.people.who(client, team, user) for user in users))
        names = {user: who.name for user, who in zip(users, found, strict=True) if who.name}
        return quoting.quoted(body, names, await _permalink(client, body))

    async def shown(
        self, opened: Window, context: AsyncBoltContext, wanted: Incoming, text: str = "", *, unseen: str | None = None
    ) -> Reply | None:
        """Asks the desk, and shows what it says; what breaks is said in the window.

        Args:
            opened: where.
            context: of the request.
            wanted: what the desk is asked.
            text: for the first question for words, of a form.
            unseen: as in ``Window.show``.
        """
        try:
            reply, *_ = await self.room.tell(wanted)
            if text and isinstance(wanted, OpenForm) and isinstance(reply, FormView):
                written = [one.key for one in reply.questions if one.asked and one.kind is QuestionKind.TEXT]
                reply, *_ = await self.room.tell(OpenForm(wanted.form, wanted.clause, {written[0]: text}))
        except Exception as error:  # noqa: BLE001 (whatever broke below: the window must not say "one moment" for ever)
            await opened.show(modals.message(say("slack.modal.not_opened", incident=report(error))))
            return None
        await opened.show(modals.reply(reply, self.page(context)), unseen=unseen)
        return reply

    # ------------------------------------------------------------------------------------------------ filled in

    async def filled(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """An answer on which others depend: the questions that it opens are shown, and what is typed stays."""
        await ack()
        view, carried = body["view"], submitted.carried(body["view"])
        if carried is None:
            return
        opened, at = await window(client, body), str(body["actions"][0].get("action_ts") or "")
        self.newest.came(opened.view, at)
        try:
            answers, owner = await self.given.all_answers(await self._sent(client, context, body, carried))
        except KeptElsewhere:
            await opened.show(forms.again(view, say("slack.modal.kept_elsewhere")))
            return
        reply, *_ = await self.room.tell(FillForm(carried.form, carried.draft, answers, carried.clause or None, owner))
        if not isinstance(reply, FormView) or not self.newest.is_newest(opened.view, at):
            return
        made = forms.form(reply, self.page(context, answers, carried.owner))
        if not await opened.show(made, str(view.get("hash") or "")) and self.newest.is_newest(opened.view, at):
            await opened.show(made)  # an answer to an earlier one was quicker; this one knows more

    async def submit(self, answer: Submission, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """The form is sent: it is stored first, and then answered."""
        view, carried = body["view"], submitted.carried(body["view"])
        if carried is None:
            await answer.show(forms.again(view, say("slack.modal.old")))
            return
        try:
            sent = await self._sent(client, context, body, carried)
            await self.given.check(sent)
            answers, owner = await self.given.answers(sent)
            wanted = SubmitForm(
                carried.form, carried.draft, answers, carried.clause or None, owner, sent.who.person, kept=carried.kept
            )
            reply, *_ = await self.room.tell(wanted)
        except NotNamed as unknown:
            await answer.errors(unknown.errors)
            return
        match reply:
            case FormView():
                await _give_back(answer, view, reply, self.page(context, answers, carried.owner))
            case Refusal(headline):
                why = say("slack.modal.kept_elsewhere") if carried.kept else headline
                await answer.show(forms.again(view, why))
            case Receipt():
                is_seen = await answer.show(modals.reply(reply, self.page(context)), unseen="")
                await self._tell_received(client, who_acts(body), reply, sent.who, is_seen=is_seen)
                await home.refresh(self.room, client, context.team_id or "", who_acts(body))
            case _:
                await answer.show(modals.reply(reply, self.page(context)))

    async def _tell_received(
        self, client: AsyncWebClient, user: str, receipt: Receipt, who: Who, *, is_seen: bool
    ) -> None:
        """The receipt as a message, once: that something was received, and nothing of what it is.

        Whom nobody knows asks by the code of the receipt. Where no window showed it, one can be opened that does.
        """
        if self.told.find(receipt.reference):
            return
        if is_seen:
            self.told.put(receipt.reference, user)
        received = {"reference": receipt.reference, "moment": dates.moment_in_words(receipt.received)}
        by_code = "told_by_code" if is_seen else "told_unseen"
        words = say(f"slack.receipt.{'told' if who.person else by_code}", **received)
        last = [button(say("standing.title"), modals.MY_REPORTS)]
        last += [] if is_seen else [self._again(receipt)]
        await tell(client, user, say("slack.receipt.preview"), [*sections(words), actions(last)])

    def _again(self, reply: Reply) -> Block:
        """A button that shows what no window showed; it carries a name alone."""
        return button(
            say("slack.modal.show_unseen"), SHOW_UNSEEN, self.unseen.hold(Held((reply,), "", in_channel=False))
        )

    async def show_unseen(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """What was done and no window showed, in a new one."""
        await ack()
        held = self.unseen.find(inbound.hex_id((body.get("actions") or [{}])[0].get("value")))
        known = modals.reply(held.replies[0], self.page(context)) if held else None
        await window(client, body, view=known or modals.message(say("slack.modal.unseen_gone")))

    # ------------------------------------------------------------------------------------------------ drafts

    async def save(self, ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        """Save and go on later."""
        await ack()
        view, carried, opened = body["view"], submitted.carried(body["view"]), await window(client, body)
        if carried is None:
            await opened.show(forms.again(view, say("slack.modal.old")))
            return
        self.newest.came(opened.view, str(body["actions"][0].get("action_ts") or ""))
        try:
            sent = await self._sent(client, context, body, carried)
            await self.given.check(sent)
            answers, owner = await self.given.all_answers(sent)
            wanted = SaveDraft(carried.form, carried.draft, answers, carried.clause or None, owner)
            reply, *_ = await self.room.tell(wanted)
        except NotNamed as unknown:
            await opened.show(forms.again(view, say("slack.modal.look_below"), unknown.errors))
            return
        except KeptElsewhere:
            await opened.show(forms.again(view, say("slack.modal.kept_elsewhere")))
            return
        except Exception as error:  # noqa: BLE001 (whatever broke below, what was typed must not be lost)
            await opened.show(forms.again(view, f"{say('draft.not_kept')} ({report(error)})"))
            return
        if isinstance(reply, FormView):
            await opened.show(forms.again(view, reply.notice))
        elif isinstance(reply, Refusal):
            await opened.show(forms.again(view, reply.headline))
        elif not await opened.show(modals.reply(reply, self.page(context)), unseen=""):
            words = say("slack.modal.done_unseen")
            await tell(client, who_acts(body), words, [*sections(words), actions([self._again(reply)])])
        await home.refresh(self.room, client, context.team_id or "", who_acts(body))

    # -------------------------------------------------------------------------------------------------- shared

    async def who(self, client: AsyncWebClient, context: AsyncBoltContext, body: Json) -> Who:
        """Who acts, as far as it is known for some minutes: enough to ask and to tell."""
        return await self.room.people.who(client, context.team_id or "", who_acts(body))

    async def _sent(self, client: AsyncWebClient, context: AsyncBoltContext, body: Json, carried: Carried) -> Sent:
        """A form as it came back, with who sent it."""
        who = await self.who(client, context, body)
        return Sent(client, context.team_id or "", body["view"], carried, who)

    def page(self, context: AsyncBoltContext, came: Mapping[str, str] | None = None, owner: str = "") -> Page:
        """What a modal has to know of the world around it; ``owner`` is sealed."""
        return Page(
            self.room.address, self.room.people.colleagues(context.team_id or ""), came or {}, owner, self.room.is_live
        )


async def _permalink(client: AsyncWebClient, body: Json) -> str:
    """The address of the message of a shortcut; empty where it has none that is open to us."""
    channel = body.get("channel") or {}
    if channel.get("name") == quoting.DIRECT:
        return ""
    try:
        answer = await client.chat_getPermalink(
            channel=str(channel.get("id") or ""), message_ts=str((body.get("message") or {}).get("ts") or "")
        )
    except NOT_TAKEN:
        return ""
    return str(answer.get("permalink") or "")


async def _give_back(answer: Submission, view: View, reply: FormView, page: Page) -> None:
    """The form with what is wrong: in place where the questions are there, else as it is to be asked now."""
    made = forms.form(reply, page)
    wrong = {question.key: question.error for question in reply.questions if question.error}
    errors = submitted.errors(view, wrong)
    is_same = submitted.shape(view["blocks"]) == submitted.shape(made["blocks"])
    if errors and is_same and not reply.notice and not reply.dropped:
        await answer.errors(errors)
    else:
        await answer.show(made)
