"""The desk: the whole bot in one short function. Only it sees both what is asked and what is told."""

from dataclasses import dataclass
from typing import assert_never

from bot.cases.forms.model import NoSuchForm
from bot.cases.keys.sealing import SealBroken
from bot.cases.people.appointments import Appointments, AppointmentsDamaged, NobodyHere, NotToConfirm
from bot.cases.people.signatures import SignOffsDamaged
from bot.cases.receiving.acting import Acting, NotDone
from bot.cases.receiving.export import Export
from bot.cases.receiving.inbox import Inbox, LookNotRecorded
from bot.cases.receiving.own import Own
from bot.cases.receiving.reviewing import Reviewing
from bot.cases.receiving.seeing import NotYours
from bot.cases.reports.drafts import DraftUnreadable, NoSuchDraft
from bot.cases.reports.filling import Filling
from bot.cases.reports.intake import Intake
from bot.cases.reports.standing import NoSuchReport, Standings
from bot.induction.campaigns import NoSuchCampaign
from bot.induction.definitions import NoSuchInduction
from bot.induction.guide import Guide, NoSuchStep
from bot.induction.leading import Leading, NotYourInduction
from bot.induction.progress import NoSuchWalk
from bot.induction.signing import NoSuchSignOff
from bot.messages import (
    ActAsOwner,
    ActOnCase,
    Answer,
    Ask,
    BeginInduction,
    CaseAct,
    ConfirmHolder,
    DiscardDraft,
    EndCampaign,
    ExportCases,
    ExportStandings,
    FillForm,
    FinishStep,
    FormView,
    Incoming,
    InductionStepView,
    JudgeSituation,
    NudgeInduction,
    OpenAccount,
    OpenAgreement,
    OpenAttachment,
    OpenCase,
    OpenDraft,
    OpenForm,
    OpenForms,
    OpenInbox,
    OpenInduction,
    OpenInductionLead,
    OpenInductionStep,
    OpenOwn,
    OpenOwning,
    OpenQuestion,
    OpenRetention,
    OpenSignOffs,
    OpenStanding,
    Overhear,
    Rate,
    Refusal,
    Reply,
    SaveDraft,
    SendQuestion,
    ShowSection,
    SignAgreement,
    StartCampaign,
    SubmitForm,
    TakeCertificate,
    TellFact,
)
from bot.owning.owning import NotTheOwner, Owning
from bot.owning.room import NothingHere
from bot.talk.answering.sections import NoSuchClause, Sections
from bot.talk.feedback.counting import Counted
from bot.talk.feedback.feedback import Feedback
from bot.talk.feedback.insights import InsightsUnusable
from bot.talk.turns.conversation import Conversation, NoSuchRuling
from bot.wording import say
from index.snapshot import SnapshotDamaged, SnapshotMissing
from knowledge.library import NoSuchPolicy

