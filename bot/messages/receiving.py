"""What those who receive a case see of it and do with it, and what its sender still can."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.messages.telling import FormQuestion, StandingRow


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
        standing: which it is, and how far it has come.
        answers: what they told.
        said: what they wrote since, what they were asked, and what they were answered, in order.
        acts: what they may do: reply, add to it.
    """

    standing: StandingRow
    answers: tuple[CaseAnswer, ...]
    said: tuple[ChronologyRow, ...] = ()
    acts: tuple[ActForm, ...] = ()

    @property
    def reference(self) -> str:
        """How to speak of it."""
        return self.standing.reference


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
