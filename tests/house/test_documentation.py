"""What is not documented fails, and so does what is documented and not there."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cases.people.roles import Role
from bot.wording import NoSuchWording, say, wordings
from integrations.settings import Settings

PROJECT = Path(__file__).parents[2]
PACKAGES = ("knowledge", "index", "bot", "integrations")
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_every_setting_is_documented_as_the_code_describes_it() -> None:
    table = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `TOUCHSTONE_(\w+)` \| .*? \| (.*?) \|$", table, re.MULTILINE))
    assert set(documented) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        assert field.description is not None
        assert documented[name.upper()].startswith(field.description.split(". ")[0].rstrip("."))


def test_every_dependency_is_named_with_its_reason_and_is_in_the_lock() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    reasons = (PROJECT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    lock = (PROJECT / "requirements" / "serve.lock").read_text(encoding="utf-8")
    for dependency in project["dependencies"]:
        name = re.split(r"[=<>[]", dependency)[0]
        assert re.search(rf"\b{re.escape(name)}\b", reasons), name
        assert re.search(rf"^{re.escape(name)}==\S+ ", lock, re.MULTILINE), name
    for extra in project["optional-dependencies"].values():
        for dependency in extra:
            assert re.search(rf"\b{re.escape(re.split(r'[=<>]', dependency)[0])}\b", reasons), dependency


def test_every_sentence_of_the_locale_is_said_somewhere_and_every_one_said_is_there() -> None:
    literal: set[str] = set()
    prefixes: set[str] = set()
    for _, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                first = node.args[0]
                for key in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                    if isinstance(key, ast.Constant):
                        literal.add(str(key.value))
                    elif isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
                        prefixes.add(str(key.values[0].value))
    for path in (PROJECT / "integrations" / "web" / "templates").glob("*.html"):
        for key, joined in re.findall(r"""\bsay\(["']([\w.]+)["'](\s*~)?""", path.read_text(encoding="utf-8")):
            (prefixes if joined else literal).add(key)
    known = set(wordings())
    assert literal <= known
    assert {key for key in known - literal if not key.startswith(tuple(prefixes))} == set()


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_name_in_words(role: Role) -> None:
    assert say(f"role.{role}")


def test_a_sentence_that_is_not_there_is_an_error() -> None:
    with pytest.raises(NoSuchWording):
        say("no.such.sentence")


def test_every_module_opens_with_a_sentence_that_says_what_it_owns() -> None:
    without = [
        path.name for path, tree in _sources() if not (ast.get_docstring(tree) or "").split("\n")[0].rstrip(":").strip()
    ]
    assert without == []


def test_ci_runs_the_commands_of_the_readme_and_nothing_that_it_hides() -> None:
    lines = (PROJECT / ".ci" / "run").read_text(encoding="utf-8").split("\n")
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["scripts/debian-packages", "make test"]
    for command in [*commands, "make run"]:
        assert command in README


def test_every_link_of_the_readme_and_the_docs_leads_somewhere() -> None:
    for page in [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert target.startswith("https://") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_file_of_ours_that_the_docs_name_is_there() -> None:
    folders = (PROJECT / name for name in (*PACKAGES, "tests", "benchmarks"))
    there = [f"/{path.relative_to(PROJECT).as_posix()}" for folder in folders for path in folder.rglob("*.*")]
    for page in (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))):
        for name in re.findall(r"`((?:\w+/)*\w+\.(?:py|toml|html|css|js))`", page.read_text(encoding="utf-8")):
            is_a_schools = name.startswith("library/") or name == "pyproject.toml"
            assert is_a_schools or any(path.endswith(f"/{name}") for path in there), f"{page.name}: {name}"
