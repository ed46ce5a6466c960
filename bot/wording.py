"""The words that people read: ``say(key, **values)`` over ``locales/en-GB.toml``."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from knowledge.errors import TouchstoneError

LOCALES = Path(__file__).parent / "locales"
DEFAULT = "en-GB"


class NoSuchWording(TouchstoneError):
    """There is no sentence of that key in bot/locales; add it there."""


def say(key: str, locale: str = DEFAULT, /, **values: object) -> str:
    """The sentence of that key (``receipt.headline``) with the values put in.

    Raises:
        NoSuchWording: the key is not in the locale's file.
        KeyError: the sentence has a blank that ``values`` does not fill.
    """
    sentence = wordings(locale).get(key)
    if sentence is None:
        raise NoSuchWording(key)
    return sentence.format_map(values)


@cache
def wordings(locale: str = DEFAULT) -> Mapping[str, str]:
    """Every sentence of a locale by its key, tables joined with dots."""
    data = tomllib.loads((LOCALES / f"{locale}.toml").read_text(encoding="utf-8"))
    return dict(_flat(data, ""))


def _flat(table: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{name}.")
        else:
            rows.append((prefix + name, str(value)))
    return rows
