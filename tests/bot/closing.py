"""Closes cases, and looks at what is stored of them."""

from contextlib import closing
from sqlite3 import connect

from sqlalchemy import update

from bot.cases import records
from bot.cases.chronology import Event, record_event, remember_newest
from integrations.app import Reports
from integrations.settings import Settings


def happen(reports: Reports, reference: str, event: str) -> None:
    """Lets something happen to a case, as whoever may do it would."""
    with reports.store.writing() as connection:
        case = connection.execute(records.cases.select().where(records.cases.c.reference == reference)).one()
        record_event(connection, reports.keys, Event(case.id, case.received_at, event))
        if event == "closed":
            connection.execute(update(records.cases).where(records.cases.c.id == case.id).values(state="closed"))
        connection.commit()
    remember_newest(reports.store, reports.keys)


def stored(settings: Settings, reference: str) -> dict[str, object]:
    """What is stored of a case: state, events, and how many answers, fingerprints and keys."""
    with closing(connect(settings.records)) as told, closing(connect(settings.keys / "keys.sqlite3")) as keys:
        (case_id, state) = told.execute("select id, state from cases where reference = ?", (reference,)).fetchone()

        def count(table: str) -> int:
            where = keys if table == "case_keys" else told
            query = f"select count(*) from {table} where case_id = ?"  # noqa: S608 (a table of ours)
            return int(where.execute(query, (case_id,)).fetchone()[0])

        events = told.execute("select event from chronology where case_id = ? order by number", (case_id,)).fetchall()
        return {
            "state": state,
            "events": [event for (event,) in events],
            **{table: count(table) for table in ("answers", "submissions", "case_keys")},
        }
