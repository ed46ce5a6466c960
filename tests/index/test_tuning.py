from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from index.adapter import DOWN, UP, read_tensors
from index.encoder import WEIGHTS, MiniLM, packaged_model
from index.training.tuning import Recipe, examples, train_adapter
from knowledge.library import Library

SMALL = Recipe(steps=5, families=2, clauses=1, rank=2, kept_every=4)

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")  # peft's, of transformers


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Where other tests want the processors too, threads that wait for each other take them from everybody."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class StoppedError(Exception):
    """Somebody pulled the plug."""


def _silent(_done: int, _of: int, _loss: float) -> None:
    pass


def test_a_training_that_was_stopped_goes_on_and_ends_as_it_would_have(library: Library, tmp_path: Path) -> None:
    whole, stopped = tmp_path / "whole.safetensors", tmp_path / "stopped.safetensors"
    train_adapter(library, whole, SMALL, _silent)
    steps: list[int] = []

    def stop(done: int, _of: int, _loss: float) -> None:
        steps.append(done)
        if done == SMALL.steps:
            raise StoppedError

    with pytest.raises(StoppedError):
        train_adapter(library, stopped, SMALL, stop)
    assert not stopped.exists()
    train_adapter(library, stopped, SMALL, lambda done, _of, _loss: steps.append(done))
    assert steps == [1, 2, 3, 4, 5, 5]
    one, other = read_tensors(whole), read_tensors(stopped)
    assert set(one) == set(other)
    assert all(np.allclose(one[name], other[name], atol=1e-3) for name in one)
    assert set(tmp_path.iterdir()) == {whole, stopped}


def test_what_is_written_fits_the_model_and_changes_what_it_reads(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "adapter.safetensors"
    train_adapter(library, path, Recipe(steps=1, families=2, clauses=1, rank=2), _silent)
    changes, weights = read_tensors(path), read_tensors(packaged_model() / WEIGHTS)
    names = {name.removesuffix(UP).removesuffix(DOWN) for name in changes}
    assert len(names) == 36
    for name in names:
        assert (changes[name + UP].shape[0], changes[name + DOWN].shape[1]) == weights[name].shape
    assert MiniLM(adapter=path, kept=tmp_path / "kept").encode(["words"]).shape == (1, 384)


def test_it_learns_from_families_of_two_messages_and_more_and_from_the_clauses_of_rulings(library: Library) -> None:
    known = examples(library)
    assert all(len(example.messages) > 1 for example in known)
    assert sum(example.clause is not None for example in known) == len(library.rulings)
