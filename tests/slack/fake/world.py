"""What there is in the fake Slack: workspaces, people, channels, messages, and what each person may see of them."""

import itertools
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
"""An object as it goes over the wire."""

APP = "A0TOUCHSTONE"


@dataclass(frozen=True)
class Manifest:
    """What the app asks of Slack: nothing else is granted, delivered or offered to people."""

    scopes: frozenset[str]
    events: frozenset[str]
    commands: frozenset[str]
    shortcuts: frozenset[str]
    has_home: bool
    has_messages: bool
    in_sockets: bool
    domains: frozenset[str] = frozenset()

    @classmethod
    def read(cls, given: Json) -> "Manifest":
        """From a manifest as Slack takes it."""
        features, settings = given["features"], given["settings"]
        home = features.get("app_home", {})
        return cls(
            frozenset(given["oauth_config"]["scopes"]["bot"]),
            frozenset(settings["event_subscriptions"]["bot_events"]),
            frozenset(each["command"] for each in features.get("slash_commands", [])),
            frozenset(each["callback_id"] for each in features.get("shortcuts", [])),
            bool(home.get("home_tab_enabled")),
            bool(home.get("messages_tab_enabled")) and not home.get("messages_tab_read_only_enabled"),
            bool(settings.get("socket_mode_enabled")),
            frozenset(features.get("unfurl_domains", [])),
        )


class Refused(Exception):
    """What the app did is refused, as Slack refuses it: an error code, and where it is wrong."""

    def __init__(self, code: str, detail: str = "", **more: object) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.more = more


class Clock:
    """The time by which trigger ids and response addresses grow old: this machine's, and what a test adds to it."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._ticks = itertools.count(1)

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Makes it later at once."""
        self._ahead += seconds

    def stamp(self) -> str:
        """The ``ts`` of something new: later than all that went before, even within one microsecond."""
        return f"{int(self.now())}.{next(self._ticks):06d}"


@dataclass
class User:
    """A member of a workspace as ``users.info`` tells of them."""

    id: str
    team: str
    name: str
    real_name: str = ""
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    is_bot: bool = False
    is_stranger: bool = False
    is_app_user: bool = False

    def payload(self) -> Json:
        """As the Web API gives it."""
        real_name = self.real_name or self.name
        told: Json = {
            "id": self.id,
            "team_id": self.team,
            "name": self.name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": self.is_app_user,
            "updated": 1_700_000_000,
            "profile": {"real_name": real_name, "display_name": self.name, "team": self.team},
        }
        if self.deleted:  # Slack says less of people who left
            return told
        told |= {
            "real_name": real_name,
            "tz": "Europe/London",
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
        }
        return told | ({"is_stranger": True} if self.is_stranger else {})


@dataclass
class Channel:
    """A conversation: ``channel``, ``group`` (a private channel) or ``im``."""

    id: str
    name: str
    kind: str = "channel"
    members: set[str] = field(default_factory=set)
    is_archived: bool = False

    def payload(self, bot: str) -> Json:
        """As the Web API gives it."""
        if self.kind == "im":
            others = sorted(self.members - {bot})
            return {"id": self.id, "is_im": True, "user": others[0], "is_archived": False, "is_open": True}
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": False,
            "is_private": self.kind == "group",
            "is_archived": self.is_archived,
            "is_member": bot in self.members,
            "is_ext_shared": False,
        }


@dataclass
class Message:
    """Something said; ``to`` names the one person who sees it where it is ephemeral."""

    team: str
    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    to: str | None = None
    bot_id: str | None = None
    is_edited: bool = False

    def payload(self) -> Json:
        """As events and actions carry it."""
        told: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text, "team": self.team}
        told |= {"blocks": self.blocks} if self.blocks else {}
        told |= {"thread_ts": self.thread_ts} if self.thread_ts else {}
        told |= {"edited": {"user": self.user, "ts": self.ts}} if self.is_edited else {}
        return told | ({"bot_id": self.bot_id, "app_id": APP} if self.bot_id else {})


