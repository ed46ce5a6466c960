"""The walk as pure functions: how far somebody has come in an induction, by what they have done of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.messages import InductionStepRow, StepState
from knowledge.induction import Induction, Step


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody has done, by ids that a new version of the induction may know no more: then they count for nothing.

    Attributes:
        judged: situations that were judged; how, nobody knows.
        ticked: checks that are ticked.
        read: steps that were gone through to their end.
        skipped: steps that were skipped.
    """

    judged: frozenset[str] = frozenset()
    ticked: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()

    def with_judged(self, situation: str) -> "Done":
        """The same, with a situation judged."""
        return replace(self, judged=self.judged | {situation})

    def with_ticked(self, step: Step, ticked: Collection[str]) -> "Done":
        """The same, with these checks of a step ticked and its others not; what is none of its checks is left out."""
        mine = frozenset(check.id for check in step.checks)
        return replace(self, ticked=(self.ticked - mine) | (mine & frozenset(ticked)))

    def with_read(self, step: Step) -> "Done":
        """The same, with a step gone through."""
        return replace(self, read=self.read | {step.id}, skipped=self.skipped - {step.id})

    def with_skipped(self, step: Step) -> "Done":
        """The same, with a step skipped; one that may not be skipped stays as it is."""
        if step.skip is None:
            return self
        return replace(self, skipped=self.skipped | {step.id}, read=self.read - {step.id})


NOTHING = Done()


def unjudged(step: Step, done: Done) -> int:
    """How many of its situations are left to be judged."""
    return sum(situation.id not in done.judged for situation in step.situations)


def unticked(step: Step, done: Done) -> int:
    """How many of its checks are left to be ticked."""
    return sum(check.id not in done.ticked for check in step.checks)


def is_through(step: Step, done: Done) -> bool:
    """Whether nothing of it is left but to go on."""
    return not unjudged(step, done) and not unticked(step, done)


def state(step: Step, done: Done) -> StepState:
    """How far somebody has come with a step. One to which something was added since is not done any more."""
    if step.id in done.skipped and step.skip is not None:
        return StepState.SKIPPED
    if step.id in done.read and is_through(step, done):
        return StepState.DONE
    began = step.id in done.read or unjudged(step, done) < len(step.situations)
    return StepState.BEGUN if began or unticked(step, done) < len(step.checks) else StepState.OPEN


def is_behind(step: Step, done: Done) -> bool:
    """Whether a step is done or skipped, so that it is behind them."""
    return state(step, done) in {StepState.DONE, StepState.SKIPPED}


def here(induction: Induction, done: Done) -> Step | None:
    """The step that they have come to: the first that is neither done nor skipped; None where all are."""
    return next((step for step in induction.steps if not is_behind(step, done)), None)


def rows(induction: Induction, done: Done) -> tuple[InductionStepRow, ...]:
    """Every step with how far they have come."""
    at = here(induction, done)
    return tuple(
        InductionStepRow(step.id, step.title, step.minutes, state(step, done), step.skip is not None, step is at)
        for step in induction.steps
    )


def left(induction: Induction, done: Done) -> tuple[InductionStepRow, ...]:
    """What is left before somebody may sign who never did: the steps that are neither done nor skipped."""
    return tuple(row for row in rows(induction, done) if row.state not in {StepState.DONE, StepState.SKIPPED})


def minutes_left(induction: Induction, done: Done) -> int:
    """About how long that takes."""
    return sum(row.minutes for row in left(induction, done))


def count(induction: Induction, done: Done) -> int:
    """How many steps are done or skipped."""
    return sum(is_behind(step, done) for step in induction.steps)


def around(induction: Induction, step: Step) -> tuple[str, str]:
    """The ids of the steps before and after one; empty for none."""
    ids = ["", *(one.id for one in induction.steps), ""]
    at = ids.index(step.id)
    return ids[at - 1], ids[at + 1]
