"""Unfurling: under a link to a clause that somebody posts stands the clause, word for word; under any other nothing.

Slack tells of every link to our address, wherever it is posted, and of the message no more than its links.
"""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages import SectionView, ShowSection
from integrations.incidents import report
from integrations.shown import citation_address
from integrations.slack.blocks import LONGEST_SECTION, Block, context, escape, plain
from integrations.slack.citing import goes_on, headed, source
from integrations.slack.room import Room

Json = Mapping[str, Any]

MOST = 5
"""How many links of one message are looked at; Slack shows no more."""

_MOST_PARTS = 6
"""Of how many parts slug and version of a policy may be, with slashes between them."""


def listen(app: AsyncApp, room: Room) -> None:
    """Registers the listener of links."""
    app.event("link_shared")(Unfurling(room).shared)


@dataclass(frozen=True, slots=True)
class Unfurling:
    """Shows clauses under links to them."""

    room: Room

    async def shared(self, event: Json, client: AsyncWebClient) -> None:
        """Links to our address are posted, or typed. It is a nicety: of what breaks, nobody is told."""
        try:
            links = [str(one.get("url") or "") for one in event.get("links") or ()][:MOST]
            found = {url: section for url in links if (section := await self._section(url)) is not None}
            if found:
                unfurls = {url: {"blocks": unfurled(section, self.room.address)} for url, section in found.items()}
                await client.chat_unfurl(unfurls=unfurls, **_where(event))
        except Exception as error:  # noqa: BLE001 (whatever it is: whoever posted the link asked us nothing)
            report(error)

    async def _section(self, url: str) -> SectionView | None:
        """The clause that a link leads to; None for any other page of ours, and for what is no longer there."""
        for wanted in pointed_at(url, self.room.address):
            for reply in await self.room.tell(wanted):
                if isinstance(reply, SectionView) and _leads_to(url, reply):
                    return reply
        return None


def pointed_at(url: str, address: str) -> Iterator[ShowSection]:
    """Which clause a link may lead to; nothing for a page that is none of a policy's.

    Slug and version may have slashes in them, so there may be several.
    """
    try:
        parts = urlsplit(html.unescape(url))
    except ValueError:
        return
    if not address or f"{parts.scheme}://{parts.netloc}".casefold() != address.casefold():
        return
    if parts.path == "/section":
        asked = parse_qs(parts.query)
        yield ShowSection(asked.get("policy", [""])[0], asked.get("label", [""])[0])
    elif parts.path.startswith("/policies/") and parts.fragment:
        names = unquote(parts.path.removeprefix("/policies/")).split("/")[:_MOST_PARTS]
        for at in range(len(names) - 1, 0, -1):
            yield ShowSection("/".join(names[:at]), unquote(parts.fragment))


def _leads_to(url: str, section: SectionView) -> bool:
    """Whether that is the version which the link names, if it names one: of another the page is not there."""
    path = urlsplit(html.unescape(url)).path
    return path == "/section" or unquote(path) == unquote(urlsplit(citation_address(section.citation)).path)


def unfurled(section: SectionView, address: str) -> list[Block]:
    """What stands under a link: which clause, its words, and of which policy in which version."""
    citation = section.citation
    words = [citation.clause.lead_in or "", citation.clause.text]
    is_cut = any(len(text) > LONGEST_SECTION for text in words)
    return [
        context(headed(citation, address)),
        *({"type": "section", "text": plain(text)} for text in words if text),
        context(source(citation, address), *([escape(goes_on(address))] if is_cut else [])),
    ]


def _where(event: Json) -> dict[str, Any]:
    """The message that has the links; one that is only being typed is known by an id alone."""
    if event.get("unfurl_id") and event.get("source"):
        return {"unfurl_id": str(event["unfurl_id"]), "source": str(event["source"])}
    return {"channel": str(event.get("channel") or ""), "ts": str(event.get("message_ts") or "")}
