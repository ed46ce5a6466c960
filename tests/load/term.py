"""A term at a school, simulated: reports, people who look or do not, absences, holidays, a mail server that is down.

Everything but people, platform and clock is the product: desk, records, deliveries, rounds, self-audit. Time goes from
one thing that happens to the next.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from random import Random

from sqlalchemy import func, select, update

from bot.cases import records
from bot.cases.dates import SCHOOL_ZONE
from bot.cases.delivery.audit import Audit
from bot.cases.delivery.deliveries import Deliverer
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import TRUST, Contact, Holding, Person, Role, School
from bot.cases.routes.calendar import Calendar, Days, ShortDay
from bot.cases.routes.moments import due
from bot.cases.routes.route import Moment
from bot.desk import Desk
from bot.messages import MEANS, CaseView, OpenCase, Receipt, SubmitForm
from bot.ports import Notice
from bot.testing import FixedClock, Trail
from integrations.app import Reports

FIRST, LAST = date(2026, 9, 2), date(2026, 12, 18)
CALENDAR = Calendar(
    terms=(Days(FIRST, LAST, "Autumn"),),
    holidays=(Days(date(2026, 10, 26), date(2026, 10, 30), "Half term"),),
    inset=(date(2026, 9, 1),),
    short=(ShortDay(LAST, time(13, 30)),),
)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HELD = {
    "dsl": [Role.DSL],
    "deputy.one": [Role.DEPUTY_DSL],
    "deputy.two": [Role.DEPUTY_DSL],
    "head": [Role.HEADTEACHER],
    "deputy.head": [Role.DEPUTY_HEAD, Role.SLT],
    "slt": [Role.SLT, Role.CONTACTS_LEAD],
    "chair": [Role.CHAIR_OF_GOVERNORS],
    "vice": [Role.VICE_CHAIR],
    "trust": [Role.TRUST_SAFEGUARDING_LEAD],
}
NAMES = {
    "dsl": "Anna Archer", "deputy.one": "Ben Okafor", "deputy.two": "Clara Lindqvist", "head": "Dylan Price",
    "deputy.head": "Esther Mensah", "slt": "Frank Rowe", "chair": "Gul Ali", "vice": "Hilda Vance", "trust": "Ivo Tarn",
}  # fmt: skip
STAFF = tuple(f"staff.{number}" for number in range(30))


@dataclass(frozen=True, slots=True)
class Known:
    """What the simulation knows of a case, and nobody in it does."""

    reference: str
    received: datetime
    answers: dict[str, str]
    urgent: bool
    struck: str

    @property
    def is_about_a_child(self) -> bool:
        return self.answers.get("about") == "child"


@dataclass(frozen=True, slots=True)
class Hour:
    """How long the oldest report that nobody had opened had been lying, at a moment."""

    at: datetime
    child: timedelta
    other: timedelta


@dataclass
class Term:
    """One term; ``run`` lives through it."""

    reports: Reports
    desk: Desk
    clock: FixedClock
    cases: int
    chance: Random
    away: dict[str, list[tuple[date, date]]]
    every: timedelta = HOUR
    known: dict[str, Known] = field(default_factory=dict)
    seen: dict[str, datetime] = field(default_factory=dict)
    gone_on: dict[str, datetime] = field(default_factory=dict)
    told_the_struck: list[str] = field(default_factory=list)
    sent: int = 0
    refused: int = 0
    alarms: list[Audit] = field(default_factory=list)
    hours: list[Hour] = field(default_factory=list)
    _coming: list[tuple[datetime, int, str, tuple[str, ...]]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)
    _unseen: dict[str, Known] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------------- the platform

    def send(self, notice: Notice) -> None:
        """Takes a notice, unless it is down: Tuesdays from one to half past two."""
        now = self.clock.now()
        if now.weekday() == 1 and time(13) <= now.astimezone(SCHOOL_ZONE).time() < time(14, 30):
            self.refused += 1
            raise ConnectionError
        self.sent += 1
        case = self.known.get(notice.reference)
        if case is None:
            return
        if notice.person == case.struck:
            self.told_the_struck.append(f"{notice.reference} {notice.telling} {notice.role}")
        if self.chance.random() < 0.8:  # a mail in five is not read
            delay = timedelta(minutes=self.chance.expovariate(1 / (6 if notice.urgent else 90)))
            self._expect(self._when_there(notice.person, now + delay, urgent=notice.urgent), "look", notice)

    def _when_there(self, person: str, when: datetime, *, urgent: bool) -> datetime:
        """The next moment at which somebody reads their mail: not when they are away, at night if it rings."""
        for _ in range(200):
            local = when.astimezone(SCHOOL_ZONE)
            is_away = any(first <= local.date() <= last for first, last in self.away.get(person, ()))
            is_night = not time(7) <= local.time() < time(21)
            is_free = not CALENDAR.is_school_day(local.date())
            reads = not is_away and (not is_night or (urgent and self.chance.random() < 0.3))
            if reads and (not is_free or self.chance.random() < (0.7 if urgent else 0.3)):
                return when
            when = (when + HOUR) if urgent else _morning(when + DAY)
        return when

    def _expect(self, when: datetime, what: str, notice: Notice) -> None:
        heapq.heappush(self._coming, (when, next(self._number), what, (notice.person, notice.role, notice.reference)))

    # ---------------------------------------------------------------------------------------------------- the people

    def _report(self) -> None:
        now = self.clock.now()
        roll = self.chance.random()
        struck, sender = "", self.chance.choice((*STAFF, "", "dsl", "head"))
        if roll < 0.7:
            answers = {"about": "child", "what": "words", "danger": "yes" if roll < 0.07 else "no"}
            if roll > 0.62:  # "should anyone not see this?"
                struck = self.chance.choice([one for one in HELD if one != sender])
                answers["not_to"] = f"{NAMES[struck]}{MEANS}{struck}"
        elif roll < 0.9:
            struck = self.chance.choice([one for one in HELD if one != sender])
            danger = "yes" if roll < 0.73 else "no"
            answers = {"about": "adult_here", "child_too": "no", "what": "words", "danger": danger}
            answers["adult"] = f"{NAMES[struck]}{MEANS}{struck}"
        else:
            struck = next(one for one in self._holders(Role.HEADTEACHER))
            answers = {"about": "headteacher", "child_too": "no", "what": "words", "danger": "no"}
        draft = f"{next(self._number):032x}"
        (receipt,) = self.desk.receive(SubmitForm("report_concern", draft, answers, sender=sender))
        assert isinstance(receipt, Receipt), receipt
        case = Known(receipt.reference, now, answers, answers["danger"] == "yes", struck)
        self.known[receipt.reference] = self._unseen[receipt.reference] = case

    def _holders(self, role: Role) -> list[str]:
        on = day_at_school(self.clock.now())
        return [person.id for person in self.reports.directory.holders(role, "oak", on)]

    def _look(self, person: str, role: str, reference: str) -> None:
        """Somebody opens a case, and mostly acknowledges it; some days later it is closed."""
        with self.reports.store.reading() as connection:
            cases, owed = records.cases.c, records.deliveries.c
            is_open = connection.scalar(select(cases.id).where(cases.reference == reference, cases.state == "open"))
            in_hand = select(owed.id).where(owed.case_id == is_open, owed.acknowledged_at.is_not(None))
            if is_open is None or connection.scalar(in_hand) is not None:
                return
        (shown,) = self.desk.receive(OpenCase(person, reference))
        if not isinstance(shown, CaseView):
            return  # they hold the role no longer
        now = self.clock.now()
        self.seen.setdefault(reference, now)
        self._unseen.pop(reference, None)
        if self.chance.random() < 0.85:
            self._act(reference, "acknowledged", person, role)
            later = timedelta(days=self.chance.expovariate(1 / 4))
            what = (now + later, next(self._number), "close", (person, role, reference))
            heapq.heappush(self._coming, what)

    def _act(self, reference: str, what: str, person: str, role: str) -> None:
        """What receiving does, as far as it concerns delivery: the state of the case and the next step."""
        now, steps = self.clock.now(), self.reports.steps()
        with self.reports.store.writing() as connection:
            case_id = connection.scalar(select(records.cases.c.id).where(records.cases.c.reference == reference))
            assert case_id is not None
            if what == "acknowledged":
                steps.acknowledged(connection, case_id, person, role, now)
            else:
                closed = update(records.cases).where(records.cases.c.id == case_id, records.cases.c.state == "open")
                connection.execute(closed.values(state="closed"))
                steps.closed(connection, case_id, now)
            connection.commit()

    # ------------------------------------------------------------------------------------------------------- the time

    def run(self) -> None:
        """Lives through the term, and a week more, in which nothing new comes."""
        for when in self._arrivals():
            heapq.heappush(self._coming, (when, next(self._number), "report", ()))
        end = datetime.combine(LAST, time(12), SCHOOL_ZONE).astimezone(UTC) + 7 * DAY
        at = self.clock.now()
        while at <= end:
            heapq.heappush(self._coming, (at, next(self._number), "hour", ()))
            at += self.every
        rounds = self.reports.rounds(self.clock)
        owed = self.reports.owed()
        deliverers = [Deliverer(one, self, self.clock, Trail(), self.chance.random) for one in owed]
        day = day_at_school(self.clock.now())
        acts: list[Callable[[], object]] = [
            partial(rounds.fire_due, 10_000),
            *(partial(one.run_once, 10_000) for one in deliverers),
        ]
        while self._coming and (now := self._next()) <= end:
            self.clock.go_on(max(now - self.clock.now(), timedelta(0)))
            while self._coming and self._coming[0][0] <= now:
                _, _, what, about = heapq.heappop(self._coming)
                self._happen(what, about)
            if self.reports.directory.days_of_change(day, day_at_school(now)):
                rounds.look_through()  # as the worker does
            day = day_at_school(now)
            for moment, act in zip(self._moments(), acts, strict=True):
                if moment is not None and moment <= now:
                    act()

    def _next(self) -> datetime:
        """When the next thing happens: a person's, a timer's, or a notice's."""
        return min([self._coming[0][0], *(moment for moment in self._moments() if moment is not None)])

    def _moments(self) -> list[datetime | None]:
        """When the next timer is due, the next delivery, and the next notice."""
        with self.reports.store.reading() as connection:
            return [connection.scalar(query) for query in _DUE]

    def _happen(self, what: str, about: tuple[str, ...]) -> None:
        match what:
            case "report":
                self._report()
            case "look":
                self._look(*about)
            case "close":
                person, role, reference = about
                self._act(reference, "closed", person, role)
            case "hour":
                self._count()

    def _count(self) -> None:
        now = self.clock.now()
        ages = {True: timedelta(0), False: timedelta(0)}
        for case in self._unseen.values():
            ages[case.is_about_a_child] = max(ages[case.is_about_a_child], now - case.received)
        self.hours.append(Hour(now, ages[True], ages[False]))
        found = self.reports.audit(now)
        if found.stuck or found.late:
            self.alarms.append(found)

    def _arrivals(self) -> Iterator[datetime]:
        """Mostly on school days between eight and five, some in the evening, a few at weekends and in the holidays."""
        days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
        weights = [20 if CALENDAR.is_school_day(day) else 1 for day in days]
        for day in self.chance.choices(days, weights, k=self.cases):
            hour = self.chance.triangular(8, 17, 15) if self.chance.random() < 0.9 else self.chance.uniform(17, 23)
            yield (datetime.combine(day, time(0), SCHOOL_ZONE) + timedelta(hours=hour)).astimezone(UTC)

    # ------------------------------------------------------------------------------------------------- what came of it

    def late(self) -> list[Known]:
        """Concerns about a child that nobody had opened by the deadline, and that did not go on then."""
        with self.reports.store.reading() as connection:
            cases, happened = records.cases.c, records.chronology.c
            on = select(cases.reference, func.min(happened.at)).join(records.cases)
            gone = on.where(happened.event.in_(["gone_on", "ring"])).group_by(cases.reference)
            self.gone_on = {row[0]: row[1] for row in connection.execute(gone)}
        after = 5 * MINUTE
        found = []
        for case in filter(lambda one: one.is_about_a_child, self.known.values()):
            deadline = case.received + after if case.urgent else due(_DEADLINE, case.received, CALENDAR)
            by_then = deadline + MINUTE
            moments = [at for at in (self.seen.get(case.reference), self.gone_on.get(case.reference)) if at]
            if not moments or min(moments) > by_then:
                found.append(case)
        return found


