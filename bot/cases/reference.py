"""References: how people speak of a case without saying anything about it."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that are not taken for one another when read aloud or written by hand."""


def new_reference() -> str:
    """A reference such as ``C-7KQ4-2M9X``: eight random signs of 31 (39 bits), so it cannot be guessed or counted."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"C-{signs[:4]}-{signs[4:]}"
