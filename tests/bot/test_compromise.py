"""What a thief of one thing has, and what not: the records alone, the keys alone, what a process says of itself."""

import base64
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, MetaData, insert, inspect, select

from bot.cases import records
from bot.cases.contents import read_answers
from bot.cases.forms.model import load_forms
from bot.cases.keys import keystore
from bot.cases.keys.keystore import KeyStoreMissing, open_keys
from bot.cases.keys.masterkey import MasterKey, MasterKeys, MasterKeyWrong
from bot.cases.keys.sealing import SealBroken
from bot.cases.people.conflicts import person_hash
from bot.cases.receiving.access import Gate
from bot.desk import Desk
from bot.messages import (
    MEANS,
    Ask,
    FillForm,
    OpenForm,
    OpenInbox,
    OpenQuestion,
    Rate,
    Receipt,
    SaveDraft,
    SendQuestion,
    Shown,
    SubmitForm,
)
from bot.talk.feedback.insights import Insights
from integrations import app
from integrations.app import Reports
from integrations.settings import Settings
from knowledge.rulings import Verdict
from tests.bot.answering import ROUNDS, filled
from tests.bot.reporting import ANSWERS, received

PROJECT = Path(__file__).parents[2]
SECURITY = PROJECT / "docs" / "security.md"
FORMS = load_forms()
DEMONSTRATION = ("demo-dsl", "demo-headteacher", "demo-chair")

Sought = tuple[bytes, ...]


@pytest.fixture
def canary() -> str:
    """New each time, and no canary of another test: the files of one PostgreSQL serve many."""
    return f"kestrel{secrets.token_hex(8)}"


def _guises(text: str) -> Sought:
    """How words may stand in a file though nobody sealed them."""
    plain = text.encode()
    padded = (base64.b64encode(bytes(shift) + plain)[4:-4] for shift in range(3))
    return (plain, plain.hex().encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), *padded)


def _files(settings: Settings, request: pytest.FixtureRequest, engine: str) -> Iterator[Path]:
    """Every file of what is kept, logs of the databases too, with all that PostgreSQL has still in memory."""
    yield from settings.var.rglob("*")
    if engine == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        with psycopg.connect(host=str(server.folder), user="touchstone", dbname="postgres", autocommit=True) as at:
            at.execute("checkpoint")
        yield from server.folder.rglob("*")


def _holding(paths: Iterator[Path], sought: Sought) -> dict[str, bytes]:
    found = {}
    for path in paths:
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if here := next((one for one in sought if one in content), None):
                found[path.name] = here
    return found


def _everything(desk: Desk, canary: str) -> None:
    """Every way in, with the canary in every field, rightly and wrongly filled in."""
    for name, form in FORMS.items():
        every = dict.fromkeys([question.key for question in form.question], canary)
        for turn in range(ROUNDS):
            answers, draft = filled(form, turn, canary), secrets.token_hex(16)
            desk.receive(FillForm(name, draft, answers))
            desk.receive(SaveDraft(name, draft, answers, canary, "person:demo-dsl"))
            (receipt,) = desk.receive(SubmitForm(name, draft, answers, "6.2(25)", "person:demo-dsl"))
            assert isinstance(receipt, Receipt), (name, turn)
        desk.receive(OpenForm(name, canary, every))
        desk.receive(SubmitForm(name, canary, every, canary, f"code:{canary}"))
        desk.receive(SaveDraft(name, canary, every, canary, f"code:{canary}"))
        desk.receive(SaveDraft(name, secrets.token_hex(16), every))
    desk.receive(Ask(f"may I {canary}?"))
    desk.receive(OpenQuestion(Shown(Verdict.INFO, None, ()), canary))
    desk.receive(Rate(canary, Shown(Verdict.INFO, canary, (canary,)), helpful=True))
    for person in DEMONSTRATION:
        desk.receive(OpenInbox(person))


