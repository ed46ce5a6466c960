"""The product as people meet it: put together as it is served, at an invented school where things happened."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from bot.cases.people.directory import DEMONSTRATION
from bot.cases.people.sessions import Proof
from bot.cases.reports.drafts import PERSON
from bot.desk import Desk
from bot.messages import (
    AgreementView,
    CaseAct,
    FinishStep,
    Incoming,
    InductionStepView,
    JudgeSituation,
    OpenAgreement,
    OpenInductionStep,
    Receipt,
    Reply,
    SendQuestion,
    Shown,
    SignAgreement,
    SignedView,
    SubmitForm,
)
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from index.encoder import Encoder
from index.renewal import Renewal, State
from index.search import Shelf
from integrations import app
from integrations.answering import own_overlay
from integrations.app import Reports
from integrations.settings import Settings
from integrations.web.elsewhere import Known, NotSignedIn, Trip
from integrations.web.sign_in import OneTimeLinks
from knowledge.rulings import Verdict
from tests.bot.acting import CLOSING, done, own, sent_by
from tests.bot.files import attachment, content
from tests.bot.induction.walking import signature
from tests.bot.reporting import ANSWERS
from tests.web.serving import PATIENCE, served

REACH2 = "reach2-online-safety"
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

DSL, HEAD, CHAIR, SENDER, NEWCOMER = (
    "demo-dsl", "demo-headteacher", "demo-chair", "demo-policy-owner", "demo-induction-lead",
)  # fmt: skip

NEW_DEPUTY = """
[[person]]
id = "new-deputy"
name = "Wilhelmina Featherstonehaugh-Cholmondeley"
[[person.holds]]
school = "demo-school"
role = "deputy_dsl"
"""

LONG = "https://example.org/" + "a-very-long-address-without-a-place-to-break" * 4
"""What no line of a phone has room for."""

TOLD = {
    **ANSWERS,
    "what": "At lunch he said that he does not want to go home. He showed me a message.\n\nIt came from " + LONG,
    "danger": "yes",
}


@dataclass
class Elsewhere:
    """A platform that people have accounts with, and that lets nobody in."""

    name: str = "teams"
    title: str = "Microsoft"

    def away(self, trip: Trip) -> str:
        return f"https://login.example/?state={trip.state}"

    def exchanged(self, _trip: Trip, _code: str) -> Known:
        raise NotSignedIn


@dataclass
class Breakable:
    """A desk that can break, and can keep people waiting."""

    desk: Desk
    is_broken: bool = False
    goes_on: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.goes_on.set()

    def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
        assert self.goes_on.wait(PATIENCE), "nobody let it go on"
        if self.is_broken:
            raise RuntimeError
        return self.desk.receive(incoming)

    def __getattr__(self, name: str) -> object:
        """Whatever else is asked of a desk when the pages are put together."""
        return getattr(self.desk, name)


@dataclass
class Fares:
    """How a change of the overlay fares: it is answered from."""

    def standing(self) -> Renewal:
        return Renewal(State.ANSWERED)


@dataclass
class House:
    """A school's Touchstone, served.

    Attributes:
        bot: the desk that pages ask; it breaks when it is told to.
        places: what stands in the routes' blanks, by the name of the blank.
    """

    origin: str
    application: Starlette
    bot: Breakable
    reports: Reports
    clock: FixedClock
    links: OneTimeLinks
    places: dict[str, str]

    def enter(self, person: str, way: str = "link") -> str:
        """Signs somebody in: what their browser's cookie holds."""
        self.reports.sessions.end_all(person)
        return self.reports.sessions.begin(Proof(person, way, self.clock.now()))

    def address(self, route: str) -> str:
        """A route with its blanks filled in."""
        return self.origin + route.replace(":path", "").format_map(self.places)


def routes(application: Starlette) -> set[str]:
    """All that can be asked of an application, each as ``GET /inbox/{reference}``."""
    return {
        f"{method} {route.path}"
        for route in application.routes
        if isinstance(route, Route)
        for method in (route.methods or ())
        if method != "HEAD"
    }


