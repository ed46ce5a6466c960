"""Whether a step of an induction may be walked: as it was reviewed, with its clauses and its rulings as they were."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from knowledge.induction.walk import Induction, Situation, Step, read_induction
from knowledge.locks import Change, Lock, Locks, Review, changes_of, digest, read_locks
from knowledge.model import Policy
from knowledge.rulings import Ruling

LOCKS = "induction-locks.toml"
"""The file in the folder of a policy that holds the reviews of its steps, of the same form as those of rulings."""

NO_LOCKS = Locks()


@dataclass(frozen=True, slots=True)
class StepStanding:
    """How a step stands.

    Attributes:
        step: the step.
        lock: its review; None where it was never reviewed.
        changes: the clauses that are not what they were.
        changed_itself: whether the step was changed after the review.
        undecided: the situations whose rulings do not decide today; they wait for those rulings' review.
    """

    step: Step
    lock: Lock | None
    changes: tuple[Change, ...]
    changed_itself: bool
    undecided: tuple[Situation, ...]

    @property
    def stands(self) -> bool:
        """Whether its words may be shown; else its clauses alone are, and it says that it waits for review."""
        return self.lock is not None and not self.changes and not self.changed_itself


@dataclass(frozen=True, slots=True)
class InductionStanding:
    """An induction as it may be walked today.

    Attributes:
        induction: the induction.
        steps: how each of its steps stands, in order.
        rulings: the rulings that judge its situations and decide today, by id.
    """

    induction: Induction
    steps: tuple[StepStanding, ...]
    rulings: dict[str, Ruling]


def induction_standing(
    policy_folder: Path, policy: Policy, deciding: Iterable[Ruling], own: Locks = NO_LOCKS
) -> InductionStanding | None:
    """The induction of a policy as it may be walked; None where the policy has none.

    Args:
        policy_folder: the folder of the policy, which bears its slug.
        policy: the policy in the version that is in force.
        deciding: the rulings of this policy that decide.
        own: the reviews of the school, beside those that came with the policy.

    Raises:
        BadDataFile: the file of the induction, or of its locks, cannot be used.
    """
    induction = read_induction(policy_folder)
    if induction is None:
        return None
    locks = read_locks(policy_folder, LOCKS).beside(own)
    rulings = {one.id: one for one in deciding}
    wanted = {one.ruling for step in induction.steps for one in step.situations}
    return InductionStanding(
        induction,
        tuple(_standing(step, locks, policy, rulings) for step in induction.steps),
        {name: ruling for name, ruling in rulings.items() if name in wanted},
    )


def with_review(locks: Locks, step: Step, policy: Policy, day: date, reviewer: str) -> Locks:
    """The locks with a step locked anew to the words of its clauses.

    Raises:
        KeyError: a clause that it cites is not in the policy.
    """
    return locks.locked(step.id, step.cites, step_digest(step), policy, Review(day, reviewer))


def step_digest(step: Step) -> str:
    """The digest of what a review of a step covers: all of it."""
    return digest(json.dumps(asdict(step), ensure_ascii=False, sort_keys=True))


def _standing(step: Step, locks: Locks, policy: Policy, rulings: dict[str, Ruling]) -> StepStanding:
    undecided = tuple(one for one in step.situations if one.ruling not in rulings)
    latest = StepStanding(step, None, (), changed_itself=False, undecided=undecided)
    for lock in (one for one in locks.lock if one.ruling == step.id):  # of several reviews any will do
        held = [one for one in locks.clause if one.digest in lock.clauses]
        changes = tuple(changes_of(step.cites, held, policy))
        latest = StepStanding(step, lock, changes, lock.table != step_digest(step), undecided)
        if latest.stands:
            return latest
    return latest
