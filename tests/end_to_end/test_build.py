"""`touchstone build` on a machine as machines are: no room on the disk, killed in the middle, two at once."""

import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from index import snapshot
from index.encoder import Encoder
from index.search import Searcher
from knowledge.library import Library
from tests.built import remember, stand

TOUCHSTONE = str(Path(sys.executable).with_name("touchstone"))
PATIENCE = 300
"""Seconds: to fit what was learned takes half a minute where others want the processor too."""
CLAUSES = "120 clauses"


def _environment(var: Path) -> dict[str, str]:
    return {**os.environ, "TOUCHSTONE_VAR": str(var)}  # noqa: TID251 (for the process)


def _run(var: Path, *command: str, largest_file: int | None = None) -> "subprocess.CompletedProcess[str]":
    """Runs a command; a write beyond so many bytes of any file fails in the middle, as on a full disk."""
    # RLIMIT_FSIZE: Python ignores the signal that comes with it, so that the write gives an error, EFBIG.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, before[1]))  # inherited; ours is put back at once
    try:
        process = subprocess.Popen(  # noqa: S603 (our own command)
            [TOUCHSTONE, *command],
            env=_environment(var),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    output, error = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(process.args, process.returncode, output, error)


def _stands(var: Path) -> set[str]:
    """What is in the folder of snapshots besides the lock and what is remembered."""
    return {path.name for path in (var / "snapshots").iterdir()} - {".lock", ".vectors.sqlite3"}


@pytest.fixture(scope="module")
def sizes(snapshots: Path) -> list[int]:
    """Sizes that are too small: for every file of the build, for half of them, and for the largest alone."""
    place = snapshots / snapshot.current(snapshots)
    files = sorted(file.stat().st_size for file in place.iterdir())
    return [0, files[len(files) // 2] - 1, files[-1] - 1]


@pytest.fixture
def old(tmp_path: Path, encoder: Encoder) -> str:
    """The digest of a snapshot of a few clauses, which is published."""
    shipped, folder = Library.shipped(), tmp_path / "snapshots"
    few = Library((replace(shipped.policies[0], clauses=shipped.clauses[:3]),))
    digest = snapshot.build(few, encoder, folder)
    snapshot.publish(folder, digest)
    return digest


def test_without_room_the_snapshot_of_before_goes_on_serving_nothing_half_made_is_left_and_the_next_build_is_whole(
    tmp_path: Path, snapshots: Path, sizes: list[int], encoder: Encoder, old: str
) -> None:
    folder = tmp_path / "snapshots"
    for size in sizes:
        remember(tmp_path, snapshots)
        ran = _run(tmp_path, "build", largest_file=size)
        assert ran.returncode == 1, size
        assert "The snapshot cannot be written; make room" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert snapshot.current(folder) == old
        assert _stands(tmp_path) == {"current", old}
    assert Searcher(snapshot.load(folder, old, encoder), encoder).search("phones").hits
    remember(tmp_path, snapshots)
    assert CLAUSES in _run(tmp_path, "build").stdout
    assert _stands(tmp_path) == {"current", old, snapshot.current(folder)}


def test_without_room_for_the_weights_a_build_says_so_and_the_next_command_writes_them(
    tmp_path: Path, snapshots: Path
) -> None:
    ran = _run(tmp_path, "build", largest_file=50_000_000)
    assert ran.returncode == 1
    assert "The encoder's weights cannot be written; make room for 90 MB" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert _stands(tmp_path) == set()
    assert [path for path in (tmp_path / "encoder").rglob("*") if path.is_file()] == []
    remember(tmp_path, snapshots)
    assert "6.2(25)" in _run(tmp_path, "ask", "can I accept a former pupil as a follower?").stdout
    assert len(list((tmp_path / "encoder").rglob("*.safetensors"))) == 1


@pytest.mark.parametrize("var", ["/sys/touchstone", "/proc/touchstone", "/dev/null"])
@pytest.mark.parametrize("command", ["build", "ask", "serve"])
def test_a_data_folder_that_cannot_be_written_to_is_said_so(var: str, command: str) -> None:
    ran = _run(Path(var), command, *(["phones"] if command == "ask" else []))
    assert ran.returncode == 1
    assert ran.stderr.startswith("touchstone: The snapshot cannot be written; make room")
    assert var in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_snapshot_that_stands_is_answered_from_though_nothing_can_be_written(snapshots: Path, tmp_path: Path) -> None:
    stand(tmp_path, snapshots)
    ran = _run(tmp_path, "ask", "can I accept a former pupil as a follower?", largest_file=0)
    assert ran.returncode == 0
    assert "6.2(25)" in ran.stdout


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A data folder in which a build was killed as soon as it had begun to write."""
    process = subprocess.Popen([TOUCHSTONE, "build"], env=_environment(tmp_path), stderr=subprocess.DEVNULL)  # noqa: S603 (our own)
    deadline = time.monotonic() + PATIENCE
    while not list((tmp_path / "snapshots").glob(".building-*/snapshot.sqlite3")):
        assert time.monotonic() < deadline
        assert process.poll() is None, "the build ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    return tmp_path


def test_a_build_that_was_killed_is_never_published_and_the_next_one_tidies_up(killed: Path, snapshots: Path) -> None:
    assert any(name.startswith(".building-") for name in _stands(killed))
    assert "current" not in _stands(killed)
    remember(killed, snapshots)
    assert CLAUSES in _run(killed, "build").stdout
    assert _stands(killed) == {"current", snapshot.current(killed / "snapshots")}


def test_builds_at_once_in_several_processes_make_one_whole_snapshot(
    tmp_path: Path, snapshots: Path, encoder: Encoder
) -> None:
    remember(tmp_path, snapshots)
    builds = [
        subprocess.Popen(  # noqa: S603 (our own command)
            [TOUCHSTONE, "build"], env=_environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    said = {build.communicate(timeout=PATIENCE)[0] for build in builds}
    assert [build.returncode for build in builds] == [0, 0, 0, 0]
    folder = tmp_path / "snapshots"
    digest = snapshot.current(folder)
    assert said == {f"snapshot {digest}: 1 policies, {CLAUSES}\n"}
    assert _stands(tmp_path) == {"current", digest}
    assert snapshot.load(folder, digest, encoder).library.policies == Library.shipped().policies
