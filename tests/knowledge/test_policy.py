"""The shipped policy: every clause right, the whole text held to the source."""

import json
import re
from pathlib import Path

import pytest

from knowledge.library import SHIPPED, Library
from knowledge.model import Clause, PassageKind, Policy
from knowledge.numbering import Label

SHARED = Path(__file__).parents[3] / "shared"
SOURCE = SHIPPED / "reach2-online-safety" / "reach2-online-safety-and-social-media-v2.0.txt"

ITEMS_BELOW = {"4.2": 4, "6.2": 38, "6.3": 7, "7.1": 8, "7.2": 6, "14.3": 4, "15.1": 3}


def _clause(policy: Policy, label: str) -> Clause:
    return next(clause for clause in policy.clauses if str(clause.label) == label)


def _without_space(text: str) -> str:
    return "".join(text.split())


def _shared_label(identifier: str) -> str:
    """The label that the product gives to an id of the shared question sets."""
    identifier = identifier.removesuffix(".p").replace("(second)", " (second)")
    return re.sub(r"\.b(\d+)$", r"(\1)", identifier)


def test_every_clause_is_that_of_the_question_sets() -> None:
    if not SHARED.is_dir():
        pytest.skip("shared documents are not here")
    wanted = json.loads((SHARED / "eval" / "clauses.json").read_text(encoding="utf-8"))
    found = [(str(clause.label), clause.text) for clause in Library.shipped().policies[0].clauses]
    assert found == [(_shared_label(row["id"]), row["text"]) for row in wanted]


def test_the_source_is_shipped_unchanged() -> None:
    if not SHARED.is_dir():
        pytest.skip("shared documents are not here")
    assert SOURCE.read_bytes() == (SHARED / "policy" / SOURCE.name).read_bytes()


def test_the_passages_are_the_whole_source_once_and_in_order(policy: Policy) -> None:
    """Nothing lost, nothing doubled, nothing invented: sign for sign, white space aside."""
    passages = "".join(passage.marker + passage.text for passage in policy.passages)
    assert _without_space(passages) == _without_space(SOURCE.read_text(encoding="utf-8"))


def test_clauses_and_clause_passages_are_the_same(policy: Policy) -> None:
    passages = policy.passages_of(PassageKind.CLAUSE)
    assert [(passage.label, passage.text) for passage in passages] == [(c.label, c.text) for c in policy.clauses]


@pytest.mark.parametrize("number", ITEMS_BELOW)
def test_bullets_are_counted_through_sub_headings(policy: Policy, number: str) -> None:
    below = [clause.label for clause in policy.clauses if str(clause.label).startswith(f"{number}(")]
    assert [label.items for label in below] == [(str(count),) for count in range(1, ITEMS_BELOW[number] + 1)]


def test_there_are_120_clauses_and_each_is_cited_by_one_label(policy: Policy) -> None:
    labels = [clause.label for clause in policy.clauses]
    assert len(set(labels)) == len(labels) == 120


def test_labels_stand_in_their_own_order(policy: Policy) -> None:
    labels = [clause.label for clause in policy.clauses]
    assert sorted(labels) == labels


@pytest.mark.parametrize(
    ("label", "lead_in"),
    [
        ("6.2", None),
        ("6.2(1)", "Schools should also adhere to these guidelines:"),
        ("6.2(25)", "Schools should also adhere to these guidelines:"),
        ("6.2(26)", "In addition to the above everyone at REAch2 Academy Trust must ensure that they:"),
        ("6.2(30)", "In addition to the above everyone at REAch2 Academy Trust must ensure that they:"),
        ("6.2(31)", None),
        ("6.3(7)", "The following are also not considered acceptable at REACh2 Academy Trust:"),
        ("7.1(1)", None),
        ("7.2(1)", "To ensure the safety and welfare of children in our care:"),
        ("12.5 (second)", "In line with 'Keeping Children Safe in Education' at Moor Green, we:"),
        ("14.1", None),
    ],
)
def test_a_bullet_knows_the_sentence_it_hangs_from(policy: Policy, label: str, lead_in: str | None) -> None:
    assert _clause(policy, label).lead_in == lead_in


