"""Reads files of JSON, one object a line, and names the line that cannot be used."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.errors import TouchstoneError


class NoQuestions(TouchstoneError):
    """The file of questions cannot be read; check its path."""


class BadLine(TouchstoneError):
    """A line of the questions cannot be used."""


def read_objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object with its place (``file:line``); empty lines are passed over.

    Raises:
        NoQuestions: the file is not there, cannot be opened, or is not UTF-8.
        BadLine: a line is not a JSON object that can be written again.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise NoQuestions(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NoQuestions(f"{path}: it is not UTF-8 text") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield f"{path}:{number}", _object(line, f"{path}:{number}")


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise BadLine(place, "it is not JSON") from None
    if not isinstance(data, dict):
        raise BadLine(place, "it is not an object")
    return data
