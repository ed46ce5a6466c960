"""The directory: what its file may say, who holds a role on which day, and what groups add."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.cases.people.directory import (
    DEMONSTRATION,
    BadMembership,
    Directory,
    NoSuchSchool,
    day_at_school,
    load_directory,
)
from bot.cases.people.roles import TRUST, Holding, Person, Role, Source, Vacancy
from bot.ports import Membership
from knowledge.datafile import BadDataFile
from tests.bot.people import SCHOOL, TODAY, directory

DAY = timedelta(days=1)
SMALLEST = """\
[[school]]
id = "oak"
name = "Oak Primary"
office = "01632 960200"
social_care = { name = "Council", telephone = "01632 960210", out_of_hours = "01632 960211" }
lado = { name = "LADO", telephone = "01632 960212" }

[[person]]
id = "ann"
name = "Ann Archer"
mail = "ann@oak.example"
[[person.holds]]
school = "oak"
role = "dsl"

[[person]]
id = "bob"
name = "Bob Baker"
[[person.holds]]
school = "oak"
role = "headteacher"

[[person]]
id = "cat"
name = "Cat Cole"
[[person.holds]]
school = "oak"
role = "chair_of_governors"
"""
SECOND_SCHOOL = """
[[school]]
id = "elm"
name = "Elm Primary"
office = "01632 960300"
social_care = { name = "Council", telephone = "01632 960210", out_of_hours = "01632 960211" }
lado = { name = "LADO", telephone = "01632 960212" }

