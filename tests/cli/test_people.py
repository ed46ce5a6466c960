"""`touchstone people`: at the machine somebody is confirmed only where nobody is left who could."""

import re

import pytest

from bot.cases.people.appointments import SomebodyCan
from bot.cases.people.directory import load_directory
from integrations import app
from integrations.cli import people
from integrations.cli.cases import opened
from integrations.settings import Settings
from tests.cli.test_directory import EXAMPLE


@pytest.fixture
def own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TOUCHSTONE_VAR", str(settings.var))
    _write(settings, EXAMPLE)
    return settings


def _write(settings: Settings, text: str) -> None:
    settings.directory.parent.mkdir(parents=True, exist_ok=True)
    settings.directory.write_text(text, encoding="utf-8")


def _roles(text: str, person: str, role: str) -> str:
    """The example with one more role for somebody."""
    at = text.index(f'id = "{person}"')
    end = text.find("[[person]]", at)
    more = f'[[person.holds]]\nschool = "oakfield"\nrole = "{role}"\n\n'
    return text[:end] + more + text[end:] if end > 0 else text + more


def test_after_the_first_start_whoever_is_added_waits_and_those_who_can_confirm_are_named(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    app.open_reports(own).close()
    _write(own, _roles(EXAMPLE, "f.rowe", "slt"))
    people.list_waiting()
    said = capsys.readouterr().out
    assert "Frank Rowe (f.rowe) is named as member of the senior leadership team (slt)" in said
    assert "Clara Lindqvist (headteacher)" in said
    assert "Anna Archer (designated safeguarding lead (DSL))" in said
    with pytest.raises(SomebodyCan):
        people.confirm("f.rowe", "slt")


def test_where_everybody_changed_one_is_confirmed_at_the_machine_and_confirms_the_others(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    app.open_reports(own).close()
    _write(own, re.sub(r'^id = "(\w\.\w+)"', r'id = "new.\1"', EXAMPLE, flags=re.MULTILINE).replace(
        'covers = "c.', 'covers = "new.c.'
    ))  # fmt: skip
    load_directory(own.directory)
    people.list_waiting()
    assert "nobody; at this machine: touchstone people confirm new.c.lindqvist headteacher" in capsys.readouterr().out
    people.confirm("new.c.lindqvist", "headteacher")
    assert "It is recorded" in capsys.readouterr().out
    with pytest.raises(SomebodyCan):
        people.confirm("new.a.archer", "dsl")
    with opened() as reports:
        assert len(reports.appointments.account("new.c.lindqvist").to_confirm) > 3


def test_in_the_demonstration_nobody_waits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOUCHSTONE_VAR", str(settings.var))
    people.list_waiting()
    assert "invented people of the demonstration" in capsys.readouterr().out
