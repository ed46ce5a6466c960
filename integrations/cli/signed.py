"""`touchstone signed`: the signatures whose time is over, and their deletion by somebody who looked."""

import sys
from typing import Annotated

import typer

from bot.cases.dates import day_in_words
from bot.cases.forms.model import load_forms
from bot.induction.leading import NotYourInduction
from bot.induction.leaving import Leaving
from bot.wording import say
from integrations.answering import SystemClock
from integrations.app import Reports, leaving, looks_after_induction
from integrations.cli.cases import opened

app = typer.Typer(help="What was signed, and what of it has to go.", no_args_is_help=True)


@app.command("due")
def due() -> None:
    """Which signatures are due to be looked at and deleted: their ids, and days; no name."""
    with opened() as reports:
        of_signed = _leaving(reports)
        lines = [
            say(
                "signed.due",
                sign_off=one.sign_off,
                policy=one.policy,
                signed=day_in_words(one.signed),
                left=day_in_words(one.left),
                since=day_in_words(one.since),
            )
            for one in of_signed.due()
        ]
        if lines:
            period = of_signed.retention.signed
            lines.insert(0, say("signed.look", look=period.look, source=period.source))
    sys.stdout.write("\n".join(lines or [say("signed.none_due")]) + "\n")


@app.command("purge")
def purge(
    sign_off: Annotated[str, typer.Argument(help="Its id, as `touchstone signed due` says it.")],
    person: Annotated[str, typer.Option("--as", help="Who decided it: an id of the directory; it must be theirs.")],
) -> None:
    """Deletes the name, role and signature of a sign-off whose period is over; that there was one stays."""
    with opened() as reports:
        if not looks_after_induction(reports, SystemClock(), person):
            raise NotYourInduction
        _leaving(reports).delete(sign_off)
    sys.stdout.write(say("signed.purged", sign_off=sign_off) + "\n")


def _leaving(reports: Reports) -> Leaving:
    return leaving(reports, SystemClock(), load_forms())