[[person]]
id = "dan"
name = "Dan Dale"
holds = [{ school = "elm", role = "dsl" }]
[[person]]
id = "eve"
name = "Eve East"
holds = [{ school = "elm", role = "headteacher" }]
[[person]]
id = "fay"
name = "Fay Ford"
holds = [{ school = "elm", role = "chair_of_governors" }]
"""
COVER = """
[[person]]
id = "gus"
name = "Gus Green"
[[person.holds]]
school = "oak"
role = "headteacher"
from = 2026-11-16
until = 2026-11-27
covers = "bob"
"""


def _loaded(tmp_path: Path, text: str) -> Directory:
    path = tmp_path / "directory.toml"
    path.write_text(text, encoding="utf-8")
    return load_directory(path)


def _ids(persons: tuple[Person, ...]) -> list[str]:
    return [person.id for person in persons]


def test_the_smallest_directory_of_one_school_is_accepted_and_nothing_is_vacant(tmp_path: Path) -> None:
    found = _loaded(tmp_path, SMALLEST)
    assert found.vacancies(TODAY) == ()
    assert not found.is_demonstration
    assert found.school("oak").lado.telephone == "01632 960212"
    with pytest.raises(NoSuchSchool):
        found.school("elm")


@pytest.mark.parametrize(
    ("before", "after", "at", "word"),
    [
        ('name = "Ann Archer"', 'name = "Ann Archer"\nnmae = "x"', 'nmae = "x"', "unknown key 'person.0.nmae'"),
        ('role = "dsl"', 'role = "caretaker"', 'role = "caretaker"', "person.0.holds.0.role"),
        ('role = "dsl"', "role = 3", "role = 3", "person.0.holds.0.role"),
        ('id = "bob"', 'id = "ann"', 'id = "ann"\nname = "Bob', "the id 'ann' is given twice"),
        ('id = "bob"', 'id = "Ann"', 'id = "Ann"\nname = "Bob', "the id 'ann' is given twice"),
        ('id = "bob"', 'id = "bob baker"', 'id = "bob baker"', "'bob baker' is no id"),
        ('name = "Bob Baker"', 'name = "Bob"\nmail = "ANN@oak.example"', 'mail = "ANN', "the mail 'ann@oak.example'"),
        ('name = "Bob Baker"', 'name = " "', 'name = " "', "'name' is empty"),
        ('school = "oak"\nrole = "dsl"', 'school = "elm"\nrole = "dsl"', 'school = "elm"', "there is no school 'elm'"),
        ('school = "oak"\nrole = "dsl"', 'school = "trust"\nrole = "dsl"', 'school = "trust"', "is held at a school"),
        ('role = "dsl"', 'role = "dsl"\nsource = "group"', "source =", "'source' is not written in a file"),
        ('role = "dsl"', 'role = "dsl"\nfrom = 2026-05-02\nuntil = 2026-05-01', "until", "would end before it begins"),
        ('role = "dsl"', 'role = "dsl"\n[[person.holds]]\nschool = "oak"\nrole = "dsl"', 'role = "dsl"\n\n', "twice"),
        ('role = "dsl"', 'role = "headteacher"', 'id = "oak"', "nobody holds the role 'dsl' at 'oak'"),
        ('id = "oak"', 'id = "trust"', 'id = "trust"', "stands for all schools"),
        (', out_of_hours = "01632 960211"', "", "social_care", "no number out of hours"),
        ('name = "LADO", telephone = "01632 960212"', 'name = "LADO", telephone = ""', "lado", "it is the last resort"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_what_to_do(
    tmp_path: Path, before: str, after: str, at: str, word: str
) -> None:
    assert before in SMALLEST
    text = SMALLEST.replace(before, after, 1)
    with pytest.raises(BadDataFile, match=re.escape(word)) as error:
        _loaded(tmp_path, text)
    assert error.value.line == text[: text.index(at)].count("\n") + 1
    assert str(tmp_path / "directory.toml") in str(error.value)


@pytest.mark.parametrize("role", ["chair_of_governors", "vice_chair"])
def test_no_headteacher_receives_what_is_about_the_headteacher(tmp_path: Path, role: str) -> None:
    text = SMALLEST.replace(
        'role = "headteacher"', f'role = "headteacher"\n[[person.holds]]\nschool = "oak"\nrole = "{role}"', 1
    )
    with pytest.raises(BadDataFile, match="would receive reports about themselves"):
        _loaded(tmp_path, text)


def test_a_headteacher_may_have_been_chair_before(tmp_path: Path) -> None:
    both = 'role = "headteacher"\nfrom = 2026-09-01\n[[person.holds]]\nschool = "oak"\nrole = "vice_chair"\n'
    assert _loaded(tmp_path, SMALLEST.replace('role = "headteacher"', both + "until = 2026-08-31", 1))
    with pytest.raises(BadDataFile, match="would receive reports about themselves"):
        _loaded(tmp_path, SMALLEST.replace('role = "headteacher"', both + "until = 2026-09-01", 1))


def test_several_schools_need_a_trust_safeguarding_lead(tmp_path: Path) -> None:
    lead = (
        '\n[[person]]\nid = "gil"\nname = "Gil Gray"\nholds = [{ school = "trust", role = "trust_safeguarding_lead" }]'
    )
    with pytest.raises(BadDataFile, match="nobody holds the role 'trust_safeguarding_lead' for all schools"):
        _loaded(tmp_path, SMALLEST + SECOND_SCHOOL)
    found = _loaded(tmp_path, SMALLEST + SECOND_SCHOOL + lead)
    for one in ("oak", "elm"):
        assert _ids(found.holders(Role.TRUST_SAFEGUARDING_LEAD, one, TODAY)) == ["gil"]
    assert _ids(found.holders(Role.DSL, "elm", TODAY)) == ["dan"]
    assert found.roles("dan", "oak", TODAY) == ()


def test_a_role_is_held_from_its_first_day_to_its_last_and_what_is_vacant_is_named() -> None:
    short = Holding(SCHOOL, Role.DSL, begins=TODAY, until=TODAY + DAY)
    people = directory(("bob", "headteacher"), ("cat", "chair_of_governors"))
    people = replace(people, persons=(*people.persons, Person("ann", "Ann", holds=(short,))))
    held = [bool(people.holders(Role.DSL, SCHOOL, TODAY + n * DAY)) for n in (-1, 0, 1, 2)]
    assert held == [False, True, True, False]
    assert people.vacancies(TODAY + 2 * DAY) == (Vacancy(TODAY + 2 * DAY, SCHOOL, Role.DSL),)
    assert people.days_of_change(TODAY, TODAY + 30 * DAY) == (TODAY + 2 * DAY,)


def test_a_directory_whose_dsl_has_left_still_loads_for_a_report_must_be_possible_that_morning(tmp_path: Path) -> None:
    found = _loaded(tmp_path, SMALLEST.replace('role = "dsl"', 'role = "dsl"\nuntil = 2026-11-01', 1))
    assert [(one.school, one.role) for one in found.vacancies(TODAY)] == [("oak", Role.DSL)]


def test_whoever_covers_holds_the_role_and_whoever_is_away_does_not(tmp_path: Path) -> None:
    found = _loaded(tmp_path, SMALLEST + COVER)
    days = [date(2026, 11, 15), date(2026, 11, 16), date(2026, 11, 27), date(2026, 11, 28)]
    holders = [_ids(found.holders(Role.HEADTEACHER, "oak", day)) for day in days]
    assert holders == [["bob"], ["gus"], ["gus"], ["bob"]]
    assert [_ids(found.covered(Role.HEADTEACHER, "oak", day)) for day in days] == [[], ["bob"], ["bob"], []]
    assert found.roles("bob", "oak", TODAY) == ()
    assert found.roles_for_access("bob", "oak", TODAY) == ()


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ('covers = "bob"', 'covers = "ann"', "does not hold 'headteacher' there"),
        ('covers = "bob"', 'covers = "gus"', "does not hold 'headteacher' there"),
        ("until = 2026-11-27\n", "", "a cover has a first and a last day"),
    ],
)
def test_a_cover_that_covers_for_nobody_or_without_end_is_refused(
    tmp_path: Path, before: str, after: str, word: str
) -> None:
    with pytest.raises(BadDataFile, match=word):
        _loaded(tmp_path, SMALLEST + COVER.replace(before, after))


def test_covers_do_not_form_a_ring_that_would_leave_nobody(tmp_path: Path) -> None:
    ring = SMALLEST.replace(
        'role = "headteacher"', 'role = "headteacher"\nfrom = 2026-11-01\nuntil = 2026-12-01\ncovers = "gus"', 1
    )
    with pytest.raises(BadDataFile, match="covers for somebody already"):
        _loaded(tmp_path, ring + COVER)


def test_the_first_in_order_stands_first_then_the_order_of_the_file() -> None:
    people = directory(("ann", "deputy_dsl"), ("bob", "deputy_dsl"), ("cat", "deputy_dsl"))
    later = replace(people.persons[0], holds=(replace(people.persons[0].holds[0], order=2),))
    people = replace(people, persons=(later, *people.persons[1:]))
    assert _ids(people.holders(Role.DEPUTY_DSL, SCHOOL, TODAY)) == ["bob", "cat", "ann"]


def test_a_day_at_school_is_not_a_day_in_utc() -> None:
    assert day_at_school(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 7, 1)
    assert day_at_school(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)) == date(2026, 11, 30)


# ------------------------------------------------------------------------------------------------- groups


def test_a_group_adds_holders_and_knows_people_by_any_of_their_ids(tmp_path: Path) -> None:
    found = _loaded(tmp_path, SMALLEST).with_groups(
        [
            Membership("7f3a", "Ann Archer", "deputy_dsl", "oak", mail="Ann@oak.example"),
            Membership("9b1c", "Hal Hill", "deputy_dsl", "oak", teams="9b1c"),
            Membership("9b1c", "Hal Hill", "administrator", TRUST, teams="9b1c"),
        ]
    )
    assert _ids(found.holders(Role.DEPUTY_DSL, "oak", TODAY)) == ["ann", "9b1c"]
    assert found.roles("9b1c", "oak", TODAY) == (Role.DEPUTY_DSL, Role.ADMINISTRATOR)
    assert [held.source for held in found.persons[0].holds] == [Source.FILE, Source.GROUP]


def test_what_a_group_said_earlier_routes_a_report_but_opens_nothing(tmp_path: Path) -> None:
    found = _loaded(tmp_path, SMALLEST).with_groups([Membership("ann", "Ann", "headteacher", "oak")])
    assert found.roles("ann", "oak", TODAY) == (Role.DSL, Role.HEADTEACHER)
    assert found.roles_for_access("ann", "oak", TODAY) == (Role.DSL,)
    assert found.roles_for_access("ann", "oak", TODAY, confirmed={Role.HEADTEACHER}) == (Role.DSL, Role.HEADTEACHER)
    assert found.roles_for_access("ann", "oak", TODAY, confirmed=set(Role)) == (Role.DSL, Role.HEADTEACHER)


def test_the_days_that_the_file_gives_are_not_stretched_by_a_group(tmp_path: Path) -> None:
    found = _loaded(tmp_path, SMALLEST.replace('role = "dsl"', 'role = "dsl"\nuntil = 2026-11-01', 1))
    assert found.with_groups([Membership("ann", "Ann", "dsl", "oak")]).roles("ann", "oak", TODAY) == ()


@pytest.mark.parametrize(
    "member",
    [
        Membership("bob", "Bob", "vice_chair", "oak"),
        Membership("bob", "Bob", "king", "oak"),
        Membership("bob", "Bob", "slt", "elm"),
        Membership("bob", "Bob", "dsl", TRUST),
    ],
)
def test_a_group_that_would_mix_roles_up_is_refused(tmp_path: Path, member: Membership) -> None:
    with pytest.raises(BadMembership):
        _loaded(tmp_path, SMALLEST).with_groups([member])


# ------------------------------------------------------------------------------------------ demonstration


def test_the_demonstration_directory_says_that_its_people_are_invented_and_fills_every_role() -> None:
    found = load_directory(DEMONSTRATION)
    assert found.is_demonstration
    assert all(person.name.startswith("Demonstration ") for person in found.persons)
    assert all(found.holders(role, "demo-school", TODAY) for role in Role)
    assert len(found.holders(Role.DEPUTY_DSL, "demo-school", TODAY)) == 2
    telephones = [person.telephone for person in found.persons if person.telephone] + [found.schools[0].office]
    assert all(re.fullmatch(r"01632 960\d{3}", number) for number in telephones)  # Ofcom: numbers for drama
