"""Reads plain text, as it comes out of a PDF or a word processor, into Blocks."""

import re
from collections import Counter
from dataclasses import replace
from itertools import groupby

from knowledge.readers.blocks import UNNUMBERED_LEVEL, Block, BlockKind
from knowledge.readers.bounds import refuse_too_large

_BULLET = re.compile(r"(?P<marker>[-*+•●○▪◦·\u2013\uf000-\uf0ff]|o(?=\s+[A-Z]))\s+(?P<text>\S.*)")
_DEEP_NUMBER = re.compile(r"(?P<marker>\d{1,3}(?:\.\d{1,3})+)\.?[\s]+(?P<text>\S.*)")
_NUMBER = re.compile(r"(?P<marker>\(\d{1,3}\)|\d{1,3}[.)])\s+(?P<text>\S.*)")
_LETTER = re.compile(r"(?P<marker>\(?(?:[a-z]|[ivx]{1,5})\)|(?:[a-z]|[ivx]{1,5})\.)\s+(?P<text>\S.*)")
_HASHES = re.compile(r"(?P<marker>\#{1,6})\s+(?P<text>\S.*)")
_MARKED = (
    (_HASHES, BlockKind.HEADING),
    (_BULLET, BlockKind.ITEM),
    (_LETTER, BlockKind.ITEM),
    (_DEEP_NUMBER, BlockKind.PARAGRAPH),
    (_NUMBER, BlockKind.ITEM),
)
_ROW = re.compile(r"(?P<marker>[^\t]{1,60}:)\t+(?P<text>\S.*)")
_SENTENCE_WITHIN = re.compile(r"[a-z)][.;!?] +[A-Z]|https?://")
_FIELD = re.compile(r"[A-Z][\w /-]{0,30}:")
_UNFINISHED = frozenset(
    ("a", "an", "and", "any", "are", "as", "at", "be", "by", "for", "from", "in", "is", "of", "on", "or", "our", "that")
) | {"the", "their", "these", "this", "to", "which", "with"}
_LONGEST_WRAP = 200
"""Lines longer than this are whole paragraphs, not wrapped ones."""
_ROOM = 0.85
"""The share of the usual width up to which a line that could have taken the next word was ended on purpose."""
_TITLE_WORDS = 10
_TITLE_LENGTH = 80


def read(source: str) -> tuple[Block, ...]:
    """Reads one document: the decoded text in, its blocks out, in order.

    Blank lines part blocks, and so does a line that begins with a bullet or a number. A form feed begins a page;
    lines that recur at the foot or head of most pages are left out.

    Raises:
        UnreadableDocument: it is longer than any policy.
    """
    refuse_too_large(source)
    return _with_fields(_blocks(source))


def _blocks(source: str) -> list[Block]:
    blocks: list[Block] = []
    for chunk in _chunks(source):
        lines = [text for _, _, text in chunk]
        number, page, _ = chunk[0]
        blocks.append(replace(_block(lines), line=number, page=page))
    return blocks


_Line = tuple[int, int | None, str]


def _chunks(source: str) -> list[list[_Line]]:
    """Lines that belong together: parted at blank lines, before markers, and around headings without blank lines."""
    chunks: list[list[_Line]] = []
    is_open = False
    lines = _lines(source)
    width = _wrap_width(lines)
    for position, (number, page, text) in enumerate(lines):
        if not text:
            is_open = False
            continue
        following = lines[position + 1][2] if position + 1 < len(lines) else ""
        begins = (
            not is_open
            or _has_marker(text)
            or _is_inner_heading(chunks[-1][-1][2], text, following)
            or _ended_early(chunks[-1][-1][2], text, width)
        )
        if begins:
            chunks.append([])
        chunks[-1].append((number, page, text))
        is_open = not (begins and _stands_alone(text, following))
    return chunks


