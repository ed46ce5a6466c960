"""A school on real records whose clock is turned by hand, with a platform that takes notices, or cannot reach some."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import select

from bot.cases import records
from bot.cases.delivery.deliveries import Deliverer
from bot.cases.delivery.rounds import Rounds
from bot.cases.people.directory import Directory
from bot.cases.people.roles import Holding, Person, Role
from bot.desk import Desk
from bot.messages import Receipt, SubmitForm
from bot.ports import Notice, NoWay, Telling
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock, Trail
from index.search import Searcher
from index.snapshot import SnapshotMissing
from integrations import app

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _no_policies() -> Searcher:
    raise SnapshotMissing


@dataclass
class Office:
    """Reports, the desk over them, and what the platform was told to say."""

    reports: app.Reports
    clock: FixedClock
    insights: Insights
    told: list[Notice] = field(default_factory=list)
    out_of_reach: frozenset[str] = frozenset()
    _desk: Desk | None = None
    _rounds: Rounds | None = None

    def send(self, notice: Notice) -> None:
        if notice.person in self.out_of_reach:
            raise NoWay
        self.told.append(notice)

    @property
    def desk(self) -> Desk:
        if self._desk is None:
            self._desk = app.desk(_no_policies, self.reports, self.insights, self.clock, Trail())
        return self._desk

    @property
    def rounds(self) -> Rounds:
        if self._rounds is None:
            self._rounds = self.reports.rounds(self.clock)
        return self._rounds

    def report(self, answers: dict[str, str], sender: str = "", form: str = "report_concern") -> str:
        return self.receipt(answers, sender, form).reference

    def receipt(self, answers: dict[str, str], sender: str = "", form: str = "report_concern") -> Receipt:
        (reply,) = self.desk.receive(SubmitForm(form, f"d{self.clock.now()}", answers, sender=sender))
        assert isinstance(reply, Receipt)
        return reply

    def work(self) -> None:
        """Does all that there is to be done now."""
        for _ in range(100):
            fired = self.rounds.fire_due()
            ran = [Deliverer(owed, self, self.clock, Trail()).run_once() for owed in self.reports.owed()]
            if not fired and not any(run.sent for run in ran):
                return
        raise AssertionError("it never comes to rest")

    def go_on(self, by: timedelta, every: timedelta = 5 * MINUTE) -> None:
        for _ in range(by // every):
            self.clock.go_on(every)
            self.work()

    def heard(self, telling: Telling = Telling.NEW) -> list[str]:
        return [notice.person for notice in self.told if notice.telling is telling]

    def acknowledge(self, person: str, role: str) -> None:
        with self.reports.store.writing() as connection:
            (case_id,) = connection.scalars(select(records.cases.c.id))
            self.reports.steps().acknowledged(connection, case_id, person, role, self.clock.now())
            connection.commit()

    def hire(self, person: str, name: str, role: Role) -> None:
        """Somebody new takes up a role."""
        new = Person(person, name, holds=(Holding("demo-school", role),))
        self.change(replace(self.directory, persons=(*self.directory.persons, new)))

    def let_go(self, person: str) -> None:
        """Somebody holds no role any more."""
        persons = tuple(replace(one, holds=()) if one.id == person else one for one in self.directory.persons)
        self.change(replace(self.directory, persons=persons))

    def change(self, directory: Directory) -> None:
        self.use(replace(self.reports, directory=directory))

    def use(self, reports: app.Reports) -> None:
        """Goes on with another directory or calendar."""
        self.reports, self._desk, self._rounds = reports, None, None

    @property
    def directory(self) -> Directory:
        return self.reports.directory
