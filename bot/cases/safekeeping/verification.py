"""Verification: whether every chronology is whole, nothing was cut off, and every case can be opened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Row, and_, select, type_coerce
from sqlalchemy.types import NullType

from bot.cases import records
from bot.cases.chronology import START, Event, anchor_link, link
from bot.cases.contents import read_answers
from bot.cases.keys.keystore import Head, KeyStore
from bot.cases.keys.sealing import SealBroken
from bot.cases.people.appointments import HEAD as APPOINTMENTS
from bot.cases.people.appointments import AppointmentsDamaged, check_appointments
from bot.cases.people.signatures import HEAD as SIGN_OFFS
from bot.cases.people.signatures import SignOffsDamaged, check_signatures, check_words
from bot.cases.receiving.entries import WRITTEN, read_words
from bot.cases.reports.attachments import AttachedFiles, read_attachments
from bot.cases.safekeeping.deletions import DeletionLog, DeletionsDamaged
from bot.engines import Store, UtcTime

_AT_ONCE = 1000
"""Rows that are fetched at a time."""


class Fault(StrEnum):
    """What can be wrong; each has its sentence in the locale, under ``verify``."""

    CHANGED = "changed"
    """A row of a chronology was changed, moved, or put in by somebody who has not the key."""
    MISSING = "missing"
    """A row of a chronology is gone."""
    NO_CHRONOLOGY = "no_chronology"
    """A case has no chronology at all."""
    NO_CASE = "no_case"
    """A chronology has no case."""
    NOT_ANCHORED = "not_anchored"
    """A row of a chronology does not stand in the second chain."""
    ANCHOR_CHANGED = "anchor_changed"
    """A row of the second chain was changed, moved or put in."""
    ANCHOR_MISSING = "anchor_missing"
    """A row of the second chain is gone."""
    CUT = "cut"
    """The second chain ends before what the key store remembers: a tail was cut off, or the records are older."""
    REPLACED = "replaced"
    """The second chain is another one than the key store remembers."""
    FORGOTTEN = "forgotten"
    """The key store remembers no anchor, and there are some."""
    NO_KEY = "no_key"
    """A case has no key: what was told in it cannot be read."""
    NO_FILE = "no_file"
    """A file that came with a report is gone, or is not as long as it was."""
    UNREADABLE = "unreadable"
    """An answer does not open, or there is none."""
    STATE_CHANGED = "state_changed"
    """A case is called purged and its chronology does not say so, or the other way round."""
    PURGED_YET_THERE = "purged_yet_there"
    """A case is purged, and its key or its content is still there."""
    DELETIONS_DAMAGED = "deletions_damaged"
    """The log of deletions was changed."""
    DELETIONS_CUT = "deletions_cut"
    """The log of deletions ends before what the key store remembers."""
    SIGN_OFFS_DAMAGED = "sign_offs_damaged"
    """The record of who signed a policy was changed, ends before what the key store remembers, or cannot be read."""
    APPOINTMENTS_DAMAGED = "appointments_damaged"
    """The record of who may open cases was changed, or ends before what the key store remembers."""


_BROKEN = frozenset({Fault.CHANGED, Fault.MISSING, Fault.NO_CHRONOLOGY, Fault.NOT_ANCHORED})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        fault: what.
        reference: of the case; None where it is about none, or about one that is gone.
        number: of the row in the case's chronology, or in the second chain; None where it is about no row.
    """

    fault: Fault
    reference: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what is wrong: of each case the first broken link.

    Attributes:
        cases: how many cases.
        entries: how many rows of chronologies.
        anchors: how many rows of the second chain.
        findings: what is wrong; empty when all is well.
    """

    cases: int
    entries: int
    anchors: int
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Look:
    """One look at everything; its findings and counts so far."""

    connection: Connection
    keys: KeyStore
    cases: Mapping[str, Any]
    findings: dict[Finding, None] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    entries: int = 0
    anchors: int = 0

    def add(self, fault: Fault, case_id: str | None = None, number: int | None = None) -> None:
        """Adds a finding; of each case the first link that is broken, and no more of its chain."""
        if fault in _BROKEN and case_id is not None:
            if case_id in self.broken:
                return
            self.broken.add(case_id)
        case = self.cases.get(case_id) if case_id is not None else None
        self.findings[Finding(fault, case.reference if case else None, number)] = None


def verify(
    store: Store, keys: KeyStore, log: DeletionLog, *, contents: bool = False, files: AttachedFiles | None = None
) -> Verification:
    """Looks at everything, at one moment, while others go on writing.

    Args:
        store: the records.
        keys: their keys.
        log: the deletions of this machine.
        contents: whether to open every answer and every file as well; nothing of them is kept or shown.
        files: where the files lie that came with reports; None to look at none.
    """
    # before the records: what is remembered was committed there first
    remembered, appointed, signed = keys.head(), keys.head(APPOINTMENTS), keys.head(SIGN_OFFS)
    with store.reading() as connection:
        columns = (records.cases.c.id, records.cases.c.reference, records.cases.c.state)
        rows = connection.execute(select(*columns).order_by(records.cases.c.received_at, records.cases.c.id))
        look = _Look(connection, keys, {row.id: row for row in rows})
        _look_at_chronologies(look)
        _look_at_anchors(look, remembered)
        _look_at_keys(look, store)
        if contents:
            _look_at_contents(look)
        if files is not None:
            _look_at_files(look, files, contents=contents)
        _look_at_appointments(look, appointed)
        _look_at_sign_offs(look, signed, contents=contents)
    _look_at_deletions(look, log)
    return Verification(len(look.cases), look.entries, look.anchors, tuple(look.findings))


# ------------------------------------------------------------------------------------------- chronologies


class _Lenient(UtcTime):
    """A moment, or None where somebody wrote what is none."""

    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401 (whatever is there)
        try:
            return super().process_result_value(value, dialect)
        except (AttributeError, TypeError, ValueError):
            return None


def _look_at_chronologies(look: _Look) -> None:
    """Each case's chain, from its first row to the first link that is broken."""
    table = records.chronology.c
    moment, mac = type_coerce(table.at, _Lenient()).label("at"), type_coerce(table.mac, NullType()).label("mac")
    columns = (table.case_id, table.number, moment, table.event, table.person, table.role, table.detail, mac)
    rows = look.connection.execute(
        select(*columns).order_by(table.case_id, table.number).execution_options(yield_per=_AT_ONCE)
    )
    seen: set[str] = set()
    for case_id, chain in groupby(rows, key=attrgetter("case_id")):
        seen.add(case_id)
        if case_id not in look.cases:
            look.add(Fault.NO_CASE)
        last = _walk(look, case_id, chain)
        case = look.cases.get(case_id)
        if case is not None and (case.state == "purged") != (last == "purged"):
            look.add(Fault.STATE_CHANGED, case_id)
    for case_id in look.cases:
        if case_id not in seen:
            look.add(Fault.NO_CHRONOLOGY, case_id)


