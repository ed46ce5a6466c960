"""Puts everything together, once. Nothing here works at import."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from starlette.applications import Starlette

from bot.cases import records
from bot.cases.delivery.abandoned import Abandoned
from bot.cases.delivery.audit import Audit, audit
from bot.cases.delivery.deliveries import Deliveries, open_and_owed_to_nobody
from bot.cases.delivery.replanning import Replanning
from bot.cases.delivery.rounds import Rounds
from bot.cases.delivery.steps import Steps
from bot.cases.delivery.timers import open_without_a_step
from bot.cases.forms.kinds import Lookup
from bot.cases.forms.model import Form, load_forms
from bot.cases.forms.view import FormViews
from bot.cases.keys.keystore import KeyStore, open_keys
from bot.cases.keys.masterkey import MasterKeys
from bot.cases.opening import join
from bot.cases.people import conflicts
from bot.cases.people.appointments import Appointments
from bot.cases.people.conflicts import Match, person_hash
from bot.cases.people.contacts import DirectoryContacts
from bot.cases.people.directory import Directory, day_at_school, load_directory
from bot.cases.people.roles import Role
from bot.cases.people.sessions import Sessions
from bot.cases.receiving.access import opening
from bot.cases.receiving.acting import Acting
from bot.cases.receiving.export import Export
from bot.cases.receiving.grace import purge_what_is_due
from bot.cases.receiving.inbox import Inbox
from bot.cases.receiving.own import Own
from bot.cases.receiving.retention import Retention, load_retention
from bot.cases.receiving.reviewing import Reviewing
from bot.cases.records import open_records
from bot.cases.reports.attachments import AttachedFiles, shipped_rules
from bot.cases.reports.drafts import Drafts
from bot.cases.reports.filling import Filling
from bot.cases.reports.intake import Intake
from bot.cases.reports.standing import Standings
from bot.cases.routes.calendar import PLAIN, Calendar, load_calendar
from bot.cases.routes.routing import load_routes
from bot.cases.safekeeping.deletions import DeletionLog
from bot.cases.safekeeping.purge import Purge
from bot.cases.safekeeping.restore import Archives, Places, Restored, finish_restore, restore, restore_into
from bot.desk import Desk
from bot.engines import Store, named, same
from bot.induction.agreement import Agreements
from bot.induction.campaigns import Campaigns
from bot.induction.definitions import Definitions
from bot.induction.formed import NAME as SIGN_AGREEMENT
from bot.induction.formed import Formed
from bot.induction.guide import Guide
from bot.induction.leading import Leading, may_look_after_induction
from bot.induction.leaving import Leaving
from bot.induction.progress import Progress
from bot.induction.reminding import Reminding
from bot.induction.signing import SignOffs
from bot.owning.grouping import Meanings
from bot.owning.known import Known
from bot.owning.owning import Owning, Renewing
from bot.ports import Clock, Milestones, Stage
from bot.talk.answering.answers import Answers
from bot.talk.answering.sections import Sections
from bot.talk.feedback.feedback import Feedback
from bot.talk.feedback.insights import Insights
from bot.talk.turns.context import Conversations
from bot.talk.turns.conversation import Conversation
from bot.wording import say
from index.encoder import Encoder
from index.search import Searcher, Shelf
from integrations.answering import SystemClock, own_overlay
from integrations.settings import KeysNotApart, Settings
from integrations.web.attach import attach
from integrations.web.elsewhere import Provider
from integrations.web.sign_in import OneTimeLinks
from integrations.web.uploads import Uploads
from knowledge.datafile import BadDataFile
from knowledge.errors import TouchstoneError
from knowledge.induction_locks import LOCKS as STEP_LOCKS
from knowledge.induction_locks import NO_LOCKS
from knowledge.library import SHIPPED
from knowledge.locks import Locks, read_locks
from knowledge.overlay import Overlay


class DirectoryMissing(TouchstoneError):
    """There are reports for people of a directory that is not there; put it back from its backup."""


class SeveralSchools(TouchstoneError):
    """Without sign-in nobody knows at which school a sender works; for now give each school a Touchstone of its own."""


_SEALED_FOR_GOOD = (records.cases.c.id, records.sign_offs.c.id)
"""What the records hold that was sealed: once there is any of it, keys that are missing are not made anew."""
COUNTED = 5.0
"""Seconds for which counts are held in memory, and after a kill are lost, before they are written."""

TIDIED = 3600.0
"""Seconds from one look at what is kept no longer to the next."""


REMINDED = 60.0
"""Seconds from one look at whom to remind of their induction to the next."""


def counting(insights: Insights) -> tuple[tuple[str, Callable[[], object], float], ...]:
    """What the worker does for the insights: writes what was counted, and takes away what is kept no longer."""
    return ("counts", insights.flush, COUNTED), ("insights", insights.tidy, TIDIED)


def reminding(bot: Desk) -> tuple[str, Callable[[], object], float]:
    """What the worker does for the induction: tells whoever is to sign, or to go on."""
    return "induction", bot.leading.reminding.look, REMINDED


class Unwatched:
    """Nobody listens to how far a report has come."""

    def reached(self, stage: Stage) -> None:
        """Does nothing."""


@dataclass(frozen=True, slots=True)
class Reports:
    """The half that is told: store, keys, purge, who holds which role, when the school is there, and the settings."""

    store: Store
    keys: KeyStore
    purge: Purge
    directory: Directory
    sessions: Sessions
    appointments: Appointments
    files: AttachedFiles
    settings: Settings
    calendar: Calendar = PLAIN

    def steps(self) -> Steps:
        """What acts of people mean for what is to happen next."""
        return Steps(lambda: self.directory, self.keys.derive("people"), self.calendar)

    def owed(self) -> tuple[Deliveries, Deliveries]:
        """All that is sent from: cases to those who receive them, and notices to senders and authors."""
        key = self.keys.derive("people")

        def whose(hashed: str) -> str:
            return next((one.id for one in self.directory.persons if person_hash(key, one.id) == hashed), "")

        return Deliveries(self.store), Deliveries(self.store, records.notices, whose)

    def rounds(self, clock: Clock, milestones: Milestones | None = None) -> Rounds:
        """What time does with cases."""
        forms = load_forms()
        replanning = Replanning(forms, load_routes(forms), lambda: self.directory, self.keys)
        return Rounds(self.store, self.keys, replanning, self.steps(), clock, self.calendar, milestones or Unwatched())

    def drafts(self, clock: Clock) -> Drafts:
        """What was begun and not sent."""
        return Drafts(self.store, self.keys, self.keys.derive("drafts"), clock)

    def abandoned(self, clock: Clock) -> Abandoned:
        """Whom time asks about what they began and did not send."""
        forms = load_forms()
        drafts, key = self.drafts(clock), self.keys.derive("people")
        return Abandoned(forms, load_routes(forms), drafts, self.directory, self.store, key, clock, self.calendar)

    def audit(self, now: datetime) -> Audit:
        """Whether every open case has a next step in the future, and what is owed goes out."""
        with self.store.reading() as connection:
            return audit(connection, now)

    def purge_what_is_due(self, now: datetime) -> int:
        """Deletes what was entered in the school's case system and whose days are over; how many cases that were."""
        return purge_what_is_due(self.store, self.purge, now)

    def tidy_signatures(self, clock: Clock) -> None:
        """Notes who has left, and drops walks that nobody goes on with."""
        leaving(self, clock, load_forms()).look()

    def check(self) -> None:
        """Raises whatever would keep a report from being taken: it writes, and commits, in both stores."""
        self.keys.probe()
        self.store.probe()

    def without_key(self) -> int:
        """How many cases have no key, and cannot be opened."""
        with self.store.reading() as connection:
            readable = select(records.cases.c.id).where(records.cases.c.state != "purged")
            return len(frozenset(connection.scalars(readable)) - self.keys.known())

    def without_a_step(self) -> int:
        """How many open cases nothing is to happen to any more: there must be none."""
        with self.store.reading() as connection:
            return len(open_without_a_step(connection))

    def told_to_nobody(self) -> tuple[str, ...]:
        """The references of open cases that nobody was told of."""
        with self.store.reading() as connection:
            return open_and_owed_to_nobody(connection)

    def close(self) -> None:
        """Closes the store and the keys."""
        self.store.close()
        self.keys.close()


