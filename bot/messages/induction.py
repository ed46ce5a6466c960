"""The guided walk through a policy, the staff agreement at its end, and who of the school is where with both.

Whoever may be known by a code alone is an ``owner``, as in ``SaveDraft``: ``person:`` and their id in the directory, or
``code:`` and their code; empty for somebody who has neither, who may walk and sign too, and whose walk is not kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.messages.telling import Choice, FormQuestion
from knowledge.locks import Words
from knowledge.model import Citation

# ------------------------------------------------------------------------------------------------------ the walk


@dataclass(frozen=True, slots=True)
class OpenInduction:
    """A person looks at the whole walk: its steps, and where they are. Shows an ``InductionView``.

    Attributes:
        owner: whose walk it is.
        policy: the policy's slug; empty for the first that has an induction.
    """

    owner: str = field(default="", repr=False)
    policy: str = ""


@dataclass(frozen=True, slots=True)
class BeginInduction:
    """A person begins, and wants to be able to come back: whoever is not known gets a code for it.

    Shows an ``InductionView``, its ``code`` filled for whoever has just got one. Begun twice is begun once.

    Attributes:
        owner: whose walk it is; empty: they get a code.
        policy: as in ``OpenInduction``.
    """

    owner: str = field(default="", repr=False)
    policy: str = ""


@dataclass(frozen=True, slots=True)
class OpenInductionStep:
    """A person goes to a step. Shows an ``InductionStepView``.

    Attributes:
        step: its id; empty for the one that they have come to, which may be the agreement (an ``AgreementView``).
        owner: whose walk it is.
        policy: as in ``OpenInduction``.
    """

    step: str = ""
    owner: str = field(default="", repr=False)
    policy: str = ""


@dataclass(frozen=True, slots=True)
class JudgeSituation:
    """A person says what they think of a situation. Shows its step again, with what the ruling says of it.

    That it was judged is kept, and never how.

    Attributes:
        step: the step's id.
        situation: the situation's id.
        verdict: the value of the choice they took.
        owner: whose walk it is.
        policy: as in ``OpenInduction``.
    """

    step: str
    situation: str
    verdict: str = field(repr=False)
    owner: str = field(default="", repr=False)
    policy: str = ""


@dataclass(frozen=True, slots=True)
class FinishStep:
    """A person is through with a step, or skips it. Shows the next one, or the agreement after the last.

    A step that is not done (a situation not judged, a check not ticked) comes back with a ``notice`` that says what is
    left; what was ticked is kept.

    Attributes:
        step: its id.
        ticked: the ids of the checks that are ticked; those that are not there are not.
        skip: whether they skip it; only where the step allows it.
        owner: whose walk it is.
        policy: as in ``OpenInduction``.
    """

    step: str
    ticked: tuple[str, ...] = ()
    skip: bool = False
    owner: str = field(default="", repr=False)
    policy: str = ""


class StepState(StrEnum):
    """How far somebody has come with a step; its words stand in the locale, under ``walk.state``."""

    OPEN = "open"
    """Nothing of it is done."""
    BEGUN = "begun"
    """A situation was judged or a check ticked, and something is left."""
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class InductionStepRow:
    """A step as the overview lists it.

    Attributes:
        step: its id.
        title: its heading.
        minutes: about how long it takes.
        state: how far this person has come with it.
        skippable: whether it may be skipped.
        is_here: whether it is the one that they have come to.
    """

    step: str
    title: str
    minutes: int
    state: StepState
    skippable: bool
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class InductionOffer:
    """A policy that has an induction: its slug and its title."""

    policy: str
    title: str


@dataclass(frozen=True, slots=True)
class InductionView:
    """The whole walk, and where this person is.

    Attributes:
        policy: the policy's slug, to be sent back with whatever follows.
        title: the heading of the walk.
        policy_title: the policy's.
        version: the policy's; None where it states none.
        says: paragraphs to read first: what it is, how long, that it may be left at any time.
        steps: in order.
        minutes_left: about how long the steps take that are neither done nor skipped.
        is_begun: whether anything of it is kept.
        is_ready: whether the agreement can be signed: nothing is left that may not be skipped, or it was signed before,
            or a campaign asks for it.
        due: why the agreement is to be signed (again), a sentence each; empty where nothing is due.
        signed: the sign-off that stands, if there is one.
        kept: how it is kept, and how to come back, in a sentence.
        code: to be sent back as the owner, and to be shown; empty where the person is known, or has none.
        is_new_code: whether they got that code just now, and nobody can tell it them again.
        others: the further policies that have an induction.
    """

    policy: str
    title: str
    policy_title: str
    version: str | None
    says: tuple[str, ...]
    steps: tuple[InductionStepRow, ...]
    minutes_left: int
    is_begun: bool
    is_ready: bool
    due: tuple[str, ...] = ()
    signed: "SignOffRow | None" = None
    kept: str = ""
    code: str = field(default="", repr=False)
    is_new_code: bool = False
    others: tuple[InductionOffer, ...] = ()

    @property
    def here(self) -> str:
        """The id of the step that they have come to; empty where all are done."""
        return next((row.step for row in self.steps if row.is_here), "")


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said to a judgement, and no score.

    Attributes:
        chosen: what the person said, in words.
        headline: what holds, in words: the verdict of the ruling, or that the clause decides.
        says: the ruling's sentence; empty where no ruling is in force for it, and the clause speaks for itself.
        citations: the clauses that decide, the first foremost.
    """

    chosen: str
    headline: str
    says: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class SituationView:
    """A situation to judge.

    Attributes:
        situation: its id.
        text: what happens in it.
        ask: the question.
        choices: what may be said of it: values for ``JudgeSituation``, and words.
        was_judged: whether it was judged before; how is not known.
        judged: what is said to the judgement that came just now; None where none did.
        error: why its button did nothing; empty where it was not pressed in vain.
    """

    situation: str
    text: str
    ask: str
    choices: tuple[Choice, ...]
    was_judged: bool = False
    judged: Judged | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class SaidRow:
    """What the policy asks, in a sentence or two of plain words, and the clauses that say it.

    Attributes:
        text: the plain words.
        citations: the clauses, the foremost first.
        shown_before: the labels of those that an earlier step has shown: they need not stand open again.
    """

    text: str
    citations: tuple[Citation, ...]
    shown_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckRow:
    """Something that a person looks at or does, and ticks.

    Attributes:
        check: its id.
        text: what is ticked.
        citations: the clauses that ask for it.
        offers: the names of forms that belong to it.
        ticked: whether it is.
    """

    check: str
    text: str
    citations: tuple[Citation, ...]
    offers: tuple[str, ...] = ()
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class InductionStepView:
    """One step: what the policy asks, in plain words with the clauses under it, situations and checks.

    Attributes:
        policy: the policy's slug, to be sent back.
        policy_title: the policy's.
        step: its id, to be sent back.
        title: its heading.
        number: which it is, from 1.
        count: of how many.
        minutes: about how long it takes.
        says: what the policy asks of the person, each with its clauses.
        situations: to judge.
        checks: to tick.
        state: how far this person has come with it.
        skippable: whether it may be skipped.
        before: the id of the step before; empty for the first.
        after: the id of the next; empty for the last, after which comes the agreement.
        submit: the words on the button that goes on.
        skip: the words on the button that skips it, which say of whom that is true; empty where it may not be skipped.
        notice: what is left of it, where it was to be finished and could not be.
        kept: as in ``InductionView``.
        code: as in ``InductionView``.
    """

    policy: str
    policy_title: str
    step: str
    title: str
    number: int
    count: int
    minutes: int
    says: tuple[SaidRow, ...]
    situations: tuple[SituationView, ...]
    checks: tuple[CheckRow, ...]
    state: StepState
    skippable: bool
    before: str
    after: str
    submit: str
    skip: str = ""
    notice: str = ""
    kept: str = ""
    code: str = field(default="", repr=False)


