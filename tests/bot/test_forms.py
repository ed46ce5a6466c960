import re
from pathlib import Path

import pytest

from bot.cases.directory import DEMONSTRATION, load_directory
from bot.cases.forms.model import SHIPPED, load_forms
from bot.cases.reference import ALPHABET, new_reference
from bot.cases.routing import load_routes
from bot.messages import QuestionKind
from knowledge.datafile import BadDataFile

FORM = (SHIPPED / "report_concern.toml").read_text(encoding="utf-8")
ROUTES = (SHIPPED.parent / "routes.toml").read_text(encoding="utf-8")
PEOPLE = DEMONSTRATION.read_text(encoding="utf-8")


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


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ('to = ["dsl"]', "to = []", "goes to nobody"),
        ('"child", "adult_elsewhere"', '"child", "somebody"', "about = somebody"),
        ('"child", "adult_elsewhere"', '"child"', "no route for about = adult_elsewhere"),
        ('form = "report_concern"', 'form = "report"', "names what is not in that form"),
        ('to = ["dsl"]', 'to = ["caretaker"]', "'route.0.to.0'"),
    ],
)
def test_a_route_that_would_lose_a_report_is_refused(tmp_path: Path, before: str, after: str, word: str) -> None:
    path = tmp_path / "routes.toml"
    path.write_text(ROUTES.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(BadDataFile, match=re.escape(word)):
        load_routes(load_forms(), path)


def test_a_form_without_any_route_is_refused() -> None:
    forms = load_forms()
    with pytest.raises(BadDataFile, match="'other' has no route at all"):
        load_routes({**forms, "other": forms["report_concern"]})


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ('id = "demo-headteacher"', 'id = "demo-dsl"', "is given twice"),
        ('roles = ["headteacher"]', 'roles = ["headteacher", "chair_of_governors"]', "reports about themselves"),
    ],
)
def test_a_directory_that_would_mix_people_up_is_refused(tmp_path: Path, before: str, after: str, word: str) -> None:
    path = tmp_path / "directory.toml"
    path.write_text(PEOPLE.replace(before, after), encoding="utf-8")
    with pytest.raises(BadDataFile, match=word):
        load_directory(path)


def test_every_route_names_its_source() -> None:
    assert all(route.source for route in load_routes(load_forms()).route)


def test_a_directory_in_which_nobody_holds_a_role_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "directory.toml"
    path.write_text(PEOPLE.replace('roles = ["dsl"]', 'roles = ["headteacher"]'), encoding="utf-8")
    with pytest.raises(BadDataFile, match="nobody holds the role 'dsl'"):
        load_directory(path)


def test_the_demonstration_directory_says_that_its_people_are_invented() -> None:
    assert all(person.name.startswith("Demonstration ") for person in load_directory().person)


def test_references_are_read_aloud_easily_and_do_not_repeat() -> None:
    references = {new_reference() for _ in range(2000)}
    assert len(references) == 2000
    assert all(re.fullmatch(rf"C-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", reference) for reference in references)
    assert not set("01ILO") & set(ALPHABET)
