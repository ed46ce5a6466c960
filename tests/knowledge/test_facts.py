"""Facts: read strictly, cited from the shipped policy, and documented as they are."""

from pathlib import Path

import pytest

from knowledge.datafile import BadDataFile
from knowledge.facts import NoSuchFact, fact_named, load_facts, page, shipped_facts
from knowledge.library import Library

PROJECT = Path(__file__).parents[2]
SOUND = """[[fact]]
key = "age"
means = "how old"
ask = "How old?"
choices = [{ value = "young", label = "Young" }, { value = "old", label = "Old" }]
"""


def _load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(text, encoding="utf-8")
    load_facts(path)


def test_the_page_of_facts_is_what_the_file_says() -> None:
    assert (PROJECT / "docs" / "facts.md").read_text(encoding="utf-8") == page(shipped_facts())


def test_every_clause_that_a_fact_cites_is_one_of_the_shipped_policy() -> None:
    clauses = Library.shipped().clauses
    labels = {str(clause.label) for clause in clauses}
    assert {clause for fact in shipped_facts().values() for clause in fact.clauses} <= labels


def test_a_fact_that_is_not_there_is_an_error() -> None:
    assert fact_named("age").values == ("under 18", "18 or over")
    with pytest.raises(NoSuchFact):
        fact_named("weather")


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        ('key = "age"', 'key = "Age 2"', "is no key"),
        ('ask = "How old?"', 'ask = "How old"', "is no question"),
        ('{ value = "old", label = "Old" }', '{ value = "young", label = "Old" }', "stands twice"),
        ('{ value = "old", label = "Old" }', '{ value = "old", label = "Young" }', "stands twice"),
        (', { value = "old", label = "Old" }', "", "leaves no choice"),
        ('means = "how old"', 'means = "how old"\nweight = 3', "unknown key"),
        ('means = "how old"\n', "", "missing"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, before: str, after: str, wrong: str) -> None:
    _load(tmp_path, SOUND)
    with pytest.raises(BadDataFile, match=wrong):
        _load(tmp_path, SOUND.replace(before, after))


def test_two_facts_of_one_key_are_an_error_at_the_second(tmp_path: Path) -> None:
    with pytest.raises(BadDataFile, match="stands here twice") as error:
        _load(tmp_path, SOUND + SOUND)
    assert error.value.line > SOUND.count("\n")
