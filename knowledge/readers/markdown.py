"""Reads Markdown (CommonMark with tables and front matter) into Blocks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from html import unescape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from knowledge.readers.blocks import Block, BlockKind, fold, table_row
from knowledge.readers.bounds import Effort, refuse_too_large
from knowledge.readers.errors import UnreadableDocument

MAX_NESTING = 100
"""How deep lists and quotes may stand in each other, counted as the parser counts: a list is two deep."""

_FENCES = ("---", "...")
_KEY = re.compile(r"\s*(?P<marker>[A-Za-z_][\w .-]*:)(?:\s+(?P<text>.*))?")
_ENTRY = re.compile(r"\s*(?P<marker>-)\s+(?P<text>.*)")
_CONTINUED = re.compile(r"\s+(?P<text>\S.*)")

_WORD = re.compile(r"[\w%'-]+")
_GLYPHED = re.compile(r"(?P<marker>[•●▪■□○◦‣·➢►])\s*(?P<text>\S.*)")
_DASHED = re.compile("(?P<marker>[-*+\u2013\u2014])\\s+(?P<text>\\S.*)")

_COMMENT = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAG_WITHIN_WORDS = re.compile(
    r"</?(?:a|abbr|b|cite|code|del|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|u|wbr)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG_BETWEEN_WORDS = re.compile(
    r"</?(?:blockquote|br|caption|center|d[dlt]|details|div|fig(?:caption|ure)|h[1-6]|hr|img|li|ol|p|pre|summary"
    r"|table|tbody|td|tfoot|th|thead|tr|ul)\b[^<>]*>",
    re.IGNORECASE,
)


def read(source: str) -> tuple[Block, ...]:
    """Reads one document: the decoded text in, its blocks out, in order.

    Inline markup is taken off and the words stay; a link's target goes unless the link has no words, comments go.
    Where lines of a paragraph are broken by a backslash, and in a code block, those that begin with a bullet are
    items; else a paragraph and a code block are each a paragraph.

    Raises:
        UnreadableDocument: it is larger, nested deeper or fuller of marks than any policy.
    """
    refuse_too_large(source)
    lines = re.split(r"\r\n|\r|\n", source.removeprefix("\ufeff"))
    front, end = _front_matter(lines)
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    parser.core.ruler.disable("inline")  # _Reading does that, paragraph by paragraph and within bounds
    env: dict[str, Any] = {}
    tokens = parser.parse("\n".join([""] * end + lines[end:]), env)
    _refuse_too_deep(tokens)
    body = _Reading(env).blocks(SyntaxTreeNode(tokens).children)
    return tuple(sorted((*front, *body, *_fields(env, lines)), key=lambda block: block.line))


def _refuse_too_deep(tokens: list[Token]) -> None:
    """At its limit the parser drops what is nested deeper without a word; we say so instead."""
    for token in tokens:
        if token.type in {"list_item_open", "blockquote_open"} and token.level + 1 >= MAX_NESTING:
            raise UnreadableDocument("its lists or quotes are nested too deeply")


def _fields(env: dict[str, Any], lines: list[str]) -> Iterator[Block]:
    """What the parser takes for the target of a link, "[Date]: Monday", though nobody would look there for a page."""
    for found in (*env.get("references", {}).values(), *env.get("duplicate_refs", ())):
        first, end = found["map"]
        if _WORD.fullmatch(found["href"]):
            yield Block(BlockKind.PARAGRAPH, fold(" ".join(lines[first:end])), line=first + 1)


def _front_matter(lines: list[str]) -> tuple[list[Block], int]:
    """The blocks of the front matter and the lines that it takes: none where the document begins with anything else."""
    end = next((number for number, line in enumerate(lines) if number and line.rstrip() in _FENCES), 0)
    if lines[0].rstrip() != "---" or not end:
        return [], 0
    blocks: list[Block] = []
    for number, line in enumerate(lines[1:end], start=2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if match := _KEY.fullmatch(line):
            blocks.append(Block(BlockKind.CELL, _value(match["text"]), match["marker"], line=number))
        elif match := _ENTRY.fullmatch(line):
            blocks.append(Block(BlockKind.ITEM, _value(match["text"]), match["marker"], level=1, line=number))
        elif blocks and (match := _CONTINUED.fullmatch(line)):
            blocks[-1] = replace(blocks[-1], text=fold(f"{blocks[-1].text} {match['text']}"))
        else:
            return [], 0
    return [block for block in blocks if block.text or block.kind is BlockKind.CELL], end + 1


def _value(raw: str | None) -> str:
    """A value without what is YAML's own: quotes around it, the sign for a text that begins on the next line."""
    value = (raw or "").strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return "" if value in {"|", ">", "|-", ">-"} else fold(value)


