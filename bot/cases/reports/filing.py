"""Filing: a complete report as the rows of its cases, one for each track, each with its key, people and next step."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select

from bot.cases import records
from bot.cases.chronology import Event, record_events
from bot.cases.contents import read_answers, write_answers
from bot.cases.delivery.deliveries import owe
from bot.cases.delivery.steps import first_reminder
from bot.cases.delivery.timers import REMIND, STEP, set_timer
from bot.cases.keys.keystore import KeyStore
from bot.cases.keys.sealing import CaseKey
from bot.cases.people.conflicts import person_hash
from bot.cases.reference import new_reference
from bot.cases.reports.attachments import Kept, read_attachments, write_attachments
from bot.cases.routes.calendar import Calendar
from bot.cases.routes.moments import due
from bot.cases.routes.routing import Plan
from bot.messages import Attachment


@dataclass(frozen=True, slots=True)
class Report:
    """A complete report on its way to the store.

    Attributes:
        form: its form.
        answers: by question key.
        urgent: whether somebody is in danger now.
        received: when, in UTC.
        clause: the label of the clause that the conversation came to.
        sender: their id in the directory, if it is known.
        plans: where it goes, a case for each.
        ids: of the cases, in the same order; the first is that by which a repeated report finds all of them.
        status_hash: of the code with which its sender asks how it stands.
        attachments: the files that go along, into each case.
        kept: by case, the files that lie on the disk already.
    """

    form: str
    answers: Mapping[str, str] = field(repr=False)
    urgent: bool
    received: datetime
    clause: str | None
    sender: str | None
    plans: tuple[Plan, ...]
    ids: tuple[str, ...]
    status_hash: str | None = None
    attachments: tuple[Attachment, ...] = ()
    kept: Mapping[str, Sequence[Kept]] = field(default_factory=dict)

    def cases(self) -> Iterator[tuple[str, Plan]]:
        """The id and the plan of each case."""
        return zip(self.ids, self.plans, strict=True)


@dataclass(frozen=True, slots=True)
class Filed:
    """A case as it is in the store.

    Attributes:
        id: its id.
        reference: how people speak of it.
        form: its form.
        urgent: whether somebody is in danger now.
        received: when, in UTC.
        roles: to which roles it went, each once.
        answers: what was told in it.
        attachments: what is known of the files that came with it.
    """

    id: str
    reference: str
    form: str
    urgent: bool
    received: datetime
    roles: tuple[str, ...]
    answers: Mapping[str, str] = field(repr=False)
    attachments: tuple[Kept, ...] = ()


def new_ids(plans: Sequence[Plan]) -> tuple[str, ...]:
    """An id for each case."""
    return tuple(secrets.token_hex(16) for _ in plans)


def file_report(
    connection: Connection, keys: KeyStore, case_keys: Mapping[str, CaseKey], report: Report, calendar: Calendar
) -> None:
    """Writes every row of every case, in the caller's transaction: one report is there whole or not at all."""
    people_key = keys.derive("people")
    for case_id, plan in report.cases():
        first = report.ids[0]
        connection.execute(
            insert(records.cases).values(
                id=case_id,
                reference=new_reference(),
                form=report.form,
                urgent=report.urgent,
                received_at=report.received,
                school=plan.school,
                track=plan.track,
                clause=report.clause,
                sender_hash=person_hash(people_key, report.sender) if report.sender else None,
                status_hash=report.status_hash,
                sibling_of=None if case_id == first else first,
            )
        )
        write_answers(connection, case_id, case_keys[case_id], plan.answers(report.answers))
        write_attachments(connection, case_id, case_keys[case_id], report.kept.get(case_id, ()))
        struck = [
            {"case_id": case_id, "person_hash": person_hash(people_key, person)} for person in sorted(plan.struck)
        ]
        if struck:
            connection.execute(insert(records.struck), struck)
        owe(connection, case_id, _first_step(plan), step=0, now=report.received)
        kind, when = next_step(plan, report, calendar)
        set_timer(connection, case_id, kind, due_at=when, now=report.received)
    record_events(
        connection, keys, [event for case_id, plan in report.cases() for event in _begun(case_id, plan, report)]
    )


def _first_step(plan: Plan) -> list[tuple[str, str]]:
    """Who is told at once, and in which role; with the commit the case lies in their inbox."""
    return [(one.person.id, one.role.value) for one in (plan.steps[0].people if plan.steps else ())]


def _begun(case_id: str, plan: Plan, report: Report) -> Iterator[Event]:
    """How the chronology of a case begins."""
    yield Event(case_id, report.received, "received")
    for person, role in _first_step(plan):
        yield Event(case_id, report.received, "delivered", person, role)


def next_step(plan: Plan, report: Report, calendar: Calendar) -> tuple[str, datetime]:
    """What is to happen to a new case if nobody acknowledges it, and when: there is always something."""
    if len(plan.steps) > 1:
        return STEP, due(plan.steps[1].after, report.received, calendar)
    return REMIND, first_reminder(plan.track, report.received, calendar, urgent=report.urgent)


def read_filed(connection: Connection, keys: KeyStore, case_id: str) -> tuple[Filed, ...]:
    """The cases of a report as they are in the store, the first one first; none if it is not there.

    Raises:
        SealBroken: an answer does not open.
    """
    cases, owed = records.cases, records.deliveries.c
    of_report = select(cases).where((cases.c.id == case_id) | (cases.c.sibling_of == case_id))
    rows = connection.execute(of_report.order_by(cases.c.sibling_of.is_not(None), cases.c.id)).all()
    filed = []
    for row in rows:
        roles = connection.scalars(select(owed.role).where(owed.case_id == row.id).order_by(owed.role)).all()
        key = keys.key(row.id)
        told, files = read_answers(connection, row.id, key), read_attachments(connection, row.id, key)
        about = (row.id, row.reference, row.form, row.urgent, row.received_at)
        filed.append(Filed(*about, tuple(dict.fromkeys(roles)), told, files))
    return tuple(filed)
