"""Who may do what: every role, every relation, every act, held against a table written by hand."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from bot.cases.people.conflicts import person_hash
from bot.cases.people.roles import Holding, Person, Role
from bot.cases.receiving.access import Act, CaseFacts, Gate, Relation, allowed, load_access
from bot.cases.receiving.access_page import access_page
from bot.cases.routes.routing import Told
from bot.ports import Membership
from knowledge.datafile import BadDataFile
from tests.bot.people import SCHOOL, TODAY, directory

# D DSL, d deputy, H headteacher, h deputy head, s SLT, c contacts lead, C chair, v vice chair, T trust's lead,
# P data protection lead, A administrator, O policy owner, I induction lead, - holds no role
LETTERS = dict(
    zip(
        "DdHhscCvTPAOI",
        ("dsl", "deputy_dsl", "headteacher", "deputy_head", "slt", "contacts_lead", "chair_of_governors", "vice_chair",
         "trust_safeguarding_lead", "data_protection_lead", "administrator", "policy_owner", "induction_lead"),
        strict=True,
    )
)  # fmt: skip
EVERYBODY = "DdHhscCvTPAOI-"
MAY = {
    "sent_to": {
        "see_that_it_exists": "DdHhscCvTP", "open": "DdHhscCvTP", "acknowledge": "DdHhscCvT", "note": "DdHhscCvT",
        "ask": "DdHhscCvT", "answer": "DdHhscCvT", "merge": "DdHhscCvT",
        "pass_on": "DdHhscCvT", "close": "DdHhscCvT", "reopen": "DdHhscCvT", "export": "DdHhscCvTP",
        "strike": "DHCT", "hold": "DHCTP", "purge": "DHCT",
    },
    "holds_role_now": {
        "see_that_it_exists": "DdHhscCvT", "open": "DdHhscCvT", "acknowledge": "DdHhscCvT", "note": "DdHhscCvT",
        "ask": "DdHhscCvT", "answer": "DdHhscCvT", "merge": "DdHhscCvT",
        "pass_on": "DdHhscCvT", "close": "DdHhscCvT", "reopen": "DdHhscCvT", "export": "DdHhscCvT",
        "strike": "DHCT", "hold": "DHCT", "purge": "DHCT",
    },
    "sender": {"see_own": EVERYBODY, "amend_own": EVERYBODY},
    "struck": {},
    "none": {"see_that_it_works": "PA", "verify": "PA", "look_after_induction": "HI"},
}  # fmt: skip


@pytest.mark.parametrize(("relation", "letter"), list(product(Relation, EVERYBODY)))
def test_each_role_may_do_in_each_relation_what_the_table_says_and_nothing_else(
    relation: Relation, letter: str
) -> None:
    roles = [] if letter == "-" else [Role(LETTERS[letter])]
    for act in Act:
        assert allowed(act, roles, [relation]) == (letter in MAY[relation].get(act, "")), act


def test_the_table_by_hand_knows_every_role_relation_and_act() -> None:
    assert set(LETTERS.values()) == set(Role)
    assert set(MAY) == set(Relation)
    assert {act for acts in MAY.values() for act in acts} == set(Act)


@pytest.mark.parametrize(("relation", "letter"), list(product(Relation, EVERYBODY)))
def test_whoever_it_is_about_may_do_nothing_whatever_else_they_are(relation: Relation, letter: str) -> None:
    roles = list(Role) if letter == "-" else [Role(LETTERS[letter])]
    assert not any(allowed(act, roles, {relation, Relation.STRUCK}) for act in Act)


def test_a_sender_who_holds_the_role_reads_on_but_does_not_answer_to_themselves() -> None:
    mine = {Relation.SENT_TO, Relation.SENDER}
    refused = {
        act for act in Act if allowed(act, [Role.DSL], [Relation.SENT_TO]) and not allowed(act, [Role.DSL], mine)
    }
    assert refused == {Act.ACKNOWLEDGE, Act.ANSWER, Act.CLOSE, Act.MERGE, Act.PURGE}


def test_without_a_case_and_without_a_role_nothing_is_allowed() -> None:
    assert not any(allowed(act, [], []) for act in Act)
    looking = {Role.INDUCTION_LEAD, Role.HEADTEACHER}
    assert not any(
        allowed(act, set(Role) - {Role.ADMINISTRATOR, Role.DATA_PROTECTION_LEAD} - looking, []) for act in Act
    )


# --------------------------------------------------------------------------------------------------- at the gate

KEY = bytes(range(32))
PEOPLE = directory(
    ("dsl", "dsl"), ("deputy", "deputy_dsl"), ("head", "headteacher"), ("chair", "chair_of_governors"), ("slt", "slt"),
    ("admin", "administrator"), ("privacy", "data_protection_lead"), ("trust", "trust_safeguarding_lead"),
    ("owner", "policy_owner"), ("dsl2", "dsl@elm"), ("both", "dsl@elm"), ("both", "slt"), school_ids=(SCHOOL, "elm"),
)  # fmt: skip
CASE = CaseFacts(SCHOOL, None, frozenset(), (Told("dsl", Role.DSL), Told("deputy", Role.DEPUTY_DSL)))
GATE = Gate(PEOPLE, TODAY, KEY)
EVERY_PERSON = tuple(person.id for person in PEOPLE.persons)


def _readers(case: CaseFacts, gate: Gate = GATE) -> set[str]:
    return {person for person in (*EVERY_PERSON, "teacher") if gate.may(person, Act.OPEN, case)}


def test_only_those_it_was_sent_to_open_a_case() -> None:
    assert _readers(CASE) == {"dsl", "deputy"}
    others = set(EVERY_PERSON) - {"dsl", "deputy"}
    assert not [(person, act) for person in others for act in Act if GATE.may(person, act, CASE)]


def test_the_same_role_at_another_school_opens_nothing() -> None:
    told = (*CASE.told, Told("dsl2", Role.DSL), Told("both", Role.DSL))
    assert _readers(replace(CASE, told=told)) == {"dsl", "deputy"}
    assert _readers(replace(CASE, school="elm", told=told)) == {"dsl2", "both"}


def test_an_administrator_sees_that_the_system_works_and_never_a_case() -> None:
    told = tuple(Told("admin", role) for role in Role)
    assert not [act for act in Act if GATE.may("admin", act, replace(CASE, told=told))]
    assert GATE.may_without_case("admin", Act.VERIFY, SCHOOL)
    assert GATE.may_without_case("admin", Act.SEE_THAT_IT_WORKS, SCHOOL)
    assert not GATE.may_without_case("admin", Act.VERIFY, "elm")
    assert not GATE.may_without_case("dsl", Act.VERIFY, SCHOOL)


def test_whoever_it_is_about_is_out_though_it_was_sent_to_them() -> None:
    struck = replace(CASE, struck=frozenset({person_hash(KEY, "dsl")}), sender="dsl")
    assert not [act for act in Act if GATE.may("dsl", act, struck)]
    assert _readers(struck) == {"deputy"}


def test_whoever_takes_a_role_over_takes_its_cases_over_and_whoever_leaves_it_loses_them() -> None:
    moved = Person("dsl", "dsl", holds=(Holding(SCHOOL, Role.POLICY_OWNER),))
    new = Person("new", "New", holds=(Holding(SCHOOL, Role.DSL),))
    later = Gate(replace(PEOPLE, persons=(moved, new, *PEOPLE.persons[1:])), TODAY, KEY)
    assert _readers(CASE, later) == {"deputy"}
    assert later.may("new", Act.OPEN, CASE)
    assert later.may("new", Act.CLOSE, CASE)
    about_new = replace(CASE, struck=frozenset({person_hash(KEY, "new")}))
    assert not later.may("new", Act.SEE_THAT_IT_EXISTS, about_new)


def test_a_second_holder_of_a_role_does_not_open_what_was_sent_to_the_first() -> None:
    second = Person("second", "Second", holds=(Holding(SCHOOL, Role.DSL),))
    gate = Gate(replace(PEOPLE, persons=(*PEOPLE.persons, second)), TODAY, KEY)
    assert not gate.may("second", Act.OPEN, CASE)


def test_whoever_covers_opens_what_was_sent_to_whom_they_cover_for_meanwhile() -> None:
    cover = Person("cover", "Cover", holds=(Holding(SCHOOL, Role.DSL, begins=TODAY, until=TODAY, covers="dsl"),))
    people = replace(PEOPLE, persons=(*PEOPLE.persons, cover))
    assert Gate(people, TODAY, KEY).may("cover", Act.OPEN, CASE)
    assert not Gate(people, TODAY, KEY).may("dsl", Act.OPEN, CASE)
    tomorrow = Gate(people, TODAY.replace(day=TODAY.day + 1), KEY)
    assert not tomorrow.may("cover", Act.OPEN, CASE)
    assert tomorrow.may("dsl", Act.OPEN, CASE)


def test_a_role_known_from_a_group_opens_only_after_a_fresh_sign_in_has_confirmed_it() -> None:
    gate = Gate(PEOPLE.with_groups([Membership("grp", "Group Member", "deputy_dsl", SCHOOL)]), TODAY, KEY)
    case = replace(CASE, told=(Told("grp", Role.DEPUTY_DSL),))
    assert not gate.may("grp", Act.OPEN, case)
    assert gate.may("grp", Act.OPEN, case, confirmed={Role.DEPUTY_DSL})
    assert not gate.may("grp", Act.OPEN, case, confirmed={Role.DSL})


def test_a_role_beside_the_one_it_was_sent_in_adds_nothing() -> None:
    head_too = Person("slt", "slt", holds=(Holding(SCHOOL, Role.SLT), Holding(SCHOOL, Role.HEADTEACHER)))
    gate = Gate(replace(PEOPLE, persons=(*PEOPLE.persons[:4], head_too, *PEOPLE.persons[5:])), TODAY, KEY)
    case = replace(CASE, told=(Told("slt", Role.SLT),))
    assert gate.may("slt", Act.OPEN, case)
    assert not gate.may("slt", Act.PURGE, case)


def test_a_sender_without_a_role_sees_their_own_words_and_no_more() -> None:
    case = replace(CASE, sender="teacher")
    assert {act for act in Act if GATE.may("teacher", act, case)} == {Act.SEE_OWN, Act.AMEND_OWN}


def test_a_case_is_passed_on_to_those_who_could_open_it_never_to_its_sender_or_whom_it_is_about() -> None:
    case = replace(CASE, sender="slt", struck=frozenset({person_hash(KEY, "head")}))
    receivers = GATE.receivers(case)
    assert {one.person.id for one in receivers} == {"dsl", "deputy", "chair", "both", "privacy", "trust"}
    for one in receivers:
        assert GATE.may(one.person.id, Act.OPEN, replace(case, told=(Told(one.person.id, one.role),)))


# --------------------------------------------------------------------------------------------------- file and page


@pytest.mark.parametrize(
    ("before", "after"), [('"export",', '"exprot",'), ('"anybody"\n', '"everybody"\n'), ("[[never]]", "[[nevr]]")]
)
def test_a_table_with_a_slip_is_refused(tmp_path: Path, before: str, after: str) -> None:
    text = (Path(__file__).parents[2] / "bot" / "cases" / "receiving" / "access.toml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "access.toml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(BadDataFile):
        load_access(path)


def test_the_page_on_access_is_made_from_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")
    assert page == access_page(), "run: python -m bot.cases.receiving.access_page > docs/access.md"
