"""The commands by name, each imported when it is called: a question needs neither the web nor the records."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS: Mapping[str, str] = {
    "serve": "serve",
    "ask": "ask",
    "answer": "ask",
    "clauses": "policies",
    "build": "policies",
    "evaluate": "evaluate",
    "check": "check",
    "policies": "policies",
    "cases": "cases",
    "people": "people",
    "signed": "signed",
    "slack": "slack",
    "keys": "keys",
    "backup": "backup",
    "restore": "backup",
    "rulings": "rulings",
    "train": "train",
}
"""For each command the module of this package that has it: a function of its name, or an ``app`` with commands."""


class Commands(TyperGroup):
    """The group of all commands, in the order in which they are explained."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 (typer's)
        """As typer makes it, and knows the names at once: for the help, and for what was meant by a mistyped one."""
        super().__init__(**attributes)
        self.commands: Any = dict.fromkeys(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> Any:  # noqa: ANN401, ARG002 (its class is private to typer)
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"integrations.cli.{COMMANDS[cmd_name]}")
        function = getattr(module, cmd_name, None)
        if function is None:
            group = typer.main.get_group(module.app)
            group.name = cmd_name
            return group
        one = typer.Typer(add_completion=False)
        one.command(cmd_name)(function)
        return typer.main.get_command(one)
