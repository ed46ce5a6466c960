"""The chronology of a case: what happened, when, by or to whom; never what was told. Each row chained and anchored."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.keys.keystore import Head, KeyStore
from bot.cases.people.directory import Directory
from bot.engines import Store
from bot.messages import ChronologyRow
from bot.wording import say
from knowledge.errors import TouchstoneError

START = bytes(32)
"""What the first link of a chain is chained to."""

_IN_WORDS = frozenset({"exported", "purged"})
"""Events whose detail is one of a few, each with its words in the locale under ``detail``."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a case.

    Attributes:
        case_id: the case.
        at: when, in UTC.
        event: its name in the locale, under ``event``.
        person: the id of whoever did it, or had it done to them; None for the sender.
        role: the role in which.
        detail: what else must be known of it, in words of ours; never what anybody wrote about the case.
    """

    case_id: str
    at: datetime
    event: str
    person: str | None = None
    role: str | None = None
    detail: str | None = None


def record_event(connection: Connection, keys: KeyStore, event: Event) -> int:
    """Adds what happened to the end of a case's chronology, as ``record_events`` does; gives the row's number."""
    return record_events(connection, keys, (event,))[0]


def record_events(connection: Connection, keys: KeyStore, events: Sequence[Event]) -> tuple[int, ...]:
    """Adds what happened, in this order, to the ends of the chronologies and of the second chain; all of it at once.

    Gives the numbers of the rows, each in its case's chronology.

    Numbers have no gaps and links no rivals because ``Store.writing`` lets one transaction write at a time, across
    processes, so the ends are read once. It is the caller's transaction; after its commit call ``remember_newest``.
    """
    if not events:
        return ()
    ends = {case_id: _newest(connection, case_id) for case_id in {event.case_id: None for event in events}}
    rows, linked = [], []
    for event in events:
        end = ends[event.case_id]
        number = end.number + 1
        mac = link(keys, event, number, end.mac)
        ends[event.case_id] = Head(number, mac)
        rows.append({**asdict(event), "number": number, "mac": mac})
        linked.append((event.case_id, number, mac))
    connection.execute(insert(records.chronology), rows)
    anchor(connection, keys, linked)
    return tuple(number for _, number, _ in linked)


def _newest(connection: Connection, case_id: str) -> Head:
    """The end of a case's chronology; number 0 where there is none yet."""
    table = records.chronology
    last = select(table.c.number, table.c.mac).where(table.c.case_id == case_id)
    row = connection.execute(last.order_by(table.c.number.desc()).limit(1)).one_or_none()
    return Head(0, START) if row is None else Head(row.number, row.mac)


def anchor(connection: Connection, keys: KeyStore, rows: Sequence[tuple[str, int, bytes]]) -> None:
    """Adds rows of chronologies (case, number, mac) to the second chain, in the caller's transaction."""
    end = newest_anchor(connection) or Head(0, START)
    links = []
    for case_id, number, head in rows:
        mine = end.number + 1
        mac = anchor_link(keys, mine, case_id, number, head, end.mac)
        links.append({"number": mine, "case_id": case_id, "chronology_number": number, "head": head, "mac": mac})
        end = Head(mine, mac)
    if links:
        connection.execute(insert(records.anchors), links)


