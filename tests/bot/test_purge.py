"""A purge deletes for good, leaves what happened, and is finished after a process died anywhere in it."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from signal import SIGKILL

import pytest

from bot.cases.opening import NotSurelyOrphans, sweep
from bot.cases.safekeeping.deletions import DeletionsDamaged
from bot.cases.safekeeping.purge import NoSuchCase, OnHold, Reason, StillOpen
from bot.cases.safekeeping.verification import verify
from bot.desk import Desk
from bot.testing import FixedClock
from integrations import app
from integrations.app import Reports
from integrations.settings import Settings
from tests.bot.closing import happen, stored
from tests.bot.reporting import ANSWERS, received, send
from tests.crash.dying import run_until

PURGED = {"state": "purged", "answers": 0, "submissions": 0, "case_keys": 0}


@pytest.fixture
def closed(desk: Desk, reports: Reports) -> str:
    """The reference of a closed case; another is open."""
    received(desk, {**ANSWERS, "what": "another"}, "draft-2")
    reference = received(desk).reference
    happen(reports, reference, "closed")
    return reference


def _is_purged(settings: Settings, reference: str) -> bool:
    found = stored(settings, reference)
    events = found["events"]
    assert isinstance(events, list)
    return found.items() >= PURGED.items() and events.count("purged") == 1 and events[0] == "received"


def _is_whole(reports: Reports) -> bool:
    return not verify(reports.store, reports.keys, reports.purge.log, contents=True).findings


def test_what_was_told_goes_and_what_happened_stays(closed: str, reports: Reports, settings: Settings) -> None:
    before = stored(settings, closed)
    assert (before["answers"], before["case_keys"], before["submissions"]) == (3, 1, 1)
    reports.purge.purge(closed, Reason.RETENTION)
    assert _is_purged(settings, closed)
    assert _is_whole(reports)
    assert not reports.purge.log.undone()


def test_nothing_of_it_is_left_in_any_file(closed: str, reports: Reports, settings: Settings) -> None:
    with (
        closing(sqlite3.connect(settings.records)) as told,
        closing(sqlite3.connect(settings.keys / "keys.sqlite3")) as keys,
    ):
        (case_id,) = told.execute("select id from cases where reference = ?", (closed,)).fetchone()
        secrets = [row[0] for row in told.execute("select sealed from answers where case_id = ?", (case_id,))]
        secrets += [row[0] for row in keys.execute("select wrapped from case_keys where case_id = ?", (case_id,))]
        secrets += [
            row[0].encode() for row in told.execute("select fingerprint from submissions where case_id = ?", (case_id,))
        ]
    assert len(secrets) == 5
    reports.purge.purge(closed, Reason.RETENTION)
    files = b"".join(path.read_bytes() for path in settings.var.rglob("*") if path.is_file())
    assert [one for one in secrets if one[:60] in files] == []
    assert case_id.encode() not in settings.deletions.read_bytes()


def test_an_open_case_and_one_under_a_legal_hold_are_refused(
    desk: Desk, closed: str, reports: Reports, settings: Settings
) -> None:
    still_open = received(desk, {**ANSWERS, "what": "a third"}, "draft-3").reference
    happen(reports, closed, "held")
    with pytest.raises(OnHold):
        reports.purge.purge(closed, Reason.RETENTION)
    with pytest.raises(StillOpen):
        reports.purge.purge(still_open, Reason.MISTAKE)
    with pytest.raises(NoSuchCase):
        reports.purge.purge("C-2222-2222", Reason.MISTAKE)
    assert not settings.deletions.exists()
    happen(reports, closed, "released")
    reports.purge.purge(closed, Reason.RETENTION)
    assert _is_purged(settings, closed)


def test_purged_twice_is_purged_once(closed: str, reports: Reports, settings: Settings) -> None:
    reports.purge.purge(closed, Reason.RETENTION)
    reports.purge.purge(closed, Reason.ELSEWHERE)
    assert _is_purged(settings, closed)
    assert len(reports.purge.log.entries()) == 1


def test_a_log_that_cannot_be_trusted_stops_a_purge_before_anything_is_deleted(
    desk: Desk, closed: str, reports: Reports, settings: Settings
) -> None:
    reports.purge.purge(closed, Reason.RETENTION)
    text = settings.deletions.read_text()
    settings.deletions.write_text(text.replace("2026", "2027"))
    other = received(desk, {**ANSWERS, "what": "a third"}, "draft-3").reference
    happen(reports, other, "closed")
    with pytest.raises(DeletionsDamaged, match=r"deletions\.log, line 2"):
        reports.purge.purge(other, Reason.RETENTION)
    assert stored(settings, other)["answers"] == 3


def test_a_line_that_was_cut_off_as_it_was_written_is_written_over(
    desk: Desk, closed: str, reports: Reports, settings: Settings
) -> None:
    reports.purge.purge(closed, Reason.RETENTION)
    with settings.deletions.open("a") as file:
        file.write("2 2026-11-22T09:30:00.000000+00:00 abc")
    assert not reports.purge.log.undone()
    other = received(desk, {**ANSWERS, "what": "a third"}, "draft-3").reference
    happen(reports, other, "closed")
    reports.purge.purge(other, Reason.RETENTION)
    assert [entry.number for entry in reports.purge.log.entries()] == [1, 2]
    assert _is_whole(reports)


@pytest.mark.parametrize("step", ["logged", "deleted", "committed", "destroyed"])
def test_killed_at_any_step_it_is_finished_by_the_next_start(
    closed: str, reports: Reports, settings: Settings, step: str
) -> None:
    reports.close()
    assert run_until(settings, step, "purge", closed) == -SIGKILL
    again = app.open_reports(settings)
    assert _is_purged(settings, closed)
    assert _is_whole(again)
    assert not again.purge.log.undone()
    again.close()
    app.open_reports(settings).close()
    assert _is_purged(settings, closed)


def test_a_purge_that_another_process_left_is_not_called_done_by_the_next_purge(
    desk: Desk, closed: str, reports: Reports, settings: Settings
) -> None:
    assert run_until(settings, "logged", "purge", closed) == -SIGKILL
    other = received(desk, {**ANSWERS, "what": "a third"}, "draft-3").reference
    happen(reports, other, "closed")
    reports.purge.purge(other, Reason.RETENTION)
    assert stored(settings, closed)["state"] == "closed"
    reports.close()
    app.open_reports(settings).close()
    assert _is_purged(settings, closed)
    assert _is_purged(settings, other)


def test_a_purged_case_is_not_counted_as_one_that_lost_its_key(closed: str, reports: Reports) -> None:
    reports.purge.purge(closed, Reason.RETENTION)
    assert reports.without_key() == 0


def test_what_was_purged_may_be_told_again(desk: Desk, closed: str, reports: Reports) -> None:
    reports.purge.purge(closed, Reason.RETENTION)
    assert received(desk).reference != closed


# ------------------------------------------------------------------------------------------------- orphans


def test_a_key_whose_case_was_never_committed_is_swept_after_a_day(
    desk: Desk, reports: Reports, clock: FixedClock
) -> None:
    received(desk)
    reports.keys.new("never-committed", clock.now())
    assert sweep(reports.store, reports.keys, clock.now() + timedelta(hours=23)) == 0
    assert sweep(reports.store, reports.keys, clock.now() + timedelta(hours=25)) == 1
    assert "never-committed" not in reports.keys.known()
    assert _is_whole(reports)


def test_no_key_is_swept_where_the_records_are_new_or_older_or_others(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock
) -> None:
    send(desk)
    later = clock.now() + timedelta(days=2)
    with closing(sqlite3.connect(settings.records)) as connection:
        connection.execute("delete from anchors")
        connection.commit()
    with pytest.raises(NotSurelyOrphans):
        sweep(reports.store, reports.keys, later)
    reports.close()
    settings.records.parent.rename(settings.var / "away")
    anew = app.open_reports(settings)
    with pytest.raises(NotSurelyOrphans):
        sweep(anew.store, anew.keys, later)
    assert len(anew.keys.known()) == 1
    anew.close()
