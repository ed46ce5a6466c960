"""What the policy owner sees and does: what staff sent, rulings, versions, figures, and who changed what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from knowledge.changes import ClauseChange
from knowledge.model import Clause
from knowledge.rulings import Verdict


class OwningPage(StrEnum):
    """A page of the policy owner."""

    HOME = "home"
    ASKED = "asked"
    """One question that was sent."""
    FIGURES = "figures"
    RULINGS = "rulings"
    RULING = "ruling"
    STEP = "step"
    """A step of the induction, to be read against its clauses."""
    DRAFT = "draft"
    """A ruling that is being written."""
    HEALTH = "health"
    VERSIONS = "versions"
    VERSION = "version"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class OpenOwning:
    """A signed-in person opens a page of the policy owner.

    Attributes:
        person: their id in the directory; the platform has verified it.
        page: which.
        policy: the slug of the policy that it is about; empty where there is but one to mean.
        item: what on it: the id of a question, a ruling or a step, or a version.
        version: for a ruling or a step: the version that it is to be read against; empty for the one in force.
    """

    person: str
    page: OwningPage
    policy: str = ""
    item: str = ""
    version: str = ""


class OwningAct(StrEnum):
    """What the policy owner does."""

    SEARCH = "search"
    """They look for what comes near other words; nothing is changed."""
    ADD_PHRASING = "add_phrasing"
    NOT_COVERED = "not_covered"
    SET_ASIDE = "set_aside"
    TOLD = "told"
    """They say that they have answered whoever asked."""
    DELETE = "delete"
    PREVIEW = "preview"
    """They look at what a ruling would answer; nothing is changed."""
    PUT_IN = "put_in"
    ACCEPT = "accept"
    """They have read a ruling, or a step of the induction, against its clauses."""
    TAKE_OUT = "take_out"
    TAKE_OUT_PHRASING = "take_out_phrasing"
    UPLOAD = "upload"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    ROLL_BACK = "roll_back"
    EXPORT_ZIP = "export_zip"
    EXPORT_DIFF = "export_diff"


NEEDS_FRESH = frozenset({OwningAct.PUBLISH, OwningAct.ROLL_BACK, OwningAct.WITHDRAW})
"""What changes at once, or takes back, what everybody is answered from: the platform sees to a fresh sign-in first."""


@dataclass(frozen=True, slots=True)
class ActAsOwner:
    """A signed-in person does something as policy owner; as with ``OpenOwning``, the platform has verified who it is.

    Attributes:
        person: their id in the directory.
        page: the page on which they did it.
        act: what.
        policy: the slug.
        item: as in ``OpenOwning``.
        version: as in ``OpenOwning``.
        answers: what was filled in, by key.
        document: the name and the content of a document that goes along.
    """

    person: str
    page: OwningPage
    act: OwningAct
    policy: str = ""
    item: str = ""
    version: str = ""
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    document: tuple[str, bytes] | None = field(default=None, repr=False)


# ------------------------------------------------------------------------------------------------ what was sent


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A question as a list shows it.

    Attributes:
        id: its id, which says nothing of its words.
        sent: the day.
        text: its words, as its sender saw them before sending.
        verdict: what the answer was.
        standing: how far it has come, in words.
        wants_answer: whether its sender wants an answer and has none.
    """

    id: str
    sent: date
    text: str = field(repr=False)
    verdict: Verdict
    standing: str
    wants_answer: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as a list shows it.

    Attributes:
        policy: the slug.
        version: its name.
        title: the policy's.
        standing: in force, from when, or in preparation, in words.
        is_in_force: whether it is today.
        is_own: whether the school put it in.
    """

    policy: str
    version: str
    title: str
    standing: str
    is_in_force: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of the induction that waits for review, as a list shows it: its title, and why it waits, in words."""

    policy: str
    id: str
    title: str
    standing: str


