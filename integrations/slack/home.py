"""App Home: ask, tell, what one reported and how it stands, drafts, and for those who receive what is in their inbox.

It holds references, urgency and state, and nothing of what was told: Slack keeps what it shows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.reports.drafts import PERSON
from bot.messages import (
    FormsView,
    InboxView,
    Incoming,
    InductionView,
    OpenForms,
    OpenInbox,
    OpenInduction,
    OpenStanding,
    Reply,
    StandingView,
)
from bot.wording import say
from integrations.incidents import report
from integrations.slack import cases, forms, inbound, modals, walk
from integrations.slack.blocks import (
    MOST_IN_VIEW,
    Block,
    context,
    divider,
    escape,
    header,
    link,
    section,
    sections,
)
from integrations.slack.people import Who
from integrations.slack.room import Room

Json = Mapping[str, Any]

REPORTS = 10
"""How many of one's own reports are listed; “My reports” shows all."""


def listen(app: AsyncApp, room: Room) -> None:
    """Registers the listener of App Home."""
    app.event("app_home_opened", matchers=[inbound.is_tab("home")])(Home(room).opened)


@dataclass(frozen=True, slots=True)
class Home:
    """Shows App Home whenever somebody opens it."""

    room: Room

    async def opened(self, event: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Somebody looks at it."""
        await _publish(self.room, client, context.team_id or "", str(event.get("user") or ""))


async def refresh(room: Room, client: AsyncWebClient, team: str, user: str) -> None:
    """Shows somebody their App Home anew after something of it has changed, if it was shown to them before.

    That it cannot be shown is no reason for anything to fail: they see it when they open it again.
    """
    if not room.homes.is_shown(team, user):
        return
    try:
        await _publish(room, client, team, user)
    except Exception as error:  # noqa: BLE001 (what was done is done, and was said)
        report(error)


async def _publish(room: Room, client: AsyncWebClient, team: str, user: str) -> None:
    """Slack is asked anew who they are before anything of an inbox is shown."""
    number = room.homes.begin(team, user)
    who = await room.people.who(client, team, user, anew=True)
    wanted: list[Incoming] = [OpenForms(PERSON + who.person if who.person else "")]
    wanted += [OpenInduction(PERSON + who.person if who.person else "")]
    wanted += [OpenStanding(who.person)] if who.person else []
    wanted += [OpenInbox(who.person)] if who.may_receive else []
    replies = [reply for one in wanted for reply in await _told(room, one)]
    if room.homes.is_newest(team, user, number):
        await client.views_publish(user_id=user, view=home(replies, who, room.address, is_live=room.is_live))


async def _told(room: Room, wanted: Incoming) -> tuple[Reply, ...]:
    """What the desk says; what breaks is left out, so that the rest is there."""
    try:
        return await room.tell(wanted)
    except Exception as error:  # noqa: BLE001 (whatever broke below, somebody may want to tell something)
        report(error)
        return ()


def home(replies: list[Reply], who: Who, address: str, *, is_live: bool = True) -> Block:
    """App Home as a view.

    Args:
        replies: what there is to tell, how it stands with what was told, and the inbox, as far as there is any.
        who: who looks.
        address: of the pages; empty where people cannot open them.
        is_live: whether real people may be spoken of here.
    """
    blocks: list[Block] = []
    for reply in replies:
        match reply:
            case InboxView() if reply.rows or reply.role:
                blocks = [*cases.listed(reply, f"{address}/inbox" if address else ""), divider(), *blocks]
            case FormsView():
                blocks += [*_asking(), *_offered(reply, address)]
            case InductionView():
                blocks += [divider(), *walk.progress(reply)]
            case StandingView() if reply.rows:
                blocks += [divider(), *_reported(reply)]
            case _:
                continue
    if who.is_unsure:
        blocks = [context(escape(say("slack.home.unsure"))), *blocks]
    blocks = [*forms.not_live(is_live=is_live), *(blocks or _asking())]
    return {"type": "home", "blocks": blocks[:MOST_IN_VIEW]}


def _asking() -> Iterator[Block]:
    yield header(say("slack.home.hello"))
    yield from sections(say("slack.home.ask"))


def _offered(forms: FormsView, address: str) -> Iterator[Block]:
    yield header(forms.title)
    yield from modals.offered(forms)
    if address:
        yield section(link(f"{address}/forms", say("slack.modal.page")))


def _reported(standing: StandingView) -> Iterator[Block]:
    yield header(say("slack.home.reports"))
    for row in standing.rows[:REPORTS]:
        yield from modals.stands(row, with_form=False)
