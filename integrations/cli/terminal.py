"""What may be written to a terminal: nothing in a document or a file's name steers it, or turns words round."""

import re

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and newline (the first part of every escape sequence is one), and the signs that change
the direction of writing, with which "must not" can be made to look like something else."""


def visible(text: str) -> str:
    """The text with a replacement character for each sign that would steer the terminal."""
    return _STEERING.sub("\ufffd", text)


def one_line(text: str) -> str:
    """The same on one line, for a name or a reason within a message."""
    return visible(text.replace("\n", "\ufffd"))