def open_directory(settings: Settings) -> Directory:
    """The school's own directory, else the demonstration's.

    Raises:
        BadDataFile: the file is wrong.
        SeveralSchools: it has more than one school.
    """
    own = settings.directory
    directory = load_directory(own) if own.exists() else load_directory()
    if len(directory.schools) > 1:
        raise SeveralSchools(own)
    return directory


def open_calendar(settings: Settings) -> Calendar:
    """The school's own calendar, else Monday to Friday until half past three.

    Raises:
        BadDataFile: the file is wrong.
    """
    return load_calendar(settings.calendar) if settings.calendar.exists() else PLAIN


def open_retention(settings: Settings, forms: Mapping[str, Form]) -> Retention:
    """How long what was told is kept: as the school has it, else as it comes.

    Raises:
        BadDataFile: the school's file is wrong.
    """
    own = settings.retention
    return load_retention(forms, own) if own.exists() else load_retention(forms)


def open_reports(settings: Settings, clock: Clock | None = None) -> Reports:
    """Opens what was told, with the directory of those who receive it.

    A key whose case was never committed stays where it is: it opens nothing, and to take a records file that is
    missing or older for a reason to delete keys would destroy the cases in it.

    Raises:
        KeysNotApart: the addresses of what was told and of its keys lead to one database.
        DirectoryMissing: reports went to real people, and only the demonstration's are there to receive the next.
    """
    directory, clock = open_directory(settings), clock or SystemClock()
    calendar = open_calendar(settings)
    if same(settings.records_address, settings.keys_address):
        raise KeysNotApart(named(settings.records_address))
    finish_restore(places(settings))
    store = open_records(settings.records_address)
    with store.reading() as connection:
        is_first_start = not any(connection.scalar(select(table).limit(1)) for table in _SEALED_FOR_GOOD)
    keys = open_keys(settings.keys_address, master_keys(settings), settings.key_file, is_first_start=is_first_start)
    files = AttachedFiles(settings.attached)
    purge = Purge(store, keys, DeletionLog(settings.deletions, keys), clock, files=files)
    join(store, keys, purge)
    sessions = Sessions(store, keys.derive("sessions"), clock)
    appointments = Appointments(store, keys, directory, opening(), sessions, clock)
    parts = (sessions, appointments, files, settings, calendar)
    reports = Reports(store, keys, purge, appointments.directory, *parts)
    if directory.is_demonstration and _was_told_to_others(store, directory):
        reports.close()
        raise DirectoryMissing(settings.directory)
    appointments.begin()
    return reports


