"""Standing: what a sender sees of their report (received, seen, closed, whom to ring), and what they were told."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from bot.cases import records
from bot.cases.forms.model import Form
from bot.cases.people.conflicts import person_hash
from bot.cases.people.contacts import DirectoryContacts
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import Role
from bot.cases.receiving.access import Act, CaseFacts, Gate, Relation, allowed
from bot.cases.reference import ALPHABET
from bot.cases.reports.drafts import OPEN, PERSON, Drafts, code_owner
from bot.cases.routes.routing import Told
from bot.engines import Store
from bot.messages import NoticeRow, OpenStanding, StandingRow, StandingView
from bot.ports import Clock, Contact, Telling
from bot.wording import say
from knowledge.errors import TouchstoneError

_SIGNS = 12
_GROUP = 4
_SHOWN_FOR = timedelta(days=60)


class NoSuchReport(TouchstoneError):
    """There is no report under this code; whether there is one at all is not said."""


def status_code(key: bytes, fingerprint: str) -> str:
    """The code of a report, such as ``7KQ4-2M9X-PDH3``: the same each time that the same report is sent.

    It is made of the submission's fingerprint under a key of its own (HMAC-SHA256), so that it is stored nowhere and a
    receipt that is shown again has it again. Twelve signs of 31 are 59 bits, as those of drafts.

    Args:
        key: 32 bytes, ``keys.derive("codes")``.
        fingerprint: of the submission.
    """
    number = int.from_bytes(hmac.new(key, fingerprint.encode(), hashlib.sha256).digest(), "big")
    signs = ""
    for _ in range(_SIGNS):
        number, sign = divmod(number, len(ALPHABET))
        signs += ALPHABET[sign]
    return "-".join(signs[at : at + _GROUP] for at in range(0, _SIGNS, _GROUP))


def status_hash(key: bytes, typed: str) -> str:
    """By what a report is found with its code, however that was typed; empty for what is no code."""
    code = code_owner(typed)
    return hmac.new(key, f"standing:{code}".encode(), hashlib.sha256).hexdigest() if code else ""


def where_it_goes_on(connection: Connection, case: Row[Any]) -> Row[Any]:
    """The row of the case where a report goes on, through however many it was put together with; else its own."""
    while case.merged_into is not None:
        case = connection.execute(select(records.cases).where(records.cases.c.id == case.merged_into)).one()
    return case


@dataclass(frozen=True, slots=True)
class Standings:
    """Shows senders how it stands with theirs. Nothing of what was told is opened for it, and no note of anybody.

    Attributes:
        forms: by name.
        directory: who holds which role.
        store: the records.
        drafts: knows whose a draft is.
        people_key: what the hashes of people are made with.
        code_key: what the hashes of codes are made with.
        clock: what time it is.
    """

    forms: Mapping[str, Form]
    directory: Directory
    store: Store
    drafts: Drafts
    people_key: bytes = field(repr=False)
    code_key: bytes = field(repr=False)
    clock: Clock

    def open(self, wanted: OpenStanding) -> StandingView:
        """How it stands with the reports of one code, or of a person who is signed in, the newest first.

        Raises:
            NoSuchReport: no report has this code.
        """
        cases = records.cases.c
        with self.store.reading() as connection:
            if wanted.code:
                rows = self._rows(connection, cases.status_hash == (status_hash(self.code_key, wanted.code) or "-"))
                if not rows or not allowed(Act.SEE_OWN, [], [Relation.SENDER]):
                    raise NoSuchReport
                return StandingView(tuple(self.row(connection, row) for row in rows), ())
            me = person_hash(self.people_key, wanted.sender) if wanted.sender else "-"
            rows = [
                row
                for row in self._rows(connection, cases.sender_hash == me)
                if self._may_see(connection, row, wanted.sender)
            ]
            notices = self._notices(connection, wanted.sender) if wanted.sender else ()
            return StandingView(tuple(self.row(connection, row) for row in rows), notices, bool(wanted.sender))

    @staticmethod
    def _rows(connection: Connection, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
        cases = records.cases.c
        query = select(records.cases).where(which).order_by(cases.received_at.desc(), cases.sibling_of.is_not(None))
        return connection.execute(query).all()

    def _may_see(self, connection: Connection, row: Row[Any], person: str) -> bool:
        struck = records.struck.c
        hashes = frozenset(connection.scalars(select(struck.person_hash).where(struck.case_id == row.id)))
        owed = records.deliveries.c
        told = connection.execute(select(owed.person, owed.role).where(owed.case_id == row.id))
        facts = CaseFacts(
            row.school or self.directory.schools[0].id,
            person,
            hashes,
            tuple(Told(one.person, Role(one.role)) for one in told),
        )
        return Gate(self.directory, day_at_school(self.clock.now()), self.people_key).may(person, Act.SEE_OWN, facts)

    def row(self, connection: Connection, case: Row[Any]) -> StandingRow:
        """How far one report has come.

        Args:
            connection: one that reads.
            case: its row of ``cases``.
        """
        end = where_it_goes_on(connection, case)
        owed = records.deliveries.c
        roles = connection.scalars(select(owed.role).where(owed.case_id == case.id).order_by(owed.step, owed.role))
        seen, seen_by = self._first(connection, case, ("opened", "acknowledged"))
        in_hand, in_hand_by = self._first(connection, case, ("acknowledged",))
        rings = case.state == "open" and seen is None and case.ring_at is not None
        return StandingRow(
            reference=case.reference,
            form=self.forms[case.form].title if case.form in self.forms else case.form,
            received=case.received_at,
            roles=tuple(dict.fromkeys(say(f"role.{role}") for role in roles)),
            seen=seen,
            seen_by=seen_by,
            in_hand=in_hand,
            in_hand_by=in_hand_by,
            goes_on_elsewhere=end.id != case.id,
            closed=end.closed_at if end.state != "open" else None,
            is_closed=end.state != "open",
            is_purged=case.state == "purged",
            ring=self._whom_to_ring(connection, case) if rings else (),
            urgent=case.urgent,
        )

    def _first(self, connection: Connection, case: Row[Any], events: Sequence[str]) -> tuple[datetime | None, str]:
        """When one of these was done first by somebody who did not send it, and in which role."""
        happened = records.chronology.c
        query = select(happened.at, happened.role, happened.person).order_by(happened.number)
        for event in connection.execute(query.where(happened.case_id == case.id, happened.event.in_(events))):
            if event.person is None or person_hash(self.people_key, event.person) != case.sender_hash:
                return event.at, say(f"role.{event.role}") if event.role else ""
        return None, ""

    def _whom_to_ring(self, connection: Connection, row: Row[Any]) -> tuple[str, ...]:
        """Those whom it went to, with their telephones, then the council's office by day and at night.

        Nobody else of the school is named: who is missing among them may be whom it is about.
        """
        owed = records.deliveries.c
        told = frozenset(connection.scalars(select(owed.person).where(owed.case_id == row.id, owed.state != "void")))
        school = self.directory.school(row.school) if row.school else self.directory.schools[0]
        people = [
            Contact("", person.name, person.telephone or school.office)
            for person in self.directory.persons
            if person.id in told
            and self.directory.roles(person.id, school.id, day_at_school(self.clock.now()))
            and person_hash(self.people_key, person.id) != row.sender_hash
        ]
        wanted = "lado" if row.track == "adult" else "social_care"
        outside = [one for one in DirectoryContacts(lambda: self.directory, self.clock).urgent() if one.role == wanted]
        return tuple(
            say(
                f"standing.ring_{'out_of_hours' if one.out_of_hours else 'day'}",
                name=one.name,
                telephone=one.telephone,
                out_of_hours=one.out_of_hours,
            )
            for one in (*people, *outside)
        )

    def _notices(self, connection: Connection, person: str) -> tuple[NoticeRow, ...]:
        """What somebody was told that lies in no inbox, the newest first."""
        told, cases, drafts = records.notices.c, records.cases.c, records.drafts.c
        query = (
            select(records.notices, cases.reference, drafts.owner_hash, drafts.state.label("draft_state"))
            .outerjoin(records.cases, cases.id == told.case_id)
            .outerjoin(records.drafts, drafts.id == told.draft_id)
            .where(
                told.person_hash == person_hash(self.people_key, person), told.made_at > self.clock.now() - _SHOWN_FOR
            )
            .where(or_(told.draft_id.is_(None), drafts.state == OPEN))
            .order_by(told.made_at.desc(), told.id)
        )
        return tuple(NoticeRow(row.made_at, self._in_words(row)) for row in connection.execute(query))

    def _in_words(self, row: Row[Any]) -> str:
        if row.notice == Telling.DRAFT_LEFT:
            persons = self.directory.persons
            author = (one.name for one in persons if self.drafts.hash_of(PERSON + one.id) == row.owner_hash)
            return say("standing.draft_left", name=next(author, say("standing.somebody")))
        words = say(f"notice.{row.notice}")
        return f"{row.reference}: {words}" if row.reference else words
