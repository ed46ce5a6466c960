"""Tables on standard output: drawn for a person at a terminal, tab-separated for a program."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from integrations.cli.terminal import visible


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], wide: str = "") -> None:
    """Prints it; no cell is cut, and the column ``wide`` gets what room there is.

    Tabs and line ends in a cell become spaces, so that one line is one row for a program; nothing steers a terminal.
    """
    cleaned = ([_plain(cell) for cell in row] for row in rows)
    if not sys.stdout.isatty():  # for a program: whole, one row a line
        sys.stdout.writelines("\t".join(row) + "\n" for row in cleaned)
        return
    table = Table(
        *(Column(name, overflow="fold", min_width=30 if name == wide else None) for name in columns), expand=bool(wide)
    )
    for row in cleaned:
        table.add_row(*map(Text, row))
    Console().print(table)


def _plain(cell: str) -> str:
    return visible(" ".join(cell.split()))
