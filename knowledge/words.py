"""Words as one compares them: a text in plain small letters, and the words and numbers in it."""

import re
import unicodedata

_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def fold(text: str) -> str:
    """The text in lower case, with compatibility forms, accents and curly quotes made plain.

    For comparing only: what is shown keeps its letters. White space is left as it is.
    """
    if text.isascii():  # most texts are, and need no more than this
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("\u2018", "'"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def tokens(text: str) -> tuple[str, ...]:
    """The words and numbers of a text, folded, in order. Emoji and other scripts give none."""
    return tuple(_TOKEN.findall(fold(text)))
