"""The section of a clause: what stands under its innermost heading, and no more than a person can read."""

import pytest

from bot.desk import Desk
from bot.messages import Refusal, SectionView, ShowSection
from bot.talk.answering.sections import MOST_CLAUSES, section_of
from index.search import Searcher
from knowledge.library import Library
from knowledge.model import Passage, PassageKind, Policy
from knowledge.numbering import Label

POLICY = "reach2-online-safety"


def _section(desk: Desk, label: str) -> SectionView:
    (reply,) = desk.receive(ShowSection(POLICY, label))
    assert isinstance(reply, SectionView)
    return reply


def _labels(passages: tuple[Passage, ...]) -> list[str]:
    return [str(passage.label) for passage in passages if passage.label]


def test_a_clause_is_shown_with_the_others_under_its_innermost_heading(desk: Desk) -> None:
    section = _section(desk, "6.2(25)")
    assert str(section.citation.clause.label) == "6.2(25)"
    assert section.citation.clause.headings[-1] == "School-sanctioned use of social media"
    labels = _labels(section.passages)
    assert (labels[0], labels[1], labels[-1]) == ("6.1", "6.2", "6.2(30)")
    assert "6.2(31)" not in labels
    assert "6.3" not in labels


def test_the_sentence_that_bullets_hang_from_stands_before_them(desk: Desk) -> None:
    passages = _section(desk, "6.2(26)").passages
    at = _labels(passages).index("6.2(26)")
    before = [passage for passage in passages if passage.kind is PassageKind.LEAD_IN]
    assert before[0].text.startswith("In addition to the above")
    assert passages.index(before[0]) == at


def test_a_section_says_which_edition_it_is_of_and_that_its_review_is_overdue(desk: Desk) -> None:
    citation = _section(desk, "5.3").citation
    assert (citation.title, citation.version) == ("Online Safety and Social Media policy", "2.0")
    assert citation.overdue


def test_every_clause_stands_in_its_section_once_word_for_word(policy: Policy) -> None:
    for clause in policy.clauses:
        found = [passage for passage in section_of(policy, clause.label) if passage.label == clause.label]
        assert [passage.text for passage in found] == [clause.text]


def test_a_second_clause_of_the_same_number_is_another_clause(desk: Desk) -> None:
    assert _section(desk, "12.5 (second)").citation.clause.text != _section(desk, "12.5").citation.clause.text


@pytest.mark.parametrize(
    ("policy", "label", "words"),
    [(POLICY, "99.9", "no clause of that number"), ("nowhere", "6.2", "no policy of that name"), ("", "", "no policy")],
)
def test_what_there_is_not_is_said_in_words(desk: Desk, policy: str, label: str, words: str) -> None:
    (reply,) = desk.receive(ShowSection(policy, label))
    assert isinstance(reply, Refusal)
    assert words in reply.headline


def test_where_a_section_is_endless_only_the_numbered_paragraph_is_shown() -> None:
    paragraphs = [
        Passage(PassageKind.CLAUSE, f"Rule {number}.", label=Label.parse(label))
        for number in range(MOST_CLAUSES)
        for label in (f"{number}.1", f"{number}.1(1)")
    ]
    endless = Policy("p", "P", None, None, None, tuple(paragraphs), ())
    assert _labels(section_of(endless, Label.parse("7.1(1)"))) == ["7.1", "7.1(1)"]


def test_no_section_of_the_shipped_policies_is_cut(searcher: Searcher, library: Library) -> None:
    assert searcher.library.policies == library.policies
    for policy in library.policies:
        for clause in policy.clauses:
            headings = {other.headings for other in policy.clauses if other.label in {
                passage.label for passage in section_of(policy, clause.label)}}  # fmt: skip
            assert headings == {clause.headings}


def test_a_clause_is_found_by_how_it_stands_in_a_link(desk: Desk, searcher: Searcher) -> None:
    clauses = searcher.library.policy(POLICY).clauses
    for clause in clauses:
        assert _section(desk, clause.label.anchor).citation.clause == clause
