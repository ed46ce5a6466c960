"""Every word that crosses the boundary between a platform and the bot: Incoming one way, Reply the other.

No platform's name stands here. An adapter turns what it has verified into one Incoming, gives it to the desk, and
renders each Reply in one ``match`` that ends in ``assert_never``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from knowledge.model import Citation, Passage


class Verdict(StrEnum):
    """What the policy says of the act asked about."""

    NO = "no"
    YES = "yes"
    DEPENDS = "depends"
    INFO = "info"
    NOT_COVERED = "not_covered"


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
    """

    text: str = field(repr=False)
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A person wants to tell something.

    Attributes:
        form: the form's name, such as ``report_concern``.
    """

    form: str


@dataclass(frozen=True, slots=True)
class SubmitForm:
    """A person sends what they filled in.

    Attributes:
        form: the form's name.
        draft: the id that the form carried when it was shown. The same draft with the same answers is one case,
            however often it arrives.
        answers: what was filled in, by question key; a question left empty may be missing.
    """

    form: str
    draft: str
    answers: Mapping[str, str] = field(repr=False)


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


Incoming = Ask | OpenForm | SubmitForm | OpenInbox | OpenCase | ShowSection | Rate | OpenQuestion | SendQuestion

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
    """

    intent: Intent
    verdict: Verdict | None
    headline: str
    citations: tuple[Citation, ...] = ()
    asks: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    urgent: bool = False
    conditions: tuple[Condition, ...] = ()

    @property
    def shown(self) -> Shown | None:
        """What goes along when somebody says something of it; None where nothing of the policy was asked."""
        if self.verdict is None:
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


class QuestionKind(StrEnum):
    """How a question of a form is answered."""

    CHOICE = "choice"
    TEXT = "text"


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
class FormQuestion:
    """One question, ready to be shown.

    Attributes:
        key: its name in ``SubmitForm.answers``.
        kind: chosen from ``choices``, or text in the person's own words.
        ask: the question.
        help: a sentence or two under it; may be empty.
        source: the clause or guidance that it comes from.
        required: whether it must be answered.
        choices: for a choice, what to choose from.
        max_length: for a text, how many characters it may have.
        value: what has been filled in so far.
        error: what is wrong with that; empty where nothing is.
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


@dataclass(frozen=True, slots=True)
class Intro:
    """A paragraph to read before the questions, and the clause or guidance it comes from."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class FormView:
    """A form to fill in: new, or given back with what was filled in and what is wrong with it.

    Attributes:
        form: its name.
        draft: the id to send back with the answers.
        title: its heading.
        intro: paragraphs to read first.
        questions: in order.
        submit: the words on the button.
        notice: what went wrong with the sending itself, and what to do; empty where nothing did.
    """

    form: str
    draft: str
    title: str
    intro: tuple[Intro, ...]
    questions: tuple[FormQuestion, ...]
    submit: str
    notice: str = ""

    @property
    def has_errors(self) -> bool:
        """Whether it is given back because something is missing or wrong."""
        return any(question.error for question in self.questions)


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
    """

    reference: str
    received: datetime
    recipients: tuple[str, ...]
    headline: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A case as a list shows it: nothing of what was told.

    Attributes:
        reference: how to speak of it.
        received: when, in UTC.
        form: what kind of report, in words.
        urgent: whether the sender said that someone is in danger now.
        opened: whether this person has opened it before.
    """

    reference: str
    received: datetime
    form: str
    urgent: bool
    opened: bool


@dataclass(frozen=True, slots=True)
class InboxView:
    """What was sent to one person, urgent first, then the newest first."""

    name: str
    role: str
    rows: tuple[InboxRow, ...]


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """One question of a case with what was told."""

    ask: str
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChronologyRow:
    """One thing that happened to a case: when (UTC), what, and by or to whom."""

    at: datetime
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, opened by somebody whose job it is."""

    row: InboxRow
    answers: tuple[CaseAnswer, ...]
    chronology: tuple[ChronologyRow, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """It cannot be done, and what to do instead. The same words whether a thing is missing or not theirs to see."""

    headline: str


Reply = Answer | SectionView | FormView | QuestionView | Noted | Receipt | InboxView | CaseView | Refusal
