"""The guide: walks a person through a policy, whoever they are and wherever they come back."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from bot.cases.people.directory import Directory, day_at_school
from bot.cases.reports.drafts import CODE, PERSON, new_code
from bot.cases.reports.filling import code_of
from bot.induction import walk
from bot.induction.agreement import Agreements, Side, kept_words
from bot.induction.certificate import certificate, school_name
from bot.induction.definitions import Definition, Definitions
from bot.induction.progress import Kept, NoSuchWalk, Progress
from bot.induction.signing import SignOffs
from bot.induction.walk import NOTHING, Done
from bot.messages import (
    AgreementView,
    BeginInduction,
    CheckRow,
    Choice,
    ExportFile,
    FinishStep,
    InductionOffer,
    InductionStepView,
    InductionView,
    Judged,
    JudgeSituation,
    OpenAgreement,
    OpenInduction,
    OpenInductionStep,
    OpenSignOffs,
    SaidRow,
    SignAgreement,
    SignedView,
    SignOffsView,
    SituationView,
    TakeCertificate,
)
from bot.ports import Clock
from bot.wording import say
from knowledge.errors import TouchstoneError
from knowledge.induction import Situation, Step


class NoSuchStep(TouchstoneError):
    """There is no such step, situation or choice in this walk; it may have been changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Guide:
    """Shows the walk, and keeps how far somebody has come.

    Attributes:
        definitions: which policies have a walk.
        progress: how far people have come.
        sign_offs: what they signed.
        agreements: shows and takes the agreement at the end.
        directory: gives the directory of now.
        clock: what time it is.
    """

    definitions: Definitions
    progress: Progress
    sign_offs: SignOffs
    agreements: Agreements
    directory: Callable[[], Directory]
    clock: Clock

    # ---------------------------------------------------------------------------------------------- the overview

    def open(self, wanted: OpenInduction) -> InductionView:
        """The whole walk, and where this person is.

        Raises:
            NoSuchInduction: this policy has none.
            NoSuchWalk: nothing was begun or signed under this code.
        """
        return self._overview(self._side(wanted.owner, wanted.policy))

    def begin(self, wanted: BeginInduction) -> InductionView:
        """The same, begun; whoever is not known gets a code.

        Raises:
            NoSuchInduction: this policy has none.
            NoSuchWalk: nothing was begun or signed under this code.
            Busy: it cannot be stored at the moment.
        """
        code = "" if wanted.owner else new_code()
        if code:
            definition = self.definitions.find(wanted.policy)
            owner = CODE + code.replace("-", "")
        else:
            owner, definition = wanted.owner, self._side(wanted.owner, wanted.policy).definition
        kept = self.progress.change(owner, definition.policy.slug, lambda done: done)
        view = self._overview(Side(owner, definition, kept))
        if not code:
            return view
        return replace(view, code=code, is_new_code=True)

    def _overview(self, side: Side) -> InductionView:
        definition, done = side.definition, side.done
        induction = definition.induction
        standing = self.agreements.standing(side)
        return InductionView(
            policy=definition.policy.slug,
            title=induction.title,
            policy_title=definition.policy.title,
            version=definition.policy.version,
            says=(say("induction.says", count=len(induction.steps)), say("induction.says_judging")),
            steps=walk.rows(induction, done),
            minutes_left=walk.minutes_left(induction, done),
            is_begun=side.kept is not None,
            is_ready=not standing.left,
            due=standing.due,
            signed=standing.signed,
            kept=kept_words(side.owner),
            code=code_of(side.owner),
            others=tuple(
                InductionOffer(one.policy.slug, one.policy.title)
                for one in self.definitions.all()
                if one.policy.slug != definition.policy.slug
            ),
        )

    # --------------------------------------------------------------------------------------------------- a step

    def step(self, wanted: OpenInductionStep) -> InductionStepView | AgreementView:
        """A step; where none is named, the one that they have come to, after the last the agreement.

        Raises:
            NoSuchInduction: this policy has none.
            NoSuchStep: it has no step of that id.
            NoSuchWalk: nothing was begun or signed under this code.
        """
        side = self._side(wanted.owner, wanted.policy)
        if not wanted.step:
            at = walk.here(side.definition.induction, side.done)
            return self._agreement(side) if at is None else self._shown(side, at)
        return self._shown(side, _step(side.definition, wanted.step))

    def judge(self, wanted: JudgeSituation) -> InductionStepView:
        """A step with what the ruling says of a situation in it; that it was judged is kept, and not how.

        Raises:
            NoSuchInduction: this policy has none.
            NoSuchStep: there is no such situation, or that is none of its choices.
            NoSuchWalk: nothing was begun or signed under this code.
            Busy: it cannot be stored at the moment.
        """
        side = self._side(wanted.owner, wanted.policy)
        step = _step(side.definition, wanted.step)
        situation = next((one for one in step.situations if one.id == wanted.situation), None)
        if situation is None or wanted.verdict not in set(situation.offered):
            raise NoSuchStep
        side = self._changed(side, lambda done: done.with_judged(situation.id))
        judged = self._judged(side.definition, step, situation, wanted.verdict)
        view = self._shown(side, step)
        situations = tuple(
            replace(one, judged=judged) if one.situation == situation.id else one for one in view.situations
        )
        return replace(view, situations=situations)

    def finish(self, wanted: FinishStep) -> InductionStepView | AgreementView:
        """The next step, or the agreement; the same one with what is left of it, where something is.

        Raises:
            NoSuchInduction: this policy has none.
            NoSuchStep: it has no step of that id.
            NoSuchWalk: nothing was begun or signed under this code.
            Busy: it cannot be stored at the moment.
        """
        side = self._side(wanted.owner, wanted.policy)
        step = _step(side.definition, wanted.step)
        if wanted.skip:
            if step.skip is None:
                return replace(self._shown(side, step), notice=say("induction.not_to_skip"))
            side = self._changed(side, lambda done: done.with_skipped(step))
        else:
            side = self._changed(side, lambda done: _gone_through(step, done.with_ticked(step, wanted.ticked)))
            if side.owner and not walk.is_behind(step, side.done):
                return replace(self._shown(side, step), notice=_left(step, side.done))
        after = walk.around(side.definition.induction, step)[1]
        return self._shown(side, _step(side.definition, after)) if after else self._agreement(side)

    def _shown(self, side: Side, step: Step) -> InductionStepView:
        definition, done = side.definition, side.done
        today = day_at_school(self.clock.now())
        steps = definition.induction.steps
        before, after = walk.around(definition.induction, step)
        before_it = definition.induction.shown_before(step)
        return InductionStepView(
            policy=definition.policy.slug,
            policy_title=definition.policy.title,
            step=step.id,
            title=step.title,
            number=steps.index(step) + 1,
            count=len(steps),
            minutes=step.minutes,
            says=tuple(
                SaidRow(one.text, definition.cited(one.cites, today), tuple(before_it & set(one.cites)))
                for one in step.says
            ),
            situations=tuple(_situation(one, done) for one in step.situations),
            checks=tuple(
                CheckRow(one.id, one.text, definition.cited(one.cites, today), one.offers, one.id in done.ticked)
                for one in step.checks
            ),
            state=walk.state(step, done),
            skippable=step.skip is not None,
            before=before,
            after=after,
            submit=say("induction.on" if after else "induction.to_agreement"),
            skip=step.skip.when if step.skip else "",
            kept=kept_words(side.owner),
            code=code_of(side.owner),
        )

    def _judged(self, definition: Definition, step: Step, situation: Situation, verdict: str) -> Judged:
        """What the ruling says; where it is not in force nobody claims a verdict, and its clauses stand there."""
        today, decision = day_at_school(self.clock.now()), definition.decision(situation)
        chosen = say("induction.chosen", verdict=say(f"verdict.{verdict}"))
        if decision is None:
            cites = definition.cited(definition.cites(situation) or step.cites, today)
            return Judged(chosen, say("induction.by_clause"), "", cites)
        headline = say("induction.by_ruling", verdict=say(f"verdict.{decision.verdict}"))
        return Judged(chosen, headline, decision.says, definition.cited(decision.cites, today))

    # ------------------------------------------------------------------------------------------- the agreement

    def agreement(self, wanted: OpenAgreement) -> AgreementView:
        """The agreement, to read or to sign.

        Raises:
            NoSuchInduction: this policy has none.
            NoSuchWalk: nothing was begun or signed under this code.
        """
        return self._agreement(self._side(wanted.owner, wanted.policy))

    def sign(self, wanted: SignAgreement) -> SignedView | AgreementView:
        """Signs; else the agreement with what is wrong, or is left.

        Raises:
            NoSuchInduction: this policy has none.
            NoSuchWalk: nothing was begun or signed under this code.
            SignOffsDamaged: the record of who signed was changed or cut off.
        """
        return self.agreements.sign(self._side(wanted.owner, wanted.policy), wanted)

    def signed(self, wanted: OpenSignOffs) -> SignOffsView:
        """What a person has signed.

        Raises:
            SignOffsDamaged: what was signed was changed.
            SealBroken: what was written does not open.
        """
        return self.agreements.signed(wanted)

    def certificate(self, wanted: TakeCertificate) -> ExportFile:
        """A certificate of what a person signed.

        Raises:
            NoSuchSignOff: they have signed nothing of that id.
            SignOffsDamaged: what was signed was changed.
            SealBroken: what was written does not open.
        """
        one = self.sign_offs.find(wanted.owner, wanted.sign_off)
        return certificate(one, school_name(one, self.directory()))

    def supplied(self, person_id: str) -> Mapping[str, object]:
        """All that somebody of the directory supplied here, for the file that they may take along."""
        owner = PERSON + person_id
        return {
            "inductions": [
                {
                    "policy": policy,
                    "began": kept.started.isoformat(),
                    "went_on": kept.moved.isoformat(),
                    "judged": sorted(kept.done.judged),
                    "ticked": sorted(kept.done.ticked),
                    "done": sorted(kept.done.read),
                    "skipped": sorted(kept.done.skipped),
                }
                for policy, kept in self.progress.of(owner).items()
            ],
            "sign_offs": [
                {
                    "id": one.id,
                    "policy": one.signature.policy,
                    "title": one.document.title,
                    "version": one.document.version,
                    "digest": one.document.digest,
                    "signed_at": one.at.isoformat(),
                    "written": asdict(one.written) if one.written else None,
                }
                for one in self.sign_offs.of(owner)
            ],
        }

    def _agreement(self, side: Side) -> AgreementView:
        return self.agreements.view(side, secrets.token_hex(16))

    # ---------------------------------------------------------------------------------------------------------

    def _side(self, owner: str, policy: str) -> Side:
        """Whose walk through what.

        Raises:
            NoSuchWalk: it is a code's under which nothing was begun or signed.
        """
        definition = self.definitions.find(policy)
        kept = self.progress.find(owner, definition.policy.slug)
        is_known = kept is not None or not owner.startswith(CODE)
        if not is_known and not self.progress.is_known(owner) and not self.sign_offs.of(owner):
            raise NoSuchWalk
        return Side(owner, definition, kept)

    def _changed(self, side: Side, act: Callable[[Done], Done]) -> Side:
        """The same after something was done; of whoever has neither name nor code it lasts for this answer alone."""
        if side.owner:
            return replace(side, kept=self.progress.change(side.owner, side.definition.policy.slug, act))
        now: datetime = self.clock.now()
        return replace(side, kept=Kept(act(NOTHING), now, now))


def _step(definition: Definition, step_id: str) -> Step:
    step = definition.induction.step(step_id)
    if step is None:
        raise NoSuchStep
    return step


def _gone_through(step: Step, done: Done) -> Done:
    return done.with_read(step) if walk.is_through(step, done) else done


def _left(step: Step, done: Done) -> str:
    """What is left of a step, in a sentence."""
    judging, ticking = walk.unjudged(step, done), walk.unticked(step, done)
    if judging and ticking:
        return say("induction.left.both", situations=judging, checks=ticking)
    return say("induction.left.situations", count=judging) if judging else say("induction.left.checks", count=ticking)


def _situation(situation: Situation, done: Done) -> SituationView:
    return SituationView(
        situation.id,
        situation.told,
        situation.asked,
        tuple(Choice(verdict, say(f"verdict.{verdict}")) for verdict in situation.offered),
        was_judged=situation.id in done.judged,
    )
