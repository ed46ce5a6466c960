"""A process that is killed at any commit: whatever it left is gone on with, and nothing is signed or told twice."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import event, select

from bot.cases import records
from bot.cases.safekeeping.deletions import DeletionLog
from bot.cases.safekeeping.verification import verify
from bot.messages import SignAgreement, SignedView, StartCampaign
from bot.ports import Telling
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from integrations import app
from integrations.settings import Settings
from knowledge.library import Library
from tests.bot.induction.walking import ANNA, LEAD, REACH2, School, signature

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def _day(school: School) -> None:
    """A morning: somebody takes a step, a campaign is started, it is signed, people are told."""
    school.walk_on(ANNA)
    school.hears(StartCampaign(LEAD, "c" * 32, {"policy": REACH2, "by": "2026-12-04"}))
    digest = school.agreement(ANNA).digest
    assert isinstance(school.hears(SignAgreement(REACH2, "f" * 32, digest, signature(), ANNA)), SignedView)
    school.desk.leading.reminding.look()


def _open(var: Path, library: Library) -> School:
    settings = Settings(var=var)
    clock = FixedClock(MONDAY)
    return School(app.open_reports(settings), Insights(settings.insights, clock), clock, library)


def _killed_at(number: int, act: Callable[[], School]) -> bool:
    """Whether a process that does it is killed before its commit of that number; it may come to no such commit."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)
    try:
        school, commits = act(), count(1)

        def die(_connection: object) -> None:
            if next(commits) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(school.reports.store.engine, "commit", die)
        _day(school)
    except BaseException:  # noqa: BLE001 (whatever went wrong must not run on as a second test run)
        os._exit(1)
    os._exit(0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_killed_before_any_commit_of_a_morning_it_is_as_if_it_had_gone_on(tmp_path: Path, library: Library) -> None:
    survived = 0
    for number in count(1):
        var = tmp_path / str(number)
        is_killed = _killed_at(number, lambda var=var: _open(var, library))  # type: ignore[misc]
        school = _open(var, library)
        try:
            _day(school)
            school.work()
            reports = school.reports
            log = DeletionLog(reports.settings.deletions, reports.keys)
            assert verify(reports.store, reports.keys, log, contents=True).findings == ()
            with reports.store.reading() as connection:
                assert len(connection.execute(select(records.sign_offs)).all()) == 1
                assert len(connection.execute(select(records.campaigns)).all()) == 1
                owed = connection.execute(select(records.notices)).all()
            others = {person.id for person in reports.directory.persons} - {"demo-deputy-head"}
            assert len({row.person_hash for row in owed}) == len(owed) == len(others)
            heard = school.heard(Telling.CAMPAIGN)
            assert len(heard) == len(set(heard))
            assert set(heard) <= others
            assert school.lead().campaigns[0].by == date(2026, 12, 4)
        finally:
            school.insights.close()
            school.reports.close()
        if not is_killed:
            break
        survived += 1
    assert survived >= 5
