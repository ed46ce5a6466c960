"""Topics: what staff ask about and a policy does not answer, in their own words (data: not_covered/*.toml)."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict

from knowledge.datafile import read_data

FOLDER = "not_covered"
"""The folder of a policy in which its topics lie, in as many files as its owner likes."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that people ask about and that the policy does not answer.

    Attributes:
        id: its name, small letters, digits and hyphens; one of its kind.
        about: the topic in a few words.
        phrasings: messages that ask about it.
        near: labels of the clauses that speak of something close to it, which are shown as nearest and as no answer;
            none where the topic is far from all that the policy speaks of.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    about: str
    phrasings: tuple[str, ...]
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="forbid")

    topic: tuple[Topic, ...]
    version: str | None = None


@dataclass(frozen=True, slots=True)
class TopicFile:
    """The topics of one file, in its order; for a school's own, the version whose labels ``near`` has."""

    path: Path
    topics: tuple[Topic, ...]
    version: str | None = None


def read_topic_files(policy_folder: Path) -> tuple[TopicFile, ...]:
    """The files of topics of a policy, by name; none where it has no such folder.

    Raises:
        BadDataFile: a file cannot be used. What the shape cannot say: ``knowledge.phrasing_checks``.
    """
    paths = sorted((policy_folder / FOLDER).glob("*.toml"))
    files = ((path, read_data(path, _File)) for path in paths)
    return tuple(TopicFile(path, file.topic, file.version) for path, file in files)


def read_topics(policy_folder: Path) -> tuple[Topic, ...]:
    """The topics of a policy, in the order of the files' names; none where it has no such folder.

    Raises:
        BadDataFile: a file cannot be used.
    """
    return tuple(topic for file in read_topic_files(policy_folder) for topic in file.topics)
