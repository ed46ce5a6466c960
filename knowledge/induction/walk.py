"""The induction of a policy: the short steps through which somebody new is walked, and the agreement at their end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from knowledge.datafile import read_data
from knowledge.model import sentences
from knowledge.rulings import Decision, FormName, Ruling, Verdict

FILE = "induction.toml"
"""The file in the folder of a policy that has the walk through it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence or two in plain words that say only what the clauses named with them say.

    Attributes:
        text: the plain words.
        cites: labels of those clauses, the foremost first.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    text: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """Something that happens to staff, to be judged. What is right is not written here: the ruling decides it.

    Attributes:
        id: its name, small letters, digits and hyphens; one of its kind in the induction.
        text: what happens, told to the person it happens to, ending with the question.
        ruling: the id of the ruling that decides.
        offered: the verdicts to choose from, in the order in which they are shown.
        facts: what the situation states, in keys and values of ``knowledge/facts.toml``.
        lesson: where it is to be learned that it depends: why that is the lesson. Else empty.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    text: str
    ruling: str
    offered: tuple[Verdict, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    lesson: str = ""

    @property
    def told(self) -> str:
        """What happens, without the question."""
        return " ".join(sentences(self.text)[:-1])

    @property
    def asked(self) -> str:
        """The question that it ends with."""
        return sentences(self.text)[-1]

    def judged_by(self, ruling: Ruling) -> Decision:
        """What its ruling says of it; ``ruling`` is the one that it names."""
        return ruling.decide(self.facts)


@dataclass(frozen=True, slots=True)
class Check:
    """Something to do and to tick, such as 6.5's look at one's own profiles.

    Attributes:
        id: its name, as a situation's; one of its kind in the induction.
        text: what is ticked, said by the person who ticks it.
        cites: labels of the clauses that ask for it.
        offers: the forms that a clause asks for where there is something to make known, or that help with it.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    text: str
    cites: tuple[str, ...]
    offers: tuple[FormName, ...] = ()


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a step may be skipped: only where the policy leaves it.

    Attributes:
        when: what is true of whoever skips it, as a button says it ("I run no page or account of the school").
        argued: what in the policy leaves it to them, for whoever reviews the step.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    when: str
    argued: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of two minutes at most.

    Attributes:
        id: its name, small letters, digits and hyphens; one of its kind in the induction. What a person has done is
            kept under it, so it stays when the words are changed.
        title: its heading.
        minutes: how long it takes, 1 or 2.
        says: the plain words, each with its clauses.
        situations: what is judged in it.
        checks: what is ticked in it.
        skip: who may skip it; None where nobody may.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    title: str
    minutes: int
    says: tuple[Said, ...]
    situations: Annotated[tuple[Situation, ...], Field(validation_alias="situation")] = ()
    checks: Annotated[tuple[Check, ...], Field(validation_alias="check")] = ()
    skip: Skip | None = None

    @property
    def cites(self) -> tuple[str, ...]:
        """Labels of every clause that its words and checks name, each once, in order."""
        named = [one.cites for one in self.says] + [one.cites for one in self.checks]
        return tuple(dict.fromkeys(label for labels in named for label in labels))


@dataclass(frozen=True, slots=True)
class Agreement:
    """The last step: a clause whose words are shown whole and signed.

    Attributes:
        title: its heading.
        clause: the label of the clause that is signed.
        binds: what else those words bind to, in their own words, each to be shown or linked before the signature.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    title: str
    clause: str
    binds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Induction:
    """The walk through one policy.

    Attributes:
        policy: the slug of the policy.
        title: as people call it.
        steps: in the order in which they are walked.
        agreement: what is signed at the end.
    """

    policy: str
    title: str
    steps: tuple[Step, ...]
    agreement: Agreement

    def step(self, name: str) -> Step | None:
        """The step of that id; None where there is none."""
        return next((step for step in self.steps if step.id == name), None)

    def shown_before(self, step: Step) -> frozenset[str]:
        """The labels of the clauses that the steps before one have shown; in it they are there to unfold."""
        before = self.steps[: self.steps.index(step)]
        return frozenset(label for one in before for label in one.cites)


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="forbid")

    title: str
    agreement: Agreement
    step: tuple[Step, ...]


def read_induction(policy_folder: Path) -> Induction | None:
    """The induction of the policy in a folder that bears its slug; None where it has none.

    Raises:
        BadDataFile: the file is not TOML or not of that shape. What the shape cannot say:
            ``knowledge.induction.checks``.
    """
    path = policy_folder / FILE
    if not path.exists():
        return None
    file = read_data(path, _File)
    return Induction(policy_folder.name, file.title, file.step, file.agreement)