@dataclass
class Team:
    """A workspace in which the app is installed, with a bot and a token of its own."""

    id: str
    clock: Clock
    scopes: frozenset[str] = frozenset()
    name: str = ""
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name = self.name or f"School {self.id}"
        self.domain = self.id.lower()
        self.bot = f"UBOT{self.id}"
        self.bot_id = f"BBOT{self.id}"
        self.revoke()
        self.users[self.bot] = User(self.bot, self.id, "touchstone", is_bot=True)

    def revoke(self) -> None:
        """Its token is good for nothing any more; there is another one, which the app does not know."""
        self.bot_token = f"xoxb-{self.id}-{secrets.token_hex(12)}"

    def user(self, user: str, name: str = "", **is_: Any) -> User:  # noqa: ANN401 (fields of User)
        """Makes a member: ``is_restricted``, ``is_ultra_restricted``, ``deleted``, ``is_bot``, ``is_stranger``."""
        made = User(user, self.id, name or user.lower(), **is_)
        self.users[user] = made
        return made

    def channel(
        self, channel: str, name: str = "", *, members: list[str], kind: str = "channel", has_bot: bool = True
    ) -> Channel:
        """Makes a channel; the bot is a member of it unless a test says otherwise."""
        made = Channel(channel, name or channel.lower(), kind, set(members) | ({self.bot} if has_bot else set()))
        self.channels[channel] = made
        return made

    def im(self, user: str) -> Channel:
        """The direct messages between a person and the bot."""
        found = f"D{user}"
        if found not in self.channels:
            self.channels[found] = Channel(found, "directmessage", "im", {user, self.bot})
        return self.channels[found]

    def seen_by(self, user: str) -> list[Message]:
        """All messages that a person can see, in order."""
        mine = {channel.id for channel in self.channels.values() if user in channel.members}
        return [each for each in self.messages if each.channel in mine and each.to in (None, user)]

    def has_replies(self, channel: str, ts: str) -> bool:
        """Whether anybody has answered under a message, for all to see."""
        return any((each.channel, each.thread_ts, each.to) == (channel, ts, None) for each in self.messages)

    def message(self, channel: str, ts: str) -> Message | None:
        """A message that everybody in its channel sees."""
        return next((each for each in self.messages if (each.channel, each.ts, each.to) == (channel, ts, None)), None)


@dataclass
class Links:
    """The links of a message, or of one that is only being typed; the app may show something under each."""

    team: str
    channel: str
    ts: str
    urls: tuple[str, ...]
    source: str
    shown: dict[str, list[Json]] = field(default_factory=dict)


@dataclass
class Trigger:
    """A trigger id: good once, for three seconds."""

    team: str
    user: str
    made: float
    views: int = 0
    is_used: bool = False


@dataclass
class Grant:
    """A code that somebody brings back from installing the app: good once, for ten minutes, at one address."""

    team: str
    user: str
    redirect_uri: str
    made: float


@dataclass
class Answerable:
    """A response address: good five times, for half an hour."""

    team: str
    user: str
    channel: str
    made: float
    message: Message | None = None
    uses: int = 0


class World:
    """Everything that one fake Slack holds; whoever reads or changes it holds its lock."""

    TRIGGER_LIVES = 3.0
    ANSWERABLE_LIVES = 1800.0
    ANSWERS = 5
    GRANT_LIVES = 600.0

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.teams: dict[str, Team] = {}
        self.triggers: dict[str, Trigger] = {}
        self.answerables: dict[str, Answerable] = {}
        self.grants: dict[str, Grant] = {}
        self.links: dict[str, Links] = {}
        self._numbers = itertools.count(1)

    def new_id(self, kind: str) -> str:
        """An id that nothing else has, such as ``V000000012``."""
        return f"{kind}{next(self._numbers):09d}"

    def by_token(self, token: str) -> Team | None:
        """The workspace of a bot's token."""
        return next((team for team in self.teams.values() if team.bot_token == token), None)

    def team_of(self, user: str) -> Team:
        """The workspace of which somebody is a member.

        Raises:
            KeyError: nobody has this id.
        """
        found = [team for team in self.teams.values() if user in team.users]
        if not found:
            raise KeyError(user)
        return found[0]

    def trigger(self, team: str, user: str) -> str:
        """A new trigger id."""
        made = f"{next(self._numbers)}.{team}.{secrets.token_hex(16)}"
        self.triggers[made] = Trigger(team, user, self.clock.now())
        return made

    def use_trigger(self, trigger: str, team: Team) -> Trigger:
        """Uses it up, as opening a view does.

        Raises:
            Refused: it is unknown, too old, or was used.
        """
        found = self.triggers.get(trigger)
        if found is None or found.team != team.id:
            raise Refused("invalid_trigger_id")
        if found.is_used:
            raise Refused("exchanged_trigger_id")
        if self.clock.now() - found.made > self.TRIGGER_LIVES:
            raise Refused("expired_trigger_id")
        found.is_used = True
        return found

    def answerable(self, team: str, user: str, channel: str, message: Message | None = None) -> str:
        """A new response address: its last part."""
        made = secrets.token_hex(16)
        self.answerables[made] = Answerable(team, user, channel, self.clock.now(), message)
        return made


def walk(given: object) -> Iterator[Json]:
    """Every object within blocks, from outside in."""
    if isinstance(given, dict):
        yield given
        for each in given.values():
            yield from walk(each)
    elif isinstance(given, list):
        for each in given:
            yield from walk(each)


def words(blocks: object) -> str:
    """All that can be read in blocks, one text a line, as it stands for who reads it."""
    found = [each["text"] for each in walk(blocks) if isinstance(each.get("text"), str) and "type" in each]
    return "\n".join(readable(text) for text in found)


def readable(text: str) -> str:
    """Without what nobody sees: escapes become signs, word joiners vanish."""
    for escaped, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("\u2060", "")):
        text = text.replace(escaped, sign)
    return text
