"""Files through the page: what the form says, what is taken and refused, how a file is handed over."""

import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from bot.cases.reports.attachments import AttachedFiles, shipped_rules
from bot.desk import Desk
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock, Trail
from index.search import Searcher
from integrations import app
from integrations.app import Reports
from integrations.settings import Settings
from integrations.web.guard import MAX_BODY
from integrations.web.sign_in import OneTimeLinks
from integrations.web.uploads import Spool, Uploads
from tests.bot.files import CANARY, OTHERS, content
from tests.bot.reporting import count, opened
from tests.web.conftest import Visitor
from tests.web.markup import read
from tests.web.real import application

FIELDS = {"draft": "d" * 32, "answer.about": "child", "answer.what": "He is afraid.", "answer.danger": "no"}
FORM = "/forms/report_concern"


@pytest.fixture
def desk(searcher: Searcher, reports: Reports, insights: Insights, clock: FixedClock, trail: Trail) -> Desk:
    return app.desk(lambda: searcher, reports, insights, clock, trail, attachments=True)


@pytest.fixture
def links(clock: FixedClock) -> OneTimeLinks:
    return OneTimeLinks(clock)


@pytest.fixture
def visitor(desk: Desk, clock: FixedClock, links: OneTimeLinks, settings: Settings) -> Iterator[Visitor]:
    whole = application(desk, clock, links, Uploads(settings.attached, shipped_rules()))
    with TestClient(whole, base_url="http://localhost", follow_redirects=False) as client:
        yield Visitor(client)


def _send(visitor: Visitor, *bodies: bytes, name: str = "seen.pdf", **fields: str) -> Response:
    sent = {"csrf": visitor.token(), **FIELDS, **fields}
    files = [("attachment", (name, body, "application/pdf")) for body in bodies]
    return visitor.client.post(FORM, data=sent, files=files, headers={"Sec-Fetch-Site": "same-origin"})


def _reference(response: Response) -> str:
    assert response.status_code == 200
    return next(word for word in read(response.text).text.split() if word.startswith("C-"))


def test_before_the_field_the_form_says_what_is_never_attached(visitor: Visitor) -> None:
    html = visitor.get(FORM).text
    warning = html.index("Never view, copy, send or attach an indecent image of a child.")
    assert warning < html.index('type="file"')
    page = read(html)
    assert "attach-warning-1" in page.one("input", type="file").attributes["aria-describedby"]
    assert page.one("form", class_="questions").attributes["enctype"] == "multipart/form-data"
    assert "accept" not in page.one("input", type="file").attributes
    assert "the policy's clause 10.3" in page.text


def test_saving_and_going_on_send_no_file(visitor: Visitor) -> None:
    """A draft keeps none, and says so."""
    page = visitor.look(FORM)
    light = [button for button in page.all("button") if "formaction" in button.attributes]
    assert len(light) == 2
    assert {button.attributes["formenctype"] for button in light} == {"application/x-www-form-urlencoded"}
    assert "does not keep them" in page.text


def test_a_report_with_files_gets_its_receipt_and_says_how_many(visitor: Visitor, desk: Desk, reports: Reports) -> None:
    answer = _send(visitor, content("pdf", 200_000), content("png"))
    assert "Files that are stored with it: 2." in read(answer.text).text
    assert [row.name for row in opened(desk, "demo-dsl", _reference(answer)).attachments] == ["seen.pdf", "seen.pdf"]
    assert count(reports) == 1


def test_a_report_without_a_file_goes_through_the_same_form(visitor: Visitor, reports: Reports) -> None:
    empty = {"csrf": visitor.token(), **FIELDS}
    answer = visitor.client.post(FORM, data=empty, files=[("attachment", ("", b"", "application/octet-stream"))])
    assert answer.status_code == 200
    assert "Files that are stored" not in answer.text
    assert count(reports) == 1


@pytest.mark.parametrize("kind", OTHERS)
def test_anything_else_is_given_back_with_what_was_written(visitor: Visitor, reports: Reports, kind: str) -> None:
    answer = _send(visitor, OTHERS[kind], name="holiday<script>.pdf")
    page = read(answer.text)
    assert answer.status_code == 422
    assert page.typed("answer.what") == "He is afraid."
    assert page.one("input", type="file", aria_invalid="true")
    assert "File 1 is none of these by its content" in page.text
    assert "holiday" not in answer.text
    assert count(reports) == 0


