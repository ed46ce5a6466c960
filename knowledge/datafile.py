"""Reads our TOML data strictly: whatever is unknown, wrong or missing is an error with file, line and remedy."""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from knowledge.errors import TouchstoneError

T = TypeVar("T")
Location = tuple[int | str, ...]


class BadDataFile(TouchstoneError):
    """A data file cannot be used as it is; mend the line named here and try again."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        """Names the place first, so that an editor can jump to it."""
        super().__init__(path, line, what)
        self.path = path
        self.line = line
        self.what = what

    def __str__(self) -> str:
        """``path:line: what is wrong; what to do``."""
        return f"{self.path}:{self.line}: {self.what}"


def read_data(path: Path, shape: type[T]) -> T:
    """Reads a TOML file into a dataclass.

    Args:
        path: the file.
        shape: a dataclass, with ``__pydantic_config__ = STRICT``, as are the dataclasses inside it.

    Raises:
        BadDataFile: the file is missing, is not TOML, or does not have that shape.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadDataFile(path, 1, f"cannot be read ({error.strerror}); put it back or correct the path") from None
    except UnicodeDecodeError:
        raise BadDataFile(path, 1, "is not UTF-8 text; save it as UTF-8") from None
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise BadDataFile(path, int(line[1]) if line else source.count("\n") + 1, f"is not TOML: {error}") from None
    try:
        return TypeAdapter(shape).validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadDataFile(path, _line_of(source, first["loc"]), _in_words(first["loc"], first)) from None


def line_of(path: Path, location: Location) -> int:
    """The line, from 1, of a key in a file that was read: ``line_of(path, ("concept", 3, "words"))``.

    For checks that the shape of the data cannot say.
    """
    return _line_of(path.read_text(encoding="utf-8"), location)


def _in_words(location: Location, error: Any) -> str:  # noqa: ANN401 (pydantic's ErrorDetails is a TypedDict of Any)
    key = ".".join(str(step) for step in location) or "the file"
    match error["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            return f"unknown key '{key}'; take it out or correct its spelling"
        case "missing" | "missing_argument":
            return f"'{key}' is missing; add it"
        case _:
            return f"'{key}': {error['msg']}"


def _line_of(source: str, location: Location) -> int:
    """The line of a key: the n-th ``[[table]]`` for an index, then the first line that begins with the key."""
    lines = source.split("\n")
    at = 0
    name = ""
    for step in location:
        if isinstance(step, int):
            headers = [
                n for n, line in enumerate(lines) if re.match(rf"\s*\[\[\s*([\w.-]+\.)?{re.escape(name)}\s*\]\]", line)
            ]
            headers = [n for n in headers if n >= at]
            at = headers[step] if step < len(headers) else at
        else:
            name = step
            pattern = re.compile(rf"\s*(\[+[\w.-]*\b)?\"?{re.escape(name)}\"?\s*(=|\])")
            at = next((n for n in range(at, len(lines)) if pattern.match(lines[n])), at)
    return at + 1
