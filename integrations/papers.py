"""The papers that a school must have before real people are spoken of here: live mode does not start without them."""

from dataclasses import dataclass, fields
from datetime import date as Day  # noqa: N812 (a field of ours is called date)
from pathlib import Path

from pydantic import ConfigDict

from bot.cases.people.directory import Directory
from integrations.settings import Settings
from knowledge.datafile import BadDataFile, line_of, read_data
from knowledge.errors import TouchstoneError

WHAT_TO_DO = "docs/data-protection/README.md says what to write there, and has a template of each paper"


class PapersMissing(TouchstoneError):
    """TOUCHSTONE_MODE=live needs what the school has to have first; reports are not taken until it is there."""


@dataclass(frozen=True, slots=True)
class Paper:
    """That the school has a paper: approved on a day, by whom (a role is enough), to be looked at again on another."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    date: Day
    by: str
    review: Day


@dataclass(frozen=True, slots=True)
class Papers:
    """What must be there: UK GDPR articles 35 and 13 to 14, and Data Protection Act 2018, schedule 1, part 4."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    impact_assessment: Paper
    privacy_notice: Paper
    appropriate_policy_document: Paper

    def overdue(self, today: Day) -> tuple[str, ...]:
        """The papers whose review was due before today. It is said, and stops nothing: a report must not fail by it."""
        return tuple(named for named, paper in _each(self) if paper.review < today)


def load_papers(path: Path, today: Day) -> Papers:
    """Reads what the school says of its papers.

    Raises:
        BadDataFile: the file is missing, or says what cannot be.
    """
    papers = read_data(path, Papers)
    for (named, paper), key in zip(_each(papers), fields(Papers), strict=True):
        at = (key.name, "date")
        if paper.date > today:
            raise BadDataFile(path, line_of(path, at), f"the {named} is dated in the future; it counts from that day")
        if paper.review <= paper.date:
            raise BadDataFile(path, line_of(path, at), f"the {named} is to be reviewed before it was approved")
        if not paper.by.strip():
            raise BadDataFile(path, line_of(path, at), f"the {named} was approved by nobody; say who, or in which role")
    return papers


def require_papers(settings: Settings, directory: Directory, today: Day) -> Papers | None:
    """What live mode needs, or None where it is not live.

    Raises:
        PapersMissing: the directory is the demonstration's, or a paper is missing.
    """
    if not settings.is_live:
        return None
    if directory.is_demonstration:
        raise PapersMissing(f"{settings.directory} is not there: who receives reports; docs/directory.md")
    try:
        return load_papers(settings.papers, today)
    except BadDataFile as fault:
        raise PapersMissing(f"{fault}; {WHAT_TO_DO}") from None


def _each(papers: Papers) -> tuple[tuple[str, Paper], ...]:
    return tuple((key.name.replace("_", " "), getattr(papers, key.name)) for key in fields(papers))
