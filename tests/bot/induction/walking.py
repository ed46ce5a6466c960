"""A school whose staff walk through the real policy and sign it: real records, a clock that is turned by hand."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from bot.cases.delivery.deliveries import Deliverer
from bot.desk import Desk
from bot.messages import (
    AgreementView,
    FinishStep,
    Incoming,
    InductionLeadView,
    InductionStepView,
    JudgeSituation,
    OpenAgreement,
    OpenInductionLead,
    OpenInductionStep,
    Refusal,
    Reply,
    SignAgreement,
    SignedView,
)
from bot.ports import Notice, NoWay, Telling
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock, Trail
from index.search import Searcher
from integrations import app
from knowledge.library import Library
from knowledge.model import Clause, Policy

REACH2 = "reach2-online-safety"
LEAD = "demo-induction-lead"
ANNA = "person:demo-deputy-head"
BEN = "person:demo-policy-owner"


@dataclass(frozen=True)
class Known:
    """All that the induction asks of a searcher."""

    library: Library


@dataclass
class School:
    """The desk over what was walked and signed, the policies in force, and a platform that takes notices."""

    reports: app.Reports
    insights: Insights
    clock: FixedClock
    library: Library
    told: list[Notice] = field(default_factory=list)
    out_of_reach: frozenset[str] = frozenset()
    _desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        if self._desk is None:
            self._desk = app.desk(
                lambda: cast("Searcher", Known(self.library)), self.reports, self.insights, self.clock, Trail()
            )
        return self._desk

    def use(self, reports: app.Reports) -> None:
        """Goes on with another directory or calendar, or after a restart."""
        self.reports, self._desk = reports, None

    def at(self, moment: datetime) -> None:
        self.clock.go_on(moment - self.clock.now())

    def hears(self, incoming: Incoming) -> Reply:
        (reply,) = self.desk.receive(incoming)
        return reply

    def refused(self, incoming: Incoming) -> str:
        reply = self.hears(incoming)
        assert isinstance(reply, Refusal)
        return reply.headline

    # ---------------------------------------------------------------------------------------------- walking

    def step(self, owner: str, step: str = "") -> InductionStepView:
        reply = self.hears(OpenInductionStep(step, owner))
        assert isinstance(reply, InductionStepView)
        return reply

    def walk_on(self, owner: str) -> InductionStepView | AgreementView:
        """Does the step that somebody has come to, whole."""
        at = self.step(owner)
        for situation in at.situations:
            self.hears(JudgeSituation(at.step, situation.situation, situation.choices[0].value, owner))
        reply = self.hears(FinishStep(at.step, tuple(check.check for check in at.checks), owner=owner))
        assert isinstance(reply, InductionStepView | AgreementView)
        return reply

    def walk(self, owner: str) -> AgreementView:
        """Walks all of it, to the agreement."""
        reply: Reply = self.hears(OpenInductionStep("", owner))
        while isinstance(reply, InductionStepView):
            reply = self.walk_on(owner)
        assert isinstance(reply, AgreementView)
        return reply

    # ---------------------------------------------------------------------------------------------- signing

    def agreement(self, owner: str) -> AgreementView:
        reply = self.hears(OpenAgreement(owner))
        assert isinstance(reply, AgreementView)
        return reply

    def try_to_sign(self, owner: str, form: str = "", **changes: str) -> Reply:
        view = self.agreement(owner)
        return self.hears(SignAgreement(view.policy, form or view.form, view.digest, signature(**changes), owner))

    def sign(self, owner: str, **changes: str) -> SignedView:
        reply = self.try_to_sign(owner, **changes)
        assert isinstance(reply, SignedView), reply
        return reply

    def walk_and_sign(self, owner: str) -> SignedView:
        self.walk(owner)
        return self.sign(owner)

    def lead(self, person: str = LEAD) -> InductionLeadView:
        reply = self.hears(OpenInductionLead(person))
        assert isinstance(reply, InductionLeadView)
        return reply

    # ---------------------------------------------------------------------------------------------- being told

    def send(self, notice: Notice) -> None:
        if notice.person in self.out_of_reach:
            raise NoWay
        self.told.append(notice)

    def work(self) -> int:
        """What the worker does in a minute; how many reminders it found to be due."""
        due = self.desk.leading.reminding.look()
        for owed in self.reports.owed():
            Deliverer(owed, self, self.clock, Trail()).run_once()
        return due

    def heard(self, telling: Telling) -> list[str]:
        """Who was told that since it was asked last."""
        heard = [notice.person for notice in self.told if notice.telling is telling]
        self.told = [notice for notice in self.told if notice.telling is not telling]
        return heard


def signature(**changes: str) -> dict[str, str]:
    """What somebody writes who signs."""
    return {
        "read": "policy\nbound",
        "name": "Anna Example",
        "role": "Class teacher",
        "signed": "Anna Example",
    } | changes


def newer(library: Library, **words: str | None) -> Library:
    """A library with version 2.1 of the policy: clauses with other words, or gone (None), by label, _ for its dots.

    Rulings of clauses that changed are in force no more, as their locks would have it.
    """
    policy = library.policy(REACH2)
    given = {label.replace("_", "."): text for label, text in words.items()}
    clauses: list[Clause] = []
    for clause in policy.clauses:
        text = given.get(str(clause.label), clause.text)
        if text is not None:
            clauses.append(replace(clause, text=text))
    changed: Policy = replace(policy, version="2.1", clauses=tuple(clauses))
    rulings = tuple(one for one in library.rulings if not set(one.ruling.cites) & set(given))
    return replace(library, policies=(changed,), rulings=rulings)
