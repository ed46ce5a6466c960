"""Who may open cases in a role: as they stood at the first start, and whom a headteacher or a DSL confirmed since."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.cases import records
from bot.cases.keys.keystore import KeyStore, open_keys
from bot.cases.people.appointments import (
    HEAD,
    Appointments,
    AppointmentsDamaged,
    NobodyHere,
    NotToConfirm,
    SomebodyCan,
)
from bot.cases.people.directory import Directory
from bot.cases.people.roles import Role
from bot.cases.people.sessions import Proof, Sessions
from bot.cases.receiving.access import opening
from bot.engines import Store
from bot.messages import ConfirmHolder
from bot.testing import FixedClock
from tests.bot.people import SCHOOL, TODAY, directory
from tests.conftest import NOW

HELD = (("dan", "dsl"), ("hal", "headteacher"), ("cat", "chair_of_governors"), ("ada", "administrator"))
AT_FIRST = directory(*HELD)


@pytest.fixture
def keys(new_database: Callable[[str], object], tmp_path: object) -> Iterator[KeyStore]:
    keys = open_keys(new_database("keys"), None, tmp_path / "master.key", is_first_start=True)  # type: ignore[arg-type, operator]
    yield keys
    keys.close()


Start = Callable[[Directory], Appointments]


@pytest.fixture
def start(store: Store, keys: KeyStore, clock: FixedClock) -> Start:
    """Starts Touchstone with a directory."""

    def begun(people: Directory) -> Appointments:
        appointments = Appointments(store, keys, people, opening(), Sessions(store, b"s" * 32, clock), clock)
        appointments.begin()
        return appointments

    return begun


def _with(*more: tuple[str, Role | str]) -> Directory:
    return directory(*HELD, *more)


def _opens(appointments: Appointments, person: str, on: date = TODAY) -> set[Role]:
    return set(appointments.directory.roles_for_access(person, SCHOOL, on))


def _confirm(appointments: Appointments, by: str, holder: str, role: str) -> None:
    appointments.confirm(ConfirmHolder(by, holder, role))


def _until(people: Directory, person: str, until: date | None) -> Directory:
    return replace(
        people,
        persons=tuple(
            replace(one, holds=tuple(replace(held, until=until) for held in one.holds)) if one.id == person else one
            for one in people.persons
        ),
    )


def test_the_roles_that_open_a_case_are_those_of_the_table_of_access() -> None:
    assert Role.ADMINISTRATOR not in opening()
    assert Role.POLICY_OWNER not in opening()
    assert {Role.DSL, Role.HEADTEACHER, Role.DEPUTY_DSL, Role.DATA_PROTECTION_LEAD} <= opening()


def test_who_held_a_role_at_the_first_start_is_taken_as_they_stand(start: Start) -> None:
    appointments = start(AT_FIRST)
    assert appointments.waiting() == ()
    assert _opens(appointments, "dan") == {Role.DSL}
    assert [row.what for row in appointments.account("hal").log] == [
        "cat was chair of governors when the record began", "hal was headteacher when the record began",
        "dan was designated safeguarding lead (DSL) when the record began",
    ]  # fmt: skip


def test_an_administrator_who_adds_himself_to_the_dsls_role_is_told_of_what_comes_and_opens_nothing(
    start: Start,
) -> None:
    start(AT_FIRST)
    appointments = start(_with(("ada", "dsl")))
    assert "ada" in {person.id for person in appointments.directory.holders(Role.DSL, SCHOOL, TODAY)}, "for routing"
    assert Role.DSL not in _opens(appointments, "ada")
    with pytest.raises(NotToConfirm):
        _confirm(appointments, "ada", "ada", "dsl")
    assert Role.DSL not in _opens(appointments, "ada")


@pytest.mark.parametrize("by", ["hal", "dan"])
def test_a_headteacher_or_a_dsl_confirms_and_it_counts_at_once_and_after_a_restart(start: Start, by: str) -> None:
    start(AT_FIRST)
    people = _with(("eve", "deputy_dsl"))
    appointments = start(people)
    assert [one.person.id for one in appointments.waiting()] == ["eve"]
    assert [one.name for one in appointments.account(by).to_confirm] == ["eve"]
    _confirm(appointments, by, "eve", "deputy_dsl")
    assert _opens(appointments, "eve") == {Role.DEPUTY_DSL}
    assert _opens(start(people), "eve") == {Role.DEPUTY_DSL}
    assert appointments.account(by).log[0].who.startswith(by)


@pytest.mark.parametrize("by", ["cat", "ada", "eve"])
def test_nobody_else_confirms_while_one_of_them_is_there(start: Start, by: str) -> None:
    start(AT_FIRST)
    appointments = start(_with(("eve", "deputy_dsl")))
    assert appointments.account(by).to_confirm == ()
    with pytest.raises(NotToConfirm):
        _confirm(appointments, by, "eve", "deputy_dsl")
    assert _opens(appointments, "eve") == set()


def test_two_newcomers_cannot_confirm_each_other(start: Start) -> None:
    start(AT_FIRST)
    appointments = start(_with(("eve", "dsl"), ("fay", "headteacher")))
    for by, holder, role in (("eve", "fay", "headteacher"), ("fay", "eve", "dsl")):
        with pytest.raises(NotToConfirm):
            _confirm(appointments, by, holder, role)


def test_who_is_away_does_not_confirm_and_who_covers_does(start: Start) -> None:
    people = _with(("sue", "slt"))
    covering = replace(
        people,
        persons=tuple(
            replace(one, holds=(replace(one.holds[0], role=Role.HEADTEACHER, covers="hal"),))
            if one.id == "sue"
            else one
            for one in people.persons
        ),
    )
    start(covering)
    newcomer = directory(("eve", "deputy_dsl")).persons
    appointments = start(replace(covering, persons=(*covering.persons, *newcomer)))
    with pytest.raises(NotToConfirm):
        _confirm(appointments, "hal", "eve", "deputy_dsl")
    _confirm(appointments, "sue", "eve", "deputy_dsl")
    assert _opens(appointments, "eve") == {Role.DEPUTY_DSL}


def test_where_nobody_else_is_left_the_chair_or_the_trusts_lead_confirms(start: Start) -> None:
    start(AT_FIRST)
    appointments = start(directory(("eve", "dsl"), ("fay", "headteacher"), ("cat", "chair_of_governors")))
    assert {row.name for row in appointments.account("cat").to_confirm} == {"eve", "fay"}
    _confirm(appointments, "cat", "eve", "dsl")
    assert _opens(appointments, "eve") == {Role.DSL}
    with pytest.raises(NotToConfirm):
        _confirm(appointments, "cat", "fay", "headteacher")
    _confirm(appointments, "eve", "fay", "headteacher")


def test_at_the_machine_it_is_confirmed_only_where_nobody_is_left_and_it_is_recorded(start: Start) -> None:
    start(AT_FIRST)
    with pytest.raises(SomebodyCan):
        start(_with(("eve", "dsl"))).confirm_here("eve", "dsl")
    appointments = start(directory(("eve", "dsl"), ("fay", "headteacher"), ("gil", "chair_of_governors")))
    assert appointments.account("eve").confirmers == ()
    appointments.confirm_here("eve", "dsl")
    assert _opens(appointments, "eve") == {Role.DSL}
    assert "at the machine" in appointments.account("eve").log[0].what
    with pytest.raises(SomebodyCan):
        appointments.confirm_here("fay", "headteacher")
    with pytest.raises(NotToConfirm):
        appointments.confirm_here("nobody", "dsl")


def test_who_left_and_comes_back_is_confirmed_again(start: Start) -> None:
    start(AT_FIRST)
    start(directory(("hal", "headteacher"), ("cat", "chair_of_governors")))
    appointments = start(AT_FIRST)
    assert _opens(appointments, "dan") == set()
    assert [one.person.id for one in appointments.waiting()] == ["dan"]


def test_a_last_day_that_is_put_off_is_confirmed_again_and_one_that_is_brought_forward_is_not(start: Start) -> None:
    start(_until(AT_FIRST, "dan", date(2026, 12, 18)))
    assert _opens(start(_until(AT_FIRST, "dan", date(2026, 12, 11))), "dan") == {Role.DSL}
    assert _opens(start(_until(AT_FIRST, "dan", date(2027, 7, 1))), "dan") == set()
    assert _opens(start(_until(AT_FIRST, "dan", None)), "dan") == set()


def test_who_begins_later_waits_from_that_day(start: Start, clock: FixedClock) -> None:
    later = directory(("eve", "deputy_dsl")).persons[0]
    later = replace(later, holds=(replace(later.holds[0], begins=date(2027, 1, 4)),))
    people = replace(AT_FIRST, persons=(*AT_FIRST.persons, later))
    appointments = start(people)
    assert appointments.waiting() == ()
    clock.go_on(timedelta(days=60))
    assert [one.person.id for one in appointments.waiting()] == ["eve"]
    assert _opens(appointments, "eve", date(2027, 1, 21)) == set()


def test_the_invented_people_of_the_demonstration_need_nobody_and_are_not_recorded(start: Start, store: Store) -> None:
    appointments = start(replace(AT_FIRST, is_demonstration=True))
    assert _opens(appointments, "dan") == {Role.DSL}
    with store.reading() as connection:
        assert connection.execute(select(records.appointments)).all() == []
    assert _opens(start(AT_FIRST), "dan") == {Role.DSL}, "the first start with real people"


def test_a_confirmation_ends_the_sessions_of_whoever_was_confirmed(
    start: Start, store: Store, clock: FixedClock
) -> None:
    start(AT_FIRST)
    appointments, sessions = start(_with(("eve", "deputy_dsl"))), Sessions(store, b"s" * 32, clock)
    for person in ("eve", "hal"):
        sessions.begin(Proof(person, "link", NOW))
    _confirm(appointments, "hal", "eve", "deputy_dsl")
    assert (len(sessions.of("eve")), len(sessions.of("hal"))) == (0, 1)


def test_another_process_knows_of_a_confirmation_within_seconds(start: Start, clock: FixedClock) -> None:
    start(AT_FIRST)
    people = _with(("eve", "deputy_dsl"))
    one, other = start(people), start(people)
    assert _opens(other, "eve") == set()
    _confirm(one, "hal", "eve", "deputy_dsl")
    clock.go_on(timedelta(seconds=5))
    assert _opens(other, "eve") == {Role.DEPUTY_DSL}


def test_who_is_in_no_directory_has_no_account(start: Start) -> None:
    with pytest.raises(NobodyHere):
        start(AT_FIRST).account("nobody")


# ---------------------------------------------------------------------------------------------- tampering


@contextmanager
def _tampered(store: Store, *statements: object) -> Iterator[None]:
    with store.writing() as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]
        connection.commit()
    yield


ROWS = records.appointments


@pytest.mark.parametrize(
    "statement",
    [
        update(ROWS).where(ROWS.c.number == 1).values(person="ada"),
        update(ROWS).where(ROWS.c.number == 1).values(until="2099-01-01"),
        update(ROWS).where(ROWS.c.number == 2).values(by_person="cat", by_role="dsl"),
        delete(ROWS).where(ROWS.c.number == 1),
        delete(ROWS).where(ROWS.c.number == 3),
        delete(ROWS),
        ROWS.insert().values(
            number=4, at=NOW, event="confirmed", person="ada", role="dsl", school=SCHOOL, mac=bytes(32)
        ),
    ],
)  # fmt: skip
def test_whoever_may_write_in_the_records_appoints_nobody(start: Start, store: Store, statement: object) -> None:
    start(AT_FIRST)
    with _tampered(store, statement):
        appointments = start(_with(("ada", "dsl")))
    assert [_opens(appointments, person) & opening() for person in ("ada", "dan", "hal")] == [set(), set(), set()]
    with pytest.raises((NotToConfirm, AppointmentsDamaged)):
        _confirm(appointments, "hal", "ada", "dsl")


def test_the_record_is_remembered_by_the_key_store(start: Start, keys: KeyStore) -> None:
    start(AT_FIRST)
    head = keys.head(HEAD)
    assert head is not None
    assert head.number == 3
