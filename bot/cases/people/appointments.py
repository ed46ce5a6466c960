"""Who may open cases in a role: those who held it at the first start, and whom somebody confirmed since."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import structlog
from sqlalchemy import Connection, insert, select

from bot.cases import records
from bot.cases.keys.keystore import Head, KeyStore
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import TRUST, Holding, Person, Role
from bot.cases.people.sessions import Sessions
from bot.engines import Store
from bot.messages import AccountView, ChronologyRow, ConfirmHolder, ToConfirm
from bot.ports import Clock
from bot.wording import say
from knowledge.errors import TouchstoneError

CONFIRM = (Role.HEADTEACHER, Role.DSL)
"""Who confirms a new holder of a role: an administrator, who writes the directory, cannot appoint himself."""

CONFIRM_INSTEAD = (Role.TRUST_SAFEGUARDING_LEAD, Role.CHAIR_OF_GOVERNORS)
"""Who does where nobody else holds one of those roles."""

STOOD, CONFIRMED, HERE, ENDED = "stood", "confirmed", "confirmed_here", "ended"
"""What a row says: held at the first start; confirmed by somebody; confirmed at the machine; held no longer."""

HEAD = "appointments"
"""Under what name the key store remembers the newest row."""

_START = bytes(32)
_REMEMBERED = timedelta(seconds=5)
"""How old what was read of the rows may be: by then a confirmation counts in every other process."""

_log = structlog.get_logger()

_Key = tuple[str, str, str]
"""Person, role, school."""


class AppointmentsDamaged(TouchstoneError):
    """The record of who may open cases was changed or cut off: nobody opens any until it is back from a backup."""


class NobodyHere(TouchstoneError):
    """Whoever is signed in is not in the directory any more."""


class NotToConfirm(TouchstoneError):
    """There is nobody whom this person could confirm in that role."""


class SomebodyCan(TouchstoneError):
    """Somebody in the directory can confirm this, on their account page; at the machine it is for when nobody can."""


@dataclass(frozen=True, slots=True)
class Appointed:
    """Somebody in a role, by one line of the directory."""

    person: Person
    holding: Holding

    @property
    def key(self) -> _Key:
        """What a row of the record is about."""
        return (self.person.id, self.holding.role.value, self.holding.school)


@dataclass(frozen=True, slots=True)
class _Row:
    at: datetime
    event: str
    key: _Key
    until: str | None
    by: tuple[str, str] | None = None


class Appointments:
    """Keeps the record, and answers whether somebody's role opens cases yet.

    Whoever the directory names for a role is told of what comes (routing); a case stays shut to them until the record
    says that they stood there at the first start, or were confirmed. A confirmation is for as long as the directory
    said then: who prolongs somebody's last day later has it confirmed again, and so does whoever takes a line out and
    puts it back. The people of the demonstration are invented and need none.

    The rows are chained (HMAC, as a chronology), and the key store remembers the newest: one that was changed, put in
    or cut off is found, and then nobody's role opens anything.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (each a part that it needs)
        self,
        store: Store,
        keys: KeyStore,
        directory: Directory,
        roles: frozenset[Role],
        sessions: Sessions,
        clock: Clock,
    ) -> None:
        """Reads nothing yet.

        Args:
            store: the records.
            keys: for the chain.
            directory: who is named for which role.
            roles: those that open cases.
            sessions: those of somebody who is confirmed end, so that their next begins with what they may now.
            clock: what time it is.
        """
        self._store, self._keys, self._sessions, self._clock = store, keys, sessions, clock
        self._roles = roles
        self._read: tuple[datetime, Mapping[_Key, str | None]] | None = None
        is_real = not directory.is_demonstration
        self.directory = replace(directory, appointed=self.opens) if is_real else directory

    # ------------------------------------------------------------------------------------------ who may open

    def opens(self, person_id: str, holding: Holding) -> bool:
        """Whether a person may open cases by this line of the directory."""
        key = (person_id, holding.role.value, holding.school)
        return holding.role not in self._roles or _covers(self._state(), key, holding)

    def waiting(self) -> tuple[Appointed, ...]:
        """Who is named for a role that opens cases, today, and not confirmed yet."""
        state = self._state()
        return tuple(one for one in self._named() if not _covers(state, one.key, one.holding))

    def confirmers(self, one: Appointed) -> tuple[tuple[Person, Role], ...]:
        """Who may confirm somebody, and in which role: never they themselves; none where nobody is left."""
        for roles in (CONFIRM, CONFIRM_INSTEAD):
            found = tuple(
                (person, role)
                for person in self.directory.persons
                if person.id != one.person.id
                for role in roles
                if role in self._held(person.id, one.holding.school)
            )
            if found:
                return found
        return ()

    # ------------------------------------------------------------------------------------------ what changes it

    def begin(self) -> None:
        """To be called at each start: takes who holds a role as they stand, the first time; else notes who left.

        What is wrong with the record is logged and keeps nobody from reporting.
        """
        if self.directory.is_demonstration:
            return
        now = self._clock.now()
        named = {one.key: one for one in self._named()}
        with self._store.writing() as connection:
            try:
                state, end = _checked(connection, self._keys)
            except AppointmentsDamaged:
                _log.error("who may open cases: the record is damaged, nobody can")
                return
            if end.number == 0:
                rows = [_Row(now, STOOD, key, _last_day(one.holding)) for key, one in named.items()]
            else:
                rows = [_Row(now, ENDED, key, until) for key, until in state.items() if key not in named]
            newest = self._append(connection, end, rows)
            connection.commit()
        self._remember(newest)

    def confirm(self, wanted: ConfirmHolder) -> AccountView:
        """Confirms somebody in a role, by the word of whoever is signed in.

        Raises:
            NobodyHere: they are not in the directory.
            NotToConfirm: they may not, or there is nothing to confirm.
            AppointmentsDamaged: the record cannot be trusted.
        """
        self._person(wanted.signed_in)
        for one in self.waiting():
            if (one.person.id, one.holding.role) == (wanted.holder, wanted.role):
                by = next((role for person, role in self.confirmers(one) if person.id == wanted.signed_in), None)
                if by is not None:
                    self._confirm(one, CONFIRMED, (wanted.signed_in, by.value))
                    return self.account(wanted.signed_in)
        raise NotToConfirm

    def confirm_here(self, person_id: str, role: str) -> Appointed:
        """Confirms somebody at the machine, where nobody else is left who could.

        Raises:
            NotToConfirm: there is nothing to confirm.
            SomebodyCan: somebody else could.
            AppointmentsDamaged: the record cannot be trusted.
        """
        one = next((one for one in self.waiting() if (one.person.id, one.holding.role) == (person_id, role)), None)
        if one is None:
            raise NotToConfirm(f"{person_id}, {role}")
        if found := self.confirmers(one):
            raise SomebodyCan(", ".join(person.name for person, _ in found))
        self._confirm(one, HERE, None)
        return one

    def _confirm(self, one: Appointed, event: str, by: tuple[str, str] | None) -> None:
        with self._store.writing() as connection:
            _, end = _checked(connection, self._keys)
            row = _Row(self._clock.now(), event, one.key, _last_day(one.holding), by)
            newest = self._append(connection, end, [row])
            self._sessions.end_in(connection, one.person.id)
            connection.commit()
        self._remember(newest)

    # ------------------------------------------------------------------------------------------ what is shown

    def account(self, person_id: str) -> AccountView:
        """Who somebody is here: their roles, those that wait to be confirmed, and whom they may confirm.

        Raises:
            NobodyHere: they are not in the directory.
        """
        person = self._person(person_id)
        waiting = self.waiting()
        mine = [one for one in waiting if one.person.id == person_id]
        theirs = [one for one in waiting if person_id in {who.id for who, _ in self.confirmers(one)}]
        held = [role for role in Role if role in self._held(person_id, TRUST)]
        confirmers = {f"{who.name}, {say(f'role.{role}')}" for one in mine for who, role in self.confirmers(one)}
        return AccountView(
            name=person.name,
            roles=tuple(say(f"role.{role}") for role in held),
            waiting=tuple(say(f"role.{one.holding.role}") for one in mine),
            confirmers=tuple(sorted(confirmers)),
            to_confirm=tuple(
                ToConfirm(one.person.id, one.person.name, one.holding.role, say(f"role.{one.holding.role}"))
                for one in theirs
            ),
            log=self._log_rows() if set(held) & {*CONFIRM, *CONFIRM_INSTEAD} else (),
        )

    def _log_rows(self) -> tuple[ChronologyRow, ...]:
        """All that the record says, in words, the newest first."""
        table = records.appointments
        with self._store.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.number.desc())).all()
        return tuple(
            ChronologyRow(
                row.at,
                say(f"appointment.{row.event}", name=self._name(row.person), role=say(f"role.{row.role}")),
                say("event.who", name=self._name(row.by_person), role=say(f"role.{row.by_role}"))
                if row.by_person
                else "",
            )
            for row in rows
        )

    def _name(self, person_id: str) -> str:
        person = self.directory.find(person_id)
        return person.name if person else person_id

    # ---------------------------------------------------------------------------------------------------

    def _person(self, person_id: str) -> Person:
        person = self.directory.find(person_id)
        if person is None:
            raise NobodyHere
        return person

    def _held(self, person_id: str, school: str) -> frozenset[Role]:
        """The roles in which somebody may act today at a school; for the trust, at any school."""
        schools = [one.id for one in self.directory.schools] if school == TRUST else [school]
        return frozenset(
            role for at in schools for role in self.directory.roles_for_access(person_id, at, self._today())
        )

    def _named(self) -> Iterator[Appointed]:
        if self.directory.is_demonstration:
            return
        for person in self.directory.persons:
            for holding in person.holds:
                if holding.role in self._roles and holding.is_held(self._today()):
                    yield Appointed(person, holding)

    def _today(self) -> date:
        return day_at_school(self._clock.now())

    def _state(self) -> Mapping[_Key, str | None]:
        """Who was confirmed and has not left, with the last day for which that was said."""
        now = self._clock.now()
        if self._read is None or not timedelta(0) <= now - self._read[0] < _REMEMBERED:
            with self._store.reading() as connection:
                try:
                    state, _ = _checked(connection, self._keys)
                except AppointmentsDamaged:
                    _log.error("who may open cases: the record is damaged, nobody can")
                    state = {}
            self._read = (now, state)
        return self._read[1]

    def _append(self, connection: Connection, end: Head, rows: "list[_Row]") -> Head:
        for row in rows:
            number = end.number + 1
            mac = _link(self._keys, number, row, end.mac)
            person, role, school = row.key
            by_person, by_role = row.by or (None, None)
            connection.execute(
                insert(records.appointments).values(
                    number=number, at=row.at, event=row.event, person=person, role=role, school=school,
                    until=row.until, by_person=by_person, by_role=by_role, mac=mac,
                )
            )  # fmt: skip
            end = Head(number, mac)
        return end

    def _remember(self, newest: Head) -> None:
        self._read = None
        if newest.number:
            self._keys.remember_head(newest.number, newest.mac, HEAD)


