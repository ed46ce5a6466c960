"""Which policies have an induction, with the rulings that explain its situations as they are in force now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from bot.wording import say
from knowledge.errors import TouchstoneError
from knowledge.induction import Induction, Said, Situation, Step
from knowledge.induction.locks import NO_LOCKS, induction_standing
from knowledge.library import Library
from knowledge.locks import Locks
from knowledge.model import Citation, Clause, Policy
from knowledge.rulings import Decision, Ruling, read_rulings


class NoSuchInduction(TouchstoneError):
    """This policy has no induction; put an induction.toml into its folder."""


@dataclass(frozen=True, slots=True)
class Definition:
    """An induction with its policy, both in the version in force.

    Attributes:
        induction: the walk; a step that waits for review has its clauses in it, and no words of ours about them.
        policy: the policy.
        rulings: every ruling of the policy by its id, whether it may decide or not.
        deciding: the ids of those that may.
    """

    induction: Induction
    policy: Policy
    rulings: Mapping[str, Ruling]
    deciding: frozenset[str]

    @property
    def agreement(self) -> Clause:
        """The clause that is signed.

        Raises:
            NoSuchInduction: the version in force has no such clause, so that nothing can be signed.
        """
        found = self.clause(self.induction.agreement.clause)
        if found is None:
            raise NoSuchInduction(self.policy.slug)
        return found

    def clause(self, label: str) -> Clause | None:
        """The clause of that label; None where the version in force has none."""
        return next((clause for clause in self.policy.clauses if str(clause.label) == label), None)

    def cited(self, labels: tuple[str, ...], today: date) -> tuple[Citation, ...]:
        """The clauses of these labels that there are, in order."""
        found = (self.clause(label) for label in labels)
        return tuple(Citation.of(self.policy, clause, today) for clause in found if clause is not None)

    def decision(self, situation: Situation) -> Decision | None:
        """What the ruling says of a situation; None where it is not in force, so that the clause alone can be shown."""
        ruling = self.rulings.get(situation.ruling)
        if ruling is None or ruling.id not in self.deciding:
            return None
        return situation.judged_by(ruling)

    def cites(self, situation: Situation) -> tuple[str, ...]:
        """The clauses of its ruling, in force or not."""
        ruling = self.rulings.get(situation.ruling)
        return ruling.cites if ruling else ()


@dataclass(frozen=True, slots=True)
class Definitions:
    """Finds inductions.

    Attributes:
        library: gives the policies in force, with the rulings that may decide.
        folder: the folder of a policy, by its slug.
        own: the school's reviews of the steps of a policy, by its slug.
    """

    library: Callable[[], Library]
    folder: Callable[[str], Path]
    own: Callable[[str], Locks] = lambda _slug: NO_LOCKS
    _known: list[tuple[Library, tuple[Locks, ...], tuple[Definition, ...]]] = field(
        default_factory=list, init=False, repr=False
    )
    """What was read for the library in force and the school's reviews; read anew when either is another."""

    def all(self) -> tuple[Definition, ...]:
        """Every policy that has an induction, in the library's order.

        Raises:
            BadDataFile: a file of an induction or of rulings is wrong.
        """
        library = self.library()
        own = tuple(self.own(policy.slug) for policy in library.policies)
        for known, then, definitions in self._known:
            if known is library and then == own:
                return definitions
        found = (self._of(policy, library, locks) for policy, locks in zip(library.policies, own, strict=True))
        definitions = tuple(one for one in found if one is not None)
        self._known[:] = [(library, own, definitions)]
        return definitions

    def find(self, slug: str = "") -> Definition:
        """The induction of a policy; of the first that has one, where none is named.

        Raises:
            NoSuchInduction: there is none.
            BadDataFile: its file is wrong.
        """
        found = next((one for one in self.all() if slug in {"", one.policy.slug}), None)
        if found is None:
            raise NoSuchInduction(slug)
        return found

    def _of(self, policy: Policy, library: Library, own: Locks) -> Definition | None:
        folder = self.folder(policy.slug)
        mine = {one.ruling.id: one.ruling for one in library.rulings if one.policy == policy.slug}
        standing = induction_standing(folder, policy, mine.values(), own)
        if standing is None:
            return None
        steps = tuple(one.step if one.stands else _waiting(one.step) for one in standing.steps)
        induction = replace(standing.induction, steps=steps)
        rulings = {ruling.id: ruling for file in read_rulings(folder) for ruling in file.rulings}
        return Definition(induction, policy, {**rulings, **mine}, frozenset(mine))


def _waiting(step: Step) -> Step:
    """A step whose clauses are not what they were when it was reviewed: they alone are shown, and nothing is ticked."""
    return replace(step, says=(Said(say("induction.waits"), step.cites),), checks=())
