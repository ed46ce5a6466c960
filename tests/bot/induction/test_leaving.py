"""Whoever leaves: what they signed stays for the school's years and goes when somebody looked; backups keep to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cases import records
from bot.cases.forms.model import load_forms
from bot.cases.keys.masterkey import MasterKeys
from bot.cases.receiving.retention import SHIPPED, load_retention
from bot.cases.safekeeping.backup import back_up
from bot.cases.safekeeping.deletions import DeletionLog
from bot.cases.safekeeping.restore import read_archives, restore
from bot.cases.safekeeping.verification import verify
from bot.induction.leaving import Leaving
from bot.induction.signing import NoSuchSignOff
from bot.messages import BeginInduction, InductionView, OpenSignOffs, SignOffsView
from integrations import app
from tests.bot.induction.walking import ANNA, BEN, School

YEAR = timedelta(days=366)


def _leaving(school: School) -> Leaving:
    return app.leaving(school.reports, school.clock, load_forms())


def _leave(school: School, person: str = "demo-deputy-head") -> None:
    directory = school.reports.directory
    left = tuple(one for one in directory.persons if one.id != person)
    school.use(replace(school.reports, directory=replace(directory, persons=left)))


def _is_whole(school: School) -> bool:
    reports = school.reports
    log = DeletionLog(reports.settings.deletions, reports.keys)
    return verify(reports.store, reports.keys, log, contents=True).findings == ()


def _written(school: School) -> int:
    with school.reports.store.reading() as connection:
        return len(connection.execute(select(records.sign_off_words)).all())


def test_as_long_as_somebody_is_here_their_signature_is_never_due(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.clock.go_on(20 * YEAR)
    _leaving(school).look()
    assert _leaving(school).due() == ()


def test_who_left_is_due_after_the_schools_years_and_who_comes_back_is_not(school: School) -> None:
    school.walk_and_sign(ANNA)
    directory = school.reports.directory
    _leave(school)
    _leaving(school).look()
    school.clock.go_on(6 * YEAR)
    (due,) = _leaving(school).due()
    assert due.signed == due.left
    school.use(replace(school.reports, directory=directory))
    _leaving(school).look()
    assert _leaving(school).due() == ()


@pytest.mark.both_engines
def test_what_is_deleted_can_be_read_by_nobody_and_the_chain_stays_whole(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.walk_and_sign(BEN)
    _leave(school)
    _leaving(school).look()
    with pytest.raises(NoSuchSignOff):
        _leaving(school).delete("anything that is not due")
    school.clock.go_on(6 * YEAR)
    (due,) = _leaving(school).due()
    _leaving(school).delete(due.sign_off)
    assert _leaving(school).due() == ()
    assert _written(school) == 1
    assert due.sign_off not in school.reports.keys.known()
    assert _is_whole(school)
    view = school.hears(OpenSignOffs(ANNA))
    assert isinstance(view, SignOffsView)
    assert [(row.name, row.role) for row in view.rows] == [("Deleted, as its time was over", "")]


def test_a_walk_under_a_code_is_dropped_once_nobody_goes_on_with_it_and_a_persons_is_not(school: School) -> None:
    begun = school.hears(BeginInduction())
    assert isinstance(begun, InductionView)
    school.walk_on(ANNA)
    school.clock.go_on(YEAR)
    _leaving(school).look()
    assert school.step(ANNA).number == 2
    school.clock.go_on(timedelta(days=1))
    _leaving(school).look()
    owner = "code:" + begun.code.replace("-", "")
    assert school.refused(BeginInduction(owner)).startswith("There is nothing kept under this code.")
    assert school.step(ANNA).number == 2


def test_a_schools_own_file_without_the_table_keeps_the_usual_years(tmp_path: Path) -> None:
    shipped = load_retention(load_forms())
    assert (shipped.signed.years, shipped.signed.walk_days) == (6, 366)
    assert "school decides" in shipped.signed.source
    text = SHIPPED.read_text(encoding="utf-8")
    own = tmp_path / "retention.toml"
    before, after = text.split("[signed]\n")
    own.write_text(before + after[after.index("[[outcome]]") :], encoding="utf-8")
    assert load_retention(load_forms(), own).signed.years == 6


# --------------------------------------------------------------------------------------------------- backups


@contextmanager
def _restored(school: School, backup: Path, aside: Path) -> Iterator[School]:
    """The same school on another machine, from a backup, with the log of deletions of this one."""
    settings = school.reports.settings.model_copy(update={"var": aside})
    masters = school.reports.settings.key_file
    target = aside / "keys" / "master.key"
    target.parent.mkdir(parents=True)
    target.write_bytes(masters.read_bytes())
    target.chmod(0o600)
    keys = MasterKeys.read(target)
    assert keys is not None
    archives = read_archives(backup, backup / "keys", keys)
    restore(archives, app.places(settings), [school.reports.settings.deletions], school.clock)
    reports = app.open_reports(settings)
    try:
        yield School(reports, school.insights, school.clock, school.library)
    finally:
        reports.close()


def _back_up(school: School, to: Path) -> None:
    reports = school.reports
    log = DeletionLog(reports.settings.deletions, reports.keys)
    back_up(reports.store, reports.keys, log, (to, to / "keys"), school.clock.now())


def test_a_restore_brings_back_walks_and_signatures_and_both_go_on(school: School, tmp_path: Path) -> None:
    school.walk_and_sign(ANNA)
    school.walk_on(BEN)
    _back_up(school, tmp_path / "backup")
    school.walk_and_sign("person:demo-dsl")
    with _restored(school, tmp_path / "backup", tmp_path / "again") as other:
        assert _is_whole(other)
        assert other.agreement(ANNA).due == ()
        assert other.step(BEN).number == 2
        assert other.agreement("person:demo-dsl").due == ("You have not signed this policy.",)
        other.walk_and_sign("person:demo-dsl")
        assert _is_whole(other)


def test_what_was_deleted_stays_deleted_after_a_restore(school: School, tmp_path: Path) -> None:
    school.walk_and_sign(ANNA)
    school.walk_and_sign(BEN)
    _leave(school)
    _leaving(school).look()
    _back_up(school, tmp_path / "backup")
    school.clock.go_on(6 * YEAR)
    _leaving(school).delete(_leaving(school).due()[0].sign_off)
    with _restored(school, tmp_path / "backup", tmp_path / "again") as other:
        assert _written(other) == 1
        assert _is_whole(other)
