"""What a newcomer does, with the real command, a real browser and real files: ask, tell, find it after a kill.

With TOUCHSTONE_PICTURES=docs/pictures it also takes the pictures of the documentation (make pictures).
"""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsing import Watch
from tests.built import stand

PICTURES = os.environ.get("TOUCHSTONE_PICTURES")  # noqa: TID251 (tests, not the product)
MARKUP = (
    "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">{{7*7}}</textarea><b>bold"
)
TOLD = "She said: “I don't want to go home.” " + MARKUP

Serve = Callable[[], "tuple[subprocess.Popen[str], str, list[str]]"]


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def serve(tmp_path: Path, snapshots: Path, port: int) -> Iterator[Serve]:
    """Starts `touchstone serve` on one data folder and port, again and again: process, address, sign-in links."""
    var = tmp_path / "var"
    stand(var, snapshots)
    started: list[subprocess.Popen[str]] = []

    def serve() -> tuple["subprocess.Popen[str]", str, list[str]]:
        settings = {"TOUCHSTONE_VAR": str(var), "TOUCHSTONE_PORT": str(port)}
        command = [str(Path(sys.executable).with_name("touchstone")), "serve"]
        process = subprocess.Popen(  # noqa: S603 (our own command)
            command,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **settings},  # noqa: TID251 (for the process)
        )
        started.append(process)
        assert process.stdout is not None
        said = "".join(iter(process.stdout.readline, "Stop it with Ctrl-C. What was reported stays.\n"))
        return process, f"http://127.0.0.1:{port}", re.findall(r"http://\S+/sign-in/\S+", said)

    yield serve
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def visit(browser: Browser, port: int) -> Iterator[Callable[[], Page]]:
    """Opens a window with cookies of its own; at the end nothing may have been complained of."""
    # Chromium calls every page of status 4xx a failed resource: the form with its errors, and the closed inbox.
    watch = Watch(f"http://127.0.0.1:{port}", expected=("status of 422", "status of 403"))
    contexts: list[BrowserContext] = []

    def visit() -> Page:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB"))
        contexts[-1].on("page", watch.over)  # those that a link opens as well
        return contexts[-1].new_page()

    yield visit
    for context in contexts:
        context.close()
    assert watch.complaints == []


def _picture(page: Page, name: str, *, dark: bool = False) -> None:
    if PICTURES:
        for width, height, suffix in ((1280, 900, ""), (390, 844, "-phone")):
            page.set_viewport_size({"width": width, "height": height})
            _taken(page, Path(PICTURES) / f"{name}{suffix}.png")
            if dark:
                page.emulate_media(color_scheme="dark")
                _taken(page, Path(PICTURES) / f"{name}{suffix}-dark.png")
                page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})


def _taken(page: Page, path: Path) -> None:
    """A picture in few colours, which is all that our pages have, at a third of the size."""
    Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(48).save(path, optimize=True)


def _ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask").click()


def test_a_newcomer_asks_and_reads_the_clause_word_for_word(serve: Serve, visit: Callable[[], Page]) -> None:
    _, here, _ = serve()
    page = visit()
    page.goto(here)
    _ask(page, "can I accept a former pupil as a follower?")
    answer = page.locator("article.answer")
    expect(answer).to_contain_text(
        "Staff should not accept any current pupil of any age or any ex-pupil of the school under the age of 18 as a "
        "friend, follower, subscriber or similar on any personal social media account, with the exception of relatives."
    )
    for shown in ("6.2(25)", "School-sanctioned use of social media", "Schools should also adhere to these guidelines:",
                  "Online Safety and Social Media policy, version 2.0, July 2023"):  # fmt: skip
        expect(answer).to_contain_text(shown)
    _picture(page, "chat", dark=True)
    with page.expect_popup() as opened:
        answer.get_by_role("link", name="Clause 6.2(25)").click()
    policy = opened.value
    expect(policy).to_have_url(f"{here}/policies/reach2-online-safety/2.0#6.2-25")
    expect(policy.locator("[id='6.2-25']")).to_be_in_viewport()
    _picture(policy, "policy")
    page.goto(here)
    _ask(page, MARKUP)
    expect(page.locator(".question")).to_contain_text("<script>document.title='taken'</script>")
    expect(page.locator("article.answer")).to_be_visible()
    expect(page).not_to_have_title("taken")


def test_a_newcomer_reports_a_concern_and_the_dsl_reads_it_though_the_server_was_killed(
    serve: Serve, visit: Callable[[], Page]
) -> None:
    process, here, _ = serve()
    page = visit()
    page.goto(here)
    page.get_by_role("link", name="Tell someone").click()
    page.get_by_role("link", name="Report a concern").click()
    _picture(page, "form")
    page.get_by_label("A child", exact=True).check()
    page.get_by_label("What did you see or hear?").fill(TOLD)
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    expect(page.get_by_label("What did you see or hear?")).to_have_value(TOLD)
    page.get_by_role("group", name="Is anyone in danger now?").get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", name="Your report is stored.")).to_be_visible()
    reference = page.locator(".reference b").inner_text()
    assert re.fullmatch(r"\bC-\w{4}-\w{4}", reference)
    _picture(page, "receipt")

    process.kill()
    process.wait()
    _, here, links = serve()
    dsl = visit()
    dsl.goto(links[0])
    dsl.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    expect(dsl.get_by_role("link", name=reference)).to_be_visible()
    _picture(dsl, "inbox")
    dsl.get_by_role("link", name=reference).click()
    expect(dsl.locator("main")).to_contain_text(TOLD)
    expect(dsl.locator("main")).to_contain_text("Opened by")
    expect(dsl).not_to_have_title("taken")
    dsl.get_by_role("button", name="I have it").click()
    expect(dsl.get_by_text("You have acknowledged it.")).to_be_visible()
    dsl.locator("summary").get_by_text("Add a note", exact=True).click()
    dsl.get_by_label("Your note").fill("Spoke with her class teacher.")
    dsl.get_by_role("button", name="Add the note").click()
    expect(dsl.locator(".chronology")).to_contain_text("Spoke with her class teacher.")
    _picture(dsl, "case")
    dsl.locator(".acts").evaluate("element => element.scrollIntoView()")
    _picture(dsl, "case-acts")

    nobody = visit()
    assert nobody.goto(f"{here}/inbox/{reference}") is not None
    expect(nobody.locator("body")).not_to_contain_text("She said")


def test_a_question_that_the_policy_does_not_answer_reaches_its_owner(
    serve: Serve, visit: Callable[[], Page], tmp_path: Path
) -> None:
    _, here, _ = serve()
    page = visit()
    page.goto(here)
    _ask(page, "what is for lunch today?")
    page.get_by_role("button", name="Send your question to the policy owner").click()
    page.get_by_label("The words that will be sent").fill(f"who says what is for lunch? {MARKUP}")
    _picture(page, "question")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Your question is stored for the policy owner.")).to_be_visible()
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("list", name="Conversation").get_by_text("Noted.", exact=True)).to_be_visible()
    touchstone = str(Path(sys.executable).with_name("touchstone"))
    settings = {"TOUCHSTONE_VAR": str(tmp_path / "var")}
    environment = {**os.environ, **settings}  # noqa: TID251 (for the process)
    listed, counted = (
        subprocess.run([touchstone, "policies", name], capture_output=True, text=True, env=environment, check=True)  # noqa: S603 (our own command)
        for name in ("questions", "ratings")
    )
    assert f"\twho says what is for lunch? {MARKUP}\treach2-online-safety\t" in listed.stdout
    assert "\tnot_covered\t0\t1\t" in counted.stdout
