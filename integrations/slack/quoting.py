"""A message of Slack's quoted into the draft of a report: its words, who wrote it, where and when."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.cases import dates
from bot.wording import say
from integrations.slack.inbound import plain_words
from integrations.slack.inputs import units

LONGEST = 2500
"""How much of a message is quoted, in Slack's units: what a person adds has to fit beside it."""


def quoted(body: Mapping[str, Any], name: str) -> str:
    """The message of a shortcut, as it stands in a report.

    Args:
        body: the shortcut's payload.
        name: of whoever wrote the message; may be empty.
    """
    message = body.get("message") or {}
    first = say(
        "slack.quote.said",
        who=name or str(message.get("username") or "") or say("slack.quote.somebody"),
        where=_where(body.get("channel") or {}),
        moment=_when(str(message.get("ts") or "")),
    )
    files = len(message.get("files") or ())
    last = [say("slack.quote.files", count=files)] if files else []
    return "\n".join([first, f"“{fitting(plain_words(str(message.get('text') or '')))}”", *last]) + "\n\n"


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
    if name == "directmessage":
        return say("slack.quote.direct")
    return say("slack.quote.channel", name=name) if name and name != "privategroup" else say("slack.quote.private")


def _when(ts: str) -> str:
    try:
        return dates.moment_in_words(datetime.fromtimestamp(float(ts), UTC))
    except (ValueError, OverflowError, OSError):
        return "?"
