"""The log of who changed which knowledge when: one line a change, each chained to the one before by its digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from knowledge.datafile import BadDataFile

FILE = "changes.jsonl"
START = "0" * 64
"""What the first row is chained to."""


@dataclass(frozen=True, slots=True)
class By:
    """Who changes knowledge: an id of the directory and the name of a role, which the log keeps on purpose."""

    person: str
    role: str


class Act(StrEnum):
    """What can be done to knowledge; each has its words in the locale under ``knowledge.act``."""

    PHRASING_ADDED = "phrasing_added"
    PHRASING_TAKEN_OUT = "phrasing_taken_out"
    TOPIC_ADDED = "topic_added"
    RULING_PUT_IN = "ruling_put_in"
    RULING_TAKEN_OUT = "ruling_taken_out"
    REVIEW_ACCEPTED = "review_accepted"
    VERSION_ADDED = "version_added"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the log: who changed which knowledge, when.

    Attributes:
        number: from 1, without gaps.
        at: when, in UTC.
        by: who.
        act: what was done.
        policy: the slug.
        subject: to what: the id of a ruling or topic, a label, or a version.
        detail: what else must be known: the phrasing, or the day of effect (ISO).
        files: the files of the overlay that it changed, below its folder, each with its SHA-256; None: taken away.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    number: int
    at: datetime
    by: By
    act: Act
    policy: str
    subject: str
    detail: str
    files: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A change as it stands in the log, with its link."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    change: Change
    link: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying the log found: all is as it should be when ``broken_at`` is None and ``by_hand`` is empty.

    Attributes:
        changes: how many there are.
        broken_at: the number of the first row that is not as it was written; None where all are.
        by_hand: files of the overlay that are not as the log left them: edited by hand, or the log was cut short.
    """

    changes: int
    broken_at: int | None
    by_hand: tuple[str, ...]


_ROW = TypeAdapter(Row)


def link(change: Change, before: str) -> str:
    """The link of a row: over the one before it and all that the row says (SHA-256, in hexadecimal).

    There is no key in it: whoever may write all files may write the log anew. It shows what was edited or cut by
    itself, and holds in an export, wherever that is read.
    """
    said = json.dumps(
        [
            change.number,
            change.at.astimezone(UTC).isoformat(timespec="microseconds"),
            change.by.person,
            change.by.role,
            change.act,
            change.policy,
            change.subject,
            change.detail,
            sorted(change.files.items()),
        ],
        separators=(",", ":"),
    )
    return hashlib.sha256(f"{before}\n{said}".encode()).hexdigest()


def line_for(change: Change, before: str) -> bytes:
    """The line of the log that holds a change, chained to the link before."""
    return _ROW.dump_json(Row(change, link(change, before))) + b"\n"


def read_rows(path: Path) -> tuple[Row, ...]:
    """The rows of a log, the oldest first; none where there is no file. A last line that has no end is no row yet.

    Raises:
        BadDataFile: a line is none of a log.
    """
    if not path.exists():
        return ()
    lines = path.read_bytes().split(b"\n")[:-1]
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(_ROW.validate_json(line))
        except ValidationError:
            raise BadDataFile(path, number, "is no row of the log; take the file from its last backup") from None
    return tuple(rows)


def verify_rows(rows: tuple[Row, ...]) -> int | None:
    """The number of the first row that is not as it was written, or None."""
    before = START
    for number, row in enumerate(rows, start=1):
        if row.change.number != number or row.link != link(row.change, before):
            return number
        before = row.link
    return None


def files_after(rows: tuple[Row, ...]) -> dict[str, str]:
    """The files as the log left them, each with its SHA-256."""
    files: dict[str, str] = {}
    for row in rows:
        for name, digest in row.change.files.items():
            if digest is None:
                files.pop(name, None)
            else:
                files[name] = digest
    return files
