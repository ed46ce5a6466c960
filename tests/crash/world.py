"""What a crash test looks at after each kill: what people sent, what they were shown, and what is stored."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import httpx2
from sqlalchemy import select

from bot.cases import records
from bot.cases.delivery.timers import open_without_a_step
from bot.cases.safekeeping.verification import verify
from bot.desk import Desk
from bot.messages import MEANS, CaseView, InboxView, OpenCase, OpenInbox
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from index.search import Searcher
from index.snapshot import SnapshotMissing
from integrations import app
from integrations.settings import Settings


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report: its answers, how many cases it makes, and who must never hear of it."""

    answers: dict[str, str]
    cases: int = 1
    struck: str = ""


def _meant(name: str, person: str) -> str:
    return f"Demonstration {name}{MEANS}{person}"


CHILD = Kind({"about": "child", "danger": "no"})
DANGER = Kind({"about": "child", "danger": "yes"})
ADULT = Kind(
    {"about": "adult_here", "child_too": "no", "adult": _meant("DSL", "demo-dsl"), "danger": "no"},
    struck="demo-dsl",
)
BOTH = Kind(
    {
        "about": "child",
        "also": "adult_here",
        "adult": f"Demonstration headteacher{MEANS}demo-headteacher",
        "danger": "no",
    },
    cases=2,
    struck="demo-headteacher",
)
AT_ONCE = (CHILD, BOTH, ADULT, BOTH, DANGER, CHILD)
"""Those who send at the same time."""


class Sent(Protocol):
    """What somebody sends, as it is looked at afterwards."""

    kind: Kind
    text: str
    receipt: frozenset[str]
    """The references that they were shown; empty until then."""


One = TypeVar("One", bound=Sent)


@dataclass(slots=True)
class Report:
    """One person with one form open in one browser."""

    kind: Kind
    text: str
    client: httpx2.Client
    fields: dict[str, str]
    receipt: frozenset[str] = frozenset()

    @classmethod
    def open(cls, base: str, kind: Kind, text: str) -> "Report":
        client = httpx2.Client(base_url=base, timeout=30, verify=False)
        page = client.get("/forms/report_concern").text
        return cls(kind, text, client, dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)))

    def send(self, base: str) -> None:
        """Sends it, or sends it again: to a server that may die meanwhile."""
        answers = {f"answer.{key}": answer for key, answer in {**self.kind.answers, "what": self.text}.items()}
        try:
            page = self.client.post(f"{base}/forms/report_concern", data={**self.fields, **answers})
        except httpx2.TransportError:
            return
        assert page.status_code == 200, page.status_code
        shown = frozenset(re.findall(r"\bC-\w{4}-\w{4}", page.text))
        assert len(shown) == self.kind.cases
        assert self.receipt in {frozenset(), shown}, "another receipt than before"
        self.receipt = shown


@dataclass
class World(Generic[One]):
    """The databases, the platform's outbox, and all that was sent so far."""

    settings: Settings
    clock: FixedClock
    outbox: Path
    sent: list[One] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    """By reference, what was read in the case when it was opened."""

    @cached_property
    def people(self) -> tuple[str, ...]:
        return tuple(person.id for person in app.open_directory(self.settings).persons)

    def waiting(self) -> list[One]:
        """Those who saw no receipt: they press Send again."""
        return [report for report in self.sent if not report.receipt]

    def taken(self) -> list[tuple[str, str, str]]:
        """What the platform took: key, person, reference."""
        lines = self.outbox.read_text().splitlines() if self.outbox.exists() else []
        return [(key, person, reference) for key, person, reference in (line.split() for line in lines)]

    def look(self) -> None:
        """Whatever happened: each promise holds now."""
        reports = app.open_reports(self.settings)
        try:
            assert verify(reports.store, reports.keys, reports.purge.log, contents=True).findings == ()
            inboxes = self._inboxes(reports)
            with reports.store.reading() as connection:
                assert open_without_a_step(connection) == ()
                cases, timers, owed = records.cases.c, records.timers.c, records.deliveries.c
                rows = connection.execute(
                    select(cases.reference, timers.due_at, cases.received_at).join(records.timers)
                )
                assert all(due > received for _, due, received in rows)
                pending = select(timers.case_id).where(timers.done_at.is_(None))
                waiting = Counter(connection.scalars(pending))
                assert set(waiting.values()) <= {1}, "one next step, not two"
                told = connection.execute(select(owed.person, cases.reference).join(records.cases)).all()
        finally:
            reports.close()
        assert {row.reference for row in told} == set(self.told), "a case that nobody is told of, or cannot read"
        self._look_at_receipts()
        self._look_for_the_struck([*inboxes, *((row.person, row.reference) for row in told)])

    def _inboxes(self, reports: app.Reports) -> list[tuple[str, str]]:
        """Who sees which case; each that is new is opened and read."""
        insights = Insights(self.settings.insights, self.clock)
        desk = app.desk(_no_policies, reports, insights, self.clock, app.Unwatched())
        seen = []
        for person in self.people:
            (inbox,) = desk.receive(OpenInbox(person))
            assert isinstance(inbox, InboxView)
            seen += [(person, row.reference) for row in inbox.rows]
        for person, reference in seen:
            if reference not in self.told:
                self.told[reference] = _read(desk, person, reference, {report.text for report in self.sent})
        insights.close()
        return seen

    def _look_at_receipts(self) -> None:
        """Each receipt has its cases, all of them and no others; what has none was stored whole or not at all."""
        stored = Counter(self.told.values())
        for report in self.sent:
            assert stored[report.text] in ({report.kind.cases} if report.receipt else {0, report.kind.cases})
            assert all(self.told[reference] == report.text for reference in report.receipt)

    def _look_for_the_struck(self, told: list[tuple[str, str]]) -> None:
        """Nobody whom a report is about has any of its cases, was owed one or told of one."""
        struck = {report.text: report.kind.struck for report in self.sent}
        for person, reference in [*told, *((person, reference) for _, person, reference in self.taken())]:
            assert person != struck[self.told[reference]]


def _read(desk: Desk, person: str, reference: str, texts: set[str]) -> str:
    (case,) = desk.receive(OpenCase(person, reference))
    assert isinstance(case, CaseView)
    (text,) = {answer.answer for answer in case.answers} & texts
    return text


def _no_policies() -> Searcher:
    raise SnapshotMissing
