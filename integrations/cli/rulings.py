"""`touchstone rulings`: are the rulings right in themselves, and does their review still hold."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from bot.wording import say
from integrations.answering import SystemClock, today
from integrations.cli.terminal import visible
from integrations.settings import read_settings
from knowledge.datafile import BadDataFile
from knowledge.described import read_about
from knowledge.errors import TouchstoneError
from knowledge.facts import Fact, shipped_facts
from knowledge.induction import FILE as INDUCTION
from knowledge.induction import read_induction
from knowledge.induction.checks import check_induction
from knowledge.induction.locks import LOCKS, StepStanding, with_review
from knowledge.kinds import FOLDER as KINDS
from knowledge.kinds import KindFile, read_kind_files
from knowledge.library import SHIPPED
from knowledge.locks import Change, Standing, Words, read_locks, write_locks
from knowledge.model import Clause, Policy
from knowledge.overlay import OF_INDUCTION
from knowledge.overlay.merging import standings_in, steps_in
from knowledge.overlay.messages import require_once
from knowledge.overlay.shelves import Shelved, require_versions, shelves
from knowledge.overlay.writing import reading
from knowledge.phrasing_checks import check_kinds, check_topics
from knowledge.ruling_checks import Problem, check_one
from knowledge.ruling_checks import check as check_rulings
from knowledge.ruling_draft import draft as draft_ruling
from knowledge.ruling_tables import NOT_SAID, Line, table, values_of
from knowledge.rulings import Ruling, RulingFile, read_rulings
from knowledge.topics import read_topic_files

app = typer.Typer(help="The reviewed answers to what staff ask.", no_args_is_help=True)

PoliciesOption = Annotated[
    Path | None,
    typer.Option("--policies", help="Folders with a policy.toml, not those in force.", metavar="DIR"),
]


class NoSuchClause(TouchstoneError):
    """No policy has a clause of that label; `touchstone clauses` shows those there are."""


class NoSuchRuling(TouchstoneError):
    """No policy has a ruling of that id; `touchstone rulings review` names those that need a review."""


class NoReviewer(TouchstoneError):
    """A review is somebody's; say whose with --reviewer NAME."""


class CannotAccept(TouchstoneError):
    """It cites a clause that is not there; correct its `cites` and its rows first."""


@app.command()
def check(policies: PoliciesOption = None) -> None:
    """Every mistake with file and line: exit status 1 if there is one. Warnings change nothing."""
    kinds = read_kind_files(KINDS)
    mistakes = 0
    for problem in check_kinds(kinds):
        mistakes += 1
        _write(str(problem))
    for shelved, policy in _policies(policies):
        for problem in _problems(shelved, policy, kinds):
            mistakes += not problem.is_warning
            _write(say("rulings.warning", problem=problem) if problem.is_warning else str(problem))
        all_of_it = standings_in(shelved, policy)
        for standing in all_of_it:
            if not standing.decides:
                _write(say("rulings.stopped", ruling=standing.ruling.id))
        for step in steps_in(shelved, policy):
            if not step.stands:
                _write(say("rulings.stopped_step", step=step.step.id))
            for situation in step.undecided:
                _write(say("rulings.undecided", situation=situation.id, ruling=situation.ruling))
        count = sum(standing.decides for standing in all_of_it)
        _write(say("rulings.count", policy=policy.slug, count=len(all_of_it), decide=count))
    raise SystemExit(1 if mistakes else 0)


@app.command()
def review(
    accept: Annotated[
        list[str] | None,
        typer.Option(help="A ruling that was read and stands, or a step of an induction: induction/ID.", metavar="ID"),
    ] = None,
    reviewer: Annotated[str, typer.Option(help="Who read it against its clauses.", metavar="NAME")] = "",
    policies: PoliciesOption = None,
) -> None:
    """What was changed under each ruling since its review; with --accept its review is renewed, as of today."""
    for ruling in accept or ():
        if policies is None:
            _accept_own(ruling, reviewer.strip())
        else:
            _accept(ruling, reviewer.strip(), policies)
    for shelved, policy in _policies(policies):
        waiting = [standing for standing in standings_in(shelved, policy) if not standing.decides]
        steps = [step for step in steps_in(shelved, policy) if not step.stands]
        if not waiting:
            _write(say("rulings.all_stand", policy=policy.slug))
        for standing in waiting:
            _write("\n".join(_what_changed(standing)))
        for step in steps:
            _write("\n".join(_what_changed_in(step)))