def _wrap_width(lines: list[_Line]) -> int:
    """Where lines are wrapped: what nineteen in twenty do not exceed; 0 where a line is a whole paragraph."""
    lengths = sorted(len(text) for _, _, text in lines if text)
    width = lengths[len(lengths) * 19 // 20] if lengths else 0
    return width if width < _LONGEST_WRAP else 0


def _ended_early(before: str, text: str, width: int) -> bool:
    """Whether the writer, and no line wrap, ended the line before: the next word would have found room on it."""
    words = before.split()
    return (
        len(before) + 1 + len(text.split(maxsplit=1)[0]) <= width * _ROOM
        and not text[0].islower()
        and text[0] not in "(&/"
        and not before.endswith((",", "-", "&", "/", "("))
        and words[-1].casefold() not in _UNFINISHED
    )


def _lines(source: str) -> list[_Line]:
    pages = source.replace("\r\n", "\n").replace("\r", "\n").split("\f")
    furniture = _furniture(pages)
    lines: list[_Line] = []
    number = 1
    for page, content in enumerate(pages, start=1):
        for offset, text in enumerate(content.split("\n")):
            shown = "" if _mask(text) in furniture else text.strip()
            lines.append((number + offset, page if len(pages) > 1 else None, shown))
        number += content.count("\n")
    return lines


def _furniture(pages: list[str]) -> frozenset[str]:
    """Running headers and footers: edge lines that are alike, but for digits, on more than half of the pages."""
    edges: Counter[str] = Counter()
    for page in pages:
        filled = [line for line in page.split("\n") if line.strip()]
        edges.update({_mask(line) for line in [*filled[:2], *filled[-4:]]})
    return frozenset(line for line, count in edges.items() if count > max(2, len(pages) / 2))


def _mask(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _has_marker(text: str) -> bool:
    return bool(_ROW.fullmatch(text)) or any(pattern.fullmatch(text) for pattern, _ in _MARKED)


def _stands_alone(text: str, following: str) -> bool:
    """Whether a line without a blank line after it is a block of its own: a table row, or a heading."""
    if _ROW.fullmatch(text) or _HASHES.fullmatch(text):
        return True
    return bool(following) and not following[0].islower() and _is_title(text) and not _BULLET.fullmatch(text)


def _is_inner_heading(before: str, text: str, following: str) -> bool:
    """A short title between two paragraphs that the source does not part by blank lines."""
    return before.endswith((".", "?", "!", ":")) and bool(following) and not following[0].islower() and _is_title(text)


def _is_title(text: str) -> bool:
    """Reads like a title: short, begins with a capital, does not end like a sentence or in the middle of one."""
    words = text.split()
    return (
        len(words) <= _TITLE_WORDS
        and len(text) <= _TITLE_LENGTH
        and not text[0].islower()
        and any(map(str.isalpha, text))
        and not text.endswith((".", ";", ":", ","))
        and words[-1].casefold() not in _UNFINISHED
        and not _SENTENCE_WITHIN.search(text)
    )


def _block(lines: list[str]) -> Block:
    text = " ".join(" ".join(lines).split())
    if match := _ROW.fullmatch("\t".join(lines)):
        return Block(BlockKind.CELL, " ".join(match["text"].split()), match["marker"])
    for pattern, kind in _MARKED:
        if match := pattern.fullmatch(text):
            return _marked(match["marker"], match["text"], kind)
    if _is_title(text):
        return Block(BlockKind.HEADING, text, level=UNNUMBERED_LEVEL)
    return Block(BlockKind.PARAGRAPH, text)


def _marked(marker: str, text: str, kind: BlockKind) -> Block:
    """A block with a marker. A number before a title makes a heading, whatever it would make before a sentence."""
    if marker.startswith("#"):
        return Block(BlockKind.HEADING, text, marker, level=len(marker))
    if marker[0].isdigit() and _is_title(text):
        return Block(BlockKind.HEADING, text, marker, level=marker.rstrip(".)").count(".") + 1)
    return Block(kind, text, marker, level=1 if kind is BlockKind.ITEM else 0)


def _with_fields(blocks: list[Block]) -> tuple[Block, ...]:
    """Two or more bare names in a row ("Name:", "Signed:") are the blanks of a form."""
    fielded: list[Block] = []
    for is_name, run in groupby(
        blocks, key=lambda block: not block.marker and _FIELD.fullmatch(block.text) is not None
    ):
        members = list(run)
        if is_name and len(members) > 1:
            members = [replace(block, kind=BlockKind.CELL, text="", marker=block.text) for block in members]
        fielded += members
    return tuple(fielded)
