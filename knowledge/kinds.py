"""Kinds of message: what people write that is no question to a policy, in their own words (data: kinds/*.toml)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict

from knowledge.datafile import read_data

FOLDER = Path(__file__).with_name("kinds")

IntentName = Literal[
    "report_concern", "disclose_contact", "acknowledge_policy", "induction", "status", "smalltalk", "help"
]
"""What somebody wants who does not ask; the names are those of the command line's contract."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Messages of one kind that have one occasion in common.

    Attributes:
        id: its name, small letters, digits and hyphens; one of its kind.
        intent: what the person wants.
        about: the occasion in a few words.
        phrasings: messages of it.
        urgent: whether somebody who writes so may speak of a child in danger now.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    intent: IntentName
    about: str
    phrasings: tuple[str, ...]
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class KindFile:
    """The kinds of one file, in its order."""

    path: Path
    kinds: tuple[Kind, ...]


def read_kind_files(folder: Path) -> tuple[KindFile, ...]:
    """The files of kinds of a folder, by name.

    Raises:
        BadDataFile: a file cannot be used. What the shape cannot say: ``knowledge.phrasing_checks``.
    """
    return tuple(KindFile(path, read_data(path, _File).kind) for path in sorted(folder.glob("*.toml")))


def read_kinds(folder: Path) -> tuple[Kind, ...]:
    """The kinds of all files of a folder, in the order of the files' names.

    Raises:
        BadDataFile: a file cannot be used.
    """
    return tuple(kind for file in read_kind_files(folder) for kind in file.kinds)


@cache
def shipped_kinds() -> tuple[Kind, ...]:
    """The kinds that come with the product, read once.

    Raises:
        BadDataFile: a file cannot be used.
    """
    return read_kinds(FOLDER)
