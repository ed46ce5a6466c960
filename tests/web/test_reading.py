"""The reading page: the whole policy, once, in order, with an anchor for every clause."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.web.outline import outline
from knowledge.library import Library
from knowledge.model import Passage, PassageKind, Policy
from tests.web.conftest import House, Visitor
from tests.web.markup import Page, read
from tests.web.policies import NUMBERED, UNDATED

NUMBERED_PATH = "/policies/reach2-online-safety/2.0"
UNDATED_PATH = "/policies/guides/phones%20%26%20cameras/undated"


def test_the_list_names_each_policy_with_its_version_and_what_is_overdue(visitor: Visitor) -> None:
    page = visitor.look("/policies")
    assert page.one("a", href=NUMBERED_PATH).text == NUMBERED.title
    assert page.one("a", href=UNDATED_PATH).text == UNDATED.title
    for words in ("Version 2.0, July 2023; its review was due in July 2026", "No version stated"):
        assert words in page.text


@pytest.mark.parametrize(("path", "policy"), [(NUMBERED_PATH, NUMBERED), (UNDATED_PATH, UNDATED)])
def test_every_word_of_the_policy_stands_there_in_order(visitor: Visitor, path: str, policy: Policy) -> None:
    response = visitor.get(path)
    assert response.status_code == 200
    _assert_holds_all(policy, read(response.text))


def test_every_clause_has_its_label_at_its_anchor(visitor: Visitor) -> None:
    page = visitor.look(NUMBERED_PATH)
    for passage in NUMBERED.passages_of(PassageKind.CLAUSE):
        assert passage.label is not None
        (element,) = [found for found in page.elements if found.attributes.get("id") == passage.label.anchor]
        assert element.text.lstrip().startswith(f"{passage.label} {passage.text}")
        assert page.one("a", href=f"#{passage.label.anchor}").text == str(passage.label)


def test_the_page_has_one_title_and_leaves_out_no_level_of_heading(visitor: Visitor) -> None:
    for path in (NUMBERED_PATH, UNDATED_PATH):
        levels = [int(element.tag[1]) for element in visitor.look(path).elements if _is_heading(element.tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_contents_lead_to_the_heading_of_the_same_words(visitor: Visitor) -> None:
    page = visitor.look(NUMBERED_PATH)
    contents = page.one("nav", aria_label="Contents")
    assert "2. A section that was taken out" in contents.text
    (link,) = [found for found in page.all("a") if found.text == "1. Key Principles"]
    (heading,) = [found for found in page.all("h2") if found.text == "5. Key Principles"]
    assert link.attributes["href"] == f"#{heading.attributes['id']}"


def test_a_list_below_a_list_item_stands_in_it(visitor: Visitor) -> None:
    outer = visitor.look(NUMBERED_PATH).one("li", id="6.2-1")
    assert "that of pupils;" in outer.text


def test_markup_in_a_policy_is_shown_and_does_nothing(visitor: Visitor) -> None:
    page = visitor.look(NUMBERED_PATH)
    assert "<b>respect</b>" in page.text
    assert not page.all("b")
    assert visitor.look(UNDATED_PATH).one("h1").text == UNDATED.title


@pytest.mark.parametrize(
    "path",
    ["reach2-online-safety", "reach2-online-safety/1.0", "nonsense/2.0", "reach2-online-safety/2.0/x", "../etc/passwd"],
)
def test_a_policy_or_version_that_there_is_not_is_a_page_in_our_words(visitor: Visitor, path: str) -> None:
    response = visitor.get(f"/policies/{path}")
    assert response.status_code == 404
    assert "There is no such page" in response.text


def test_the_shipped_policies_can_be_read_whole(house: House, arrive: Callable[[], Visitor], library: Library) -> None:
    house.policies = library.policies
    visitor = arrive()
    for policy in library.policies:
        page = visitor.look(f"/policies/{policy.slug}/{policy.version}")
        _assert_holds_all(policy, page)
        assert len(set(page.ids)) == len(page.ids)
        assert {clause.label.anchor for clause in policy.clauses} <= set(page.ids)


@given(
    st.lists(
        st.builds(
            Passage,
            st.sampled_from(PassageKind),
            st.sampled_from(["Staff must ask first.", "Contents", ""]),
            st.sampled_from(["", "-", "1."]),
            st.integers(0, 6),
        )
    )
)
def test_no_passage_is_lost_or_shown_twice_whatever_the_document_is_like(passages: list[Passage]) -> None:
    policy = Policy("p", "P", None, None, None, tuple(passages), ())
    assert [passage for part in outline(policy.passages) for passage in part.passages] == passages


def _assert_holds_all(policy: Policy, page: Page) -> None:
    at = 0
    for passage in policy.passages:
        found = page.text.find(passage.text, at)
        assert found >= 0, passage
        at = found + len(passage.text)


def _is_heading(tag: str) -> bool:
    return tag in {"h1", "h2", "h3", "h4", "h5", "h6"}