_DUE = (
    select(func.min(records.timers.c.due_at)).where(records.timers.c.done_at.is_(None)),
    *(
        select(func.min(table.c.due_at)).where(table.c.state == "due")
        for table in (records.deliveries, records.notices)
    ),
)
_DEADLINE = Moment.BEFORE_END_OF_SCHOOL_DAY


def _morning(moment: datetime) -> datetime:
    local = moment.astimezone(SCHOOL_ZONE)
    return datetime.combine(local.date(), time(7, 45), SCHOOL_ZONE).astimezone(UTC)


def school(chance: Random) -> tuple[Directory, dict[str, list[tuple[date, date]]]]:
    """A directory with the absences of a term in it, and who is away when: half of them have somebody who covers."""
    away: dict[str, list[tuple[date, date]]] = {}
    holds = {person: [Holding("oak" if one != "trust" else TRUST, role) for role in roles]
             for person, roles in HELD.items() for one in [person]}  # fmt: skip
    cover = {"dsl": "deputy.head", "head": "deputy.head", "chair": "vice"}
    for person in HELD:
        day = FIRST
        while (day := day + timedelta(days=int(chance.expovariate(1 / 20)) + 1)) < LAST:
            last = day + timedelta(days=chance.choice([0, 0, 1, 2, 4]))
            away.setdefault(person, []).append((day, last))
            if person in cover and chance.random() < 0.5:
                covered = Holding("oak", HELD[person][0], begins=day, until=last, covers=person)
                if not any(one.role is covered.role and one.overlaps(covered) for one in holds[cover[person]]):
                    holds[cover[person]].append(covered)
            day = last
    office = Contact("the council", "01632 960110", "01632 960111")
    oak = School("oak", "Oak School", "01632 960100", office, office)
    persons = [Person(one, NAMES[one], holds=tuple(holds[one])) for one in HELD]
    staff = [Person(one, f"Member {one.replace('.', ' ').title()}") for one in STAFF]
    return Directory((oak,), (*persons, *staff)), away
