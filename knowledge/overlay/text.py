"""The files of the overlay as text, and the names of what lies in it."""

import re
from collections.abc import Sequence

from knowledge.described import FILE as DESCRIPTION
from knowledge.described import PolicyFile
from knowledge.locks import toml_string
from knowledge.overlay.files import SCHEDULE, InForce, Phrasing
from knowledge.words import tokens

HEADING = "# Written by Touchstone; docs/policies.md says what may stand here.\n"
"""How every file begins that Touchstone writes there."""


def description_file(about: PolicyFile) -> bytes:
    """The ``policy.toml`` of a version."""
    lines = [HEADING, f"title = {toml_string(about.title)}", f"source = {toml_string(about.source)}"]
    lines.append(f"version = {toml_string(about.version or '')}")
    lines += [f"approved = {about.approved.isoformat()}"] if about.approved else []
    lines += [f"review_months = {about.review_months}"] if about.review_months else []
    return ("\n".join(lines) + "\n").encode()


def document_name(file_name: str) -> str:
    """The last part of a name, in signs that every file system takes."""
    last = re.split(r"[/\\]", file_name)[-1]
    plain = re.sub(r"[^0-9A-Za-z._-]+", "-", last).strip("-.")
    return f"document-{plain}" if not plain[:1].isalnum() or plain == DESCRIPTION else plain


def schedule_file(slug: str, schedule: Sequence[InForce]) -> dict[str, bytes | None]:
    """The file of the schedule, by its path below the overlay; without content where nothing is scheduled."""
    rows = (
        f"[[in_force]]\nversion = {toml_string(one.version)}\nsince = {one.since.isoformat()}\n" for one in schedule
    )
    return {f"{slug}/{SCHEDULE}": "\n".join((HEADING, *rows)).encode() if schedule else None}


def phrasing_lines(one: Phrasing) -> bytes:
    """A phrasing as it stands in its file."""
    named = {"text": one.text, "ruling": one.ruling, "clause": one.clause, "topic": one.topic, "version": one.version}
    lines = (f"{key} = {toml_string(value)}" for key, value in named.items() if value is not None)
    return ("\n".join(("[[phrasing]]", *lines)) + "\n").encode()


def toml_list(texts: Sequence[str]) -> str:
    """A list of texts as TOML writes it."""
    return f"[{', '.join(map(toml_string, texts))}]"


def one_line(text: str) -> str:
    """A text on one line, in signs that can be written down."""
    return " ".join(text.encode(errors="replace").decode().split())


def free_id(about: str, taken: set[str]) -> str:
    """An id made of the words that say what it is about, with a number where it is taken."""
    name = "-".join(tokens(about.replace("'", "")))[:60].strip("-") or "topic"
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, 10_000))) if one not in taken)


def in_order(version: str) -> tuple[tuple[int, str], ...]:
    """2.9 before 2.10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.-]", version))
