"""Whoever may not see a case learns nothing of it, not even that it exists: by no path, no word, no work done."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import get_args

import pytest
from sqlalchemy import Connection, event, select

from bot.cases import records
from bot.cases.people.conflicts import person_hash
from bot.cases.receiving import access
from bot.cases.receiving.access import Access
from bot.cases.reference import ALPHABET, is_reference, new_reference
from bot.cases.reports.drafts import code_owner, new_code
from bot.desk import Desk
from bot.messages import (
    MEANS,
    ActOnCase,
    CaseAct,
    ExportCases,
    ExportFormat,
    InboxView,
    Incoming,
    OpenCase,
    OpenInbox,
    OpenOwn,
    OpenRetention,
    OwnView,
    Refusal,
    RetentionView,
    SubmitForm,
)
from bot.testing import FixedClock
from bot.wording import say
from integrations.app import Reports
from tests.bot.acting import CLOSING, done, sent_by
from tests.bot.reporting import ANSWERS, held_by_another, opened, received

ABOUT_CASES = {
    "OpenInbox": "the list of cases", "OpenCase": "one case by its reference", "ActOnCase": "what is done to one",
    "OpenOwn": "what one sent", "ExportCases": "cases taken out", "OpenRetention": "what is due to be deleted",
    "OpenAttachment": "a file of one; see test_attachments.py",
}  # fmt: skip
"""What comes in and leads to cases that are there. A new kind of Incoming that names a case belongs here."""

ELSEWHERE = {
    "bot.messages.induction": "who is where; tests/bot/induction/test_leading.py holds it",
    "bot.messages.owning": "what is known, and questions that were sent; tests/web/test_owner.py holds it",
}
"""Kinds that name a person and lead to no case."""

BY_CASE: Mapping[str, Callable[[str, str], Incoming]] = {
    "OpenInbox": lambda person, _reference: OpenInbox(person),
    "OpenCase": OpenCase,
    "ActOnCase": lambda person, reference: ActOnCase(person, reference, CaseAct.NOTE, "", {"text": "x"}),
    "OpenOwn": lambda person, _reference: OpenOwn(person),
    "ExportCases": lambda person, reference: ExportCases(person, ExportFormat.JSON, (reference,)),
    "OpenRetention": lambda person, _reference: OpenRetention(person),
}
NOT_YOURS = (Refusal(say("refusal.NotYours")),)


def _missing(reference: str) -> str:
    """A reference that no case has, as like the other as can be."""
    return reference[:-1] + next(sign for sign in ALPHABET if sign != reference[-1])


@contextmanager
def _statements(reports: Reports) -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(reports.store.engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(reports.store.engine, "before_cursor_execute", hear)


def test_the_kinds_of_incoming_that_name_a_case_are_known() -> None:
    naming = {
        kind.__name__
        for kind in get_args(Incoming)
        if kind.__module__ not in ELSEWHERE
        and {"reference", "references", "case", "case_id", "person"} & {one.name for one in fields(kind)}
    }
    assert naming == set(ABOUT_CASES) == {*BY_CASE, "OpenAttachment"}


@pytest.mark.both_engines
@pytest.mark.parametrize("kind", BY_CASE)
def test_with_an_empty_table_of_access_everything_is_refused(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    receipt = sent_by(desk, "demo-policy-owner", {**ANSWERS, "about": "unsure", "danger": "yes"})
    if kind == "OpenRetention":
        done(desk, "demo-dsl", receipt.reference, CaseAct.CLOSE, {**CLOSING, "outcome": "mistake"})
        clock.go_on(timedelta(days=2))
    people = [person.id for person in desk.inbox.directory.persons]
    shown = [desk.receive(BY_CASE[kind](person, receipt.reference)) for person in people]
    assert any(receipt.reference in repr(reply) for reply in shown), "somebody sees it, or this proves nothing"
    monkeypatch.setattr(access, "shipped", lambda: Access((), ()))
    for person in people:
        (reply,) = desk.receive(BY_CASE[kind](person, receipt.reference))
        assert receipt.reference not in repr(reply)
        match reply:
            case InboxView() | RetentionView():
                assert reply.rows == ()
            case OwnView():
                assert reply.reports == ()
            case _:
                assert isinstance(reply, Refusal)


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("answers", "outside"),
    [
        ({"about": "child"}, "demo-chair"),
        ({"about": "child"}, "demo-administrator"),
        ({"about": "adult_here", "child_too": "no", "adult": f"DSL{MEANS}demo-dsl"}, "demo-dsl"),
        ({"about": "adult_here", "child_too": "no", "adult": f"The head{MEANS}demo-headteacher"}, "demo-headteacher"),
        ({"about": "headteacher"}, "demo-headteacher"),
        ({"about": "child"}, "nobody"),
    ],
)
def test_a_case_that_is_not_theirs_and_none_at_all_are_one_to_whoever_asks(
    desk: Desk, reports: Reports, answers: Mapping[str, str], outside: str
) -> None:
    receipt = received(desk, {**ANSWERS, **answers})
    there, missing = receipt.reference, _missing(receipt.reference)
    said: dict[str, list[str]] = {}
    for reference in (there, missing, "c-" + there[2:].lower(), "nonsense", "C-2222\x00-2222", ""):
        with _statements(reports) as statements:
            for kind in ("OpenCase", "ActOnCase", "ExportCases"):
                assert desk.receive(BY_CASE[kind](outside, reference)) == NOT_YOURS
        said[reference] = statements
    assert said[there] == said[missing]
    assert not any(
        "for update" in one.lower() or "advisory" in one or "immediate" in one.lower() for one in said[there]
    )
    (shown,) = desk.receive(OpenInbox(outside))
    assert isinstance(shown, Refusal) if outside == "nobody" else isinstance(shown, InboxView) and shown.rows == ()


@pytest.mark.both_engines
@pytest.mark.alone
def test_a_struck_holder_of_the_role_is_answered_as_quickly_as_for_no_case(desk: Desk, reports: Reports) -> None:
    """The medians of interleaved tries differ by less than the time of a handful of statements."""
    receipt = received(desk)
    with reports.store.writing() as connection:
        case_id = connection.scalar(select(records.cases.c.id))
        row = {"case_id": case_id, "person_hash": person_hash(reports.keys.derive("people"), "demo-dsl")}
        connection.execute(records.struck.insert().values(**row))
        connection.commit()
    times: dict[str, list[float]] = {receipt.reference: [], _missing(receipt.reference): []}
    for _ in range(60):
        for reference, taken in times.items():
            began = perf_counter()
            assert desk.receive(OpenCase("demo-dsl", reference)) == NOT_YOURS
            taken.append(perf_counter() - began)
    there, missing = (median(taken[10:]) for taken in times.values())
    assert abs(there - missing) < 0.005


@pytest.mark.both_engines
def test_who_guesses_references_holds_up_nobody_who_reports(desk: Desk, reports: Reports) -> None:
    receipt = received(desk)
    with held_by_another(reports.store):  # a writer who never ends: to be refused, nobody waits for it
        assert desk.receive(OpenCase("demo-chair", receipt.reference)) == NOT_YOURS
        assert desk.receive(OpenCase("demo-chair", _missing(receipt.reference))) == NOT_YOURS


@pytest.mark.both_engines
def test_a_refused_look_leaves_no_trace_in_the_chronology_that_others_read(desk: Desk) -> None:
    receipt = received(desk)
    before = [row.what for row in opened(desk, "demo-dsl", receipt.reference).chronology]
    desk.receive(OpenCase("demo-chair", receipt.reference))
    desk.receive(ActOnCase("demo-chair", receipt.reference, CaseAct.NOTE, "", {"text": "x"}))
    desk.receive(ExportCases("demo-chair", ExportFormat.JSON, (receipt.reference,)))
    after = [row.what for row in opened(desk, "demo-dsl", receipt.reference).chronology]
    assert after == before, "looks in a row stand in one"
    assert after[-1] == "Opened by"


def test_references_are_drawn_from_850_000_million_and_follow_no_order() -> None:
    drawn = [new_reference() for _ in range(5000)]
    assert len(ALPHABET) ** 8 == 852_891_037_441
    assert len(set(drawn)) == len(drawn)
    assert all(map(is_reference, drawn))
    rising = sum(one < other for one, other in pairwise(drawn))
    assert 2250 < rising < 2750  # a counter, or a time in front, would rise always; 2500 give or take 20 (sigma)
    for place in (2, 3, 4, 5, 7, 8, 9, 10):
        assert {reference[place] for reference in drawn} == set(ALPHABET)


@pytest.mark.both_engines
def test_references_and_ids_of_one_sender_tell_nothing_of_how_many_others_sent(desk: Desk, reports: Reports) -> None:
    first, *_others, last = (received(desk, draft=f"draft-{number}") for number in range(12))
    assert sum(one != other for one, other in zip(first.reference, last.reference, strict=True)) >= 4
    with reports.store.reading() as connection:
        ids = sorted(connection.scalars(select(records.cases.c.id)))
    assert min(int(after, 16) - int(before, 16) for before, after in pairwise(ids)) > 2**64


@pytest.mark.both_engines
def test_whoever_sends_what_they_kept_under_a_code_is_known_as_the_sender_all_the_same(
    desk: Desk, reports: Reports
) -> None:
    """Else nobody would see to it that they do not answer to themselves."""
    desk.receive(SubmitForm("report_concern", "d", ANSWERS, owner="code:7KQ42M9XPDH3", sender="demo-dsl"))
    with reports.store.reading() as connection:
        hashed = connection.scalar(select(records.cases.c.sender_hash))
    assert hashed == person_hash(reports.keys.derive("people"), "demo-dsl")


def test_codes_are_drawn_from_787_000_million_million() -> None:
    drawn = [code_owner(new_code()).removeprefix("code:") for _ in range(2000)]
    assert len(ALPHABET) ** 12 == 787_662_783_788_549_761
    assert {len(code) for code in drawn} == {12}
    assert all({code[place] for code in drawn} == set(ALPHABET) for place in range(12))
