"""Notices in Slack: a direct message that there is something, its reference and urgency, and nothing of what it is."""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import WebClient

from bot.cases.people.roles import Person
from bot.ports import Clock, Notice, NoWay, Telling
from bot.wording import say
from integrations.shown import TO_INDUCTION, TO_SENDERS
from integrations.slack.blocks import Block, actions, button, context, escape, section, sections
from integrations.slack.cases import OPEN_CASE
from integrations.slack.modals import MY_REPORTS
from integrations.slack.people import may_receive
from integrations.slack.quiet import QUIET, code
from integrations.slack.render import TELL
from integrations.slack.walk import OPEN_AGREEMENT, OPEN_WALK
from integrations.ways import WayFails

SLACK = "slack"

PATIENCE = 10
"""Seconds that Slack has for each answer: three of them are less than a claim lasts (``deliveries.LEASE``)."""

_NOBODY = frozenset({"user_not_found", "users_not_found", "user_not_visible", "cannot_dm_bot", "user_disabled"})
_NOT_TAKEN = (SlackClientError, OSError, http.client.HTTPException, ValueError)
_DEFAULT_WAIT = 30.0
_TOO_MANY = 429


class SlackFails(WayFails):
    """Slack does not take what it should; look at TOUCHSTONE_SLACK_BOT_TOKEN, and at whether the app is installed."""


class NotYet(SlackFails):
    """Slack said that it is too much for now; nothing is sent there until its time is over."""


@dataclass(slots=True)
class SlackNotices:
    """Sends notices as direct messages. It is called from threads that may wait, not from the event loop.

    Attributes:
        token: the bot's token in a workspace, by its id; empty where the app is not installed.
        workspaces: the ids of those that are let in; where there is one, a member id without one is of that.
        clock: until when Slack wants to be left alone.
        base_url: of the Web API.
        patience: seconds for each answer.
    """

    token: Callable[[str], str]
    workspaces: tuple[str, ...]
    clock: Clock
    base_url: str = WebClient.BASE_URL
    patience: int = PATIENCE
    _quiet_until: dict[str, float] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def name(self) -> str:
        """What it is called among the ways."""
        return SLACK

    def address(self, person: Person) -> str:
        """Workspace and member; empty where that is not known or not of a workspace that is let in."""
        team, _, user = person.slack.rpartition("/")
        team = team or (self.workspaces[0] if len(self.workspaces) == 1 else "")
        return f"{team}/{user}" if user and team in self.workspaces else ""

    def send(self, notice: Notice, address: str) -> None:
        """Sends a notice to a member; returns once Slack took it.

        Raises:
            SlackFails: it did not, or could not be asked.
            NoWay: this member may receive nothing: a guest, a bot, somebody of elsewhere or who left.
        """
        team, _, user = address.partition("/")
        token = self.token(team)
        if not token:
            raise SlackFails("not installed in this workspace")
        self._wait_no_longer(team)
        client = WebClient(token, base_url=self.base_url, timeout=self.patience, logger=QUIET, retry_handlers=[])
        member = self._called(team, client.users_info, user=user).get("user") or {}
        if not may_receive(member, team):
            raise NoWay
        channel = self._called(team, client.conversations_open, users=user).get("channel") or {}
        text, blocks = letter(notice)
        given = {"channel": str(channel.get("id") or ""), "text": text, "blocks": blocks}
        self._called(team, client.chat_postMessage, **given, unfurl_links=False, unfurl_media=False)

    def _wait_no_longer(self, team: str) -> None:
        with self._lock:
            until = self._quiet_until.get(team, 0.0)
        if self.clock.now().timestamp() < until:
            raise NotYet("too many requests")

    def _called(self, team: str, method: Callable[..., Any], **given: object) -> dict[str, Any]:
        """What Slack answers; of its errors no more than their code, since their words may quote what was sent."""
        try:
            answer = method(**given)
        except SlackApiError as failure:
            self._refused(team, failure)
        except _NOT_TAKEN as failure:
            raise SlackFails(type(failure).__name__) from None
        data = answer.data
        return data if isinstance(data, dict) else {}

    def _refused(self, team: str, failure: SlackApiError) -> None:
        status = getattr(failure.response, "status_code", 0)
        if status == _TOO_MANY:
            until = self.clock.now().timestamp() + _retry_after(failure.response.headers)
            with self._lock:
                self._quiet_until[team] = until
            raise NotYet("too many requests") from None
        if (known := code(failure)) in _NOBODY:
            raise NoWay from None
        raise SlackFails(known) from None


def letter(notice: Notice) -> tuple[str, list[Block]]:
    """The message: what stands in the notification, and its blocks. There is no name, role or kind of report in it."""
    preview = say("slack.notice.urgent") if notice.urgent else say("slack.notice.preview")
    blocks: list[Block] = [*sections(say(f"notice.{notice.telling}"))]
    if notice.reference:
        urgent = f" *{escape(say('inbox.urgent'))}*" if notice.urgent else ""
        text = f"{escape(say('slack.notice.reference', reference=notice.reference))}{urgent}"
        blocks.append(section(text))
    blocks.append(actions([_button(notice)]))
    blocks.append(context(escape(say("slack.notice.nothing_in_it"))))
    return preview, blocks


def _button(notice: Notice) -> Block:
    if notice.telling is Telling.NUDGE:
        return button(say("slack.walk.go_on"), OPEN_WALK)
    if notice.telling in TO_INDUCTION:
        return button(say("walk.to_agreement"), OPEN_AGREEMENT)
    if notice.telling is Telling.DRAFT:
        return button(say("forms.yours"), TELL)
    if notice.telling in TO_SENDERS or not notice.reference:
        return button(say("standing.title"), MY_REPORTS)
    return button(say("slack.modal.open"), OPEN_CASE, notice.reference, style="primary")


def _retry_after(headers: dict[str, Any]) -> float:
    """Seconds that Slack wants to be left alone."""
    for name, value in headers.items():
        if name.lower() == "retry-after":
            first = value[0] if isinstance(value, list) else value
            try:
                return max(1.0, float(first))
            except ValueError:
                break
    return _DEFAULT_WAIT
