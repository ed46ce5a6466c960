"""What is told in a form: the form as it is shown, what is sent, the receipt, and how it stands with it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


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
        kept: keys of answers that the platform could not show and does not have: they are taken from the owner's draft,
            or, where that was sent already, from what it became.
    """

    form: str
    draft: str
    answers: Mapping[str, str] = field(repr=False)
    clause: str | None = None
    owner: str = field(default="", repr=False)
    sender: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()
    kept: tuple[str, ...] = ()


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
        struck: of names, whether those who are named are left out of every step: it is asked for people who work here.
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
    struck: bool = False


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
        in_hand: when somebody of them acknowledged it first, in UTC; None while nobody has.
        in_hand_by: in which role, in words.
        goes_on_elsewhere: whether it is dealt with together with another report; it is closed when that one is.
        closed: when it was closed, in UTC; None while it is open, or where that is not known.
        is_closed: whether it is closed.
        is_purged: whether what was told is deleted, as the school's period for it was over.
        ring: whom to ring, a line each, because nobody has opened it by its time; else empty.
        urgent: whether the sender said that someone is in danger.
    """

    reference: str
    form: str
    received: datetime
    roles: tuple[str, ...]
    seen: datetime | None = None
    seen_by: str = ""
    in_hand: datetime | None = None
    in_hand_by: str = ""
    goes_on_elsewhere: bool = False
    closed: datetime | None = None
    is_closed: bool = False
    is_purged: bool = False
    ring: tuple[str, ...] = ()
    urgent: bool = False


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
