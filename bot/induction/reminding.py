"""Reminding: who is told that the agreement is to be signed, when, and once each; rows alone, so that any process may.

What is to be told is worked out from what was signed and from the calendar, stored under a keyed hash of what it is
for, and becomes a notice in the same transaction: whatever dies, nothing comes twice, and nothing is left out.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from bot.cases import records
from bot.cases.delivery.steps import SENDER
from bot.cases.people.conflicts import person_hash
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.reports.drafts import PERSON
from bot.cases.routes.calendar import Calendar
from bot.engines import Store
from bot.induction.campaigns import Campaigns
from bot.induction.definitions import Definitions
from bot.induction.document import Document, document_of
from bot.induction.due import Campaign, Signed, Why, reasons
from bot.induction.progress import Progress
from bot.induction.signing import SignOffs
from bot.ports import Clock, Telling

BEFORE = 2
"""School days before the day of a campaign on which those are reminded who have not signed (design)."""

AFTER = 3
"""After that day they are reminded on each such school day, until they have signed or the campaign ends (design)."""

_MOST_DAYS = 400
WAITS, TOLD, VOID = "waits", "told", "void"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reminder that is to be there: its id, what is told, of which policy and campaign, and to whom."""

    id: str
    telling: Telling
    policy: str
    campaign: str | None
    person_hash: str


@dataclass(frozen=True, slots=True)
class Reminding:
    """Finds out who is to be reminded, and sees to it.

    Attributes:
        definitions: which policies are signed.
        progress: how far people have come.
        sign_offs: what was signed.
        campaigns: who is asked by when.
        directory: gives the directory of now.
        store: the records.
        people_key: what the hashes of people in notices are made with.
        calendar: when the school is there.
        clock: what time it is.
    """

    definitions: Definitions
    progress: Progress
    sign_offs: SignOffs
    campaigns: Campaigns
    directory: Callable[[], Directory]
    store: Store
    people_key: bytes = field(repr=False)
    calendar: Calendar
    clock: Clock

    def hash_of(self, person: str) -> str:
        """By what a person is known to walks and sign-offs."""
        return self.sign_offs.hash_of(PERSON + person)

    # --------------------------------------------------------------------------------- what time does by itself

    def look(self) -> int:
        """Tells whoever is to be told now; how many. Outside of school hours nobody is.

        Raises:
            TouchstoneError: there is no snapshot, or a file of an induction is wrong; or ``Busy``.
        """
        now = self.clock.now()
        if not self.is_time(now):
            return 0
        return sum(self._look_at(one.policy.slug, document_of(one.policy), now) for one in self.definitions.all())

    def is_time(self, moment: datetime) -> bool:
        """Whether it is within school hours: a school day, not quiet, and not over yet."""
        return not self.calendar.is_quiet(moment) and moment < self.calendar.end_of(day_at_school(moment))

    def _look_at(self, policy: str, document: Document, now: datetime) -> int:
        signed, campaign = self.sign_offs.signed(policy), self.campaigns.running(policy)
        people = {person.id: signed.get(self.hash_of(person.id), ()) for person in self.directory().persons}
        if campaign is not None and all(campaign.is_met_by(mine) for mine in people.values()):
            self.campaigns.end(campaign.id)
            campaign = None
        why = {person: reasons(mine, document, now, campaign) for person, mine in people.items()}
        wanted = [
            *self._of_campaign(campaign, why, day_at_school(now)),
            *self._again(policy, document, people, why),
        ]
        new = self._not_there(wanted)
        if not new and not self._waiting(policy):
            return 0
        behind = {person_hash(self.people_key, person) for person, reason in why.items() if reason}
        with self.store.writing() as connection:
            told = sum(self._tell(connection, one, now) for one in new)
            told += self._tell_waiting(connection, policy, behind, now)
            connection.commit()
        return told

    def _of_campaign(
        self, campaign: Campaign | None, why: Mapping[str, tuple[Why, ...]], today: date
    ) -> Iterator[Wanted]:
        if campaign is None:
            return
        day = occasion(campaign, self.calendar, today)
        for person, reason in why.items():
            if Why.CAMPAIGN in reason:
                hashed = person_hash(self.people_key, person)
                key = self._id("campaign", campaign.id, hashed, day.isoformat())
                yield Wanted(key, Telling.CAMPAIGN, campaign.policy, campaign.id, hashed)

    def _again(
        self,
        policy: str,
        document: Document,
        people: Mapping[str, tuple[Signed, ...]],
        why: Mapping[str, tuple[Why, ...]],
    ) -> Iterator[Wanted]:
        """Whose signature stands no more: once for each that a year is over, or that the clauses are other ones."""
        for person, reason in why.items():
            weightiest = next(iter(reason), None)
            if weightiest not in {Why.CHANGED, Why.YEAR}:
                continue  # nothing is due, they never signed, or the campaign tells them
            version = document.digest if weightiest is Why.CHANGED else ""
            key = self._id("again", people[person][0].sign_off, str(weightiest), version)
            yield Wanted(key, Telling.SIGN_AGAIN, policy, None, person_hash(self.people_key, person))

    # -------------------------------------------------------------------------------- what somebody asks for

    def nudge(self, policy: str, people: Iterable[str]) -> int:
        """Asks for people to be reminded, each once a day; gives how many that were not asked today already.

        They are told with the next look within school hours, if they are behind then still.

        Raises:
            Busy: the records cannot be written at the moment.
        """
        now = self.clock.now()
        day = day_at_school(now).isoformat()
        hashes = [person_hash(self.people_key, person) for person in people]
        wanted = [Wanted(self._id("nudge", policy, one, day), Telling.NUDGE, policy, None, one) for one in hashes]
        with self.store.writing() as connection:
            new = self._not_there_in(connection, wanted)
            for one in new:
                connection.execute(insert(records.reminders).values(**_row(one, now), state=WAITS))
            connection.commit()
        return len(new)

    def nudged(self, policy: str) -> Mapping[str, datetime]:
        """When each person was last told of a policy, by their id in the directory."""
        table = records.reminders
        query = select(table.c.person_hash, table.c.told_at).where(table.c.policy == policy, table.c.state == TOLD)
        with self.store.reading() as connection:
            told: dict[str, datetime] = {}
            for row in connection.execute(query.order_by(table.c.told_at)):
                told[row.person_hash] = row.told_at
        people = {person.id: person_hash(self.people_key, person.id) for person in self.directory().persons}
        return {person: told[hashed] for person, hashed in people.items() if hashed in told}

    # ---------------------------------------------------------------------------------------------------------

    def _not_there(self, wanted: list[Wanted]) -> list[Wanted]:
        with self.store.reading() as connection:
            return self._not_there_in(connection, wanted)

    @staticmethod
    def _not_there_in(connection: Connection, wanted: list[Wanted]) -> list[Wanted]:
        table = records.reminders
        there = set(connection.scalars(select(table.c.id).where(table.c.id.in_([one.id for one in wanted]))))
        return [one for one in wanted if one.id not in there]

    def _waiting(self, policy: str) -> bool:
        table = records.reminders
        query = select(table.c.id).where(table.c.policy == policy, table.c.state == WAITS).limit(1)
        with self.store.reading() as connection:
            return connection.scalar(query) is not None

    def _tell(self, connection: Connection, wanted: Wanted, now: datetime) -> int:
        """Stores a reminder with its notice, unless another process was quicker."""
        if not self._not_there_in(connection, [wanted]):
            return 0
        connection.execute(insert(records.reminders).values(**_row(wanted, now), told_at=now, state=TOLD))
        _notify(connection, wanted.id, wanted.person_hash, wanted.telling, now)
        return 1

    @staticmethod
    def _tell_waiting(connection: Connection, policy: str, behind: set[str], now: datetime) -> int:
        """Tells those who were to be reminded and are behind still; of the others nobody is."""
        table = records.reminders
        query = select(table).where(table.c.policy == policy, table.c.state == WAITS)
        told = 0
        for row in connection.execute(query).all():
            is_behind = row.person_hash in behind
            state = {"state": TOLD, "told_at": now} if is_behind else {"state": VOID}
            connection.execute(update(table).where(table.c.id == row.id).values(**state))
            if is_behind:
                _notify(connection, row.id, row.person_hash, Telling(row.kind), now)
                told += 1
        return told

    def _id(self, *what: str) -> str:
        """What a reminder is known by: of nothing but what it is for."""
        return hmac.new(self.people_key, "\x1f".join(["reminder", *what]).encode(), hashlib.sha256).hexdigest()[:32]


