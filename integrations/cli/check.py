"""`touchstone check`: says what works, what is missing, and what to do about it."""

import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.cases.directory import load_directory
from bot.cases.forms.model import load_forms
from bot.cases.routing import load_routes
from bot.engines import Store
from bot.talk.insights import Insights
from index.encoder import MiniLM
from integrations.app import SystemClock, open_reports, published
from integrations.settings import read_settings
from knowledge.errors import TouchstoneError
from knowledge.library import Library


class KeysLost(TouchstoneError):
    """There are cases without a key, which cannot be opened; put the key store back from its backup."""


class PowerLossLoses(TouchstoneError):
    """What this server calls committed may be gone after a loss of power; set it to flush, if its disks need that."""


@dataclass(frozen=True, slots=True)
class _Check:
    """One thing to look at: what it is, and a function that says how it stands or raises what is wrong."""

    name: str
    look: Callable[[], str]


def check() -> None:
    """Settings, policies, snapshot, forms, routes, directory, reports, databases, insights: else exit status 1."""
    checks = [
        _Check("settings", _settings),
        _Check("policies", _policies),
        _Check("snapshot", _snapshot),
        _Check("forms and routes", _forms),
        _Check("directory", _directory),
        _Check("reports", _reports),
        _Check("databases", _databases),
        _Check("insights", _insights),
    ]
    failed = 0
    for one in checks:
        try:
            line = f"ok     {one.name}: {one.look()}"
        except (TouchstoneError, OSError) as problem:
            failed += 1
            line = f"WRONG  {one.name}: {problem}"
        sys.stdout.write(line + "\n")
    sys.stdout.write("not in this version: Slack, Teams, Entra ID, mail\n")
    raise SystemExit(1 if failed else 0)


def _settings() -> str:
    settings = read_settings()
    return f"listens on {settings.host}:{settings.port}, keeps its data in {settings.var}"


def _policies() -> str:
    library = Library.shipped()
    today = datetime.now(UTC).date()
    overdue = [
        f"{policy.slug} (review was due {policy.review_due:%B %Y})"
        for policy in library.policies
        if policy.overdue(today)
    ]
    found = f"{len(library.policies)} with {len(library.clauses)} clauses"
    return f"{found}; overdue: {', '.join(overdue)}" if overdue else found


def _snapshot() -> str:
    searcher = published(read_settings(), MiniLM()).searcher()
    return f"answers from {len(searcher.library.clauses)} clauses"


def _forms() -> str:
    forms = load_forms()
    load_routes(forms)
    return ", ".join(forms)


def _directory() -> str:
    people = load_directory().person
    return f"DEMONSTRATION, {len(people)} invented people; reports reach nobody but whoever runs this"


def _databases() -> str:
    """What was told and its keys: where, on what engine, and by which settings a commit outlives a loss of power."""
    settings = read_settings()
    lines = []
    for what, place in (("reports", settings.records_address), ("keys", settings.keys_address)):
        if place.get_backend_name() == "sqlite" and not Path(str(place.database)).exists():
            lines.append(f"{what} not there")  # to open it would make an empty one, which hides that it is missing
            continue
        with closing(Store.open(place)) as store:
            said = store.about()
            lines.append(f"{what} in {store.name} ({', '.join(f'{name} {value}' for name, value in said.items())})")
        if off := [name for name, value in said.items() if value == "off"]:
            raise PowerLossLoses(f"{store.name}: {' and '.join(off)} off")
    return "; ".join(lines).replace("engine ", "")


def _reports() -> str:
    reports = open_reports(read_settings())
    try:
        reports.check()
        lost = reports.without_key()
    finally:
        reports.close()
    if lost:
        raise KeysLost(f"{lost} cases")
    return "can be taken; every case has its key"


def _insights() -> str:
    insights = Insights(read_settings().insights, SystemClock())
    try:
        insights.probe()
        return f"can be kept; questions sent to the policy owner: {len(insights.questions())}"
    finally:
        insights.close()