@contextmanager
def standing(var: Path, snapshots: Path, encoder: Encoder) -> Iterator[House]:
    """A Touchstone at a school where things happened, on a free port."""
    settings = Settings(var=var, attachments=True, address="https://touchstone.school.example")
    people = DEMONSTRATION.read_text(encoding="utf-8").replace("demonstration = true", "")
    settings.directory.parent.mkdir(parents=True, exist_ok=True)
    settings.directory.write_text(people, encoding="utf-8")
    clock = FixedClock(MONDAY - timedelta(days=30))
    app.open_reports(settings, clock).close()  # who holds which role at the first start need not be confirmed
    settings.directory.write_text(people + NEW_DEPUTY, encoding="utf-8")
    shelf = Shelf(snapshots, encoder)
    insights = Insights(settings.insights, clock)
    reports = app.open_reports(settings, clock)
    links = OneTimeLinks(clock)
    try:
        overlay, fares = own_overlay(settings, clock), Fares()
        room = app.owning(shelf.searcher, reports, insights, clock, overlay=overlay, renewals=fares, encoder=encoder)
        desk = app.desk(shelf.searcher, reports, insights, clock, app.Unwatched(), attachments=True, owning=room)
        places = _happened(desk, clock) | _asked(insights)
        bot: Any = Breakable(desk)
        application = app.web(
            settings,
            shelf,
            reports,
            clock,
            links,
            insights=insights,
            heartbeat=lambda: True,
            bot=bot,
            providers=(Elsewhere(),),
        )
        with served(application) as origin:
            yield House(origin, application, bot, reports, clock, links, places)
    finally:
        reports.close()
        insights.close()


def _happened(desk: Desk, clock: FixedClock) -> dict[str, str]:
    """A month at a school."""
    mistaken = sent_by(desk, SENDER).reference
    done(desk, DSL, mistaken, CaseAct.CLOSE, {**CLOSING, "outcome": "mistake"})
    clock.go_on(timedelta(days=20))
    worked_on = _sent(desk, SENDER, TOLD, with_file=True).reference
    done(desk, DSL, worked_on, CaseAct.ACKNOWLEDGE)
    done(desk, DSL, worked_on, CaseAct.NOTE, {"text": f"Spoke to his class teacher. She saw it as well: {LONG}"})
    done(desk, DSL, worked_on, CaseAct.PASS_ON, {"to": HEAD, "reason": "It may be an allegation."})
    done(desk, DSL, worked_on, CaseAct.ASK, {"text": "Who else was there?"})
    own(desk, SENDER, worked_on, CaseAct.REPLY, {"text": "Nobody else that I know of."})
    clock.go_on(timedelta(days=9, hours=22))
    done(desk, DSL, worked_on, CaseAct.ASK, {"text": "When did he show you the message?"})
    urgent = _sent(desk, "", TOLD).reference
    _sent(desk, "", {**ANSWERS, "about": "adult_here", "adult": "Jo Smith", "what": "He shouted at her."})
    _walks(desk, SENDER)
    _walks(desk, HEAD)
    _signs(desk, HEAD)
    clock.go_on(timedelta(hours=2))
    return {
        "policy": "reach2-online-safety",
        "step": "contacts-and-followers",
        "reference": worked_on,
        "urgent": urgent,
        "mistaken": mistaken,
        "name": "report_concern",
        "platform": "teams",
        "document": "reach2-online-safety/2.0",
    }


def _walks(desk: Desk, person: str) -> None:
    """Somebody goes through the whole induction."""
    owner = PERSON + person
    (reply,) = desk.receive(OpenInductionStep("", owner))
    while isinstance(reply, InductionStepView):
        for one in reply.situations:
            desk.receive(JudgeSituation(reply.step, one.situation, one.choices[0].value, owner))
        (reply,) = desk.receive(FinishStep(reply.step, tuple(one.check for one in reply.checks), owner=owner))


def _signs(desk: Desk, person: str) -> None:
    """Somebody signs the agreement at its end."""
    owner = PERSON + person
    (view,) = desk.receive(OpenAgreement(owner))
    assert isinstance(view, AgreementView)
    (reply,) = desk.receive(SignAgreement(view.policy, view.form, view.digest, signature(), owner))
    assert isinstance(reply, SignedView), reply


def _asked(insights: Insights) -> dict[str, str]:
    """What somebody sent to the policy owner."""
    shown = Shown(Verdict.NOT_COVERED, REACH2, ("7.3", "7.2(3)"))
    insights.keep(SendQuestion(secrets.token_hex(16), shown, f"may we have a kettle? {LONG}", "room nine"))
    (question,) = insights.questions()
    return {"item": question.id, "policy": REACH2, "ruling": "former-pupil-follows-me"}


def _sent(desk: Desk, sender: str, answers: Mapping[str, str], *, with_file: bool = False) -> Receipt:
    files = (attachment(content("pdf")),) if with_file else ()
    (reply,) = desk.receive(
        SubmitForm("report_concern", secrets.token_hex(16), answers, sender=sender, attachments=files)
    )
    assert isinstance(reply, Receipt), reply
    return reply