@pytest.mark.both_engines
def test_what_is_told_or_asked_is_in_clear_in_no_file_that_is_kept(  # noqa: PLR0913, PLR0917 (fixtures)
    desk: Desk,
    reports: Reports,
    settings: Settings,
    canary: str,
    engine: str,
    request: pytest.FixtureRequest,
) -> None:
    _everything(desk, canary)
    assert _holding(_files(settings, request, engine), _guises(canary)) == {}
    with reports.store.writing() as connection:  # what is not sealed is found, so what is sealed would have been
        connection.execute(insert(records.installation).values(id=canary))
        connection.commit()
    assert canary.encode() in _holding(_files(settings, request, engine), _guises(canary)).values()


def test_what_is_sent_to_the_policy_owner_stands_in_clear_in_the_insights_and_nowhere_else(
    desk: Desk, insights: Insights, settings: Settings, canary: str
) -> None:
    received(desk)
    desk.receive(SendQuestion("d" * 32, Shown(Verdict.NOT_COVERED, None, ()), canary, canary))
    insights.close()
    assert set(_holding(settings.var.rglob("*"), _guises(canary))) == {"insights.sqlite3"}


# ---------------------------------------------------------------------------------------------- records alone


def _in_clear(metadata: MetaData) -> set[str]:
    """Every column that is neither sealed nor a hash under a key nor a mac."""
    secret = {
        "sealed",
        "wrapped",
        "mac",
        "head",
        "person_hash",
        "sender_hash",
        "owner_hash",
        "fingerprint",
        "status_hash",
        "id_hash",
        "form_hash",
        "words_hash",
        "person_sealed",
    }
    return {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name not in secret
    }


@pytest.mark.parametrize(("heading", "metadata"), [("records", records.metadata), ("keys", keystore.metadata)])
def test_the_page_on_security_names_every_column_that_stands_in_clear(heading: str, metadata: MetaData) -> None:
    text = SECURITY.read_text(encoding="utf-8")
    (listed,) = re.findall(rf"^In clear in the {heading}: (.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`(\w+\.\w+)`", listed)) == _in_clear(metadata)


@pytest.mark.both_engines
def test_records_alone_open_nothing(
    desk: Desk, reports: Reports, new_database: Callable[[str], URL], tmp_path: Path
) -> None:
    received(desk, {**ANSWERS, "about": "adult_here", "child_too": "no", "adult": f"The head{MEANS}demo-headteacher"})
    desk.receive(SaveDraft("report_concern", "e" * 32, ANSWERS, None, "person:demo-dsl"))
    other = open_keys(new_database("keys_of_a_thief"), None, tmp_path / "other.key", is_first_start=True)
    with reports.store.reading() as connection:
        (case_id,) = connection.scalars(select(records.cases.c.id))
        with pytest.raises(SealBroken):
            read_answers(connection, case_id, other.key(case_id))
        with pytest.raises(SealBroken):
            read_answers(connection, case_id, other.new(case_id, desk.inbox.clock.now()))
        hashes = {
            *connection.scalars(select(records.struck.c.person_hash)),
            *connection.scalars(select(records.drafts.c.owner_hash)),
        }
    other.close()
    assert len(hashes) >= 2
    known = [person.id for person in reports.directory.persons]
    tried = {person_hash(key, one) for key in (b"", bytes(32), other.derive("people")) for one in known}
    assert not hashes & tried


def test_records_without_their_keys_are_not_opened_under_new_ones(desk: Desk, reports: Reports, tmp_path: Path) -> None:
    received(desk)
    reports.close()
    thief = Settings(var=tmp_path / "thief")
    shutil.copytree(tmp_path / "var" / "records", thief.var / "records")
    with pytest.raises(KeyStoreMissing):
        app.open_reports(thief)


# ------------------------------------------------------------------------------------------------- keys alone


