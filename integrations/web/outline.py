"""A policy, or a section of one, as a document to be read: flat passages as headings, lists, tables, paragraphs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from knowledge.model import Passage, PassageKind

DEEPEST = 4
"""The deepest heading of the page; HTML has six, a reader follows four."""


class PartKind(StrEnum):
    """What a part of the page is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    DETAILS = "details"
    CONTENTS = "contents"
    FIELDS = "fields"


@dataclass(frozen=True, slots=True)
class Item:
    """A list item and the list below it."""

    passage: Passage
    items: list["Item"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents list.

    Attributes:
        passage: the line.
        target: the id of the heading with the same words, or nothing where the document has none.
    """

    passage: Passage
    target: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page; which fields are filled follows from the kind.

    Attributes:
        kind: what it is.
        passages: what it is made of: one passage, or the rows of a table, or blanks to fill in.
        level: for a heading, 1 to ``DEEPEST``; 1 is the title of the page.
        anchor: for a heading, its id.
        items: for a list.
        entries: for a contents list.
    """

    kind: PartKind
    passages: tuple[Passage, ...]
    level: int = 0
    anchor: str = ""
    items: tuple[Item, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def passage(self) -> Passage:
        """The first passage, which is the only one of a heading or paragraph."""
        return self.passages[0]


def outline(passages: Sequence[Passage]) -> tuple[Part, ...]:
    """The parts of the page, in the order of the document; every passage stands in exactly one of them.

    The first part is a heading of level 1, unless the document begins without one: then the page has to say its title.
    """
    headings = _headings(passages)
    targets = {part.passage.text.casefold(): part.anchor for part in headings.values() if part.level > 1}
    parts: list[Part] = []
    for kind, run in groupby(enumerate(passages), key=lambda numbered: _part_kind(numbered[1])):
        members = list(run)
        run_passages = tuple(passage for _, passage in members)
        match kind:
            case PartKind.HEADING:
                parts += [headings[position] for position, _ in members]
            case PartKind.PARAGRAPH:
                parts += [Part(kind, (passage,)) for passage in run_passages]
            case PartKind.LIST:
                parts.append(Part(kind, run_passages, items=_nested(run_passages)))
            case PartKind.CONTENTS:
                entries = tuple(Entry(passage, targets.get(passage.text.casefold(), "")) for passage in run_passages)
                parts.append(Part(kind, run_passages, entries=entries))
            case PartKind.DETAILS | PartKind.FIELDS:
                parts.append(Part(kind, run_passages))
    return tuple(parts)


def _part_kind(passage: Passage) -> PartKind:
    match passage.kind:
        case PassageKind.HEADING:
            return PartKind.HEADING
        case PassageKind.DETAIL:
            return PartKind.DETAILS
        case PassageKind.CONTENTS:
            return PartKind.CONTENTS
        case PassageKind.FIELD:
            return PartKind.FIELDS
        case PassageKind.FRONT | PassageKind.LEAD_IN | PassageKind.CLAUSE:
            return PartKind.LIST if passage.level else PartKind.PARAGRAPH


def _headings(passages: Sequence[Passage]) -> dict[int, Part]:
    """A part for each heading, by its position among the passages.

    A heading that comes before everything else is the title. The others begin at level 2, as deep as the source has
    them, but none more than one deeper than the one before, so that no level of the page is left out.
    """
    depths = sorted({passage.level for passage in passages if passage.kind is PassageKind.HEADING})
    parts: dict[int, Part] = {}
    before = 1
    for position, passage in enumerate(passages):
        if passage.kind is PassageKind.HEADING:
            level = 1 if position == 0 else min(depths.index(passage.level) + 2, before + 1, DEEPEST)
            before = level
            parts[position] = Part(PartKind.HEADING, (passage,), level, f"heading-{len(parts) + 1}")
    return parts


def _nested(passages: Sequence[Passage]) -> tuple[Item, ...]:
    """List items, each under the last one before it that is less deep."""
    top: list[Item] = []
    open_items: list[Item] = []
    for passage in passages:
        while open_items and open_items[-1].passage.level >= passage.level:
            open_items.pop()
        item = Item(passage)
        (open_items[-1].items if open_items else top).append(item)
        open_items.append(item)
    return tuple(top)