@dataclass(frozen=True, slots=True)
class OwningHome:
    """What waits for the policy owner.

    Attributes:
        groups: the questions of which nothing is made yet, those that mean the like together, the largest group first.
        unanswered: those with which something was done, and whose senders still wait for an answer.
        done: those with which something was done.
        waiting: how many rulings do not decide until they are reviewed.
        preparing: versions that are not in force.
        overdue: for each policy whose review is overdue, a sentence.
        steps: steps of the induction that wait for review.
    """

    groups: tuple[tuple[AskedRow, ...], ...]
    unanswered: tuple[AskedRow, ...]
    done: tuple[AskedRow, ...]
    waiting: int
    preparing: tuple[VersionRow, ...]
    overdue: tuple[str, ...]
    steps: tuple[StepRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """A ruling, a clause or a topic that comes near a question.

    Attributes:
        value: what is sent back for it: its kind, a colon, and its id or label.
        name: the kind with the id or label, in words.
        about: what it is about, or the words of the clause.
    """

    value: str
    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was sent, and what can be made of it.

    Attributes:
        row: as a list shows it.
        policy: the slug of the policy that what is done goes to.
        labels: the clauses that the answer showed.
        reply_to: how to reach its sender; empty where they want no answer.
        told: when its sender was answered, in UTC, as far as the policy owner says so.
        like: other questions that mean the like.
        words: what would be added: the sender's words, or what the policy owner made of them.
        near: rulings and clauses that come near, the nearest first.
        topics: topics without an answer that come near.
        sought: other words by which was looked.
        chosen: the value of what was chosen among both.
        about: what was typed as the name of a new topic.
        problems: what is wrong with what was to be done, a sentence each.
    """

    row: AskedRow
    policy: str
    labels: tuple[str, ...]
    reply_to: str = field(repr=False)
    told: datetime | None
    like: tuple[AskedRow, ...]
    words: str = field(repr=False)
    near: tuple[Near, ...]
    topics: tuple[Near, ...]
    sought: str = field(default="", repr=False)
    chosen: str = ""
    about: str = field(default="", repr=False)
    problems: tuple[str, ...] = ()


# --------------------------------------------------------------------------------------------------- figures


@dataclass(frozen=True, slots=True)
class Series:
    """How often one thing happened, week by week.

    Attributes:
        name: what, in words.
        values: one a week, in the order of the weeks.
    """

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Things that are looked at together, over the same weeks."""

    title: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted.

    Attributes:
        weeks: the Mondays of the weeks, the oldest first; the last is the week of today.
        charts: what is shown by the week.
        kinds: over all these weeks: what kind of messages came, each with how often in words, few said as few.
        few: the smallest number that is said of what is told apart by its subject.
    """

    weeks: tuple[date, ...]
    charts: tuple[Chart, ...]
    kinds: tuple[tuple[str, str], ...]
    few: int


# --------------------------------------------------------------------------------------------------- rulings


@dataclass(frozen=True, slots=True)
class RulingRow:
    """A ruling as a list shows it.

    Attributes:
        policy: the slug.
        id: its id.
        about: the question.
        standing: whether it decides, in words.
        decides: whether it does.
        is_own: whether the school put it in.
        decided: how often it decided in the last weeks, in words.
        is_told: whether that was often enough for the number to be said.
    """

    policy: str
    id: str
    about: str
    standing: str
    decides: bool
    is_own: bool
    decided: str
    is_told: bool


@dataclass(frozen=True, slots=True)
class RulingRows:
    """All rulings of a policy, those that wait for review first.

    Attributes:
        rows: the rulings.
        sections: those that decide, by the section of the clause that they cite first, in its words.
        weeks: over how many weeks is counted how often each decided.
        few: the smallest number that is said.
    """

    rows: tuple[RulingRow, ...]
    sections: tuple[tuple[str, tuple[RulingRow, ...]], ...]
    weeks: int
    few: int


@dataclass(frozen=True, slots=True)
class TableLine:
    """For which facts a ruling says what.

    Attributes:
        facts: for each column, the values in words; empty for whatever it is.
        verdict: what it says then.
        says: the sentences.
        asks: what it asks back, in words.
    """

    facts: tuple[str, ...]
    verdict: Verdict
    says: str
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulingTable:
    """What a ruling says for every combination of its facts; the columns are questions that ask for a fact."""

    columns: tuple[str, ...]
    lines: tuple[TableLine, ...]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A phrasing that the school added to a ruling, which can be taken out again."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClauseWas:
    """A cited clause that is not what it was at the review.

    Attributes:
        label: as the ruling cites it.
        was: its words at the review, with headings and lead-in; empty where it was not cited then.
        now: its words now; empty where there is none of that label.
        moved: the label under which the old words stand now; empty where none does.
    """

    label: str
    was: tuple[str, ...]
    now: tuple[str, ...]
    moved: str


@dataclass(frozen=True, slots=True)
class RulingRead:
    """One ruling, to be read against its clauses.

    Attributes:
        row: as a list shows it.
        version: the version that it is read against.
        reviewed: the day and the name of its last review, in words; empty where there was none.
        clauses: the clauses that it cites, as they are in that version.
        gone: labels that it cites and that are not there.
        changes: how the clauses differ from what was reviewed.
        table: what it says.
        phrasings: the messages that it is known by.
        own: those of them that the school added.
        can_accept: whether its review can be accepted.
        problems: why what was to be done was not.
    """

    row: RulingRow
    version: str
    reviewed: str
    clauses: tuple[Clause, ...]
    gone: tuple[str, ...]
    changes: tuple[ClauseWas, ...]
    table: RulingTable
    phrasings: tuple[str, ...]
    own: tuple[OwnWords, ...]
    can_accept: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepRead:
    """One step of the induction, to be read against its clauses.

    Attributes:
        row: as a list shows it.
        version: the version that it is read against.
        reviewed: the day and the name of its last review, in words; empty where there was none.
        says: all that it says: its plain words, its situations and its checks.
        clauses: the clauses that it cites, as they are in that version.
        gone: labels that it cites and that are not there.
        changes: how the clauses differ from what was reviewed.
        can_accept: whether its review can be accepted.
        problems: why what was to be done was not.
    """

    row: StepRow
    version: str
    reviewed: str
    says: tuple[str, ...]
    clauses: tuple[Clause, ...]
    gone: tuple[str, ...]
    changes: tuple[ClauseWas, ...]
    can_accept: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RulingLine:
    """A line of the table of a ruling that is being written, as it was filled in; all of it may be empty.

    Attributes:
        first: the fact and value for which it holds, as ``fact=value``.
        second: a further one.
        verdict: the verdict.
        says: the sentences.
        is_exception: whether it must be stated to hold.
        unless: the sentence that names the exception.
    """

    first: str = ""
    second: str = ""
    verdict: str = ""
    says: str = ""
    is_exception: bool = False
    unless: str = ""


@dataclass(frozen=True, slots=True)
class RulingDraft:
    """A ruling that is being written, as it was filled in, and what it would do.

    Attributes:
        policy: the slug.
        question: the id of the question that it is written for; empty for none.
        about: the question in a few words.
        cites: the labels, with commas between.
        phrasings: messages that ask it, one a line.
        rows: the lines of its table.
        otherwise: what is said while facts are missing.
        facts: for each fact its question, and its values as ``fact=value`` with their words.
        clauses: the clauses that it cites.
        table: what it would answer; None until that can be said.
        wrong: what keeps it from being put in, in the checker's words.
        warnings: what the checker says besides.
    """

    policy: str
    question: str
    about: str
    cites: str
    phrasings: str = field(repr=False)
    rows: tuple[RulingLine, ...]
    otherwise: str
    facts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    clauses: tuple[Clause, ...] = ()
    table: RulingTable | None = None
    wrong: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


# -------------------------------------------------------------------------------------------------- documents


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Something to look at in a document: where, in words, and who says so."""

    place: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one kind: what it is, why it matters, and each place."""

    what: str
    why: str
    rows: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class DocumentHealth:
    """What is wrong in a policy, as far as a rule can see it."""

    policy: str
    title: str
    version: str
    groups: tuple[FindingGroup, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong in each document."""

    documents: tuple[DocumentHealth, ...]


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of all policies, and the form for a new one.

    Attributes:
        rows: the versions, policy by policy, the newest first.
        policies: slug and title of each policy, to choose from.
        filled: what was filled into the form.
        problems: why what was sent was not taken.
    """

    rows: tuple[VersionRow, ...]
    policies: tuple[tuple[str, str], ...]
    filled: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionRead:
    """One version, beside the one in force.

    Attributes:
        row: as a list shows it.
        against: the version that it is held against.
        changes: the clauses that are not the same.
        counts: how many clauses of each fate, in words.
        rulings: the rulings that would not decide, or do not, each to be reviewed.
        still: how many rulings decide as before.
        phrasings: for each clause that changed, its label and the school's phrasings for it.
        topics: ids of topics that name a changed clause.
        touched: labels of clauses on which inductions and sign-offs go anew.
        steps: the steps of the induction that would wait, or do, each to be reviewed.
        sign_offs: how many signatures that stood on the other version do not on this one.
        today: the first day it can take effect.
        can_publish: whether it can be put in force.
        can_withdraw: whether it is to take effect and that can be taken back.
        can_roll_back: whether it was in force before, and can be again.
        problems: why what was to be done was not.
    """

    row: VersionRow
    against: str
    changes: tuple[ClauseChange, ...]
    counts: tuple[tuple[str, int], ...]
    rulings: tuple[RulingRow, ...]
    still: int
    phrasings: tuple[tuple[str, tuple[str, ...]], ...]
    topics: tuple[str, ...]
    touched: tuple[str, ...]
    today: date
    can_publish: bool
    can_withdraw: bool
    can_roll_back: bool
    problems: tuple[str, ...] = ()
    steps: tuple[StepRow, ...] = ()
    sign_offs: int = 0


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One row of the log: when, who, and what, in words."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Who changed which knowledge, when; and whether log and files are as they were left, in words."""

    rows: tuple[ChangeRow, ...]
    verified: tuple[str, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class OwningView:
    """A page of the policy owner.

    Attributes:
        title: its heading.
        content: what stands on it; None where a file cannot be used, which the notice says.
        renewal: how the last change of the knowledge fared, in words.
        is_worse: whether that change was not taken.
        done: what they have just done, in words.
        notice: what went wrong, in words.
        goes_to: the page to show after what was done, in the place of this one; None for this.
    """

    title: str
    content: (
        OwningHome
        | Asked
        | Figures
        | RulingRows
        | RulingRead
        | StepRead
        | RulingDraft
        | Health
        | Versions
        | VersionRead
        | Changes
        | None
    )
    renewal: tuple[str, ...] = ()
    is_worse: bool = False
    done: str = ""
    notice: str = ""
    goes_to: OpenOwning | None = None

    @property
    def has_errors(self) -> bool:
        """Whether it is given back because something is missing or wrong."""
        return bool(self.notice or getattr(self.content, "problems", ()))
