"""Which roles, and so which people, a report goes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict

from bot.cases.directory import Directory, Person, Role
from bot.cases.forms.model import Form
from bot.messages import QuestionKind
from knowledge.datafile import BadDataFile, read_data

SHIPPED = Path(__file__).parent / "routes.toml"


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the routes.

    Attributes:
        form: the form it is for.
        when: question keys with the answers that it takes; all must fit.
        to: the roles it goes to.
        source: the guidance it comes from.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    form: str
    when: Mapping[str, tuple[str, ...]]
    to: tuple[Role, ...]
    source: str

    def takes(self, form: str, answers: Mapping[str, str]) -> bool:
        """Whether it is the route of these answers."""
        return self.form == form and all(answers.get(key) in values for key, values in self.when.items())


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, in the role in which they receive a report."""

    person: Person
    role: Role


@dataclass(frozen=True, slots=True)
class Routes:
    """All routes; the first that fits is taken."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    route: tuple[Route, ...]

    def roles(self, form: str, answers: Mapping[str, str]) -> tuple[Role, ...]:
        """The roles that these answers go to; none while the deciding question is open."""
        return next((route.to for route in self.route if route.takes(form, answers)), ())

    def recipients(self, form: str, answers: Mapping[str, str], directory: Directory) -> tuple[Recipient, ...]:
        """Everybody a complete report goes to, each once; never nobody, as ``load_routes`` made sure."""
        found: dict[str, Recipient] = {}
        for role in self.roles(form, answers):
            for person in directory.holders(role):
                found.setdefault(person.id, Recipient(person, role))
        return tuple(found.values())


def load_routes(forms: Mapping[str, Form], path: Path = SHIPPED) -> Routes:
    """Reads the routes and checks that every choice of the questions that decide leads somewhere.

    Raises:
        BadDataFile: a route names what its form does not have, goes nowhere, or an answer has no route.
    """
    routes = read_data(path, Routes)
    for route in routes.route:
        _check_route(route, forms, path)
    for name, form in forms.items():
        _check_complete(name, form, routes, path)
    return routes


def _check_route(route: Route, forms: Mapping[str, Form], path: Path) -> None:
    choices = {
        question.key: {choice.value for choice in question.choice}
        for question in (forms[route.form].question if route.form in forms else ())
        if question.kind is QuestionKind.CHOICE and question.required
    }
    unknown = [
        f"{key} = {value}"
        for key, values in route.when.items()
        for value in values
        if value not in choices.get(key, ())
    ]
    if route.form not in forms or unknown:
        raise BadDataFile(
            path, 1, f"a route for '{route.form}' names what is not in that form: {', '.join(unknown) or 'the form'}"
        )
    if not route.to:
        raise BadDataFile(path, 1, f"a route for '{route.form}' goes to nobody; name at least one role")


def _check_complete(name: str, form: Form, routes: Routes, path: Path) -> None:
    if not any(route.form == name for route in routes.route):
        raise BadDataFile(path, 1, f"'{name}' has no route at all; add one")
    deciding = {key for route in routes.route if route.form == name for key in route.when}
    for question in form.question:
        if question.key not in deciding:
            continue
        for choice in question.choice:
            if not routes.roles(name, {question.key: choice.value}):
                raise BadDataFile(path, 1, f"'{name}' has no route for {question.key} = {choice.value}; add one")
