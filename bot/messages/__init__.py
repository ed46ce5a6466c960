"""Every word that crosses the boundary between a platform and the bot: Incoming one way, Reply the other.

No platform's name stands here. An adapter turns what it has verified into one Incoming, gives it to the desk, and
renders each Reply in one ``match`` that ends in ``assert_never``.

Its kinds stand in six files: what is asked, told and received, who somebody is here, the induction, and what the
policy owner sees.
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
from bot.messages.owning import (
    NEEDS_FRESH,
    ActAsOwner,
    Asked,
    AskedRow,
    ChangeRow,
    Changes,
    Chart,
    ClauseWas,
    DocumentHealth,
    Figures,
    FindingGroup,
    FindingRow,
    Health,
    Near,
    OpenOwning,
    OwningAct,
    OwningHome,
    OwningPage,
    OwningView,
    OwnWords,
    RulingDraft,
    RulingLine,
    RulingRead,
    RulingRow,
    RulingRows,
    RulingTable,
    Series,
    StepRead,
    StepRow,
    TableLine,
    VersionRead,
    VersionRow,
    Versions,
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
    "NEEDS_FRESH",
    "AccountView",
    "ActAsOwner",
    "ActForm",
    "ActOnCase",
    "AgreementView",
    "Answer",
    "Ask",
    "Asked",
    "AskedRow",
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
    "ChangeRow",
    "ChangedClause",
    "Changes",
    "Chart",
    "CheckRow",
    "Choice",
    "ChronologyRow",
    "ClauseWas",
    "Condition",
    "ConditionKind",
    "ConfirmHolder",
    "DiscardDraft",
    "DocumentHealth",
    "Doubt",
    "DraftKept",
    "DraftRow",
    "EndCampaign",
    "ExportCases",
    "ExportFile",
    "ExportFormat",
    "ExportStandings",
    "Figures",
    "FillForm",
    "FindingGroup",
    "FindingRow",
    "FinishStep",
    "FormOffer",
    "FormQuestion",
    "FormView",
    "FormsView",
    "Health",
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
    "Near",
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
    "OpenOwning",
    "OpenQuestion",
    "OpenRetention",
    "OpenSignOffs",
    "OpenStanding",
    "Overhear",
    "OwnReport",
    "OwnView",
    "OwnWords",
    "OwningAct",
    "OwningHome",
    "OwningPage",
    "OwningView",
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
    "RulingDraft",
    "RulingLine",
    "RulingRead",
    "RulingRow",
    "RulingRows",
    "RulingTable",
    "SaidRow",
    "SaveDraft",
    "SectionView",
    "SendQuestion",
    "Series",
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
    "StepRead",
    "StepRow",
    "StepState",
    "SubmitForm",
    "TableLine",
    "TakeCertificate",
    "TellFact",
    "ToConfirm",
    "VersionRead",
    "VersionRow",
    "Versions",
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
    | OpenOwning
    | ActAsOwner
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
    | OwningView
)
