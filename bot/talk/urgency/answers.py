"""The answer to what cannot wait: what to do now, whom to ring, the form, and only then what the policy says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.messages import Answer, Intent, Reach, Step
from bot.ports import Clock, Contact, Contacts
from bot.talk.urgency.finding import Standing, Urgency
from bot.talk.urgency.steps import OccasionSpec, StepSpec, UrgentSteps, shipped_steps
from bot.wording import say
from knowledge.errors import TouchstoneError
from knowledge.library import Library
from knowledge.model import Citation, Clause, Policy
from knowledge.rulings import Verdict

FORM = "report_concern"


@dataclass(frozen=True, slots=True)
class UrgentAnswers:
    """Answers what cannot wait.

    Attributes:
        contacts: who is to be rung; None where nobody's number is known.
        clock: what day it is, for a review that is overdue.
    """

    contacts: Contacts | None
    clock: Clock

    def answer(self, urgency: Urgency, library: Library | None, policy: str | None) -> Answer:
        """What to do now. It comes whatever else is broken: without a policy it cites none.

        Args:
            urgency: what was told.
            library: the policies; None while they cannot be read.
            policy: the slug of the one policy that was asked, or None for all.
        """
        steps = shipped_steps()
        specs = [steps.by_occasion[occasion] for occasion in urgency.occasions]
        found = _policy(steps, library, policy)
        clauses = _holding(steps, found) if found else {}
        labels = _fitting(specs, clauses, is_online=urgency.is_online)
        remark = "" if labels else say("urgent.nothing_fits") if clauses else say("urgent.no_clause")
        cited = [clauses[label] for label in labels or (steps.nothing_fits,) if label in clauses]
        today = self.clock.now().date()
        reach, note = self._reach(specs)
        return Answer(
            Intent.REPORT_CONCERN,
            Verdict.INFO,
            say(f"urgent.headline.{urgency.occasions[0]}"),
            tuple(Citation.of(found, clause, today) for clause in cited) if found else (),
            offers=(FORM,),
            deciding=tuple(range(len(cited))),
            urgent=True,
            steps=tuple(_steps(steps, specs, labels)),
            reach=reach,
            reach_note=note,
            remark=remark,
        )

    def _reach(self, specs: Iterable[OccasionSpec]) -> tuple[tuple[Reach, ...], str]:
        """Whom to ring, in order, and what has to be said of the numbers."""
        try:
            contacts = self.contacts.urgent() if self.contacts else ()
            are_invented = self.contacts.are_invented if self.contacts else False
        except TouchstoneError:  # a directory that cannot be read keeps nobody from being told to ring 999
            contacts, are_invented = (), False
        roles = dict.fromkeys(role for spec in specs for role in spec.roles)
        wanted = [contact for role in roles for contact in contacts if contact.role == role]
        if not wanted:
            return (), say("urgent.find_them")
        return tuple(map(_reached, wanted)), say("urgent.invented") if are_invented else ""


def with_safety(answer: Answer, urgency: Urgency) -> Answer:
    """The answer to a question about such a thing, with the one line that is never left out."""
    key = "handed_on" if urgency.standing is Standing.HANDED_ON else "imagined"
    (guidance,) = (one for one in shipped_steps().guidance if one.id == "kcsie")
    source = f"{_guidance(guidance.title, guidance.edition, 'part one')}. {say('urgent.editions')}"
    return replace(answer, safety=Step(say(f"urgent.safety.{key}"), source))


def _policy(steps: UrgentSteps, library: Library | None, policy: str | None) -> Policy | None:
    """The policy whose clauses are known by name, if it is among those that were asked."""
    if library is None or policy not in {None, steps.policy}:
        return None
    return next((one for one in library.among(policy) if one.slug == steps.policy), None)


def _holding(steps: UrgentSteps, policy: Policy) -> Mapping[str, Clause]:
    """By label, the clauses that still hold the words for which they are named."""
    by_label = {str(clause.label): clause for clause in policy.clauses}
    return {
        one.label: by_label[one.label]
        for one in steps.clause
        if one.label in by_label and one.holds in by_label[one.label].text
    }


def _fitting(specs: Iterable[OccasionSpec], clauses: Mapping[str, Clause], *, is_online: bool) -> tuple[str, ...]:
    """The labels that fit what was told, the deciding one first."""
    fit = (label for spec in specs for label in spec.clauses if is_online or label not in spec.online)
    return tuple(dict.fromkeys(label for label in fit if label in clauses))


def _steps(steps: UrgentSteps, specs: Iterable[OccasionSpec], labels: tuple[str, ...]) -> Iterable[Step]:
    wanted = {key for spec in specs for key in spec.steps}
    for step in steps.step:
        if step.key in wanted and (source := _source(steps, step, labels)):
            yield Step(say(f"urgent.step.{step.key}"), source)


def _source(steps: UrgentSteps, step: StepSpec, labels: tuple[str, ...]) -> str:
    """Where a step comes from; empty where it rests on clauses alone and none of them is here."""
    named = [
        _guidance(steps.guidance_by_id[one.id].title, steps.guidance_by_id[one.id].edition, one.part)
        for one in step.guidance
    ]
    fitting = [label for label in step.clauses if label in labels]
    if fitting:
        named.append(say("urgent.clause", label=say("list.and").join(fitting)))
    return "; ".join(named)


def _guidance(title: str, edition: int, part: str) -> str:
    if part:
        return say("urgent.guidance_part", title=title, edition=edition, part=part)
    return say("urgent.guidance", title=title, edition=edition)


def _reached(contact: Contact) -> Reach:
    role = say(f"urgent.office.{contact.role}") if contact.is_outside else say(f"role.{contact.role}")
    return Reach(contact.name, role, contact.telephone, contact.out_of_hours, is_office=contact.is_office_number)