def test_what_is_too_large_or_too_many_is_given_back_with_what_was_written(
    visitor: Visitor, reports: Reports, settings: Settings
) -> None:
    large = content("pdf", 25 * 1024 * 1024 + 1)
    for bodies, said in (([large], "File 1 is larger than 25 MB"), ([content()] * 11, "There are 11 files")):
        answer = _send(visitor, *bodies)
        assert answer.status_code == 422
        assert said in read(answer.text).text
        assert read(answer.text).typed("answer.what") == "He is afraid."
    assert count(reports) == 0
    assert list(settings.attached.iterdir()) == []


def test_a_missing_answer_gives_the_form_back_and_says_that_files_have_to_be_chosen_again(visitor: Visitor) -> None:
    answer = _send(visitor, content(), **{"answer.what": ""})
    assert answer.status_code == 422
    assert "Your files were not kept." in read(answer.text).text


def test_the_token_is_checked_of_a_form_with_files_too(visitor: Visitor, reports: Reports) -> None:
    answer = _send(visitor, content(), csrf="0" * 64)
    assert answer.status_code == 403
    assert "Your files were not kept." in read(answer.text).text
    assert count(reports) == 0


def test_the_limit_of_a_body_holds_for_everything_else(visitor: Visitor, reports: Reports) -> None:
    files = [("attachment", ("a.pdf", content(size=MAX_BODY + 1), "application/pdf"))]
    for path in ("/ask", f"{FORM}/save", f"{FORM}/continue", "/sign-in/x", "/account/confirm", "/drafts", "/inbox/x"):
        assert visitor.client.post(path, data={"csrf": ""}, files=files).status_code in {405, 413}, path
    plain = {"Content-Type": "application/x-www-form-urlencoded"}
    assert visitor.client.post(FORM, content=b"a=" + b"x" * MAX_BODY, headers=plain).status_code == 413
    assert _send(visitor, content(), **{"answer.what": "x" * (MAX_BODY + 1)}).status_code == 413
    assert count(reports) == 0


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"nonsense"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; filename="a"\r\n\r\nb\r\n--x--\r\n',
        ),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--\r\n"),
    ],
)
def test_what_is_no_form_is_refused_in_our_words(visitor: Visitor, settings: Settings, kind: str, body: bytes) -> None:
    answer = visitor.client.post(FORM, content=body, headers={"Content-Type": kind})
    assert answer.status_code in {400, 403}
    assert "Something went wrong" not in answer.text
    assert [path for path in settings.attached.rglob("*") if path.is_file()] == []


def test_files_at_other_fields_and_other_forms_are_not_taken(visitor: Visitor, reports: Reports) -> None:
    sent = {"csrf": visitor.token(), **FIELDS}
    answer = visitor.client.post(FORM, data=sent, files=[("answer.child", ("a.pdf", content(), "application/pdf"))])
    assert answer.status_code == 200
    assert "Files that are stored" not in answer.text
    assert count(reports) == 1


# ------------------------------------------------------------------------------------------ handing over


def _download(visitor: Visitor, links: OneTimeLinks, *, who: str = "demo-dsl") -> tuple[str, str]:
    reference = _reference(_send(visitor, content("pdf", 150_000), name="zebra.html"))
    visitor.sign_in(links.issue(who))
    page = visitor.look(f"/inbox/{reference}")
    (link,) = [one for one in page.all("a") if "attachments" in one.attributes["href"]]
    return reference, link.attributes["href"]


def test_a_file_is_handed_over_to_be_saved_and_never_to_be_shown(visitor: Visitor, links: OneTimeLinks) -> None:
    reference, address = _download(visitor, links)
    answer = visitor.get(address)
    assert answer.status_code == 200
    assert answer.content == content("pdf", 150_000)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{reference}-1.pdf"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "zebra" not in str(answer.headers)


def test_the_page_of_a_case_shows_no_file_within_itself(visitor: Visitor, links: OneTimeLinks) -> None:
    reference, _ = _download(visitor, links)
    page = visitor.look(f"/inbox/{reference}")
    assert not [one for tag in ("img", "iframe", "embed", "object", "video") for one in page.all(tag)]
    assert "do not open it: tell the police" in page.text
    assert "zebra.html (PDF, 150 kB)" in page.text