def _was_told_to_others(store: Store, directory: Directory) -> bool:
    """Whether something was sent to somebody who is not in the directory."""
    known = [person.id for person in directory.persons]
    query = select(records.deliveries.c.id).where(records.deliveries.c.person.not_in(known)).limit(1)
    with store.reading() as connection:
        return connection.scalar(query) is not None


def restored(settings: Settings, archives: Archives, logs: Iterable[Path], *, replace: bool) -> Restored:
    """Restores into the files of this machine, or into the empty databases of a server that are set.

    Raises:
        NotEmpty: there is something already; what a server holds is never put aside.
        KeysNotApart: the addresses of what was told and of its keys lead to one database.
    """
    addresses = (settings.records_address, settings.keys_address)
    if same(*addresses):
        raise KeysNotApart(named(addresses[0]))
    if {address.get_backend_name() for address in addresses} == {"sqlite"}:
        return restore(archives, places(settings), logs, SystemClock(), replace=replace)
    stores = (Store.open(addresses[0]), Store.open(addresses[1]))
    try:
        opened = partial(open_records, addresses[0])
        apart = (settings.deletions, settings.attached)
        return restore_into(archives, opened, stores, apart, logs, SystemClock())
    finally:
        for store in stores:
            store.close()


def places(settings: Settings) -> Places:
    """Where the files of a restore go."""
    told, keys = (
        Path(str(address.database)) if address.get_backend_name() == "sqlite" else usual
        for address, usual in (
            (settings.records_address, settings.records),
            (settings.keys_address, settings.keys / "keys.sqlite3"),
        )
    )
    return Places(settings.var, told, keys, settings.deletions, settings.attached)


