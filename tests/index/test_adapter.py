from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from index.adapter import ADAPTER, DOWN, UP, is_merged, merge, read_tensors
from index.encoder import WEIGHTS, MiniLM, packaged_model

MOST = 3_000_000


def test_what_is_read_of_a_file_is_what_is_in_it(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    tensors: dict[str, NDArray[Any]] = {
        "a": random.normal(size=(3, 5)).astype(np.float32),
        "b": random.normal(size=7).astype(np.float16),
    }
    save_file(tensors, tmp_path / "some.safetensors", {"format": "np"})
    read = read_tensors(tmp_path / "some.safetensors")
    assert set(read) == {"a", "b"}
    assert all(np.array_equal(read[name], tensors[name]) and read[name].dtype == tensors[name].dtype for name in read)
    assert set(read_tensors(tmp_path / "some.safetensors", ["b"])) == {"b"}


def test_a_weight_that_is_adapted_is_the_models_with_the_two_small_matrices_added(tmp_path: Path) -> None:
    weights, changes = packaged_model() / WEIGHTS, read_tensors(ADAPTER)
    into = tmp_path / "new" / WEIGHTS
    merge(weights, ADAPTER, into)
    names = {name.removesuffix(UP) for name in changes if name.endswith(UP)}
    original, merged = read_tensors(weights), read_tensors(into)
    assert into.stat().st_size == weights.stat().st_size
    assert all(np.array_equal(original[name], merged[name]) for name in original.keys() - names)
    for name in names:
        change = changes[name + UP].astype(np.float64) @ changes[name + DOWN].astype(np.float64)
        assert np.allclose(merged[name], original[name] + change, atol=1e-5)
        assert np.abs(change).max() > 0


def test_what_the_disk_changed_is_not_taken_for_what_was_merged(tmp_path: Path) -> None:
    into = tmp_path / WEIGHTS
    assert not is_merged(into)
    merge(packaged_model() / WEIGHTS, ADAPTER, into)
    assert is_merged(into)
    with into.open("r+b") as file:
        file.seek(50_000_000)
        file.write(b"\0\1\2")
    assert not is_merged(into)
    encoder = MiniLM(kept=tmp_path)
    assert encoder.encode(["words"]).shape == (1, 384)


def test_weights_that_are_kept_are_merged_once(tmp_path: Path) -> None:
    vectors = MiniLM(kept=tmp_path).encode(["words"])
    (path,) = tmp_path.rglob(WEIGHTS)
    made = path.stat().st_mtime_ns
    assert np.array_equal(MiniLM(kept=tmp_path).encode(["words"]), vectors)
    assert path.stat().st_mtime_ns == made


def test_the_adapter_is_small_and_the_encoder_reads_otherwise_with_it() -> None:
    assert ADAPTER.stat().st_size < MOST
    with_it, without = MiniLM(), MiniLM(adapter=None)
    assert with_it.digest != without.digest
    texts = ["kid added me on insta", "A pupil has sent a friend request to my personal account."]
    ours, theirs = with_it.encode(texts), without.encode(texts)
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    assert ours[0] @ ours[1] > theirs[0] @ theirs[1]
