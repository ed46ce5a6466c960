"""Every word that crosses the boundary between a platform and the bot: Incoming one way, Reply the other.

No platform's name stands here. An adapter turns what it has verified into one Incoming, gives it to the desk, and
renders each Reply in one ``match`` that ends in ``assert_never``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from knowledge.model import Citation

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


Incoming = Ask | OpenForm | SubmitForm | OpenInbox | OpenCase

# ------------------------------------------------------------------------------------------------- reply


class Verdict(StrEnum):
    """What the policy says of the act asked about."""

    NO = "no"
    YES = "yes"
    DEPENDS = "depends"
    INFO = "info"
    NOT_COVERED = "not_covered"


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
    """

    intent: Intent
    verdict: Verdict | None
    headline: str
    citations: tuple[Citation, ...] = ()
    asks: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    urgent: bool = False
    conditions: tuple[Condition, ...] = ()


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


Reply = Answer | FormView | Receipt | InboxView | CaseView | Refusal