def master_keys(settings: Settings) -> MasterKeys | None:
    """The master keys of the environment; None where they are in a file."""
    return MasterKeys.parse(settings.master_key.get_secret_value()) if settings.master_key else None


def web(  # noqa: PLR0913 (each is a part that is put together here)
    settings: Settings,
    shelf: Shelf,
    reports: Reports,
    clock: Clock,
    links: OneTimeLinks,
    *,
    insights: Insights,
    milestones: Milestones | None = None,
    heartbeat: Callable[[], bool] | None = None,
    bot: Desk | None = None,
    providers: Sequence[Provider] = (),
) -> Starlette:
    """The web application: chat, forms, inbox and policies; without a worker its heartbeat is stopped.

    ``bot`` is the desk that it shares with chat platforms; without one it has its own. Where people may sign in
    elsewhere (``providers``) it answers to the address that is set as well: they come back to it.
    """

    def health() -> None:  # without the insights: asking and telling go on without them
        shelf.searcher()
        reports.check()

    if bot is None:
        heard = milestones or Unwatched()
        bot = desk(shelf.searcher, reports, insights, clock, heard, attachments=settings.attachments)
    overlay = own_overlay(settings, clock)
    public = urlsplit(settings.address).hostname if providers else None
    return attach(
        bot,
        lambda: shelf.searcher().library.policies,
        csrf_key=reports.keys.derive("csrf"),
        clock=clock,
        links=links,
        sessions=reports.sessions,
        is_live=settings.is_live,
        uploads=Uploads(settings.attached, shipped_rules()) if settings.attachments else None,
        health=health,
        heartbeat=heartbeat or bool,
        forms={name: form.title for name, form in load_forms().items()},
        hosts=(f"[{settings.host}]" if ":" in settings.host else settings.host, *filter(None, (public,))),
        providers=providers,
        directory=reports.directory,
        owns=bot.owning.may if bot.owning is not None else lambda _person: False,
        version=overlay.published,
    )


def desk(  # noqa: PLR0913 (each is a part that is put together here)
    searcher: Callable[[], Searcher],
    reports: Reports,
    insights: Insights,
    clock: Clock,
    milestones: Milestones,
    *,
    attachments: bool = False,
    owning: Owning | None = None,
) -> Desk:
    """The desk over both halves.

    ``attachments`` says whether files may come with a report; ``owning`` is the policy owner's room, if there is one.
    """
    forms = load_forms()
    routes = load_routes(forms)

    def propose(typed: str) -> Match:
        """Whom a typed name may mean, by the directory of today."""
        people = reports.directory
        return conflicts.propose(typed, people, people.schools[0].id, day_at_school(clock.now()))

    lookup = Lookup(propose, conflicts.names_in)
    views = FormViews(forms, routes, lookup, shipped_rules().shown if attachments else None)
    drafts = reports.drafts(clock)
    guide, reminding = induction(searcher, reports, clock)
    formed = Formed(guide.definitions, guide.sign_offs, guide.directory, forms[SIGN_AGREEMENT].intro[0].text)
    intake = Intake(
        forms=forms,
        views=views,
        drafts=drafts,
        routes=routes,
        directory=reports.directory,
        store=reports.store,
        keys=reports.keys,
        fingerprint_key=reports.keys.derive("submissions"),
        code_key=reports.keys.derive("codes"),
        clock=clock,
        milestones=milestones,
        calendar=reports.calendar,
        files=reports.files if attachments else None,
        beside=formed,
    )
    seen = inbox(reports, clock, forms)
    steps = reports.steps()
    filling = Filling(views, drafts, clock)
    standings = Standings(
        forms,
        reports.directory,
        reports.store,
        drafts,
        reports.keys.derive("people"),
        reports.keys.derive("codes"),
        clock,
    )
    feedback = Feedback(searcher, insights)
    contacts = DirectoryContacts(lambda: reports.directory, clock)
    conversation = Conversation(Answers(searcher, clock, contacts), Conversations(clock))
    return Desk(
        conversation,
        Sections(searcher, clock),
        feedback,
        filling,
        intake,
        seen,
        standings,
        Acting(seen, steps),
        Own(seen, standings, steps, guide.supplied),
        Export(seen),
        Reviewing(seen, reports.purge),
        reports.appointments,
        guide,
        Leading(reminding),
        owning,
    )


