"""A school on real records that is in the fake Slack: who of its directory is which member, and what was stored."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.desk import Desk
from bot.messages import CaseView, InboxView, Incoming, OpenCase, OpenInbox, Reply
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from integrations import app
from tests.bot.office import Office
from tests.bot.reporting import count
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.views import View
from tests.slack.worlds import World, made

CANARY = "zebra-lantern-4471"
"""What stands in every text that is typed: it may be in modals, and nowhere else."""

MEMBERS = {
    "demo-induction-lead": "U1",
    "demo-dsl": "U2",
    "demo-deputy-dsl-1": "U3",
    "demo-deputy-dsl-2": "U5",
    "demo-headteacher": "U6",
}
"""U1 is Ann, a full member; U2 Bob, the DSL; U3 Cat, the deputy, who is a guest; U4 is in no directory."""


@dataclass
class School:
    """The school, its office, and our app as it stands before the fake Slack."""

    slack: FakeSlack
    office: Office
    place: Path
    world: World
    is_live: bool = True

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return count(self.office.reports)

    def restart(self) -> None:
        """Another process takes over: the records stay, what was held in memory does not."""
        self.world.close()
        self.office.use(self.office.reports)
        self.world = _world(self.slack, self.office, self.place, is_live=self.is_live)

    def inbox(self, person: str = "demo-dsl") -> list[str]:
        """The references in an inbox."""
        (reply,) = self.office.desk.receive(OpenInbox(person))
        assert isinstance(reply, InboxView)
        return [row.reference for row in reply.rows]

    def case(self, reference: str, person: str = "demo-dsl") -> CaseView:
        """A case, opened past Slack."""
        (reply,) = self.office.desk.receive(OpenCase(person, reference))
        assert isinstance(reply, CaseView)
        return reply

    def told(self, reference: str) -> dict[str, str]:
        """What was told, by what was asked."""
        return {one.ask: one.answer for one in self.case(reference).answers}


class _Now:
    """The desk of now: a test may change what lies below it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def __getattr__(self, name: str) -> object:
        return getattr(self._office.desk, name)


def _world(slack: FakeSlack, office: Office, place: Path, *, is_live: bool) -> World:
    desk: Desk = _Now(office)  # type: ignore[assignment]
    return made(slack, desk, place, directory=lambda: office.directory, clock=office.clock, is_live=is_live)


@contextmanager
def school(  # noqa: PLR0913 (what it is put together from)
    slack: FakeSlack,
    reports: app.Reports,
    clock: FixedClock,
    insights: Insights,
    place: Path,
    *,
    is_live: bool = True,
) -> Iterator[School]:
    """A school whose people are in Slack."""
    team = slack.team("T1")
    team.user("U4", "Dan")
    team.user("U5", "Eve")
    team.user("U6", "Fay")
    office = Office(reports, clock, insights)
    persons = tuple(replace(one, slack=MEMBERS.get(one.id, "")) for one in office.directory.persons)
    office.change(replace(office.directory, persons=persons))
    kept = place / "arrivals.sqlite3"
    opened = School(slack, office, kept, _world(slack, office, kept, is_live=is_live), is_live)
    yield opened
    opened.world.close()


def tells(person: Person, **more: object) -> None:
    """Fills in the form of a concern that is open."""
    person.fills({"answer.about": "child"})
    person.fills({"answer.what": f"He said: {CANARY}", "answer.danger": "no", **more})


def reports_a_concern(person: Person) -> str:
    """Tells of a concern, from the command to the receipt; gives the reference."""
    person.commands("/concern")
    tells(person)
    person.submits()
    modal = person.modal
    assert modal is not None
    assert "Reference" in modal.text, modal.text
    return next(word for word in modal.text.replace("*", " ").split() if word.startswith("C-"))


def modal(person: Person) -> View:
    assert person.modal is not None
    return person.modal


def before(oak: School, kind: type[Incoming], does: Callable[[Incoming], object]) -> None:
    """Does something whenever the desk is asked something of that kind."""
    room = oak.world.room
    inner = room.desk

    class Watched:
        def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
            if isinstance(incoming, kind):
                does(incoming)
            return inner.receive(incoming)

    object.__setattr__(room, "desk", Watched())


def leaks_nothing(slack: FakeSlack) -> None:
    """Whatever the app sent: words that were typed stand in windows alone, and there in no id, value or metadata."""
    for call in slack.calls:
        given = json.loads(json.dumps(call.arguments))
        if call.method in {"views.open", "views.push", "views.update"}:
            view = given.pop("view")
            view = json.loads(view) if isinstance(view, str) else view
            _in_words_alone(view)
        assert CANARY not in json.dumps(given), call.method


def _in_words_alone(given: object, key: str = "") -> None:
    if isinstance(given, dict):
        for name, value in given.items():
            _in_words_alone(value, name)
    elif isinstance(given, list):
        for one in given:
            _in_words_alone(one, key)
    elif CANARY in str(given):
        assert key in {"text", "initial_value"}, key
