from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.learning import CERTAIN, SHRINKAGE, Learned, LearnedDamaged, _climb, sampled

Array = NDArray[np.float32]

COUNTS = (5, 1, 4, 7)
NONE = np.zeros((0, sum(COUNTS), len(COUNTS)), dtype=np.float32)
NOTHING = NONE[:, 0]


def _unit(rows: Array) -> Array:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _phrasings(seed: int = 3, size: int = 12) -> Array:
    """Four clouds of vectors, one a family."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(len(COUNTS), size)).repeat(COUNTS, axis=0)
    return _unit((centres + 0.4 * random.normal(size=centres.shape)).astype(np.float32))


def _learned(phrasings: Array) -> Learned:
    return Learned.fit(phrasings, COUNTS, NONE)


def test_a_message_like_those_of_a_family_most_likely_belongs_to_it() -> None:
    phrasings = _phrasings()
    learned = _learned(phrasings)
    own = np.repeat(np.arange(len(COUNTS)), COUNTS)
    everything = np.ones(len(COUNTS), dtype=np.bool_)
    for row, family in zip(phrasings, own, strict=True):
        likely = learned.likelihoods(row, NOTHING, everything)
        assert likely.argmax() == family
        assert likely.sum() == pytest.approx(1)


@given(st.integers(0, 2**32 - 1), st.lists(st.booleans(), min_size=4, max_size=4))
def test_families_not_looked_at_have_no_likelihood_and_the_others_all_of_it(seed: int, among: list[bool]) -> None:
    query = _unit(np.random.default_rng(seed).normal(size=(1, 12)).astype(np.float32))[0]
    likely = _learned(_phrasings()).likelihoods(query, NOTHING, np.array(among))
    assert (likely[~np.array(among)] == 0).all()
    assert likely.sum() == pytest.approx(1 if any(among) else 0)


def test_a_phrasing_does_not_count_for_itself() -> None:
    """What is said of a phrasing left out is what would be said had it never been there, but for the common spread."""
    phrasings = _phrasings()
    learned = _learned(phrasings)
    signals = learned.signals_without_themselves(NONE, sampled(len(learned.phrasings)))
    own = np.repeat(np.arange(len(COUNTS)), COUNTS)
    spread = np.linalg.inv(learned._inverse)  # noqa: SLF001 (the spread is that of all phrasings, in both ways)
    for row, (phrasing, family) in enumerate(zip(phrasings, own, strict=True)):
        if COUNTS[family] == 1:
            continue
        others = phrasings[(own == family) & (np.arange(len(own)) != row)]
        nearest = np.sort(others @ phrasing)[-3:].mean()
        assert signals[0, row, family] == pytest.approx(nearest, abs=1e-5)
        mean = others.mean(axis=0)
        direction = np.linalg.solve(spread, mean)
        assert signals[1, row, family] == pytest.approx(phrasing @ direction - mean @ direction / 2, rel=1e-2, abs=1e-2)
    assert 0 < SHRINKAGE < 1


def test_a_further_signal_speaks_for_a_family() -> None:
    """Where the phrasings of two families are alike, what else is known tells them apart."""
    phrasings = _phrasings()
    near = np.repeat(np.arange(len(COUNTS)), COUNTS)[:, None] == np.arange(len(COUNTS))
    learned = Learned.fit(phrasings, COUNTS, near.astype(np.float32)[None])
    between = _unit((phrasings[0] + phrasings[-1])[None])[0]
    everything = np.ones(len(COUNTS), dtype=np.bool_)
    first = learned.likelihoods(between, np.array([[1, 0, 0, 0]], dtype=np.float32), everything)
    last = learned.likelihoods(between, np.array([[0, 0, 0, 1]], dtype=np.float32), everything)
    assert first[0] > last[0]
    assert last[3] > first[3]


def test_the_same_phrasings_teach_the_same_every_time_and_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    first, again = _learned(_phrasings()), _learned(_phrasings())
    first.write(tmp_path / "learned.npz")
    read = Learned.read(tmp_path / "learned.npz")
    for name in ("phrasings", "counts", "directions", "offsets", "weights"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert np.array_equal(getattr(first, name), getattr(read, name))


@pytest.mark.parametrize("left", [0, 10, 500])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, left: int) -> None:
    path = tmp_path / "learned.npz"
    _learned(_phrasings()).write(path)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(LearnedDamaged):
        Learned.read(path)


def test_one_family_alone_is_what_every_message_belongs_to() -> None:
    phrasings = _phrasings()[:5]
    learned = Learned.fit(phrasings, (5,), np.zeros((0, 5, 1), dtype=np.float32))
    assert learned.likelihoods(phrasings[0], NOTHING[:, :1], np.array([True])) == pytest.approx([1])


def test_the_weights_are_those_under_which_the_phrasings_are_likeliest_however_large_the_signals_are() -> None:
    """Newton's steps alone run away from signals of another size than the vectors'; a little either way is worse."""
    phrasings = _phrasings()
    own = np.repeat(np.arange(len(COUNTS)), COUNTS)
    large = (40 * np.random.default_rng(5).normal(size=NONE.shape[1:])).astype(np.float32)
    large[np.arange(len(own)), own] += 20
    learned = Learned.fit(phrasings, COUNTS, large[None])
    signals = learned.signals_without_themselves(large[None], sampled(len(learned.phrasings)))
    best = _climb(signals, own, learned.weights.astype(np.float64))[0]
    for at in range(len(learned.weights)):
        for little in (0.98, 1.02):
            weights = learned.weights.astype(np.float64)
            weights[at] *= little
            assert _climb(signals, own, weights)[0] <= best + 1e-4


def test_a_message_that_is_a_phrasing_belongs_to_its_family_unless_that_is_not_looked_at() -> None:
    phrasings = _phrasings()
    learned = _learned(phrasings)
    own = np.repeat(np.arange(len(COUNTS)), COUNTS)
    everything = np.ones(len(COUNTS), dtype=np.bool_)
    for phrasing, family in zip(phrasings, own, strict=True):
        likely = learned.likelihoods(phrasing, NOTHING, everything)
        assert likely[family] >= CERTAIN
        assert likely.sum() == pytest.approx(1)
        others = everything.copy()
        others[family] = False
        assert learned.likelihoods(phrasing, NOTHING, others)[family] == 0
