"""What the Markdown reader promises: the words of the source, each once, in their order."""

import re
import time
from itertools import pairwise, zip_longest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.readers.blocks import Block, BlockKind
from knowledge.readers.bounds import MAX_CHARACTERS, MAX_LINES
from knowledge.readers.errors import UnreadableDocument
from knowledge.readers.markdown import read

DOCUMENTS = Path(__file__).parents[3] / "shared" / "documents" / "wholistic-fostering"
H, P, I, C = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.CELL  # noqa: E741 - as plain as P


def test_front_matter_becomes_cells() -> None:
    front = "title: 'Pond safety'\nlastUpdated: 2024-05-01\nsidebar:\n  order: 5\ntags:\n  - water\n"
    assert read(f"---\n{front}---\n\nKeep away.\n") == (
        Block(C, "Pond safety", "title:", line=2),
        Block(C, "2024-05-01", "lastUpdated:", line=3),
        Block(C, "", "sidebar:", line=4),
        Block(C, "5", "order:", line=5),
        Block(C, "", "tags:", line=6),
        Block(I, "water", "-", level=1, line=7),
        Block(P, "Keep away.", line=10),
    )


def test_a_value_of_the_front_matter_may_run_over_several_lines() -> None:
    assert read("---\nabout: >-\n  the pond\n  and the gate\n---\n") == (
        Block(C, "the pond and the gate", "about:", line=2),
    )


def test_a_rule_on_the_first_line_is_no_front_matter() -> None:
    assert _shapes("---\n\nPonds are deep.\n\n---\n") == [(P, "Ponds are deep.", "", 0)]
    assert _shapes("---\ntitle: never closed\n") == [(P, "title: never closed", "", 0)]


def test_headings_have_their_level() -> None:
    assert _shapes("# Ponds\n\n### 🦆 *Wild* ducks\n\nGates\n-----\n") == [
        (H, "Ponds", "", 1),
        (H, "🦆 Wild ducks", "", 3),
        (H, "Gates", "", 2),
    ]


def test_a_paragraph_is_folded_to_single_spaces() -> None:
    assert _shapes("Keep   away\nfrom\u00a0the\tpond.\r\n\r\nStaff must:\r\n") == [
        (P, "Keep away from the pond.", "", 0),
        (P, "Staff must:", "", 0),
    ]


def test_items_keep_their_marker_and_their_depth() -> None:
    source = "Bring:\n\n1.  boots\n    - dry ones\n    - and socks\n\n    Not sandals.\n\n2.  a coat\n\n* last\n"
    assert _shapes(source) == [
        (P, "Bring:", "", 0),
        (I, "boots", "1.", 1),
        (I, "dry ones", "-", 2),
        (I, "and socks", "-", 2),
        (P, "Not sandals.", "", 1),
        (I, "a coat", "2.", 1),
        (I, "last", "*", 1),
    ]


def test_a_list_goes_on_from_the_number_that_the_source_has() -> None:
    assert _shapes("7) seven\n8) eight\n") == [(I, "seven", "7)", 1), (I, "eight", "8)", 1)]


def test_an_item_without_words_is_no_item() -> None:
    assert _shapes("- one\n-\n- three\n") == [(I, "one", "-", 1), (I, "three", "-", 1)]


def test_a_table_row_is_one_cell_block() -> None:
    source = "| Action | Staff | Pupils |\n|---|:-:|---|\n| Feed *ducks* | yes | |\n| Swim | | no |\n| Dive |\n"
    assert read(source) == (
        Block(C, "Staff | Pupils", "Action", line=1),
        Block(C, "yes", "Feed ducks", line=3),
        Block(C, "| no", "Swim", line=4),
        Block(C, "", "Dive", line=5),
    )


def test_a_table_of_one_column_is_text() -> None:
    assert _shapes("| Ducks |\n|---|\n| Geese |\n") == [(C, "Ducks", "", 0), (C, "Geese", "", 0)]


def test_a_quote_is_its_paragraphs() -> None:
    assert _shapes("> Ponds\n> are deep.\n>\n> - So are lakes.\n") == [
        (P, "Ponds are deep.", "", 0),
        (I, "So are lakes.", "-", 1),
    ]


