"""Topics that the policy does not answer, and kinds of message: the shipped ones hold, and mistakes are named."""

from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from knowledge.datafile import BadDataFile
from knowledge.kinds import FOLDER as KINDS
from knowledge.kinds import IntentName, read_kind_files, read_kinds, shipped_kinds
from knowledge.library import SHIPPED, Library
from knowledge.phrasing_checks import check_kinds, check_topics
from knowledge.ruling_checks import Problem
from knowledge.rulings import read_rulings
from knowledge.topics import read_topic_files, read_topics
from knowledge.words import tokens

SLUG = "reach2-online-safety"
FOLDER = SHIPPED / SLUG
POLICY = Library.shipped().policy(SLUG)
TOPICS = read_topics(FOLDER)
KIND = '[[kind]]\nid = "{id}"\nintent = "{intent}"\nabout = "Something"\nphrasings = [\n{phrasings}\n]\n'
TOPIC = '[[topic]]\nid = "{id}"\nabout = "Something"\nnear = [{near}]\nphrasings = [\n{phrasings}\n]\n'
RULING = """[[ruling]]
id = "some-ruling"
about = "Something"
cites = ["5.3"]
phrasings = ["may I do this"]
[[ruling.row]]
verdict = "no"
says = "No."
"""
FEWEST_OF_A_KIND = {"report_concern": 120, "disclose_contact": 120}
"""Of the other kinds 80."""


def _quoted(phrasings: tuple[str, ...]) -> str:
    return "\n".join(f'  "{phrasing}",' for phrasing in phrasings)


def _kind(name: str, *phrasings: str, intent: str = "help") -> str:
    return KIND.format(id=name, intent=intent, phrasings=_quoted(phrasings))


def _topic(name: str, *phrasings: str, near: str = "") -> str:
    return TOPIC.format(id=name, near=near, phrasings=_quoted(phrasings))


def _write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name / "some.toml"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")


def _problems(folder: Path) -> tuple[Problem, ...]:
    kinds = read_kind_files(folder / "kinds")
    of_topics = check_topics(read_topic_files(folder), POLICY, read_rulings(folder), kinds)
    return (*check_kinds(kinds), *of_topics)


def _only(folder: Path, what: str, line: int) -> None:
    (problem,) = _problems(folder)
    assert what in problem.what
    assert problem.line == line
    assert not problem.is_warning


def test_of_the_shipped_ones_there_is_nothing_to_complain() -> None:
    kinds = read_kind_files(KINDS)
    found = (*check_kinds(kinds), *check_topics(read_topic_files(FOLDER), POLICY, read_rulings(FOLDER), kinds))
    assert [str(problem) for problem in found] == []


def test_there_are_as_many_topics_as_issue_6_asks_for_near_and_far() -> None:
    assert len([topic for topic in TOPICS if topic.near]) >= 50
    assert len([topic for topic in TOPICS if not topic.near]) >= 40


def test_each_topic_has_twelve_phrasings_that_differ_and_at_most_three_clauses_near() -> None:
    assert {topic.id for topic in TOPICS if len({tokens(one) for one in topic.phrasings}) < 12} == set()
    assert {topic.id for topic in TOPICS if len(topic.near) > 3} == set()
    assert {topic.id for topic in TOPICS if len(set(topic.near)) < len(topic.near)} == set()


def test_each_topic_has_a_phrasing_that_tells_a_story_and_one_that_is_short() -> None:
    """Else the search would learn that whoever is brief asks what the policy does not answer."""
    for topic in TOPICS:
        lengths = [len(tokens(one)) for one in topic.phrasings]
        assert max(lengths) >= 18, topic.id
        assert min(lengths) <= 7, topic.id


def test_the_files_tell_near_topics_from_far_ones() -> None:
    for file in read_topic_files(FOLDER):
        assert file.path.name.startswith("near-") == all(topic.near for topic in file.topics), file.path.name
        assert file.path.name.startswith("far-") == (not any(topic.near for topic in file.topics)), file.path.name


