"""The library that a command is to work on: the policies in force, or a folder of documents."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from integrations.answering import SystemClock, today
from integrations.cli.terminal import one_line
from integrations.settings import read_settings
from knowledge.errors import TouchstoneError
from knowledge.library import Library

LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", help="A folder of documents instead of the policies in force.", metavar="DIR"),
]


class NothingToRead(TouchstoneError):
    """No document in that folder could be read as a policy; put text, Markdown or reStructuredText there."""


def read_library(folder: Path | None) -> Library:
    """Reads it; what cannot be read in a folder is named on standard error and left out.

    Raises:
        NoSuchFolder: the folder is not there.
        NothingToRead: nothing in it could be read.
        BadDataFile: a file that the school added cannot be used.
    """
    if folder is None:
        return Library.in_force(read_settings().overlay, today(SystemClock()))
    library = Library.folder(folder)
    for left_out in library.left_out:
        sys.stderr.write(one_line(f"left out: {left_out.path}: {left_out.reason}") + "\n")
    if not library.policies:
        raise NothingToRead(folder)
    return library
