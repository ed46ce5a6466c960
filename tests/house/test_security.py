"""The page on security: each line names tests that are there, and what it says of the code's structure holds."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.settings import Settings

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
PACKAGES = ("knowledge", "index", "bot", "integrations")
NOTHING = "Nothing holds this"

THEFTS = (
    "The running server", "The file of the records", "The files that came with reports",
    "The key store", "The file of the master key", "A backup",
    "The database of the insights", "Logs", "The chat platform", "The way of a mail",
    "The code of a receipt", "The session of a DSL", "A sign-in link",
    "The browser of a shared computer", "Somebody on the same network", "Another website",
    "An administrator of the machine", "The administrator role in the directory", "Whoever it is about, and colleagues",
)  # fmt: skip


def _rows() -> Iterator[tuple[str, str, str]]:
    """Heading, claim and what holds it, for each row of each table of claims."""
    for section in PAGE.split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        for claim, held in re.findall(r"^\| (?!-)(.*?) \| (.*?) \|$", text, re.MULTILINE):
            if held not in {"held by", "figure"}:
                yield heading, claim, held


def _calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((PROJECT / package).rglob("*.py"))


def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("heading", THEFTS)
def test_each_thing_that_may_be_taken_has_a_section_with_claims(heading: str) -> None:
    assert [claim for found, claim, _ in _rows() if found == heading]


def test_every_claim_names_a_test_or_says_that_nothing_holds_it() -> None:
    without = [claim for _, claim, held in _rows() if "::test_" not in held and NOTHING not in held]
    assert len(list(_rows())) > 60
    assert without == []


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE))
    assert len(named) > 40
    assert len(re.findall("::", PAGE)) == len(re.findall(r"`tests/[\w/]+\.py::\w+`", PAGE)), "all in one form"
    assert {(path, name) for path, name in named if name not in _tests(PROJECT / path)} == set()


def test_what_was_told_is_opened_in_these_places_alone() -> None:
    """The inbox asks the table of access; replanning looks where a case goes, and shows nothing; filing reads back what
    it just wrote; a draft opens to its owner; ``verify`` tries whether each seal opens, and shows nothing;
    of a session it is who is signed in, of an arrival what a platform delivered and nobody has handled, of an
    installation its token, of a window of Slack's whose draft it shows; of a walk what is done, to its owner and as a
    number to whoever looks after induction; of a sign-off what was written with it."""
    where: dict[str, set[str]] = {
        "unseal": set(), "read_answers": set(), "read_filed": set(), "read_words": set(),
    }  # fmt: skip
    for path in _sources():
        for call in _calls(path):
            if call in where:
                where[call].add(path.relative_to(PROJECT).as_posix())
    assert where == {
        "unseal": {
            "bot/cases/contents.py",
            "bot/cases/receiving/entries.py",
            "bot/cases/reports/drafts.py",
            "bot/cases/people/sessions.py",
            "bot/cases/reports/attachments.py",
            "bot/cases/arrivals.py",
            "bot/cases/people/signatures.py",
            "bot/induction/progress.py",
            "bot/induction/signing.py",
            "integrations/slack/installs.py",
            "integrations/slack/owners.py",
        },
        "read_answers": {
            "bot/cases/delivery/replanning.py",
            "bot/cases/receiving/export.py",
            "bot/cases/receiving/own.py",
            "bot/cases/receiving/viewing.py",
            "bot/cases/reports/filing.py",
            "bot/cases/safekeeping/verification.py",
        },
        "read_filed": {"bot/cases/reports/intake.py"},
        "read_words": {
            "bot/cases/receiving/export.py",
            "bot/cases/receiving/own.py",
            "bot/cases/receiving/reviewing.py",
            "bot/cases/receiving/viewing.py",
            "bot/cases/safekeeping/verification.py",
        },
    }


def test_no_process_is_started_that_would_inherit_the_environment() -> None:
    modules = {"subprocess", "multiprocessing", "pty", "pexpect", "concurrent.futures.process"}
    calls = {"fork", "forkpty", "system", "popen", "posix_spawn", "execv", "execve", "spawnv", "ProcessPoolExecutor"}
    for path in _sources():
        if path.relative_to(PROJECT).as_posix() == "integrations/renewing.py":  # it gives an environment: see below
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not modules & {name.name for name in node.names}, path
            if isinstance(node, ast.ImportFrom):
                assert node.module not in modules, path
        assert not calls & set(_calls(path)), path


def test_the_process_that_builds_is_given_an_environment_without_any_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tree = ast.parse((PROJECT / "integrations" / "renewing.py").read_text(encoding="utf-8"))
    (started,) = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and "subprocess." in ast.unparse(node.func)
    ]
    assert {word.arg: ast.unparse(word.value) for word in started.keywords}["env"] == "settings.environment()"
    for name, field in Settings.model_fields.items():
        if "SecretStr" in str(field.annotation):
            monkeypatch.setenv(f"TOUCHSTONE_{name.upper()}", "secret")
    monkeypatch.setenv("PGPASSWORD", "secret")
    given = Settings(var=tmp_path).environment()
    assert "secret" not in given.values()
    assert {name for name in given if name.startswith("TOUCHSTONE_")} == {"TOUCHSTONE_VAR"}


SIGHT = {"visible", "one", "own"}
"""What gives cases to a person (``seeing.Sight``), and asks the table of access for each."""


def test_every_path_of_the_desk_that_shows_a_case_asks_the_table_of_access() -> None:
    """Who receives cases finds them by ``Sight`` alone, which asks the gate; nobody else there looks for a case by what
    a person gave: not by a reference, and not by who they are."""
    receiving = PROJECT / "bot" / "cases" / "receiving"
    tree = ast.parse((receiving / "seeing.py").read_text(encoding="utf-8"))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}

    def uses(node: ast.AST) -> set[str]:
        return {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}

    assert {name for name in functions if "cases" in uses(functions[name])} == {"visible", "own"}
    assert "role_for" in uses(functions["visible"])
    assert "may" in uses(functions["own"])
    doors = {
        "inbox": {"open", "_opened"}, "acting": {"act", "_acted"}, "export": {"_theirs"}, "own": {"_one", "_shown"},
        "reviewing": {"act", "_shown", "_keep", "delete"},
    }  # fmt: skip
    for path in sorted(receiving.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and path.name != "seeing.py":
                assert not {"reference", "sender_hash"} & (uses(node.left) if "c" in uses(node.left) else set()), path
            if isinstance(node, ast.FunctionDef) and node.name in doors.get(path.stem, set()):
                assert uses(node) & SIGHT, (path.name, node.name)
