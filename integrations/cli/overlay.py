"""`touchstone policies` for what a school adds: versions compared, added, published, rolled back; the log; exports."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cases.people.directory import load_directory
from bot.cases.people.roles import Role
from bot.wording import say
from integrations.answering import SystemClock, own_overlay, today
from integrations.cli.renewal import in_words
from integrations.cli.tables import print_table
from integrations.cli.terminal import visible
from integrations.settings import read_settings
from knowledge.changes import ClauseChange, Comparison, Fate, Mark, Piece, compare
from knowledge.clauses import assemble
from knowledge.errors import TouchstoneError
from knowledge.model import Policy
from knowledge.overlay import By, Overlay, Touched
from knowledge.readers import read_document

_As = Annotated[
    str, typer.Option("--as", help="Who does it: the id in the directory of a policy owner.", metavar="PERSON")
]
_Slug = Annotated[str, typer.Argument(help="The policy's slug.")]
_Version = Annotated[str, typer.Argument(help="The version's name.")]
_Day = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; without one, today.")
]


class NotThePolicyOwner(TouchstoneError):
    """Knowledge is changed by a policy owner of the directory; name one by their id, with --as."""


class NotWhole(TouchstoneError):
    """The log is not as it was written, or files were changed by hand; compare with the last backup."""


class CannotExport(TouchstoneError):
    """An export is a file that ends in .zip or .diff, and is not there yet."""


def open_overlay() -> Overlay:
    """What the school adds, as it lies in the data folder."""
    return own_overlay(read_settings(), SystemClock())


def by(person: str) -> By:
    """Whoever changes knowledge, as the log names them.

    Raises:
        NotThePolicyOwner: it is nobody who holds that role today.
    """
    own = read_settings().directory
    directory = load_directory(own) if own.exists() else load_directory()
    day = today(SystemClock())
    holders = {one.id for school in directory.schools for one in directory.holders(Role.POLICY_OWNER, school.id, day)}
    if person not in holders:
        raise NotThePolicyOwner(person or ", ".join(sorted(holders)))
    return By(person, Role.POLICY_OWNER)


def versions(policy: Annotated[str, typer.Argument(help="A slug; without one, all.")] = "") -> None:
    """Every version that is there, and from which day it is in force."""
    overlay = open_overlay()
    rows = [
        (
            one.slug,
            one.version,
            one.title,
            say(f"knowledge.source.{one.source}"),
            ", ".join(day.isoformat() for day in one.effective),
            say("knowledge.in_force") if one.in_force else "",
        )
        for slug in ([policy] if policy else overlay.versions.policies())
        for one in overlay.versions.of(slug)
    ]
    print_table(("policy", "version", "title", "source", "from", "now"), rows)


def diff(
    old: Annotated[str, typer.Argument(help="slug@version, or a file.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="slug@version, or a file.", metavar="NEW")],
) -> None:
    """Two versions side by side, clause by clause; of a policy that is there, also which rulings it touches."""
    overlay = open_overlay()
    _write(_compared(compare(_one(overlay, old), _one(overlay, new))))
    slug, version = _named(old)
    other, newer = _named(new)
    if version and newer and slug == other:
        _write(_touched(overlay.versions.touches(slug, newer, version)))


def add(  # noqa: PLR0913, PLR0917 (its options)
    file: Annotated[Path, typer.Argument(help="The document.", metavar="FILE")],
    policy: Annotated[str, typer.Option(help="The slug of the policy that it is a version of.")],
    version: Annotated[str, typer.Option(help="What the version is called, such as 2.1.")],
    person: _As = "",
    title: Annotated[str, typer.Option(help="For a policy that is not there yet.")] = "",
    approved: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it was approved.")] = None,
) -> None:
    """Adds a version; nothing is answered from it until it is published."""
    day = approved.date() if approved else None
    who = by(person)
    read = open_overlay().versions.upload(policy, version, file.name, file.read_bytes(), who, title=title, approved=day)
    _say(say("knowledge.added", policy=policy, version=version, clauses=len(read.clauses)))


def publish(policy: _Slug, version: _Version, first: _Day = None, person: _As = "") -> None:
    """Puts a version in force from a day on."""
    day = first.date() if first else today(SystemClock())
    open_overlay().versions.publish(policy, version, day, by(person))
    _say(say("knowledge.published", policy=policy, version=version, day=day.isoformat()))


def withdraw(policy: _Slug, version: _Version, person: _As = "") -> None:
    """Takes a version that is to take effect later out again."""
    open_overlay().versions.withdraw(policy, version, by(person))
    _say(say("knowledge.withdrawn", policy=policy, version=version))


def roll_back(
    policy: _Slug,
    to: Annotated[str, typer.Option(help="The version to go back to; without one, the one before.")] = "",
    person: _As = "",
) -> None:
    """Puts the version of before in force again, from today on."""
    overlay = open_overlay()
    version = to or overlay.versions.before(policy) or ""
    overlay.versions.roll_back(policy, version, by(person))
    _say(say("knowledge.rolled_back", policy=policy, version=version))


def changes(
    *, verify: Annotated[bool, typer.Option("--verify", help="Hold the log against itself and the files.")] = False
) -> None:
    """Who changed which knowledge when, the newest first."""
    overlay = open_overlay()
    if verify:
        found = overlay.log.verify()
        if found.broken_at is not None or found.by_hand:
            raise NotWhole(*([f"row {found.broken_at}"] if found.broken_at else []), *found.by_hand)
        _say(say("knowledge.verified", count=found.changes))
        return
    rows = [
        (
            str(one.number),
            f"{one.at:%Y-%m-%d %H:%M}",
            one.by.person,
            one.policy,
            say(f"knowledge.act.{one.act}"),
            one.subject,
            one.detail,
        )
        for one in overlay.log.changes()
    ]
    print_table(("number", "when (UTC)", "who", "policy", "what", "of", "detail"), rows)


def export(
    to: Annotated[Path, typer.Option(help="A file that ends in .zip or .diff.", metavar="FILE")],
) -> None:
    """Writes all that the school added, as files (.zip) or against what is shipped, to be reviewed (.diff)."""
    overlay = open_overlay()
    if to.suffix not in {".zip", ".diff"} or to.exists():
        raise CannotExport(to)
    to.write_bytes(overlay.log.export_zip() if to.suffix == ".zip" else overlay.log.export_diff().encode())


def renewal() -> None:
    """How the last change fared: whether it is answered from, and the figures of its trial."""
    from integrations.answering import renewals  # noqa: PLC0415 (with the others it would hide what this module is about)

    found = renewals(read_settings(), SystemClock()).standing()
    _say(" ".join(filter(None, (say(f"knowledge.state.{found.state}"), in_words(found)))))


def _named(name: str) -> tuple[str, str]:
    """Slug and version of ``slug@version``; no version where it is the name of a file."""
    slug, _, version = name.rpartition("@")
    return (slug, version) if slug and not Path(name).exists() else (name, "")


def _one(overlay: Overlay, name: str) -> Policy:
    slug, version = _named(name)
    if version:
        return overlay.versions.policy(slug, version)
    path = Path(name)
    passages, clauses = assemble(read_document(path), path.name)
    return Policy(path.name, path.stem, None, None, None, passages, clauses)


def _compared(found: Comparison) -> Iterator[str]:
    counts = found.counts
    yield say("knowledge.counts", **{fate.value: counts[fate] for fate in Fate})
    for one in found.changed:
        yield ""
        yield _heading(one)
        if one.fate is not Fate.MOVED:
            for pieces in (one.headings, one.lead_in, one.text):
                if pieces and (pieces == one.text or any(piece.mark is not Mark.KEPT for piece in pieces)):
                    yield f"  {_marked(pieces)}"


def _heading(one: ClauseChange) -> str:
    old, new = one.old.label if one.old else "", one.new.label if one.new else ""
    place = old if old == new or not new else new if not old else f"{old} -> {new}"
    return f"{place}  {say(f'knowledge.fate.{one.fate}')}"


def _marked(pieces: tuple[Piece, ...]) -> str:
    signs = {Mark.KEPT: "{}", Mark.OUT: "[-{}-]", Mark.IN: "{{+{}+}}"}
    return "".join(
        signs[one.mark].format(one.text.rstrip()) + one.text[len(one.text.rstrip()) :] for one in pieces
    ).strip()


def _touched(found: Touched) -> Iterator[str]:
    yield ""
    yield say("knowledge.touched", count=len(found.rulings), still=found.still)
    yield from (f"  {one.ruling.id}: {', '.join(change.label for change in one.changes)}" for one in found.rulings)
    for one in found.phrasings:
        label = one.change.old.label if one.change.old else ""
        yield say("knowledge.touched_phrasings", label=label, count=len(one.phrasings))
    if found.topics:
        yield say("knowledge.touched_topics", topics=", ".join(found.topics))


def _write(lines: Iterator[str]) -> None:
    _say("\n".join(lines))


def _say(text: str) -> None:
    sys.stdout.write(visible(text) + "\n")
