"""A real browser for tests, and someone who watches what it complains of."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

expect.set_options(timeout=20_000)
"""Milliseconds: what has to come comes within a second, but where other tests want the processor too."""


@dataclass
class Watch:
    """What the browser complained of, less what a test expects."""

    origin: str
    expected: tuple[str, ...] = ()
    complaints: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on(
            "console", lambda message: self._complain(message.text) if message.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self._left(request.url))

    def _dialog(self, dialog: Dialog) -> None:
        self._complain(f"dialog {dialog.type}: {dialog.message}")
        dialog.accept()

    def _left(self, url: str) -> None:
        if not url.startswith(f"{self.origin}/"):
            self._complain(f"left the origin: {url}")

    def _complain(self, what: str) -> None:
        if not any(expected in what for expected in self.expected):
            self.complaints.append(what)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a download."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        # --no-sandbox: as root, in a container, Chromium cannot start its sandbox
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
