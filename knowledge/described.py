"""A document that has its ``policy.toml`` beside it, made a policy."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import ConfigDict

from knowledge.clauses import assemble
from knowledge.datafile import read_data
from knowledge.model import Policy
from knowledge.readers import read_document

FILE = "policy.toml"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """What ``policy.toml`` says of a document.

    Attributes:
        title: as people call it.
        source: the document's file name, in the same folder.
        version: as the document states it.
        approved: any day of the month it was approved in.
        review_months: after how many months it is to be reviewed.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    title: str
    source: str
    version: str | None = None
    approved: date | None = None
    review_months: int | None = None


def read_about(folder: Path) -> PolicyFile:
    """What is said of the document in a folder.

    Raises:
        BadDataFile: its ``policy.toml`` is wrong.
    """
    return read_data(folder / FILE, PolicyFile)


def read_described(folder: Path, slug: str) -> Policy:
    """The policy of a folder.

    Raises:
        BadDataFile: its ``policy.toml`` is wrong.
        UnreadableDocument: its document is.
    """
    about = read_about(folder)
    passages, clauses = assemble(read_document(folder / about.source), slug)
    approved = about.approved.replace(day=1) if about.approved else None
    return Policy(slug, about.title, about.version, approved, about.review_months, passages, clauses)
