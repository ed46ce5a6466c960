"""What a policy is to us: Policy, Passage, Clause and Citation, frozen values that cross every layer."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from knowledge.numbering import Label

_SENTENCE_START = re.compile(r"(?<=[.!?;])\s+(?=[A-Z'\"\u2018\u201c])")


class PassageKind(StrEnum):
    """What a piece of the document is for."""

    DETAIL = "detail"
    """A row of the table on the front: owner, audience, review."""
    FRONT = "front"
    """Words before the first numbered section, such as the trust's values."""
    CONTENTS = "contents"
    """A line of the contents list."""
    HEADING = "heading"
    LEAD_IN = "lead_in"
    """A sentence of its own from which the clauses after it hang."""
    CLAUSE = "clause"
    FIELD = "field"
    """A blank to fill in: "Signed:"."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One piece of the document in its order; all passages together are the whole text, once.

    Attributes:
        kind: what it is for.
        text: its words, verbatim, white space folded.
        marker: what the source writes in front of it ("6.2", "-", "Audience:").
        level: depth of a heading or list item, from 1; 0 otherwise.
        line: its first line in the source, from 1.
        page: its page, from 1, or None where the source has none.
        label: for a clause, how it is cited.
    """

    kind: PassageKind
    text: str
    marker: str = ""
    level: int = 0
    line: int = 1
    page: int | None = None
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """The smallest unit that we cite: a numbered paragraph, or one bullet of it.

    Attributes:
        policy: the policy's slug (in a bare folder of documents: the source's path).
        label: how a person cites it.
        headings: the headings that it stands under, outermost first.
        lead_in: the sentence it hangs from, which belongs to its meaning; None where it stands alone.
        text: its words, verbatim.
        line: its first line in the source, from 1.
        page: its page, from 1, or None.
    """

    policy: str
    label: Label
    headings: tuple[str, ...]
    lead_in: str | None
    text: str
    line: int
    page: int | None

    @property
    def sentences(self) -> tuple[str, ...]:
        """Its words, sentence by sentence."""
        return sentences(self.text)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text in order, verbatim; a semicolon before a capital ends one too."""
    return tuple(_SENTENCE_START.split(text))


@dataclass(frozen=True, slots=True)
class Policy:
    """One document in one version.

    Attributes:
        slug: its name in links and on the command line.
        title: as people call it.
        version: as the document states it ("2.0"), or None.
        approved: the first day of the month it was approved in, or None.
        review_months: after how many months it is to be reviewed, or None where nobody says.
        passages: the whole text in order.
        clauses: what can be cited, in order.
    """

    slug: str
    title: str
    version: str | None
    approved: date | None
    review_months: int | None
    passages: tuple[Passage, ...]
    clauses: tuple[Clause, ...]

    @property
    def review_due(self) -> date | None:
        """The month its review falls due, or None where the document does not say."""
        if self.approved is None or self.review_months is None:
            return None
        months = self.approved.year * 12 + self.approved.month - 1 + self.review_months
        return date(months // 12, months % 12 + 1, 1)

    def overdue(self, today: date) -> bool:
        """Whether the month of its review has come and gone."""
        due = self.review_due
        return due is not None and (today.year, today.month) > (due.year, due.month)

    def passages_of(self, kind: PassageKind) -> tuple[Passage, ...]:
        """The passages of one kind, in order."""
        return tuple(passage for passage in self.passages if passage.kind is kind)


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause as it is shown to a person: its words, and where they stand in which version of what.

    Attributes:
        clause: the clause itself.
        title: the policy's title.
        version: the policy's version as stated, or None.
        approved: the month of approval (its first day), or None.
        review_due: the month its review was or is due (its first day), or None.
        overdue: whether that month has gone.
    """

    clause: Clause
    title: str
    version: str | None
    approved: date | None
    review_due: date | None
    overdue: bool

    @classmethod
    def of(cls, policy: Policy, clause: Clause, today: date) -> Self:
        """Cites a clause of a policy, as things stand today."""
        return cls(clause, policy.title, policy.version, policy.approved, policy.review_due, policy.overdue(today))
