"""A pytest plugin: whatever blocks and views the tests of Slack rendered, TypeScript says whether Slack's types fit.

``make slack-types`` runs it (``pytest tests/slack -p tests.slack.typed``): npm brings Slack's own ``@slack/types`` and
TypeScript into a temporary folder. Nothing of the texts goes into the file that is checked. Where npm does not answer
it says so, and checks nothing.
"""

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.slack.fake import blocks

PACKAGES = ("@slack/types@3.2.0", "typescript@5.9.3")
PATIENCE = 120
"""How many seconds npm and tsc may take."""

KEPT = frozenset({"type", "style", "icon", "trigger_actions_on"})
"""Keys whose strings are words of Block Kit; all other strings become the same letter."""

TYPES = {"message": "AnyBlock", "modal": "ModalView", "home": "HomeView"}


class NpmDoesNotAnswer(Exception):
    """The packages could not be had."""


@dataclass
class Rendered:
    """The shapes that were rendered, each once: blocks, and views without theirs."""

    shapes: set[tuple[str, str]] = field(default_factory=set)

    def hear(self, kind: str, given: Any) -> None:  # noqa: ANN401 (blocks or a view)
        """Keeps the shape of what passed the checker of the fake."""
        if isinstance(given, list):
            self.shapes |= {("message", shape(block)) for block in given}
        else:
            self.shapes.add((kind, shape({**given, "blocks": []})))

    def source(self) -> str:
        """As TypeScript: one constant for each shape, with the type that it should have."""
        lines = ['import type { HomeView, KnownBlock as AnyBlock, ModalView } from "@slack/types";']
        for at, (kind, made) in enumerate(sorted(self.shapes)):
            lines.append(f"export const _{at}: {TYPES[kind]} = {made};")
        return "\n".join(lines) + "\n"


def shape(given: Any) -> str:  # noqa: ANN401 (whatever JSON holds)
    """As JSON, with every text made into one letter and every list of like things into one of them."""
    return json.dumps(_bare(given), sort_keys=True)


def _bare(given: Any, key: str = "") -> Any:  # noqa: ANN401 (whatever JSON holds)
    if isinstance(given, dict):
        return {name: _bare(value, name) for name, value in given.items()}
    if isinstance(given, list):
        unlike = {json.dumps(_bare(each, key), sort_keys=True): _bare(each, key) for each in given}
        return list(unlike.values())
    return "x" if isinstance(given, str) and key not in KEPT else given


def complaints(source: str, folder: Path) -> list[str]:
    """What TypeScript says against a source; nothing where all is well.

    Raises:
        NpmDoesNotAnswer: it could not be asked.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise NpmDoesNotAnswer("there is no npm on this machine")
    (folder / "package.json").write_text('{"private": true}')
    (folder / "rendered.ts").write_text(source)
    install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
    try:
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603 (arguments of ours)
    except subprocess.TimeoutExpired:
        raise NpmDoesNotAnswer("it took too long") from None
    if done.returncode != 0:
        raise NpmDoesNotAnswer("the packages could not be installed")
    compiler = [str(folder / "node_modules/.bin/tsc"), "--strict", "--noEmit", "--skipLibCheck", "rendered.ts"]
    said = subprocess.run(compiler, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603 (arguments of ours)
    found = [line for line in said.stdout.splitlines() if line.startswith("rendered.ts")]
    lines = source.splitlines()
    return [f"{line}\n    {lines[_line(line) - 1]}" for line in found] or ([said.stdout] if said.returncode else [])


def _line(complaint: str) -> int:
    at = re.match(r"rendered\.ts\((\d+),", complaint)
    assert at is not None
    return int(at[1])


_rendered = Rendered()


def pytest_configure(config: pytest.Config) -> None:  # noqa: ARG001 (pytest's own name)
    """Listens to the checker of the fake."""
    blocks.HEARERS.append(_rendered.hear)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 (one process of pytest-xdist)
    """Takes over what another process heard."""
    _rendered.shapes |= {(kind, made) for kind, made in getattr(node, "workeroutput", {}).get("rendered", [])}


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Has TypeScript look at all that was rendered; what it says fails the run."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:  # one of several processes: the first one asks for all
        output["rendered"] = sorted(_rendered.shapes)
        return
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if not _rendered.shapes:
        reporter.write_line("\nSlack's types: nothing was rendered", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = complaints(_rendered.source(), Path(folder))
        except NpmDoesNotAnswer as why:
            reporter.write_line(f"\nSlack's types were not asked: npm does not answer ({why})", yellow=True)
            return
    for each in found:
        reporter.write_line(each, red=True)
    reporter.write_line(f"\nSlack's types: {len(_rendered.shapes)} shapes, {len(found)} complaints")
    if found and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
