"""Concerns that were begun and not sent: their author is asked, twice, and then a DSL learns that there is one.

Whose it is, is known only where somebody was signed in. A draft under a code is nobody's: its author cannot be asked,
and nobody learns that it is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, select

from bot.cases import records
from bot.cases.delivery.steps import SENDER, tell
from bot.cases.forms.model import Form
from bot.cases.people.conflicts import person_hash
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import Role
from bot.cases.reports.drafts import PERSON, Drafts, Unsent
from bot.cases.reports.filling import CONCERN
from bot.cases.reports.strikes import struck_by
from bot.cases.routes.calendar import Calendar
from bot.cases.routes.moments import LEAST, due
from bot.cases.routes.route import Moment
from bot.cases.routes.routing import Routes
from bot.engines import Store
from bot.ports import Clock, Telling
from knowledge.errors import TouchstoneError

_log = structlog.get_logger()

ASKED_AFTER = timedelta(minutes=30)
"""How long after it was saved its author is asked."""

_told = records.notices.c


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Looks for concerns that were left.

    Attributes:
        forms: by name.
        routes: which roles each report goes to: who would receive it is who may learn that it is there.
        drafts: what was left.
        directory: who holds which role.
        store: the records.
        people_key: what the hashes of people are made with.
        clock: what time it is.
        calendar: when the school is there.
    """

    forms: Mapping[str, Form]
    routes: Routes
    drafts: Drafts
    directory: Directory
    store: Store
    people_key: bytes = field(repr=False)
    clock: Clock
    calendar: Calendar

    def look(self) -> int:
        """Asks and tells whoever is to be asked or told now; how many.

        Raises:
            Busy: the records cannot be written at the moment.
        """
        now = self.clock.now()
        left = [one for one in self.drafts.unsent(now - ASKED_AFTER) if one.form == CONCERN]
        return sum(self._see_to(one, author, now) for one in left if (author := self._author(one)))

    def _author(self, draft: Unsent) -> str:
        """The id of whoever left it; empty for a code's."""
        people = (person.id for person in self.directory.persons)
        return next((one for one in people if self.drafts.hash_of(PERSON + one) == draft.owner_hash), "")

    def _see_to(self, draft: Unsent, author: str, now: datetime) -> int:
        end = due(Moment.BEFORE_END_OF_SCHOOL_DAY, draft.updated, self.calendar)
        with self.store.writing() as connection:
            asked = self._since(connection, draft, Telling.DRAFT)
            told = self._since(connection, draft, Telling.DRAFT_LEFT)
            count = 0
            if not asked or (now >= end and max(asked) < end):
                self._tell(connection, now, draft, (author, SENDER), Telling.DRAFT)
                count += 1
            elif now >= end + LEAST and not told:
                for whom in self._recipients(draft, author, now):
                    self._tell(connection, now, draft, whom, Telling.DRAFT_LEFT)
                    count += 1
            connection.commit()
        return count

    def _tell(
        self, connection: Connection, now: datetime, draft: Unsent, whom: tuple[str, str], telling: Telling
    ) -> None:
        """Owes somebody (with the role in which) a notice of a draft."""
        person, role = whom
        hashed = person_hash(self.people_key, person)
        tell(connection, now, draft_id=draft.id, person_hash=hashed, role=role, notice=telling.value)

    @staticmethod
    def _since(connection: Connection, draft: Unsent, telling: Telling) -> list[datetime]:
        """When somebody was told of it since it was saved last."""
        query = select(_told.made_at).where(
            _told.draft_id == draft.id, _told.notice == telling.value, _told.made_at >= draft.updated
        )
        return list(connection.scalars(query))

    def _recipients(self, draft: Unsent, author: str, now: datetime) -> list[tuple[str, str]]:
        """Those who would receive it first, each with their role: never whom it is about, nor its author.

        Where it cannot be read, or goes to nobody yet, the holders of the DSL's role who are not named in it; where it
        is not known who is, nobody.
        """
        on, school = day_at_school(now), self.directory.schools[0].id
        try:
            answers = self.drafts.answers_to_route(draft.id)
        except TouchstoneError as failure:
            _log.error("whom a draft is about is not known", cause=type(failure).__name__)
            return []
        struck = struck_by(self.forms[CONCERN], answers, self.directory, school, on)
        plans = self.routes.plan(
            CONCERN, answers, school=school, struck=struck, sender=author, directory=self.directory, on=on
        )
        found = [(one.person.id, one.role.value) for plan in plans for step in plan.steps[:1] for one in step.people]
        if not plans:
            dsls = self.directory.holders(Role.DSL, school, on)
            found = [(person.id, Role.DSL.value) for person in dsls if person.id not in struck]
        return [(person, role) for person, role in dict(found).items() if person != author]
