"""Every word that crosses the boundary between a platform and the bot: Incoming one way, Reply the other.

No platform's name stands here. An adapter turns what it has verified into one Incoming, gives it to the desk, and
renders each Reply in one ``match`` that ends in ``assert_never``.

Its kinds stand in five files: what is asked, what is told, what is received, who somebody is here, and the induction.
"""

from dataclasses import dataclass

from bot.messages.account import (
    AccountView,
    ConfirmHolder,
    OpenAccount,
    ToConfirm,
)
from bot.messages.asking import (
    Answer,
    Ask,
    Condition,
    ConditionKind,
    Intent,
    Meaning,
    Noted,
    OpenQuestion,
    Overhear,
    QuestionView,
    Rate,
    Reach,
    RuledBy,
    SectionView,
    SendQuestion,
    Shown,
    ShowSection,
    Step,
    TellFact,
)
from bot.messages.induction import (
    AgreementView,
    BeginInduction,
    Bound,
    CampaignRow,
    ChangedClause,
    CheckRow,
    EndCampaign,
    ExportStandings,
    FinishStep,
    InductionLeadView,
    InductionOffer,
    InductionStanding,
    InductionStepRow,
    InductionStepView,
    InductionView,
    Judged,
    JudgeSituation,
    NudgeInduction,
    OpenAgreement,
    OpenInduction,
    OpenInductionLead,
    OpenInductionStep,
    OpenSignOffs,
    SaidRow,
    SignAgreement,
    SignedView,
    SignOffRow,
    SignOffsView,
    SituationView,
    StartCampaign,
    StepState,
    TakeCertificate,
)
from bot.messages.receiving import (
    ActForm,
    ActOnCase,
    AttachmentContent,
    AttachmentRow,
    CaseAct,
    CaseAnswer,
    CaseState,
    CaseView,
    ChronologyRow,
    ExportCases,
    ExportFile,
    ExportFormat,
    InboxRow,
    InboxView,
    Looked,
    OpenAttachment,
    OpenCase,
    OpenInbox,
    OpenOwn,
    OpenRetention,
    OwnReport,
    OwnView,
    RetentionRow,
    RetentionView,
)
from bot.messages.telling import (
    MEANS,
    Attaching,
    Attachment,
    Choice,
    DiscardDraft,
    Doubt,
    DraftKept,
    DraftRow,
    FillForm,
    FormOffer,
    FormQuestion,
    FormsView,
    FormView,
    Intro,
    NoticeRow,
    OpenDraft,
    OpenForm,
    OpenForms,
    OpenStanding,
    QuestionKind,
    Receipt,
    SaveDraft,
    Sibling,
    StandingRow,
    StandingView,
    SubmitForm,
)

__all__ = [
    "MEANS",
    "AccountView",
    "ActForm",
    "ActOnCase",
    "AgreementView",
    "Answer",
    "Ask",
    "Attaching",
    "Attachment",
    "AttachmentContent",
    "AttachmentRow",
    "BeginInduction",
    "Bound",
    "CampaignRow",
    "CaseAct",
    "CaseAnswer",
    "CaseState",
    "CaseView",
    "ChangedClause",
    "CheckRow",
    "Choice",
    "ChronologyRow",
    "Condition",
    "ConditionKind",
    "ConfirmHolder",
    "DiscardDraft",
    "Doubt",
    "DraftKept",
    "DraftRow",
    "EndCampaign",
    "ExportCases",
    "ExportFile",
    "ExportFormat",
    "ExportStandings",
    "FillForm",
    "FinishStep",
    "FormOffer",
    "FormQuestion",
    "FormView",
    "FormsView",
    "InboxRow",
    "InboxView",
    "Incoming",
    "InductionLeadView",
    "InductionOffer",
    "InductionStanding",
    "InductionStepRow",
    "InductionStepView",
    "InductionView",
    "Intent",
    "Intro",
    "JudgeSituation",
    "Judged",
    "Looked",
    "Meaning",
    "Noted",
    "NoticeRow",
    "NudgeInduction",
    "OpenAccount",
    "OpenAgreement",
    "OpenAttachment",
    "OpenCase",
    "OpenDraft",
    "OpenForm",
    "OpenForms",
    "OpenInbox",
    "OpenInduction",
    "OpenInductionLead",
    "OpenInductionStep",
    "OpenOwn",
    "OpenQuestion",
    "OpenRetention",
    "OpenSignOffs",
    "OpenStanding",
    "Overhear",
    "OwnReport",
    "OwnView",
    "QuestionKind",
    "QuestionView",
    "Rate",
    "Reach",
    "Receipt",
    "Refusal",
    "Reply",
    "RetentionRow",
    "RetentionView",
    "RuledBy",
    "SaidRow",
    "SaveDraft",
    "SectionView",
    "SendQuestion",
    "ShowSection",
    "Shown",
    "Sibling",
    "SignAgreement",
    "SignOffRow",
    "SignOffsView",
    "SignedView",
    "SituationView",
    "StandingRow",
    "StandingView",
    "StartCampaign",
    "Step",
    "StepState",
    "SubmitForm",
    "TakeCertificate",
    "TellFact",
    "ToConfirm",
]


Incoming = (
    Ask
    | Overhear
    | TellFact
    | OpenForms
    | OpenForm
    | FillForm
    | SubmitForm
    | SaveDraft
    | OpenDraft
    | DiscardDraft
    | OpenInbox
    | OpenCase
    | OpenStanding
    | ShowSection
    | Rate
    | OpenQuestion
    | SendQuestion
    | ActOnCase
    | OpenOwn
    | ExportCases
    | OpenRetention
    | OpenAccount
    | ConfirmHolder
    | OpenAttachment
    | OpenInduction
    | BeginInduction
    | OpenInductionStep
    | JudgeSituation
    | FinishStep
    | OpenAgreement
    | SignAgreement
    | OpenSignOffs
    | TakeCertificate
    | OpenInductionLead
    | NudgeInduction
    | StartCampaign
    | EndCampaign
    | ExportStandings
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """It cannot be done, and what to do instead. The same words whether a thing is missing or not theirs to see."""

    headline: str


Reply = (
    Answer
    | SectionView
    | FormsView
    | FormView
    | DraftKept
    | QuestionView
    | Noted
    | Receipt
    | InboxView
    | CaseView
    | StandingView
    | OwnView
    | ExportFile
    | RetentionView
    | Refusal
    | AccountView
    | AttachmentContent
    | InductionView
    | InductionStepView
    | AgreementView
    | SignedView
    | SignOffsView
    | InductionLeadView
)
