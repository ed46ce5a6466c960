"""Rulings as their owner reads them: how they stand, what they say for which facts, and what changed under them."""

from collections.abc import Mapping, Sequence

from bot.messages import (
    ClauseWas,
    OwnWords,
    RulingRead,
    RulingRow,
    RulingRows,
    RulingTable,
    StepRead,
    StepRow,
    TableLine,
)
from bot.owning.figures import FEW, WEEKS, often
from bot.owning.known import Known
from bot.wording import say
from knowledge.facts import shipped_facts
from knowledge.induction.locks import StepStanding
from knowledge.locks import Change, Lock, Standing, Words
from knowledge.model import Clause, Policy
from knowledge.overlay import Overlay, ToRuling
from knowledge.ruling_tables import NOT_SAID, size, table, values_of
from knowledge.rulings import Ruling

MOST_LINES = 60
"""Lines of a table that are shown."""
MOST_COMBINATIONS = 3_000
"""Combinations of facts that are looked through for a table."""


def ruling_rows(overlay: Overlay, known: Known, times: Mapping[tuple[str, str], int]) -> RulingRows:
    """Every ruling of every policy in force, those that wait for review first."""
    rows: list[RulingRow] = []
    sections: dict[str, list[RulingRow]] = {}
    for version in overlay.versions.in_force():
        policy = overlay.versions.policy(version.slug)
        headings = {str(clause.label): clause.headings for clause in policy.clauses}
        sections |= {heading: [] for found in headings.values() for heading in found[:1]}
        for standing in known.standings(version.slug):
            ruling = standing.ruling
            shown = row(known, version.slug, standing, times.get((version.slug, ruling.id), 0))
            rows.append(shown)
            if standing.decides:
                heading = next(iter(headings.get(ruling.cites[0], ())), policy.title)
                sections.setdefault(heading, []).append(shown)
    rows.sort(key=lambda one: (one.decides, one.policy, one.about.casefold()))
    by_section = tuple(
        (heading, tuple(sorted(found, key=lambda one: one.about.casefold())))
        for heading, found in sections.items()
        if found
    )
    return RulingRows(tuple(rows), by_section, WEEKS, FEW)


def row(known: Known, slug: str, standing: Standing, times: int = 0) -> RulingRow:
    """A ruling as a list shows it."""
    ruling = standing.ruling
    return RulingRow(
        slug,
        ruling.id,
        ruling.about,
        standing_in_words(standing),
        standing.decides,
        known.is_own(slug, ruling.id),
        often(times),
        times >= FEW,
    )


def standing_in_words(standing: Standing) -> str:
    """Whether a ruling decides, and if not, why."""
    if standing.lock is None:
        return say("owning.standing.never_reviewed")
    if standing.changes:
        return _why_it_waits(standing.changes)
    return say("owning.standing.changed_itself" if standing.changed_itself else "owning.standing.decides")


def ruling_read(  # noqa: PLR0913, PLR0917 (each a part of the page)
    overlay: Overlay, known: Known, policy: Policy, standing: Standing, times: int, version: str
) -> RulingRead:
    """One ruling beside the clauses that it cites, in one version of its policy."""
    ruling, slug = standing.ruling, policy.slug
    by_label = {str(clause.label): clause for clause in policy.clauses}
    held = {label for label in ruling.cites if label in by_label}
    own = [one.text for one in overlay.phrasings.own(slug) if one.to == ToRuling(ruling.id)]
    return RulingRead(
        row=row(known, slug, standing, times),
        version=version,
        reviewed=_reviewed(standing.lock),
        clauses=tuple(by_label[label] for label in ruling.cites if label in held),
        gone=tuple(label for label in ruling.cites if label not in held),
        changes=tuple(map(_was, standing.changes)),
        table=ruling_table(ruling),
        phrasings=tuple(one for one in ruling.phrasings if one not in own),
        own=tuple(OwnWords(one) for one in own),
        can_accept=not standing.decides and len(held) == len(ruling.cites),
    )


def step_row(slug: str, standing: StepStanding) -> StepRow:
    """A step of the induction as a list shows it."""
    if standing.lock is None:
        why = say("owning.standing.never_reviewed")
    elif standing.changes:
        why = _why_it_waits(standing.changes)
    else:
        why = say("owning.standing.changed_itself" if standing.changed_itself else "owning.standing.shown")
    return StepRow(slug, standing.step.id, standing.step.title, why)


def step_read(policy: Policy, standing: StepStanding, version: str, problems: tuple[str, ...] = ()) -> StepRead:
    """One step of the induction beside the clauses that it cites, in one version of its policy."""
    step = standing.step
    by_label = {str(clause.label): clause for clause in policy.clauses}
    gone = tuple(label for label in step.cites if label not in by_label)
    situations = (one.text for one in step.situations)
    checks = (one.text for one in step.checks)
    return StepRead(
        row=step_row(policy.slug, standing),
        version=version,
        reviewed=_reviewed(standing.lock),
        says=(*(one.text for one in step.says), *situations, *checks),
        clauses=tuple(by_label[label] for label in step.cites if label in by_label),
        gone=gone,
        changes=tuple(map(_was, standing.changes)),
        can_accept=not standing.stands and not gone,
        problems=problems,
    )


def ruling_table(ruling: Ruling) -> RulingTable:
    """What a ruling says, those combinations together that say the same; a fact that it names must be one."""
    facts = shipped_facts()
    values = values_of(ruling, facts)
    columns = tuple(facts[key].ask for key in values)
    if size(values) > MOST_COMBINATIONS:
        return RulingTable(columns, (), is_cut=True)
    lines = table(ruling, values)
    shown = tuple(
        TableLine(
            tuple(
                _told(key, told, len(values[key])) for key, told in zip(values, line.facts, strict=True)
            ),
            line.decision.verdict,
            line.decision.says,
            tuple(facts[key].ask for key in line.decision.asks),
        )
        for line in lines[:MOST_LINES]
    )  # fmt: skip
    return RulingTable(columns, shown, is_cut=len(lines) > MOST_LINES)


def _told(key: str, told: tuple[str, ...], of: int) -> str:
    """Values of a fact in words; nothing where it is any, known or not."""
    if len(told) > of:
        return ""
    labels = {choice.value: choice.label for choice in shipped_facts()[key].choices}
    return say("owning.or").join(say("owning.not_said") if one == NOT_SAID else labels.get(one, one) for one in told)


def _why_it_waits(changes: Sequence[Change]) -> str:
    """What changed, in words: other words, or where there are none, only other numbers."""
    reworded = [one.label for one in changes if one.moved is None]
    key = "clause_changed" if reworded else "clause_moved"
    return say(f"owning.standing.{key}", labels=", ".join(reworded or [one.label for one in changes]))


def _reviewed(lock: Lock | None) -> str:
    if lock is None:
        return ""
    return say("owning.reviewed", day=f"{lock.reviewed:%-d %B %Y}", name=lock.reviewer)


def _was(change: Change) -> ClauseWas:
    return ClauseWas(change.label, _words(change.old), _words(change.new), change.moved or "")


def _words(clause: Words | Clause | None) -> tuple[str, ...]:
    if clause is None:
        return ()
    return tuple(part for part in (" / ".join(clause.headings), clause.lead_in or "", clause.text) if part)
