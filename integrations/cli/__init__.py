"""The command `touchstone`: what other programs, and whoever installs it, call."""

import io
import os
import sys
from pathlib import Path

import typer

from integrations.cli import ask, backup, cases, check, evaluate, insights, keys, policies, serve
from knowledge.errors import TouchstoneError

app = typer.Typer(
    help="A chat assistant for school staff: answers from the school's own policy, takes reports that are never lost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables would print what a person wrote
    add_completion=False,
)
app.command("serve")(serve.serve)
app.command("ask")(ask.ask)
app.command("answer")(ask.answer)
app.command("clauses")(policies.clauses)
app.command("build")(policies.build)
app.command("evaluate")(evaluate.evaluate)
app.command("check")(check.check)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
policies.app.command("questions")(insights.questions)
policies.app.command("ratings")(insights.ratings)
app.add_typer(policies.app, name="policies")
app.add_typer(cases.app, name="cases")
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Runs the command; an error that a person can mend is one line on standard error and exit status 1."""
    _speak_utf8()
    try:
        app()
    except BrokenPipeError:  # whoever read our output has read enough
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (until the process ends)
    except TouchstoneError as error:
        sys.exit(f"touchstone: {error}")
    except OSError as error:
        sys.exit(f"touchstone: {error.filename or 'a file'}: {error.strerror or type(error).__name__}")


def _speak_utf8() -> None:
    """Whatever the terminal calls itself: our output is UTF-8, and neither an odd sign nor a closed stream ends us."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (until the end)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
