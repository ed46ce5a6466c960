"""Whom a report goes to, in which order and when, with whoever it is about struck from every step."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pydantic import ConfigDict

from bot.cases.forms.model import Form
from bot.cases.people.directory import Directory
from bot.cases.people.roles import Contact, Person, Role
from bot.cases.routes.route import AT_ONCE, LastResort, Moment, Route, route_faults, unrouted
from knowledge.datafile import BadDataFile, line_of, read_data

SHIPPED = Path(__file__).parent / "routes.toml"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, in the role in which they receive a report."""

    person: Person
    role: Role


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told at one time.

    Attributes:
        after: how long after the report, or at which moment of the school's calendar, unless somebody acknowledged.
        people: who, each once in the whole plan; never nobody.
    """

    after: timedelta | Moment
    people: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where one case of a report goes.

    Attributes:
        track: which of the cases that the report makes.
        school: where.
        steps: who is told, in order. In the first is somebody who may acknowledge, unless ``last_resort`` is set.
        struck: the ids of all whom the report is about; none of them is in a step.
        last_resort: set where nobody is left who may acknowledge: the sender must be told to ring there.
        leaves_out: keys of questions whose answers do not go into this case.
        is_record: it makes a record, not a case.
        source: the guidance or clause that it comes from.
        beyond: who is told after the last step while nobody acknowledges: those who would step in, role by role.
    """

    track: str
    school: str
    steps: tuple[Step, ...]
    struck: frozenset[str]
    last_resort: Contact | None
    leaves_out: tuple[str, ...]
    is_record: bool
    source: str
    beyond: tuple[tuple[Recipient, ...], ...] = ()

    def answers(self, answers: Mapping[str, str]) -> dict[str, str]:
        """The answers that go into this case."""
        return {key: answer for key, answer in answers.items() if key not in self.leaves_out}


@dataclass(frozen=True, slots=True)
class Told:
    """That somebody was told of a case, in a role: a delivery."""

    person: str
    role: Role


@dataclass(frozen=True, slots=True)
class Recheck:
    """What a change of the directory, or of who is struck, means for a case.

    Attributes:
        tell: who must now be told.
        withdraw: the ids of those who must not see it, for as long as this stands: somebody who is covered for comes
            back.
    """

    tell: tuple[Recipient, ...]
    withdraw: frozenset[str]


