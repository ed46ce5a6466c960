import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge.library import Library
from knowledge.model import Clause
from knowledge.numbering import Label
from knowledge.phrases import Force, Who
from knowledge.readings import read

BY_HAND = tomllib.loads(Path(__file__).with_name("readings.toml").read_text(encoding="utf-8"))["clause"]
CLAUSES = {str(clause.label): clause for clause in Library.shipped().clauses}

SEEN_OTHERWISE = {
    "1.2": "that all stakeholders have confidence 'is crucial': a wish, which no rule tells from a duty",
    "9.4": "'or staff to contact pupils' leaves its verb out: the rule sees the pupils alone",
}
"""Where the rule falls short of a reader. Whoever mends it takes the clause out here: it must then agree."""


def _found(clause: Clause) -> list[dict[str, Any]]:
    return [
        {
            "who": sorted(reading.who),
            "force": reading.force,
            "conditions": list(reading.conditions),
            "exceptions": list(reading.exceptions),
            "approvals": list(reading.approvals),
        }
        for reading in read(clause)
    ]


def _by_hand(row: dict[str, Any]) -> list[dict[str, Any]]:
    terms: dict[str, Any] = {"conditions": [], "exceptions": [], "approvals": []}
    return [{**terms, **reading, "who": sorted(reading["who"])} for reading in row.get("reading", [])]


def test_the_table_holds_every_clause_once_and_in_order() -> None:
    assert [row["label"] for row in BY_HAND] == list(CLAUSES)


@pytest.mark.parametrize("row", BY_HAND, ids=[row["label"] for row in BY_HAND])
def test_every_clause_is_read_as_a_person_read_it(row: dict[str, Any]) -> None:
    clause = CLAUSES[row["label"]]
    agrees = _found(clause) == _by_hand(row)
    assert agrees == (row["label"] not in SEEN_OTHERWISE), _found(clause)
    assert any(reading.governed for reading in read(clause)) == row["governed"]


def test_every_term_stands_verbatim_in_its_sentence_and_every_sentence_in_its_clause() -> None:
    for clause in CLAUSES.values():
        for reading in read(clause):
            assert reading.sentence in clause.text
            for term in (*reading.conditions, *reading.exceptions, *reading.approvals):
                assert term in reading.sentence


def test_what_a_list_permits_is_not_taken_for_what_it_forbids() -> None:
    assert [reading.force for reading in read(CLAUSES["6.3(4)"])] == [Force.MUST_NOT]
    assert [reading.force for reading in read(CLAUSES["6.3(5)"])] == [Force.MAY, Force.ADVISED]
    assert [reading.force for reading in read(CLAUSES["6.3(6)"])] == [Force.ADVISED]


def test_a_rule_for_pupils_is_not_for_staff() -> None:
    assert not read(CLAUSES["11.1"])[0].is_for_staff
    assert not read(CLAUSES["6.2(17)"])[0].is_for_staff
    assert read(CLAUSES["7.2(1)"])[0].is_for_staff  # it names nobody
    assert read(CLAUSES["7.1(1)"])[0].is_for_staff  # pupils are to be taught: by the school


CLAUSE = Clause("elsewhere", Label(("1",)), (), None, "", 1, None)
"""Sentences as other schools write them: the rules are about English, not about one policy."""


@pytest.mark.parametrize(
    ("text", "who", "force"),
    [
        ("Mobile phones are strictly prohibited in the changing rooms.", set(), Force.MUST_NOT),
        ("No member of staff may be alone with a pupil in a car.", {Who.STAFF}, Force.MUST_NOT),
        ("Visitors must sign in at the office.", {Who.PARENTS}, Force.MUST),
        ("Teachers are not permitted to accept gifts of money.", {Who.STAFF}, Force.MUST_NOT),
        ("Volunteers are expected to wear a lanyard.", {Who.STAFF}, Force.SHOULD),
        ("Children will be taught how to report a worry.", {Who.SCHOOL}, Force.MUST),
        ("Parents are asked not to park on the zigzag lines.", {Who.PARENTS}, Force.ADVISED),
        ("Staff may use their phones in the staff room during breaks.", {Who.STAFF}, Force.MAY),
        ("We recommend that staff check their settings each term.", {Who.STAFF}, Force.ADVISED),
    ],
)
def test_other_schools_sentences_are_read_too(text: str, who: set[Who], force: Force) -> None:
    first = read(replace(CLAUSE, text=text))[0]
    assert (set(first.who), first.force) == (who, force)


@pytest.mark.parametrize(
    "text",
    [
        "This may result in disciplinary action.",
        "There may be times when this is hard.",
        "The policy sets out the principles that staff are expected to follow.",
        "Our school has 210 pupils.",
        "Complaints will be taken seriously.",
        "",
        "12345 !!! \u2603",
    ],
)
def test_facts_and_what_may_happen_bind_nobody(text: str) -> None:
    assert read(replace(CLAUSE, text=text)) == ()


def test_a_bullet_takes_its_force_and_its_people_from_the_lead_in() -> None:
    bullet = replace(CLAUSE, lead_in="All staff must:", text="never share a log-in, unless the headteacher has agreed;")
    (reading,) = read(bullet)
    assert (set(reading.who), reading.force, reading.governed) == ({Who.STAFF}, Force.MUST_NOT, True)
    assert reading.approvals == ("unless the headteacher has agreed",)
