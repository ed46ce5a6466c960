"""`touchstone slack`: the manifest with which an administrator makes the app."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from integrations.settings import read_settings
from integrations.slack.manifest import as_yaml, manifest
from knowledge.errors import TouchstoneError

app = typer.Typer(help="Touchstone in Slack.", no_args_is_help=True)


class NotReachable(TouchstoneError):
    """Slack delivers to an address with https and without a path, such as https://touchstone.school.example."""


@app.callback()
def platform() -> None:
    """Touchstone in Slack."""


@app.command("manifest")
def write_manifest(
    http: Annotated[
        str,
        typer.Option("--http", help="The public address, for HTTP mode. Without it: Socket Mode.", metavar="ADDRESS"),
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", help="The file to write to, instead of the terminal.")] = None,
) -> None:
    """Writes the app's manifest, to be pasted at api.slack.com/apps."""
    address = http.rstrip("/")
    if address and (not address.startswith("https://") or "/" in address.removeprefix("https://") or "?" in address):
        raise NotReachable(http)
    text = as_yaml(manifest(address, address or read_settings().address))
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")
