"""`touchstone keys`: another master key in the place of the current one, and keys that nothing needs."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cases.keys.rotation import GivenElsewhere, drop_earlier
from bot.cases.keys.rotation import rotate as another
from bot.cases.opening import sweep, sweep_files
from bot.wording import say
from integrations.cli.cases import opened
from integrations.settings import read_settings

app = typer.Typer(help="The keys under which cases are sealed.", no_args_is_help=True)


@app.command("rotate")
def rotate(
    *,
    drop_old: Annotated[bool, typer.Option("--drop-old", help="Only drop earlier master keys from the file.")] = False,
) -> None:
    """Puts a new master key in front of those in the file, and wraps every key by it; nobody has to be kept out."""
    settings = read_settings()
    with opened() as reports:
        if settings.master_key:
            count = reports.keys.rewrap()
            if not count and not reports.keys.has_earlier:
                raise GivenElsewhere
            sys.stdout.write((say("keys.rotated", count=count) if count else say("keys.current")) + "\n")
        elif drop_old:
            sys.stdout.write(say("keys.dropped", count=drop_earlier(settings.key_file, reports.keys)) + "\n")
        else:
            sys.stdout.write(say("keys.rotated", count=another(settings.key_file, reports.keys)) + "\n")
            sys.stdout.write(say("keys.keep", file=settings.key_file) + "\n")


@app.command("sweep")
def sweep_orphans() -> None:
    """Destroys keys older than a day whose case or draft was never stored, where that is certain."""
    with opened() as reports:
        now = datetime.now(UTC)
        count = sweep(reports.store, reports.keys, now)
        files = sweep_files(reports.store, reports.keys, reports.files, now)
    if files:
        sys.stdout.write(say("keys.files_swept", count=files) + "\n")
    sys.stdout.write(say("keys.swept", count=count) + "\n")
