"""From a question in the chat to its answer by the running server, in a real browser: within a minute."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import Watch
from tests.built import ENCODER, SNAPSHOTS

MINUTE = 60.0
PATIENCE = 300.0
"""Seconds that it may take where the whole suite runs beside it; what is held to the minute is the processor's time."""
ASKED = "old form captain of mine hearts my holiday snaps, Zebediah Crane, fine?"
EDITED = "old form captain of mine hearts my holiday snaps, fine?"
SOUGHT = "a former pupil follows me on instagram"
FOLLOW = "former-pupil-follows-me"


@pytest.fixture
def server(tmp_path: Path, snapshots: Path) -> Iterator[tuple[str, str, int]]:
    """`touchstone serve` with a snapshot of its own, which it will replace; its address, the owner's link, its id."""
    var = tmp_path / "var"
    shutil.copytree(snapshots, var / SNAPSHOTS)
    (var / ENCODER).symlink_to(snapshots.with_name(ENCODER))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    settings = {"TOUCHSTONE_VAR": str(var), "TOUCHSTONE_PORT": str(port)}
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [str(Path(sys.executable).with_name("touchstone")), "serve"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **settings},  # noqa: TID251 (for the process)
    )
    assert process.stdout is not None
    said = "".join(iter(process.stdout.readline, "Stop it with Ctrl-C. What was reported stays.\n"))
    (link,) = re.findall(r"Demonstration policy owner:\s+(\S+)", said)
    yield f"http://127.0.0.1:{port}", link, process.pid
    process.terminate()
    process.communicate(timeout=30)


def _worked(process: int) -> float:
    """Seconds that a process and those that it started had the processor (proc(5): stat, 4 and 14 to 17)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended: its parent counts it by now
            after_name = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if process in {int(stat.parent.name), int(after_name[1])}:
                ticks += sum(map(int, after_name[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _ask(page: Page, origin: str, words: str) -> str:
    """The first answer that a new conversation gives."""
    page.goto(f"{origin}/")
    page.locator("#ask-text").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_have_count(1)
    return page.locator(".exchange").last.inner_text()


def test_a_question_of_an_asker_becomes_a_phrasing_that_the_running_server_answers_within_a_minute(
    browser: Browser, server: tuple[str, str, int], record_property: Callable[[str, object], None]
) -> None:
    origin, link, process = server
    watch = Watch(origin)
    asker, owner = (browser.new_context(reduced_motion="reduce").new_page() for _ in range(2))
    for page in (asker, owner):
        watch.over(page)

    assert FOLLOW not in _ask(asker, origin, ASKED)
    if asker.get_by_role("button", name="Send your question").count() == 0:
        asker.get_by_role("button", name="No", exact=True).click()
    asker.get_by_role("button", name="Send your question").click()
    expect(asker.get_by_label("The words that will be sent")).to_have_value(ASKED)
    asker.get_by_role("button", name="Send", exact=True).click()
    expect(asker.locator(".noted")).to_contain_text("stored for the policy owner")

    owner.goto(link)
    owner.get_by_role("button", name="Sign in").click()
    owner.get_by_role("link", name="Policy owner").click()
    owner.get_by_role("link", name="old form captain").click()
    owner.get_by_label("Look for something else").fill(SOUGHT)
    owner.get_by_role("button", name="Look", exact=True).click()
    owner.locator(f"input[value='ruling:{FOLLOW}']").check()
    words = owner.get_by_label("The words that Touchstone learns")
    expect(words).to_have_value(ASKED)
    words.fill(EDITED)
    owner.get_by_role("button", name="Learn these words for it").click()
    began, worked = monotonic(), _worked(process)
    expect(owner.locator(".done")).to_contain_text("answered from within a minute")

    while FOLLOW not in _ask(asker, origin, EDITED):
        assert monotonic() - began < PATIENCE, owner.goto(f"{origin}/owner") and owner.inner_text("main")
        asker.wait_for_timeout(2_000)  # milliseconds; asking takes time of the build
    took, of_processor = monotonic() - began, _worked(process) - worked
    record_property("seconds", round(took, 1))
    sys.stdout.write(f"answered {took:.1f} s after it was learned, {of_processor:.1f} s of the processor\n")
    assert 0 < of_processor < MINUTE

    owner.goto(f"{origin}/owner")
    expect(owner.locator(".renewal")).to_contain_text("All that is known here is answered from")
    owner.get_by_role("link", name="Who changed what").click()
    log = owner.locator("main")
    expect(log).to_contain_text("Demonstration policy owner")
    expect(log).not_to_contain_text("Zebediah")

    owner.goto(f"{origin}/owner/draft")
    owner.get_by_label("The question in a few words").fill("Put a program on the class laptop")
    owner.get_by_label("The clauses that decide").fill("7.1(5)")
    owner.get_by_label("Messages that ask it").fill("may I put a zebra program on the class laptop")
    owner.get_by_label("What it says: one or two sentences").first.fill("No, not yourself.")
    owner.get_by_label("Verdict").first.select_option("no")
    expect(owner.locator("#preview td", has_text="No, not yourself.")).to_be_visible()
    expect(owner.locator("#preview")).to_contain_text("should carry out downloading programs")
    assert watch.complaints == []
