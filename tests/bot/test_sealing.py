import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.keys.keystore import KeyStore, KeyStoreMissing, KeyStoreUnusable, open_keys
from bot.cases.keys.masterkey import (
    MasterKey,
    MasterKeyExposed,
    MasterKeyMalformed,
    MasterKeyMissing,
    MasterKeys,
    MasterKeyWrong,
    derive,
)
from bot.cases.keys.sealing import CaseKey, Place, SealBroken
from bot.engines import Store
from bot.testing import FixedClock

HERE = Place("answers", "sealed", "case-1/what")
KEY = CaseKey(bytes(range(32)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def _open(folder: Path, *, given: MasterKeys | None = None, is_first_start: bool = False) -> KeyStore:
    return open_keys(folder, given, folder / "master.key", is_first_start=is_first_start)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_again_in_its_place(text: str) -> None:
    assert KEY.unseal(KEY.seal(text, HERE), HERE) == text


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("answers", "sealed", "case-2/what"),
        Place("answers", "other", "case-1/what"),
        Place("x", "sealed", "case-1/what"),
    ],
)
def test_what_is_sealed_opens_in_no_other_place(elsewhere: Place) -> None:
    with pytest.raises(SealBroken):
        KEY.unseal(KEY.seal("secret", HERE), elsewhere)


@given(st.data())
def test_a_changed_byte_anywhere_breaks_the_seal(data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal("a secret", HERE))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        KEY.unseal(bytes(sealed), HERE)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(12)])
def test_what_was_cut_off_breaks_the_seal(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        KEY.unseal(sealed, HERE)


def test_the_same_words_never_look_the_same_sealed() -> None:
    assert KEY.seal("no", HERE) != KEY.seal("no", HERE)


def test_another_case_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        CaseKey(bytes(32)).unseal(KEY.seal("secret", HERE), HERE)


def test_a_case_key_is_the_same_after_a_restart(folder: Path, clock: FixedClock) -> None:
    keys = _open(folder, is_first_start=True)
    sealed = keys.new("case-1", clock.now()).seal("secret", HERE)
    keys.close()
    assert _open(folder).key("case-1").unseal(sealed, HERE) == "secret"


def test_keys_and_master_key_can_be_read_by_their_owner_alone(folder: Path, clock: FixedClock) -> None:
    _open(folder, is_first_start=True).new("case-1", clock.now())
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_a_case_key_is_not_stored_in_clear(folder: Path, clock: FixedClock) -> None:
    key = _open(folder, is_first_start=True).new("case-1", clock.now())
    assert not [path for path in folder.iterdir() if key.secret in path.read_bytes()]


def test_a_missing_master_key_is_refused_and_not_made_anew(folder: Path) -> None:
    _open(folder, is_first_start=True)
    (folder / "master.key").unlink()
    with pytest.raises(MasterKeyMissing, match="put the key file back"):
        _open(folder)
    assert not (folder / "master.key").exists()


def test_a_wrong_master_key_is_refused(folder: Path) -> None:
    _open(folder, is_first_start=True)
    with pytest.raises(MasterKeyWrong, match="not the master key"):
        _open(folder, given=MasterKeys(MasterKey(bytes(32))))


def test_a_missing_key_store_is_refused_once_there_are_cases(folder: Path) -> None:
    with pytest.raises(KeyStoreMissing, match="put it back from its backup"):
        _open(folder, is_first_start=False)
    assert not folder.exists()


@pytest.mark.parametrize("text", ["", "short", "AAAA", "not base64 at all!!", "A" * 43])
def test_what_is_no_master_key_is_refused_with_a_way_to_make_one(text: str) -> None:
    with pytest.raises(MasterKeyMalformed, match="openssl rand -base64 32"):
        MasterKey.parse(text)


def test_keys_derived_for_different_purposes_differ() -> None:
    assert len({derive(bytes(32), purpose) for purpose in ("wrap", "identity", "csrf", "submissions")}) == 4


def test_a_key_file_that_holds_something_else_is_named(folder: Path) -> None:
    folder.mkdir()
    (folder / "master.key").write_text("")
    (folder / "master.key").chmod(0o600)
    with pytest.raises(MasterKeyMalformed, match=r"master\.key"):
        _open(folder, is_first_start=True)


def test_an_emptied_key_store_is_not_taken_for_a_new_one(folder: Path) -> None:
    _open(folder, is_first_start=True).close()
    for path in folder.glob("keys.sqlite3*"):
        path.unlink()
    (folder / "keys.sqlite3").touch()
    with pytest.raises(KeyStoreMissing):
        _open(folder, given=MasterKeys(MasterKey(bytes(32))))
    assert _open(folder, is_first_start=True)


def test_a_key_store_that_is_garbage_is_said_so(folder: Path) -> None:
    _open(folder, is_first_start=True).close()
    (folder / "keys.sqlite3").write_bytes(b"garbage " * 1000)
    with pytest.raises(KeyStoreUnusable, match="put it back from a backup"):
        _open(folder)


def test_the_length_of_what_is_sealed_does_not_tell_one_choice_from_another() -> None:
    choices = ["child", "adult_here", "headteacher", "adult_elsewhere", "myself", "unsure", "yes", "no"]
    assert len({len(KEY.seal(choice, HERE)) for choice in choices}) == 1


def test_no_key_shows_in_a_repr() -> None:
    assert "\\x" not in repr(KEY) + repr(MasterKey(bytes(range(32))))


def test_a_wrapped_key_moved_to_another_case_does_not_open(folder: Path, clock: FixedClock) -> None:
    keys = _open(folder, is_first_start=True)
    keys.new("case-1", clock.now())
    store = Store(folder / "keys.sqlite3")
    with store.writing() as connection:
        connection.exec_driver_sql("update case_keys set case_id = 'case-2'")
        connection.commit()
    store.close()
    with pytest.raises(SealBroken):
        keys.key("case-2")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620])
def test_a_master_key_that_others_can_read_or_change_is_refused_with_what_to_do(folder: Path, mode: int) -> None:
    _open(folder, is_first_start=True).close()
    (folder / "master.key").chmod(mode)
    with pytest.raises(MasterKeyExposed, match=r"chmod 600 .*master\.key"):
        _open(folder)


@pytest.mark.parametrize("parted", ["\n", " ", "\n\n"])
def test_several_master_keys_are_read_the_current_one_first(parted: str) -> None:
    text = parted.join(["A" * 43 + "=", "B" * 42 + "A="])
    keys = MasterKeys.parse(text)
    assert keys.current.secret == bytes(32)
    assert len(keys.earlier) == 1
