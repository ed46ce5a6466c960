"""What the tests of reports do again and again: send one, look into an inbox, count, and get in the way."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from bot.cases import records
from bot.desk import Desk
from bot.engines import Store
from bot.messages import (
    CaseView,
    FormView,
    InboxView,
    OpenCase,
    OpenInbox,
    Receipt,
    Reply,
    SubmitForm,
)
from integrations.app import Reports

CANARY = "the quick canary sings behind the bicycle shed"
ANSWERS = {"about": "child", "what": CANARY, "danger": "no"}


def send(desk: Desk, answers: dict[str, str] | None = None, draft: str = "draft-1") -> Reply:
    (reply,) = desk.receive(SubmitForm("report_concern", draft, ANSWERS if answers is None else answers))
    return reply


def received(desk: Desk, answers: dict[str, str] | None = None, draft: str = "draft-1") -> Receipt:
    reply = send(desk, answers, draft)
    assert isinstance(reply, Receipt)
    return reply


def inbox(desk: Desk, person: str) -> list[str]:
    (reply,) = desk.receive(OpenInbox(person))
    assert isinstance(reply, InboxView)
    return [row.reference for row in reply.rows]


def opened(desk: Desk, person: str, reference: str) -> CaseView:
    (reply,) = desk.receive(OpenCase(person, reference))
    assert isinstance(reply, CaseView)
    return reply


def notice(reply: Reply) -> str:
    assert isinstance(reply, FormView)
    return reply.notice


def count(reports: Reports) -> int:
    with reports.store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(records.cases)) or 0


@contextmanager
def held_by_another(store: Store) -> Iterator[None]:
    """Another process holds the write lock for longer than we wait; so that no test waits, we hardly wait at all."""
    other = Store(store.engine.url)
    was, store.patience = store.patience, 0.05
    try:
        with other.writing():
            yield
    finally:
        store.patience = was
        other.close()
