"""Another master key: nothing that was told or derived is lost on the way, wherever it breaks off."""

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from signal import SIGKILL

import pytest

from bot.cases.keys.keystore import KeyStore, open_keys
from bot.cases.keys.masterkey import MasterKey, MasterKeyMissing, MasterKeys, MasterKeyWrong
from bot.cases.keys.rotation import NotRewrapped, drop_earlier, rotate
from bot.cases.keys.sealing import Place, SealBroken
from bot.testing import FixedClock
from integrations.settings import Settings
from tests.crash.dying import run_until

HERE = Place("answers", "sealed", "x")
PURPOSES = ("csrf", "submissions", "people", "chronology", "anchors", "deletions", "deleted", "backup")


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.keys


def _open(folder: Path, given: MasterKeys | None = None) -> KeyStore:
    return open_keys(folder, given, folder / "master.key", is_first_start=True)


def _lines(folder: Path) -> list[str]:
    return (folder / "master.key").read_text().split()


def _filled(folder: Path, clock: FixedClock) -> dict[str, bytes]:
    """Twenty cases: what was sealed in each."""
    keys = _open(folder)
    sealed = {f"case-{n}": keys.new(f"case-{n}", clock.now()).seal(f"told {n}", HERE) for n in range(20)}
    keys.close()
    return sealed


def _all_open(keys: KeyStore, sealed: dict[str, bytes]) -> bool:
    return all(keys.key(case).unseal(text, HERE) == f"told {case[5:]}" for case, text in sealed.items())


def test_after_a_rotation_everything_opens_and_all_that_is_derived_is_the_same(folder: Path, clock: FixedClock) -> None:
    sealed = _filled(folder, clock)
    keys = _open(folder)
    before = [keys.derive(purpose) for purpose in PURPOSES]
    old = _lines(folder)
    assert rotate(folder / "master.key", keys) == 20
    assert _lines(folder)[1:] == old
    again = _open(folder)
    assert _all_open(keys, sealed)
    assert _all_open(again, sealed)
    assert [again.derive(purpose) for purpose in PURPOSES] == before
    assert len(set(before)) == len(PURPOSES)


def test_the_file_is_its_owners_alone_after_a_rotation_and_nothing_lies_beside_it(
    folder: Path, clock: FixedClock
) -> None:
    _filled(folder, clock)
    (folder / ".master.key.0000").write_text("left by one that was killed")
    rotate(folder / "master.key", _open(folder))
    assert (folder / "master.key").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in folder.iterdir() if "master" in path.name} == {"master.key"}


def test_with_the_old_key_alone_nothing_opens_any_more_once_it_is_dropped(folder: Path, clock: FixedClock) -> None:
    sealed = _filled(folder, clock)
    old = MasterKeys.read(folder / "master.key")
    keys = _open(folder)
    rotate(folder / "master.key", keys)
    assert drop_earlier(folder / "master.key", keys) == 1
    assert len(_lines(folder)) == 1
    assert _all_open(_open(folder), sealed)
    with pytest.raises(MasterKeyWrong):
        _open(folder, old)


def test_the_old_wrapping_is_not_left_in_the_files(folder: Path, clock: FixedClock) -> None:
    _filled(folder, clock)
    with closing(sqlite3.connect(folder / "keys.sqlite3")) as connection:
        query = "select wrapped from case_keys union select wrapped from root"
        wrapped = [row[0] for row in connection.execute(query)]
    rotate(folder / "master.key", _open(folder))
    files = b"".join(path.read_bytes() for path in folder.glob("keys.sqlite3*"))
    assert len(wrapped) == 21
    assert not [one for one in wrapped if one in files]


def test_earlier_keys_are_kept_while_something_needs_them(folder: Path, clock: FixedClock) -> None:
    _filled(folder, clock)
    keys = _open(folder)
    masters = MasterKeys.read(folder / "master.key")
    assert masters is not None
    MasterKeys(MasterKey.random(), (masters.current,)).write(folder / "master.key")
    with pytest.raises(NotRewrapped, match="touchstone keys rotate"):
        drop_earlier(folder / "master.key", keys)
    assert len(_lines(folder)) == 2