# ------------------------------------------------------------------------------------------------- the agreement


@dataclass(frozen=True, slots=True)
class OpenAgreement:
    """A person looks at the agreement, to read it or to sign. Shows an ``AgreementView``.

    Attributes:
        owner: who will sign.
        policy: as in ``OpenInduction``.
    """

    owner: str = field(default="", repr=False)
    policy: str = ""


@dataclass(frozen=True, slots=True)
class SignAgreement:
    """A person signs. Shows a ``SignedView``, or the agreement again with what is wrong.

    Attributes:
        policy: the policy's slug.
        form: the id that the agreement carried when it was shown. The same one twice is one signature.
        digest: the digest of what was shown, as it carried it: if the policy has changed meanwhile, the agreement comes
            back as it is now, and nothing is signed.
        answers: by the keys of ``AgreementView.questions``: ``read``, ``name``, ``role``, ``signed``.
        owner: who signs. Empty: they get a code, with which they find what they signed.
    """

    policy: str
    form: str
    digest: str
    answers: Mapping[str, str] = field(repr=False)
    owner: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Bound:
    """Something whose rules the agreement binds to.

    Attributes:
        name: what it is called.
        address: where it lies: a path of ours (it begins with a slash) or an address; empty where that is not known.
        says: what to do to read it, where no address says so; may be empty.
    """

    name: str
    address: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class ChangedClause:
    """What became of a clause since somebody signed, for both to be shown side by side.

    Attributes:
        label: as people cite it, in the version now in force; for a clause that is gone, in the one that was signed.
        old: its words when they signed; None for a new clause.
        new: its words now; None for one that is gone.
        moved: the label that it had when they signed, where only that is different or different too; else empty.
    """

    label: str
    old: Words | None
    new: Words | None
    moved: str = ""


