"""Every word that crosses the boundary between a platform and the bot: Incoming one way, Reply the other.

No platform's name stands here. An adapter turns what it has verified into one Incoming, gives it to the desk, and
renders each Reply in one ``match`` that ends in ``assert_never``.

Its kinds stand in four files: what is asked, what is told, what is received, and who somebody is here.
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
    "Answer",
    "Ask",
    "Attaching",
    "Attachment",
    "AttachmentContent",
    "AttachmentRow",
    "CaseAct",
    "CaseAnswer",
    "CaseState",
    "CaseView",
    "Choice",
    "ChronologyRow",
    "Condition",
    "ConditionKind",
    "ConfirmHolder",
    "DiscardDraft",
    "Doubt",
    "DraftKept",
    "DraftRow",
    "ExportCases",
    "ExportFile",
    "ExportFormat",
    "FillForm",
    "FormOffer",
    "FormQuestion",
    "FormView",
    "FormsView",
    "InboxRow",
    "InboxView",
    "Incoming",
    "Intent",
    "Intro",
    "Looked",
    "Meaning",
    "Noted",
    "NoticeRow",
    "OpenAccount",
    "OpenAttachment",
    "OpenCase",
    "OpenDraft",
    "OpenForm",
    "OpenForms",
    "OpenInbox",
    "OpenOwn",
    "OpenQuestion",
    "OpenRetention",
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
    "SaveDraft",
    "SectionView",
    "SendQuestion",
    "ShowSection",
    "Shown",
    "Sibling",
    "StandingRow",
    "StandingView",
    "Step",
    "SubmitForm",
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
)