def test_a_first_line_that_nothing_is_wrapped_by_yet_is_taken_instead_of_making_another(
    folder: Path, clock: FixedClock
) -> None:
    """How several machines rotate: the new key is put into each file first, by hand."""
    sealed = _filled(folder, clock)
    new = MasterKey.random()
    masters = MasterKeys.read(folder / "master.key")
    assert masters is not None
    MasterKeys(new, (masters.current,)).write(folder / "master.key")
    keys = _open(folder)
    assert _all_open(keys, sealed)
    rotate(folder / "master.key", keys)
    assert len(_lines(folder)) == 2
    assert _all_open(_open(folder, MasterKeys(new)), sealed)


def test_a_process_that_serves_meanwhile_goes_on_and_its_new_keys_are_wrapped_by_the_new_one(
    folder: Path, clock: FixedClock
) -> None:
    sealed = _filled(folder, clock)
    serving, rotating = _open(folder), _open(folder)
    rotate(folder / "master.key", rotating)
    drop_earlier(folder / "master.key", rotating)
    assert _all_open(serving, sealed)
    serving = _open(folder)
    rotate(folder / "master.key", rotating)
    drop_earlier(folder / "master.key", rotating)
    later = serving.new("case-99", clock.now()).seal("told 99", HERE)
    assert _all_open(_open(folder), {**sealed, "case-99": later})


def test_reports_that_come_in_during_a_rotation_all_open_afterwards(folder: Path, clock: FixedClock) -> None:
    sealed = _filled(folder, clock)
    serving, rotating = _open(folder), _open(folder)
    stop = threading.Event()
    added: dict[str, bytes] = {}

    def serve() -> None:
        number = 100
        while not stop.is_set():
            added[f"case-{number}"] = serving.new(f"case-{number}", clock.now()).seal(f"told {number}", HERE)
            number += 1

    thread = threading.Thread(target=serve)
    thread.start()
    for _ in range(5):
        rotate(folder / "master.key", rotating)
        drop_earlier(folder / "master.key", rotating)
    stop.set()
    thread.join()
    assert added
    assert _all_open(_open(folder), {**sealed, **added})


def test_two_rotations_at_once_lose_no_key(folder: Path, clock: FixedClock) -> None:
    sealed = _filled(folder, clock)
    threads = [threading.Thread(target=lambda: rotate(folder / "master.key", _open(folder))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_lines(folder)) == 5
    assert _all_open(_open(folder), sealed)


def test_a_key_that_does_not_open_stops_a_rotation_and_changes_nothing(folder: Path, clock: FixedClock) -> None:
    sealed = _filled(folder, clock)
    with closing(sqlite3.connect(folder / "keys.sqlite3")) as connection:
        connection.execute("update case_keys set wrapped = zeroblob(60) where case_id = 'case-7'")
        connection.commit()
    with pytest.raises(SealBroken):
        rotate(folder / "master.key", _open(folder))
    del sealed["case-7"]
    assert _all_open(_open(folder), sealed)


def test_without_a_file_there_is_nothing_to_rotate(folder: Path, clock: FixedClock) -> None:
    _filled(folder, clock)
    given = MasterKeys.read(folder / "master.key")
    keys = _open(folder, given)
    (folder / "master.key").unlink()
    with pytest.raises(MasterKeyMissing):
        rotate(folder / "master.key", keys)


@pytest.mark.parametrize("step", ["begun", "written", "wrapped", "committed"])
def test_killed_at_any_step_everything_opens_and_it_can_be_run_again(
    settings: Settings, folder: Path, clock: FixedClock, step: str
) -> None:
    sealed = _filled(folder, clock)
    assert run_until(settings, step, "rotate") == -SIGKILL
    assert _all_open(_open(folder), sealed)
    assert run_until(settings, "never", "rotate") == 0
    keys = _open(folder)
    assert _all_open(keys, sealed)
    assert len(_lines(folder)) == (3 if step == "committed" else 2)
    drop_earlier(folder / "master.key", keys)
    shutil.copy(folder / "master.key", folder / "copy")
    only = MasterKeys.read(folder / "copy")
    assert _all_open(_open(folder, only), sealed)
