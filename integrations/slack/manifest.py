"""The manifest of the Slack app, as data: what our listeners need of Slack, and nothing more."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.wording import say

POLICY = "/policy"
CONCERN = "/concern"
CONTACT = "/contact"
COMMANDS = (POLICY, CONCERN, CONTACT)
"""The slash commands; each has its words in the locale."""

REPORT_MESSAGE = "report_message"
"""The shortcut of a message: tell the DSL of it."""

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "groups:history",
    "im:history",
    "im:write",
    "users:read",
)
"""What the bot may do; docs/slack.md says what each is for."""

LINK_SCOPES = ("links:read", "links:write")
"""What the bot may do beside, where the pages have an address: show a clause under a link to it."""

SIGN_IN_SCOPES = ("openid",)
"""What is asked of somebody who signs in to the pages: who they are, neither their name nor their address."""

EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "tokens_revoked",
)
"""What Slack tells us of."""

LINK_EVENTS = ("link_shared",)
"""What Slack tells us of beside, where the pages have an address."""

RECEIVED = "/slack/events"
"""Where Slack delivers in HTTP mode: events, commands and presses alike."""

INSTALLED = "/slack/installed"
"""Where a browser comes back to from installing."""

SIGNED_IN = "/sign-in/with/slack/back"
"""Where a browser comes back to from signing in."""

Manifest = dict[str, Any]


def manifest(http: str = "", back: str = "") -> Manifest:
    """The manifest.

    Args:
        http: the address, https and without a path, at which Slack reaches us; empty for Socket Mode.
        back: the address of the pages, where people may sign in with Slack, and to whose clauses they post links; empty
            where nobody does, and for any that is not https, since Slack sends a browser nowhere else.
    """
    url = {"request_url": f"{http}{RECEIVED}"} if http else {}
    returns = back if back.startswith("https://") else ""
    oauth: Manifest = {"scopes": {"bot": sorted({*SCOPES, *(LINK_SCOPES if returns else ())})}}
    if returns:
        oauth["redirect_urls"] = [f"{returns}{INSTALLED}", f"{returns}{SIGNED_IN}"]
        oauth["scopes"]["user"] = list(SIGN_IN_SCOPES)
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "Touchstone",
            "description": say("slack.manifest.description"),
            "long_description": say("slack.manifest.long_description"),
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Touchstone", "always_online": True},
            **({"unfurl_domains": [urlsplit(returns).hostname]} if returns else {}),
            "agent_view": {"agent_description": say("slack.manifest.agent")},
            "shortcuts": [
                {
                    "name": say("slack.manifest.shortcut"),
                    "type": "message",
                    "callback_id": REPORT_MESSAGE,
                    "description": say("slack.manifest.shortcut_does"),
                }
            ],
            "slash_commands": [_command(name) | ({"url": url["request_url"]} if url else {}) for name in COMMANDS],
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {**url, "bot_events": sorted({*EVENTS, *(LINK_EVENTS if returns else ())})},
            "interactivity": {"is_enabled": True, **url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not http,
            "token_rotation_enabled": False,
        },
    }


def _command(name: str) -> Manifest:
    """One slash command; what is typed with it comes as it was typed (``should_escape``)."""
    key = name.removeprefix("/")
    does = {"command": name, "description": say(f"slack.manifest.command.{key}"), "should_escape": False}
    return does | ({"usage_hint": say("slack.manifest.policy_hint")} if name == POLICY else {})


def as_yaml(data: Mapping[str, Any]) -> str:
    """As YAML, in the order in which it stands; each text in quotes, as JSON writes it, which YAML reads as well."""
    return "\n".join(_lines(data)) + "\n"


def _lines(value: Mapping[str, Any] | Sequence[Any]) -> Iterator[str]:
    pairs = value.items() if isinstance(value, Mapping) else ((None, item) for item in value)
    for key, item in pairs:
        if not isinstance(item, (Mapping, list)):
            yield f"{'-' if key is None else f'{key}:'} {json.dumps(item, ensure_ascii=False)}"
            continue
        inner = [f"  {line}" for line in _lines(item)]
        if key is None:
            yield "- " + inner[0].removeprefix("  ")
            yield from inner[1:]
        else:
            yield f"{key}:"
            yield from inner
