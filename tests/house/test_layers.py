"""Each import contract is red on a planted violation: a contract that cannot fail holds nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = ("knowledge", "index", "bot", "integrations")

PLANTED = [
    ("knowledge/planted.py", "import bot.desk", "Imports only point down"),
    ("index/planted.py", "import bot.desk", "Imports only point down"),
    ("bot/planted.py", "import integrations.settings", "Imports only point down"),
    ("bot/planted.py", "import starlette", "No chat or web framework below integrations"),
    ("knowledge/planted.py", "import slack_bolt", "No chat or web framework below integrations"),
    ("index/planted.py", "import torch", "The models' libraries stand in training and one embedder alone"),
    ("integrations/planted.py", "import sentence_transformers", "The models' libraries stand in training"),
    ("bot/talk/planted.py", "import bot.cases.records", "What is asked and what is told do not know each other"),
    (
        "bot/cases/planted.py",
        "import bot.talk.answering.answers",
        "What is asked and what is told do not know each other",
    ),
    ("bot/planted.py", "import pydantic_settings", "Only the settings read the environment"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four packages, imports and all, where something can be planted in them."""
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(
            PROJECT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "policies", "*.onnx")
        )
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


def _lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}  # noqa: TID251 (for the process)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def test_the_house_as_it_is_keeps_every_contract(copy: Path) -> None:
    result = _lint(copy)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(("place", "line", "contract"), PLANTED)
def test_a_planted_violation_breaks_its_contract(copy: Path, place: str, line: str, contract: str) -> None:
    planted = copy / place
    planted.write_text(line + "\n")
    try:
        result = _lint(copy)
    finally:
        planted.unlink()
    assert result.returncode == 1
    broken = [name for name in result.stdout.split("\n") if name.endswith("BROKEN") or "BROKEN " in name]
    assert any(name.startswith(contract) for name in broken), result.stdout