@dataclass(frozen=True, slots=True)
class Routes:
    """All routes; of each track, the first that fits is taken."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    route: tuple[Route, ...]

    def roles(self, form: str, answers: Mapping[str, str]) -> tuple[Role, ...]:
        """The roles that these answers send the report to at once; none while the deciding question is open."""
        routes = self._taken(form, answers, sender_holds=())
        return tuple(dict.fromkeys(role for route in routes for role in route.step[0].to))

    def plan(  # noqa: PLR0913 (each decides whom it goes to, and there is no more to it)
        self,
        form: str,
        answers: Mapping[str, str],
        *,
        school: str,
        struck: Collection[str],
        sender: str | None,
        directory: Directory,
        on: date,
    ) -> tuple[Plan, ...]:
        """Where a complete report goes: a plan for each case that it makes.

        Nothing is remembered: asked again after the directory changed, it says who would be told now.

        Args:
            form: its form.
            answers: by question key.
            school: where.
            struck: the ids of people whom it is about; whom the answers strike is added.
            sender: the id of the sender, if they are in the directory.
            directory: who holds which role.
            on: the day, as the school has it.
        """
        struck = frozenset(struck) | self.strikes(
            form, answers, school=school, sender=sender, directory=directory, on=on
        )
        sender_holds = directory.roles(sender, school, on) if sender else ()
        return tuple(
            _plan(route, _Reach(directory, school, on, struck, sender, own=route.own))
            for route in self._taken(form, answers, sender_holds)
        )

    def strikes(  # noqa: PLR0913 (as above)
        self,
        form: str,
        answers: Mapping[str, str],
        *,
        school: str,
        sender: str | None,
        directory: Directory,
        on: date,
    ) -> frozenset[str]:
        """The ids of those whom the answers strike: "the headteacher" all who hold that role, "myself" the sender.

        Every route that fits strikes, not only the one that is taken: a choice that is made counts for all cases.
        Whoever is away and covered for is struck along with whoever covers.
        """
        found: set[str] = set()
        for route in self._of(form):
            if not route.takes(form, answers):
                continue
            for role in route.strikes:
                found |= {person.id for person in directory.holders(role, school, on)}
                found |= {person.id for person in directory.covered(role, school, on)}
            if route.strikes_sender and sender:
                found.add(sender)
        return frozenset(found)

    def _of(self, form: str) -> Iterator[Route]:
        return (route for route in self.route if route.form == form)

    def _taken(self, form: str, answers: Mapping[str, str], sender_holds: Collection[Role]) -> tuple[Route, ...]:
        taken: dict[str, Route] = {}
        for route in self._of(form):
            if route.takes(form, answers) and (not route.sender or set(route.sender) & set(sender_holds)):
                taken.setdefault(route.track, route)
        return tuple(taken.values())


def recheck(plan: Plan, told: Iterable[Told], directory: Directory, on: date, reached: int = 0) -> Recheck:
    """What has to be done for a case when its plan is made again.

    Args:
        plan: the plan of today.
        told: everybody who was told so far, whether by a step or because it was passed on to them.
        directory: the directory of today.
        on: the day, as the school has it.
        reached: the number, from 0, of the last step whose time has come.
    """
    told = tuple(told)
    ids = {one.person for one in told}
    due = [recipient for step in plan.steps[: reached + 1] for recipient in step.people]
    withdraw = frozenset(
        one.person
        for one in told
        if one.person in plan.struck
        or not any(
            other.role in directory.roles(one.person, plan.school, on) for other in told if other.person == one.person
        )
    )
    return Recheck(tuple(one for one in due if one.person.id not in ids), withdraw)


def load_routes(forms: Mapping[str, Form], path: Path = SHIPPED) -> Routes:
    """Reads the routes and checks that every choice of the questions that decide leads somewhere, to the very end.

    Raises:
        BadDataFile: a route names what its form does not have, goes nowhere, or an answer has no route.
    """
    routes = read_data(path, Routes)
    for number, route in enumerate(routes.route):
        for at, what in route_faults(route, forms, routes.route):
            raise BadDataFile(path, line_of(path, ("route", number, *at)), f"a route for '{route.form}' {what}")
    for name, form in forms.items():
        for what in unrouted(name, form, routes.route):
            raise BadDataFile(path, 1, f"'{name}' has {what}; add one")
    return routes


# -------------------------------------------------------------------------------------------- making a plan


@dataclass(frozen=True, slots=True)
class _Reach:
    """Who can be told of one case."""

    directory: Directory
    school: str
    on: date
    struck: frozenset[str]
    sender: str | None
    own: bool

    def holders(self, roles: Iterable[Role], but: Collection[str]) -> list[Recipient]:
        """Who holds one of these roles and may be told, but for those named; each in the first role that fits."""
        found: dict[str, Recipient] = {}
        for role in roles:
            for person in self.directory.holders(role, self.school, self.on):
                if (
                    person.id not in self.struck
                    and person.id not in but
                    and not (self.own and person.id == self.sender)
                ):
                    found.setdefault(person.id, Recipient(person, role))
        return list(found.values())

    def can_acknowledge(self, people: Iterable[Recipient]) -> bool:
        """Whether among these is somebody besides the sender."""
        return any(one.person.id != self.sender for one in people)

    def has_conflict(self, roles: Iterable[Role]) -> bool:
        """Whether somebody who holds one of these roles is struck."""
        return any(
            person.id in self.struck for role in roles for person in self.directory.holders(role, self.school, self.on)
        )

    def contact(self, resort: LastResort) -> Contact:
        """How to reach whoever is left outside."""
        school = self.directory.school(self.school)
        match resort:
            case LastResort.LADO:
                return school.lado
            case LastResort.SOCIAL_CARE:
                return school.social_care
            case LastResort.OFFICE:
                return Contact(school.name, school.office)


def _plan(route: Route, reach: _Reach) -> Plan:
    steps: list[Step] = []
    told: set[str] = set()
    for number, spec in enumerate(route.step):
        people = reach.holders(spec.to, told)
        for role in _stand_ins(route, number, reach):
            if reach.can_acknowledge(people):
                break
            people += reach.holders([role], told | {one.person.id for one in people})
        if reach.can_acknowledge(people) or (people and not steps):
            steps.append(Step(spec.after if steps else AT_ONCE, tuple(people)))
            told |= {one.person.id for one in people}
    is_safe = bool(steps) and reach.can_acknowledge(steps[0].people)
    return Plan(
        track=route.track,
        school=reach.school,
        steps=tuple(steps),
        struck=reach.struck,
        last_resort=None if is_safe else reach.contact(route.last_resort),
        leaves_out=route.leaves_out,
        is_record=route.record,
        source=route.source,
        beyond=tuple(_beyond(route, told, reach)),
    )


def _beyond(route: Route, told: Collection[str], reach: _Reach) -> Iterator[tuple[Recipient, ...]]:
    """Those who would step in, role by role, where everybody of the steps was told and nobody acknowledged.

    Those who are independent only where there is a conflict: that nobody looks is no reason to tell governors of a
    child.
    """
    so_far = set(told)
    has_conflict = reach.has_conflict(role for step in route.step for role in step.to)
    for role in (*(route.next_if_struck if has_conflict else ()), *route.next):
        if people := tuple(reach.holders([role], so_far)):
            so_far |= {one.person.id for one in people}
            yield people


def _stand_ins(route: Route, number: int, reach: _Reach) -> Iterator[Role]:
    """The roles that step in for a step, in order."""
    yield from (role for step in route.step[number + 1 :] for role in step.to)
    if reach.has_conflict(role for step in route.step for role in step.to):
        yield from route.next_if_struck
    yield from route.next
    yield from route.next_if_struck
