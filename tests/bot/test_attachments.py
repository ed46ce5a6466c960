"""Files that come with a report: sealed and stored before the case, for whoever may open it, and gone with it."""

# ruff: noqa: PLR0913, PLR0917 (what a test takes are fixtures)

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL

import pytest
from sqlalchemy import select

from bot.cases import records
from bot.cases.opening import sweep, sweep_files
from bot.cases.receiving import access
from bot.cases.receiving.access import Access
from bot.cases.reports.attachments import shipped_rules
from bot.cases.safekeeping.backup import ATTACHMENTS, back_up
from bot.cases.safekeeping.purge import Reason
from bot.cases.safekeeping.verification import Fault, verify
from bot.desk import Desk
from bot.messages import (
    MEANS,
    Attachment,
    AttachmentContent,
    ExportCases,
    ExportFile,
    ExportFormat,
    FormView,
    OpenAttachment,
    OpenForm,
    Receipt,
    Refusal,
    Reply,
    SubmitForm,
)
from bot.ports import Stage
from bot.testing import FixedClock, Trail
from bot.wording import say
from index.search import Searcher
from integrations import app
from integrations.app import Reports
from integrations.settings import Settings
from tests.bot.closing import happen
from tests.bot.files import CANARY, HEADS, OTHERS, attachment, content
from tests.bot.reporting import ANSWERS, count, opened
from tests.bot.test_backup import _elsewhere, _restore
from tests.crash.dying import run_until

pytestmark = pytest.mark.both_engines


@pytest.fixture
def desk(desk: Desk, searcher: Searcher, reports: Reports, clock: FixedClock, trail: Trail) -> Desk:
    """A desk of a school that allows files."""
    return app.desk(lambda: searcher, reports, desk.feedback.insights, clock, trail, attachments=True)


def _send(desk: Desk, *files: Attachment, draft: str = "draft-1", **more: str) -> Reply:
    (reply,) = desk.receive(SubmitForm("report_concern", draft, {**ANSWERS, **more}, attachments=files))
    return reply


def _received(desk: Desk, *files: Attachment, draft: str = "draft-1", **more: str) -> Receipt:
    reply = _send(desk, *files, draft=draft, **more)
    assert isinstance(reply, Receipt)
    return reply


def _taken(desk: Desk, person: str, reference: str, file: str) -> Reply:
    (reply,) = desk.receive(OpenAttachment(person, reference, file))
    return reply


def _bytes(reply: Reply) -> bytes:
    assert isinstance(reply, AttachmentContent)
    return b"".join(reply.chunks)


