"""Replanning: where a case that is in the records would go today, by its answers and the directory of now.

It opens what was told to see what decides the route, whom it names among that, and shows nothing of it to anybody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import structlog
from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import records
from bot.cases.contents import read_answers
from bot.cases.forms.model import Form
from bot.cases.keys.keystore import KeyStore
from bot.cases.people.conflicts import person_hash
from bot.cases.people.directory import Directory
from bot.cases.reports.strikes import struck_by
from bot.cases.routes.routing import Plan, Routes
from knowledge.errors import TouchstoneError

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Replanning:
    """Makes the plan of a case anew.

    Attributes:
        forms: by name.
        routes: which roles each report goes to.
        directory: gives the directory of now.
        keys: the keys that what was told is sealed under.
    """

    forms: Mapping[str, Form]
    routes: Routes
    directory: Callable[[], Directory]
    keys: KeyStore

    def plan(self, connection: Connection, case: Row[tuple[object, ...]], on: date) -> Plan | None:
        """The plan of today for a case; whoever is newly found to be struck is struck in the records too.

        None where it cannot be made: what was told does not open, or its form or route is there no more. Then nobody
        new may be told, for nobody knows whom it is about; those who were told are reminded all the same.

        Args:
            connection: one that writes; the caller commits.
            case: its row.
            on: the day, as the school has it.
        """
        form = self.forms.get(case.form)
        if form is None:
            return None
        try:
            told = read_answers(connection, case.id, self.keys.key(case.id))
        except (TouchstoneError, OSError, SQLAlchemyError) as failure:
            _log.error("a case cannot be planned anew", cause=type(failure).__name__)
            return None
        directory, school = self.directory(), case.school or self.directory().schools[0].id
        by_hash = {person_hash(self._people_key, person.id): person.id for person in directory.persons}
        known = frozenset(
            connection.scalars(select(records.struck.c.person_hash).where(records.struck.c.case_id == case.id))
        )
        sender = by_hash.get(case.sender_hash)
        struck = {by_hash[one] for one in known if one in by_hash} | struck_by(form, told, directory, school, on)
        plans = self.routes.plan(
            case.form, told, school=school, struck=struck, sender=sender, directory=directory, on=on
        )
        plan = _of_track(case, plans)
        if plan is None:
            return None
        self._strike(connection, case.id, plan, known)
        if not case.track:  # it is from before that was kept
            connection.execute(update(records.cases).where(records.cases.c.id == case.id).values(track=plan.track))
        return plan

    def _strike(self, connection: Connection, case_id: str, plan: Plan, known: frozenset[str]) -> None:
        hashes = {person_hash(self._people_key, person) for person in plan.struck} - known
        if hashes:
            rows = [{"case_id": case_id, "person_hash": one} for one in sorted(hashes)]
            connection.execute(insert(records.struck), rows)

    @property
    def _people_key(self) -> bytes:
        return self.keys.derive("people")


def _of_track(case: Row[tuple[object, ...]], plans: tuple[Plan, ...]) -> Plan | None:
    """The plan of the case's track; of a case from before that was kept, the only one there is."""
    if case.track:
        return next((plan for plan in plans if plan.track == case.track), None)
    return plans[0] if len(plans) == 1 else None
