"""The settings of databases: what is refused, what `touchstone check` says of them, and that no secret is shown."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL

from bot import postgresql
from integrations.settings import BadSetting, KeysNotApart, Settings, read_settings
from tests.cli.conftest import Run

SECRET = "hunter2"  # noqa: S105 (the one that must not be shown)


def _given(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"TOUCHSTONE_{name.upper()}", value)


def test_without_settings_both_are_files_apart(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path)
    assert settings.records_address.database == str(tmp_path / "records" / "records.sqlite3")
    assert settings.keys_address.database == str(tmp_path / "keys" / "keys.sqlite3")


@pytest.mark.parametrize("name", ["DATABASE", "KEYS_DATABASE"])
@pytest.mark.parametrize("wrong", [f"mysql://u:{SECRET}@h/d", f"postgresql://u@h/d?password={SECRET}", SECRET])
def test_an_address_that_is_none_is_named_by_its_setting_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: str
) -> None:
    _given(monkeypatch, **{name: wrong})
    with pytest.raises(BadSetting, match=f"TOUCHSTONE_{name}: ") as caught:
        read_settings()
    assert SECRET not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize(
    ("records", "keys"),
    [
        (f"postgresql://u:{SECRET}@h/d", f"postgresql+psycopg://other:{SECRET}@h/d"),
        ("sqlite:////tmp/x/one.sqlite3", "sqlite:////tmp/x/one.sqlite3"),
    ],
)
def test_keys_in_the_database_of_what_they_open_are_refused(
    monkeypatch: pytest.MonkeyPatch, records: str, keys: str
) -> None:
    _given(monkeypatch, database=records, keys_database=keys)
    with pytest.raises(KeysNotApart) as caught:
        read_settings()
    assert SECRET not in f"{caught.value} {caught.value!r}"


def test_no_password_is_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    _given(monkeypatch, database=f"postgresql://u:{SECRET}@h/d")
    settings = read_settings()
    assert SECRET not in f"{settings!r} {settings.records_address!r} {settings.records_address}"


def test_check_says_where_files_are_and_how_they_flush(run: Run, tmp_path: Path) -> None:
    status, output, _ = run("check")
    assert status == 0
    assert f"reports in {tmp_path}/var/records/records.sqlite3 (SQLite 3." in output
    assert "synchronous full" in output


def test_check_makes_no_file_in_the_place_of_one_that_is_missing(run: Run, tmp_path: Path) -> None:
    keys = tmp_path / "var" / "keys" / "keys.sqlite3"
    assert run("check")[0] == 0
    keys.unlink()
    (tmp_path / "var" / "keys" / "master.key").write_text("no key\n")
    status, output, _ = run("check")
    assert status == 1
    assert "keys not there" in output
    assert not keys.exists()


@pytest.mark.parametrize("engine", ["postgresql"])
def test_check_says_how_postgresql_flushes_and_shows_no_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, new_database: Callable[[str], URL]
) -> None:
    records, keys = (
        new_database(name).set(password=SECRET).render_as_string(hide_password=False) for name in ("records", "keys")
    )
    _given(monkeypatch, database=records, keys_database=keys)
    status, output, errors = run("check")
    assert status == 0
    assert "PostgreSQL 15." in output
    assert "synchronous_commit on, fsync on, full_page_writes on" in output
    assert SECRET not in output + errors
    monkeypatch.setattr(postgresql, "SAFE_SERVER", {"fsync": "on", "enable_memoize": "on", "zero_damaged_pages": "off"})
    status, output, errors = run("check")
    assert status == 1
    assert "may be gone after a loss of power" in output
    assert "zero_damaged_pages off" in output
