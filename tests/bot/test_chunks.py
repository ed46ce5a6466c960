"""The seal of something long opens to what was sealed, and to nothing else, in no other place and no other order."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases.keys.chunks import CHUNK, SEALED_CHUNK, VERSION, ChunkSeal, size_sealed
from bot.cases.keys.sealing import SealBroken

SEAL = ChunkSeal(b"k" * 32, "case/file")
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5]


def _sealed(content: bytes, seal: ChunkSeal = SEAL, step: int = 10_000) -> bytes:
    return b"".join(seal.sealed(content[at : at + step] for at in range(0, len(content), step)))


def _opened(stored: bytes, seal: ChunkSeal = SEAL) -> bytes:
    return b"".join(seal.opened(io.BytesIO(stored)))


def _content(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", [1000, CHUNK, CHUNK + 1, 10 * CHUNK])
def test_what_was_sealed_opens_however_it_came_and_is_as_long_as_foretold(size: int, step: int) -> None:
    stored = _sealed(_content(size), step=step)
    assert _opened(stored) == _content(size)
    assert len(stored) == size_sealed(size)


@given(st.binary(max_size=300), st.data())
@settings(max_examples=60)
def test_a_changed_byte_anywhere_opens_nothing(content: bytes, data: st.DataObject) -> None:
    stored = bytearray(_sealed(content))
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        _opened(bytes(stored))


@pytest.mark.parametrize("size", SIZES[2:])
def test_cut_at_a_chunk_or_anywhere_or_made_longer_it_does_not_open_whole(size: int) -> None:
    stored = _sealed(_content(size))
    ends = {len(VERSION), len(VERSION) + SEALED_CHUNK, len(stored) - 1, 0, 3, len(VERSION) + 5}
    for end in {end for end in ends if end < len(stored)}:
        with pytest.raises(SealBroken):
            _opened(stored[:end])
    for more in (b"\0", stored[len(VERSION) :]):
        with pytest.raises(SealBroken):
            _opened(stored + more)


def test_chunks_in_another_order_do_not_open() -> None:
    stored = _sealed(_content(3 * CHUNK))
    first, second = (stored[len(VERSION) + n * SEALED_CHUNK :][:SEALED_CHUNK] for n in (0, 1))
    with pytest.raises(SealBroken):
        _opened(VERSION + second + first + stored[len(VERSION) + 2 * SEALED_CHUNK :])


def test_it_opens_in_no_other_place_and_under_no_other_key() -> None:
    stored = _sealed(_content(10))
    for other in (ChunkSeal(b"k" * 32, "case/another"), ChunkSeal(b"l" * 32, "case/file")):
        with pytest.raises(SealBroken):
            _opened(stored, other)


def test_a_chunk_of_one_version_is_not_taken_for_that_of_another() -> None:
    with pytest.raises(SealBroken):
        _opened(b"TSA2" + _sealed(b"hello")[len(VERSION) :])


def test_the_same_content_is_never_stored_the_same_twice_and_the_key_is_in_no_repr() -> None:
    assert _sealed(b"hello") != _sealed(b"hello")
    assert "kkk" not in repr(SEAL)