_REFUSALS = (
    AppointmentsDamaged,
    DraftUnreadable,
    InsightsUnusable,
    LookNotRecorded,
    NoSuchClause,
    NoSuchDraft,
    NoSuchCampaign,
    NoSuchForm,
    NoSuchInduction,
    NoSuchPolicy,
    NoSuchReport,
    NoSuchRuling,
    NoSuchSignOff,
    NoSuchStep,
    NoSuchWalk,
    NotDone,
    NobodyHere,
    NotTheOwner,
    NothingHere,
    NotToConfirm,
    NotYourInduction,
    NotYours,
    SealBroken,
    SignOffsDamaged,
    SnapshotDamaged,
    SnapshotMissing,
)
"""What is answered in words: ``refusal`` in the locale has a sentence for each."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Receives whatever a person says or does, from whatever platform.

    Attributes:
        conversation: answers questions, one after the other.
        sections: shows a clause in its place.
        feedback: hears whether an answer was helpful, and what the policy owner should know.
        filling: shows forms while they are filled in, and keeps drafts.
        intake: receives forms.
        inbox: shows people what is theirs.
        standings: shows senders how it stands with theirs.
        acting: does what they do to it.
        own: shows people what they sent, and takes what they add.
        export: gives cases out.
        reviewing: what is due to be deleted.
        appointments: shows people who they are here, and hears whom they confirm in a role.
        guide: walks people through a policy, and takes what they sign.
        leading: shows whoever looks after induction who is where, reminds and asks.
        owning: shows the policy owner what is asked, and changes what is answered; None where nothing can be changed.
    """

    conversation: Conversation
    sections: Sections
    feedback: Feedback
    filling: Filling
    intake: Intake
    inbox: Inbox
    standings: Standings
    acting: Acting
    own: Own
    export: Export
    reviewing: Reviewing
    appointments: Appointments
    guide: Guide
    leading: Leading
    owning: Owning | None = None

    def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
        """What to show for what came in, in order; nothing only for what was overheard and can wait."""
        try:
            replies = self._replies(incoming)
        except _REFUSALS as reason:
            return (Refusal(say(f"refusal.{type(reason).__name__}")),)
        self._count(incoming, replies)
        return replies

    def _count(self, incoming: Incoming, replies: tuple[Reply, ...]) -> None:
        """How often each thing happens, whatever platform it comes from; no words, nobody, no time of the day."""
        insights = self.feedback.insights
        for reply in replies:
            if isinstance(reply, Answer):
                insights.answered(reply, further=isinstance(incoming, TellFact))
            elif isinstance(incoming, OpenForm) and isinstance(reply, FormView):
                insights.count(Counted.FORM_BEGUN)
            elif isinstance(incoming, OpenInductionStep) and isinstance(reply, InductionStepView):
                insights.count(Counted.STEP_BEGUN)
            elif isinstance(incoming, FinishStep) and not isinstance(reply, Refusal) and not _is_left(reply):
                insights.count(Counted.STEP_FINISHED)

    def _replies(self, incoming: Incoming) -> tuple[Reply, ...]:  # noqa: C901, PLR0911, PLR0912 (one line for each kind of Incoming)
        match incoming:
            case Ask():
                return self.conversation.ask(incoming)
            case Overhear(text):
                return self.conversation.overhear(text)
            case TellFact():
                return (self.conversation.tell(incoming),)
            case ShowSection():
                return (self.sections.show(incoming),)
            case Rate():
                return (self.feedback.rate(incoming),)
            case OpenQuestion():
                return (self.feedback.open(incoming),)
            case SendQuestion():
                return (self.feedback.send(incoming),)
            case OpenForms():
                return (self.filling.offers(incoming),)
            case OpenForm():
                return (self.filling.open(incoming),)
            case FillForm():
                return (self.filling.fill(incoming),)
            case SubmitForm():
                return (self.intake.submit(incoming),)
            case SaveDraft():
                return (self.filling.save(incoming),)
            case OpenDraft():
                return (self.filling.resume(incoming),)
            case DiscardDraft():
                return (self.filling.discard(incoming),)
            case OpenInbox(person):
                return (self.inbox.open(person),)
            case OpenCase(person, reference):
                return (self.inbox.open_case(person, reference),)
            case OpenStanding():
                return (self.standings.open(incoming),)
            case ActOnCase(act=CaseAct.REPLY | CaseAct.AMEND):
                return (self.own.act(incoming),)
            case ActOnCase(act=CaseAct.KEEP | CaseAct.PURGE):
                return (self.reviewing.act(incoming),)
            case ActOnCase():
                return (self.acting.act(incoming),)
            case OpenOwn(person, whole):
                return (self.own.whole(person) if whole else self.own.open(person),)
            case ExportCases():
                return (self.export.take(incoming),)
            case OpenRetention(person):
                return (self.reviewing.open(person),)
            case OpenAttachment():
                return (self.inbox.open_attachment(incoming),)
            case OpenAccount(person):
                return (self.appointments.account(person),)
            case ConfirmHolder():
                return (self.appointments.confirm(incoming),)
            case OpenInduction():
                return (self.guide.open(incoming),)
            case BeginInduction():
                return (self.guide.begin(incoming),)
            case OpenInductionStep():
                return (self.guide.step(incoming),)
            case JudgeSituation():
                return (self.guide.judge(incoming),)
            case FinishStep():
                return (self.guide.finish(incoming),)
            case OpenAgreement():
                return (self.guide.agreement(incoming),)
            case SignAgreement():
                return (self.guide.sign(incoming),)
            case OpenSignOffs():
                return (self.guide.signed(incoming),)
            case TakeCertificate():
                return (self.guide.certificate(incoming),)
            case OpenInductionLead():
                return (self.leading.open(incoming),)
            case NudgeInduction():
                return (self.leading.nudge(incoming),)
            case StartCampaign():
                return (self.leading.start(incoming),)
            case EndCampaign():
                return (self.leading.end(incoming),)
            case ExportStandings():
                return (self.leading.export(incoming),)
            case OpenOwning():
                return (self._owning().open(incoming),)
            case ActAsOwner():
                return (self._owning().act(incoming),)
            case _:
                assert_never(incoming)

    def _owning(self) -> Owning:
        if self.owning is None:
            raise NotTheOwner
        return self.owning


def _is_left(reply: Reply) -> bool:
    """Whether a step that was to be finished came back, with what is left of it."""
    return isinstance(reply, InductionStepView) and bool(reply.notice)
