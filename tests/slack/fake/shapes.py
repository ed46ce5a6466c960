"""How the fake says what an object of Block Kit may hold: each key with a check, and where it is wrong if it is."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.slack.fake.world import Json, Refused

Check = Callable[[Any, str], None]
"""Looks at a value, which stands at a path; raises ``Refused``."""

CODE = "invalid_blocks"


def wrong(path: str, why: str) -> Refused:
    """An error that says where."""
    return Refused(CODE, f"{path}: {why}")


def text(longest: int, shortest: int = 1) -> Check:
    """A string of a length in characters."""

    def check(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
        if not isinstance(given, str):
            raise wrong(path, "not a string")
        if not shortest <= len(given) <= longest:
            raise wrong(path, f"{len(given)} characters, not {shortest} to {longest}")

    return check


def flag(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
    """True or false, not text or a number."""
    if not isinstance(given, bool):
        raise wrong(path, "neither true nor false")


def number(least: int, most: int) -> Check:
    """A whole number."""

    def check(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
            raise wrong(path, f"not a whole number from {least} to {most}")

    return check


def one_of(*values: str) -> Check:
    """One of a few words."""

    def check(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
        if given not in values:
            raise wrong(path, f"not one of {values}")

    return check


def like(pattern: str) -> Check:
    """A string of a form."""

    def check(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
        if not isinstance(given, str) or re.fullmatch(pattern, given) is None:
            raise wrong(path, f"not of the form {pattern}")

    return check


def items(each: Check, most: int, least: int = 1) -> Check:
    """A list of so many."""

    def check(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
        if not isinstance(given, list):
            raise wrong(path, "not a list")
        if not least <= len(given) <= most:
            raise wrong(path, f"{len(given)} items, not {least} to {most}")
        for at, item in enumerate(given):
            each(item, f"{path}[{at}]")

    return check


def holds(given: Any, path: str, required: Mapping[str, Check], optional: Mapping[str, Check]) -> Json:  # noqa: ANN401
    """An object that has these keys and no others.

    Raises:
        Refused: one is missing, unknown, or its value is wrong.
    """
    if not isinstance(given, dict):
        raise wrong(path, "not an object")
    missing = sorted(set(required) - set(given))
    unknown = sorted(set(given) - set(required) - set(optional))
    if missing:
        raise wrong(path, f"missing {missing}")
    if unknown:
        raise wrong(path, f"unknown {unknown}")
    for key, check in (*required.items(), *optional.items()):
        if key in given:
            check(given[key], f"{path}.{key}")
    return given


def shaped(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object of one shape."""

    def check(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
        holds(given, path, required, optional or {})

    return check


def plain(longest: int) -> Check:
    """A text object without markup."""
    return shaped({"type": one_of("plain_text"), "text": text(longest)}, {"emoji": flag})


def marked(longest: int) -> Check:
    """A text object with markup."""
    return shaped({"type": one_of("mrkdwn"), "text": text(longest)}, {"verbatim": flag})


def any_text(longest: int) -> Check:
    """A text object, with markup or without."""

    def check(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
        is_marked = isinstance(given, dict) and given.get("type") == "mrkdwn"
        (marked(longest) if is_marked else plain(longest))(given, path)

    return check
