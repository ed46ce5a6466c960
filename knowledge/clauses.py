"""Makes clauses of blocks: gives each its label, its headings and the lead-in it hangs from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from knowledge.body import SENTENCE_ENDS, Body, find_body, number_of
from knowledge.model import Clause, Passage, PassageKind, sentences
from knowledge.numbering import Label
from knowledge.readers.blocks import Block, BlockKind

_OWN_NAME = re.compile(r"\(?(\d{1,3}|[a-np-z]|[ivxl]{2,5})[.)]")
"""An item's own number or letter. Not "o": that is what a round bullet becomes in a PDF."""


def assemble(blocks: Sequence[Block], policy: str) -> tuple[tuple[Passage, ...], tuple[Clause, ...]]:
    """Gives the passages of a document, which together are its whole text, and the clauses among them.

    Args:
        blocks: the document as a reader gave it.
        policy: the slug that the clauses are to carry.
    """
    body = find_body(blocks)
    builder = _Builder(policy, body)
    for position, block in enumerate(body.blocks):
        following = body.blocks[position + 1] if position + 1 < len(body.blocks) else None
        if position in body.contents:
            builder.keep(PassageKind.CONTENTS, block)
        else:
            builder.take(position, block, following)
    return tuple(builder.passages), tuple(builder.clauses)


