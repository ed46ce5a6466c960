"""A verified payload of Slack's -> what it says: who, where, which words, which button."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.messages import OpenQuestion, Rate, SendQuestion, Shown, ShowSection, TellFact
from integrations.slack.room import Place
from knowledge.facts import shipped_facts
from knowledge.rulings import Verdict

MAX_QUESTION = 2000
"""How many characters a question may have; more is looked at for dangers alone."""

OF_PEOPLE = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of messages that a person wrote just now; the others are edits, joins, and what programs say."""

_REFERENCE = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_SPACES = re.compile(r"[ \t\u00a0]+")
_HEX = re.compile(r"[0-9a-f]{32}", re.ASCII)

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a person.

    Attributes:
        place: where.
        ts: what Slack calls it.
        text: its words, without mentions.
        mentioned: the member ids that it names.
    """

    place: Place
    ts: str
    text: str = field(repr=False)
    mentioned: frozenset[str] = frozenset()


def said(team: str, event: Json) -> Said | None:
    """What a person wrote; None for edits, what programs say, and messages that are none.

    Args:
        team: the workspace where the app hears it.
        event: of the type ``message`` or ``app_mention``.
    """
    user, channel, ts = (str(event.get(key) or "") for key in ("user", "channel", "ts"))
    is_of_program = bool(event.get("bot_id") or event.get("bot_profile"))
    if event.get("subtype") not in OF_PEOPLE or is_of_program or not (team and user and channel and ts):
        return None
    if event.get("edited"):  # a mention that was put in later comes as a new event; it was said before
        return None
    under = str(event.get("thread_ts") or "")
    is_direct = event.get("channel_type") == "im" or channel.startswith("D")
    thread = under if is_direct else under or ts
    place = Place(team, channel, user, thread, under, is_direct)
    text = str(event.get("text") or "")
    mentioned = frozenset(found[2] for found in _REFERENCE.finditer(text) if found[1] == "@")
    return Said(place, ts, plain_words(text), mentioned)


def plain_words(text: str) -> str:
    """What somebody typed, without Slack's markup: references to people and channels by their names, if any."""
    return _SPACES.sub(" ", html.unescape(_REFERENCE.sub(_named, text))).strip()


def _named(found: re.Match[str]) -> str:
    kind, what, label = found[1], found[2], found[3]
    if kind:
        return label or ""
    return label or what


def commanded(body: Json) -> tuple[Place, str]:
    """Where a slash command was typed, and the words behind it."""
    channel = str(body.get("channel_id") or "")
    place = Place(
        str(body.get("team_id") or ""),
        channel,
        str(body.get("user_id") or ""),
        is_direct=channel.startswith("D"),
        response_url=str(body.get("response_url") or ""),
    )
    return place, plain_words(str(body.get("text") or ""))


def pressed_in(team: str, body: Json) -> Place:
    """Where a button was pressed; the thread of its conversation is in what the button carries."""
    container = body.get("container") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    message = body.get("message") or {}
    under = str(container.get("thread_ts") or message.get("thread_ts") or "")
    thread = str(pressed(body).get("t") or "")
    return Place(
        team,
        channel,
        str((body.get("user") or {}).get("id") or ""),
        thread,
        under,
        is_direct=channel.startswith("D"),
        response_url=str(body.get("response_url") or ""),
    )


def pressed(body: Json) -> Json:
    """What the button that was pressed carries; empty for what is none of ours."""
    action: Json = next(iter(body.get("actions") or ()), {})
    return carried(str(action.get("value") or ""))


def carried(value: str) -> Json:
    """What a button's value or a view's metadata carries; empty for what is none of ours."""
    try:
        found = json.loads(value or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def is_tab(name: str) -> Any:  # noqa: ANN401 (a matcher, as slack-bolt takes it)
    """A matcher of ``app_home_opened`` for one of its tabs: ``home`` or ``messages``."""

    async def matches(event: Json) -> bool:
        return event.get("tab") == name

    return matches


# ------------------------------------------------------------------------------------------- what is pressed


def form_button(body: Json) -> tuple[str, str | None]:
    """The name of the form whose button was pressed, and the clause that it is about, if any."""
    given = pressed(body)
    return str(given.get("f") or ""), str(given["c"]) if given.get("c") else None


def tell_fact(given: Json, conversation: str) -> TellFact:
    """The fact whose button was pressed, with what was known then; nobody's words."""
    known = {str(key): str(value) for key, value in _mapping(given.get("f")).items()}
    if given.get("k"):
        known[str(given["k"])] = str(given.get("v") or "")
    return TellFact(str(given.get("p") or ""), str(given.get("r") or ""), tuple(known.items()), conversation)


def asked(given: Json) -> tuple[str, ...]:
    """The facts that the answer before asked for, whether or not the next one still does."""
    keys = given.get("a")
    return tuple(key for key in keys if key in shipped_facts()) if isinstance(keys, list) else ()


def shown(given: Json) -> Shown:
    """What the answer showed. What is none of our verdicts is "info"."""
    verdict, policy, labels = given.get("e"), given.get("p"), given.get("l")
    known = Verdict(verdict) if verdict in set(Verdict) else Verdict.INFO
    return Shown(known, str(policy) if policy else None, tuple(map(str, labels)) if isinstance(labels, list) else ())


def rate(given: Json, *, helpful: bool) -> Rate:
    """What was said of an answer."""
    return Rate(hex_id(given.get("h")), shown(given), helpful)


def open_question(given: Json, words: str) -> OpenQuestion:
    """The question to be sent to the policy owner perhaps."""
    return OpenQuestion(shown(given), words)


def send_question(view: Json) -> SendQuestion:
    """The question as it was sent to the policy owner."""
    given = carried(str(view.get("private_metadata") or ""))
    typed: Json = {block: next(iter(_mapping(fields).values()), {}) for block, fields in _state(view).items()}
    words, reply_to = (str(_mapping(typed.get(key)).get("value") or "") for key in ("words", "reply_to"))
    return SendQuestion(hex_id(given.get("d")), shown(given), words, reply_to)


def show_section(given: Json) -> ShowSection:
    """Which clause is to be shown in its place."""
    return ShowSection(str(given.get("p") or ""), str(given.get("l") or ""))


def hex_id(given: object) -> str:
    """An id that a button of ours carries, or nothing: what is not of that form was not given by us."""
    return given if isinstance(given, str) and _HEX.fullmatch(given) else ""


def _state(view: Json) -> Json:
    return _mapping(_mapping(view.get("state")).get("values"))


def _mapping(given: object) -> Json:
    return given if isinstance(given, dict) else {}
