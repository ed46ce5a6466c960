"""References: how people speak of a case without saying anything about it."""

import re
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that are not taken for one another when read aloud or written by hand."""

_REFERENCE = re.compile(f"C-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")


def new_reference() -> str:
    """A reference such as ``C-7KQ4-2M9X``: eight random signs of 31 (39 bits), so it cannot be guessed or counted."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"C-{signs[:4]}-{signs[4:]}"


def is_reference(text: str) -> bool:
    """Whether a text has the form of a reference. What has not names no case, and no database need be asked."""
    return _REFERENCE.fullmatch(text) is not None
