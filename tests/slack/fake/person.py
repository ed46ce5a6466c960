"""A person at the fake Slack: writes, gives commands, presses, fills in, and sees what is theirs to see."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from tests.slack.fake import payloads
from tests.slack.fake.blocks import check_view
from tests.slack.fake.filling import chosen, filled, unfilled
from tests.slack.fake.seen import Place, Seen, pressable
from tests.slack.fake.views import View, fields, value_of
from tests.slack.fake.world import Channel, Json, Links, Message, Refused, Team

if TYPE_CHECKING:
    from tests.slack.fake.slack import FakeSlack


class Person:
    """Acts in Slack; each act waits until the app has answered, and gives the messages that it made them see."""

    def __init__(self, slack: FakeSlack, team: Team, user: str) -> None:
        self._slack = slack
        self._team = team
        self.id = user
        self._known = 0
        self._seen: set[tuple[str, str]] = {(each.channel, each.ts) for each in team.seen_by(user)}

    # ------------------------------------------------------------------------------------ what they see

    def sees(self, channel: str | None = None) -> list[Seen]:
        """All messages that they see, in order; or those of one channel."""
        with self._slack.world.lock:
            return [Seen(each) for each in self._team.seen_by(self.id) if channel in (None, each.channel)]

    def news(self) -> list[Seen]:
        """The messages of the app that they had not seen when this was asked last."""
        mine = [each for each in self.sees() if (each.channel, each.ts) not in self._seen]
        self._seen |= {(each.channel, each.ts) for each in mine}
        return [each for each in mine if each.is_ours]

    @property
    def last(self) -> Seen:
        """The newest message of the app that they see."""
        return [each for each in self.sees() if each.is_ours][-1]

    @property
    def modal(self) -> View | None:
        """The modal that lies on top."""
        with self._slack.world.lock:
            return self._slack.views.top(self.id)

    @property
    def home(self) -> View | None:
        """The app's Home tab, once it was published."""
        with self._slack.world.lock:
            return self._slack.views.home(self.id)

    @property
    def dm(self) -> str:
        """The channel of their direct messages with the app."""
        with self._slack.world.lock:
            return self._team.im(self.id).id

    # ------------------------------------------------------------------------------------ writing

    def says(
        self, text: str, channel: str | None = None, thread: str | None = None, *, is_raw: bool = False
    ) -> list[Seen]:
        """Writes a message: to the app, or into a channel, or under a message (its ``ts``).

        Args:
            text: as typed; escaped as Slack does, unless ``is_raw``.
            channel: direct message to the app where it is left out.
            thread: the ``ts`` of the message it stands under.
            is_raw: ``text`` has mentions and links already (``<@U2>``).
        """
        whole = text if is_raw else payloads.typed(text)
        return self._writes(whole, payloads.rich(text), channel or self.dm, thread)

    def mentions(self, text: str, channel: str, thread: str | None = None) -> list[Seen]:
        """Writes a message that begins with the app's name."""
        blocks = payloads.rich(f" {text}", self._team.bot)
        return self._writes(f"<@{self._team.bot}> {payloads.typed(text)}", blocks, channel, thread)

    def _writes(self, text: str, blocks: list[Json], channel: str, thread: str | None) -> list[Seen]:
        where = self._member_of(channel)
        self._leaves_modal()
        with self._slack.world.lock:
            message = self.leaves(text, channel, thread, blocks)
            event = payloads.said(self._team, where, message)
        kind = {"im": "message.im", "group": "message.groups"}.get(where.kind, "message.channels")
        if kind in self._slack.asks.events and self._team.bot in where.members:
            self._slack.event(self._team, event)
        named = f"<@{self._team.bot}>" in text and where.kind != "im"
        if named and "app_mention" in self._slack.asks.events and self._team.bot in where.members:
            self._slack.event(self._team, payloads.mentioned(event))
        self._shares(text, where.id, message.ts, "conversations_history", is_member=self._team.bot in where.members)
        return self.news()

    def types(self, text: str) -> dict[str, list[Json]]:
        """Types a message and does not send it; gives what the app shows under each of its links."""
        return self._shares(payloads.typed(text), "COMPOSER", secrets.token_hex(8), "composer", is_member=False)

    def unfurled(self, ts: str) -> dict[str, list[Json]]:
        """What the app shows under each link of a message."""
        with self._slack.world.lock:
            return next((each.shown for each in self._slack.world.links.values() if each.ts == ts), {})

    def _shares(self, text: str, channel: str, ts: str, source: str, *, is_member: bool) -> dict[str, list[Json]]:
        """The app is told of links to a domain of its own, wherever they stand."""
        urls = payloads.links(text, self._slack.asks.domains)
        if not urls or "link_shared" not in self._slack.asks.events:
            return {}
        made = Links(self._team.id, channel, ts, urls, source)
        with self._slack.world.lock:
            known = self._slack.world.new_id("U")
            self._slack.world.links[known] = made
        event = payloads.shared(self.id, known, made, self._slack.clock.stamp(), is_member=is_member)
        self._slack.event(self._team, event)
        return made.shown

    def leaves(self, text: str, channel: str, thread: str | None = None, blocks: list[Json] | None = None) -> Message:
        """Writes a message of which the app is told nothing: what stood there before, or where it hears nothing."""
        stamp = self._slack.clock.stamp()
        message = Message(self._team.id, channel, stamp, self.id, text, blocks or payloads.rich(text), thread)
        self._team.messages.append(message)
        self._seen.add((channel, stamp))
        return message

    def edits(self, message: Seen | Message, text: str) -> list[Seen]:
        """Changes a message of theirs."""
        found = message.message if isinstance(message, Seen) else message
        assert found.user == self.id, "it is not theirs"
        before = found.payload()
        found.text, found.blocks, found.is_edited = payloads.typed(text), payloads.rich(text), True
        channel = self._member_of(found.channel)
        self._slack.event(self._team, payloads.edited(channel, before, found, self._slack.clock.stamp()))
        return self.news()

    def _member_of(self, channel: str) -> Channel:
        with self._slack.world.lock:
            self._team.im(self.id)
        found = self._team.im(self.id) if channel == f"D{self.id}" else self._team.channels[channel]
        assert self.id in found.members, f"{self.id} is no member of {channel}"
        return found

    # ------------------------------------------------------------------------------------ looking

    def opens_home(self) -> View | None:
        """Looks at the app's Home tab."""
        self._opens("home")
        return self.home

    def opens_messages(self) -> list[Seen]:
        """Looks at the app's messages."""
        self._opens("messages")
        return self.news()

    def _opens(self, tab: str) -> None:
        assert self._slack.asks.has_home if tab == "home" else self._slack.asks.has_messages, f"no tab {tab}"
        self._leaves_modal()
        if "app_home_opened" not in self._slack.asks.events:
            return
        stamp = self._slack.clock.stamp()
        channel = self._team.im(self.id)
        self._slack.event(self._team, payloads.opened_home(self.id, channel, tab, stamp, self.home))

    # ------------------------------------------------------------------------------------ commands and shortcuts

    def commands(self, command: str, text: str = "", channel: str | None = None) -> list[Seen]:
        """Gives a slash command, in the messages with the app or in a channel."""
        assert command in self._slack.asks.commands, f"the manifest has no {command}"
        where = self._member_of(channel or self.dm)
        self._leaves_modal()
        with self._slack.world.lock:
            answerable = self._slack.world.answerable(self._team.id, self.id, where.id)
            payload = payloads.command(
                self._team,
                self.id,
                where,
                name=command,
                text=payloads.escaped(text),
                token=self._slack.token,
                trigger=self._slack.world.trigger(self._team.id, self.id),
                response_url=self._slack.response_url(answerable),
            )
        ack = self._slack.act("slash_commands", payload)
        if ack.status == 200 and ack.content:
            said = {"text": ack.content} if isinstance(ack.content, str) else ack.content
            self._judged("slash_commands", lambda: self._slack.api.respond(self._team, self.id, where.id, said))
        self._slack.settle()
        return self.news()

    def shortcut(self, callback: str, message: Seen | Message) -> list[Seen]:
        """Chooses a message shortcut."""
        assert callback in self._slack.asks.shortcuts, f"the manifest has no {callback}"
        self._leaves_modal()
        found = message.message if isinstance(message, Seen) else message
        with self._slack.world.lock:
            answerable = self._slack.world.answerable(self._team.id, self.id, found.channel)
            more = payloads.shortcut(
                self._team,
                found,
                callback,
                trigger=self._slack.world.trigger(self._team.id, self.id),
                response_url=self._slack.response_url(answerable),
                stamp=self._slack.clock.stamp(),
            )
            payload = payloads.interaction("message_action", self._team, self.id, self._slack.token) | more
        self._slack.act("interactive", payload)
        self._slack.settle()
        return self.news()

    # ------------------------------------------------------------------------------------ pressing and choosing

    def presses(
        self,
        action_id: str,
        value: str | None = None,
        in_: Place | None = None,
        *,
        label: str | None = None,
        is_sure: bool = True,
    ) -> list[Seen]:
        """Presses a button: in the modal that is open, else in the newest message or on the Home tab that has it.

        Args:
            action_id: the button's.
            value: the button's value, where several have the same id.
            in_: the message or view to look in.
            label: the words on it.
            is_sure: whether they go on where it asks them first.

        Raises:
            AssertionError: there is no such button that they see.
        """
        for place in [in_] if in_ is not None else self._places():
            for block, element in pressable(place.blocks):
                fits = element["type"] in {"button", "feedback_buttons", "icon_button"}
                fits = fits and element["action_id"] == action_id and value in (None, element.get("value"))
                if fits and label in (None, element["text"]["text"]):
                    action: Json = {"type": element["type"], "text": element["text"]}
                    action |= {"value": element["value"]} if "value" in element else {}
                    if not is_sure:
                        assert "confirm" in element, "it asks nothing first"
                        return []
                    return self._acts(place, block, element, action)
        raise AssertionError(f"{self.id} sees no button {action_id} {value or ''}")

    def chooses(self, action_id: str, value: Any, in_: Place | None = None) -> list[Seen]:  # noqa: ANN401
        """Chooses in a menu of a message or a Home tab (in modals: ``fills``)."""
        for place in [in_] if in_ is not None else self._places():
            for block, element in fields(place.blocks):
                if element["action_id"] == action_id:
                    state = value_of(element, chosen(element, value))
                    return self._acts(place, block, element, state)
        raise AssertionError(f"{self.id} sees no menu {action_id}")

    def _places(self) -> list[Place]:
        top = self.modal
        if top is not None:
            return [top]
        home = [self.home] if self.home is not None else []
        return [*(each for each in reversed(self.sees()) if each.is_ours), *home]

    def _acts(self, place: Place, block: Json, element: Json, action: Json) -> list[Seen]:
        with self._slack.world.lock:
            payload = payloads.interaction("block_actions", self._team, self.id, self._slack.token)
            payload["trigger_id"] = self._slack.world.trigger(self._team.id, self.id)
            if isinstance(place, View):
                payload |= payloads.from_view(place)
            else:
                message = place.message
                answerable = self._slack.world.answerable(self._team.id, self.id, place.channel, message)
                payload |= payloads.from_message(self._team, message, self._slack.response_url(answerable))
            ids = {"action_id": element["action_id"], "block_id": block["block_id"]}
            payload["actions"] = [action | ids | {"action_ts": self._slack.clock.stamp()}]
        if isinstance(place, Seen):
            self._leaves_modal()
        self._slack.act("interactive", payload)
        self._slack.settle()
        return self.news()

    # ------------------------------------------------------------------------------------ modals

    def fills(self, values: dict[str, Any]) -> list[Seen]:
        """Fills in fields of the modal that is open, one after the other, by their ``block_id`` or ``action_id``.

        A field that tells at once (``dispatch_action``) is told at once; ``None`` empties a field.

        Raises:
            AssertionError: there is no such field, or what it should hold cannot be typed or chosen there.
        """
        for name, value in values.items():
            view = self._open_modal()
            block, element = filled(view, name)
            state = value_of(element, chosen(element, value))
            view.state[block["block_id"]][element["action_id"]] = state
            view.errors.pop(block["block_id"], None)
            if _tells(block, element):
                self._acts(view, block, element, state)
        return self.news()

    def submits(self) -> list[Seen]:
        """Presses the button that submits the modal; where a field that is required is empty, Slack sends nothing."""
        view = self._open_modal()
        assert "submit" in view.given, "the modal has no button to submit"
        view.errors = unfilled(view)
        if view.errors:
            return []
        payload = payloads.interaction("view_submission", self._team, self.id, self._slack.token)
        payload |= {"trigger_id": self._slack.world.trigger(self._team.id, self.id)}
        payload |= {"view": view.payload(), "response_urls": []}
        ack = self._slack.act("interactive", payload)
        if ack.status == 200:
            self._judged("view_submission", lambda: self._answered(view, ack.content))
        self._slack.settle()
        return self.news()

    def _answered(self, view: View, told: Any) -> None:  # noqa: ANN401 (whatever the app answered)
        """Does what the answer to a submission says.

        Raises:
            Refused: it says nothing that Slack knows.
        """
        stack = self._slack.views.stack(self.id)
        if told in (None, "", {}):
            if view in stack:
                stack.remove(view)
            return
        if not isinstance(told, dict):
            raise Refused("invalid_response", "not an object")
        action = told.get("response_action")
        keys = {"clear": set(), "errors": {"errors"}, "update": {"view"}, "push": {"view"}}.get(str(action))
        if keys is None or set(told) != keys | {"response_action"}:
            raise Refused("invalid_response", f"response_action {action} with {sorted(told)}")
        if action == "clear":
            stack.clear()
        elif action == "errors":
            inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
            if not told["errors"] or set(told["errors"]) - inputs:
                raise Refused("invalid_response", f"errors for {sorted(set(told['errors']) - inputs)}")
            view.errors = dict(told["errors"])
        elif action == "update":
            self._slack.views.update(view, check_view(told["view"], {"modal"}))
        else:
            self._slack.views.push(self._team, self.id, check_view(told["view"], {"modal"}))

    def closes(self) -> list[Seen]:
        """Closes the modal that lies on top; one that lies under it is seen again."""
        view = self._open_modal()
        self._closed(view, is_cleared=False)
        if view.given.get("clear_on_close"):
            self._leaves_modal()
        return self.news()

    def _closed(self, view: View, *, is_cleared: bool) -> None:
        self._slack.views.stack(self.id).remove(view)
        if not view.given.get("notify_on_close"):
            return
        payload = payloads.interaction("view_closed", self._team, self.id, self._slack.token)
        self._slack.act("interactive", payload | {"view": view.payload(), "is_cleared": is_cleared})
        self._slack.settle()

    def _leaves_modal(self) -> None:
        """A modal lies over everything: who does something else has closed it."""
        while (view := self.modal) is not None:
            self._closed(view, is_cleared=True)

    def _open_modal(self) -> View:
        view = self.modal
        assert view is not None, "no modal is open"
        return view

    def _judged(self, what: str, work: Any) -> None:  # noqa: ANN401 (whatever is to be done)
        try:
            with self._slack.world.lock:
                work()
        except Refused as refused:
            self._slack.note(f"{refused.code}: {what}: {refused.detail}")


def _tells(block: Json, element: Json) -> bool:
    """Whether a change of this field is told at once."""
    if block["type"] != "input":
        return True
    if not block.get("dispatch_action"):
        return False
    if element["type"].endswith("_input"):
        return "on_character_entered" in element.get("dispatch_action_config", {}).get("trigger_actions_on", [])
    return True