def _walk(look: _Look, case_id: str, chain: Iterator[Row[Any]]) -> str | None:
    """Follows a chain, adds the first fault, and gives ``purged`` if any row says so."""
    expected, before, is_whole, purged = 1, START, True, None
    for row in chain:
        look.entries += 1
        if row.event == "purged":
            purged = "purged"
        if not is_whole:
            continue
        if row.number != expected:
            is_whole = False
            look.add(Fault.MISSING if _is_later(row.number, expected) else Fault.CHANGED, case_id, expected)
        elif row.at is None or row.mac != link(look.keys, _event(row), row.number, before):
            is_whole = False
            look.add(Fault.CHANGED, case_id, row.number)
        expected, before = expected + 1, row.mac
    return purged


def _is_later(number: object, expected: int) -> bool:
    return isinstance(number, int) and number > expected


def _event(row: Row[Any]) -> Event:
    return Event(row.case_id, row.at, row.event, row.person, row.role, row.detail)


# ------------------------------------------------------------------------------------------------ anchors


def _look_at_anchors(look: _Look, remembered: Head | None) -> None:
    """The second chain; each of its rows beside the row that it anchors, and the end beside what is remembered."""
    anchors, entries = records.anchors.c, records.chronology.c
    mac, head = type_coerce(anchors.mac, NullType()).label("mac"), type_coerce(anchors.head, NullType()).label("head")
    anchored = type_coerce(entries.mac, NullType()).label("anchored")
    its = and_(entries.case_id == anchors.case_id, entries.number == anchors.chronology_number)
    rows = look.connection.execute(
        select(anchors.number, anchors.case_id, anchors.chronology_number, head, mac, anchored)
        .select_from(records.anchors.outerjoin(records.chronology, its))
        .order_by(anchors.number)
        .execution_options(yield_per=_AT_ONCE)
    )
    expected, before, is_whole, found = 1, START, True, None
    for row in rows:
        look.anchors += 1
        if is_whole and row.number != expected:
            is_whole = False
            look.add(Fault.ANCHOR_MISSING if _is_later(row.number, expected) else Fault.ANCHOR_CHANGED, None, expected)
        elif is_whole and not _is_linked(look.keys, row, before):
            is_whole = False
            look.add(Fault.ANCHOR_CHANGED, None, row.number)
        if row.head != row.anchored:
            look.add(Fault.MISSING if row.anchored is None else Fault.CHANGED, row.case_id, row.chronology_number)
        if remembered is not None and row.number == remembered.number:
            found = row.mac
        expected, before = expected + 1, row.mac
    _look_at_head(look, remembered, found)
    _look_for_what_is_not_anchored(look)


