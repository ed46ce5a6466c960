import pytest

from index.places import Place, named_place, named_section
from knowledge.model import Policy


def _place(policy: Policy, question: str) -> Place | None:
    return named_place(question, tuple(enumerate(policy.clauses)))


def _labels(place: Place | None) -> list[str]:
    return [str(clause.label) for _, clause in place.clauses] if place else []


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("9.1", ["9.1"]),
        ("what does 9.1 say?", ["9.1"]),
        ("is that para 10.3 or what", ["10.3"]),
        ("6.2(25)", ["6.2(25)"]),
        ("show me clause 6.2 (25) pls", ["6.2(25)"]),
        ("6.2.25", ["6.2(25)"]),
        ("7.2 bullet 1", ["7.2(1)"]),
        ("12.5", ["12.5", "12.5 (second)"]),
        ("12.5 (second)", ["12.5 (second)"]),
        ("section 11", ["11.1", "11.2", "11.3", "11.4"]),
        ("whats rule 8 about", ["8.1", "8.2"]),
    ],
)
def test_a_label_leads_to_its_clauses_however_it_is_written(policy: Policy, question: str, labels: list[str]) -> None:
    assert _labels(_place(policy, question)) == labels


@pytest.mark.parametrize(
    "question",
    [
        "I finish at 3.30, may I look at my phone then?",
        "the lesson starts 9.15am",
        "can 3 pupils share a laptop",
        "a year 6 child follows me",
        "our app has a 4.5 star rating",
        "can I upload 2.5 GB",
        "KCSIE 2023",
        "he paid £9.10 for it",
        "version 2.0 of the app",
        "my number is 07700.900.123",
        "",
        "\u2603 \U0001f600",
    ],
)
def test_other_numbers_are_no_labels(policy: Policy, question: str) -> None:
    assert _place(policy, question) is None


@pytest.mark.parametrize("question", ["9.9", "what does clause 9.9 say about phones?", "tell me about section 9.9"])
def test_a_clause_that_does_not_exist_is_missed_among_its_siblings(policy: Policy, question: str) -> None:
    place = _place(policy, question)
    assert place is not None
    assert (place.name, place.clauses) == ("9.9", ())
    assert [str(clause.label) for _, clause in place.siblings] == ["9.1", "9.2", "9.3", "9.4"]


def test_a_section_that_does_not_exist_has_no_siblings(policy: Policy) -> None:
    assert _place(policy, "section 40") == Place("40", ())


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("the bit about phones", "Mobile Phones/Camera/Video Recorder Usage"),
        ("where's the part on cyber bullying?", "Cyberbullying"),
        ("show me the section called breaches of this policy please", "Breaches of this Policy"),
        ("the part that covers internet safty rules", "Internet Safety Rules"),
        ("what does the bit about filterring say", "Filtering and Monitoring"),
    ],
)
def test_half_a_name_leads_to_its_section(policy: Policy, question: str, heading: str) -> None:
    section, _ = named_section(question, tuple(enumerate(policy.clauses)))
    assert section is not None
    assert section.name == heading
    assert all(heading in clause.headings for _, clause in section.clauses)


def test_a_bit_that_no_section_is_called_after_is_searched_for_by_its_words(policy: Policy) -> None:
    assert named_section("which bit talks about wikipedia?", tuple(enumerate(policy.clauses))) == (None, "wikipedia")
    assert named_section("can I film the play?", tuple(enumerate(policy.clauses))) == (None, "can I film the play?")
