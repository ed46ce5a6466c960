"""Versions of policies: which there are, one beside the one in force, and what putting it in force would touch."""

from collections.abc import Iterable, Mapping
from datetime import date

from bot.messages import VersionRead, VersionRow, Versions
from bot.owning.known import Known
from bot.owning.reading import row as ruling_row
from bot.owning.reading import step_row
from bot.wording import say
from knowledge.overlay import ClauseChange, Fate, NoSuchVersion, Overlay, Source, Version

MAX_DOCUMENT = 10 * 1024 * 1024
"""Bytes of a document that is put in: more than any policy; knowledge/readers/bounds.py limits what is in it."""


def version_rows(overlay: Overlay, today: date) -> tuple[VersionRow, ...]:
    """Every version of every policy, policy by policy, the newest first."""
    rows = [
        _row(version, overlay, today)
        for slug in overlay.versions.policies()
        for version in reversed(overlay.versions.of(slug))
    ]  # fmt: skip
    return tuple(rows)


def versions(
    overlay: Overlay, today: date, filled: Mapping[str, str] | None = None, problems: tuple[str, ...] = ()
) -> Versions:
    """All of them, and the form for a new one."""
    named = {one.slug: one.title for one in overlay.versions.in_force()}
    return Versions(version_rows(overlay, today), tuple(named.items()), filled or {}, problems)


def preparing(overlay: Overlay, today: date) -> tuple[VersionRow, ...]:
    """Versions that wait for something: put in and never in force, or to take effect later."""
    return tuple(
        _row(version, overlay, today)
        for slug in overlay.versions.policies()
        for version in overlay.versions.of(slug)
        if not version.in_force and version.source is Source.OWN and not _was_in_force(version, today)
    )


def version_read(  # noqa: PLR0913, PLR0917 (each a part of the page)
    overlay: Overlay, known: Known, slug: str, name: str, today: date, problems: tuple[str, ...] = ()
) -> VersionRead:
    """One version, and what it would touch; the one in force is held against the one before it.

    Raises:
        NoSuchPolicy: there is no such policy.
        NoSuchVersion: there is no such version.
    """
    found = find(overlay, slug, name)
    against = _against(overlay, found)
    scheduled = {version for _, version in overlay.versions.scheduled(slug)}
    read = _row(found, overlay, today)
    nothing = VersionRead(
        read, "", (), (), (), 0, (), (), (), today, can_publish=not found.in_force, can_withdraw=name in scheduled,
        can_roll_back=not found.in_force and _was_in_force(found, today), problems=problems,
    )  # fmt: skip
    if against is None:
        return nothing
    touched = known.touches(slug, name, against)
    comparison = touched.comparison
    return VersionRead(
        read,
        against,
        comparison.changed,
        tuple((say(f"owning.fate.{fate}"), count) for fate, count in comparison.counts.items()),
        tuple(ruling_row(known, slug, standing) for standing in touched.rulings),
        touched.still,
        tuple((label(one.change), one.phrasings) for one in touched.phrasings),
        touched.topics,
        tuple(one.old.label for one in comparison.changed if one.old and one.fate is not Fate.MOVED),
        today,
        can_publish=nothing.can_publish,
        can_withdraw=nothing.can_withdraw,
        can_roll_back=nothing.can_roll_back,
        problems=problems,
        steps=tuple(step_row(slug, standing) for standing in touched.steps),
    )


def find(overlay: Overlay, slug: str, name: str) -> Version:
    """The version of that name.

    Raises:
        NoSuchPolicy: there is no such policy.
        NoSuchVersion: there is no such version.
    """
    for version in overlay.versions.of(slug):
        if version.version == name:
            return version
    raise NoSuchVersion(name)


def in_force(overlay: Overlay, slug: str) -> Version | None:
    """The version of a policy that is in force."""
    return next((one for one in overlay.versions.in_force() if one.slug == slug), None)


def standing(version: Version, scheduled: Iterable[date], today: date) -> str:
    """Whether it is in force, will be, was, or is in preparation, in words."""
    later = [day for day in (*scheduled, *version.effective) if day > today]
    if version.in_force:
        since = [day for day in version.effective if day <= today]
        return say("owning.version.since", day=_day(max(since))) if since else say("owning.version.in_force")
    if later:
        return say("owning.version.from", day=_day(min(later)))
    if _was_in_force(version, today):
        return say("owning.version.was")
    return say("owning.version.preparing")


def label(change: ClauseChange) -> str:
    """How a clause that changed is cited: as it was, if it was there."""
    side = change.old or change.new
    return side.label if side is not None else ""


def _row(version: Version, overlay: Overlay, today: date) -> VersionRow:
    scheduled = (day for day, name in overlay.versions.scheduled(version.slug) if name == version.version)
    return VersionRow(
        version.slug, version.version, version.title, standing(version, scheduled, today), version.in_force,
        version.source is Source.OWN,
    )  # fmt: skip


def _against(overlay: Overlay, version: Version) -> str | None:
    """What a version is held against: the one in force, or for that one the one before."""
    if version.in_force:
        return overlay.versions.before(version.slug)
    now = in_force(overlay, version.slug)
    return now.version if now else None


def _was_in_force(version: Version, today: date) -> bool:
    """Whether it ever took effect; the shipped one is in force until another is."""
    return version.source is Source.SHIPPED or any(day <= today for day in version.effective)


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"