def occasion(campaign: Campaign, calendar: Calendar, today: date) -> date:
    """The last day up to today on which a campaign reminds: its first, two school days before, the day, later.

    By it a reminder is known. So it comes late rather than never where nothing ran on the day itself, and never
    together with the one before it. Where the day of the campaign is no school day, the last one before it stands in.
    """
    began, the_day = day_at_school(campaign.began), _back(campaign.by, 0, calendar)
    days, after = [began, _back(the_day, BEFORE, calendar), the_day], the_day
    for _ in range(_MOST_DAYS):
        for _ in range(AFTER):
            after = calendar.next_school_day(after)
        if after > today:
            break
        days.append(after)
    return max((day for day in days if began <= day <= today), default=began)


def _back(day: date, count: int, calendar: Calendar) -> date:
    """A school day so many before another; where that is none, counted from the last one before it."""
    for _ in range(_MOST_DAYS):
        if calendar.is_school_day(day):
            if count == 0:
                return day
            count -= 1
        day -= timedelta(days=1)
    return day


def _row(wanted: Wanted, now: datetime) -> dict[str, object]:
    return {
        "id": wanted.id,
        "kind": wanted.telling.value,
        "policy": wanted.policy,
        "campaign_id": wanted.campaign,
        "person_hash": wanted.person_hash,
        "asked_at": now,
    }


def _notify(connection: Connection, key: str, hashed: str, telling: Telling, now: datetime) -> None:
    """Owes a notice under the id of its reminder: a second one of the same is refused by the table itself."""
    connection.execute(
        insert(records.notices).values(
            id=key, person_hash=hashed, role=SENDER, notice=telling.value, made_at=now, due_at=now, state="due",
            attempts=0,
        )
    )  # fmt: skip
