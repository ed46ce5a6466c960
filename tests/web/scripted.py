"""A desk that answers from a script, and what it says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from bot.messages import (
    AccountView,
    ActAsOwner,
    ActOnCase,
    Answer,
    Ask,
    AttachmentContent,
    BeginInduction,
    CaseAnswer,
    CaseView,
    Choice,
    ChronologyRow,
    ConfirmHolder,
    DiscardDraft,
    DraftKept,
    DraftRow,
    EndCampaign,
    ExportCases,
    ExportStandings,
    FillForm,
    FinishStep,
    FormOffer,
    FormQuestion,
    FormsView,
    FormView,
    InboxRow,
    InboxView,
    Incoming,
    Intent,
    Intro,
    JudgeSituation,
    Noted,
    NoticeRow,
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
    QuestionKind,
    QuestionView,
    Rate,
    Reach,
    Receipt,
    Refusal,
    Reply,
    SaveDraft,
    SectionView,
    SendQuestion,
    Shown,
    ShowSection,
    SignAgreement,
    StandingRow,
    StandingView,
    StartCampaign,
    Step,
    SubmitForm,
    TakeCertificate,
    TellFact,
    ToConfirm,
)
from knowledge.model import Citation, Clause, Passage, PassageKind
from knowledge.numbering import Label
from knowledge.rulings import Verdict

NOW = datetime(2026, 11, 20, 15, 10, tzinfo=UTC)
DSL = "demo-dsl"

CLAUSE = Clause(
    policy="reach2-online-safety",
    label=Label.parse("6.2(25)"),
    headings=("6. Use of Social Media in practice", "School-sanctioned use of social media"),
    lead_in="Schools should also adhere to these guidelines:",
    text=(
        "Staff should not accept any current pupil of any age or any ex-pupil of the school under the age of 18 as a "
        "friend, follower, subscriber or similar on any personal social media account, with the exception of relatives."
    ),
    line=1,
    page=None,
)
SECOND = replace(
    CLAUSE,
    label=Label.parse("5.3"),
    headings=("5. Key Principles",),
    lead_in=None,
    text="Safeguarding children is a key responsibility and priority of all members of staff.",
    page=4,
)


def cited(clause: Clause) -> Citation:
    return Citation(clause, "Online Safety and Social Media policy", "2.0", date(2023, 7, 1), date(2026, 7, 1), True)  # noqa: FBT003 (Citation's own order)


ANSWER = Answer(
    Intent.QUESTION,
    Verdict.DEPENDS,
    "Not if they are under 18, unless they are related to you.",
    (cited(CLAUSE), cited(SECOND)),
    asks=("age", "relative"),
    offers=("disclose_contact",),
)

URGENT = Answer(
    Intent.REPORT_CONCERN,
    Verdict.INFO,
    "Act now: tell the designated safeguarding lead or a deputy.",
    (cited(CLAUSE),),
    offers=("report_concern",),
    urgent=True,
    steps=(Step("If anyone is in danger now, ring 999.", "guidance"),),
    reach=(
        Reach("Ann Lee", "designated safeguarding lead (DSL)", "01632 960101"),
        Reach("Northshire council", "children's social care", "01632 960110", "01632 960111"),
    ),
)

FORM = FormView(
    form="report_concern",
    draft="0" * 32,
    title="Report a concern",
    intro=(
        Intro(
            "If anyone is in danger now, ring 999 first. Then speak to the designated safeguarding lead (DSL) or a "
            "deputy: do not wait for an answer to this form. This is the record.",
            "Keeping children safe in education, part one; check against the current edition",
        ),
    ),
    questions=(
        FormQuestion(
            "about",
            QuestionKind.CHOICE,
            "Who is it about?",
            "This decides who reads your report. If you are not sure, say so.",
            "Keeping children safe in education, part one and part four; check against the current edition",
            required=True,
            choices=(
                Choice("child", "A child", "Read by: designated safeguarding lead (DSL)."),
                Choice("adult_here", "An adult who works here", "Staff, supply, volunteer. Read by: headteacher."),
                Choice("unsure", "I am not sure", "Read by: designated safeguarding lead (DSL) and headteacher."),
            ),
        ),
        FormQuestion(
            "what",
            QuestionKind.TEXT,
            "What did you see or hear?",
            "In the child's own words where you can. Facts first; say so where something is your opinion.",
            "Keeping children safe in education, part one, on records; check against the current edition",
            required=True,
            max_length=20000,
        ),
        FormQuestion("class", QuestionKind.TEXT, "Which class?", "", "", required=False, max_length=120),
    ),
    submit="Send the report",
)

CODE = "7KQ4-2M9X-PDH3"
OFFERS = FormsView(
    "Tell someone",
    (
        FormOffer("report_concern", "Report a concern", "About a child, or about an adult who works with children."),
        FormOffer("disclose_contact", "Tell us of a contact", "You know a parent outside school."),
    ),
)
KEPT = DraftKept("d" * 32, "Report a concern", "It is kept, and was NOT sent.", ("Write this code down now.",), CODE)
NO_DRAFT = Refusal("There is nothing kept under this code.")

RECEIPT = Receipt(
    "TS-7K3M-92QF",
    NOW,
    ("designated safeguarding lead (DSL)",),
    "Your report is stored.",
    (
        "Keep the reference. It says nothing about what you wrote.",
        "Speak to the person named here as well: a report is a record, not a substitute for telling somebody.",
    ),
)

URGENT_ROW = InboxRow("TS-7K3M-92QF", NOW, "Report a concern", urgent=True, opened=False)
INBOX = InboxView(
    "Demonstration DSL",
    "designated safeguarding lead (DSL)",
    (URGENT_ROW, InboxRow("TS-2B8X-11AC", NOW - timedelta(days=2), "Report a concern", urgent=False, opened=True)),
)
CASE = CaseView(
    replace(URGENT_ROW, opened=True),
    (
        CaseAnswer("Who is it about?", "A child"),
        CaseAnswer("What did you see or hear?", "He said: “I don't want to go home.”\n\nHe would not say why."),
    ),
    (
        ChronologyRow(NOW, "Received", ""),
        ChronologyRow(NOW, "Put into the inbox of", "Demonstration DSL, designated safeguarding lead (DSL)"),
        ChronologyRow(NOW + timedelta(minutes=4), "Opened by", "Demonstration DSL, designated safeguarding lead (DSL)"),
    ),
)
SECTION = SectionView(
    cited(CLAUSE),
    (
        Passage(PassageKind.CLAUSE, "Schools should adhere to these guidelines:", "6.2", label=Label.parse("6.2")),
        Passage(PassageKind.CLAUSE, "Ask <b>first</b>.", "-", 1, label=Label.parse("6.2(24)")),
        Passage(PassageKind.CLAUSE, CLAUSE.text, "-", 1, label=CLAUSE.label),
        Passage(PassageKind.LEAD_IN, "In addition everyone must ensure that they:"),
        Passage(PassageKind.CLAUSE, "Keep records.", "-", 1, label=Label.parse("6.2(26)")),
    ),
)
STANDING = StandingView(
    (
        StandingRow(
            URGENT_ROW.reference, "Report a concern", NOW, ("designated safeguarding lead (DSL)",),
            ring=("Ring me: 01632 960101",), urgent=True,
        ),
        StandingRow(
            "TS-2B8X-11AC", "Report a concern", NOW, ("headteacher",), seen=NOW, seen_by="headteacher", closed=NOW,
            is_closed=True,
        ),
    ),
    (NoticeRow(NOW, "You began something."),),
    is_known=True,
)  # fmt: skip
SHOWN = Shown(Verdict.DEPENDS, "reach2-online-safety", ("6.2(25)", "5.3"))
SENT = Noted("Your question is stored for the policy owner.", ("Nobody can see who asked.",))
NO_PAGE = Refusal("There is no such page here.")
NOT_YOURS = Refusal("There is no such case in your inbox.")

ACCOUNT = AccountView(
    "Demonstration DSL",
    ("designated safeguarding lead (DSL)",),
    to_confirm=(ToConfirm("demo-newcomer", "Demonstration newcomer", "deputy_dsl", "deputy DSL"),),
    log=(ChronologyRow(NOW, "Demonstration DSL was designated safeguarding lead when the record began", ""),),
)
NOT_TO_CONFIRM = Refusal("There is nobody whom you could confirm in this role.")

Script = Callable[[Incoming], Reply]


@dataclass
class ScriptedDesk:
    """Replies as the script says, and remembers what it heard; a test may put another script in for one kind."""

    heard: list[Incoming] = field(default_factory=list)
    instead: dict[type[Incoming], Script] = field(default_factory=dict)
    owning: None = None

    def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
        self.heard.append(incoming)
        if isinstance(incoming, Overhear) and Overhear not in self.instead:
            return ()  # it can wait
        return (self.instead.get(type(incoming), scripted)(incoming),)


def scripted(incoming: Incoming) -> Reply:  # noqa: C901, PLR0911, PLR0912 (one arm for each kind of Incoming)
    match incoming:
        case Ask() | TellFact():
            return ANSWER
        case Overhear():
            return URGENT
        case ShowSection():
            return SECTION
        case Rate():
            return Noted("Noted.")
        case OpenQuestion():
            return question_view(SendQuestion("d" * 32, incoming.shown, incoming.text))
        case SendQuestion():
            return SENT if incoming.text.strip() else question_view(incoming, "Write something here")
        case OpenForms(owner):
            mine = (DraftRow("e" * 32, "Report a concern", NOW),) if owner == f"person:{DSL}" else ()
            return replace(OFFERS, drafts=mine)
        case OpenForm("report_concern"):
            return replace(FORM, draft=f"{id(incoming):032x}")
        case OpenForm():
            return Refusal("There is no such form.")
        case FillForm():
            return filled(incoming)
        case SaveDraft(owner=owner):
            return replace(KEPT, code="") if owner else KEPT
        case OpenDraft(owner) | DiscardDraft(owner) if owner not in {f"code:{CODE.replace('-', '')}", f"person:{DSL}"}:
            return NO_DRAFT
        case OpenDraft():
            return replace(FORM, draft="d" * 32, kept="This is what you left.", code=CODE.replace("-", ""))
        case DiscardDraft():
            return Noted("It is gone.", ("What you wrote was deleted.",))
        case SubmitForm():
            return checked(incoming)
        case OpenInbox(person):
            return INBOX if person == DSL else replace(INBOX, rows=())
        case OpenStanding(sender, code):
            if code and code != CODE:
                return Refusal("There is no report under this code.")
            return STANDING if code or sender == DSL else StandingView((), (), is_known=bool(sender))
        case OpenCase(person, reference):
            return CASE if (person, reference) == (DSL, URGENT_ROW.reference) else NOT_YOURS
        case OpenAccount():
            return ACCOUNT
        case ConfirmHolder(holder="demo-newcomer", role="deputy_dsl"):
            return ACCOUNT
        case ConfirmHolder():
            return NOT_TO_CONFIRM
        case OpenAttachment(attachment="f"):
            return AttachmentContent("C-2345-6789-1.pdf", 5, iter([b"%PDF-"]))
        case ActOnCase() | OpenOwn() | ExportCases() | OpenRetention() | OpenAttachment():
            return NOT_YOURS
        case (
            OpenInduction()
            | BeginInduction()
            | OpenInductionStep()
            | JudgeSituation()
            | FinishStep()
            | OpenAgreement()
            | SignAgreement()
            | OpenSignOffs()
            | TakeCertificate()
            | OpenInductionLead()
            | NudgeInduction()
            | StartCampaign()
            | EndCampaign()
            | ExportStandings()
        ):
            return Refusal("There is no guided walk here.")
        case OpenOwning() | ActAsOwner():
            return NO_PAGE


def question_view(question: SendQuestion, error: str = "") -> QuestionView:
    """The question as it would be sent, or given back."""
    text = FormQuestion(
        "words", QuestionKind.TEXT, "The words that will be sent", "Change them as you like.", "", required=True,
        max_length=2000, value=question.text, error=error,
    )  # fmt: skip
    reply_to = replace(text, key="reply_to", ask="How to reach you", required=False, max_length=200, help="", error="")
    return QuestionView(
        question.draft,
        question.shown,
        "Send your question to the policy owner",
        ("No name goes with it.", "This goes along: 6.2(25)."),
        ("report_concern", "A concern about a child does not belong here."),
        text,
        replace(reply_to, value=question.reply_to),
        "Send",
    )


def checked(submission: SubmitForm) -> Reply:
    """The receipt if all that is required is there, else the form with what was filled in and what is wrong."""
    errors = {
        question.key: f"Answer: {question.ask}"
        for question in FORM.questions
        if question.required and not submission.answers.get(question.key)
    }
    return filled(submission, errors) if errors else RECEIPT


def filled(submission: SubmitForm | FillForm, errors: Mapping[str, str] | None = None) -> FormView:
    """The form with what was filled in, and what is wrong with that."""
    questions = tuple(
        replace(question, value=submission.answers.get(question.key, ""), error=(errors or {}).get(question.key, ""))
        for question in FORM.questions
    )
    return replace(FORM, draft=submission.draft, questions=questions)