@dataclass(frozen=True, slots=True)
class AgreementView:
    """The staff agreement, whole and word for word, and the form in which it is signed.

    Attributes:
        policy: the policy's slug, to be sent back.
        title: the heading to show.
        policy_title: the policy's.
        version: the policy's; None where it states none.
        approved: the month of its approval, in words; empty where it does not say.
        form: the id to be sent back with the signature.
        digest: of the whole policy as it is shown here; to be sent back, and to be shown as it is.
        agreement: section 17: heading and words.
        binds: what it binds to.
        says: what has to be known first; may be empty.
        due: why it is to be signed (again), a sentence each.
        changed: what changed since this person signed last, clause by clause; empty where nothing did, or nothing was
            signed.
        left: the steps that come first, for those who may not sign yet: then there is no form to show.
        questions: what is filled in: what was read, name, role, and the name typed again as the signature.
        submit: the words on the button.
        signed: the sign-off that stands; None where there is none.
        notice: what went wrong with the signing itself; empty where nothing did.
        kept: as in ``InductionView``.
        code: as in ``InductionView``.
    """

    policy: str
    title: str
    policy_title: str
    version: str | None
    approved: str
    form: str
    digest: str
    agreement: Citation
    binds: tuple[Bound, ...]
    says: tuple[str, ...]
    due: tuple[str, ...]
    changed: tuple[ChangedClause, ...]
    left: tuple[InductionStepRow, ...]
    questions: tuple[FormQuestion, ...]
    submit: str
    signed: "SignOffRow | None" = None
    notice: str = ""
    kept: str = ""
    code: str = field(default="", repr=False)

    @property
    def is_ready(self) -> bool:
        """Whether it can be signed now."""
        return not self.left

    @property
    def has_errors(self) -> bool:
        """Whether it is given back because something is missing or wrong."""
        return any(question.error for question in self.questions)


