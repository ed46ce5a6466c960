"""Makes clauses of blocks: joins what a page break split, and gives each clause its label, headings and lead-in."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from knowledge.model import Clause, Passage, PassageKind
from knowledge.numbering import Label
from knowledge.readers.blocks import Block, BlockKind

_SENTENCE_ENDS = (".", ";", ":", "?", "!", ".)", ">", ".\u201d", ".\u2019", ".'", '."')
_SENTENCE_START = re.compile(r"(?<=[.!?;])\s+(?=[A-Z'\"\u2018\u201c])")
_CONTENTS = re.compile(r"(table of )?contents( page)?:?", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)*|[A-Z]")


def assemble(blocks: Sequence[Block], policy: str) -> tuple[tuple[Passage, ...], tuple[Clause, ...]]:
    """Gives the passages of a document, which together are its whole text, and the clauses among them.

    Args:
        blocks: the document as a reader gave it.
        policy: the slug that the clauses are to carry.
    """
    mended = _join_split(blocks)
    contents = _contents_lines(mended)
    builder = _Builder(policy, numbered_from=_first_number(mended, contents))
    for position, block in enumerate(mended):
        following = mended[position + 1] if position + 1 < len(mended) else None
        if position in contents:
            builder.keep(PassageKind.CONTENTS, block)
        else:
            builder.take(position, block, following)
    return tuple(builder.passages), tuple(builder.clauses)


def _join_split(blocks: Iterable[Block]) -> list[Block]:
    """A paragraph that stops in the middle of a sentence goes on in the next one, if that reads like the rest of it."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before is not None and _is_torn(before) and _goes_on(block):
            joined[-1] = replace(before, text=f"{before.text} {block.text}")
        else:
            joined.append(block)
    return joined


def _is_torn(block: Block) -> bool:
    return block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM) and not block.text.endswith(_SENTENCE_ENDS)


def _goes_on(block: Block) -> bool:
    if block.kind is not BlockKind.PARAGRAPH or block.marker:
        return False
    return block.text[0].islower() or block.text.endswith((".", ";"))


def _contents_lines(blocks: Sequence[Block]) -> frozenset[int]:
    """Positions of the contents list: from its title to where the numbering or the first title begins again."""
    starts = [position for position, block in enumerate(blocks) if _CONTENTS.fullmatch(block.text)]
    if not starts:
        return frozenset()
    start = starts[0]
    listed: set[tuple[str, str]] = set()
    end = start + 1
    for block in blocks[start + 1 :]:
        entry = (block.marker, "" if block.marker else block.text.casefold())
        if entry in listed or block.kind is BlockKind.PARAGRAPH or block.text.endswith("."):
            break
        listed.add(entry)
        end += 1
    return frozenset(range(start, end))


def _first_number(blocks: Sequence[Block], contents: frozenset[int]) -> int | None:
    """Where the numbered body begins, or None for a document that numbers nothing."""
    numbered = [
        position
        for position, block in enumerate(blocks)
        if position not in contents and block.kind in (BlockKind.HEADING, BlockKind.PARAGRAPH) and _number(block)
    ]
    return numbered[0] if len(numbered) > 1 else None


def _number(block: Block) -> tuple[str, ...]:
    core = block.marker.rstrip(".)")
    return tuple(core.split(".")) if _NUMBER.fullmatch(core) else ()


@dataclass(slots=True)
class _Builder:
    """Walks through the blocks once, knowing what it stands under."""

    policy: str
    numbered_from: int | None
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
    used: dict[Label, int] = field(default_factory=dict)

    def take(self, position: int, block: Block, following: Block | None) -> None:
        """Takes the next block for what it is."""
        in_front = self.numbered_from is not None and position < self.numbered_from
        if block.kind is BlockKind.HEADING:
            self._heading(block, in_front=in_front)
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

    def _heading(self, block: Block, *, in_front: bool) -> None:
        self.keep(PassageKind.HEADING, block)
        if in_front:
            return
        self.section_lead = self.item_lead = None
        self.open_items = []
        while self.headings and self.headings[-1][0] >= block.level:
            self.headings.pop()
        self.headings.append((block.level, block.text))
        if number := _number(block):
            self._begin(Label(number=number))
        elif self.numbered_from is None:
            self._begin(Label(heading=block.text))

    def _begin(self, base: Label) -> None:
        """From here on, clauses are counted below this label."""
        self.used[base] = self.used.get(base, 0) + 1
        self.base = replace(base, occurrence=self.used[base])
        self.base_is_taken = False
        self.paragraphs = 0
        self.item_counts = []
        self.open_items = []

    def _paragraph(self, block: Block, following: Block | None) -> None:
        hangs = following is not None and (
            (following.kind is BlockKind.ITEM and not block.text.endswith((".", "?", "!")))
            or (block.text.endswith(":") and following.kind is BlockKind.PARAGRAPH and bool(_number(following)))
        )
        if (number := _number(block)) and block.kind is BlockKind.PARAGRAPH:
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
        if self.numbered_from is None:
            self.paragraphs += 1
            self.item_counts = []
        if is_lead_in:
            self.keep(PassageKind.LEAD_IN, block)
            if following is not None and _number(following):
                self.section_lead = block.text
            return
        text = f"{block.marker} {block.text}".strip()
        self._clause(replace(block, text=text, marker=""), self._claim(), self.section_lead)

    def _claim(self) -> Label:
        """The label of the paragraph that comes now: the number itself once, then counted paragraphs below it."""
        if self.numbered_from is None:
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
        name = str(self.item_counts[depth - 1])
        self.open_items.append((name, block.text, _chain(lead_in, block.text)))
        paragraph = self.paragraphs if self.numbered_from is None else 0
        label = replace(self.base, paragraph=paragraph).item(*(opened for opened, _, _ in self.open_items))
        self._clause(block, label, lead_in)

    def _clause(self, block: Block, label: Label, lead_in: str | None) -> None:
        self.keep(PassageKind.CLAUSE, block, label)
        headings = tuple(text for _, text in self.headings)
        self.clauses.append(Clause(self.policy, label, headings, lead_in, block.text, block.line, block.page))


def _leads(text: str, following: Block | None) -> bool:
    """Whether items really hang from this text: it ends in a colon, or in the middle of a sentence."""
    return following is not None and (text.endswith(":") or not text.endswith(_SENTENCE_ENDS))


def _last_sentence(text: str) -> str:
    return _SENTENCE_START.split(text)[-1]


def _chain(lead_in: str | None, text: str) -> str | None:
    """What items below this one hang from: the whole way down to it, if it does not end like a sentence."""
    if text.endswith((".", "!", "?")):
        return None
    return f"{lead_in} {text}" if lead_in else text