def _on_the_disk(settings: Settings) -> list[Path]:
    return [path for path in settings.attached.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", HEADS)
@pytest.mark.parametrize("size", [40, 65536 * 2, 65536 * 2 + 7])
def test_what_was_attached_is_what_whoever_may_open_the_case_downloads(desk: Desk, kind: str, size: int) -> None:
    body = content(kind, size)
    receipt = _received(desk, attachment(body, "her telephone.dat"))
    assert say("receipt.attached", count=1) in receipt.steps
    case = opened(desk, "demo-dsl", receipt.reference)
    (row,) = case.attachments
    assert (row.name, row.type.lower()) == ("her telephone.dat", kind)
    given = _taken(desk, "demo-dsl", receipt.reference, row.id)
    assert _bytes(given) == body
    assert isinstance(given, AttachmentContent)
    assert given.filename == f"{receipt.reference}-1.{kind}"
    assert given.size == len(body)


def test_each_download_is_in_the_chronology_before_it_is_given(desk: Desk) -> None:
    receipt = _received(desk, attachment(content()))
    (row,) = opened(desk, "demo-dsl", receipt.reference).attachments
    _taken(desk, "demo-dsl", receipt.reference, row.id)  # and not one byte of it is read
    happened = [one.what for one in opened(desk, "demo-deputy-dsl-1", receipt.reference).chronology]
    assert happened.count(say("event.attachment_opened")) == 1


@pytest.mark.parametrize("person", ["demo-chair", "demo-administrator", "demo-policy-owner", "nobody", ""])
def test_whoever_may_not_open_the_case_gets_no_file_and_no_other_words_than_for_no_case(
    desk: Desk, person: str
) -> None:
    receipt = _received(desk, attachment(content()))
    (row,) = opened(desk, "demo-dsl", receipt.reference).attachments
    refused = Refusal(say("refusal.NotYours"))
    assert _taken(desk, person, receipt.reference, row.id) == refused
    assert _taken(desk, person, "C-2222-2222", row.id) == refused


@pytest.mark.parametrize("file", ["", "f" * 32, "../../keys/master.key", "\0", "%2e%2e"])
def test_there_is_no_way_to_another_file(desk: Desk, file: str) -> None:
    receipt = _received(desk, attachment(content()))
    assert _taken(desk, "demo-dsl", receipt.reference, file) == Refusal(say("refusal.NotYours"))


def test_with_an_empty_table_of_access_no_file_is_given(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = _received(desk, attachment(content()))
    (row,) = opened(desk, "demo-dsl", receipt.reference).attachments
    assert isinstance(_taken(desk, "demo-dsl", receipt.reference, row.id), AttachmentContent)
    monkeypatch.setattr(access, "shipped", lambda: Access((), ()))
    for person in desk.inbox.directory.persons:
        assert _taken(desk, person.id, receipt.reference, row.id) == Refusal(say("refusal.NotYours"))


def test_the_file_of_one_case_is_not_had_through_another(desk: Desk) -> None:
    one = _received(desk, attachment(content()))
    other = _received(desk, attachment(content("png")), draft="draft-2")
    (row,) = opened(desk, "demo-dsl", other.reference).attachments
    assert isinstance(_taken(desk, "demo-dsl", one.reference, row.id), Refusal)


def test_whoever_it_is_about_gets_no_file(desk: Desk) -> None:
    struck = {"about": "adult_here", "child_too": "no", "adult": f"The DSL{MEANS}demo-dsl"}
    receipt = _received(desk, attachment(content()), **struck)
    (row,) = opened(desk, "demo-headteacher", receipt.reference).attachments
    assert isinstance(_taken(desk, "demo-dsl", receipt.reference, row.id), Refusal)


def test_a_report_that_makes_two_cases_has_its_files_in_both_each_under_its_own_key(
    desk: Desk, settings: Settings
) -> None:
    receipt = _received(desk, attachment(content()), about="adult_here", child_too="yes")
    assert len(receipt.siblings) == 1
    assert len(_on_the_disk(settings)) == 2
    assert len({path.read_bytes() for path in _on_the_disk(settings)}) == 2


# ------------------------------------------------------------------------------------------ what is not taken


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_of_another_type_by_its_content_is_not_taken_whatever_it_is_called(
    desk: Desk, reports: Reports, settings: Settings, kind: str
) -> None:
    reply = _send(desk, attachment(content("pdf")), attachment(OTHERS[kind] + b" " * 100, "holiday.pdf"))
    assert isinstance(reply, FormView)
    assert reply.attaching is not None
    assert reply.attaching.error.startswith("File 2 is none of these by its content")
    assert "holiday" not in reply.attaching.error
    assert [one.value for one in reply.questions if one.key == "what"] == [ANSWERS["what"]]
    assert (count(reports), _on_the_disk(settings)) == (0, [])


def test_more_than_ten_larger_than_25_mb_and_empty_ones_are_not_taken(desk: Desk, reports: Reports) -> None:
    large = replace(attachment(content()), size=25 * 1024 * 1024 + 1)
    for files, said in (
        ([attachment(content())] * 11, "There are 11 files"),
        ([attachment(content()), large], "File 2 is larger than 25 MB"),
        ([attachment(b"")], "File 1 is empty"),
    ):
        reply = _send(desk, *files)
        assert isinstance(reply, FormView)
        assert reply.attaching is not None
        assert said in reply.attaching.error
    assert count(reports) == 0
    assert len(opened(desk, "demo-dsl", _received(desk, *[attachment(content())] * 10).reference).attachments) == 10


def test_where_the_school_allows_none_the_report_comes_back_with_all_that_was_written(
    searcher: Searcher, reports: Reports, desk: Desk, clock: FixedClock, trail: Trail
) -> None:
    off = app.desk(lambda: searcher, reports, desk.feedback.insights, clock, trail)
    reply = _send(off, attachment(content()))
    assert isinstance(reply, FormView)
    assert reply.attaching is None
    assert count(reports) == 0


def test_whoever_takes_a_case_out_or_enters_it_elsewhere_is_told_that_files_came_with_it(desk: Desk) -> None:
    receipt = _received(desk, attachment(content(), "her telephone.dat"))
    said = say("case.files", count=1)
    assert said in opened(desk, "demo-dsl", receipt.reference).facts
    for as_what in (ExportFormat.JSON, ExportFormat.CSV):
        (file,) = desk.receive(ExportCases("demo-dsl", as_what, (receipt.reference,)))
        assert isinstance(file, ExportFile)
        assert "her telephone.dat" in file.content.decode()
    without = _received(desk, draft="draft-2")
    assert not opened(desk, "demo-dsl", without.reference).attachments
    assert "Files that came" not in str(opened(desk, "demo-dsl", without.reference).facts)


def test_the_form_of_a_concern_alone_takes_files_and_says_first_what_is_never_attached(desk: Desk) -> None:
    for name, form in desk.intake.forms.items():
        (view,) = desk.receive(OpenForm(name))
        assert isinstance(view, FormView)
        assert (view.attaching is not None) is form.files is (name == "report_concern")
    warning = shipped_rules().warning[0]
    assert warning.text.startswith("Never view, copy, send or attach an indecent image of a child.")
    assert "inform the police immediately" in warning.text
    assert "UKCIS" in warning.source
    assert "10.3" in warning.source


# -------------------------------------------------------------------------------- the order that makes it durable


def test_files_are_on_the_disk_before_the_case_is_committed_and_read_back_before_the_receipt(
    desk: Desk, settings: Settings, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[Stage, int] = {}
    monkeypatch.setattr(type(trail), "reached", lambda _self, stage: seen.update({stage: len(_on_the_disk(settings))}))
    _received(desk, attachment(content()))
    assert seen == {
        Stage.ARRIVED: 0, Stage.KEY_COMMITTED: 0, Stage.WRITTEN: 1, Stage.COMMITTED: 1, Stage.READ_BACK: 1,
    }  # fmt: skip


def test_there_is_no_receipt_for_a_file_that_is_not_there_or_not_what_was_sent(
    desk: Desk, settings: Settings, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    for harm in (lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x")):

        def damage(_self: Trail, stage: Stage, harm: Callable[[Path], object] = harm) -> None:
            if stage is Stage.COMMITTED:
                for path in _on_the_disk(settings):
                    harm(path)

        monkeypatch.setattr(type(trail), "reached", damage)
        reply = _send(desk, attachment(content()), draft=f"draft-{id(harm)}")
        assert isinstance(reply, FormView)
        assert reply.notice == say("form.perhaps_stored")


def test_where_the_case_cannot_be_stored_no_file_is_left(
    desk: Desk, reports: Reports, settings: Settings, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Trail, stage: Stage) -> None:
        if stage is Stage.WRITTEN:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(trail), "reached", full)
    reply = _send(desk, attachment(content()))
    assert isinstance(reply, FormView)
    assert reply.notice == say("form.not_stored")
    assert reply.attaching is not None
    assert reply.attaching.error == say("attach.again")
    assert (count(reports), _on_the_disk(settings)) == (0, [])


def test_where_the_files_cannot_be_written_nothing_is_stored(desk: Desk, reports: Reports, settings: Settings) -> None:
    settings.attached.parent.mkdir(parents=True, exist_ok=True)
    settings.attached.write_text("in the way")
    reply = _send(desk, attachment(content()))
    assert isinstance(reply, FormView)
    assert reply.notice == say("form.not_stored")
    assert count(reports) == 0


def test_a_process_that_dies_between_the_file_and_the_commit_leaves_an_orphan_that_is_swept_after_a_day(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        """As a kill: nothing of ours runs after it."""

    def die(_self: Trail, stage: Stage) -> None:
        if stage is Stage.WRITTEN:
            raise Died

    kept = _received(desk, attachment(content()), draft="kept").reference
    monkeypatch.setattr(type(trail), "reached", die)
    with pytest.raises(Died):
        _send(desk, attachment(content("png")))
    monkeypatch.undo()
    assert (count(reports), len(_on_the_disk(settings))) == (1, 2)
    for home in settings.attached.iterdir():
        os.utime(home, (clock.now().timestamp(),) * 2)
    assert sweep_files(reports.store, reports.keys, reports.files, clock.now() + timedelta(hours=23)) == 0
    later = clock.now() + timedelta(days=2)
    assert sweep_files(reports.store, reports.keys, reports.files, later) == 0, "its key is there still"
    assert sweep(reports.store, reports.keys, later) == 1
    assert sweep_files(reports.store, reports.keys, reports.files, later) == 1
    (row,) = opened(desk, "demo-dsl", kept).attachments
    assert _bytes(_taken(desk, "demo-dsl", kept, row.id)) == content()


def test_the_same_report_sent_twice_is_one_case_with_its_files_once(
    desk: Desk, reports: Reports, settings: Settings
) -> None:
    first, second = (_received(desk, attachment(content())) for _ in range(2))
    assert first.reference == second.reference
    assert (count(reports), len(_on_the_disk(settings))) == (1, 1)
    assert _received(desk, attachment(content("png"))).reference != first.reference, "another file is another report"


# ------------------------------------------------------------------------------------------ sealed, and gone


def test_no_byte_of_a_file_and_no_name_is_in_clear_in_anything_that_is_kept(
    desk: Desk, settings: Settings, engine: str
) -> None:
    _received(desk, attachment(content(size=200_000), "zebra-canary.pdf"))
    for path in settings.var.rglob("*"):
        if path.is_file():
            found = path.read_bytes()
            assert CANARY not in found, path.name
            assert b"zebra-canary" not in found, path.name
            assert path.stat().st_mode & 0o077 == 0, path.name
    assert engine


def test_a_file_moved_to_another_case_or_changed_is_not_given(desk: Desk, settings: Settings) -> None:
    receipt = _received(desk, attachment(content()))
    other = _received(desk, attachment(content("png")), draft="draft-2")
    (row,) = opened(desk, "demo-dsl", receipt.reference).attachments
    (theirs,) = opened(desk, "demo-dsl", other.reference).attachments
    (mine_at,) = settings.attached.glob(f"*/{row.id}")
    (theirs_at,) = settings.attached.glob(f"*/{theirs.id}")
    shutil.copyfile(theirs_at, mine_at)
    assert _taken(desk, "demo-dsl", receipt.reference, row.id) == Refusal(say("refusal.SealBroken"))


def test_a_purge_takes_the_files_and_what_they_were_called(desk: Desk, reports: Reports, settings: Settings) -> None:
    receipt = _received(desk, attachment(content()))
    happen(reports, receipt.reference, "closed")
    reports.purge.purge(receipt.reference, Reason.RETENTION)
    assert _on_the_disk(settings) == []
    with reports.store.reading() as connection:
        assert connection.execute(select(records.attachments)).all() == []


@pytest.mark.parametrize("at", ["committed", "files removed"])
def test_a_purge_that_dies_before_the_key_is_gone_takes_the_files_at_the_next_start(
    desk: Desk, reports: Reports, settings: Settings, at: str
) -> None:
    receipt = _received(desk, attachment(content()))
    happen(reports, receipt.reference, "closed")

    class Died(BaseException):
        """As a kill."""

    def die(step: str) -> None:
        if step == at:
            raise Died

    with pytest.raises(Died):
        replace(reports.purge, reached=die).purge(receipt.reference, Reason.RETENTION)
    reports.close()
    again = app.open_reports(settings)
    assert _on_the_disk(settings) == []
    assert verify(again.store, again.keys, again.purge.log, files=again.files).findings == ()
    again.close()


def test_verify_names_a_case_whose_file_is_gone_or_changed(desk: Desk, reports: Reports, settings: Settings) -> None:
    receipt = _received(desk, attachment(content()))

    def found() -> set[Fault]:
        seen = verify(reports.store, reports.keys, reports.purge.log, contents=True, files=reports.files)
        return {one.fault for one in seen.findings}

    assert found() == set()
    (path,) = _on_the_disk(settings)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert found() == {Fault.UNREADABLE}
    path.write_bytes(whole[:-1])
    assert found() == {Fault.NO_FILE}
    path.unlink()
    assert found() == {Fault.NO_FILE}
    assert receipt


# --------------------------------------------------------------------------------------- backup and restore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def _back_up(reports: Reports, folder: Path, clock: FixedClock) -> None:
    back_up(reports.store, reports.keys, reports.purge.log, (folder, folder), clock.now(), reports.files)


def test_a_backup_has_the_files_and_a_restore_gives_them_back(
    desk: Desk, reports: Reports, settings: Settings, folder: Path, clock: FixedClock, tmp_path: Path
) -> None:
    first = _received(desk, attachment(content()))
    gone = _received(desk, attachment(content("png")), draft="draft-2")
    _back_up(reports, folder, clock)
    assert len(list((folder / ATTACHMENTS).glob("*/*"))) == 2
    for path in (folder / ATTACHMENTS).glob("*/*"):
        assert CANARY not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    happen(reports, gone.reference, "closed")
    reports.purge.purge(gone.reference, Reason.RETENTION)
    shutil.copy(settings.deletions, folder / "deletions.log")
    there = _elsewhere(settings, tmp_path)
    done = _restore(folder, there, clock)
    assert done.found.findings == ()
    assert done.purged == 1
    assert len(_on_the_disk(there)) == 1, "what was purged since stays purged"
    again = app.open_reports(there)
    restored = app.desk(desk.feedback.searcher, again, desk.feedback.insights, clock, Trail(), attachments=True)
    (row,) = opened(restored, "demo-dsl", first.reference).attachments
    assert _bytes(_taken(restored, "demo-dsl", first.reference, row.id)) == content()
    again.close()


def test_the_next_backup_has_what_is_new_and_no_longer_what_was_purged(
    desk: Desk, reports: Reports, folder: Path, clock: FixedClock
) -> None:
    gone = _received(desk, attachment(content()))
    _back_up(reports, folder, clock)
    happen(reports, gone.reference, "closed")
    reports.purge.purge(gone.reference, Reason.RETENTION)
    _received(desk, attachment(content("png")), draft="draft-2")
    _back_up(reports, folder, clock)
    (kept,) = (folder / ATTACHMENTS).glob("*/*")
    with reports.store.reading() as connection:
        assert [kept.name] == list(connection.scalars(select(records.attachments.c.id)))


def test_a_restore_without_the_files_says_which_case_lacks_one(
    desk: Desk, reports: Reports, settings: Settings, folder: Path, clock: FixedClock, tmp_path: Path
) -> None:
    receipt = _received(desk, attachment(content()))
    _back_up(reports, folder, clock)
    shutil.rmtree(folder / ATTACHMENTS)
    found = _restore(folder, _elsewhere(settings, tmp_path), clock).found.findings
    assert [(one.fault, one.reference) for one in found] == [(Fault.NO_FILE, receipt.reference)]


@pytest.mark.parametrize("step", ["prepared", "aside attachments", "placed attachments", "placed records"])
def test_a_restore_killed_on_the_way_is_finished_with_its_files_by_the_next_start(
    desk: Desk, reports: Reports, settings: Settings, folder: Path, clock: FixedClock, engine: str, step: str
) -> None:
    if engine != "sqlite":  # what a server holds is filled in its place, without steps
        return
    receipt = _received(desk, attachment(content()))
    _back_up(reports, folder, clock)
    _received(desk, attachment(content("png")), draft="later")
    reports.close()
    assert run_until(settings, step, "restore", str(folder)) == -SIGKILL
    again = app.open_reports(settings)
    found = verify(again.store, again.keys, again.purge.log, contents=True, files=again.files)
    assert found.findings == ()
    assert count(again) == (2 if step == "prepared" else 1)
    restored = app.desk(desk.feedback.searcher, again, desk.feedback.insights, clock, Trail(), attachments=True)
    (row,) = opened(restored, "demo-dsl", receipt.reference).attachments
    assert _bytes(_taken(restored, "demo-dsl", receipt.reference, row.id)) == content()
    again.close()
