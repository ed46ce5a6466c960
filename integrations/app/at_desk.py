"""The desk over both halves, put together: what is asked, what is told, the induction and the policy owner's room."""

from collections.abc import Callable, Mapping
from datetime import date

from bot.cases.forms.kinds import Lookup
from bot.cases.forms.model import Form, load_forms
from bot.cases.forms.view import FormViews
from bot.cases.people import conflicts
from bot.cases.people.conflicts import Match
from bot.cases.people.contacts import DirectoryContacts
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import Role
from bot.cases.receiving.acting import Acting
from bot.cases.receiving.export import Export
from bot.cases.receiving.inbox import Inbox
from bot.cases.receiving.own import Own
from bot.cases.receiving.reviewing import Reviewing
from bot.cases.reports.attachments import shipped_rules
from bot.cases.reports.filling import Filling
from bot.cases.reports.intake import Intake
from bot.cases.reports.standing import Standings
from bot.cases.routes.routing import load_routes
from bot.desk import Desk
from bot.induction.agreement import Agreements
from bot.induction.campaigns import Campaigns
from bot.induction.definitions import Definitions
from bot.induction.formed import NAME as SIGN_AGREEMENT
from bot.induction.formed import Formed
from bot.induction.guide import Guide
from bot.induction.leading import Leading, may_look_after_induction
from bot.induction.progress import Progress
from bot.induction.reminding import Reminding
from bot.induction.signing import SignOffs
from bot.owning.grouping import Meanings
from bot.owning.known import Known
from bot.owning.owning import Owning
from bot.owning.room import Renewing, Room
from bot.ports import Clock, Milestones
from bot.talk.answering.answers import Answers
from bot.talk.answering.sections import Sections
from bot.talk.feedback.feedback import Feedback
from bot.talk.feedback.insights import Insights
from bot.talk.turns.context import Conversations
from bot.talk.turns.conversation import Conversation
from bot.wording import say
from index.encoder import Encoder
from index.search import Searcher
from integrations.app.told import Reports, open_retention
from knowledge.datafile import BadDataFile
from knowledge.induction.locks import LOCKS as STEP_LOCKS
from knowledge.induction.locks import NO_LOCKS
from knowledge.library import SHIPPED
from knowledge.locks import Locks, read_locks
from knowledge.overlay import Overlay


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

    known, meanings = Known(overlay, today), Meanings(encoder.encode)
    sign_offs = SignOffs(reports.store, reports.keys, reports.keys.derive("induction"), clock)
    room = Room(insights, overlay, known, renewals, searcher, meanings, today, name_of, sign_offs.that_end)
    return Owning(room, policy_owners(reports, clock))


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


def looks_after_induction(reports: Reports, clock: Clock, person: str) -> bool:
    """Whether somebody of the directory looks after induction, by the table of access."""
    people_key, today = reports.keys.derive("people"), day_at_school(clock.now())
    return may_look_after_induction(reports.directory, today, people_key, person)


def inbox(reports: Reports, clock: Clock, forms: Mapping[str, Form] | None = None) -> Inbox:
    """What people may see of what was told."""
    forms = forms or load_forms()
    retention = open_retention(reports.settings, forms)
    return Inbox(forms, reports.directory, reports.store, reports.keys, clock, retention, reports.files)