@dataclass(frozen=True, slots=True)
class SignOffRow:
    """One signature, as the person who gave it sees it.

    Attributes:
        sign_off: its id.
        policy: the policy's slug.
        policy_title: the policy's title when it was signed.
        version: its version then; None where it stated none.
        signed_at: when, in UTC.
        name: as it was signed.
        role: as it was signed.
        digest: of the whole policy that was signed.
        stands: whether it is the newest of its policy, and nothing asks for another.
        due: why it is to be signed again, a sentence each; empty where it is not, or a newer one is there.
        changed: what changed since, clause by clause.
    """

    sign_off: str
    policy: str
    policy_title: str
    version: str | None
    signed_at: datetime
    name: str = field(repr=False)
    role: str = field(repr=False)
    digest: str
    stands: bool
    due: tuple[str, ...] = ()
    changed: tuple[ChangedClause, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedView:
    """The signature is stored and was read back.

    Attributes:
        headline: the first sentence to read.
        sentences: what else there is to know.
        row: what was signed.
        code: with which somebody who is not known finds it again; empty where the person is known.
        is_new_code: whether they were not given that code before.
    """

    headline: str
    sentences: tuple[str, ...]
    row: SignOffRow
    code: str = field(default="", repr=False)
    is_new_code: bool = False


@dataclass(frozen=True, slots=True)
class OpenSignOffs:
    """A person looks at what they have signed. Shows a ``SignOffsView``.

    Attributes:
        owner: whose they are.
    """

    owner: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignOffsView:
    """What one person has signed, the newest first.

    Attributes:
        title: the heading.
        says: what to know; may be empty.
        rows: each signature.
        code: as in ``InductionView``.
    """

    title: str
    says: tuple[str, ...]
    rows: tuple[SignOffRow, ...]
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class TakeCertificate:
    """A person takes a certificate of what they signed. Gives an ``ExportFile``, a PDF.

    Attributes:
        owner: whose signature it is; nobody else's can be taken.
        sign_off: its id; empty for the newest.
    """

    owner: str = field(repr=False)
    sign_off: str = ""


# ------------------------------------------------------------------------------- whoever looks after induction


@dataclass(frozen=True, slots=True)
class OpenInductionLead:
    """Whoever looks after induction looks who is where. Shows an ``InductionLeadView``.

    Attributes:
        person: their id in the directory; the platform has verified it. Whether they may is asked of the records.
        policy: as in ``OpenInduction``.
    """

    person: str
    policy: str = ""


@dataclass(frozen=True, slots=True)
class NudgeInduction:
    """Whoever looks after induction reminds somebody, or all who are behind. Shows an ``InductionLeadView``.

    It is sent within school hours, and to nobody twice on one day.

    Attributes:
        person: as in ``OpenInductionLead``.
        whom: the id of whom; empty for all who are behind.
        policy: as in ``OpenInduction``.
    """

    person: str
    whom: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class StartCampaign:
    """Whoever looks after induction asks everybody to read and sign by a day. Shows an ``InductionLeadView``.

    Attributes:
        person: as in ``OpenInductionLead``.
        form: the id that the view carried, so that the same one twice is one campaign.
        answers: by the keys of ``InductionLeadView.questions``: ``policy``, ``by``.
    """

    person: str
    form: str
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndCampaign:
    """Whoever looks after induction ends a campaign. Shows an ``InductionLeadView``.

    Attributes:
        person: as in ``OpenInductionLead``.
        campaign: its id.
    """

    person: str
    campaign: str


@dataclass(frozen=True, slots=True)
class ExportStandings:
    """Whoever looks after induction takes the list along. Gives an ``ExportFile``, comma-separated values.

    Attributes:
        person: as in ``OpenInductionLead``.
        policy: as in ``OpenInduction``.
    """

    person: str
    policy: str = ""


@dataclass(frozen=True, slots=True)
class InductionStanding:
    """Where one person is: how far, since when, and what they signed. Never how they judged.

    Attributes:
        person: their id in the directory; empty for whoever signed by a code, who cannot be reminded.
        name: theirs; for whoever signed by a code, as they signed.
        roles: theirs, in words; for whoever signed by a code, as they signed.
        where: how far they have come, in words.
        done: how many steps are done or skipped.
        count: of how many.
        moved: the day on which they went on last; None where they have not begun.
        version: which version they signed last; None where they have not signed, or it states none.
        signed: on which day; None where they have not.
        due: why they are to sign (again), in a sentence; empty where nothing is due.
        is_behind: whether something is due of them.
        nudged: the day on which they were last reminded; None where they were not.
    """

    person: str
    name: str
    roles: str
    where: str
    done: int
    count: int
    moved: date | None = None
    version: str | None = None
    signed: date | None = None
    due: str = ""
    is_behind: bool = False
    nudged: date | None = None


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign, and how far it has come.

    Attributes:
        campaign: its id.
        policy_title: the policy's.
        version: the version that is to be signed; None where it states none.
        began: the day on which it was started.
        by: the day until which it is to be signed.
        ended: the day on which it was ended, or on which nobody was left; None while it goes on.
        signed: how many have signed that version.
        of: of how many.
        is_late: whether the day is over and somebody is left.
    """

    campaign: str
    policy_title: str
    version: str | None
    began: date
    by: date
    ended: date | None
    signed: int
    of: int
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class InductionLeadView:
    """Who of the school is where, for whoever looks after induction.

    Attributes:
        policy: the policy's slug, to be sent back.
        policy_title: the policy's.
        version: the version in force; None where it states none.
        title: the heading.
        says: what to know first.
        rows: everybody of the directory, those who are behind first, and those who signed by a code last.
        campaigns: the newest first.
        form: the id to be sent back with a new campaign.
        questions: of a new campaign: which policy, by which day.
        submit: the words on its button.
        done: what was done just now, in words.
        notice: why what was wanted was not done, in words.
        others: the further policies that have an induction.
    """

    policy: str
    policy_title: str
    version: str | None
    title: str
    says: tuple[str, ...]
    rows: tuple[InductionStanding, ...]
    campaigns: tuple[CampaignRow, ...]
    form: str
    questions: tuple[FormQuestion, ...]
    submit: str
    done: str = ""
    notice: str = ""
    others: tuple[InductionOffer, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether a campaign is given back because something is missing or wrong."""
        return any(question.error for question in self.questions)
