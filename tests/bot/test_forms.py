import re
from pathlib import Path

import pytest

from bot.cases.forms.model import SHIPPED, load_forms
from bot.cases.reference import ALPHABET, new_reference
from bot.messages import QuestionKind
from knowledge.datafile import BadDataFile

FORM = (SHIPPED / "report_concern.toml").read_text(encoding="utf-8")


def _form_with(tmp_path: Path, before: str, after: str) -> Path:
    assert before in FORM
    (tmp_path / "report_concern.toml").write_text(FORM.replace(before, after, 1), encoding="utf-8")
    return tmp_path


def _line(text: str, wanted: str) -> int:
    return text[: text.index(wanted)].count("\n") + 1


def test_the_concern_form_asks_what_the_guidance_wants_and_every_sentence_has_its_source() -> None:
    form = load_forms()["report_concern"]
    assert [(question.key, question.kind, question.required) for question in form.question] == [
        ("about", QuestionKind.CHOICE, True), ("what", QuestionKind.TEXT, True), ("danger", QuestionKind.CHOICE, True),
    ]  # fmt: skip
    assert all(question.source for question in form.question)
    assert all(paragraph.source for paragraph in form.intro)


def test_an_unknown_key_is_an_error_with_file_line_and_remedy(tmp_path: Path) -> None:
    folder = _form_with(tmp_path, 'key = "what"', 'key = "what"\nhelpp = "x"')
    with pytest.raises(
        BadDataFile, match=r"unknown key 'question\.1\.helpp'; take it out or correct its spelling"
    ) as error:
        load_forms(folder)
    assert error.value.line == _line(FORM, 'key = "what"') + 1


def test_a_wrong_type_is_an_error_at_its_line(tmp_path: Path) -> None:
    folder = _form_with(tmp_path, "max_length = 20000", 'max_length = "long"')
    with pytest.raises(BadDataFile) as error:
        load_forms(folder)
    assert error.value.line == _line(FORM, "max_length = 20000")


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ('ask = "Who is it about?"\n', "", "'question.0.ask' is missing"),
        ("max_length = 20000", "max_length = 0", "give max_length"),
        ('key = "danger"', 'key = "what"', "is asked twice"),
        ('kind = "text"', 'kind = "choice"', "give at least two"),
        ('title = "Report', 'title = "Report" "', "is not TOML"),
    ],
)
def test_a_form_that_could_not_be_filled_in_is_refused(tmp_path: Path, before: str, after: str, word: str) -> None:
    with pytest.raises(BadDataFile, match=re.escape(word)):
        load_forms(_form_with(tmp_path, before, after))


def test_references_are_read_aloud_easily_and_do_not_repeat() -> None:
    references = {new_reference() for _ in range(2000)}
    assert len(references) == 2000
    assert all(re.fullmatch(rf"C-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", reference) for reference in references)
    assert not set("01ILO") & set(ALPHABET)