def test_each_kind_of_message_has_a_file_with_enough_phrasings() -> None:
    counts = Counter[str]()
    for kind in shipped_kinds():
        counts[kind.intent] += len(kind.phrasings)
    assert {name for name in get_args(IntentName) if counts[name] < FEWEST_OF_A_KIND.get(name, 80)} == set()
    for intent in get_args(IntentName):
        (file,) = (file for file in read_kind_files(KINDS) if file.path.stem == intent)
        assert {kind.intent for kind in file.kinds} == {intent}


def test_people_ask_in_the_same_forms_whether_it_is_answered_or_not() -> None:
    """Else the search would learn that "can I" is answered and "who" is not."""
    answered = [one for file in read_rulings(FOLDER) for ruling in file.rulings for one in ruling.phrasings]
    near = [one for topic in TOPICS if topic.near for one in topic.phrasings]
    for form in (("can", "i"), ("am", "i"), ("is", "it"), ("what",), ("who",), ("do",)):
        in_topics, in_rulings = (
            sum(tokens(one)[: len(form)] == form for one in phrasings) / len(phrasings)
            for phrasings in (near, answered)
        )
        assert in_topics > 0, form
        assert in_topics < in_rulings + 0.10, form


def test_a_phrasing_of_two_topics_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, not_covered=_topic("one", "where do I park") + _topic("two", "when", "Where do I park?"))
    _only(tmp_path, "is a phrasing of 'one' too", line=14)


def test_a_phrasing_twice_in_a_kind_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, kinds=_kind("one", "help me", "Help me!"))
    _only(tmp_path, "stands here twice", line=7)


def test_a_phrasing_of_a_topic_and_of_a_kind_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, kinds=_kind("one", "help me"), not_covered=_topic("two", "help me"))
    _only(tmp_path, "the kind 'one'", line=6)


@pytest.mark.parametrize(
    ("files", "line"),
    [({"not_covered": _topic("two", "may I do this?")}, 6), ({"kinds": _kind("two", "May I do this")}, 6)],
)
def test_a_phrasing_that_a_ruling_answers_is_refused(tmp_path: Path, files: dict[str, str], line: int) -> None:
    _write(tmp_path, rulings=RULING, **files)
    _only(tmp_path, "the ruling 'some-ruling'", line=line)


def test_an_id_twice_is_refused_and_so_is_what_is_no_id(tmp_path: Path) -> None:
    _write(tmp_path, kinds=_kind("one", "a") + _kind("one", "b") + _kind("Two_", "c"))
    assert [problem.what for problem in _problems(tmp_path)] == [
        "one: another kind has this id; rename one of them",
        "Two_: this is no id; use small letters, digits and hyphens",
    ]


def test_a_topic_may_have_the_id_of_a_kind(tmp_path: Path) -> None:
    _write(tmp_path, kinds=_kind("one", "a"), not_covered=_topic("one", "b"))
    assert _problems(tmp_path) == ()


def test_a_phrasing_without_words_and_a_table_without_phrasings_are_refused(tmp_path: Path) -> None:
    _write(tmp_path, kinds=_kind("one", "?!") + _kind("two"))
    assert [problem.what for problem in _problems(tmp_path)] == [
        "one: a phrasing has no words; take it out",
        "two: has no phrasing; write some, in the words of different people",
    ]


def test_a_clause_that_is_not_there_is_near_nothing(tmp_path: Path) -> None:
    _write(tmp_path, not_covered=_topic("one", "a", near='"5.3", "13.1"'))
    _only(tmp_path, "there is no clause 13.1", line=4)


def test_an_unknown_key_and_an_unknown_intent_are_refused_with_their_line(tmp_path: Path) -> None:
    _write(tmp_path, kinds=_kind("one", "a", intent="gossip"), not_covered="[[topic]]\nname = 'x'\n")
    with pytest.raises(BadDataFile, match=r"some\.toml:3: 'kind\.0\.intent'"):
        read_kinds(tmp_path / "kinds")
    with pytest.raises(BadDataFile, match="topic"):
        read_topics(tmp_path)


def test_a_policy_without_such_a_folder_has_no_topics(tmp_path: Path) -> None:
    assert read_topics(tmp_path) == ()
