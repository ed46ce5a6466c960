"""Campaigns: that everybody of the school is asked to read and sign a version of a policy by a day."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Row, insert, select, update

from bot.cases import records
from bot.engines import Store
from bot.induction.document import Document
from bot.induction.due import Campaign
from bot.ports import Clock
from knowledge.errors import TouchstoneError


class NoSuchCampaign(TouchstoneError):
    """There is no campaign of that id."""


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Keeps campaigns. Of one policy one goes on at a time: a new one ends that before it.

    Attributes:
        store: the records.
        key: 32 bytes; makes the hashes by which a repeated form is known.
        clock: what time it is.
    """

    store: Store
    key: bytes = field(repr=False)
    clock: Clock

    def all(self, policy: str = "") -> tuple[Campaign, ...]:
        """Every campaign, the newest first; of one policy, where it is named."""
        table = records.campaigns
        query = select(table).order_by(table.c.began_at.desc(), table.c.id)
        query = query.where(table.c.policy == policy) if policy else query
        with self.store.reading() as connection:
            return tuple(_campaign(row) for row in connection.execute(query))

    def running(self, policy: str) -> Campaign | None:
        """The one that goes on for a policy, or None."""
        return next((one for one in self.all(policy) if one.ended is None), None)

    def start(self, form: str, document: Document, by: date, person: str, school: str) -> bool:
        """Starts one, and ends another of the same policy; whether it is new: the same form twice is one.

        Args:
            form: the id of the form.
            document: the version that is to be signed.
            by: until which day.
            person: the id of whoever starts it.
            school: the school's id.

        Raises:
            Busy: the records cannot be written at the moment.
        """
        table, now = records.campaigns, self.clock.now()
        hashed = hmac.new(self.key, f"{person}\x1f{form}".encode(), hashlib.sha256).hexdigest()
        with self.store.writing() as connection:
            if connection.scalar(select(table.c.id).where(table.c.form_hash == hashed)) is not None:
                return False
            others = (table.c.policy == document.policy, table.c.ended_at.is_(None))
            connection.execute(update(table).where(*others).values(ended_at=now))
            connection.execute(
                insert(table).values(
                    id=secrets.token_hex(16), form_hash=hashed, school=school, policy=document.policy,
                    version=document.version, digest=document.digest, by_day=by.isoformat(), began_at=now,
                    started_by=person,
                )
            )  # fmt: skip
            connection.commit()
        return True

    def end(self, campaign: str) -> None:
        """Ends one; one that is ended stays as it is.

        Raises:
            NoSuchCampaign: there is none of that id.
            Busy: the records cannot be written at the moment.
        """
        table = records.campaigns
        with self.store.writing() as connection:
            if connection.scalar(select(table.c.id).where(table.c.id == campaign)) is None:
                raise NoSuchCampaign
            open_still = (table.c.id == campaign, table.c.ended_at.is_(None))
            connection.execute(update(table).where(*open_still).values(ended_at=self.clock.now()))
            connection.commit()


def _campaign(row: "Row[tuple[object, ...]]") -> Campaign:
    by = date.fromisoformat(row.by_day)
    return Campaign(row.id, row.policy, row.version, row.digest, by, row.began_at, row.ended_at)