def check_appointments(connection: Connection, keys: KeyStore, remembered: Head | None) -> int:
    """How many rows the record has.

    Args:
        connection: to the records.
        keys: for the chain.
        remembered: what the key store remembered before the records were first looked at: it lags, and never leads.

    Raises:
        AppointmentsDamaged: it was changed or cut off.
    """
    return _walked(connection, keys, remembered)[1].number


def end_of_record(connection: Connection) -> Head | None:
    """The newest row, as it stands there; None without any. For a restore, which goes back on purpose."""
    table = records.appointments
    row = connection.execute(select(table.c.number, table.c.mac).order_by(table.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else Head(row.number, row.mac)


def _checked(connection: Connection, keys: KeyStore) -> tuple[dict[_Key, str | None], Head]:
    """Who is confirmed, and the newest row, of a record that is whole; the connection must not have read anything yet.

    Or it holds the write lock: what the key store remembers is of rows that were committed before.

    Raises:
        AppointmentsDamaged: it is not whole.
    """
    return _walked(connection, keys, keys.head(HEAD))


def _walked(connection: Connection, keys: KeyStore, remembered: Head | None) -> tuple[dict[_Key, str | None], Head]:
    end, state, is_there = Head(0, _START), dict[_Key, str | None](), remembered is None
    for row in connection.execute(select(records.appointments).order_by(records.appointments.c.number)):
        by = (row.by_person, row.by_role) if row.by_person else None
        said = _Row(row.at, row.event, (row.person, row.role, row.school), row.until, by)
        if row.number != end.number + 1 or not hmac.compare_digest(row.mac, _link(keys, row.number, said, end.mac)):
            raise AppointmentsDamaged
        end = Head(row.number, row.mac)
        is_there = is_there or end == remembered
        if row.event == ENDED:
            state.pop((row.person, row.role, row.school), None)
        else:
            state[row.person, row.role, row.school] = row.until
    if not is_there:
        raise AppointmentsDamaged
    return state, end


def _link(keys: KeyStore, number: int, row: _Row, before: bytes) -> bytes:
    """The mac of a row: over the one before it and all that the row says (HMAC-SHA256, RFC 2104)."""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = json.dumps([number, at, row.event, *row.key, row.until, row.by], separators=(",", ":"))
    return hmac.new(keys.derive(HEAD), before + said.encode(), hashlib.sha256).digest()


def _covers(state: Mapping[_Key, str | None], key: _Key, holding: Holding) -> bool:
    """Whether a confirmation is for as long as the directory says now."""
    if key not in state:
        return False
    until = state[key]
    return until is None or (holding.until is not None and holding.until.isoformat() <= until)


def _last_day(holding: Holding) -> str | None:
    return holding.until.isoformat() if holding.until else None
