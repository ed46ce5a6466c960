"""`touchstone cases`: whether the chronologies are whole, and what has to go."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.records import RecordsUnusable
from bot.cases.safekeeping.purge import Reason
from bot.cases.safekeeping.verification import Verification
from bot.cases.safekeeping.verification import verify as look
from bot.wording import say
from integrations.app import Reports, open_reports
from integrations.settings import read_settings

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
) -> None:
    """Deletes what was told in a closed case, and destroys its key; its chronology stays."""
    with opened() as reports:
        reports.purge.purge(reference, reason)
    sys.stdout.write(say("purge.done", reference=reference) + "\n")


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
