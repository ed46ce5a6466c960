import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.numbering import Label, NotALabel

_parts = st.integers(1, 99).map(str)
_items = st.one_of(_parts, st.sampled_from(["a", "b", "i", "ii", "iv", "xii"]))
_labels = st.builds(
    Label,
    number=st.lists(_parts, min_size=1, max_size=3).map(tuple),
    occurrence=st.integers(1, 25),
    paragraph=st.integers(0, 9),
    items=st.lists(_items, max_size=3).map(tuple),
)


@given(_labels)
def test_a_label_is_read_back_as_it_was_written(label: Label) -> None:
    assert Label.parse(str(label)) == label


@given(_labels, _labels)
def test_labels_are_equal_or_one_comes_first(one: Label, other: Label) -> None:
    assert (one == other) + (one < other) + (other < one) == 1


@given(_labels)
def test_an_anchor_holds_nothing_that_a_link_must_escape(label: Label) -> None:
    assert all(sign.isalnum() or sign in ".-" for sign in label.anchor)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("6.2(9)", "6.2(10)"),
        ("6.2", "6.2(1)"),
        ("6.2(38)", "6.3"),
        ("9.4", "10.1"),
        ("12.5", "12.5 (second)"),
        ("12.5 (second)", "12.6"),
        ("4(ii)", "4(iv)"),
        ("4(ix)", "4(x)"),
        ("7.1(2)(a)", "7.1(2)(b)"),
    ],
)
def test_labels_are_ordered_as_the_document_counts(earlier: str, later: str) -> None:
    assert Label.parse(earlier) < Label.parse(later)


def test_a_clause_without_a_number_is_cited_by_its_heading() -> None:
    label = Label(heading="What NOT to share", paragraph=2).item("3")
    assert str(label) == "What NOT to share \u00b62(3)"
    assert Label.parse(str(label)) == label


@pytest.mark.parametrize("text", ["", "   ", "6.2(", "6.2)25(", "12.5 (soon)", "(((", "6..2(1)"])
def test_what_is_not_a_label_is_refused(text: str) -> None:
    with pytest.raises(NotALabel, match="not a way to cite"):
        Label.parse(text)