def test_code_blocks_are_paragraphs() -> None:
    source = "Rules\n\n     Nobody swims\n     alone.\n\n     Nobody dives.\n\n```text\nShut the gate.\n```\n"
    assert read(source) == (
        Block(P, "Rules", line=1),
        Block(P, "Nobody swims alone.", line=3),
        Block(P, "Nobody dives.", line=6),
        Block(P, "Shut the gate.", line=9),
    )


def test_a_list_that_is_indented_to_a_code_block_is_a_list() -> None:
    assert _shapes("Nobody:\n\n      - swims\n        alone\n      - dives - or jumps\n") == [
        (P, "Nobody:", "", 0),
        (I, "swims alone", "-", 1),
        (I, "dives - or jumps", "-", 1),
    ]


def test_lines_broken_by_a_backslash_that_begin_with_bullets_are_items() -> None:
    source = "Nobody may:\\\n\\* swim\nalone\\\n\u2013 dive\\\n• or jump.\\\nSo there.\n"
    assert read(source) == (
        Block(P, "Nobody may:", line=1),
        Block(I, "swim alone", "*", level=1, line=2),
        Block(I, "dive", "\u2013", level=1, line=4),
        Block(I, "or jump.", "•", level=1, line=5),
        Block(P, "So there.", line=6),
    )


def test_lines_broken_by_a_backslash_without_bullets_are_one_paragraph() -> None:
    assert _shapes("The Pond\\\nMill Lane  \nBigville<br>England\n") == [
        (P, "The Pond Mill Lane Bigville England", "", 0)
    ]


def test_an_empty_broken_line_parts_paragraphs() -> None:
    assert _shapes("1. One.\\\n   \\\n   Two:\\\n   \\* three\n") == [
        (I, "One.", "1.", 1),
        (P, "Two:", "", 1),
        (I, "three", "*", 2),
    ]


def test_a_backslash_with_no_line_after_it_is_not_shown() -> None:
    assert _shapes("\\\n- one\\\n- two\\\\\n") == [(I, "one", "-", 1), (I, "two\\", "-", 1)]


def test_a_dash_at_a_line_wrap_is_a_dash_and_a_bullet_glyph_is_a_bullet() -> None:
    assert _shapes("Ponds \u2013 and lakes\n\u2013 are deep.\n\n• one\n•two\n") == [
        (P, "Ponds \u2013 and lakes \u2013 are deep.", "", 0),
        (I, "one", "•", 1),
        (I, "two", "•", 1),
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("**F**ace and *A*irway, __both__ `now`", "Face and Airway, both now"),
        ("the [Pond *Code*](https://pond.example/code) applies", "the Pond Code applies"),
        ("the [Pond Code][1] applies\n\n[1]: https://pond.example", "the Pond Code applies"),
        ("see [](https://pond.example/code)", "see https://pond.example/code"),
        ("see <https://pond.example>", "see https://pond.example"),
        ("a ![duck](duck.png) here", "a duck here"),
        ("they\\'re &amp; we\\*re", "they're & we*re"),
        ("one<!-- two --> three", "one three"),
        ("<div>\n<b>O</b>ne &lt; two<!-- three\n --> four\n</div>", "One < two four"),
        ("write to <name of school> or <b>us</b>", "write to <name of school> or us"),
        ("snake_case and 2 * 3 * 4", "snake_case and 2 * 3 * 4"),
        ("[Review date]: Monday", "[Review date]: Monday"),
    ],
)
def test_markup_goes_and_words_stay(source: str, words: str) -> None:
    assert _shapes(source) == [(P, words, "", 0)]


@pytest.mark.parametrize("source", ["", " \n\t\n", "\ufeff", "<!-- nothing -->", "---\n\n***\n", "# \n\n-\n"])
def test_no_words_are_no_blocks(source: str) -> None:
    assert read(source) == ()


_WORDS = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8), min_size=1, max_size=8).map(" ".join)
_MARKED = {H: "## {}", P: "{}", I: "- {}"}


