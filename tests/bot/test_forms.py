import re
from pathlib import Path

import pytest

from bot.cases.forms.model import SHIPPED, load_forms
from bot.cases.reference import ALPHABET, new_reference
from knowledge.datafile import BadDataFile

FORM = (SHIPPED / "report_concern.toml").read_text(encoding="utf-8")


def _form_with(tmp_path: Path, before: str, after: str) -> Path:
    assert before in FORM
    (tmp_path / "report_concern.toml").write_text(FORM.replace(before, after, 1), encoding="utf-8")
    return tmp_path


def _line(text: str, wanted: str) -> int:
    return text[: text.index(wanted)].count("\n") + 1


def test_an_unknown_key_is_an_error_with_file_line_and_remedy(tmp_path: Path) -> None:
    folder = _form_with(tmp_path, 'key = "what"', 'key = "what"\nhelpp = "x"')
    with pytest.raises(
        BadDataFile, match=r"unknown key 'question\.4\.helpp'; take it out or correct its spelling"
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


SMALL = """\
title = "A form"
offer = "For something."
place = 1
submit = "Send"
received = "Stored."
intro = []

[[question]]
key = "first"
kind = "choice"
ask = "Which?"
source = "9.1"
choice = [{ value = "a", label = "A" }, { value = "b", label = "B" }]

[[question]]
key = "second"
kind = "choices"
ask = "Which of these?"
source = "9.1"
when = [{ first = ["a"] }]
choice = [{ value = "c", label = "C" }, { value = "d", label = "D" }]

[[question]]
key = "third"
kind = "line"
ask = "What?"
source = "9.1"
max_length = 10
when = [{ first = ["b"] }, { second = ["c"] }]

[[question]]
key = "fourth"
kind = "people"
ask = "Who?"
source = "9.1"
max_length = 10
most = 3
"""


@pytest.mark.parametrize(
    ("before", "after", "line", "word"),
    [
        ('second = ["c"]', 'sixth = ["c"]', "{ sixth", "depends on 'sixth', which this form does not ask"),
        ('first = ["a"]', 'fourth = ["a"]', "{ fourth", "depends on 'fourth', which comes later; move it behind"),
        ('first = ["a"]', 'second = ["c"]', '[{ second = ["c"] }]', "that goes in a circle; take one"),
        ('first = ["a"]', 'third = ["a"]', "{ third", "depends on 'third', and 'third' on it: that goes in a circle"),
        (
            'first = ["a"]',
            'first = ["c"]',
            '{ first = ["c"]',
            "depends on first = 'c', which is no answer to it; there are: a, b",
        ),
        ('first = ["a"]', "first = []", "{ first = []", "depends on 'first' and no answer to it"),
        ('{ first = ["a"] }', "{}", "[{}]", "has an empty condition"),
        ('kind = "people"', 'kind = "text"', "most = 3", "is a text and has most; take it out"),
        ("most = 3", "", 'key = "fourth"', "has no limit to how many names; give most"),
        ("most = 3", 'most = 3\nlatest = "today"', "latest", "is a people and has latest; take it out"),
        ("most = 3", "most = 3\ndecides_route = true", "decides_route", "is a people and has decides_route"),
        ('key = "second"', 'key = "second"\nstruck = true', "struck", "is a choices and has struck; take it out"),
        ('value = "d"', 'value = "c"', 'value = "c", label = "D"', "has the choice 'c' twice"),
        ('value = "d"', 'value = "D d"', "D d", "'D d', which cannot be a value"),
        ('key = "fourth"', 'key = "4th"', "4th", "'4th' cannot be a key; use small letters, digits and _"),
        ('key = "fourth"', 'key = "third"', 'key = "third"\nkind = "people"', "'third' is asked twice"),
        ('kind = "line"', 'kind = "yes_no"', "max_length", "is a yes_no and has max_length; take it out"),
        ('kind = "line"', 'kind = "lines"', "lines", "question.2.kind"),
    ],
)
def test_what_a_form_cannot_mean_is_an_error_at_its_line_with_a_remedy(
    tmp_path: Path, before: str, after: str, line: str, word: str
) -> None:
    assert before in SMALL
    text = SMALL.replace(before, after, 1)
    (tmp_path / "small.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadDataFile, match=re.escape(word)) as error:
        load_forms(tmp_path)
    assert error.value.line == _line(text, line)


def test_conditions_may_refer_to_all_that_was_asked_before(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    (form,) = load_forms(tmp_path).values()
    assert [question.when for question in form.question] == [
        (), ({"first": ("a",)},), ({"first": ("b",)}, {"second": ("c",)}), (),
    ]  # fmt: skip


def test_references_are_read_aloud_easily_and_do_not_repeat() -> None:
    references = {new_reference() for _ in range(2000)}
    assert len(references) == 2000
    assert all(re.fullmatch(rf"C-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", reference) for reference in references)
    assert not set("01ILO") & set(ALPHABET)
