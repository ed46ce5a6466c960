"""`touchstone cases`: whether the chronologies are whole, and what has to go."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.receiving.export import Export
from bot.cases.receiving.reviewing import Reviewing
from bot.cases.records import RecordsUnusable
from bot.cases.safekeeping.purge import Reason
from bot.cases.safekeeping.verification import Verification
from bot.cases.safekeeping.verification import verify as look
from bot.messages import ExportCases, ExportFormat
from bot.wording import say
from integrations.answering import SystemClock
from integrations.app import Reports, inbox, open_reports
from integrations.settings import read_settings
from knowledge.errors import TouchstoneError


class NoSuchFormat(TouchstoneError):
    """Cases are taken out as .csv, .json or .pdf; give the file one of these endings."""


app = typer.Typer(help="What was told: its chronologies, and what has to go.", no_args_is_help=True)


@app.command("verify")
def verify(
    *,
    contents: Annotated[
        bool, typer.Option("--contents", help="Open every answer as well; nothing of it is shown.")
    ] = False,
) -> None:
    """Whether every chronology is whole, nothing was cut off, and every case has its key: exit status 1 if not."""
    with opened() as reports:
        found = look(reports.store, reports.keys, reports.purge.log, contents=contents, files=reports.files)
    sys.stdout.write("\n".join(findings(found)) + "\n")
    raise SystemExit(1 if found.findings else 0)


@app.command("purge")
def purge(
    reference: Annotated[str, typer.Argument(help="Of a closed case.")],
    reason: Annotated[Reason, typer.Option(help="It stands in the chronology.")],
    person: Annotated[str, typer.Option("--as", help="Who decided it: an id of the directory; it must be theirs.")],
) -> None:
    """Deletes what was told in a closed case, and destroys its key; its chronology stays, with who decided it."""
    with opened() as reports:
        Reviewing(inbox(reports, SystemClock()), reports.purge).delete(person, reference, reason)
    sys.stdout.write(say("purge.done", reference=reference) + "\n")


@app.command("export")
def export(
    person: Annotated[str, typer.Option("--as", help="Who takes them: an id of the directory; they must be theirs.")],
    to: Annotated[Path, typer.Option("--to", help="The file to make; its ending says as what: .csv, .json or .pdf.")],
    references: Annotated[list[str] | None, typer.Argument(help="Which; without any, all that are theirs.")] = None,
) -> None:
    """Takes cases out for the school's case system. That they were taken, and by whom, is recorded in each."""
    if to.suffix.removeprefix(".") not in set(ExportFormat):
        raise NoSuchFormat(to.name)
    with opened() as reports:
        receiving = Export(inbox(reports, SystemClock()))
        as_what = ExportFormat(to.suffix.removeprefix("."))
        taken = receiving.take(ExportCases(person, as_what, tuple(references or ())))
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(taken.content)
    sys.stdout.write(say("export.wrote", path=to) + "\n")


@app.command("purge-due")
def purge_due() -> None:
    """Deletes what was entered in the school's case system and whose days are over; nothing else goes by itself."""
    with opened() as reports:
        gone = reports.purge_what_is_due(SystemClock().now())
    sys.stdout.write(say("purge.due", count=gone) + "\n")


def findings(found: Verification) -> list[str]:
    """What verification found, in words, a line each; of each case the first broken link."""
    counts = {"cases": found.cases, "entries": found.entries, "anchors": found.anchors}
    if not found.findings:
        return [say("verify.whole", **counts)]
    lines = [say("verify.wrong", count=len(found.findings), **counts)]
    for finding in found.findings:
        reference = finding.reference or say("verify.nobody")
        lines.append(say(f"verify.{finding.fault}", reference=reference, number=finding.number))
    return lines


@contextmanager
def opened() -> Iterator[Reports]:
    """The reports of this machine; what their databases refuse is said without what was to be stored.

    Raises:
        RecordsUnusable: a database failed.
    """
    reports = open_reports(read_settings())
    try:
        yield reports
    except SQLAlchemyError as failure:
        raise RecordsUnusable(type(failure).__name__) from None
    finally:
        reports.close()
