"""What every reader gives: a document as a flat list of Blocks, in the order of the source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

UNNUMBERED_LEVEL = 6
"""Plain text does not say how deep a heading is: one without a number stands below every numbered one."""


class BlockKind(StrEnum):
    """The four things a document is made of, whatever its format."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document, its words exactly as the source has them.

    Attributes:
        kind: heading, paragraph, list item, or table row / form field ("cell").
        text: the words, with line wraps and runs of white space folded to one space. Never empty,
            except for a form field that has only a name (then ``marker`` holds it).
        marker: what stands in front of the text in the source, as written: ``6.2``, ``1.``, ``-``,
            ``(a)``; for a cell the first column ("Audience:"). Empty where there is none.
        level: depth from 1. For a heading 1 is the outermost; for an item 1 is the outer list. 0 for
            paragraphs and cells outside lists.
        line: the first line of the block in the source, counted from 1.
        page: the page it begins on, counted from 1, or None where the format has no pages.
    """

    kind: BlockKind
    text: str
    marker: str = ""
    level: int = 0
    line: int = 1
    page: int | None = None


def fold(text: str) -> str:
    """The text with line wraps and runs of white space made one space."""
    return " ".join(text.split())


def table_row(cells: Sequence[str], depth: int, line: int) -> Iterator[Block]:
    """A table row: its first column and the others, where empty ones keep their place. One column alone is text.

    Args:
        cells: the folded text of each column.
        depth: of the lists that the table stands in.
        line: where the row begins, from 1.
    """
    filled = max((place for place, cell in enumerate(cells, start=1) if cell), default=0)
    if len(cells) == 1 and filled:
        yield Block(BlockKind.CELL, cells[0], level=depth, line=line)
    elif filled:
        yield Block(BlockKind.CELL, fold(" | ".join(cells[1:filled])), cells[0], depth, line)
