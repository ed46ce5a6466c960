"""The payloads that Slack sends when a person does something: events, commands and interactions."""

import re
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from tests.slack.fake.views import View
from tests.slack.fake.world import APP, Channel, Json, Links, Message, Team

_LINK = re.compile(r"https?://[^\s<>|]+")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def typed(text: str) -> str:
    """What somebody typed, as it comes in the ``text`` of an event: escaped, and addresses made into links."""
    text = _LINK.sub(lambda found: f"<{found[0]}>", escaped(text))
    return _MAIL.sub(lambda found: f"<mailto:{found[0]}|{found[0]}>", text)


def escaped(text: str) -> str:
    """Slack's control characters as they come in texts."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rich(text: str, mentions: str = "") -> list[Json]:
    """The blocks that come with whatever a person writes in Slack's editor, after a mention if there is one."""
    whole = [{"type": "user", "user_id": mentions}] if mentions else []
    inner = [{"type": "rich_text_section", "elements": [*whole, {"type": "text", "text": text}]}]
    return [{"type": "rich_text", "block_id": secrets.token_urlsafe(4), "elements": inner}]


def said(team: Team, channel: Channel, message: Message) -> Json:
    """The event of a message of a person."""
    event: Json = {
        "user": message.user,
        "type": "message",
        "ts": message.ts,
        "client_msg_id": secrets.token_hex(16),
        "text": message.text,
        "team": team.id,
        "blocks": message.blocks,
        "channel": channel.id,
        "event_ts": message.ts,
        "channel_type": channel.kind,
    }
    if message.thread_ts is None:
        return event
    parent = team.message(channel.id, message.thread_ts)
    event["thread_ts"] = message.thread_ts
    return event | ({"parent_user_id": parent.user} if parent else {})


def mentioned(event: Json) -> Json:
    """The second event of the same message, where it mentions the app."""
    return {key: value for key, value in event.items() if key != "channel_type"} | {"type": "app_mention"}


def edited(channel: Channel, before: Json, message: Message, stamp: str) -> Json:
    """The event of a message that was changed."""
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": channel.id,
        "ts": stamp,
        "event_ts": stamp,
        "channel_type": channel.kind,
        "message": message.payload(),
        "previous_message": before,
    }


def links(text: str, domains: Collection[str]) -> tuple[str, ...]:
    """The links in a text that lead to one of these domains, or to one below."""
    found = [found[0] for found in _LINK.finditer(text)]
    hosts = {url: urlsplit(url).hostname or "" for url in found}
    return tuple(url for url, host in hosts.items() if any(f".{host}".endswith(f".{one}") for one in domains))


def shared(user: str, known: str, found: Links, stamp: str, *, is_member: bool) -> Json:
    """The event of links in a message: all that the app is told of it where it is no member."""
    return {
        "type": "link_shared",
        "user": user,
        "channel": found.channel,
        "message_ts": found.ts,
        "is_bot_user_member": is_member,
        "unfurl_id": known,
        "source": found.source,
        "links": [{"url": url, "domain": urlsplit(url).hostname} for url in found.urls],
        "event_ts": stamp,
    }


def opened_home(user: str, channel: Channel, tab: str, stamp: str, view: View | None) -> Json:
    """The event of somebody who looks at the app: its Home (``home``) or its messages (``messages``)."""
    event: Json = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": tab, "event_ts": stamp}
    return event | ({"view": view.payload()} if tab == "home" and view is not None else {})


def command(  # noqa: PLR0913 (a command has so many parts)
    team: Team, user: str, channel: Channel, *, name: str, text: str, token: str, trigger: str, response_url: str
) -> Json:
    """A slash command."""
    return {
        "token": token,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user,
        "user_name": team.users[user].name,
        "command": name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger,
    }


def interaction(kind: str, team: Team, user: str, token: str) -> Json:
    """What all interactions have in common."""
    return {
        "type": kind,
        "team": {"id": team.id, "domain": team.domain},
        "user": {"id": user, "username": team.users[user].name, "name": team.users[user].name, "team_id": team.id},
        "api_app_id": APP,
        "token": token,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def from_message(team: Team, message: Message, response_url: str) -> Json:
    """Where an action was taken: in a message. Of an ephemeral one the app is told no more than where it was."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.to is not None,
    }
    container |= {"thread_ts": message.thread_ts} if message.thread_ts else {}
    channel = team.channels[message.channel]
    whole: Json = {
        "container": container,
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": {}},
        "response_url": response_url,
    }
    return whole if message.to is not None else whole | {"message": message.payload()}


def from_view(view: View) -> Json:
    """Where an action was taken: in a view."""
    return {"container": {"type": "view", "view_id": view.id}, "view": view.payload()}


def shortcut(  # noqa: PLR0913 (a shortcut has so many parts)
    team: Team, message: Message, callback: str, *, trigger: str, response_url: str, stamp: str
) -> Json:
    """What a message shortcut adds."""
    channel = team.channels[message.channel]
    return {
        "action_ts": stamp,
        "callback_id": callback,
        "trigger_id": trigger,
        "response_url": response_url,
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": channel.name},
        "message": message.payload(),
    }
