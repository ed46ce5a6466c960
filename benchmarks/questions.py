"""Questions as staff type them, from one word to a long paragraph: questions.txt has one a line."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

QUESTIONS = tuple(Path(__file__).with_name("questions.txt").read_text(encoding="utf-8").splitlines())

LONGEST = ("What does the policy say about phones, pupils and photographs? " * 40)[:1990]
"""Nearly as many characters as the chat takes."""

_BEFORE = ("", "Hi, ", "quick question: ", "Sorry to bother you. ", "morning! ")
_AFTER = ("", " Thanks", " asking for a colleague", " pls", " It is rather urgent.")


def endless() -> Iterator[str]:
    """The questions over and over, framed in other words each time: 850 before one comes again as it was."""
    while True:
        for before, after in product(_BEFORE, _AFTER):
            for question in QUESTIONS:
                yield f"{before}{question}{after}"
