"""One route as its file gives it: which answers it takes, and what must not stand in it."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import product

from pydantic import ConfigDict

from bot.cases.forms.model import Form
from bot.cases.people.roles import Role
from knowledge.datafile import Location

AT_ONCE = timedelta(0)


class Moment(StrEnum):
    """Times that the school's calendar knows; a step may wait for one."""

    BEFORE_END_OF_SCHOOL_DAY = "before_end_of_school_day"
    """While somebody is still there who can act today; out of school hours, before the next school day ends."""
    END_OF_NEXT_SCHOOL_DAY = "end_of_next_school_day"


class LastResort(StrEnum):
    """Whom the sender is told to ring where nobody is left to be told."""

    LADO = "lado"
    SOCIAL_CARE = "social_care"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One step of a route: the roles that are told, and after which time unless somebody acknowledged before."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    to: tuple[Role, ...]
    after: timedelta | Moment = AT_ONCE


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the routes; the head of ``routes.toml`` says what each key means."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    form: str
    track: str
    step: tuple[StepSpec, ...]
    next: tuple[Role, ...]
    last_resort: LastResort
    source: str
    when: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    sender: tuple[Role, ...] = ()
    next_if_struck: tuple[Role, ...] = ()
    strikes: tuple[Role, ...] = ()
    strikes_sender: bool = False
    own: bool = False
    record: bool = False
    leaves_out: tuple[str, ...] = ()

    def takes(self, form: str, answers: Mapping[str, str]) -> bool:
        """Whether it is a route for these answers, whoever sends them: all of one of its conditions fit."""
        fits = not self.when or any(
            all(_chosen(answers.get(key, "")) & set(values) for key, values in one.items()) for one in self.when
        )
        return self.form == form and fits


def route_faults(route: Route, forms: Mapping[str, Form], routes: Sequence[Route]) -> Iterator[tuple[Location, str]]:
    """Everything that is wrong with one of these routes: where in it, and what, as the end of a sentence."""
    if route.form not in forms:
        yield ("form",), "names what is not in that form: the form"
    same_form = (one for one in routes if one.form == route.form)
    yield from _unknown(route, forms, {key for one in same_form for condition in one.when for key in condition})
    if not route.step or not all(step.to for step in route.step):
        yield ("step",), "goes to nobody; name at least one role in each step"
    elif route.step[0].after != AT_ONCE:
        yield ("step",), "tells nobody at once; take 'after' out of its first step"
    durations = [step.after for step in route.step[1:] if isinstance(step.after, timedelta)]
    if any(later <= earlier for earlier, later in zip([AT_ONCE, *durations], durations, strict=False)):
        yield ("step",), "has steps out of order; each later one waits longer"
    if route.next[-1:] != (Role.TRUST_SAFEGUARDING_LEAD,):
        yield ("next",), f"may end with nobody; let its 'next' end with '{Role.TRUST_SAFEGUARDING_LEAD}'"


def _unknown(route: Route, forms: Mapping[str, Form], deciding: Collection[str]) -> Iterator[tuple[Location, str]]:
    if route.form not in forms:
        return
    questions = {question.key: question for question in forms[route.form].question}
    for key, values in (item for one in route.when for item in one.items()):
        choices = {choice.value for choice in questions[key].choice} if key in questions else set()
        for value in values:
            if value not in choices:
                yield ("when",), f"names what is not in that form: {key} = {value}"
    for key in route.leaves_out:
        if key not in questions:
            yield ("leaves_out",), f"names what is not in that form: {key}"
        if key in deciding:
            yield ("leaves_out",), f"leaves out what decides where it goes: {key}; a plan could not be made anew"


def unrouted(name: str, form: Form, routes: Sequence[Route]) -> Iterator[str]:
    """What of a form has no route: it all, or a choice, whatever is chosen elsewhere."""
    mine = [route for route in routes if route.form == name and not route.sender]
    if not mine:
        yield "no route at all"
    named = {key for route in mine for one in route.when for key in one}
    deciding = [question for question in form.question if question.key in named and question.required]
    for choices in product(*(question.choice for question in deciding)):
        answers = {question.key: choice.value for question, choice in zip(deciding, choices, strict=True)}
        if not any(route.takes(name, answers) for route in mine):
            yield "no route for " + ", ".join(f"{key} = {value}" for key, value in answers.items())


def _chosen(answer: str) -> set[str]:
    """What was chosen: one value or several, however they are set apart; a value is one word."""
    return set(re.findall(r"[\w-]+", answer))
