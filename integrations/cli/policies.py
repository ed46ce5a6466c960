"""`touchstone build`, `clauses` and `policies`: the library and its snapshot."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated

import typer

from bot.wording import say
from index import snapshot
from index.encoder import MiniLM
from index.renewal import State
from index.search import Shelf
from integrations.answering import SystemClock, prepared, renewed
from integrations.cli import overlay
from integrations.cli.documents import LibraryOption, read_library
from integrations.cli.progress import encoding
from integrations.cli.renewal import in_words
from integrations.cli.tables import print_table
from integrations.cli.terminal import visible
from integrations.settings import read_settings
from knowledge.health import Finding, examine
from knowledge.model import Clause, PassageKind, Policy

app = typer.Typer(help="The policies that are answered from.", no_args_is_help=True)
_OF_THE_OVERLAY: Mapping[str, Callable[..., None]] = {
    "versions": overlay.versions,
    "diff": overlay.diff,
    "add": overlay.add,
    "publish": overlay.publish,
    "withdraw": overlay.withdraw,
    "roll-back": overlay.roll_back,
    "changes": overlay.changes,
    "export": overlay.export,
    "renewal": overlay.renewal,
}
for _name, _command in _OF_THE_OVERLAY.items():
    app.command(_name)(_command)


def build() -> None:
    """Builds the snapshot that answers are given from; quick when nothing changed.

    Exit status 1 if what the school changed is kept out: it cannot be used, or makes answers worse.
    """
    settings, clock = read_settings(), SystemClock()
    encoder = MiniLM(kept=settings.encoder)
    renewal = renewed(settings, encoder, clock, encoding())
    library = Shelf(settings.snapshots, encoder).searcher().library
    digest = snapshot.current(settings.snapshots)
    sys.stdout.write(f"snapshot {digest}: {len(library.policies)} policies, {len(library.clauses)} clauses\n")
    prepared(settings, encoder, clock)
    if renewal.state is not State.ANSWERED:
        sys.stderr.write(visible(in_words(renewal)) + "\n")
        raise SystemExit(1)


def clauses(
    library: LibraryOption = None,
    policy: Annotated[str | None, typer.Option(help="The slug of one policy, or a path below the folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,  # noqa: FBT002 (typer's way)
) -> None:
    """Every clause, in order."""
    found = read_library(library)
    chosen = found.clauses if policy is None else found.policy(policy).clauses
    for clause in chosen:
        sys.stdout.write(
            (json.dumps(_row(clause), ensure_ascii=False) if as_json else visible(f"{clause.label}  {clause.text}"))
            + "\n"
        )


@app.command("list")
def list_policies(library: LibraryOption = None) -> None:
    """The policies in force."""
    rows = [
        (
            policy.slug,
            policy.title,
            policy.version or "",
            *(f"{month:%B %Y}" if month else "" for month in (policy.approved, policy.review_due)),
            str(len(policy.clauses)),
        )
        for policy in read_library(library).policies
    ]
    print_table(("policy", "title", "version", "approved", "review due", "clauses"), rows)


@app.command("show")
def show_policy(policy: Annotated[str, typer.Argument(help="Its slug.")], library: LibraryOption = None) -> None:
    """One policy, the whole text, each clause with its label."""
    for line in _whole(read_library(library).policy(policy)):
        sys.stdout.write(visible(line) + "\n")


@app.command("health")
def policy_health(
    policy: Annotated[str | None, typer.Argument(help="Its slug; without one, every policy.")] = None,
    library: LibraryOption = None,
) -> None:
    """What is wrong in a document as far as a rule can see it: where, and why it matters to its owner."""
    found = read_library(library)
    today = datetime.now(UTC).date()
    for one in found.policies if policy is None else (found.policy(policy),):
        report = f"{one.title} ({one.slug})\n\n" + "\n".join(_report(examine(one, today)))
        sys.stdout.write(visible(report) + "\n\n")


def _report(findings: Sequence[Finding]) -> Iterator[str]:
    """Kind by kind: what it is, why it matters, and each place."""
    if not findings:
        yield say("health.none")
        return
    yield say("health.found", count=len(findings))
    for problem, members in groupby(findings, key=lambda finding: finding.problem):
        yield ""
        yield say(f"health.{problem}")
        yield say(f"health.why.{problem}")
        for finding in members:
            place = say("health.place", places=", ".join(finding.places), line=finding.line, detail=finding.detail)
            yield f"  - {place}"
            if finding.source:
                yield f"    {say('health.said', source=finding.source)}"


def _row(clause: Clause) -> dict[str, object]:
    return {
        "policy": clause.policy,
        "label": str(clause.label),
        "headings": list(clause.headings),
        "lead_in": clause.lead_in,
        "text": clause.text,
        "page": clause.page,
    }


def _whole(policy: Policy) -> list[str]:
    lines = [policy.title, ""]
    for passage in policy.passages:
        match passage.kind:
            case PassageKind.HEADING:
                lines += ["", f"{passage.marker} {passage.text}".strip()]
            case PassageKind.CLAUSE:
                lines.append(f"{passage.label}  {passage.text}")
            case _:
                lines.append(f"{passage.marker} {passage.text}".strip())
    return lines


@app.command()
def questions() -> None:
    """What staff sent to the policy owner, the newest first."""
    from integrations.cli import insights  # noqa: PLC0415 (the records' libraries: no other command here needs them)

    insights.print_questions()


@app.command()
def ratings() -> None:
    """How often answers were called helpful, by clause and answer, what helped least first."""
    from integrations.cli import insights  # noqa: PLC0415 (the records' libraries: no other command here needs them)

    insights.print_ratings()
