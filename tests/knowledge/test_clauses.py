"""How clauses are made of other schools' documents: small examples of what such documents have."""

from knowledge.clauses import assemble
from knowledge.model import Clause, PassageKind
from knowledge.readers import markdown, text


def _clauses(source: str, *, is_markdown: bool = False) -> dict[str, Clause]:
    blocks = (markdown if is_markdown else text).read(source)
    _, clauses = assemble(blocks, "some-policy")
    labels = [str(clause.label) for clause in clauses]
    assert len({clause.label.anchor for clause in clauses}) == len(labels)
    return dict(zip(labels, clauses, strict=True))


def test_a_new_rule_is_not_glued_to_the_bullet_before_it() -> None:
    clauses = _clauses("## Danger\n\n- Ring the duty worker\n\nDo not delay while seeking advice.\n", is_markdown=True)
    assert [clause.text for clause in clauses.values()] == [
        "Ring the duty worker",
        "Do not delay while seeking advice.",
    ]


def test_a_sentence_that_a_page_break_tore_goes_on_in_lower_case_or_after_a_word_that_wants_more() -> None:
    long = "All of our staff act at all times and in all places online"
    clauses = _clauses(f"1. Media\n\n1.1 We use sites such as\n\nX (formerly Twitter).\n\n1.2 {long}\n\nwith care.\n")
    assert clauses["1.1"].text == "We use sites such as X (formerly Twitter)."
    assert clauses["1.2"].text == f"{long} with care."


def test_a_contents_list_without_a_title_is_not_taken_for_the_body() -> None:
    titles = ["1. Aims", "2. Duties", "3. Phones", "4. Review"]
    body = [f"{title}\n\nWe have a rule about {title[3:].lower()}." for title in titles]
    clauses = _clauses("\n\n".join([*titles, *body]))
    assert list(clauses) == ["1", "2", "3", "4"]


def test_a_contents_list_with_leaders_is_read_to_its_end() -> None:
    contents = "Contents\n\n1. Aims ........ 2\n\n2. Duties of all our staff and volunteers ........ 3\n\n"
    clauses = _clauses(contents + "1. Aims\n\nWe aim high.\n\n2. Duties\n\nWe do our duty.\n")
    assert list(clauses) == ["1", "2"]


def test_numbers_that_the_writer_of_markdown_gave_are_labels() -> None:
    source = "# Phones\n\n## 1. Rules\n\n1.1 Staff must hand phones in.\n\n1.2 Visitors must:\n\n- sign\n- wait\n"
    clauses = _clauses(source, is_markdown=True)
    assert clauses["1.1"].text == "Staff must hand phones in."
    assert (clauses["1.2(2)"].lead_in, clauses["1.2(2)"].headings) == ("Visitors must:", ("Phones", "Rules"))


def test_an_item_is_cited_by_the_number_or_letter_it_has() -> None:
    clauses = _clauses("Grievance\n\nThe steps are:\n\n(a) talk\n\n(b) write\n\n(d) appeal\n")
    assert list(clauses) == ["Grievance \u00b61(a)", "Grievance \u00b61(b)", "Grievance \u00b61(d)"]


def test_an_item_whose_number_came_before_is_counted() -> None:
    clauses = _clauses("1. Lists\n\n1.1 First:\n\n(1) one\n\n(2) two\n\n(1) again\n")
    assert list(clauses) == ["1.1", "1.1(1)", "1.1(2)", "1.1(3)"]


def test_rules_before_the_first_number_are_clauses_too() -> None:
    source = (
        "Staff\n\nStaff keep phones in a locker.\n\n1. Lockers\n\nThere are ten.\n\n2. Checks\n\nThey are weekly.\n"
    )
    assert list(_clauses(source)) == ["Staff \u00b61", "1", "2"]


def test_what_stands_before_the_end_of_a_contents_list_is_front_matter() -> None:
    source = "Our values\n\nWe care.\n\nContents\n\n1. Aims\n\n2. Ends\n\n1. Aims\n\nWe aim.\n\n2. Ends\n\nWe end.\n"
    passages, clauses = assemble(text.read(source), "some-policy")
    assert [str(clause.label) for clause in clauses] == ["1", "2"]
    assert [passage.text for passage in passages if passage.kind is PassageKind.FRONT] == ["We care."]


def test_a_semicolon_leads_when_the_first_item_begins_in_lower_case() -> None:
    assert (
        _clauses("Aims\n\nWe will ensure that;\n\n- all are safe\n")["Aims \u00b61(1)"].lead_in
        == "We will ensure that;"
    )


def test_a_lead_in_to_items_does_not_govern_the_paragraphs_after_them() -> None:
    source = (
        "Duties\n\nThe employers are responsible for:\n\n1) safety\n\n2) training\n\nAll staff have a duty of care.\n"
    )
    clauses = _clauses(source)
    assert clauses["Duties \u00b61(2)"].lead_in == "The employers are responsible for:"
    assert clauses["Duties \u00b62"].lead_in is None


def test_wrapped_lines_part_where_the_writer_ended_a_line_early() -> None:
    source = (
        "The governing body has these duties and it reports on them once a year:\n\u2022 to approve this policy\n"
        "The head teacher\nmakes sure that everybody who works here has read it and signed that they have\ndone so.\n"
        "Teachers read it every September before the first day of the autumn term begins.\n"
    )
    texts = [clause.text for clause in _clauses(source).values()]
    assert texts[0] == "to approve this policy"
    assert texts[-1].startswith("Teachers read it every September")


def test_labels_that_differ_in_capitals_alone_have_anchors_of_their_own() -> None:
    clauses = _clauses("Insurance\n\nWe are insured.\n\nINSURANCE\n\nAnd here again.\n")
    assert list(clauses) == ["Insurance \u00b61", "INSURANCE (second) \u00b61"]


def test_a_rule_of_dots_or_a_lone_bullet_is_no_clause() -> None:
    assert list(_clauses("Signing\n\nSign here.\n\n\u2026\u2026\u2026\u2026\n")) == ["Signing \u00b61"]
