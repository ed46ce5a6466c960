"""A message of Slack's quoted into the draft of a report: its words, who wrote it, where and when."""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.cases import dates
from bot.wording import say
from integrations.slack.inputs import units

_REFERENCE = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")

DIRECT = "directmessage"
"""What Slack calls every conversation of two people."""

MOST_NAMED = 20
"""Of how many whom a message names Slack is asked; of more the id stands there."""

LONGEST = 2500
"""How much of a message is quoted, in Slack's units: what a person adds has to fit beside it."""


def people_in(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The member ids of whoever wrote the message of a shortcut, and of those whom it names."""
    message = body.get("message") or {}
    named = [found[2] for found in _REFERENCE.finditer(str(message.get("text") or "")) if found[1] == "@"]
    return tuple(dict.fromkeys(user for user in [str(message.get("user") or ""), *named[:MOST_NAMED]] if user))


def quoted(body: Mapping[str, Any], names: Mapping[str, str], link: str = "") -> str:
    """The message of a shortcut, as it stands in a report.

    Args:
        body: the shortcut's payload.
        names: of people, by member id, as far as they are known.
        link: where the message stands; empty where that is not known.
    """
    message = body.get("message") or {}
    first = say(
        "slack.quote.said",
        who=_who(message, names),
        where=_where(body.get("channel") or {}),
        moment=_when(str(message.get("ts") or "")),
    )
    files = len(message.get("files") or ())
    last = [say("slack.quote.files", count=files)] if files else []
    last += [say("slack.quote.link", link=link)] if link else []
    return "\n".join([first, f"“{fitting(words(str(message.get('text') or ''), names))}”", *last]) + "\n\n"


def _who(message: Mapping[str, Any], names: Mapping[str, str]) -> str:
    user = str(message.get("user") or "")
    named = names.get(user) or str(message.get("username") or "")
    return named or (f"@{user}" if user else say("slack.quote.somebody"))


def words(text: str, names: Mapping[str, str]) -> str:
    """All that a message says: whom and what it names by its name, and by its id where that is all there is.

    Args:
        text: as Slack has it.
        names: of people, by member id, as far as they are known.
    """
    said, at = [], 0
    for found in _REFERENCE.finditer(text):
        said += [html.unescape(text[at : found.start()]), _named(found, names)]
        at = found.end()
    return "".join([*said, html.unescape(text[at:])]).strip()


def _named(found: re.Match[str], names: Mapping[str, str]) -> str:
    kind, what, label = found[1], html.unescape(found[2]), html.unescape(found[3] or "")
    match kind:
        case "@":
            return "@" + (names.get(what) or label.removeprefix("@") or what)
        case "#":
            return "#" + (label.removeprefix("#") or what)
        case "!":
            return label or "@" + what.removeprefix("subteam^")
        case _:
            is_same = what.partition(":")[2].removeprefix("//").rstrip("/") == label.rstrip("/")
            return label if is_same else f"{label} ({what})" if label and label != what else what


def fitting(text: str) -> str:
    """As much of a text as is quoted, and that there is more."""
    if units(text) <= LONGEST:
        return text
    fits = text[:LONGEST]
    while units(fits) > LONGEST:
        fits = fits[: -max(1, (units(fits) - LONGEST) // 2)]
    return f"{fits.rstrip()} … {say('slack.quote.cut')}"


def _where(channel: Mapping[str, Any]) -> str:
    """A channel by its name, which Slack does not tell of conversations that are not for all."""
    name = str(channel.get("name") or "")
    if name == DIRECT:
        return say("slack.quote.direct")
    return say("slack.quote.channel", name=name) if name and name != "privategroup" else say("slack.quote.private")


def _when(ts: str) -> str:
    try:
        return dates.moment_in_words(datetime.fromtimestamp(float(ts), UTC))
    except (ValueError, OverflowError, OSError):
        return "?"
