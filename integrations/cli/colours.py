"""How a reply looks to a person at a terminal: in colour, a verdict with its sign, wrapped to the window."""

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from bot.messages import Reply
from integrations.cli.render import Line, Part, lines
from integrations.cli.terminal import visible

LOOKS: Mapping[Part, str] = {
    Part.HEADLINE: "bold",
    Part.NO: "bold red",
    Part.YES: "bold green",
    Part.DEPENDS: "bold yellow",
    Part.INFO: "bold cyan",
    Part.NOT_COVERED: "bold magenta",
    Part.NOTE: "italic",
    Part.LABEL: "bold",
    Part.TRAIL: "dim",
    Part.LEAD_IN: "",
    Part.WORDS: "",
    Part.SOURCE: "dim",
    Part.TELL: "dim",
    Part.URGENT: "bold red",
    Part.STEP: "",
}
"""In rich's words. rich leaves colours out where NO_COLOR is set, and everything where the terminal cannot do it."""

SIGNS: Mapping[Part, str] = {
    Part.URGENT: "!",
    Part.NO: "✗",
    Part.YES: "✓",
    Part.DEPENDS: "?",
    Part.INFO: "§",
    Part.NOT_COVERED: "–",  # noqa: RUF001 (a dash)
}
"""Whoever does not see the colours sees these; the pages of the web have the same."""


def show(reply: Reply, console: Console) -> None:
    """Writes a reply, every line wrapped between its indent and the edge of the window."""
    for line in lines(reply):
        _show(line, console)


def _show(line: Line, console: Console) -> None:
    text = Text()
    for part, words in line.pieces:
        sign = SIGNS.get(part)
        text.append(visible(f"{sign} {words}" if sign else words), LOOKS[part])
    room = max(console.width - line.indent, 1)
    for wrapped in text.wrap(console, room) or [text]:
        wrapped.rstrip()
        console.print(Text(" " * line.indent if wrapped else "") + wrapped, soft_wrap=True)
