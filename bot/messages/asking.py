"""What is asked of the policy, and what it says."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.messages.telling import FormQuestion
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
class Overhear:
    """Somebody writes to others, where we are as well. It is answered only where it tells of what cannot wait.

    Attributes:
        text: what they wrote. Nothing of it is kept, not for a moment longer than it takes to read it.
    """

    text: str = field(repr=False)


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
class ShowSection:
    """A person wants to read a clause in its place.

    Attributes:
        policy: the policy's slug.
        label: the clause, as it is cited, or as it stands in a link.
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
