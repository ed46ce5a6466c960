"""The store of the keys on both engines: what opens it, what refuses to, and that it lies apart from the records."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import URL, inspect

from bot.cases.keys.keystore import KeyStore, KeyStoreMissing, open_keys
from bot.cases.keys.masterkey import MasterKey, MasterKeyMissing, MasterKeys, MasterKeyWrong
from bot.cases.keys.sealing import Place, SealBroken
from bot.engines import Store
from bot.testing import FixedClock
from integrations import app
from integrations.settings import KeysNotApart, Settings

HERE = Place("answers", "sealed", "case-1/what")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "secret" / "master.key"


def _open(url: URL, key_file: Path, *, given: MasterKeys | None = None, is_first_start: bool = False) -> KeyStore:
    return open_keys(url, given, key_file, is_first_start=is_first_start)


def test_a_case_key_is_the_same_after_a_restart(engine_url: URL, key_file: Path, clock: FixedClock) -> None:
    with closing(_open(engine_url, key_file, is_first_start=True)) as keys:
        sealed = keys.new("case-1", clock.now()).seal("secret", HERE)
    with closing(_open(engine_url, key_file)) as keys:
        assert keys.key("case-1").unseal(sealed, HERE) == "secret"
        assert keys.known() == {"case-1"}
        keys.probe()


def test_a_missing_master_key_is_refused_and_not_made_anew(engine_url: URL, key_file: Path) -> None:
    _open(engine_url, key_file, is_first_start=True).close()
    key_file.unlink()
    for is_first_start in (True, False):
        with pytest.raises(MasterKeyMissing):
            _open(engine_url, key_file, is_first_start=is_first_start)
    assert not key_file.exists()


def test_a_wrong_master_key_is_refused(engine_url: URL, key_file: Path) -> None:
    _open(engine_url, key_file, is_first_start=True).close()
    with pytest.raises(MasterKeyWrong):
        _open(engine_url, key_file, given=MasterKeys(MasterKey(bytes(32))))


def test_a_missing_key_store_is_refused_once_there_are_cases(engine_url: URL, key_file: Path) -> None:
    with pytest.raises(KeyStoreMissing) as caught:
        _open(engine_url, key_file)
    assert str(engine_url.database) in str(caught.value)
    assert not key_file.exists()


def test_an_emptied_key_store_is_not_taken_for_a_new_one(engine_url: URL, key_file: Path) -> None:
    _open(engine_url, key_file, is_first_start=True).close()
    with closing(Store(engine_url)) as store, store.writing() as connection:
        connection.exec_driver_sql("delete from identity")
        connection.commit()
    with pytest.raises(KeyStoreMissing):
        _open(engine_url, key_file)


def test_a_wrapped_key_moved_to_another_case_does_not_open(engine_url: URL, key_file: Path, clock: FixedClock) -> None:
    with closing(_open(engine_url, key_file, is_first_start=True)) as keys:
        keys.new("case-1", clock.now())
        with closing(Store(engine_url)) as store, store.writing() as connection:
            connection.exec_driver_sql("update case_keys set case_id = 'case-2'")
            connection.commit()
        with pytest.raises(SealBroken):
            keys.key("case-2")


def test_keys_and_records_are_refused_in_one_database(engine_url: URL, tmp_path: Path) -> None:
    """By another address, so that the settings alone do not show it."""
    one = SecretStr(engine_url.render_as_string(hide_password=False))
    if engine_url.get_backend_name() == "sqlite":
        (tmp_path / "soft").symlink_to(tmp_path / "records")
        other = SecretStr(f"sqlite:///{tmp_path}/soft/records.sqlite3")
    else:
        (tmp_path / "soft").symlink_to(str(engine_url.query["host"]))
        again = engine_url.update_query_dict({"host": str(tmp_path / "soft")})
        other = SecretStr(again.render_as_string(hide_password=False))
    settings = Settings(var=tmp_path / "var", database=one, keys_database=other)
    with pytest.raises(KeysNotApart, match="must be two databases"):
        app.open_reports(settings)


def test_the_keys_lie_in_the_database_that_is_set_and_nowhere_else(
    engine_url: URL, new_database: Callable[[str], URL], tmp_path: Path
) -> None:
    keys = new_database("keys")
    settings = Settings(
        var=tmp_path / "var",
        database=SecretStr(engine_url.render_as_string(hide_password=False)),
        keys_database=SecretStr(keys.render_as_string(hide_password=False)),
    )
    app.open_reports(settings).close()
    app.open_reports(settings).close()
    tables = {}
    for url in (engine_url, keys):
        with closing(Store(url)) as store, store.reading() as connection:
            tables[url] = set(inspect(connection).get_table_names())
    assert tables[keys] == {"case_keys", "heads", "identity", "root"}
    assert "cases" in tables[engine_url]
    assert not tables[keys] & tables[engine_url]
    assert [path.name for path in (tmp_path / "var").rglob("*") if path.is_file()] == ["master.key"]