class _Break(Enum):
    """Why a line ends."""

    WRAP = auto()
    BACKSLASH = auto()
    TAG = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a paragraph. It is ``set_apart`` where the writer, and no line wrap, began it."""

    text: str
    number: int
    set_apart: bool
    ends_item: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    """A parsed document on its way to blocks."""

    env: dict[str, Any]
    parser: MarkdownIt = field(default_factory=lambda: MarkdownIt("commonmark"))
    effort: Effort = field(default_factory=Effort)

    def blocks(self, nodes: Iterable[SyntaxTreeNode], depth: int = 0, marker: str = "") -> Iterator[Block]:
        """The blocks of nodes side by side, in lists ``depth`` deep.

        A marker belongs to the first paragraph among them: that is the item, what follows are its paragraphs.
        """
        for node in nodes:
            for block in self._block(node, depth, marker):
                marker = marker if block.kind is BlockKind.HEADING else ""
                yield block

    def _block(self, node: SyntaxTreeNode, depth: int, marker: str) -> Iterator[Block]:
        line = node.map[0] + 1 if node.map else 1
        match node.type:
            case "heading":
                if text := self._words(node):
                    yield Block(BlockKind.HEADING, text, level=int(node.tag[1:]), line=line)
            case "paragraph":
                yield from _blocks_of_lines(self._lines(node.children[0].content, line), depth, marker)
            case "bullet_list" | "ordered_list":
                for item in node.children:
                    yield from self.blocks(item.children, depth + 1, item.info + item.markup)
            case "blockquote":
                yield from self.blocks(node.children, depth, marker)
            case "table":
                for row in (row for part in node.children for row in part.children):
                    cells = [self._words(cell) for cell in row.children]
                    yield from table_row(cells, depth, row.map[0] + 1 if row.map else line)
            case "code_block" | "fence" | "html_block":
                yield from _blocks_of_lines(self._raw_lines(node, line), depth, marker)

    def _words(self, node: SyntaxTreeNode) -> str:
        return fold(" ".join(line.text for child in node.children for line in self._lines(child.content, 0)))

    def _raw_lines(self, node: SyntaxTreeNode, number: int) -> Iterator[_Line]:
        """What the parser leaves as it is, line by line."""
        content = node.content
        if node.type == "html_block":
            self.effort.spend_on(content)
            content = _without_tags(content)
        for offset, text in enumerate(content.split("\n"), start=node.type == "fence"):
            yield _Line(fold(text), number + offset, set_apart=True)

    def _lines(self, content: str, number: int) -> Iterator[_Line]:
        """A paragraph line by line, its markup taken off."""
        self.effort.spend_on(content)
        tokens: list[Token] = []
        self.parser.inline.parse(content, self.parser, self.env, tokens)
        words, cause = "", _Break.BACKSLASH
        for found in [*_spoken(tokens), _Break.END]:
            if isinstance(found, str):
                words += found
                continue
            if found is _Break.WRAP and cause is _Break.TAG and not words.strip():
                number += 1
                continue
            yield _Line(fold(words), number, cause is not _Break.WRAP, cause in {_Break.BACKSLASH, _Break.TAG})
            number += found in {_Break.WRAP, _Break.BACKSLASH}
            words, cause = "", found


def _spoken(tokens: list[Token]) -> Iterator[str | _Break]:
    """The words and line breaks of a paragraph: what a reader of the page sees of it."""
    target = ""  # of the open link, as long as it has no words
    for token in tokens:
        match token.type:
            case "softbreak":
                yield _Break.WRAP
            case "hardbreak":
                yield _Break.BACKSLASH
            case "link_open":
                target = str(token.attrs.get("href", ""))
            case "link_close":
                yield target
                target = ""
            case "html_inline" if token.content.lower().startswith("<br"):
                yield _Break.TAG
            case _:
                words = _spoken_words(token, is_last=token is tokens[-1])
                target = "" if words.strip() else target
                yield words


def _spoken_words(token: Token, *, is_last: bool) -> str:
    match token.type:
        case "text" if is_last and token.content.endswith("\\"):  # a line break with no line after it
            return token.content[:-1]
        case "text" | "text_special" | "code_inline":
            return token.content
        case "image":
            return "".join(words if isinstance(words, str) else " " for words in _spoken(token.children or []))
        case "html_inline":
            return _without_tags(token.content)
        case _:
            return ""


def _without_tags(html: str) -> str:
    """HTML without comments and tags. An unknown tag stays: "<name of school>" is a blank to fill in."""
    text = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), html)
    return unescape(_TAG_BETWEEN_WORDS.sub(" ", _TAG_WITHIN_WORDS.sub("", text)))


def _blocks_of_lines(lines: Iterable[_Line], depth: int, marker: str) -> Iterator[Block]:
    """The lines of one paragraph, put together again, in lists ``depth`` deep and behind the marker of their item."""
    for bullet, texts, number in _pieces(lines):
        text = " ".join(texts)
        if marker:
            yield Block(BlockKind.ITEM, text, f"{marker} {bullet}".strip(), depth, number)
            marker = ""
        elif bullet:
            yield Block(BlockKind.ITEM, text, bullet, depth + 1, number)
        else:
            yield Block(BlockKind.PARAGRAPH, text, level=depth, line=number)


def _pieces(lines: Iterable[_Line]) -> list[tuple[str, list[str], int]]:
    """Lines that belong together, with their bullet and the number of the first: an item, or what is no list."""
    pieces: list[tuple[str, list[str], int]] = []
    is_open = False
    for line in lines:
        bullet = _GLYPHED.fullmatch(line.text) or (_DASHED.fullmatch(line.text) if line.set_apart else None)
        if bullet:
            pieces.append((bullet["marker"], [bullet["text"]], line.number))
            is_open = True
        elif not line.text:
            is_open = is_open and not line.set_apart
        elif is_open and not (line.ends_item and pieces[-1][0]):
            pieces[-1][1].append(line.text)
        else:
            pieces.append(("", [line.text], line.number))
            is_open = True
    return pieces
