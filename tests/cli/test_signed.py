"""`touchstone signed`: what is due is listed without a name, and deleted by whoever looks after induction alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bot.cases import records
from bot.cases.forms.model import load_forms
from bot.induction.leading import NotYourInduction
from bot.induction.signing import NoSuchSignOff
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from integrations import app
from integrations.cli import signed
from integrations.cli.cases import opened
from integrations.settings import Settings
from knowledge.library import Library
from tests.bot.induction.walking import ANNA, LEAD, School

THEN = datetime(2019, 11, 25, 10, tzinfo=UTC)


@pytest.fixture
def var(settings: Settings, monkeypatch: pytest.MonkeyPatch, library: Library) -> Settings:
    """A school where somebody signed and has left long ago."""
    monkeypatch.setenv("TOUCHSTONE_VAR", str(settings.var))
    clock = FixedClock(THEN)
    with _opened(settings) as reports:
        insights = Insights(settings.insights, clock)
        School(reports, insights, clock, library).walk_and_sign(ANNA)
        insights.close()
        left = tuple(one for one in reports.directory.persons if one.id != "demo-deputy-head")
        gone = replace(reports, directory=replace(reports.directory, persons=left))
        app.leaving(gone, clock, load_forms()).look()
    return settings


@contextmanager
def _opened(settings: Settings) -> Iterator[app.Reports]:
    reports = app.open_reports(settings)
    yield reports
    reports.close()


def test_what_is_due_is_listed_by_id_and_days_without_a_name(var: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    del var
    signed.due()
    out = capsys.readouterr().out
    look, line = out.splitlines()
    assert look.startswith("Look before you delete: Has the person left as long ago as that?")
    assert "signed 25 November 2019, left 25 November 2019, due since 25 November 2025" in line
    assert "Anna" not in out


def test_only_whoever_looks_after_induction_deletes_it_and_only_what_is_due(
    var: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    signed.due()
    sign_off = capsys.readouterr().out.splitlines()[1].split()[0]
    for person in ("demo-administrator", "nobody"):
        with pytest.raises(NotYourInduction):
            signed.purge(sign_off, person)
    with pytest.raises(NoSuchSignOff):
        signed.purge("0" * 32, LEAD)
    signed.purge(sign_off, LEAD)
    assert capsys.readouterr().out.startswith(f"Deleted: what was written with {sign_off}.")
    signed.due()
    assert capsys.readouterr().out == "No signature is due to be looked at.\n"
    with _opened(var) as reports, reports.store.writing() as connection:
        assert connection.execute(update(records.sign_off_words).values(left_at=None)).rowcount == 0


def test_of_somebody_who_is_here_nothing_is_due(var: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with opened() as reports:
        app.leaving(reports, FixedClock(THEN), load_forms()).look()
    signed.due()
    assert capsys.readouterr().out == "No signature is due to be looked at.\n"
    assert var