def policy_owners(reports: Reports, clock: Clock) -> Callable[[str], bool]:
    """Whether somebody, by their id, is policy owner at a school today; asked each time."""

    def may(person: str) -> bool:
        people, today = reports.directory, day_at_school(clock.now())
        return any(Role.POLICY_OWNER in people.roles_for_access(person, one.id, today) for one in people.schools)

    return may


def owning(  # noqa: PLR0913 (each is a part that is put together here)
    searcher: Callable[[], Searcher],
    reports: Reports,
    insights: Insights,
    clock: Clock,
    *,
    overlay: Overlay,
    renewals: Renewing,
    encoder: Encoder,
) -> Owning:
    """The policy owner's room."""

    def name_of(person: str) -> str:
        found = reports.directory.find(person)
        return found.name if found else person

    def today() -> date:
        return day_at_school(clock.now())

    sign_offs = SignOffs(reports.store, reports.keys, reports.keys.derive("induction"), clock)
    return Owning(
        insights,
        overlay,
        Known(overlay, today),
        renewals,
        searcher,
        Meanings(encoder.encode),
        today,
        policy_owners(reports, clock),
        name_of,
        sign_offs.that_end,
    )


def induction(searcher: Callable[[], Searcher], reports: Reports, clock: Clock) -> tuple[Guide, Reminding]:
    """The walk through a policy and what is signed at its end, and who is reminded of it."""

    def reviews(slug: str) -> Locks:
        """The school's own; without a file that cannot be used a step waits, and ``touchstone check`` says why."""
        try:
            return read_locks(reports.settings.overlay / slug, STEP_LOCKS)
        except BadDataFile:
            return NO_LOCKS

    definitions = Definitions(lambda: searcher().library, lambda slug: SHIPPED / slug, reviews)
    owner_key = reports.keys.derive("induction")
    progress = Progress(reports.store, reports.keys, owner_key, clock)
    sign_offs = SignOffs(reports.store, reports.keys, owner_key, clock)
    campaigns = Campaigns(reports.store, reports.keys.derive("campaigns"), clock)

    def directory() -> Directory:
        return reports.directory

    settings = reports.settings
    addresses = {
        say("induction.handbook"): settings.handbook,
        say("induction.code_of_conduct"): settings.code_of_conduct,
    }
    code_key = reports.keys.derive("codes of signatures")
    agreements = Agreements(definitions, sign_offs, campaigns, directory, code_key, clock, addresses)
    guide = Guide(definitions, progress, sign_offs, agreements, directory, clock)
    people_key = reports.keys.derive("people")
    parts = (definitions, progress, sign_offs, campaigns, directory, reports.store, people_key)
    return guide, Reminding(*parts, reports.calendar, clock)


def leaving(reports: Reports, clock: Clock, forms: Mapping[str, Form]) -> Leaving:
    """What of walks and signatures goes, and when."""
    sign_offs = SignOffs(reports.store, reports.keys, reports.keys.derive("induction"), clock)
    retention = open_retention(reports.settings, forms)
    return Leaving(sign_offs, lambda: reports.directory, reports.store, reports.purge, retention, clock)


def looks_after_induction(reports: Reports, clock: Clock, person: str) -> bool:
    """Whether somebody of the directory looks after induction, by the table of access."""
    people_key, today = reports.keys.derive("people"), day_at_school(clock.now())
    return may_look_after_induction(reports.directory, today, people_key, person)


def inbox(reports: Reports, clock: Clock, forms: Mapping[str, Form] | None = None) -> Inbox:
    """What people may see of what was told."""
    forms = forms or load_forms()
    retention = open_retention(reports.settings, forms)
    return Inbox(forms, reports.directory, reports.store, reports.keys, clock, retention, reports.files)