def test_a_download_needs_a_fresh_sign_in_and_a_head_is_none(
    visitor: Visitor, links: OneTimeLinks, clock: FixedClock, desk: Desk
) -> None:
    reference, address = _download(visitor, links)
    assert visitor.client.head(address).status_code == 405
    clock.go_on(timedelta(minutes=16))
    assert visitor.get(address).status_code == 403
    visitor.post("/sign-out", {})
    assert visitor.get(address).status_code == 403
    happened = [row.what for row in opened(desk, "demo-deputy-dsl-1", reference).chronology]
    assert "A file was downloaded by" not in happened


@pytest.mark.parametrize("who", ["demo-chair", "demo-administrator", "demo-policy-owner"])
def test_a_file_of_others_and_none_at_all_are_the_same_answer(visitor: Visitor, links: OneTimeLinks, who: str) -> None:
    _, address = _download(visitor, links)
    visitor.sign_in(links.issue(who))
    there, missing = visitor.get(address), visitor.get("/inbox/C-2222-2222/attachments/" + "f" * 32)
    assert (there.status_code, there.text) == (missing.status_code, missing.text)
    assert there.status_code == 404


def test_another_website_can_load_no_file(visitor: Visitor, links: OneTimeLinks) -> None:
    _, address = _download(visitor, links)
    for mode, goal in (("no-cors", "image"), ("navigate", "iframe"), ("cors", "empty")):
        refused = visitor.get(address, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode=mode, Sec_Fetch_Dest=goal)
        assert refused.status_code == 403


# ---------------------------------------------------------------------------------------------- on its way


def test_what_is_on_its_way_is_on_no_disk_in_clear_and_has_no_name(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000_000)
    body = content("pdf", 300_000)
    for at in range(0, len(body), 7000):
        spool.write(body[at : at + 7000])
    spool.seek(0)
    assert list(tmp_path.iterdir()) == []
    assert b"".join(spool.chunks()) == body
    assert b"".join(spool.chunks()) == body, "as often as it is asked for"
    assert spool._file is not None  # noqa: SLF001 (as below)
    descriptor = spool._file.fileno()  # noqa: SLF001 (what lies on the disk is the claim)
    stored = os.pread(descriptor, 1_000_000, 0)
    assert len(stored) > len(body)
    assert CANARY[:20] not in stored
    spool.close()


def test_on_a_full_disk_the_form_comes_back_with_all_that_was_written(
    visitor: Visitor, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("integrations.web.uploads.TemporaryFile", full)
    for size in (4000, 300_000):
        answer = _send(visitor, content(size=size))
        page = read(answer.text)
        assert answer.status_code == 503
        assert "the files could not be taken" in page.text
        assert page.typed("answer.what") == "He is afraid."
    assert count(reports) == 0


def test_what_is_over_the_limit_is_counted_and_not_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1000)
    for _ in range(100):
        spool.write(b"x" * 1000)
    spool.seek(0)
    assert spool.size == 100_000
    assert sum(map(len, spool.chunks())) <= 1000
    spool.close()


def test_no_name_and_no_byte_of_a_file_is_in_a_log_whatever_breaks(
    visitor: Visitor, reports: Reports, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = "zebra-canary-71"
    body = content("pdf", 100_000).replace(CANARY[:10], canary.encode()[:10])
    caplog.set_level(logging.DEBUG)
    with capture_logs() as said:
        _send(visitor, body, name=f"{canary}.pdf")
        _send(visitor, canary.encode(), name=f"{canary}.pdf")

        def broken(*_: object) -> None:
            raise OSError(28, canary, f"{canary}.pdf")

        monkeypatch.setattr(AttachedFiles, "write", broken)
        answer = _send(visitor, body, name=f"{canary}.pdf", draft="e" * 32)
        assert answer.status_code == 503
        assert canary not in answer.text
        with reports.store.writing() as connection:
            connection.exec_driver_sql("drop table answers")
            connection.commit()
        _send(visitor, body, name=f"{canary}.pdf", draft="f" * 32)
    assert said, "something was logged"
    assert canary not in repr(said)
    assert canary not in caplog.text


def test_where_files_are_switched_off_the_form_has_no_field_and_a_body_with_one_is_refused(
    desk: Desk, clock: FixedClock, reports: Reports
) -> None:
    off = application(desk, clock)
    with TestClient(off, base_url="http://localhost", follow_redirects=False) as client:
        visitor = Visitor(client)
        assert _send(visitor, content()).status_code == 400
        files = [("attachment", ("a.pdf", content(size=MAX_BODY + 1), "application/pdf"))]
        assert client.post(FORM, data={"csrf": ""}, files=files).status_code == 413
    assert count(reports) == 0
