"""Clauses that pull against each other: found where they do, and not everywhere."""

import pytest

from knowledge.clauses import assemble
from knowledge.model import Policy
from knowledge.pulls import PullKind, pulls
from knowledge.readers import text
from knowledge.vocabulary import Vocabulary

ACTS = ("posting", "connecting", "gift")
OBJECTS = ("pupil", "parent")


def _pulls(*sentences: str) -> list[tuple[PullKind, str, str, str]]:
    source = "1. Rules\n\n" + "\n\n".join(f"1.{n} {words}" for n, words in enumerate(sentences, start=1)) + "\n"
    passages, clauses = assemble(text.read(source), "rules")
    policy = Policy("rules", "Rules", None, None, None, passages, clauses)
    found = pulls(policy, ACTS, OBJECTS, Vocabulary.shipped())
    return [(pull.kind, str(pull.first.label), str(pull.second.label), pull.words) for pull in found]


def test_an_exception_that_stands_in_one_of_two_clauses_is_found() -> None:
    assert _pulls(
        "Staff must never accept gifts from parents.",
        "Staff should not accept gifts from parents, unless the headteacher has approved.",
    ) == [(PullKind.EXCEPTION_IN_ONE, "1.2", "1.1", "unless the headteacher has approved")]


def test_what_is_forbidden_here_and_allowed_there_is_found() -> None:
    assert _pulls("Staff may accept gifts from parents.", "Staff must not accept gifts from parents.") == [
        (PullKind.FORBIDDEN_AND_ALLOWED, "1.2", "1.1", "")
    ]


@pytest.mark.parametrize(
    "sentences",
    [
        ("Staff must not accept gifts from parents.", "Staff should never accept gifts from pupils."),  # of one mind
        ("Staff must not accept gifts from parents.", "Pupils may accept gifts from parents."),  # other people
        ("Staff must not accept gifts from parents.", "Staff may use the car park."),  # another act
        ("Staff must not accept gifts from parents.", "Staff are advised to avoid gifts from parents."),  # both against
        (
            "Staff must not post pictures of pupils.",
            "Staff may accept gifts from pupils.",
        ),  # one word alike is not enough
    ],
)
def test_clauses_that_agree_or_speak_of_something_else_are_left_alone(sentences: tuple[str, ...]) -> None:
    assert _pulls(*sentences) == []


def test_the_shipped_policy_has_an_exception_for_relatives_in_one_clause_and_not_in_another(policy: Policy) -> None:
    found = {
        (str(pull.first.label), str(pull.second.label), pull.words)
        for pull in pulls(policy, ACTS, OBJECTS, Vocabulary.shipped())
    }
    assert ("6.2(25)", "6.2(27)", "with the exception of relatives") in found
    assert ("6.2(5)", "6.3(4)", "without the written consent of parents / carers") in found
