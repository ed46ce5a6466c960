"""`touchstone check`: says what works, what is missing, and what to do about it."""

import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.cases.forms.model import load_forms
from bot.cases.people.appointments import HEAD, check_appointments
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import REQUIRED, Person, Role
from bot.cases.routes.routing import load_routes
from bot.engines import Store
from bot.talk.feedback.insights import Insights
from index.encoder import MiniLM
from index.renewal import State
from index.search import Shelf
from integrations.answering import SystemClock, own_overlay, renewed
from integrations.app import open_calendar, open_directory, open_reports, open_retention
from integrations.cli.people import waiting
from integrations.cli.renewal import in_words
from integrations.mail import mail
from integrations.papers import PapersMissing, require_papers
from integrations.settings import Settings, read_settings
from knowledge.errors import TouchstoneError
from knowledge.facts import shipped_facts
from knowledge.induction import FILE, read_induction
from knowledge.induction.checks import check_induction
from knowledge.library import SHIPPED, Library
from knowledge.overlay import OF_INDUCTION
from knowledge.rulings import read_rulings

_AHEAD = timedelta(days=60)
"""How far a vacancy is seen coming."""

_SHOWN = (
    Role.DSL,
    Role.DEPUTY_DSL,
    Role.HEADTEACHER,
    Role.CHAIR_OF_GOVERNORS,
    Role.VICE_CHAIR,
    Role.TRUST_SAFEGUARDING_LEAD,
)


class RoleVacant(TouchstoneError):
    """Nobody holds a role today that a school needs; what would go to them goes to the next in its route meanwhile."""


class KeysLost(TouchstoneError):
    """There are cases without a key, which cannot be opened; put the key store back from its backup."""


class InductionWrong(TouchstoneError):
    """An induction cannot be walked as it is written; mend the line that is named."""


class NothingNext(TouchstoneError):
    """There are open cases that nobody would be reminded of: see to them, then report this fault."""


class NotDelivered(TouchstoneError):
    """What should have happened has not: see that `touchstone serve` runs, and what its log says of the worker."""


class LogBroken(TouchstoneError):
    """The log of who changed which knowledge is not as it was written; take it from its last backup."""


class NotTakenUp(TouchstoneError):
    """What the school changed is not answered from; the snapshot of before goes on."""


class PowerLossLoses(TouchstoneError):
    """What this server calls committed may be gone after a loss of power; set it to flush, if its disks need that."""


@dataclass(frozen=True, slots=True)
class _Check:
    """One thing to look at: what it is, and a function that says how it stands or raises what is wrong."""

    name: str
    look: Callable[[], str]