@pytest.mark.both_engines
def test_keys_alone_hold_no_content_no_person_and_no_reference(desk: Desk, reports: Reports) -> None:
    receipt = received(desk)
    with reports.keys.store.reading() as connection:
        tables = {name for name in inspect(connection).get_table_names() if not name.startswith("sqlite_")}
        assert tables == set(keystore.metadata.tables)
        rows = repr([connection.execute(select(table)).all() for table in keystore.metadata.tables.values()])
    people = [*[one.id for one in reports.directory.persons], *[one.name for one in reports.directory.persons]]
    for word in (receipt.reference, *ANSWERS.values(), *FORMS, *people):
        assert len(word) < 4 or word not in rows, word


@pytest.mark.both_engines
def test_records_and_keys_together_open_nothing_without_the_master_key(
    desk: Desk, reports: Reports, settings: Settings
) -> None:
    received(desk)
    reports.close()
    with pytest.raises(MasterKeyWrong):
        open_keys(settings.keys_address, MasterKeys(MasterKey.random()), settings.key_file, is_first_start=False)


@pytest.mark.both_engines
def test_a_master_key_alone_is_32_random_bytes_that_are_in_neither_database(
    desk: Desk, settings: Settings, engine: str, request: pytest.FixtureRequest
) -> None:
    received(desk)
    masters = MasterKeys.read(settings.key_file)
    assert masters is not None
    secret = masters.current.secret
    sought = (secret, secret.hex().encode(), base64.b64encode(secret))
    assert set(_holding(_files(settings, request, engine), sought)) == {settings.key_file.name}


# ------------------------------------------------------------------------------- what is said of keys and cases


def test_no_key_is_in_a_repr_of_whatever_holds_it(desk: Desk, reports: Reports, settings: Settings) -> None:
    masters = MasterKeys.read(settings.key_file)
    assert masters is not None
    text = base64.b64encode(masters.current.secret).decode()
    given = Settings.model_validate({"var": settings.var, "master_key": text})
    held: Mapping[str, object] = {
        "keys": reports.keys, "masters": masters, "settings": given, "dumped": given.model_dump(), "desk": desk,
        "reports": reports, "purge": reports.purge, "json": given.model_dump_json(),
    }  # fmt: skip
    secret = masters.current.secret
    gate = Gate(reports.directory, desk.inbox.clock.now().date(), reports.keys.derive("people"))
    held = {**held, "gate": gate, "inbox": desk.inbox}
    derived = [reports.keys.derive(purpose) for purpose in ("people", "submissions", "drafts", "csrf")]
    for name, thing in held.items():
        for shown in (repr(thing), str(thing)):
            assert text not in shown, name
            for one in (secret, *derived):
                assert repr(one)[2:-1] not in shown, name
                assert one.hex() not in shown, name


def test_no_word_of_a_person_is_in_a_repr_of_what_comes_in_or_goes_out(desk: Desk) -> None:
    canary = "canarywords"
    shown = Shown(Verdict.INFO, None, ())
    owner, answers = f"code:{canary}", {"about": "child", "what": canary}
    for incoming in (
        Ask(canary), OpenForm("report_concern", None, answers), FillForm("report_concern", "d", answers, None, owner),
        SubmitForm("report_concern", "d", answers, None, owner, canary), OpenQuestion(shown, canary),
        SaveDraft("report_concern", "d", answers, None, owner), SendQuestion("d", shown, canary, canary),
    ):  # fmt: skip
        assert canary not in repr(incoming)
        assert canary not in repr(desk.receive(incoming))


def test_every_file_that_is_kept_is_for_its_owner_alone(desk: Desk, insights: Insights, settings: Settings) -> None:
    received(desk)
    desk.receive(SendQuestion("d" * 32, Shown(Verdict.NOT_COVERED, None, ()), "May I?"))
    insights.close()
    kept = [path for path in settings.var.rglob("*") if path.is_file()]
    assert {path.name for path in kept} >= {"records.sqlite3", "keys.sqlite3", "master.key", "insights.sqlite3"}
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []
