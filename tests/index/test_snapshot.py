import json
import shutil
import threading
from pathlib import Path

import pytest

from index import learning, snapshot
from index.encoder import Encoder
from index.search import Searcher, Shelf
from index.snapshot import SnapshotDamaged, SnapshotMissing
from knowledge.library import Library
from knowledge.model import Policy


@pytest.fixture(autouse=True)
def _fitted_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights are fitted on few phrasings: how good they are is not looked at here."""
    monkeypatch.setattr(learning, "SAMPLED", 100)


def test_a_snapshot_gives_back_every_policy_as_it_was(snapshots: Path, encoder: Encoder, library: Library) -> None:
    loaded = snapshot.load(snapshots, snapshot.current(snapshots), encoder)
    assert loaded.library.policies == library.policies
    assert loaded.clauses == library.clauses
    assert len(loaded.vectors) == len(library.clauses)


def test_building_again_encodes_nothing(snapshots: Path, encoder: Encoder, library: Library) -> None:
    heard: list[tuple[int, int]] = []
    digest = snapshot.build(library, encoder, snapshots, lambda done, of: heard.append((done, of)))
    assert digest == snapshot.current(snapshots)
    assert heard == []


def test_a_build_says_how_far_it_is(tmp_path: Path, encoder: Encoder, policy: Policy) -> None:
    heard: list[tuple[int, int]] = []
    few = Library((_with_clauses(policy, 20),))
    snapshot.build(few, encoder, tmp_path, lambda done, of: heard.append((done, of)))
    assert heard[0] == (0, heard[-1][1])
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})
    assert heard[-1][0] == heard[-1][1] >= 20


def test_another_text_is_another_snapshot(tmp_path: Path, encoder: Encoder, policy: Policy) -> None:
    one = snapshot.build(Library((_with_clauses(policy, 2),)), encoder, tmp_path)
    other = snapshot.build(Library((_with_clauses(policy, 3),)), encoder, tmp_path)
    assert one != other


NAMES = ("snapshot.sqlite3", "vectors.faiss", "manifest.json")


@pytest.fixture(scope="module")
def few(policy: Policy) -> Library:
    return Library((_with_clauses(policy, 2),))


@pytest.fixture(scope="module")
def whole(few: Library, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a snapshot of a few clauses, to be copied and damaged."""
    folder = tmp_path_factory.mktemp("few")
    snapshot.publish(folder, snapshot.build(few, encoder, folder))
    return folder


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", ["empty", "cut", "cut at the end", "gone", "changed", "changed at the end", "deep"])
def test_a_damaged_snapshot_is_refused(tmp_path: Path, whole: Path, encoder: Encoder, name: str, damage: str) -> None:
    digest = snapshot.current(whole)
    shutil.copytree(whole / digest, tmp_path / digest)
    file = tmp_path / digest / name
    content = file.read_bytes()
    match damage:
        case "empty":
            file.write_bytes(b"")
        case "cut":
            file.write_bytes(content[: len(content) // 2])
        case "cut at the end":
            file.write_bytes(content[:-2])
        case "deep":
            file.write_bytes(b"[" * 100_000)
        case "changed at the end":
            file.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
        case "gone":
            file.unlink()
        case _:
            file.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    with pytest.raises(SnapshotDamaged, match="touchstone build"):
        snapshot.load(tmp_path, digest, encoder)


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_snapshot_is_built_anew(
    tmp_path: Path, whole: Path, few: Library, encoder: Encoder, name: str
) -> None:
    digest = snapshot.current(whole)
    shutil.copytree(whole / digest, tmp_path / digest)
    file = tmp_path / digest / name
    file.write_bytes(file.read_bytes()[:-2])
    assert snapshot.build(few, encoder, tmp_path) == digest
    assert snapshot.load(tmp_path, digest, encoder).library == few


def test_a_snapshot_of_another_format_is_refused(tmp_path: Path, encoder: Encoder, policy: Policy) -> None:
    digest = snapshot.build(Library((_with_clauses(policy, 1),)), encoder, tmp_path)
    manifest = tmp_path / digest / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 0}))
    with pytest.raises(SnapshotDamaged):
        snapshot.load(tmp_path, digest, encoder)


def test_without_a_build_the_error_says_what_to_do(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(SnapshotMissing, match="touchstone build"):
        Shelf(tmp_path, encoder).searcher()


def test_a_new_snapshot_is_taken_up_and_a_damaged_one_is_not(tmp_path: Path, encoder: Encoder, policy: Policy) -> None:
    first = snapshot.build(Library((_with_clauses(policy, 2),)), encoder, tmp_path)
    second = snapshot.build(Library((_with_clauses(policy, 3),)), encoder, tmp_path)
    shelf = Shelf(tmp_path, encoder)
    snapshot.publish(tmp_path, first)
    assert len(shelf.searcher().library.clauses) == 2
    snapshot.publish(tmp_path, second)
    assert len(shelf.searcher().library.clauses) == 3
    (tmp_path / first / "vectors.faiss").write_bytes(b"")
    snapshot.publish(tmp_path, first)
    assert len(shelf.searcher().library.clauses) == 3


@pytest.mark.parametrize("pointer", [b"", b"\n", b"\xff\xfe", b"../..", b"no-such-snapshot", b"\0"])
def test_a_pointer_to_nothing_is_said_so_and_mended_by_the_next_build(
    tmp_path: Path, encoder: Encoder, policy: Policy, pointer: bytes
) -> None:
    few = Library((_with_clauses(policy, 2),))
    digest = snapshot.build(few, encoder, tmp_path)
    (tmp_path / "current").write_bytes(pointer)
    with pytest.raises((SnapshotMissing, SnapshotDamaged), match="touchstone build"):
        Shelf(tmp_path, encoder).searcher()
    snapshot.publish(tmp_path, snapshot.build(few, encoder, tmp_path))
    assert snapshot.current(tmp_path) == digest
    assert Shelf(tmp_path, encoder).searcher().library == few


@pytest.mark.parametrize("damage", ["cut", "gone", "pointer gone", "pointer empty", "all gone"])
def test_what_is_loaded_goes_on_answering_whatever_happens_to_its_files(
    tmp_path: Path, encoder: Encoder, policy: Policy, damage: str
) -> None:
    digest = snapshot.build(Library((policy,)), encoder, tmp_path)
    snapshot.publish(tmp_path, digest)
    shelf = Shelf(tmp_path, encoder)
    before = shelf.searcher().search("can pupils use their phones at lunch?")
    files = [tmp_path / digest / name for name in ("snapshot.sqlite3", "vectors.faiss", "manifest.json")]
    match damage:
        case "cut":
            for file in files:
                with file.open("r+b") as content:
                    content.truncate(5000 if file.suffix == ".sqlite3" else 10)
        case "gone":
            shutil.rmtree(tmp_path / digest)
        case "pointer gone":
            (tmp_path / "current").unlink()
        case "pointer empty":
            (tmp_path / "current").write_bytes(b"")
        case _:
            shutil.rmtree(tmp_path)
    assert shelf.searcher().search("can pupils use their phones at lunch?") == before
    assert shelf.searcher().search("may a voluntear use the wifi").hits


def test_a_build_that_dies_leaves_nothing_half_made(tmp_path: Path, encoder: Encoder, policy: Policy) -> None:
    def die(done: int, _of: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        snapshot.build(Library((_with_clauses(policy, 20),)), encoder, tmp_path, die)
    assert {path.name for path in tmp_path.iterdir()} == {".lock", ".vectors.sqlite3"}


def test_two_builds_at_once_make_one_whole_snapshot(tmp_path: Path, encoder: Encoder, policy: Policy) -> None:
    few = Library((_with_clauses(policy, 5),))
    made: list[str] = []
    builds = [threading.Thread(target=lambda: made.append(snapshot.build(few, encoder, tmp_path))) for _ in range(6)]
    for build in builds:
        build.start()
    for build in builds:
        build.join()
    assert len(made) == 6
    assert len(set(made)) == 1
    assert snapshot.load(tmp_path, made[0], encoder).library == few


def test_a_build_tidies_up_but_keeps_what_is_published(tmp_path: Path, encoder: Encoder, policy: Policy) -> None:
    (tmp_path / ".building-dead").mkdir()
    first = snapshot.build(Library((_with_clauses(policy, 1),)), encoder, tmp_path)
    snapshot.publish(tmp_path, first)
    for count in range(2, 10):
        snapshot.build(Library((_with_clauses(policy, count),)), encoder, tmp_path)
    assert not (tmp_path / ".building-dead").exists()
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 7
    assert snapshot.load(tmp_path, first, encoder)


def test_a_pointer_that_is_garbage_counts_as_none(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "current").write_bytes(b"\xff\xfe")
    with pytest.raises(SnapshotMissing):
        Shelf(tmp_path, encoder).searcher()


def test_a_library_without_policies_can_be_asked(tmp_path: Path, encoder: Encoder) -> None:
    empty = Library(())
    searcher = Searcher(snapshot.load(tmp_path, snapshot.build(empty, encoder, tmp_path), encoder), encoder)
    assert searcher.search("can I bring my phone?").hits == ()


def _with_clauses(policy: Policy, count: int) -> Policy:
    return Policy(policy.slug, policy.title, None, None, None, policy.passages[:5], policy.clauses[:count])
