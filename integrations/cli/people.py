"""`touchstone people`: who may open nothing yet, and the way out where nobody is left who could confirm them."""

import sys
from typing import Annotated

import typer

from bot.cases.people.appointments import Appointments
from bot.wording import say
from integrations.cli.cases import opened

app = typer.Typer(help="Who holds which role, and may open cases in it.", no_args_is_help=True)


@app.command("list")
def list_waiting() -> None:
    """Who is named for a role that opens cases and was not confirmed yet, and who could do it."""
    with opened() as reports:
        lines = waiting(reports.appointments)
    sys.stdout.write("\n".join(lines) + "\n")


@app.command("confirm")
def confirm(
    person: Annotated[str, typer.Argument(help="Their id in the directory.")],
    role: Annotated[str, typer.Argument(help="The role's name, such as dsl.")],
) -> None:
    """Confirms somebody at this machine, where nobody in the directory is left who could; it is recorded."""
    with opened() as reports:
        one = reports.appointments.confirm_here(person, role)
    sys.stdout.write(say("people.confirmed", name=one.person.name, role=say(f"role.{one.holding.role}")) + "\n")


def waiting(appointments: Appointments) -> list[str]:
    """A line for each who waits to be confirmed; one line where nobody does."""
    if appointments.directory.is_demonstration:
        return [say("people.invented")]
    lines = []
    for one in appointments.waiting():
        key, role = one.holding.role, say(f"role.{one.holding.role}")
        who = ", ".join(f"{person.name} ({say(f'role.{held}')})" for person, held in appointments.confirmers(one))
        who = who or say("people.nobody", id=one.person.id, key=key)
        lines.append(say("people.waiting", name=one.person.name, id=one.person.id, role=role, key=key, who=who))
    return lines or [say("people.all")]
