"""The room: what every listener shares, and where in Slack something is to be shown."""

import asyncio
import hashlib
import hmac
import os
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.messages import Ask, Incoming, Overhear, Reply, TellFact
from bot.ports import Clock
from integrations.slack.blocks import Block
from integrations.slack.homes import Homes
from integrations.slack.owners import Owners
from integrations.slack.people import People
from integrations.slack.quiet import QUIET, code
from knowledge.errors import TouchstoneError

LASTS = timedelta(minutes=30)
"""How long a conversation goes on, and what was answered is held so that it can be shared."""

MOST = 5000
"""How many of each are held at once; the oldest goes first."""

TIMEOUT = 10
"""Seconds that Slack has to answer a call."""


UNHEARD = (SlackClientError, aiohttp.ClientError, TimeoutError)
"""What Slack and the way to it raise."""


ASKED = (Ask, Overhear, TellFact)
"""What the desk has to think about; all else it only looks up or stores."""


def _thinking() -> ThreadPoolExecutor:
    """As many threads as there are cores: more would not be quicker, and would keep others waiting."""
    return ThreadPoolExecutor(os.cpu_count() or 1, "slack-asking")


class Desk(Protocol):
    """The bot, as an adapter sees it."""

    def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
        """Takes what a person said or did, and gives what to show, in order."""


class NotShown(TouchstoneError):
    """Slack did not take what was to be shown."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of ours: what stands in the notification, and its blocks."""

    text: str
    blocks: tuple[Block, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said or pressed, and so where to answer; ids alone.

    Attributes:
        team: the workspace.
        channel: the channel or direct message.
        user: who; in a channel an answer is shown to them alone.
        thread: by which the conversation is known: the first message of its thread; empty for a whole direct message.
        under: the thread to show it in; empty for the channel itself.
        is_direct: whether it is a direct message with us.
        response_url: where Slack takes an answer where we may not post; empty where there is none.
    """

    team: str
    channel: str
    user: str
    thread: str = ""
    under: str = ""
    is_direct: bool = False
    response_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that may be shared, or a question that may be sent on; in memory alone.

    Attributes:
        replies: what was shown.
        question: the words that were asked.
        in_channel: whether they were written in the channel, for all to see.
    """

    replies: tuple[Reply, ...] = field(repr=False)
    question: str = field(repr=False)
    in_channel: bool


class Memory:
    """What is held for half an hour, each under a random name that a button carries."""

    def __init__(self, clock: Clock) -> None:
        """Holds nothing."""
        self._clock = clock
        self._held: OrderedDict[str, tuple[datetime, Held]] = OrderedDict()

    def hold(self, held: Held) -> str:
        """Holds it; gives its name."""
        name, now = secrets.token_hex(16), self._clock.now()
        self._held[name] = (now, held)
        while len(self._held) > MOST or now - next(iter(self._held.values()))[0] > LASTS:
            self._held.popitem(last=False)
        return name

    def find(self, name: str) -> Held | None:
        """What is held under a name; None when its time is over or another process held it."""
        since, held = self._held.get(name, (None, None))
        return held if since is not None and self._clock.now() - since <= LASTS else None


class Conversations:
    """What conversations are called at the desk, and which of those in channels somebody began with a mention."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        """``key``: 32 bytes, so that nobody who knows the ids of Slack can name a conversation."""
        self._key = key
        self._clock = clock
        self._begun: OrderedDict[str, datetime] = OrderedDict()

    @property
    def key(self) -> bytes:
        """The key."""
        return self._key

    def name(self, place: Place) -> str:
        """What the desk calls it; each person's own."""
        ids = f"{place.team}\x1f{place.channel}\x1f{place.thread}\x1f{place.user}"
        return hmac.new(self._key, ids.encode(), hashlib.sha256).hexdigest()

    def go_on(self, place: Place) -> None:
        """Something was said in it: it goes on for half an hour from now."""
        name, now = self.name(place), self._clock.now()
        self._begun[name] = now
        self._begun.move_to_end(name)
        while len(self._begun) > MOST or now - next(iter(self._begun.values())) > LASTS:
            self._begun.popitem(last=False)

    def goes_on(self, place: Place) -> bool:
        """Whether this person began it with a mention, less than half an hour ago."""
        at = self._begun.get(self.name(place))
        return at is not None and self._clock.now() - at <= LASTS


@dataclass(frozen=True, slots=True)
class Room:
    """Handed to every listener.

    Attributes:
        desk: the bot; called in threads, by ``tell``.
        people: who somebody is.
        conversations: what they are called at the desk.
        memory: what was answered, for half an hour.
        clock: what time it is.
        address: of the pages, without a slash at its end; empty where people cannot open them.
        forms: for the name of each form, its title.
        is_live: whether real people may be spoken of here; if not, whatever takes or shows what is told says so.
        homes: whose App Home was shown.
        asking: the threads in which the desk thinks. Others have theirs: a form that is submitted, and Slack, which
            waits to hear that a message came, do not wait until every question before them is answered.
    """

    desk: Desk
    people: People
    conversations: Conversations
    memory: Memory
    clock: Clock
    address: str = ""
    forms: Mapping[str, str] = field(default_factory=dict)
    is_live: bool = True
    homes: Homes = field(default_factory=Homes)
    asking: ThreadPoolExecutor = field(default_factory=_thinking, repr=False)

    @property
    def owners(self) -> Owners:
        """Whose drafts are that came back by a code."""
        return Owners(self.conversations.key)

    async def tell(self, incoming: Incoming) -> tuple[Reply, ...]:
        """Asks the desk, in a thread: it is synchronous."""
        threads = self.asking if isinstance(incoming, ASKED) else None
        return await asyncio.get_running_loop().run_in_executor(threads, self.desk.receive, incoming)


async def show(client: AsyncWebClient, place: Place, message: Message, *, to_all: bool = False) -> None:
    """Shows a message where something was said: in a channel to that person alone, unless it is to be for all.

    Raises:
        NotShown: Slack did not take it.
    """
    given: dict[str, Any] = {"text": message.text, "blocks": list(message.blocks)}
    if place.response_url and not to_all:
        await respond(place, {**given, "response_type": "ephemeral", "replace_original": False})
        return
    given |= {"thread_ts": place.under} if place.under else {}
    try:
        if place.is_direct or to_all:
            await client.chat_postMessage(channel=place.channel, unfurl_links=False, unfurl_media=False, **given)
        else:
            await client.chat_postEphemeral(channel=place.channel, user=place.user, **given)
    except UNHEARD as failure:
        raise NotShown(code(failure)) from None  # its own words may quote the message


async def respond(place: Place, whole: dict[str, Any]) -> None:
    """Answers by the address that came with what was pressed or typed.

    Raises:
        NotShown: Slack did not take it; after half an hour it takes nothing there any more.
    """
    webhook = AsyncWebhookClient(
        place.response_url,
        timeout=TIMEOUT,
        logger=QUIET,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=2)],
    )
    try:
        answer = await webhook.send_dict(whole)
    except UNHEARD as failure:
        raise NotShown(code(failure)) from None
    if answer.status_code != 200:  # noqa: PLR2004 (all went well)
        raise NotShown(str(answer.status_code))
