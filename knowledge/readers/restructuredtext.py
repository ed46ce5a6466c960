"""Reads reStructuredText, one document alone, into Blocks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby, takewhile
from textwrap import dedent

from docutils import nodes

from knowledge.readers.blocks import Block, BlockKind, fold, table_row
from knowledge.readers.bounds import Effort, refuse_too_large
from knowledge.readers.errors import UnreadableDocument
from knowledge.readers.restructuredtext_parser import parse, refuse_too_deep

_FRAGMENT = 20_000  # what it costs to parse a piece by itself, in the units of Effort
_SEPARATORS = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x85\u2028\u2029", " ") | {"\0": "\ufffd"})

_ERROR = 3  # what docutils complains of in a message of this level or above, it leaves out of the tree
_DIRECTIVE = re.compile(r"\s*\.\. +(?P<name>[\w.:+-]+?) ?::(?P<content>(?:\s.*)?)", re.DOTALL)
_SUBSTITUTION = re.compile(r"\s*\.\. +\|")
_OPTION = re.compile(r"\s*:[a-z][a-z_-]*:(?:\s|$)")  # with a capital it is a field of the document
_SHOWN_INSTEAD = re.compile(r"\s*:alt:\s*(?P<words>.*)")
_TITLE = re.compile(r"(?:([^\w\s])\1*\s*\n)?\s*(?P<title>\S[^\n]*)\n([^\w\s])\3*\s*")
_NOT_OURS = frozenset({"include", "raw", "contents"})
_PICTURES = frozenset({"image", "figure"})
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def read(source: str) -> tuple[Block, ...]:
    """Reads one document: the decoded text in, its blocks out, in order.

    The document is read alone: no other file is opened, a |name| that another file defines shows as the name, a
    reference as its words. Comments and contents lists give nothing. Automatic numbers ("#.") are counted out.

    Raises:
        UnreadableDocument: it is larger, nested deeper or fuller of marks than any policy, or docutils fails on it.
    """
    refuse_too_large(source)
    text = re.sub(r"\r\n|\r", "\n", source.removeprefix("\ufeff")).translate(_SEPARATORS)
    refuse_too_deep(text)
    try:
        return tuple(_in_order(_Reading(Effort()).document(text, _Place())))
    except UnreadableDocument:
        raise
    except Exception as error:  # a defect of the parser costs one document, not the library
        raise UnreadableDocument(f"reading it as reStructuredText failed: {type(error).__name__}") from error


def _in_order(blocks: Iterable[Block]) -> Iterator[Block]:
    """The parser does not know the line of everything: such a block stands where the one before it does."""
    line = 1
    for block in blocks:
        line = max(line, block.line)
        yield replace(block, line=line)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the document a node stands."""

    section: int = 0
    depth: int = 0  # of lists
    marker: str | None = None  # of the item whose text is still to come

    def in_list(self, marker: str | None = None) -> "_Place":
        return replace(self, depth=self.depth + 1, marker=marker)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A document on its way to blocks: ``_read_x`` reads the node that docutils calls x."""

    effort: Effort
    first_line: int = 1
    definitions: dict[str, nodes.Element] = field(default_factory=dict)
    substitutes: dict[str, str] = field(default_factory=dict)

    def document(self, text: str, place: _Place) -> Iterator[Block]:
        """The blocks of a text that stands at a place."""
        document = parse(text, self.effort)
        for name, node in document.substitution_defs.items():
            if "date::" not in node.rawsource:  # the day of reading is no word of the policy
                self.definitions.setdefault(nodes.fully_normalize_name(name), node)
        yield from self.blocks(_inside(document), place)

    def blocks(self, siblings: Iterable[nodes.Element], place: _Place) -> Iterator[Block]:
        """The blocks of nodes side by side.

        A marker belongs to the first text among them: that is the item, what follows are its paragraphs. A quote
        after a list, in the source something indented by too little, belongs to the list's last item.
        """
        after_list = False
        for node in siblings:
            here = place.in_list() if after_list and isinstance(node, nodes.block_quote) else place
            for block in getattr(self, f"_read_{node.tagname}", self._read_other)(node, here):
                yield block
                place = place if block.kind is BlockKind.HEADING else replace(place, marker=None)
            after_list = isinstance(node, nodes.bullet_list | nodes.enumerated_list) or (
                after_list and isinstance(node, nodes.block_quote | nodes.comment | nodes.system_message)
            )

    def _read_other(self, node: nodes.Element, place: _Place) -> Iterator[Block]:
        if isinstance(node, nodes.Invisible | nodes.raw):
            return
        if isinstance(node, nodes.TextElement | nodes.image | nodes.line_block):
            yield from self._text(self._words(node), node, place)
        else:
            yield from self.blocks(_inside(node), place)

    def _read_section(self, node: nodes.section, place: _Place) -> Iterator[Block]:
        yield from self.blocks(_inside(node), replace(place, section=place.section + 1))

    def _read_title(self, node: nodes.title, place: _Place) -> Iterator[Block]:
        if not isinstance(node.parent, nodes.section):
            yield from self._text(self._words(node), node, place)
        elif text := fold(self._words(node)):  # its line is that of the rule under it
            yield Block(BlockKind.HEADING, text, level=place.section, line=self._line(node) - 1)

    def _read_topic(self, node: nodes.topic, place: _Place) -> Iterator[Block]:
        if "contents" not in node["classes"]:
            yield from self.blocks(_inside(node), place)

    def _read_decoration(self, node: nodes.decoration, place: _Place) -> Iterator[Block]:
        """Page headers and footers come first, wherever they are written."""
        yield from (replace(block, line=1) for block in self.blocks(_inside(node), place))

    def _read_bullet_list(self, node: nodes.bullet_list, place: _Place) -> Iterator[Block]:
        for item in _inside(node):
            yield from self.blocks(_inside(item), place.in_list(node["bullet"]))

    def _read_enumerated_list(self, node: nodes.enumerated_list, place: _Place) -> Iterator[Block]:
        for number, item in enumerate(_inside(node), start=node.get("start", 1)):
            marker = f"{node['prefix']}{_numeral(number, node['enumtype'])}{node['suffix']}"
            yield from self.blocks(_inside(item), place.in_list(marker))

    def _read_definition_list_item(self, node: nodes.definition_list_item, place: _Place) -> Iterator[Block]:
        terms = [child for child in _inside(node) if isinstance(child, nodes.term | nodes.classifier)]
        yield from self._text(" : ".join(map(self._words, terms)), terms[0], place)
        place = replace(place, marker=None)
        for definition in (child for child in _inside(node) if isinstance(child, nodes.definition)):
            content = [child for child in _inside(definition) if not isinstance(child, nodes.system_message)]
            is_item = bool(content) and isinstance(content[0], nodes.paragraph)
            yield from self.blocks(_inside(definition), place.in_list("") if is_item else place)

    def _read_field(self, node: nodes.field, place: _Place) -> Iterator[Block]:
        """A name and what is said of it: the first paragraph in the cell, the rest after it."""
        name, body = _inside(node)
        marker = str(name.astext()) if isinstance(node, nodes.option_list_item) else f"{self._words(name)}:"
        content = _inside(body)
        split = 1 if content and isinstance(content[0], nodes.paragraph) else 0
        text = fold("".join(map(self._words, content[:split])))
        yield Block(BlockKind.CELL, text, fold(marker), place.depth, self._line(node))
        yield from self.blocks(content[split:], replace(place, marker=None))

    _read_option_list_item = _read_field

    def _read_footnote(self, node: nodes.Element, place: _Place) -> Iterator[Block]:
        marker = "".join(f"[{label.astext()}]" for label in _inside(node) if isinstance(label, nodes.label))
        texts = [child for child in _inside(node) if not isinstance(child, nodes.label)]
        for position, block in enumerate(self.blocks(texts, place)):
            yield block if position else replace(block, marker=f"{block.marker} {marker}".strip())

    _read_citation = _read_footnote

    def _read_tgroup(self, node: nodes.tgroup, place: _Place) -> Iterator[Block]:
        parts = [part for part in _inside(node) if isinstance(part, nodes.thead | nodes.tbody)]
        hanging = [0] * sum(isinstance(child, nodes.colspec) for child in _inside(node))
        for row in (row for part in parts for row in _inside(part)):
            line = self._line(next(iter(row.findall(nodes.paragraph)), row))
            yield from table_row(self._cells(row, hanging), place.depth, line)

    def _cells(self, row: nodes.Element, hanging: list[int]) -> list[str]:
        """The texts of a row, one a column. ``hanging``: into how many more rows the cell above reaches, by column."""
        entries = iter(_inside(row))
        cells: list[str] = []
        while len(cells) < len(hanging):
            column = len(cells)
            if hanging[column]:
                hanging[column] -= 1
                cells.append("")
            elif (entry := next(entries, None)) is not None:
                span = 1 + entry.get("morecols", 0)
                hanging[column : column + span] = [entry.get("morerows", 0)] * span
                inner = self.blocks(_inside(entry), _Place())
                text = fold(" ".join(f"{block.marker} {block.text}" for block in inner))
                if span == len(hanging):
                    return [text]
                cells += [text, *[""] * (span - 1)]
            else:
                break
        return cells

    def _read_literal_block(self, node: nodes.Element, place: _Place) -> Iterator[Block]:
        yield from self._paragraphs(self._words(node), node, place)

    _read_doctest_block = _read_literal_block

    def _read_system_message(self, node: nodes.system_message, place: _Place) -> Iterator[Block]:
        """What docutils could not read, and keeps with its complaint alone."""
        raw = next((child.astext() for child in _inside(node) if isinstance(child, nodes.literal_block)), "")
        line = node.get("line", 1)
        if node["level"] < _ERROR or _SUBSTITUTION.match(raw):
            return
        if directive := _DIRECTIVE.fullmatch(raw):
            yield from self._directive(directive["name"].lower(), directive["content"], line, place)
        elif title := _TITLE.fullmatch(raw):
            line += self.first_line - 1
            yield Block(BlockKind.HEADING, fold(title["title"]), level=place.section + 1, line=line)
        else:
            words = "\n".join(text if re.search(r"\w", text) else "" for text in raw.split("\n"))
            yield from self._paragraphs(words, node, place)

    def _directive(self, name: str, content: str, line: int, place: _Place) -> Iterator[Block]:
        """What stands in a directive that docutils cannot read, as if it stood there without."""
        if name in _NOT_OURS:
            return
        self.effort.spend(_FRAGMENT + 100 * len(content))
        first, *rest = content.split("\n")
        options = sum(1 for _ in takewhile(_OPTION.match, rest))
        if name in _PICTURES:
            first = " ".join(found["words"] for found in map(_SHOWN_INSTEAD.match, rest[:options]) if found)
        inside = dedent("\n".join([""] * options + rest[options:]))
        reading = replace(self, first_line=self.first_line + line - 1)
        yield from reading.document(f"{first.strip()}\n{inside}", place)

    def _paragraphs(self, text: str, node: nodes.Element, place: _Place) -> Iterator[Block]:
        numbered = enumerate(text.split("\n"))
        for is_blank, lines in groupby(numbered, key=lambda line: not line[1].strip()):
            if not is_blank:
                offsets, texts = zip(*lines, strict=True)
                for block in self._text(" ".join(texts), node, place):
                    yield replace(block, line=block.line + offsets[0])
                place = replace(place, marker=None)

    def _text(self, text: str, node: nodes.Element, place: _Place) -> Iterator[Block]:
        kind = BlockKind.PARAGRAPH if place.marker is None else BlockKind.ITEM
        if folded := fold(text):
            yield Block(kind, folded, place.marker or "", place.depth, self._line(node))

    def _words(self, node: nodes.Node) -> str:
        """The words of a node as a person sees them on the page."""
        match node:
            case nodes.Text():
                return node.astext()
            case nodes.substitution_reference():
                return self._substitute(node)
            case nodes.footnote_reference() | nodes.citation_reference():
                return f"[{node.astext()}]"
            case nodes.image():
                return str(node.get("alt", ""))
            case nodes.Element():
                between = "\n" if isinstance(node, nodes.line_block) else ""
                return between.join(map(self._words, node.children))
            case _:
                return ""

    def _substitute(self, node: nodes.substitution_reference) -> str:
        name = nodes.fully_normalize_name(node["refname"])
        if name not in self.definitions:
            return str(node.astext())
        if name not in self.substitutes:
            self.substitutes[name] = node.astext()  # for a definition that comes back to itself
            self.substitutes[name] = self._words(self.definitions[name])
        self.effort.spend(len(self.substitutes[name]))
        return self.substitutes[name]

    def _line(self, node: nodes.Node) -> int:
        found: nodes.Node | None = node
        while found is not None and not found.line:
            found = found.parent
        return self.first_line - 1 + ((found.line if found is not None else None) or 1)


def _inside(node: nodes.Element) -> list[nodes.Element]:
    return [child for child in node.children if isinstance(child, nodes.Element)]


def _numeral(number: int, kind: str) -> str:
    """A number as a list counts it: docutils' arabic, loweralpha, upperalpha, lowerroman or upperroman."""
    if kind == "arabic":
        return str(number)
    numeral = chr(ord("a") + number - 1) if kind.endswith("alpha") else _roman(number)
    return numeral.upper() if kind.startswith("upper") else numeral


def _roman(number: int) -> str:
    numeral = ""
    for value, letters in _ROMAN:
        numeral += letters * (number // value)
        number %= value
    return numeral