@dataclass(slots=True)
class _Builder:
    """Walks through the blocks once, knowing what it stands under."""

    policy: str
    body: Body
    passages: list[Passage] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    base: Label = field(default_factory=Label)
    base_is_taken: bool = False
    paragraphs: int = 0
    section_lead: str | None = None
    item_lead: str | None = None
    open_items: list[tuple[str, str, str | None]] = field(default_factory=list)
    """The items we stand in, outermost first: name, text, and the lead-in that items below it hang from."""
    item_counts: list[int] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)
    item_names: set[tuple[object, ...]] = field(default_factory=set)

    def take(self, position: int, block: Block, following: Block | None) -> None:
        """Takes the next block for what it is."""
        in_front = position <= self.body.front_until
        if block.kind is BlockKind.HEADING:
            is_numbered = self.body.numbered_from is not None and position >= self.body.numbered_from
            self._heading(block, in_front=in_front, is_numbered=is_numbered)
        elif block.text and not any(map(str.isalnum, block.text)):
            self.keep(PassageKind.FRONT, block)  # a rule of dots, a lone bullet
        elif in_front or (block.kind is BlockKind.CELL and not self.clauses):
            self.keep(PassageKind.DETAIL if block.kind is BlockKind.CELL else PassageKind.FRONT, block)
        elif block.kind is BlockKind.CELL and not block.text:
            self.keep(PassageKind.FIELD, block)
        elif block.kind is BlockKind.ITEM:
            self._item(block)
        else:
            self._paragraph(block, following)

    def keep(self, kind: PassageKind, block: Block, label: Label | None = None) -> None:
        """Keeps a block as a passage."""
        self.passages.append(Passage(kind, block.text, block.marker, block.level, block.line, block.page, label))

    def _heading(self, block: Block, *, in_front: bool, is_numbered: bool) -> None:
        self.keep(PassageKind.HEADING, block)
        if in_front:
            return
        self.section_lead = self.item_lead = None
        self.open_items = []
        while self.headings and self.headings[-1][0] >= block.level:
            self.headings.pop()
        self.headings.append((block.level, block.text))
        if number := number_of(block):
            self._begin(Label(number=number))
        elif not is_numbered:
            self._begin(Label(heading=block.text))

    def _begin(self, base: Label) -> None:
        """From here on, clauses are counted below this label."""
        self.used[base.anchor] = self.used.get(base.anchor, 0) + 1
        self.base = replace(base, occurrence=self.used[base.anchor])
        self.base_is_taken = False
        self.paragraphs = 0
        self.item_counts = []
        self.open_items = []

    def _paragraph(self, block: Block, following: Block | None) -> None:
        hangs = following is not None and (
            (following.kind is BlockKind.ITEM and not block.text.endswith((".", "?", "!")))
            or (block.text.endswith(":") and following.kind is BlockKind.PARAGRAPH and bool(number_of(following)))
        )
        if (number := number_of(block)) and block.kind is BlockKind.PARAGRAPH:
            self.item_lead = None
            self._begin(Label(number=number))
            self._clause(block, self._claim(), self.section_lead)
        else:
            self._loose_paragraph(block, following, hangs=hangs)
        if hangs:
            self.item_lead = _last_sentence(block.text) if _leads(block.text, following) else None

    def _loose_paragraph(self, block: Block, following: Block | None, *, hangs: bool) -> None:
        """A paragraph without a number: a lead-in of its own, or a clause counted within its section."""
        self.open_items = []
        self.item_lead = None
        is_lead_in = hangs and _last_sentence(block.text) == block.text
        if not self.base.number:
            self.paragraphs += 1
            self.item_counts = []
        if is_lead_in:
            self.keep(PassageKind.LEAD_IN, block)
            if following is not None and following.kind is BlockKind.PARAGRAPH and number_of(following):
                self.section_lead = block.text
            return
        text = f"{block.marker} {block.text}".strip()
        self._clause(replace(block, text=text, marker=""), self._claim(), self.section_lead)

    def _claim(self) -> Label:
        """The label of the paragraph that comes now: the number itself once, then counted paragraphs below it."""
        if not self.base.number:
            return replace(self.base, paragraph=self.paragraphs)
        if not self.base_is_taken:
            self.base_is_taken = True
            return self.base
        self.paragraphs = max(self.paragraphs, 1) + 1
        return replace(self.base, paragraph=self.paragraphs)

    def _item(self, block: Block) -> None:
        depth = min(max(block.level, 1), len(self.open_items) + 1)
        del self.open_items[depth - 1 :]
        self.item_counts = [*self.item_counts[:depth], *[0] * (depth - len(self.item_counts))]
        self.item_counts[depth - 1] += 1
        lead_in = self.open_items[-1][2] if self.open_items else self.item_lead
        name = self._item_name(block, depth)
        self.open_items.append((name, block.text, _chain(lead_in, block.text)))
        paragraph = self.paragraphs if not self.base.number else 0
        label = replace(self.base, paragraph=paragraph).item(*(opened for opened, _, _ in self.open_items))
        self._clause(block, label, lead_in)

    def _item_name(self, block: Block, depth: int) -> str:
        """An item's own number or letter, as a person would cite it; without one, or when it came before, its count."""
        paragraph = 0 if self.base.number else self.paragraphs
        stem = (self.base, paragraph, *(opened for opened, _, _ in self.open_items[: depth - 1]))
        own = _OWN_NAME.fullmatch(block.marker)
        name = own[1] if own else str(self.item_counts[depth - 1])
        while (*stem, name) in self.item_names:
            self.item_counts[depth - 1] += own is None
            name, own = str(self.item_counts[depth - 1]), None
        self.item_names.add((*stem, name))
        return name

    def _clause(self, block: Block, label: Label, lead_in: str | None) -> None:
        self.keep(PassageKind.CLAUSE, block, label)
        headings = tuple(text for _, text in self.headings)
        self.clauses.append(Clause(self.policy, label, headings, lead_in, block.text, block.line, block.page))


def _leads(text: str, following: Block | None) -> bool:
    """Whether items really hang from this text: it ends in a colon, or in the middle of what the first of them ends."""
    if following is None:
        return False
    is_open = text.endswith(";") and following.text[:1].islower()
    return is_open or text.endswith(":") or not text.endswith(SENTENCE_ENDS)


def _last_sentence(text: str) -> str:
    return sentences(text)[-1]


def _chain(lead_in: str | None, text: str) -> str | None:
    """What items below this one hang from: the whole way down to it, if it does not end like a sentence."""
    if text.endswith((".", "!", "?")):
        return None
    return f"{lead_in} {text}" if lead_in else text
