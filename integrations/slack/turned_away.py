"""What comes from a workspace that is not let in: nothing is done with it, and whoever pressed or typed is told so."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError

from bot.wording import say
from integrations.slack.room import NotShown, Place, respond

_WITHIN = 2.0
"""Seconds that Slack has to show it: it waits three for our answer."""


async def turned_away(body: Mapping[str, Any], *, is_answerable: bool) -> BoltResponse:
    """The answer to what is dropped. Events are answered with nothing: there is nowhere to write to.

    Args:
        body: what came.
        is_answerable: whether it is meant for our app, and wants its answer at Slack.
    """
    words = {"response_type": "ephemeral", "text": say("slack.asking.elsewhere")}
    if is_answerable and body.get("command"):
        return BoltResponse(status=200, body=words)
    if is_answerable and body.get("response_url"):
        with suppress(NotShown, SlackClientError, aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(_WITHIN):
                place = Place("", "", "", response_url=str(body["response_url"]))
                await respond(place, {**words, "replace_original": False})
    return BoltResponse(status=200, body="")