@app.command()
def draft(
    label: Annotated[str, typer.Argument(help="A clause, such as 6.2(25).")], policies: PoliciesOption = None
) -> None:
    """A skeleton to begin a ruling from, with what the clause itself says as comments."""
    for _, policy in _policies(policies):
        for clause in policy.clauses:
            if str(clause.label) == label:
                _write(draft_ruling(clause).rstrip("\n"))
                return
    raise NoSuchClause(label)


@app.command("table")
def print_tables(policies: PoliciesOption = None) -> None:
    """Every ruling with its verdict for every combination of its facts, in Markdown, for a second reader."""
    for shelved, policy in _policies(policies):
        rulings = [standing.ruling for standing in standings_in(shelved, policy)]
        if rulings:
            _write("\n".join(_tables(policy, rulings)))


def _policies(folder: Path | None) -> Iterator[tuple[Shelved, Policy]]:
    """Every policy: in force today with what the school added, or of a folder of policies."""
    own, shipped = (read_settings().overlay, SHIPPED) if folder is None else (Path(os.devnull), folder)
    day = today(SystemClock())
    with reading(own):
        for one in shelves(own, shipped):
            policy = one.read(one.own.version_on(day))
            if policy is not None:
                yield one, policy


def _problems(shelved: Shelved, policy: Policy, kinds: tuple[KindFile, ...]) -> Iterator[Problem]:
    """The mistakes of the shipped files, as long as their version is in force, and those of the school's own."""
    if shelved.shipped is not None and policy.version == read_about(shelved.shipped).version:
        files = read_rulings(shelved.shipped)
        yield from check_rulings(files, policy, shipped_facts())
        yield from check_topics(read_topic_files(shelved.shipped), policy, files, kinds)
        yield from _of_induction(shelved.shipped, policy, files)
    for file in shelved.own.rulings:
        for number, ruling in enumerate(file.rulings):
            yield from check_one(file.path, number, ruling, policy)
    try:
        require_versions(shelved)
        require_once(shelved)
    except BadDataFile as error:
        yield Problem(error.path, error.line, error.what)


def _accept_own(name: str, reviewer: str) -> None:
    """In the school's overlay, whether the ruling is the school's or shipped."""
    from integrations.cli.overlay import by, open_overlay  # noqa: PLC0415 (a check needs neither directory nor log)

    if not reviewer:
        raise NoReviewer(name)
    overlay = open_overlay()
    for version in overlay.versions.in_force():
        if name in {f"{OF_INDUCTION}{one.step.id}" for one in overlay.steps.standings(version.slug)}:
            overlay.steps.accept(version.slug, name.removeprefix(OF_INDUCTION), by(reviewer))
            return
        if name in {standing.ruling.id for standing in overlay.rulings.standings(version.slug)}:
            overlay.rulings.accept(version.slug, name, by(reviewer))
            return
    raise NoSuchRuling(name)


def _accept(name: str, reviewer: str, policies: Path) -> None:
    if not reviewer:
        raise NoReviewer(name)
    day = today(SystemClock())
    for shelved, policy in _policies(policies):
        folder = policies / shelved.slug
        for step in steps_in(shelved, policy):
            if f"{OF_INDUCTION}{step.step.id}" == name:
                locks = read_locks(folder, LOCKS)
                try:
                    write_locks(folder, with_review(locks, step.step, policy, day, reviewer), LOCKS)
                except KeyError as missing:
                    raise CannotAccept(name, missing.args[0]) from None
                _write(say("rulings.accepted", ruling=name, reviewer=reviewer, day=day))
                return
        for file in read_rulings(folder):
            for ruling in file.rulings:
                if ruling.id == name:
                    try:
                        write_locks(folder, read_locks(folder).renewed(ruling, policy, day, reviewer))
                    except KeyError as missing:
                        raise CannotAccept(name, missing.args[0]) from None
                    _write(say("rulings.accepted", ruling=name, reviewer=reviewer, day=day))
                    return
    raise NoSuchRuling(name)


