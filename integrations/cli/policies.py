"""`touchstone build`, `clauses` and `policies`: the library and its snapshot."""

import json
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from bot.wording import say
from index import snapshot
from index.encoder import MiniLM
from integrations.answering import published
from integrations.cli.documents import LibraryOption, read_library
from integrations.cli.progress import encoding
from integrations.cli.terminal import one_line, visible
from integrations.settings import read_settings
from knowledge.health import Finding, examine
from knowledge.model import Clause, PassageKind, Policy

app = typer.Typer(help="The policies that are answered from.", no_args_is_help=True)


def build() -> None:
    """Builds the snapshot that answers are given from; quick when nothing changed."""
    settings = read_settings()
    library = published(settings, MiniLM(), encoding()).searcher().library
    digest = snapshot.current(settings.snapshots)
    sys.stdout.write(f"snapshot {digest}: {len(library.policies)} policies, {len(library.clauses)} clauses\n")


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
    if not sys.stdout.isatty():  # for a program: whole, one policy a line
        sys.stdout.writelines("\t".join(map(one_line, row)) + "\n" for row in rows)
        return
    table = Table(Column("policy", overflow="fold"), "title", "version", "approved", "review due", "clauses")
    for row in rows:
        table.add_row(*map(one_line, row))
    Console(markup=False, emoji=False).print(table)  # a title may have square brackets


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
        findings = examine(one, today)
        blocks = ["\n".join(_in_words(one, finding)) for finding in findings] or [say("health.none")]
        sys.stdout.write(visible(f"{one.title} ({one.slug})\n\n" + "\n\n".join(blocks)) + "\n\n")


def _in_words(policy: Policy, finding: Finding) -> list[str]:
    lines = [
        say(f"health.{finding.problem}", places=", ".join(finding.places), detail=finding.detail),
        say("health.where", title=policy.title, line=finding.line),
        say("health.because", why=say(f"health.why.{finding.problem}")),
    ]
    return [*lines, say("health.said", source=finding.source)] if finding.source else lines


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
