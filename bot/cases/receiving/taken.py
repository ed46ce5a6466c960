"""A case taken out: everything of it in words, by column for the school's case system; who took it and when in each."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from pydantic import ConfigDict

from bot.cases.dates import moment_in_words
from bot.messages import CaseAnswer, CaseView
from bot.wording import say
from knowledge.datafile import read_data

SHIPPED = Path(__file__).parent / "columns.toml"

DANGEROUS = frozenset("=+-@\t\r|%＝＋－＠")  # noqa: RUF001 (their full-width forms are taken for them)
"""What a spreadsheet may take for the beginning of a formula (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; the head of ``columns.toml`` says what each key means."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    answers: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class _Columns:
    __pydantic_config__ = ConfigDict(extra="forbid")

    column: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes cases out, in which role, and when (UTC)."""

    name: str
    role: str
    at: datetime

    def watermark(self) -> str:
        """The line that stands in whatever they take."""
        return say("export.watermark", name=self.name, role=self.role, at=moment_in_words(self.at))


@dataclass(frozen=True, slots=True)
class Taken:
    """A case on its way out.

    Attributes:
        view: as whoever takes it sees it.
        keyed: what was told, by question key, in words.
        closed: when it was closed, in UTC.
        written: what was decided and noted: by event and field, in order.
    """

    view: CaseView
    keyed: Mapping[str, CaseAnswer] = field(repr=False)
    closed: datetime | None
    written: tuple[tuple[str, str, str], ...] = field(repr=False)

    def files(self) -> Iterator[str]:
        """What came with it and is not taken out along with it, in one paragraph; nothing where nothing came."""
        if self.view.attachments:
            listed = (f"{one.name} ({one.type}, {one.size})" for one in self.view.attachments)
            yield "\n".join((say("case.files", count=len(self.view.attachments)), *listed))


def as_csv(cases: Sequence[Taken], taker: Taker) -> bytes:
    """Cases as comma-separated values of which a spreadsheet makes no formula: UTF-8 with its mark, all quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([column.name for column in shipped_columns()])
    for case in cases:
        writer.writerow([safe(cell) for cell in _row(case, taker).values()])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_json(cases: Sequence[Taken], taker: Taker) -> bytes:
    """Cases as JSON: the same columns, and all answers and the whole chronology besides."""
    whole = {
        "watermark": taker.watermark(),
        "cases": [
            {
                "columns": _row(case, taker),
                "answers": [{"asked": one.ask, "answered": one.answer} for one in case.view.answers],
                "files": [{"name": one.name, "type": one.type, "size": one.size} for one in case.view.attachments],
                "chronology": [
                    {
                        "at": row.at.isoformat(),
                        "what": row.what,
                        "who": row.who,
                        "detail": row.detail,
                        "said": [{"as": one.ask, "text": one.answer} for one in row.said],
                    }
                    for row in case.view.chronology
                ],
            }
            for case in cases
        ],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2).encode()


def safe(cell: str) -> str:
    """A cell that is text to a spreadsheet: an apostrophe before whatever could begin a formula, in any of its lines.

    The words behind the apostrophe are unchanged. A null character, which some readers end at, becomes U+FFFD.
    """
    lines = cell.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(
        f"'{line}" if line.lstrip(" \u00a0\u200b\ufeff")[:1] in DANGEROUS and line else line for line in lines
    )


def _row(case: Taken, taker: Taker) -> dict[str, str]:
    placed = {key for column in shipped_columns() for key in column.answers}
    row = case.view.row
    about: Mapping[str, Callable[[], str]] = {
        "reference": lambda: row.reference,
        "received": lambda: moment_in_words(row.received),
        "kind": lambda: row.form,
        "urgent": lambda: say("inbox.urgent") if row.urgent else "",
        "state": lambda: say(f"inbox.{row.state}"),
        "outcome": lambda: _of(case, "outcome"),
        "decision": lambda: _of(case, "decision", "reason"),
        "notes": lambda: "\n\n".join(_later(case)),
        "closed": lambda: moment_in_words(case.closed) if case.closed else "",
        "details": lambda: "\n\n".join(
            (
                *(f"{one.ask}\n{one.answer}" for key, one in case.keyed.items() if key not in placed),
                *case.files(),
            )
        ),
        "by": lambda: f"{taker.name}, {taker.role}",
        "at": lambda: moment_in_words(taker.at),
    }
    return {
        column.name: about[column.about]()
        if column.about
        else "\n".join(case.keyed[key].answer for key in column.answers if key in case.keyed)
        for column in shipped_columns()
    }


def _of(case: Taken, *fields: str) -> str:
    """What was written when it was closed last."""
    found = {name: text for event, name, text in case.written if event in {"closed", "entered", "answered"}}
    return "\n".join(found[name] for name in fields if name in found)


def _later(case: Taken) -> Iterator[str]:
    for row in case.view.chronology:
        said = "\n".join(f"{one.ask}: {one.answer}" for one in row.said)
        if said:
            yield f"{moment_in_words(row.at)} {row.what} {row.who}".strip() + f"\n{said}"


@cache
def shipped_columns() -> tuple[Column, ...]:
    """The columns, in order.

    Raises:
        BadDataFile: the file is wrong.
    """
    return read_data(SHIPPED, _Columns).column
