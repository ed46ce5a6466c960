"""What stands in a form that comes back from a modal: its answers, with whoever was picked by name, and whose it is."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient

from bot.cases.reports.drafts import PERSON
from bot.messages import MEANS, FormView, OpenDraft
from bot.wording import say
from integrations.slack import submitted
from integrations.slack.inputs import PEOPLE_SUFFIX
from integrations.slack.people import Who
from integrations.slack.room import Room
from integrations.slack.submitted import Carried, View

_MOST = 2000


class NotNamed(LookupError):
    """A colleague was picked of whom nobody can say the name now: nothing is sent or saved, and no id stands for them.

    Attributes:
        errors: what is wrong, by block.
    """

    def __init__(self, errors: Mapping[str, str]) -> None:
        """``errors``: what is wrong, by block."""
        super().__init__()
        self.errors = errors


class KeptElsewhere(LookupError):
    """An answer too long for Slack is not found where its draft was kept: the form cannot be gone on with in Slack."""


class Kept:
    """What is remembered for a while, by a name; the oldest goes first."""

    def __init__(self) -> None:
        """Remembers nothing."""
        self._kept: OrderedDict[str, str] = OrderedDict()

    def put(self, name: str, what: str) -> None:
        """Remembers something."""
        self._kept[name] = what
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def find(self, name: str) -> str:
        """What is remembered; empty for nothing."""
        return self._kept.get(name, "")


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it came back.

    Attributes:
        client: asks Slack.
        team: the workspace.
        view: the modal.
        carried: what it carried along.
        who: who sent it.
    """

    client: AsyncWebClient
    team: str
    view: View = field(repr=False)
    carried: Carried
    who: Who


@dataclass(frozen=True, slots=True)
class Filled:
    """Reads forms that came back.

    Attributes:
        room: what every listener shares.
        names: what Slack said of colleagues who were picked in a form and are in no directory.
    """

    room: Room
    names: Kept = field(default_factory=Kept)

    async def check(self, sent: Sent) -> None:
        """Looks whether all colleagues who were picked can be named.

        Raises:
            NotNamed: one cannot.
        """
        wrong = {}
        for key, users in submitted.picked(sent.view).items():
            if not all([await self._line(sent, user) for user in users]):
                wrong[key + PEOPLE_SUFFIX] = say("slack.modal.not_named")
        if wrong:
            raise NotNamed(submitted.errors(sent.view, wrong) or {})

    async def answers(self, sent: Sent) -> tuple[dict[str, str], str]:
        """The answers that stand in the form, and whose it is; a colleague whom nobody can name is left out."""
        users = {user for users in submitted.picked(sent.view).values() for user in users}
        lines = {user: await self._line(sent, user) for user in users}
        owner = self.room.owners.read(sent.carried.draft, sent.carried.owner)
        return submitted.given(sent.view, lines), owner or owner_of(sent.who)

    async def all_answers(self, sent: Sent) -> tuple[dict[str, str], str]:
        """The same with the answers that are too long for Slack, from where they are kept.

        Raises:
            KeptElsewhere: they are not there any more.
        """
        answers, owner = await self.answers(sent)
        kept = sent.carried.kept
        if kept:
            reply, *_ = await self.room.tell(OpenDraft(owner, sent.carried.draft))
            if not isinstance(reply, FormView):
                raise KeptElsewhere
            answers |= {one.key: one.value for one in reply.questions if one.key in kept}
        return answers, owner

    async def _line(self, sent: Sent, user: str) -> str:
        """The line of a colleague who was picked, in an answer of names; empty where nobody can say who it is.

        It must be the same however often a form is sent, or the form would become a second report: what the directory
        says, which asks nobody, and else what Slack said when it was first asked for this form.
        """
        person, name = self.room.people.known(sent.team, user)
        if person:
            return f"{name}{MEANS}{person}"
        kept = f"{sent.carried.draft} {user}"
        if line := self.names.find(kept):
            return line
        line = " ".join((await self.room.people.who(sent.client, sent.team, user)).name.split())
        if line:
            self.names.put(kept, line)
        return line


def owner_of(who: Who) -> str:
    """Whose a draft is: of a person whom we know; empty for anybody else, who gets a code."""
    return PERSON + who.person if who.person else ""