@pytest.mark.parametrize(
    ("label", "headings"),
    [
        ("6.2(25)", ("Use of Social Media in practice", "School-sanctioned use of social media")),
        ("6.2(31)", ("Use of Social Media in practice", "Principles \u2013 Be Responsible and Respectful")),
        ("6.4", ("Use of Social Media in practice", "Safer Online Behaviour")),
        ("7.1(8)", ("Internet Access",)),
        ("7.3", ("Internet Access", "Mobile Phones/Camera/Video Recorder Usage")),
        ("17", ("REAch2 E-Safety Social Media Policy Agreement", "Staff Agreement")),
    ],
)
def test_a_clause_knows_the_headings_it_stands_under(policy: Policy, label: str, headings: tuple[str, ...]) -> None:
    assert _clause(policy, label).headings == headings


def test_sentences_that_a_page_break_cut_are_whole_again(policy: Policy) -> None:
    assert "acts responsibly if they are using" in _clause(policy, "5.3").text
    assert "microblogs such as X (formerly known as Twitter)" in _clause(policy, "3.2").text


def test_a_clause_knows_its_line_in_the_source(policy: Policy) -> None:
    lines = SOURCE.read_text(encoding="utf-8").split("\n")
    for clause in policy.clauses:
        assert clause.text.split(" ")[0] in lines[clause.line - 1], clause.label
        assert clause.text[:30] in lines[clause.line - 1], clause.label


def test_the_second_of_two_equal_numbers_says_so(policy: Policy) -> None:
    assert _clause(policy, "12.5").text.startswith("All devices")
    assert _clause(policy, "12.5 (second)").text.startswith("Governors and senior leadership")


def test_the_contents_list_is_kept_as_it_is_though_the_body_disagrees(policy: Policy) -> None:
    contents = [f"{passage.marker} {passage.text}" for passage in policy.passages_of(PassageKind.CONTENTS)[1:]]
    assert len(contents) == 14
    assert contents[12] == "13. Review of Policy"
    headings = {f"{passage.marker} {passage.text}" for passage in policy.passages_of(PassageKind.HEADING)}
    assert "13. Review of Policy" not in headings
    assert "16. Review of Policy" in headings
    assert not any(clause.label.number[0] == "13" for clause in policy.clauses)


def test_the_agreement_ends_in_a_form(policy: Policy) -> None:
    assert [field.marker for field in policy.passages_of(PassageKind.FIELD)] == ["Name:", "Signed:", "Date:", "Role:"]


def test_the_touchstones_stand_before_the_body(policy: Policy) -> None:
    touchstones = [passage.text.split("**")[0] for passage in policy.passages_of(PassageKind.FRONT) if passage.marker]
    assert touchstones == [
        "Integrity", "Responsibility", "Inclusion", "Enjoyment", "Inspiration", "Learning", "Leadership",
    ]  # fmt: skip


def test_what_policy_toml_says_is_what_the_document_says(policy: Policy) -> None:
    details = {passage.marker: passage.text for passage in policy.passages_of(PassageKind.DETAIL)}
    assert list(details) == [
        "Audience:", "Approved:", "Other related policies:", "Policy owner:", "Policy model:", "Review:",
        "Version number:",
    ]  # fmt: skip
    assert policy.approved is not None
    assert details["Approved:"].endswith(f"{policy.approved:%B %Y}")
    assert details["Version number:"] == f"{policy.version} ({policy.approved:%B %Y})"
    assert details["Review:"].startswith("Every 3 years")
    assert policy.review_months == 36
    assert policy.passages[0].text == policy.title


def test_a_label_leads_to_its_anchor(policy: Policy) -> None:
    anchors = {str(clause.label): clause.label.anchor for clause in policy.clauses}
    assert anchors["6.2(25)"] == "6.2-25"
    assert anchors["12.5 (second)"] == "12.5-second"
    assert len(set(anchors.values())) == len(anchors)
    assert Label.parse("6.2(25)") == _clause(policy, "6.2(25)").label