def _is_linked(keys: KeyStore, row: Row[Any], before: object) -> bool:
    if not isinstance(before, bytes) or not isinstance(row.head, bytes):
        return False
    return bool(row.mac == anchor_link(keys, row.number, row.case_id, row.chronology_number, row.head, before))


def _look_at_head(look: _Look, remembered: Head | None, found: object) -> None:
    if remembered is None:
        if look.anchors:
            look.add(Fault.FORGOTTEN)
    elif remembered.number and found is None:
        look.add(Fault.CUT, None, remembered.number)
    elif remembered.number and found != remembered.mac:
        look.add(Fault.REPLACED, None, remembered.number)


def _look_for_what_is_not_anchored(look: _Look) -> None:
    anchors, entries = records.anchors.c, records.chronology.c
    its = and_(entries.case_id == anchors.case_id, entries.number == anchors.chronology_number)
    rows = look.connection.execute(
        select(entries.case_id, entries.number)
        .select_from(records.chronology.outerjoin(records.anchors, its))
        .where(anchors.number.is_(None))
        .order_by(entries.case_id, entries.number)
        .execution_options(yield_per=_AT_ONCE)
    )
    for case_id, loose in groupby(rows, key=attrgetter("case_id")):
        look.add(Fault.NOT_ANCHORED, case_id, next(loose).number)


# --------------------------------------------------------------------------------------- keys and contents


def _look_at_keys(look: _Look, store: Store) -> None:
    known = look.keys.known()  # after the records were read: a key is there before its case
    with store.reading_afresh() as connection:  # and what was purged meanwhile has none any more
        purged = frozenset(connection.scalars(select(records.cases.c.id).where(records.cases.c.state == "purged")))
    answered = frozenset(look.connection.scalars(select(records.answers.c.case_id).distinct()))
    answered |= frozenset(look.connection.scalars(select(records.entries.c.case_id).distinct()))
    for case_id, case in look.cases.items():
        if case_id not in known and case_id not in purged:
            look.add(Fault.NO_KEY, case_id)
        if case.state == "purged" and (case_id in known or case_id in answered):
            look.add(Fault.PURGED_YET_THERE, case_id)


def _look_at_contents(look: _Look) -> None:
    for case_id, case in look.cases.items():
        if case.state == "purged":
            continue
        try:
            key = look.keys.key(case_id)
            words = read_words(look.connection, case_id, key)
            has_words = case_id in look.broken or _has_its_words(look.connection, case_id, words)
            is_readable = bool(read_answers(look.connection, case_id, key)) and has_words
        except (SealBroken, TypeError):
            is_readable = False
        if not is_readable:
            look.add(Fault.UNREADABLE, case_id)


def _has_its_words(connection: Connection, case_id: str, words: Mapping[int, Mapping[str, str]]) -> bool:
    """Whether what must have been written along with each event is there, and nothing is that belongs to none."""
    table = records.chronology.c
    events = connection.execute(select(table.number, table.event).where(table.case_id == case_id)).all()
    wanted = {row.number for row in events if row.event in WRITTEN}
    return wanted == set(words)


def _look_at_files(look: _Look, files: AttachedFiles, *, contents: bool) -> None:
    for case_id in dict.fromkeys(look.connection.scalars(select(records.attachments.c.case_id))):
        try:
            key = look.keys.key(case_id)
            for kept in read_attachments(look.connection, case_id, key):
                if not files.is_there(case_id, kept):
                    look.add(Fault.NO_FILE, case_id)
                elif contents and not files.is_whole(case_id, kept, key):
                    look.add(Fault.UNREADABLE, case_id)
        except SealBroken:
            look.add(Fault.UNREADABLE, case_id)


def _look_at_appointments(look: _Look, remembered: Head | None) -> None:
    try:
        check_appointments(look.connection, look.keys, remembered)
    except AppointmentsDamaged:
        look.add(Fault.APPOINTMENTS_DAMAGED)


def _look_at_sign_offs(look: _Look, remembered: Head | None, *, contents: bool) -> None:
    try:
        check_signatures(look.connection, look.keys, remembered)
        if contents:
            check_words(look.connection, look.keys)
    except SignOffsDamaged:
        look.add(Fault.SIGN_OFFS_DAMAGED)


def _look_at_deletions(look: _Look, log: DeletionLog) -> None:
    try:
        if log.is_cut():
            look.add(Fault.DELETIONS_CUT)
    except DeletionsDamaged:
        look.add(Fault.DELETIONS_DAMAGED)
