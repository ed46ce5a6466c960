"""Who somebody in Slack is: their workspace and member id, to a person of the directory, and what they may."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.people.directory import Directory
from bot.cases.people.roles import Person
from bot.ports import Clock

KNOWN_FOR = timedelta(minutes=5)
"""How long what Slack said of somebody is taken for true, for all but receiving."""

MOST = 5000
"""Of how many people it is remembered."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody in Slack.

    Attributes:
        person: their id in the directory; empty for who is not in it, for bots, and for people of other organisations.
        may_receive: whether they may be shown what was sent to them. Whether anything was, the desk knows.
        name: as the directory has it, else as Slack says it; may be empty.
        is_unsure: whether Slack could not be asked: then they may receive nothing now, and are told so.
    """

    person: str
    may_receive: bool
    name: str = ""
    is_unsure: bool = False


class People:
    """Finds people."""

    def __init__(self, directory: Callable[[], Directory], workspaces: Collection[str], clock: Clock) -> None:
        """Asks nobody yet.

        Args:
            directory: gives the directory of now.
            workspaces: the ids of those that are let in; where there is one, a member id without one is of that.
            clock: for how long something is known.
        """
        self._directory = directory
        self._workspaces = tuple(workspaces)
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[datetime, Mapping[str, Any]]] = OrderedDict()

    async def who(self, client: AsyncWebClient, team: str, user: str, *, anew: bool = False) -> Who:
        """Who it is.

        Args:
            client: to ask Slack with, by the token of that workspace.
            team: the workspace's id, where the app is installed.
            user: the member's id.
            anew: whether Slack must be asked now, as before anything of a case is shown.
        """
        member = await self._member(client, team, user, anew=anew)
        if member is None:
            person = self._person(team, user)
            return Who(
                person.id if person else "", may_receive=False, name=person.name if person else "", is_unsure=True
            )
        if _is_of_elsewhere(member, team) or member.get("is_bot"):
            return Who("", may_receive=False, name=_called(member))
        person = self._person(team, user)
        if person is None:
            return Who("", may_receive=False, name=_called(member))
        return Who(person.id, may_receive=may_receive(member, team), name=person.name)

    def known(self, team: str, user: str) -> tuple[str, str]:
        """Id and name by the directory alone, which asks nobody and says the same each time; empty for nobody in it."""
        person = self._person(team, user)
        return (person.id, person.name) if person else ("", "")

    def colleagues(self, team: str) -> dict[str, str]:
        """The member ids of those in the directory who have an account in a workspace, by their id in the directory."""
        alone = self._workspaces == (team,)
        split = ((one.id, *one.slack.rpartition("/")[::2]) for one in self._directory().persons if one.slack)
        return {person: user for person, where, user in split if where == team or (alone and not where)}

    def _person(self, team: str, user: str) -> Person | None:
        """The person of the directory with that account; None where nobody has it, or two have."""
        names = {f"{team}/{user}".casefold()}
        if self._workspaces == (team,):
            names.add(user.casefold())
        found = [one for one in self._directory().persons if one.slack and one.slack.casefold() in names]
        return found[0] if len(found) == 1 else None

    async def _member(self, client: AsyncWebClient, team: str, user: str, *, anew: bool) -> Mapping[str, Any] | None:
        now, key = self._clock.now(), (team, user)
        at, known = self._known.get(key, (None, None))
        if known is not None and at is not None and not anew and at <= now < at + KNOWN_FOR:
            return known
        try:
            answer = await client.users_info(user=user)
        except (SlackClientError, aiohttp.ClientError, TimeoutError):
            return None
        given = answer.get("user")
        if not isinstance(given, dict) or given.get("id") != user:
            return None
        member = {name: given.get(name) for name in _WHAT_COUNTS}
        self._known[key] = (now, member)
        self._known.move_to_end(key)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return member


_WHAT_COUNTS = (
    "team_id",
    "deleted",
    "is_bot",
    "is_restricted",
    "is_ultra_restricted",
    "is_stranger",
    "real_name",
)


def may_receive(member: Mapping[str, Any], team: str) -> bool:
    """Whether it is a full member of a workspace: the one rule for cases, for notices and for signing in to the pages.

    Neither a guest, nor deactivated, nor a bot, nor somebody of elsewhere. (``is_app_user`` says something else: that
    they have let the app do something for them, as everybody who signs in with Slack.)

    Args:
        member: as ``users.info`` says.
        team: the workspace.
    """
    is_less = any(member.get(what) for what in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted"))
    return not is_less and not _is_of_elsewhere(member, team)


def _is_of_elsewhere(member: Mapping[str, Any], team: str) -> bool:
    """Somebody of another organisation, in a channel that is shared with it."""
    return bool(member.get("is_stranger")) or member.get("team_id") != team


def _called(member: Mapping[str, Any]) -> str:
    return str(member.get("real_name") or "")