def newest_anchor(connection: Connection) -> Head | None:
    """The end of the second chain."""
    table = records.anchors
    last = select(table.c.number, table.c.mac).order_by(table.c.number.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    return None if row is None else Head(row.number, row.mac)


def remember_newest(store: Store, keys: KeyStore) -> None:
    """Lets the key store remember the end of the second chain; to be called after a commit, and it never fails.

    It may lag: then a tail cut off behind what is remembered does not show. One thread does it for all that committed
    meanwhile, so that a crowd does not wait for as many writes. What is remembered is not replaced while it is missing
    from the records: else the next report would cover up that something was cut off.
    """
    keys.to_remember.set()
    for _ in range(2):  # once more for those who came as it was done, and then it is their own turn
        if not keys.to_remember.is_set() or not keys.remembering.acquire(blocking=False):
            return
        try:
            keys.to_remember.clear()
            _remember(store, keys)
        except (SQLAlchemyError, OSError, TouchstoneError) as failure:
            _log.warning("newest anchor not remembered", cause=type(failure).__name__)
        finally:
            keys.remembering.release()


def _remember(store: Store, keys: KeyStore) -> None:
    remembered = keys.head()
    with store.reading() as connection:
        newest = newest_anchor(connection)
        if newest is None or newest == remembered or (remembered is not None and not holds(connection, remembered)):
            return
    keys.remember_head(newest.number, newest.mac)


def holds(connection: Connection, head: Head) -> bool:
    """Whether the second chain has this link."""
    if head.number == 0:
        return True
    table = records.anchors
    return connection.scalar(select(table.c.mac).where(table.c.number == head.number)) == head.mac


def link(keys: KeyStore, event: Event, number: int, before: bytes) -> bytes:
    """The mac of a row: over the one before it and all that the row says (HMAC-SHA256, RFC 2104)."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = (event.case_id, number, at, event.event, event.person, event.role, event.detail)
    return _mac(keys.derive("chronology"), before, row)


def anchor_link(keys: KeyStore, number: int, case_id: str, of: int, head: bytes, before: bytes) -> bytes:  # noqa: PLR0913, PLR0917 (the row)
    """The mac of a row of the second chain."""
    return _mac(keys.derive("anchors"), before, (number, case_id, of, head.hex()))


def _mac(key: bytes, before: bytes, row: Sequence[str | int | None]) -> bytes:
    canonical = json.dumps(row, separators=(",", ":"), default=repr).encode()
    return hmac.new(key, before + canonical, hashlib.sha256).digest()


def chain_earlier(store: Store, keys: KeyStore) -> int:
    """Chains and anchors the rows that were written before there was a chain; gives how many.

    That is done once in the life of a key store, as long as it remembers no anchor: afterwards a row without a mac is
    a finding, or whoever wants to change a chronology would only have to take its macs away.
    """
    if keys.head() is not None:
        return 0
    table = records.chronology
    chained = 0
    with store.writing() as connection:
        if newest_anchor(connection) is None:
            of, before, linked = None, START, []
            for row in connection.execute(select(table).order_by(table.c.case_id, table.c.number)).all():
                before = before if row.case_id == of else START
                event = Event(row.case_id, row.at, row.event, row.person, row.role, row.detail)
                mac = link(keys, event, row.number, before)
                here = (table.c.case_id == row.case_id, table.c.number == row.number)
                connection.execute(update(table).where(*here).values(mac=mac))
                linked.append((row.case_id, row.number, mac))
                of, before = row.case_id, mac
            anchor(connection, keys, linked)
            chained = len(linked)
        newest = newest_anchor(connection) or Head(0, START)
        connection.commit()
    keys.remember_head(newest.number, newest.mac)
    return chained


def in_words(connection: Connection, case_id: str, directory: Directory) -> dict[int, ChronologyRow]:
    """Everything that happened to a case, in words, in order, by the number of its row; without what was written."""
    table = records.chronology
    rows = connection.execute(select(table).where(table.c.case_id == case_id).order_by(table.c.number))
    return {
        row.number: ChronologyRow(
            row.at, say(f"event.{row.event}"), who(row.person, row.role, directory), _detail(row.event, row.detail)
        )
        for row in rows
    }


def who(person_id: str | None, role: str | None, directory: Directory) -> str:
    """Somebody with their role, in words; empty for the sender, and for what nobody did."""
    if person_id is None or role is None:
        return ""
    person = directory.find(person_id)
    return say("event.who", name=person.name if person else person_id, role=say(f"role.{role}"))


def _detail(event: str, detail: str | None) -> str:
    """What a row says besides: the reason of a purge and a format in words, a reference as it is."""
    return say(f"detail.{event}.{detail}") if detail and event in _IN_WORDS else detail or ""