def check() -> None:
    """Settings, policies, forms, directory, papers, reports, databases, delivery, Slack: else exit status 1."""
    checks = [
        _Check("settings", _settings),
        _Check("policies", _policies),
        _Check("induction", _induction),
        _Check("snapshot", _snapshot),
        _Check("forms and routes", _forms),
        _Check("directory", _directory),
        _Check("retention", _retention),
        _Check("data protection", _data_protection),
        _Check("who may open cases", _people),
        _Check("reports", _reports),
        _Check("databases", _databases),
        _Check("delivery", _delivery),
        _Check("mail", _mail),
        _Check("Slack", _slack),
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
    sys.stdout.write("not in this version: Teams, Entra ID\n")
    raise SystemExit(1 if failed else 0)


def _settings() -> str:
    settings = read_settings()
    return f"listens on {settings.host}:{settings.port}, keeps its data in {settings.var}"


def _policies() -> str:
    library, clock = Library.in_force(read_settings().overlay, day_at_school(datetime.now(UTC))), SystemClock()
    today = datetime.now(UTC).date()
    overdue = [
        f"{policy.slug} (review was due {policy.review_due:%B %Y})"
        for policy in library.policies
        if policy.overdue(today)
    ]
    found = f"{len(library.policies)} with {len(library.clauses)} clauses"
    overlay = own_overlay(read_settings(), clock)
    verified = overlay.log.verify()
    if verified.broken_at is not None:
        raise LogBroken(f"row {verified.broken_at}")
    coming = [
        f"{version} of {slug} from {day}"
        for slug in overlay.versions.policies()
        for day, version in overlay.versions.scheduled(slug)
    ]
    more = {
        "takes effect": coming,
        "overdue": overdue,
        "CHANGED BY HAND, not by Touchstone": verified.by_hand,
    }
    return "; ".join([found, *(f"{what}: {', '.join(which)}" for what, which in more.items() if which)])


def _induction() -> str:
    told = []
    overlay = own_overlay(read_settings(), SystemClock())
    for policy in Library.shipped().policies:
        folder = SHIPPED / policy.slug
        induction = read_induction(folder)
        if induction is None:
            continue
        rulings = [ruling for file in read_rulings(folder) for ruling in file.rulings]
        for problem in check_induction(folder / FILE, induction, policy, rulings, shipped_facts()):
            raise InductionWrong(problem)
        steps = overlay.steps.standings(policy.slug)
        waiting = [f"{OF_INDUCTION}{step.step.id}" for step in steps if not step.stands]
        told.append(f"{policy.slug} in {len(steps)} steps" + (f"; to review: {', '.join(waiting)}" * bool(waiting)))
    return "; ".join(told) or "none"


def _snapshot() -> str:
    settings = read_settings()
    encoder = MiniLM(kept=settings.encoder)
    renewal = renewed(settings, encoder, SystemClock())
    clauses = len(Shelf(settings.snapshots, encoder).searcher().library.clauses)
    encoder.load()
    match renewal.state:
        case State.BROKEN:
            raise NotTakenUp(renewal.problem)
        case State.KEPT_OUT:
            raise NotTakenUp(in_words(renewal))
        case State.ANSWERED | State.BUILDING:
            return f"answers from {clauses} clauses"


def _forms() -> str:
    forms = load_forms()
    load_routes(forms)
    return ", ".join(forms)


def _retention() -> str:
    periods = open_retention(read_settings(), load_forms())
    kinds = "; ".join(f"{one.label}: {one.years}" for one in periods.outcome)
    return f"years until each ending is looked at again: {kinds}; entered elsewhere: {periods.entered_days} days"


def _directory() -> str:
    directory = open_directory(read_settings())
    if directory.is_demonstration:
        count = len(directory.persons)
        return f"DEMONSTRATION, {count} invented people; reports reach nobody but whoever runs this"
    today = day_at_school(datetime.now(UTC))
    if vacant := directory.vacancies(today):
        raise RoleVacant("; ".join(f"{one.role} at {one.school}" for one in vacant))
    holders = [
        f"{role}: {', '.join(person.name for person in directory.holders(role, school.id, today)) or 'NOBODY'}"
        for school in directory.schools
        for role in _SHOWN
    ]
    coming = [
        f"from {day:%d %B %Y} nobody is {one.role} at {one.school}"
        for day in directory.days_of_change(today, today + _AHEAD)
        for one in directory.vacancies(day)
    ]
    silent = [
        f"{person.name} has no telephone for whoever must ring them now"
        for role in REQUIRED
        for school in directory.schools
        for person in directory.holders(role, school.id, today)
        if not person.telephone
    ]
    return "; ".join([*holders, _last_resort(directory, today), *coming, *dict.fromkeys(silent)])


def _data_protection() -> str:
    """Which mode it is; in live mode which papers are there, else what live mode would still want."""
    settings, today = read_settings(), day_at_school(datetime.now(UTC))
    papers = require_papers(settings, open_directory(settings), today)
    if papers is None:
        return f"demonstration mode: nothing about real people may be put in. {_before_live(settings, today)}"
    overdue = papers.overdue(today)
    found = "live; the school says that it has its papers"
    return f"{found}; REVIEW OVERDUE: {', '.join(overdue)}" if overdue else found


def _before_live(settings: Settings, today: date) -> str:
    live = settings.model_copy(update={"mode": "live"})
    try:
        require_papers(live, open_directory(settings), today)
    except PapersMissing as missing:
        return f"Before TOUCHSTONE_MODE=live: {', '.join(map(str, missing.args))}"
    return "All that TOUCHSTONE_MODE=live wants is there"


def _people() -> str:
    reports = open_reports(read_settings())
    try:
        remembered = reports.keys.head(HEAD)
        with reports.store.reading() as connection:
            check_appointments(connection, reports.keys, remembered)
        return "; ".join(waiting(reports.appointments))
    finally:
        reports.close()


def _last_resort(directory: Directory, today: date) -> str:
    """Who is told, or whom the sender is told to ring, where nobody else may be."""
    shown = "the sender is shown whom to ring outside"
    school = directory.schools[0].id
    if directory.holders(Role.TRUST_SAFEGUARDING_LEAD, school, today):
        return f"if all of a route are struck, the trust's safeguarding lead is told, then {shown}"
    return f"no trust safeguarding lead: if all of a route are struck, {shown}"


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
        lost, stuck, untold = reports.without_key(), reports.without_a_step(), reports.told_to_nobody()
    finally:
        reports.close()
    if lost:
        raise KeysLost(f"{lost} cases")
    if stuck:
        raise NothingNext(f"{stuck} cases")
    found = "can be taken; every case has its key, every open case a next step"
    if not untold:
        return found
    return f"{found}; TOLD TO NOBODY, all are struck, and the sender was shown whom to ring: {', '.join(untold)}"


def _delivery() -> str:
    """The self-audit, and the calendar that deadlines go by."""
    settings = read_settings()
    now = datetime.now(UTC)
    calendar = open_calendar(settings)
    reports = open_reports(settings)
    try:
        found = reports.audit(now)
    finally:
        reports.close()
    if found.late:
        raise NotDelivered(f"{found.late} open cases whose next step is late")
    if found.unsent:
        raise NotDelivered(f"{found.unsent} notices that nobody took")
    today = day_at_school(now)
    hours = f"a school day ends at {calendar.ends:%H:%M}"
    source = "the school's calendar" if settings.calendar.exists() else "no calendar, so Monday to Friday"
    ends = "; THE CALENDAR HAS RUN OUT: every weekday counts as a school day" if calendar.has_run_out(today) else ""
    alone = f"; notices in inboxes alone: {found.out_of_reach}" if found.out_of_reach else ""
    return f"every next step in time; {source}, {hours}{ends}{alone}"


def _mail() -> str:
    settings = read_settings()
    sender = mail(settings)
    if sender is None:
        return "not set: people see what is theirs when they open their inbox, and no sooner"
    sender.probe()
    people = _receivers(settings)
    without = list(dict.fromkeys(person.name for person in people if not person.mail))
    found = f"{sender.host}:{sender.port} takes mail, {sender.security}"
    return f"{found}; NO ADDRESS, so the next in a route is told at once: {', '.join(without)}" if without else found


def _receivers(settings: Settings) -> list[Person]:
    """Who receives something today."""
    directory, today = open_directory(settings), day_at_school(datetime.now(UTC))
    school = directory.schools[0].id
    return [person for role in _SHOWN for person in directory.holders(role, school, today)]


def _slack() -> str:
    settings = read_settings()
    if settings.slack_mode == "none":
        return "not set: Touchstone is in no Slack"
    from integrations.slack.checking import look, without  # noqa: PLC0415 (only where it is set)
    from integrations.slack.installs import Installs  # noqa: PLC0415 (as above)
    from integrations.slack.serving import INSTALLATIONS  # noqa: PLC0415 (as above)

    def token_of() -> Callable[[str], str]:
        reports = open_reports(settings)
        try:
            installs = Installs(reports.store, reports.keys.derive(INSTALLATIONS), SystemClock())
            found = {team: installs.of(team) for team in settings.slack_teams}
        finally:
            reports.close()
        tokens = {team: one.token for team, one in found.items() if one}
        return lambda team: tokens.get(team, "")

    found = look(settings, token_of)
    silent = without(_receivers(settings), settings.slack_teams)
    return f"{found}; NO SLACK ID in the directory, so not told there: {', '.join(silent)}" if silent else found


def _insights() -> str:
    insights = Insights(read_settings().insights, SystemClock())
    try:
        insights.probe()
        return f"can be kept; questions sent to the policy owner: {len(insights.questions())}"
    finally:
        insights.close()
