"""What was written since a case came in: notes, reasons, questions, each sealed, beside the event it belongs to."""

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from bot.cases import records
from bot.cases.chronology import Event, record_event
from bot.cases.keys.keystore import KeyStore
from bot.cases.keys.sealing import CaseKey, Place

WRITTEN: Mapping[str, tuple[str, ...]] = {
    "noted": ("text",),
    "passed_on": ("reason",),
    "asked": ("text",),
    "added": ("teller", "text"),
    "sender_added": ("text",),
    "sender_replied": ("text",),
    "answered": ("answer", "text", "outcome"),
    "closed": ("decision", "reason", "outcome"),
    "entered": ("system", "number", "outcome"),
    "reopened": ("reason",),
    "held": ("reason",),
    "released": ("reason",),
    "kept": ("reason",),
}
"""What can be written along with an event, in the order in which it is read; what is left empty is not stored."""


def record_words(
    connection: Connection, keys: KeyStore, case_key: CaseKey, event: Event, words: Mapping[str, str]
) -> int:
    """Records an event and seals what was written along with it, in the caller's transaction; the number of its row."""
    number = record_event(connection, keys, event)
    rows = [
        {
            "case_id": event.case_id,
            "number": number,
            "field": field,
            "sealed": case_key.seal(words[field], _place(event.case_id, number, field)),
        }
        for field in WRITTEN[event.event]
        if words.get(field)
    ]
    if rows:
        connection.execute(insert(records.entries), rows)
    return number


def read_words(connection: Connection, case_id: str, case_key: CaseKey) -> dict[int, dict[str, str]]:
    """All that was written, by the number of the event's row, and by field.

    Raises:
        SealBroken: something was changed or moved.
    """
    table = records.entries
    rows = connection.execute(select(table).where(table.c.case_id == case_id).order_by(table.c.number, table.c.field))
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        text = case_key.unseal(row.sealed, _place(case_id, row.number, row.field))
        found.setdefault(row.number, {})[row.field] = text
    return found


def _place(case_id: str, number: int, field: str) -> Place:
    return Place("entries", "sealed", f"{case_id}/{number}/{field}")
