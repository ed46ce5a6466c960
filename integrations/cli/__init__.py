"""The command `touchstone`: what other programs, and whoever installs it, call."""

import io
import os
import sys
from pathlib import Path

import typer

from integrations.cli.commands import Commands
from integrations.cli.terminal import one_line
from integrations.threads import one_thread_each
from knowledge.errors import TouchstoneError

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables would print what a person wrote
    add_completion=False,
)


@app.callback()
def touchstone() -> None:
    """A chat assistant for school staff: answers from the school's own policy, takes reports that are never lost."""


def main() -> None:
    """Runs the command; an error that a person can mend is one line on standard error and exit status 1."""
    _speak_utf8()
    one_thread_each()
    try:
        app()
    except BrokenPipeError:  # whoever read our output has read enough
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (until the process ends)
    except TouchstoneError as error:
        sys.exit(one_line(f"touchstone: {error}"))
    except OSError as error:
        sys.exit(one_line(f"touchstone: {error.filename or 'a file'}: {error.strerror or type(error).__name__}"))


def _speak_utf8() -> None:
    """Whatever the terminal calls itself: our output is UTF-8, and neither an odd sign nor a closed stream ends us."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (until the end)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