@given(st.lists(st.tuples(st.sampled_from([H, P, I]), _WORDS)))
def test_words_in_are_words_out(blocks: list[tuple[BlockKind, str]]) -> None:
    source = "\n\n".join(_MARKED[kind].format(words) for kind, words in blocks)
    assert [(block.kind, block.text) for block in read(source)] == blocks


@given(st.text("ab1 \n\t-*+_`#>|[]()<>!&:.\\\"'~•=", max_size=300) | st.text())
def test_any_text_at_all_is_read(source: str) -> None:
    blocks = read(source)
    assert all(block.text or block.kind is C for block in blocks)
    assert all(block.text == " ".join(block.text.split()) for block in blocks)
    assert all(1 <= before.line <= after.line for before, after in pairwise(blocks))
    assert not blocks or blocks[-1].line <= len(re.split(r"\r\n|\r|\n", source))


_BRICKS = [
    "[",
    "![",
    "*",
    "_",
    "`",
    "<",
    "<!--",
    "&",
    "](",
    "- ",
    "> ",
    "1. ",
    "|",
    "#",
    "\\",
    "[a]: b\n",
    "- a\n",
    "    a\n",
]


@pytest.mark.parametrize("brick", _BRICKS)
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_hostile_document_is_read_or_refused_in_seconds(brick: str, *, wrapped: bool) -> None:
    source = brick * (20_000 // len(brick))
    if wrapped:
        source = "\n\n".join(source[start : start + 1_000] for start in range(0, len(source), 1_000))
    began = time.perf_counter()
    try:
        read(source)
    except UnreadableDocument as refusal:
        assert refusal.args  # noqa: PT017 - both outcomes are right; what is promised is the time
    assert time.perf_counter() - began < 20


def test_binary_is_read_or_refused() -> None:
    assert read(bytes(range(256)).decode("utf-8", errors="replace"))
    assert _shapes("a\0b") == [(P, "a\ufffdb", "", 0)]


@pytest.mark.parametrize("source", ["[" * (MAX_CHARACTERS + 1), "\n" * (MAX_LINES + 1)])
def test_a_document_larger_than_any_policy_is_refused(source: str) -> None:
    with pytest.raises(UnreadableDocument, match="more than"):
        read(source)


def test_lists_nested_too_deeply_are_refused_and_not_cut() -> None:
    assert _shapes("- " * 49 + "deep") == [(I, "deep", "-", 49)]
    with pytest.raises(UnreadableDocument, match="nested too deeply"):
        read("- " * 50 + "deeper")
    with pytest.raises(UnreadableDocument, match="nested too deeply"):
        read("> " * 200 + "deeper")


def test_every_word_of_real_documents_is_there_once_and_in_order() -> None:
    for path in _documents():
        source = path.read_text(encoding="utf-8")
        ours = _words(" ".join(map(_whole, read(source))))
        parting = _first_difference(ours, _words(_without_markup(source)))
        assert parting is None, path.name


def test_blocks_of_real_documents_begin_on_the_line_that_they_name() -> None:
    for path in _documents():
        source = path.read_text(encoding="utf-8")
        lines = [_words(_without_markup(line)) for line in source.split("\n")]
        elsewhere = [block.line for block in read(source) if _words(_whole(block))[0] not in lines[block.line - 1]]
        assert elsewhere == [], path.name


def _shapes(source: str) -> list[tuple[BlockKind, str, str, int]]:
    return [(block.kind, block.text, block.marker, block.level) for block in read(source)]


def _documents() -> list[Path]:
    if not DOCUMENTS.is_dir():
        pytest.skip("shared documents are not here")
    return sorted(DOCUMENTS.glob("*.md"))


def _without_markup(source: str) -> str:
    """The source without link targets and the characters that mark words up, by no parser at all."""
    return re.sub(r"[*\\\[\]]", "", re.sub(r"\]\([^)]*\)", "", source))


def _whole(block: Block) -> str:
    return f"{block.marker} {block.text}" if block.kind is C else block.text


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)


def _first_difference(ours: list[str], theirs: list[str]) -> int | None:
    """Where they part, as a number: the documents' own words do not belong in a log."""
    return next((n for n, (one, other) in enumerate(zip_longest(ours, theirs)) if one != other), None)
