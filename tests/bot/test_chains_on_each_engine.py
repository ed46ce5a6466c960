"""Chains, rotation, purge, backup and restore on SQLite and on PostgreSQL, and from either to the other."""

import shutil
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.cases.keys.masterkey import MasterKeys
from bot.cases.keys.rotation import drop_earlier, rotate
from bot.cases.safekeeping.backup import DELETIONS, back_up
from bot.cases.safekeeping.purge import Reason
from bot.cases.safekeeping.restore import NotEmpty, Restored, read_archives
from bot.cases.safekeeping.verification import Fault, verify
from bot.desk import Desk
from bot.testing import FixedClock
from integrations import app
from integrations.app import Reports
from integrations.settings import Settings
from tests.bot.closing import happen
from tests.bot.reporting import ANSWERS, CANARY, opened, received

EACH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])


def _findings(reports: Reports) -> set[Fault]:
    found = verify(reports.store, reports.keys, reports.purge.log, contents=True)
    return {finding.fault for finding in found.findings}


def _told(desk: Desk, reports: Reports, reference: str) -> str:
    there = app.desk(desk.feedback.searcher, reports, desk.feedback.insights, desk.intake.clock, desk.intake.milestones)
    return opened(there, "demo-dsl", reference).answers[1].answer


@EACH
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("update chronology set role = 'headteacher' where number = 2", Fault.CHANGED),
        ("update chronology set at = '2020-01-01T00:00:00.000000+00:00' where number = 1", Fault.CHANGED),
        ("delete from chronology where number = 2", Fault.MISSING),
        ("delete from anchors where number = 1", Fault.ANCHOR_MISSING),
        ("delete from anchors", Fault.CUT),
    ],
)
def test_tampering_is_found(desk: Desk, reports: Reports, engine: str, statement: str, fault: Fault) -> None:
    assert engine
    received(desk)
    assert _findings(reports) == set()
    with reports.store.writing() as connection:
        connection.execute(text(statement))
        connection.commit()
    assert fault in _findings(reports)


@EACH
def test_a_rotation_while_reports_come_in(desk: Desk, reports: Reports, settings: Settings, engine: str) -> None:
    assert engine
    received(desk)

    def send(who: int) -> None:
        for number in range(5):
            received(desk, {**ANSWERS, "what": f"{who} {number}"}, f"{who}-{number}")

    threads = [threading.Thread(target=send, args=(who,)) for who in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        rotate(settings.key_file, reports.keys)
    for thread in threads:
        thread.join()
    drop_earlier(settings.key_file, reports.keys)
    reports.close()
    again = app.open_reports(settings)
    assert _findings(again) == set()
    assert verify(again.store, again.keys, again.purge.log).cases == 16
    again.close()


@EACH
def test_a_purge_and_one_that_was_left_after_it_was_logged(
    desk: Desk, reports: Reports, settings: Settings, engine: str
) -> None:
    assert engine
    one, other = received(desk).reference, received(desk, {**ANSWERS, "what": "another"}, "draft-2").reference
    for reference in (one, other):
        happen(reports, reference, "closed")
    reports.purge.purge(one, Reason.RETENTION)
    with reports.store.reading() as connection:
        case_id = connection.scalar(text("select id from cases where reference = :r"), {"r": other})
    reports.purge.log.append(reports.purge.log.hashed(str(case_id)), at=reports.purge.clock.now())
    reports.close()
    again = app.open_reports(settings)
    with again.store.reading() as connection:
        assert set(connection.scalars(text("select state from cases"))) == {"purged"}
        assert connection.scalar(text("select count(*) from answers")) == 0
        assert connection.scalar(text("select count(*) from timers where done_at is null")) == 0
    assert again.keys.known() == frozenset()
    assert _findings(again) == set()
    again.close()


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
def test_a_backup_of_either_engine_restores_on_either(  # noqa: PLR0913, PLR0917 (fixtures)
    searcher: object, desk: Desk, tmp_path: Path, clock: FixedClock, request: pytest.FixtureRequest,
    engine: str, source: str, to: str,
) -> None:  # fmt: skip
    assert engine
    assert searcher

    def settings(name: str, kind: str) -> Settings:
        if kind == "sqlite":
            return Settings(var=tmp_path / name)
        server = request.getfixturevalue("postgresql_server")
        made = [server.create(f"{name}_{part}_{source}_{to}") for part in ("records", "keys")]
        told, keys = (SecretStr(url.render_as_string(hide_password=False)) for url in made)
        return Settings(var=tmp_path / name, database=told, keys_database=keys)

    here, there = settings("here", source), settings("there", to)
    reports = app.open_reports(here)
    mine = app.desk(desk.feedback.searcher, reports, desk.feedback.insights, clock, desk.intake.milestones)
    kept, gone = received(mine).reference, received(mine, {**ANSWERS, "what": "another"}, "draft-2").reference
    happen(reports, gone, "closed")
    folder = tmp_path / "backup"
    back_up(reports.store, reports.keys, reports.purge.log, (folder, folder), clock.now())
    reports.purge.purge(gone, Reason.RETENTION)
    there.keys.mkdir(parents=True)
    shutil.copy(here.key_file, there.key_file)
    masters = MasterKeys.read(there.key_file)
    assert masters is not None

    def restore() -> Restored:
        archives = read_archives(folder, folder, masters)
        return app.restored(there, archives, [folder / DELETIONS, here.deletions], replace=False)

    done = restore()
    assert (done.purged, done.found.findings, done.found.cases) == (1, (), 2)
    with pytest.raises(NotEmpty):
        restore()
    again = app.open_reports(there)
    assert _told(mine, again, kept) == CANARY
    received(
        app.desk(desk.feedback.searcher, again, desk.feedback.insights, clock, desk.intake.milestones), draft="later"
    )
    assert _findings(again) == set()
    again.close()
    reports.close()
