"""One file a format; each gives the same Blocks. ``read_document`` picks the one for a file."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from knowledge.readers.blocks import Block
from knowledge.readers.errors import UnreadableDocument

READERS: Mapping[str, str] = {
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".rst": "restructuredtext",
}
"""The formats we read, by the end of the file's name, with the module that reads each: its parser is imported when a
document needs it."""


def read_document(path: Path) -> tuple[Block, ...]:
    """Reads a document of any format we know.

    Raises:
        UnreadableDocument: the format is unknown, the file cannot be opened, or it is not text.
    """
    name = READERS.get(path.suffix.lower())
    if name is None:
        known = ", ".join(sorted(READERS))
        raise UnreadableDocument(f"'{path.suffix or path.name}' is not a format we read; save it as one of {known}")
    reader = import_module(f"knowledge.readers.{name}")
    try:
        return cast("tuple[Block, ...]", reader.read(_decoded(path.read_bytes())))
    except OSError as error:
        raise UnreadableDocument(error.strerror or "it cannot be opened") from error


def _decoded(raw: bytes) -> str:
    if b"\0" in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableDocument("it is not text; save it as plain text in UTF-8")
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableDocument("its characters are neither UTF-8 nor Windows-1252; save it as UTF-8")
