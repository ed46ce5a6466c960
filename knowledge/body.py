"""Finds the body of a document among its blocks: what was torn is joined, numbers are taken off, contents set apart."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from knowledge.model import Passage
from knowledge.readers.blocks import UNNUMBERED_LEVEL, Block, BlockKind

SENTENCE_ENDS = (".", ";", ":", "?", "!", ".)", ">", ".\u201d", ".\u2019", ".'", '."')
"""How a paragraph ends that is complete; an address in angle brackets among them."""

_MID_SENTENCE = re.compile(
    r"(?:\b(?:a|an|and|any|as|at|by|for|from|in|of|on|or|our|that|the|their|these|this|to|which|with)|[,(])",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"(table of )?contents( page)?:?", re.IGNORECASE)
_LEADERS = re.compile(r"[.\u2026]{4,}|(?:\. ){4,}")
_LEAST_CONTENTS = 4
"""So many numbered titles in a row, whose numbers all come again, are a contents list though nobody calls it so."""

_NUMBER = re.compile(r"\d+(?:\.\d+)*|[A-Z]")
_HEADING_NUMBER = re.compile(r"(?P<marker>\d{1,2}(?:\.\d{1,2})*[.)]?)\s+(?P<text>[A-Z].*)")
_PARAGRAPH_NUMBER = re.compile(r"(?P<marker>\d{1,3}(?:\.\d{1,3})+)\.?\s+(?P<text>\S.*)")


@dataclass(frozen=True, slots=True)
class Body:
    """A document, ready to be made clauses of.

    Attributes:
        blocks: all of them, in order.
        contents: the positions of the contents list; whatever stands before its end is front matter.
        numbered_from: the position where the numbered part begins; None for a document that numbers nothing.
    """

    blocks: tuple[Block, ...]
    contents: frozenset[int]
    numbered_from: int | None

    @property
    def front_until(self) -> int:
        """The last position of the front matter; -1 where there is none."""
        return max(self.contents, default=-1)


def find_body(blocks: Sequence[Block]) -> Body:
    """Finds the body of a document as a reader gave it."""
    joined = tuple(_with_number(block) for block in _join_torn(blocks))
    contents = _titled_contents(joined) or _untitled_contents(joined)
    numbered = [
        position
        for position, block in enumerate(joined)
        if position > max(contents, default=-1)
        and block.kind in {BlockKind.HEADING, BlockKind.PARAGRAPH}
        and number_of(block)
    ]
    return Body(joined, contents, numbered[0] if len(numbered) > 1 else None)


def number_of(piece: Block | Passage) -> tuple[str, ...]:
    """The number in front of a heading or paragraph, part by part; empty where there is none."""
    core = piece.marker.rstrip(".)")
    return tuple(core.split(".")) if _NUMBER.fullmatch(core) else ()


def _join_torn(blocks: Iterable[Block]) -> list[Block]:
    """A paragraph that a page break tore goes on in the next one: in lower case, or after a word that wants more."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before is not None and _is_torn(before) and _goes_on(before, block):
            joined[-1] = replace(before, text=f"{before.text} {block.text}")
        else:
            joined.append(block)
    return joined


def _is_torn(block: Block) -> bool:
    return block.kind in {BlockKind.PARAGRAPH, BlockKind.ITEM} and not block.text.endswith(SENTENCE_ENDS)


def _goes_on(before: Block, block: Block) -> bool:
    if block.kind is not BlockKind.PARAGRAPH or block.marker:
        return False
    return block.text[0].islower() or _MID_SENTENCE.fullmatch(before.text.split()[-1]) is not None


def _with_number(block: Block) -> Block:
    """Markdown and reStructuredText know no numbers before headings and paragraphs; their writers may all the same."""
    if block.marker:
        return block
    match = None
    if block.kind is BlockKind.HEADING and block.level < UNNUMBERED_LEVEL:
        match = _HEADING_NUMBER.fullmatch(block.text)
    elif block.kind is BlockKind.PARAGRAPH:
        match = _PARAGRAPH_NUMBER.fullmatch(block.text)
    return replace(block, marker=match["marker"], text=match["text"]) if match else block


def _titled_contents(blocks: Sequence[Block]) -> frozenset[int]:
    """From the title of the list to where its first number or title comes again, or a sentence stands."""
    start = next((position for position, block in enumerate(blocks) if _CONTENTS.fullmatch(block.text)), None)
    if start is None:
        return frozenset()
    listed: set[tuple[str, str]] = set()
    end = start + 1
    for block in blocks[start + 1 :]:
        entry = (block.marker, "" if block.marker else block.text.casefold())
        is_sentence = block.kind is BlockKind.PARAGRAPH or block.text.endswith(".")
        if entry in listed or (is_sentence and not _LEADERS.search(block.text)):
            break
        listed.add(entry)
        end += 1
    return frozenset(range(start, end))


def _untitled_contents(blocks: Sequence[Block]) -> frozenset[int]:
    """A run of headings, from its first number on, in which every number comes again after it."""
    run: list[int] = []
    numbers = [number_of(block) if block.kind is BlockKind.HEADING else () for block in blocks]
    last = {number: position for position, number in enumerate(numbers) if number}
    for position, block in enumerate((*blocks, Block(BlockKind.PARAGRAPH, "."))):
        number = numbers[position] if position < len(numbers) else ()
        if block.kind is BlockKind.HEADING and (number or run) and last.get(number, len(blocks)) > position:
            run.append(position)
            continue
        if sum(bool(numbers[at]) for at in run) >= _LEAST_CONTENTS:
            return frozenset(run)
        run = []
    return frozenset()
