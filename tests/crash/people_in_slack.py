"""Who sends and asks in Slack while servers die: forms that are submitted again, messages that Slack delivers again."""

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.cases.people import directory
from bot.messages import MEANS
from integrations.slack.forms import FORM
from integrations.slack.manifest import manifest
from tests.crash.world import Kind
from tests.slack.fake import payloads
from tests.slack.fake.delivery import Ack
from tests.slack.fake.filling import filled
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.views import View
from tests.slack.fake.world import Json

UNHEARD = (OSError, http.client.HTTPException)
"""What Slack has of a server that dies, or is not there."""

MEMBERS = {"demo-dsl": "U1", "demo-headteacher": "U2", "demo-induction-lead": "U10"}
"""Who of the directory is in Slack: the first two are picked as those whom a report is about, the third reports."""

REPORTERS = tuple(f"U{number}" for number in range(10, 16))
ASKERS = ("U20", "U21", "U22", "U23")
IN_CHANNEL = "U24"
"""Who asks by a mention."""

CHANNEL = "C1"


def write_directory(var: Path) -> None:
    """The demonstration's, with those who are in Slack."""
    text = directory.DEMONSTRATION.read_text(encoding="utf-8")
    for person, member in MEMBERS.items():
        text = text.replace(f'id = "{person}"', f'id = "{person}"\nslack = "{member}"')
    (var / "library").mkdir(parents=True)
    (var / "library" / "directory.toml").write_text(text, encoding="utf-8")


@contextmanager
def school_in_slack() -> Iterator[FakeSlack]:
    """A Slack with all of them, which waits for long: how quick answers are is no matter here."""
    with FakeSlack(manifest("https://touchstone.school.example"), patience=60) as slack:
        slack.world.TRIGGER_LIVES = slack.patience
        team = slack.team("T1")
        for member in (*MEMBERS.values(), *REPORTERS, *ASKERS, IN_CHANNEL):
            team.user(member)
        team.channel(CHANNEL, members=[IN_CHANNEL])
        yield slack


def references(text: str) -> frozenset[str]:
    """Those of cases that stand in a text."""
    return frozenset(re.findall(r"\bC-\w{4}-\w{4}", text))


@dataclass(slots=True)
class Told:
    """One person with one form open in Slack."""

    kind: Kind
    text: str
    slack: FakeSlack
    person: Person
    receipt: frozenset[str] = frozenset()

    def opens(self) -> None:
        """Opens the form and fills it in, as far as the questions come."""
        self.person.commands("/concern")
        for name, value in self._fields():
            self.slack.until(partial(self._asks, name))
            view = self.person.modal
            assert view is not None
            is_told, before = filled(view, name)[0].get("dispatch_action"), view.hash
            self.person.fills({name: value})
            if is_told:
                self.slack.until(partial(_differs, view, before))

    def _fields(self) -> Iterator[tuple[str, str | list[str]]]:
        for key, answer in {**self.kind.answers, "what": self.text}.items():
            _, means, person = answer.partition(MEANS)
            yield (f"answer.{key}.people", [MEMBERS[person]]) if means else (f"answer.{key}", answer)

    def _asks(self, name: str) -> bool:
        view = self.person.modal
        return view is not None and any(block["block_id"] == name for block in view.blocks)

    def send(self) -> None:
        """Presses the button, or presses it again: what is typed stands there as long as there is no receipt."""
        view = self.person.modal
        assert view is not None
        assert view.state["answer.what"]["text"]["value"] == self.text
        try:
            self.person.submits()
        except UNHEARD:
            return
        self.has_receipt()

    def has_receipt(self) -> bool:
        """Whether it stands before them: it may come after the answer to the submission, if that takes long."""
        view = self.person.modal
        assert view is not None
        assert view.errors == {}
        if not self.receipt and view.callback != FORM:
            self.receipt = references(view.text)
            assert len(self.receipt) == self.kind.cases, view.title
        return bool(self.receipt)


def _differs(view: View, before: str) -> bool:
    return view.hash != before


@dataclass(slots=True)
class Asked:
    """One message, which Slack delivers until it hears that it came."""

    slack: FakeSlack
    member: str
    envelope: Json
    has_come: bool = False
    tries: int = 0

    @classmethod
    def written(cls, slack: FakeSlack, member: str, text: str, channel: str = "") -> "Asked":
        """Written to us, or in a channel by our name."""
        team, person = slack.team("T1"), slack.person(member)
        words = f"<@{team.bot}> {text}" if channel else text
        with slack.world.lock:
            where = team.channels[channel] if channel else team.im(member)
            event = payloads.said(team, where, person.leaves(words, where.id))
        return cls(slack, member, slack.envelope(team, payloads.mentioned(event) if channel else event))

    def deliver(self) -> None:
        """As Slack does: again, with its number and reason, if there was no answer."""
        again = {"X-Slack-Retry-Num": str(self.tries), "X-Slack-Retry-Reason": "http_error"} if self.tries else {}
        self.tries += 1
        try:
            ack: Ack = self.slack.deliver("events_api", self.envelope, headers=again)
        except UNHEARD:
            return
        assert ack.status == 200
        self.has_come = True
