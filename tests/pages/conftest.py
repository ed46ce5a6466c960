"""A school's Touchstone for the tests of its pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.encoder import Encoder
from tests.pages.house import House, standing


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, snapshots: Path, encoder: Encoder) -> Iterator[House]:
    with standing(tmp_path_factory.mktemp("house") / "var", snapshots, encoder) as house:
        yield house
