"""Sections: a clause shown in its place, between those that stand with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.messages import SectionView, ShowSection
from bot.ports import Clock
from index.search import Searcher
from knowledge.errors import TouchstoneError
from knowledge.library import Library
from knowledge.model import Citation, Clause, Passage, PassageKind, Policy
from knowledge.numbering import Label

MOST_CLAUSES = 60
"""Above so many clauses a section is not shown whole: a document whose text has no headings is one section. The longest
in the policies that were read when this was set had 55."""


class NoSuchClause(TouchstoneError):
    """There is no clause of that label in that policy; `touchstone policies show` shows those there are."""


@dataclass(frozen=True, slots=True)
class Sections:
    """Shows sections.

    Attributes:
        searcher: gives the searcher of the snapshot that is published now.
        clock: what day it is, for a review that is overdue.
    """

    searcher: Callable[[], Searcher]
    clock: Clock

    def show(self, wanted: ShowSection) -> SectionView:
        """What stands under the innermost heading of a clause.

        Where that is too much (``MOST_CLAUSES``): the numbered paragraph that the clause belongs to.

        Raises:
            NoSuchPolicy: there is no such policy.
            NoSuchClause: there is no such clause in it.
            SnapshotMissing: nothing was built yet.
        """
        policy, clause = find_clause(self.searcher().library, wanted.policy, wanted.label)
        citation = Citation.of(policy, clause, self.clock.now().date())
        return SectionView(citation, section_of(policy, clause.label))


def find_clause(library: Library, slug: str, label: str) -> tuple[Policy, Clause]:
    """A clause by its label, or by how its label stands in a link, and its policy.

    Raises:
        NoSuchPolicy: there is no such policy.
        NoSuchClause: there is no such clause in it.
    """
    policy = library.policy(slug)
    for known in (str, _anchor):
        for clause in policy.clauses:
            if known(clause.label) == label:
                return policy, clause
    raise NoSuchClause(slug)


def _anchor(label: Label) -> str:
    return label.anchor


def section_of(policy: Policy, label: Label) -> tuple[Passage, ...]:
    """The passages of the section in which a clause stands, without its heading."""
    section: list[Passage] = []
    has_it = False
    for passage in policy.passages:
        if passage.kind is PassageKind.HEADING:
            if has_it:
                break
            section = []
        elif passage.kind in {PassageKind.CLAUSE, PassageKind.LEAD_IN}:
            section.append(passage)
            has_it |= passage.label == label
    if sum(passage.label is not None for passage in section) > MOST_CLAUSES:
        root = replace(label, items=())
        section = [passage for passage in section if passage.label and replace(passage.label, items=()) == root]
    return tuple(section)
