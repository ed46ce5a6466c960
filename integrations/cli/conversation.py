"""`touchstone ask` without a question: one after the other, until the person has had enough."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from bot.messages import Reply
from bot.wording import say
from knowledge.errors import TouchstoneError

PROMPT = "> "
FAREWELLS = frozenset({"bye", "goodbye", "exit", "quit"})
HELP = frozenset({"help", "?"})


def converse(ask: Callable[[str], Sequence[Reply]], show: Callable[[Reply], None], tell: Callable[[str], None]) -> None:
    """Asks on and on; whatever goes wrong with one question, the next can be asked.

    Args:
        ask: answers what is typed.
        show: writes a reply.
        tell: writes a sentence of our own.
    """
    _remember_lines()
    tell(say("terminal.greeting"))
    try:
        for line in _typed(tell):
            _turn(line, ask, show, tell)
    except KeyboardInterrupt:  # Ctrl-C, at the prompt or while an answer is looked for
        tell("")
    tell(say("terminal.bye"))


def _turn(
    line: str, ask: Callable[[str], Sequence[Reply]], show: Callable[[Reply], None], tell: Callable[[str], None]
) -> None:
    if line.casefold() in HELP:
        tell(say("terminal.help"))
    else:
        try:
            replies = ask(line)
        except TouchstoneError as error:
            tell(str(error))
        except Exception as error:  # noqa: BLE001 (what went wrong with one question is no reason to end)
            tell(say("terminal.failed", error=type(error).__name__))  # its words may quote the question
        else:
            for reply in replies:
                show(reply)
    tell("")


def _typed(tell: Callable[[str], None]) -> Iterator[str]:
    """What is typed, until an empty line, a farewell or the end of the input."""
    while True:
        try:
            line = input(PROMPT).strip()
        except EOFError:
            tell("")
            return
        if not line or line.casefold().rstrip("!.") in FAREWELLS:
            return
        yield line


def _remember_lines() -> None:
    """The arrow keys bring back what was typed in this conversation. It is kept in memory alone, and ends with it."""
    with suppress(ImportError):
        import readline  # noqa: PLC0415 (not on every system; imported, it does its work)

        readline.clear_history()
