from hypothesis import given
from hypothesis import strategies as st

from knowledge.readers import text
from knowledge.readers.blocks import Block, BlockKind

WRAPPED = """First Policy

It is the aim of this school that everybody
feels safe here.
Duties
Staff have a duty to say what they see, and
\u2022 to write it down
  on the same day
\u2022 to keep it private

2. Phones
2.1 Phones are kept
in the office.
(a) in a locked drawer
Name:

Date:
"""


def _kinds(blocks: tuple[Block, ...]) -> list[tuple[BlockKind, str, str]]:
    return [(block.kind, block.marker, block.text) for block in blocks]


def test_wrapped_lines_headings_bullets_numbers_and_blanks_are_told_apart() -> None:
    assert _kinds(text.read(WRAPPED)) == [
        (BlockKind.HEADING, "", "First Policy"),
        (BlockKind.PARAGRAPH, "", "It is the aim of this school that everybody feels safe here."),
        (BlockKind.HEADING, "", "Duties"),
        (BlockKind.PARAGRAPH, "", "Staff have a duty to say what they see, and"),
        (BlockKind.ITEM, "\u2022", "to write it down on the same day"),
        (BlockKind.ITEM, "\u2022", "to keep it private"),
        (BlockKind.HEADING, "2.", "Phones"),
        (BlockKind.PARAGRAPH, "2.1", "Phones are kept in the office."),
        (BlockKind.ITEM, "(a)", "in a locked drawer"),
        (BlockKind.CELL, "Name:", ""),
        (BlockKind.CELL, "Date:", ""),
    ]


def test_pages_are_counted_and_running_footers_left_out() -> None:
    pages = [
        f"Title {letter}\n\nA sentence about {letter}.\n\nSchool policy page {n}" for n, letter in enumerate("abcd", 1)
    ]
    blocks = text.read("\f".join(pages))
    assert [(block.text, block.page) for block in blocks if block.text.endswith(".")] == [
        (f"A sentence about {letter}.", n) for n, letter in enumerate("abcd", 1)
    ]
    assert not any("School policy page" in block.text for block in blocks)


def test_a_document_without_form_feeds_has_no_pages() -> None:
    assert {block.page for block in text.read(WRAPPED)} == {None}


@given(
    st.lists(st.sampled_from(["word", "Title Here", "- item", "2.1 Para", "3. Head", "It ends.", "", "A:\tb", "x,"]))
)
def test_every_sign_of_the_source_comes_out_once_and_in_order(lines: list[str]) -> None:
    source = "\n".join(lines)
    given_back = "".join(block.marker + block.text for block in text.read(source))
    assert "".join(given_back.split()) == "".join(source.split())


@given(st.text(max_size=400))
def test_anything_at_all_can_be_read(source: str) -> None:
    lines = [block.line for block in text.read(source)]
    assert lines == sorted(lines)
