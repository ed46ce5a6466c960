"""Two versions side by side: whatever was renumbered, reworded, taken out or put in."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.changes import Fate, Mark, Piece, Side, compare, pair
from knowledge.clauses import assemble
from knowledge.model import Policy
from knowledge.readers.blocks import Block, BlockKind
from tests.invented import NEW, REWORDED, invented_policy


@pytest.fixture(scope="module")
def new() -> Policy:
    return invented_policy()


def test_the_invented_version_has_three_clauses_reworded_one_gone_and_one_new(policy: Policy, new: Policy) -> None:
    found = compare(policy, new)
    by_fate = {fate: [one for one in found.clauses if one.fate is fate] for fate in Fate}
    assert [one.old.label for one in by_fate[Fate.REWORDED] if one.old] == list(REWORDED)
    assert [one.old.label for one in by_fate[Fate.GONE] if one.old] == ["6.2(14)"]
    assert [one.new.label for one in by_fate[Fate.NEW] if one.new] == ["7.2(7)"]
    assert {one.old.label: one.new.label for one in by_fate[Fate.MOVED] if one.old and one.new} == {
        f"6.2({number})": f"6.2({number - 1})" for number in range(15, 39) if number != 25
    }
    assert found.touched == {*REWORDED, "6.2(14)"}
    assert found.labels["6.2(25)"] == "6.2(24)"
    assert sum(found.counts.values()) == len(policy.clauses) + 1


def test_a_reworded_clause_shows_word_by_word_what_went_and_came(policy: Policy, new: Policy) -> None:
    (change,) = [one for one in compare(policy, new).clauses if one.old and one.old.label == "6.2(25)"]
    changed = [piece for piece in change.text if piece.mark is not Mark.KEPT]
    assert changed == [Piece(Mark.OUT, "18 "), Piece(Mark.IN, "21 ")]


def test_a_clause_that_is_gone_stands_where_it_stood_and_a_new_one_where_it_stands(policy: Policy, new: Policy) -> None:
    order = [(one.old or one.new, one.fate) for one in compare(policy, new).clauses]
    labels = [side.label for side, _ in order if side]
    assert labels.index("6.2(14)") == labels.index("6.2(13)") + 1
    assert labels.index("7.2(7)") == labels.index("7.2(6)") + 1
    assert [side.text for side, fate in order if side and fate is Fate.NEW] == [NEW.removeprefix("- ").strip()]


def test_against_itself_everything_is_the_same_and_back_new_is_gone(policy: Policy, new: Policy) -> None:
    assert compare(policy, policy).changed == ()
    there, back = compare(policy, new).counts, compare(new, policy).counts
    assert (there[Fate.NEW], there[Fate.GONE]) == (back[Fate.GONE], back[Fate.NEW])
    assert there[Fate.REWORDED] == back[Fate.REWORDED]


def test_another_lead_in_or_heading_over_the_same_words_is_another_clause_text() -> None:
    old = _policy("Staff must:", "lock the door;")
    for new in (_policy("Pupils must:", "lock the door;"), _policy("Staff must:", "lock the door;", heading="Pupils")):
        fates = {one.new.text: one.fate for one in compare(old, new).clauses if one.new}
        assert fates["lock the door;"] is Fate.REWORDED


def test_what_shares_hardly_a_word_under_one_label_is_gone_and_new() -> None:
    old, new = _policy("Staff must:", "lock the door;"), _policy("Staff must:", "never discuss children online;")
    fates = [one.fate for one in compare(old, new).changed]
    assert sorted(fates) == [Fate.GONE, Fate.NEW]


_TEXTS = ("Doors are locked.", "Phones are off.", "Ask the head.", "Lock doors twice.", "Phones may be on.")
_SIDES = st.lists(st.tuples(st.sampled_from(_TEXTS), st.sampled_from(["A", "B"])), max_size=7).map(
    lambda rows: [Side(f"1.{place}", (heading,), None, text) for place, (text, heading) in enumerate(rows, start=1)]
)


@given(_SIDES, _SIDES)
def test_no_clause_is_paired_twice_and_what_stands_word_for_word_is_never_gone(
    old: list[Side], new: list[Side]
) -> None:
    pairs = pair(old, new)
    assert len(set(pairs.values())) == len(pairs)
    gone = {old[here].text for here in range(len(old)) if here not in pairs}
    free = {new[there].text for there in range(len(new)) if there not in pairs.values()}
    assert not gone & free


@given(_SIDES, st.integers(1, 9))
def test_to_number_everything_anew_changes_no_word(old: list[Side], chapter: int) -> None:
    new = [replace(side, label=f"{chapter + 1}.{place}") for place, side in enumerate(old)]
    assert all(old[here].words == new[there].words for here, there in pair(old, new).items())
    assert len(pair(old, new)) == len(old)


def _policy(lead_in: str, item: str, heading: str = "Doors") -> Policy:
    blocks = (
        Block(BlockKind.HEADING, heading, marker="1.", level=1),
        Block(BlockKind.PARAGRAPH, lead_in, marker="1.1"),
        Block(BlockKind.ITEM, item, marker="-", level=1),
    )
    passages, clauses = assemble(blocks, "doors")
    return Policy("doors", "Doors", None, None, None, passages, clauses)
