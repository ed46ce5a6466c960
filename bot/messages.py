"""Every word that crosses the boundary between a platform and the bot: Incoming one way, Reply the other.

No platform's name stands here. An adapter turns what it has verified into one Incoming, gives it to the desk, and
renders each Reply in one ``match`` that ends in ``assert_never``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from knowledge.model import Citation, Passage
from knowledge.rulings import Verdict


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer showed, to go along with what somebody says of it; no word of theirs is in it.

    Attributes:
        verdict: the answer's.
        policy: the slug of the policy of its deciding clause, or None where no clause was shown.
        labels: the clauses of that policy that were shown, as they are cited, the deciding one first.
    """

    verdict: Verdict
    policy: str | None = None
    labels: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------- incoming


@dataclass(frozen=True, slots=True)
class Ask:
    """A person asks something, in their own words.

    Attributes:
        text: what they wrote. It is answered and forgotten: never stored, never logged.
        policy: the slug of the one policy to search, or None for all that are in force.
        conversation: what the platform calls the conversation, so that the person can go on from the answer; empty
            where there is none. It must not be guessed by others: what was asked last can be told by it.
    """

    text: str = field(repr=False)
    policy: str | None = None
    conversation: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class TellFact:
    """A person presses a button under "it depends". All that it needs is in the button, and no word of theirs.

    Attributes:
        policy: the slug of the policy of the ruling that asked.
        ruling: its id.
        facts: what was known then, key and value each, with the one that was pressed.
        conversation: as in ``Ask``.
    """

    policy: str
    ruling: str
    facts: tuple[tuple[str, str], ...]
    conversation: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OpenForms:
    """A person has something to tell, and looks which form there is for it.

    Attributes:
        owner: as in ``SaveDraft``, to show them the drafts that they left; empty for nobody's.
    """

    owner: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A person wants to tell something.

    Attributes:
        form: the form's name, such as ``report_concern``.
        clause: the label of the clause that the conversation came to, where there was one.
        answers: what the conversation knows already, by question key. It is shown as taken over, for the person to
            check; what the form would not ask is left out.
    """

    form: str
    clause: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class FillForm:
    """A person goes on in a form without sending it: what their answers open is shown, nothing is stored.

    Attributes:
        form: the form's name.
        draft: the id that the form carried when it was shown.
        answers: what is filled in, by question key.
        clause: as the form carried it.
        owner: as in ``SaveDraft``.
    """

    form: str
    draft: str
    answers: Mapping[str, str] = field(repr=False)
    clause: str | None = None
    owner: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a report, as a platform took it; it holds no content, only how to read it.

    Attributes:
        name: what it is called by whoever sent it.
        size: how many bytes were sent; more than may be came in full only if it says so.
        digest: SHA-256 of the content, in hexadecimal.
        chunks: the content from its beginning, each time it is called.
    """

    name: str = field(repr=False)
    size: int
    digest: str = field(repr=False)
    chunks: Callable[[], Iterator[bytes]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SubmitForm:
    """A person sends what they filled in.

    Attributes:
        form: the form's name.
        draft: the id that the form carried when it was shown. The same draft with the same answers is one case,
            however often it arrives.
        answers: what was filled in, by question key; a question left empty may be missing.
        clause: the label of the clause that the conversation came to, as the form carried it.
        owner: as in ``SaveDraft``: a draft that was kept is closed when it is sent.
        sender: their id in the directory, if the platform knows who sends. Not always the owner: a person who is signed
            in may send what they kept under a code.
        attachments: the files that go along.
    """

    form: str
    draft: str
    answers: Mapping[str, str] = field(repr=False)
    clause: str | None = None
    owner: str = field(default="", repr=False)
    sender: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenStanding:
    """A sender asks how it stands with what they sent: by the code of one report, or as a person who is signed in.

    Attributes:
        sender: their id in the directory, if the platform knows them.
        code: as it was typed; empty for all that this sender sent.
    """

    sender: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """A person leaves a form and wants to come back to it.

    Attributes:
        form: the form's name.
        draft: the id that the form carried when it was shown.
        answers: what is filled in, by question key.
        clause: as the form carried it.
        owner: whose draft it is, as the platform has verified it: ``person:`` and their id in the directory, or
            ``code:`` and the code that they were given. Empty: they get a code, without which nobody comes back to it.
    """

    form: str
    draft: str
    answers: Mapping[str, str] = field(repr=False)
    clause: str | None = None
    owner: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A person comes back to a draft, on whatever platform.

    Attributes:
        owner: as in ``SaveDraft``.
        draft: which of theirs; empty for the one they left last.
    """

    owner: str = field(repr=False)
    draft: str = ""


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    """A person wants a draft to be gone.

    Attributes:
        owner: as in ``SaveDraft``.
        draft: which of theirs; empty for the one they left last.
    """

    owner: str = field(repr=False)
    draft: str = ""


@dataclass(frozen=True, slots=True)
class OpenInbox:
    """A signed-in person looks at what was sent to them.

    Attributes:
        person: their id in the directory; the platform has verified it.
    """

    person: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A signed-in person opens one case; that they looked is recorded.

    Attributes:
        person: their id in the directory; the platform has verified it.
        reference: the case's reference.
    """

    person: str
    reference: str


@dataclass(frozen=True, slots=True)
class ShowSection:
    """A person wants to read a clause in its place.

    Attributes:
        policy: the policy's slug.
        label: the clause, as it is cited.
    """

    policy: str
    label: str


@dataclass(frozen=True, slots=True)
class Rate:
    """A person says whether an answer was helpful. It is counted; nothing says who it was.

    Attributes:
        answer: an id that the platform drew at random when it showed the answer: whoever presses twice, or thinks
            better of it, is counted once, as they said last.
        shown: what the answer showed.
        helpful: what they say.
    """

    answer: str
    shown: Shown
    helpful: bool


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A person may want to send their question to the policy owner; nothing is sent yet.

    Attributes:
        shown: what the answer showed.
        text: the question as they asked it, for them to change.
    """

    shown: Shown
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SendQuestion:
    """A person sends a question to the policy owner.

    Attributes:
        draft: the id that the step before carried. Sent again, changed or not, it is one question: as sent last.
        shown: what the answer showed.
        text: the words to send.
        reply_to: how to reach them, if they want an answer; may be empty.
    """

    draft: str
    shown: Shown
    text: str = field(repr=False)
    reply_to: str = field(default="", repr=False)


# What those who receive a case do with it, and what its sender still can.


class CaseAct(StrEnum):
    """What somebody does to a case."""

    ACKNOWLEDGE = "acknowledge"
    """They have it; nobody further along the route is told any more."""
    NOTE = "note"
    PASS_ON = "pass_on"  # noqa: S105 (nobody's password)
    ASK = "ask"
    """They ask the sender something."""
    ADD = "add"
    """They add what was told later, by other ways."""
    ANSWER = "answer"
    """They answer somebody who made a contact known (9.1)."""
    CLOSE = "close"
    ENTERED = "entered"
    """They close it because it was entered in the school's case system."""
    MERGE = "merge"
    """They put it together with another."""
    REOPEN = "reopen"
    HOLD = "hold"
    RELEASE = "release"
    KEEP = "keep"
    """They looked at it when its period was over, and it is needed longer."""
    PURGE = "purge"
    """They confirm, after looking, that what was told is to be deleted for good."""
    REPLY = "reply"
    """The sender answers what they were asked."""
    AMEND = "amend"
    """The sender adds to what they told."""


@dataclass(frozen=True, slots=True)
class ActOnCase:
    """A signed-in person does something to a case; as with ``OpenCase``, the platform has verified who it is.

    Attributes:
        person: their id in the directory.
        reference: the case's.
        act: what.
        form: the id that the act's form carried when it was shown. The same form twice is one act.
        answers: what was filled in, by the key of the act's question.
    """

    person: str
    reference: str
    act: CaseAct
    form: str
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class OpenOwn:
    """A signed-in person looks at what they reported themselves.

    Attributes:
        person: their id in the directory; the platform has verified it.
        whole: whether they want all that they supplied, as a file.
    """

    person: str
    whole: bool = False


class ExportFormat(StrEnum):
    """How cases are given out."""

    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class ExportCases:
    """A signed-in person takes cases out, to enter them elsewhere or on paper; that they did is recorded in each.

    Attributes:
        person: their id in the directory; the platform has verified it.
        format: as what.
        references: which; none for all that are theirs. A PDF is of one.
    """

    person: str
    format: ExportFormat
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenRetention:
    """A signed-in person looks at what is due to be deleted, of what is theirs to delete.

    Attributes:
        person: their id in the directory; the platform has verified it.
    """

    person: str


# Who is signed in, and the files of a case.


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """A signed-in person looks at who they are here.

    Attributes:
        signed_in: their id in the directory; the platform has verified it.
    """

    signed_in: str


@dataclass(frozen=True, slots=True)
class ConfirmHolder:
    """A signed-in person confirms that somebody else holds a role; the platform has seen to a fresh sign-in.

    Attributes:
        signed_in: their id in the directory; the platform has verified it.
        holder: the id of whom they confirm.
        role: the name of the role.
    """

    signed_in: str
    holder: str
    role: str


@dataclass(frozen=True, slots=True)
class OpenAttachment:
    """A signed-in person takes a file that came with a case; that they did is recorded.

    Attributes:
        person: their id in the directory; the platform has verified it, and that the sign-in is fresh.
        reference: the case's reference.
        attachment: the file's id.
    """

    person: str
    reference: str
    attachment: str


Incoming = (
    Ask
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

# ------------------------------------------------------------------------------------------------- reply


class Intent(StrEnum):
    """What kind of message it was."""

    QUESTION = "question"
    REPORT_CONCERN = "report_concern"
    DISCLOSE_CONTACT = "disclose_contact"
    ACKNOWLEDGE_POLICY = "acknowledge_policy"
    INDUCTION = "induction"
    STATUS = "status"
    SMALLTALK = "smalltalk"
    HELP = "help"


class ConditionKind(StrEnum):
    """What qualifies a rule."""

    CONDITION = "condition"
    EXCEPTION = "exception"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Condition:
    """What the deciding clause makes its rule turn on.

    Attributes:
        kind: a condition, an exception, or whose approval it needs.
        text: words of the clause, verbatim.
    """

    kind: ConditionKind
    text: str


@dataclass(frozen=True, slots=True)
class RuledBy:
    """The ruling that an answer rests on: the slug of its policy, its id, and the day of its review."""

    policy: str
    id: str
    reviewed: date


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a message may mean: the slug of a policy, the id of a ruling on it, and the question in words."""

    policy: str
    ruling: str
    about: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do now, and the clause or guidance that says so."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Somebody to ring now.

    Attributes:
        name: in full, or as people know the office.
        role: what they are, in words.
        telephone: to be shown as it stands.
        out_of_hours: the telephone at night and at weekends; may be empty.
        is_office: whether the telephone is that of the school's office.
    """

    name: str
    role: str
    telephone: str
    out_of_hours: str = ""
    is_office: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the policy says.

    Attributes:
        intent: what kind of message was answered.
        verdict: None when nothing of the policy was asked.
        headline: the first sentence that a person reads.
        citations: the clauses, the deciding one first, at most five. For ``not_covered`` they are the nearest ones,
            and must be shown as nearest, not as an answer.
        asks: keys of the facts that the verdict still turns on.
        offers: names of forms that fit; "Tell someone" is shown in any case.
        urgent: a child may be in danger now.
        conditions: what the deciding clause makes its rule turn on, to be shown under the headline.
        ruling: the ruling that decided, and when it was reviewed; None where the clause speaks for itself.
        facts: what was read in the message and counted, key and value each, to be shown so that it can be set right.
        deciding: places of the citations that decide, from 0; the others are near what was asked.
        means: what the message may mean, where that decides: to be shown as buttons, each a ``TellFact`` without facts.
        withdraws: whether the answer before it no longer holds, which is to be said above it.
        steps: what to do now, to be shown before all else; only if it is urgent.
        reach: whom to ring, in order, under the steps.
        reach_note: what has to be known of the numbers, or how to find them; may be empty.
        remark: what has to be known of the citations, to be shown over them; may be empty.
        safety: the one line that a question about a danger keeps, to be shown under the answer.
    """

    intent: Intent
    verdict: Verdict | None
    headline: str
    citations: tuple[Citation, ...] = ()
    asks: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    urgent: bool = False
    conditions: tuple[Condition, ...] = ()
    ruling: RuledBy | None = None
    facts: tuple[tuple[str, str], ...] = ()
    deciding: tuple[int, ...] = (0,)
    means: tuple[Meaning, ...] = ()
    withdraws: bool = False
    steps: tuple[Step, ...] = ()
    reach: tuple[Reach, ...] = ()
    reach_note: str = ""
    remark: str = ""
    safety: Step | None = None

    @property
    def decisive(self) -> tuple[Citation, ...]:
        """The citations that decide."""
        return tuple(self.citations[place] for place in self.deciding if place < len(self.citations))

    @property
    def near(self) -> tuple[Citation, ...]:
        """The other citations."""
        return tuple(one for place, one in enumerate(self.citations) if place not in self.deciding)

    @property
    def shown(self) -> Shown | None:
        """What goes along when somebody says something of it; None where nothing of the policy was asked.

        None as well where it is urgent: what was told then must not be sent to whoever looks after the policy.
        """
        if self.verdict is None or self.urgent:
            return None
        if not self.citations:
            return Shown(self.verdict)
        policy = self.citations[0].clause.policy
        labels = tuple(str(cited.clause.label) for cited in self.citations if cited.clause.policy == policy)
        return Shown(self.verdict, policy, labels)


@dataclass(frozen=True, slots=True)
class SectionView:
    """The section in which a clause stands, word for word and whole.

    Attributes:
        citation: the clause that was asked for, which is to be marked, and the policy with its version and date.
        passages: what stands under the innermost of the clause's headings, in order: clauses, and the sentences from
            which they hang.
    """

    citation: Citation
    passages: tuple[Passage, ...]


MEANS = "\x1f"
"""What parts a name from whom it means, in an answer of names: a sign that nobody types."""


class QuestionKind(StrEnum):
    """How a question of a form is answered. Whatever the kind, the answer is text, in the form that is named here."""

    CHOICE = "choice"
    """One of those shown: its value."""
    CHOICES = "choices"
    """Any number of those shown: their values, one a line, in the form's order."""
    YES_NO = "yes_no"
    """"yes" or "no"."""
    TEXT = "text"
    """The person's own words, as long as they need."""
    LINE = "line"
    """The person's own words, in one line."""
    DATE = "date"
    """A day: 2026-11-20."""
    MOMENT = "moment"
    """A day, its time if that is known, "about" before it if it is rough: about 2026-11-20 15:10."""
    PEOPLE = "people"
    """Names as typed, one a line; behind ``MEANS`` the id in the directory of whom the sender meant, "-" for nobody."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers to choose from.

    Attributes:
        value: what is sent back.
        label: what the person reads.
        note: what choosing it means, such as who will read the report; may be empty.
    """

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A name that may mean more than one person: the sender has to say whom.

    Attributes:
        name: as it was typed.
        choices: whom it may mean; the value of each stands behind ``MEANS`` after the name, in the answer.
        chosen: the value of whom they said; empty while they did not.
    """

    name: str = field(repr=False)
    choices: tuple[Choice, ...]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One question, ready to be shown.

    Attributes:
        key: its name in ``SubmitForm.answers``.
        kind: how it is answered, and in which form the answer is sent back.
        ask: the question.
        help: a sentence or two under it; may be empty.
        source: the clause or guidance that it comes from.
        required: whether it must be answered.
        choices: what to choose from, for ``choice``, ``choices`` and ``yes_no``.
        max_length: of a text or a line, or of one name, how many characters it may have.
        value: what has been filled in so far.
        error: what is wrong with that; empty where nothing is.
        asked: whether it is asked, after the answers so far. A platform that shows one answer's effect at once needs
            the others too; any other leaves them out.
        when: on what that depends: any of these; each holds if all its questions have one of the answers named.
        more: whether it stands apart, under "more, if you know it".
        taken_over: whether the value comes from the conversation before, for the person to check.
        earliest: the first day that may be given; None for any.
        latest: the last day that may be given; None for any.
        doubts: names among the value of which nobody can be sure whom they mean.
    """

    key: str
    kind: QuestionKind
    ask: str
    help: str
    source: str
    required: bool
    choices: tuple[Choice, ...] = ()
    max_length: int = 0
    value: str = field(default="", repr=False)
    error: str = ""
    asked: bool = True
    when: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    more: bool = False
    taken_over: bool = False
    earliest: date | None = None
    latest: date | None = None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Intro:
    """A paragraph, the clause or guidance it comes from, and whether it is that source's own words."""

    text: str
    source: str
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Attaching:
    """That files may go along with a form.

    Attributes:
        most: how many.
        largest: how large each, in bytes.
        warning: what to read before; each with its source.
        limits: how many, how large and of which types, in words.
        error: what is wrong with those that came; they have to be chosen again.
    """

    most: int
    largest: int
    warning: tuple[Intro, ...]
    limits: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class FormView:
    """A form to fill in: new, or given back with what was filled in and what is wrong with it.

    Attributes:
        form: its name.
        draft: the id to send back with the answers.
        title: its heading.
        intro: paragraphs to read first.
        questions: in order, those that are not asked now among them.
        submit: the words on the button.
        notice: what went wrong with the sending itself, and what to do; empty where nothing did.
        readers: who will read it, in a sentence; empty where that depends on an answer and stands there.
        clause: the label to send back with the answers; None where there is none.
        dropped: the questions whose answers were left out, because another answer changed.
        kept: a sentence if it is a draft that was kept, and came back.
        code: the code it is kept under, to send back as its owner; empty where it is not kept under a code.
        attaching: which files may go along; None where none may.
    """

    form: str
    draft: str
    title: str
    intro: tuple[Intro, ...]
    questions: tuple[FormQuestion, ...]
    submit: str
    notice: str = ""
    readers: str = ""
    clause: str | None = None
    dropped: tuple[str, ...] = ()
    kept: str = ""
    code: str = field(default="", repr=False)
    attaching: Attaching | None = None

    @property
    def has_errors(self) -> bool:
        """Whether it is given back because something is missing or wrong."""
        return any(question.error for question in self.questions) or bool(self.attaching and self.attaching.error)

    @property
    def is_taken_over(self) -> bool:
        """Whether something in it comes from the conversation before."""
        return any(question.taken_over for question in self.questions)


@dataclass(frozen=True, slots=True)
class FormOffer:
    """A form that can be opened: its name, its heading, and what it is for."""

    form: str
    title: str
    offer: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft as a list shows it: nothing of what is in it.

    Attributes:
        draft: its id.
        title: the heading of its form.
        updated: when it was last saved, in UTC.
    """

    draft: str
    title: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class FormsView:
    """What can be told, the most important first, and the drafts that this person left, the newest first."""

    title: str
    offers: tuple[FormOffer, ...]
    drafts: tuple[DraftRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftKept:
    """A draft is stored, sealed, and can be left.

    Attributes:
        draft: its id.
        form: the heading of its form.
        headline: the first sentence to read.
        sentences: how to come back, who can, and that nothing was sent.
        code: what the person needs to come back, and nobody can tell them again; empty where they are known.
    """

    draft: str
    form: str
    headline: str
    sentences: tuple[str, ...]
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question to the policy owner before it is sent: the exact words, for the person to see and change.

    Attributes:
        draft: the id to send back with it.
        shown: what the answer showed; to be sent back as it is.
        title: its heading.
        says: paragraphs to read first: who reads it, that no name goes with it, and what else goes along.
        instead: the name of the form for what should not be sent here, and the sentence that leads to it.
        text: the question.
        reply_to: how to reach the person.
        submit: the words on the button.
        notice: what went wrong with the sending itself; empty where nothing did.
    """

    draft: str
    shown: Shown
    title: str
    says: tuple[str, ...]
    instead: tuple[str, str]
    text: FormQuestion
    reply_to: FormQuestion
    submit: str
    notice: str = ""

    @property
    def has_errors(self) -> bool:
        """Whether it is given back because something is missing or wrong."""
        return bool(self.text.error or self.reply_to.error)


@dataclass(frozen=True, slots=True)
class Noted:
    """What a person said of an answer, or sent, has been kept.

    Attributes:
        headline: the first sentence to read.
        sentences: what else there is to know; may be empty.
    """

    headline: str
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The report is stored, was read back, and is in the inbox of each recipient.

    Attributes:
        reference: how to speak of the case; it says nothing of what is in it.
        received: when, in UTC.
        recipients: the roles it went to, in words.
        headline: the first sentence to read.
        steps: what to do now, beyond the report.
        siblings: further cases that were made of it, as when it is about a child and about an adult who works here.
        code: with which its sender, whoever that is, sees where it is.
    """

    reference: str
    received: datetime
    recipients: tuple[str, ...]
    headline: str
    steps: tuple[str, ...]
    siblings: tuple["Sibling", ...] = ()
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sibling:
    """A further case that was made of the same report, for other people: its reference, and the roles it went to."""

    reference: str
    recipients: tuple[str, ...]


class CaseState(StrEnum):
    """How far a case has come, as a list sorts it."""

    NEW = "new"
    """Nobody has acknowledged it."""
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody to whom a case was sent, and how far they have come with it.

    Attributes:
        who: their name and role, in words.
        opened: when they opened it last, in UTC; None if they have not.
        acknowledged: when they acknowledged it, in UTC; None if they have not.
    """

    who: str
    opened: datetime | None = None
    acknowledged: datetime | None = None


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A case as a list shows it: nothing of what was told.

    Attributes:
        reference: how to speak of it.
        received: when, in UTC.
        form: what kind of report, in words.
        urgent: whether the sender said that someone is in danger now.
        opened: whether this person has opened it before.
        state: how far it has come.
        overdue: whether the time is over by which somebody should have acknowledged it, and nobody has.
        seen: to whom it was sent, and who of them has seen it.
        marks: what else has to be known at a glance, in words: "You sent this", "The sender replied".
    """

    reference: str
    received: datetime
    form: str
    urgent: bool
    opened: bool
    state: CaseState = CaseState.NEW
    overdue: bool = False
    seen: tuple[Looked, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxView:
    """What was sent to one person: new ones first, urgent first among them, then the newest first.

    Attributes:
        name: whose inbox it is.
        role: in which roles, in words.
        rows: the cases.
        reviews: whether it is theirs to look at what is due to be deleted.
    """

    name: str
    role: str
    rows: tuple[InboxRow, ...]
    reviews: bool = False


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """One question of a case with what was told."""

    ask: str
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChronologyRow:
    """One thing that happened to a case.

    Attributes:
        at: when, in UTC.
        what: what happened, in words.
        who: by or to whom; empty for the sender.
        detail: what else must be known of it, in words of ours; may be empty.
        said: what was written along with it, each under what it was asked as.
    """

    at: datetime
    what: str
    who: str
    detail: str = ""
    said: tuple[CaseAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class ActForm:
    """Something that a person may do to a case now, as a small form.

    Attributes:
        act: what.
        form: an id that belongs to this showing of it, to be sent back with it.
        title: what it is, in words.
        says: a sentence of what follows from it; may be empty.
        questions: what has to be filled in; none for a mere button.
        submit: the words on the button.
    """

    act: CaseAct
    form: str
    title: str
    says: str
    questions: tuple[FormQuestion, ...]
    submit: str

    @property
    def has_errors(self) -> bool:
        """Whether it is given back because something is missing or wrong."""
        return any(question.error for question in self.questions)


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file of a case as its page lists it: its id, what it is called, its type and its size in words."""

    id: str
    name: str = field(repr=False)
    type: str
    size: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, opened by somebody whose job it is.

    Attributes:
        row: what a list says of it.
        answers: what was told.
        chronology: what happened, in order.
        acts: what this person may do to it now, the likeliest first.
        done: what they have just done, in words; empty if they only looked.
        notice: why what they wanted to do was not done; empty where nothing was wrong.
        open: which act was tried and given back, so that it is shown open; None for none.
        facts: what has to be known of it before anything is done, in words.
        exports: as what this person may take it out.
        attachments: the files that came with it.
    """

    row: InboxRow
    answers: tuple[CaseAnswer, ...]
    chronology: tuple[ChronologyRow, ...]
    attachments: tuple[AttachmentRow, ...] = ()
    acts: tuple[ActForm, ...] = ()
    done: str = ""
    notice: str = ""
    open: CaseAct | None = None
    facts: tuple[str, ...] = ()
    exports: tuple[ExportFormat, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether an act is given back because something is missing or wrong."""
        return any(act.has_errors for act in self.acts)


@dataclass(frozen=True, slots=True)
class OwnReport:
    """A report as its sender may see it: what they supplied, and how far it has come; nothing of what others wrote.

    Attributes:
        reference: how to speak of it.
        form: what kind of report, in words.
        received: when, in UTC.
        status: how far it has come, a sentence each.
        answers: what they told.
        said: what they wrote since, what they were asked, and what they were answered, in order.
        acts: what they may do: reply, add to it.
    """

    reference: str
    form: str
    received: datetime
    status: tuple[str, ...]
    answers: tuple[CaseAnswer, ...]
    said: tuple[ChronologyRow, ...] = ()
    acts: tuple[ActForm, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnView:
    """What one person reported, the newest first.

    Attributes:
        title: its heading.
        says: who else may be asked for what does not stand here.
        reports: each of theirs.
        done: what they have just done, in words.
        notice: why what they wanted was not done, in words.
        open: which act of which report was tried and given back; None for none.
    """

    title: str
    says: tuple[str, ...]
    reports: tuple[OwnReport, ...]
    done: str = ""
    notice: str = ""
    open: tuple[str, CaseAct] | None = None

    @property
    def has_errors(self) -> bool:
        """Whether an act is given back because something is missing or wrong."""
        return any(act.has_errors for report in self.reports for act in report.acts)


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file to be given to whoever asked for it, and kept nowhere.

    Attributes:
        name: what to call it; nothing in it tells of what is in the file.
        media_type: of the content.
        content: its bytes.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RetentionRow:
    """A closed case whose time is over, or of which no date can say so.

    Attributes:
        row: what a list says of it.
        closed: when it was closed, in UTC.
        outcome: how it ended, in the school's words.
        due: when its period was over; None where none is known for how it ended.
        look: what has to be looked at before it is deleted; may be empty.
        source: where the period comes from; empty where the school set it.
        held: whether a legal hold keeps it.
        acts: what this person may do about it.
    """

    row: InboxRow
    closed: datetime
    outcome: str
    due: date | None
    look: str
    source: str
    held: bool
    acts: tuple[ActForm, ...]


@dataclass(frozen=True, slots=True)
class RetentionView:
    """What is due to be looked at before it is deleted; nothing is deleted without somebody who confirms it.

    Attributes:
        title: its heading.
        says: what to know first.
        rows: the cases, what has waited longest first.
        done: what was done just now, in words.
        notice: why what was wanted was not done, in words.
    """

    title: str
    says: tuple[str, ...]
    rows: tuple[RetentionRow, ...]
    done: str = ""
    notice: str = ""

    @property
    def has_errors(self) -> bool:
        """Whether an act is given back because something is missing or wrong."""
        return any(act.has_errors for row in self.rows for act in row.acts)


# ----------------------------------------------------------------------- what a sender sees of their report


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How it stands with one report, for its sender: nothing of what was told, and no note of anybody.

    Attributes:
        reference: how to speak of it.
        form: what kind of report, in words.
        received: when, in UTC.
        roles: whom it went to, in words.
        seen: when somebody of them opened it first, in UTC; None while nobody has.
        seen_by: in which role, in words.
        closed: when it was closed, in UTC; None while it is open, or where that is not known.
        is_closed: whether it is closed.
        ring: whom to ring, a line each, because nobody has opened it by its time; else empty.
        urgent: whether the sender said that someone is in danger.
    """

    reference: str
    form: str
    received: datetime
    roles: tuple[str, ...]
    seen: datetime | None
    seen_by: str
    closed: datetime | None
    is_closed: bool
    ring: tuple[str, ...]
    urgent: bool


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """Something that a person was told, when (UTC) and in words."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class StandingView:
    """The reports of one code or one person, the newest first, and what that person was told beside their inbox."""

    rows: tuple[StandingRow, ...]
    notices: tuple[NoticeRow, ...]
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class AttachmentContent:
    """A file of a case, to be handed over as it is and never shown.

    Attributes:
        filename: what to call it: the case's reference, a number and the suffix of its type; no word of the sender's.
        size: in bytes.
        chunks: the content, in order, once.
    """

    filename: str
    size: int
    chunks: Iterator[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """It cannot be done, and what to do instead. The same words whether a thing is missing or not theirs to see."""

    headline: str


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """Somebody who is named for a role and may open nothing yet: whom, and the role by its name and in words."""

    person: str
    name: str
    role: str
    role_name: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """Who somebody is here.

    Attributes:
        name: theirs.
        roles: those in which they may act, in words.
        waiting: those that nobody has confirmed yet, in words.
        confirmers: who could; empty if nobody can.
        to_confirm: whom they may confirm.
        log: who was confirmed, by whom and when, the newest first; for those who may confirm.
    """

    name: str
    roles: tuple[str, ...]
    waiting: tuple[str, ...] = ()
    confirmers: tuple[str, ...] = ()
    to_confirm: tuple[ToConfirm, ...] = ()
    log: tuple[ChronologyRow, ...] = ()


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
