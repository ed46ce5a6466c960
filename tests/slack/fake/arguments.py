"""Which methods of the Web API the fake knows, what each takes, and what an app must be granted to call it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.slack.fake.world import Json, Refused

TEXT, FLAG, LIST, OBJECT, NUMBER = "text", "flag", "list", "object", "number"


@dataclass(frozen=True)
class Method:
    """What a method takes: each argument with its kind; ``is_for_app``: with the app's own token."""

    required: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    is_for_app: bool = False


def _scopes(*names: str) -> frozenset[str]:
    return frozenset(names)


_MESSAGE = {"text": TEXT, "blocks": LIST, "thread_ts": TEXT, "parse": TEXT, "link_names": FLAG, "metadata": OBJECT}
_UNFURL = {"unfurl_links": FLAG, "unfurl_media": FLAG, "mrkdwn": FLAG, "reply_broadcast": FLAG}
_VIEW = {"view": OBJECT}

METHODS: dict[str, Method] = {
    "auth.test": Method(),
    "auth.revoke": Method({}, {"test": FLAG}),
    "apps.connections.open": Method(is_for_app=True),
    "users.info": Method({"user": TEXT}, {"include_locale": FLAG}, _scopes("users:read")),
    "conversations.open": Method(
        {}, {"users": TEXT, "channel": TEXT, "return_im": FLAG, "prevent_creation": FLAG}, _scopes("im:write")
    ),
    "conversations.info": Method({"channel": TEXT}, {"include_locale": FLAG, "include_num_members": FLAG}),
    "chat.postMessage": Method({"channel": TEXT}, _MESSAGE | _UNFURL, _scopes("chat:write")),
    "chat.postEphemeral": Method({"channel": TEXT, "user": TEXT}, _MESSAGE, _scopes("chat:write")),
    "chat.update": Method({"channel": TEXT, "ts": TEXT}, _MESSAGE, _scopes("chat:write")),
    "chat.delete": Method({"channel": TEXT, "ts": TEXT}, {}, _scopes("chat:write")),
    "chat.unfurl": Method(
        {"unfurls": OBJECT}, {"channel": TEXT, "ts": TEXT, "unfurl_id": TEXT, "source": TEXT}, _scopes("links:write")
    ),
    "chat.getPermalink": Method({"channel": TEXT, "message_ts": TEXT}),
    "views.open": Method(_VIEW, {"trigger_id": TEXT, "interactivity_pointer": TEXT}),
    "views.push": Method(_VIEW, {"trigger_id": TEXT, "interactivity_pointer": TEXT}),
    "views.update": Method(_VIEW, {"view_id": TEXT, "external_id": TEXT, "hash": TEXT}),
    "views.publish": Method(_VIEW | {"user_id": TEXT}, {"hash": TEXT}),
    "assistant.threads.setStatus": Method(
        {"channel_id": TEXT, "thread_ts": TEXT, "status": TEXT}, {"loading_messages": LIST}, _scopes("assistant:write")
    ),
    "assistant.threads.setTitle": Method(
        {"channel_id": TEXT, "thread_ts": TEXT, "title": TEXT}, {}, _scopes("assistant:write")
    ),
    "assistant.threads.setSuggestedPrompts": Method(
        {"channel_id": TEXT, "prompts": LIST}, {"thread_ts": TEXT, "title": TEXT}, _scopes("assistant:write")
    ),
}
"""The methods that are called with a token."""


def checked(name: str, given: Json) -> Json:
    """The arguments of a call, those that came as text read.

    Raises:
        Refused: one is missing, unknown, or not of its kind.
    """
    method = METHODS[name]
    kinds = dict(method.required) | dict(method.optional)
    unknown = sorted(set(given) - set(kinds))
    if unknown:
        raise Refused("invalid_arguments", f"unknown arguments {unknown}")
    missing = sorted(set(method.required) - {key for key, value in given.items() if value not in (None, "")})
    if name == "assistant.threads.setStatus" and "status" in given:
        missing = [each for each in missing if each != "status"]  # an empty one takes the status away
    if missing:
        raise Refused("invalid_arguments", f"missing {missing}")
    return {key: _read(key, kinds[key], value) for key, value in given.items()}


def _read(key: str, kind: str, value: object) -> object:
    match kind:
        case "list" | "object":
            read = json.loads(value) if isinstance(value, str) else value
            fits = isinstance(read, list if kind == LIST else dict)
        case "flag":
            read = (
                value
                if isinstance(value, bool)
                else {"true": True, "1": True, "false": False, "0": False}.get(str(value))
            )
            fits = read is not None
        case "number":
            read = int(str(value))
            fits = True
        case _:
            read, fits = value, isinstance(value, str)
    if not fits:
        raise Refused("invalid_arguments", f"{key} is not of the kind {kind}")
    return read
