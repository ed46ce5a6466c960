"""Mail goes out encrypted and says nothing of what it is; a server that refuses, hangs or drops loses no notice."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.cases import records
from bot.cases.delivery.deliveries import LEASE, Deliverer, Deliveries, Run, owe
from bot.engines import Store
from bot.ports import NotByEveryWay, Notice, NoWay, Telling
from bot.testing import FixedClock, Trail
from integrations.mail import DEADLINE, Mail, MailFails, mail
from integrations.settings import BadSetting, read_settings
from integrations.ways import Ways
from tests.bot.mailserver import PASSWORD, USER, MailServer, Manner, mail_server
from tests.bot.people import directory
from tests.bot.test_deliveries import case

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOTICE = Notice("C-2345-6789", urgent=True, person="ann", role="dsl", key="abc")
QUICK = 0.4
"""Seconds: so that no test waits for long."""
REFUSES: tuple[Manner, ...] = ("refuses_all", "refuses_recipients", "drops", "drops_after_data")
PEOPLE = directory(("ann", "dsl"), ("bob", "deputy_dsl"))
ANN, BOB = PEOPLE.persons
STAFF = replace(PEOPLE, persons=(replace(ANN, mail="ann@school.example"), BOB))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with mail_server(tmp_path) as server:
        yield server


def _mail(server: MailServer) -> Mail:
    link, sender, times = "https://touchstone.school.example", "touchstone@school.example", (QUICK, 3 * QUICK)
    return Mail("127.0.0.1", server.port, "starttls", sender, link, USER, PASSWORD, server.trusted(), *times)


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def test_a_notice_arrives_encrypted_and_signed_in(server: MailServer) -> None:
    _mail(server).send(NOTICE, "ann@school.example")
    assert server.said[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert server.envelopes == [("FROM:<touchstone@school.example>", "TO:<ann@school.example>")]


def test_it_holds_reference_urgency_and_a_link_and_nothing_else_of_the_case(server: MailServer) -> None:
    _mail(server).send(NOTICE, "ann@school.example")
    (letter,) = server.letters
    assert letter["Subject"] == "Touchstone: C-2345-6789 (urgent)"
    body = letter.get_payload(decode=True)
    assert isinstance(body, bytes)
    text = body.decode()
    assert "https://touchstone.school.example/inbox" in text
    for telling in ("dsl", "child", "concern", "safeguarding", "ann", "report_concern"):
        assert telling not in text.lower().replace("touchstone.school.example", "")


@pytest.mark.parametrize("telling", Telling)
def test_no_kind_of_notice_names_a_role_a_form_or_a_person(server: MailServer, telling: Telling) -> None:
    letter = _mail(server).letter(replace(NOTICE, telling=telling), "ann@school.example")
    for word in ("deputy", "headteacher", "allegation", "contact", "ann "):
        assert word not in letter.get_content().lower().replace("a deputy now", "")
        assert word not in letter["Subject"].lower()


def test_the_same_notice_has_the_same_id_and_a_reminder_another(server: MailServer) -> None:
    mail = _mail(server)
    for notice in (NOTICE, NOTICE, replace(NOTICE, key="abc.1")):
        mail.send(notice, "ann@school.example")
    first, again, reminder = (letter["Message-ID"] for letter in server.letters)
    assert first == again != reminder


@pytest.mark.parametrize(
    "manner", ["refuses_all", "refuses_recipients", "refuses_password", "drops", "drops_after_data"]
)
def test_a_server_that_refuses_or_drops_is_said_so_at_once(server: MailServer, manner: Manner) -> None:
    server.manner = manner
    with _within(3 * QUICK), pytest.raises(MailFails) as failure:
        _mail(server).send(NOTICE, "ann@school.example")
    assert "ann@" not in str(failure.value)
    assert server.letters == []


@pytest.mark.parametrize("manner", ["hangs", "hangs_after_data"])
def test_a_server_that_hangs_is_left(server: MailServer, manner: Manner) -> None:
    server.manner = manner
    with _within(4 * QUICK), pytest.raises(MailFails):
        _mail(server).send(NOTICE, "ann@school.example")


def test_a_server_that_drips_keeps_nobody_beyond_the_deadline(server: MailServer) -> None:
    server.manner = "drips"
    with _within(6 * QUICK), pytest.raises(MailFails):
        _mail(server).send(NOTICE, "ann@school.example")


def test_the_deadline_ends_before_a_claim_does() -> None:
    assert timedelta(seconds=DEADLINE) < LEASE


def test_without_encryption_nothing_is_sent_not_even_the_password(server: MailServer) -> None:
    server.manner = "no_tls"
    with pytest.raises(MailFails):
        _mail(server).send(NOTICE, "ann@school.example")
    assert "AUTH" not in server.said
    assert "MAIL" not in server.said


def test_a_certificate_of_another_server_is_not_believed(tmp_path: Path) -> None:
    with mail_server(tmp_path, names=("127.0.0.2",)) as server:
        with pytest.raises(MailFails):
            _mail(server).send(NOTICE, "ann@school.example")
        assert server.letters == []


def test_a_probe_signs_in_and_sends_nothing(server: MailServer) -> None:
    _mail(server).probe()
    assert server.said == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RSET", "QUIT"]
    server.manner = "refuses_password"
    with pytest.raises(MailFails, match="535"):
        _mail(server).probe()


# --------------------------------------------------------------------------------------------- by each way, in time


def _deliverer(store: Store, mail: Mail | None, clock: FixedClock) -> Deliverer:
    return Deliverer(Deliveries(store), Ways(lambda: STAFF, (mail,) if mail else ()), clock, Trail(), lambda: 1.0)


def _owed(store: Store, *people: str) -> None:
    case_id = case(store, urgent=True)
    with store.writing() as connection:
        owe(connection, case_id, [(person, "dsl") for person in people], step=0, now=NOON)
        connection.commit()


def _states(store: Store) -> dict[str, str]:
    with store.reading() as connection:
        owed = records.deliveries.c
        return {row.person: row.state for row in connection.execute(select(owed.person, owed.state))}


@pytest.mark.parametrize(
    "manner", ["refuses_all", "refuses_recipients", "drops", "drops_after_data", "hangs_after_data"]
)
def test_what_a_server_does_not_take_is_tried_again_and_arrives_once_it_does(
    store: Store, server: MailServer, manner: Manner
) -> None:
    clock = FixedClock(NOON)
    deliverer = _deliverer(store, _mail(server), clock)
    _owed(store, "ann")
    server.manner = manner
    assert deliverer.run_once() == Run(sent=0, failed=1)
    assert _states(store) == {"ann": "due"}
    server.manner = ""
    clock.go_on(timedelta(minutes=1))
    assert deliverer.run_once() == Run(sent=1, failed=0)
    assert [letter["To"] for letter in server.letters] == ["ann@school.example"]
    assert _states(store) == {"ann": "sent"}


def test_who_has_no_address_is_out_of_reach_and_what_is_theirs_waits_in_their_inbox(
    store: Store, server: MailServer
) -> None:
    _owed(store, "bob")
    _deliverer(store, _mail(server), FixedClock(NOON)).run_once()
    assert _states(store) == {"bob": "waits"}
    assert server.letters == []


def test_where_no_mail_is_set_the_inbox_is_the_way_and_nobody_is_out_of_reach(store: Store) -> None:
    _owed(store, "bob")
    _deliverer(store, None, FixedClock(NOON)).run_once()
    assert _states(store) == {"bob": "sent"}


def test_a_way_that_took_a_notice_is_not_tried_again(server: MailServer) -> None:
    ways = Ways(lambda: STAFF, (_mail(server),))
    server.manner = "drops"
    with pytest.raises(NotByEveryWay) as failure:
        ways.send(NOTICE)
    assert failure.value.taken == frozenset()
    server.manner = ""
    ways.send(replace(NOTICE, taken=frozenset({"mail"})))
    assert server.letters == []
    with pytest.raises(NoWay):
        ways.send(replace(NOTICE, person="nobody"))


def test_which_ways_have_taken_a_notice_outlives_the_process(store: Store) -> None:
    _owed(store, "ann")
    deliveries = Deliveries(store)
    (claim,) = deliveries.claim_due(NOON)
    deliveries.mark_failed(claim, NOON, {"chat"})
    (again,) = deliveries.claim_due(NOON)
    assert again.notice().taken == {"chat"}


def test_a_reminder_is_a_notice_of_its_own_and_a_late_mark_of_the_first_changes_nothing(store: Store) -> None:
    _owed(store, "ann")
    deliveries = Deliveries(store)
    (first,) = deliveries.claim_due(NOON)
    deliveries.mark_sent(first, NOON)
    with store.writing() as connection:
        connection.execute(update(records.deliveries).values(state="due", round=1, notice="reminder"))
        connection.commit()
    deliveries.mark_sent(first, NOON)
    (reminder,) = deliveries.claim_due(NOON)
    assert (reminder.notice().key, reminder.telling) == (f"{first.id}.1", Telling.REMINDER)


# -------------------------------------------------------------------------------------------------------- settings


def _set(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"TOUCHSTONE_{name.upper()}", value)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"mail_from": ""}, "MAIL_FROM"),
        ({"mail_from": "nobody"}, "MAIL_FROM"),
        ({"mail_security": "none"}, "MAIL_SECURITY"),
        ({"mail_security": "a little"}, "MAIL_SECURITY"),
        ({"mail_user": "touchstone"}, "MAIL_USER"),
        ({"mail_port": "0"}, "MAIL_PORT"),
        ({"address": "touchstone.school.example/inbox"}, "ADDRESS"),
    ],
)
def test_a_setting_of_mail_that_cannot_be_used_is_said_by_name(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], named: str
) -> None:
    _set(monkeypatch, mail_host="mail.school.example", mail_from="touchstone@school.example")
    read_settings()
    _set(monkeypatch, **settings)
    with pytest.raises(BadSetting, match=f"TOUCHSTONE_{named}"):
        read_settings()


def test_the_password_is_read_from_its_file_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _set(monkeypatch, mail_host="mail.school.example", mail_from="touchstone@school.example", mail_user=USER)
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    _set(monkeypatch, mail_password_file=str(secret))
    made = mail(read_settings())
    assert made is not None
    assert made.password == PASSWORD
    assert PASSWORD not in repr(made) + repr(read_settings())
    secret.unlink()
    with pytest.raises(MailFails, match="cannot be read"):
        mail(read_settings())


def test_without_a_host_there_is_no_mail() -> None:
    assert mail(read_settings()) is None