def _of_induction(folder: Path, policy: Policy, files: Iterable[RulingFile]) -> tuple[Problem, ...]:
    induction = read_induction(folder)
    if induction is None:
        return ()
    rulings = [ruling for file in files for ruling in file.rulings]
    return check_induction(folder / INDUCTION, induction, policy, rulings, shipped_facts())


def _what_changed(standing: Standing) -> Iterator[str]:
    yield say("rulings.waits", ruling=standing.ruling.id, about=standing.ruling.about)
    yield from _since_review(standing)


def _what_changed_in(standing: StepStanding) -> Iterator[str]:
    yield say("rulings.waits", ruling=f"{OF_INDUCTION}{standing.step.id}", about=standing.step.title)
    yield from _since_review(standing)


def _since_review(standing: Standing | StepStanding) -> Iterator[str]:
    if standing.lock is None:
        yield f"  {say('rulings.never')}"
        return
    yield f"  {say('rulings.last', day=standing.lock.reviewed, reviewer=standing.lock.reviewer)}"
    if standing.changed_itself:
        yield f"  {say('rulings.changed_itself')}"
    for change in standing.changes:
        yield from (f"  {line}" for line in _both(change))


def _both(change: Change) -> Iterator[str]:
    """A clause as it was and as it is."""
    if change.old is None:
        yield say("rulings.newly_cited", label=change.label)
    elif change.new is None:
        yield say("rulings.gone", label=change.label)
    else:
        yield say("rulings.changed", label=change.label)
    if change.moved:
        yield f"  {say('rulings.moved', label=change.moved)}"
    if change.old is not None:
        yield f"  {say('rulings.old', words=_all_words(change.old))}"
    if change.new is not None:
        yield f"  {say('rulings.new', words=_all_words(change.new))}"


def _all_words(clause: Clause | Words) -> str:
    return " | ".join((*clause.headings, *([clause.lead_in] if clause.lead_in else []), clause.text))


def _tables(policy: Policy, rulings: list[Ruling]) -> Iterator[str]:
    facts = shipped_facts()
    yield say("rulings.table.head", policy=policy.title, count=len(rulings))
    for ruling in rulings:
        yield f"\n## {ruling.about}\n"
        yield say("rulings.table.about", ruling=ruling.id, cites=", ".join(ruling.cites))
        yield ""
        yield from _rows(ruling, facts)
        for number, row in enumerate(ruling.row, start=1):
            if row.argued:
                yield f"\n{say('rulings.table.argued', row=number, why=row.argued)}"


def _rows(ruling: Ruling, facts: Mapping[str, Fact]) -> Iterator[str]:
    values = values_of(ruling, facts)
    columns = [*values, *(say(f"rulings.table.{name}") for name in ("row", "verdict", "says", "cites"))]
    yield _row(columns)
    yield _row(["---"] * len(columns))
    for line in table(ruling, values):
        yield _row([*_cells(line, [(*of_key, NOT_SAID) for of_key in values.values()]), *_decided(line)])


def _cells(line: Line, domains: list[tuple[str, ...]]) -> Iterator[str]:
    for members, domain in zip(line.facts, domains, strict=True):
        yield say("rulings.table.any") if len(members) == len(domain) else " / ".join(members)


def _decided(line: Line) -> Iterator[str]:
    decision = line.decision
    yield say("rulings.table.open") if decision.row is None else str(decision.row + 1)
    yield f"**{decision.verdict}**"
    yield decision.says + (f" ({say('rulings.table.asks', asks=', '.join(decision.asks))})" if decision.asks else "")
    yield ", ".join(decision.cites)


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _write(text: str) -> None:
    sys.stdout.write(visible(text) + "\n")
