"""A pytest plugin: with CI=true a skipped test is a failure, unless its reason stands in the list here."""

import os

import pytest

ALLOWED = frozenset({"shared documents are not here", "npm does not answer"})
"""The only reasons for which CI may skip a test: material that is not part of the project."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Names what was skipped for any other reason, and fails."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI") != "true":  # noqa: TID251 (tests, not the product)
        return
    reasons = [(report.nodeid, str(report.longrepr[2])) for report in reporter.stats.get("skipped", [])]
    refused = [(test, why) for test, why in reasons if why.removeprefix("Skipped: ") not in ALLOWED]
    for test, why in refused:
        reporter.write_line(f"SKIPPED IN CI: {test}: {why}", red=True)
    if refused and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
