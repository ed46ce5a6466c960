"""What is wrong in a ruling is refused, with file and line and what to do."""

from pathlib import Path

import pytest

from knowledge.facts import shipped_facts
from knowledge.library import Library
from knowledge.ruling_checks import PHRASINGS, Problem, check
from knowledge.rulings import read_rulings

POLICY = Library.shipped().policy("reach2-online-safety")

HEAD = """
[[ruling]]
id = "{id}"
about = "Something"
cites = ["6.2(25)", "5.3"]
phrasings = [{phrasings}]
"""
NO = """
[[ruling.row]]
verdict = "no"
says = "No."
"""
BY_AGE = """
[[ruling.row]]
when = { age = "18 or over" }
verdict = "yes"
says = "Not barred."
argued = "An adult is no child."
[[ruling.row]]
when = { age = "under 18" }
verdict = "no"
says = "No."
[ruling.otherwise]
verdict = "depends"
says = "Not if they are under 18."
asks = ["age"]
"""


def _head(name: str = "some-ruling", first: str = "one thing") -> str:
    phrasings = [first, *(f"{name} phrasing {number}" for number in range(PHRASINGS - 1))]
    return HEAD.format(id=name, phrasings=", ".join(f'"{phrasing}"' for phrasing in phrasings))


def _problems(folder: Path, text: str) -> tuple[Problem, ...]:
    (folder / "rulings").mkdir(exist_ok=True)
    (folder / "rulings" / "some.toml").write_text(text, encoding="utf-8")
    return check(read_rulings(folder), POLICY, shipped_facts())


def _only(problems: tuple[Problem, ...], text: str) -> Problem:
    assert len(problems) == 1, [str(problem) for problem in problems]
    assert text in problems[0].what
    return problems[0]


@pytest.mark.parametrize("table", [NO, BY_AGE])
def test_a_right_ruling_is_not_complained_of(tmp_path: Path, table: str) -> None:
    assert _problems(tmp_path, _head() + table) == ()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"5.3"]', '"5.4"]', "no clause 5.4"),
        ('cites = ["6.2(25)", "5.3"]', "cites = []", "cites no clause"),
        ('age = "under 18"', 'shoe_size = "12"', "no fact 'shoe_size'"),
        ('age = "under 18"', 'age = "12"', "'12' is no value of 'age'; it has: under 18, 18 or over"),
        ('cites = ["6.2(25)", "5.3"]', 'cites = ["6.2(25)", "5.3"]\nwho = ["pupil"]', "'pupil' is no value of 'who'"),
        ('asks = ["age"]', 'asks = ["age", "relative"]', "asks for 'relative', on which no row turns"),
        ('asks = ["age"]', "asks = []", "what it asks"),
        ('verdict = "depends"', 'verdict = "yes"', "while facts are missing it depends"),
        ('when = { age = "under 18" }', 'when = { age = "18 or over" }', "row 2 can never be reached"),
        ('says = "Not barred."', 'says = "Not barred: “any adult may”."', "quotes 'any adult may'"),
        ('says = "Not barred."', "says = \"They are 'grown up'.\"", "quotes 'grown up'"),
        ('says = "Not barred."', 'says = "Not barred by 6.2(27)."', "names 6.2(27), which it does not cite"),
        ('says = "Not barred."', 'says = "..."', "says nothing"),
        ('argued = "An adult is no child."', "", "5.3 forbids without exception"),
        ('argued = "An adult is no child."', 'cites = ["9.1"]', "the row cites 9.1, the ruling does not"),
        ('argued = "An adult is no child."', 'argued = "So."\nunless = "But."', "`unless` is for an exception"),
        ('argued = "An adult is no child."', 'argued = "So."\nasks = ["age"]', "a row that does not say `depends`"),
        ('"one thing"', '"Some-ruling phrasing 3!"', "stands here twice"),
        ('"one thing"', '"?"', "no words"),
        ('"some-ruling"', '"Some Ruling"', "this is no id"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = (_head() + BY_AGE).replace(old, new, 1)
    problems = _problems(tmp_path, text)
    found = next((problem for problem in problems if complaint in problem.what), None)
    assert found is not None, [str(problem) for problem in problems]
    assert str(found).startswith(f"{tmp_path / 'rulings' / 'some.toml'}:{found.line}: ")
    assert 1 < found.line <= text.count("\n")


def test_the_line_is_that_of_the_row(tmp_path: Path) -> None:
    text = _head() + BY_AGE.replace('"under 18" }', '"12" }')
    problem = _only(_problems(tmp_path, text), "no value")
    assert text.split("\n")[problem.line - 1] == 'when = { age = "12" }'


def test_words_that_a_cited_clause_has_may_be_quoted_with_any_marks(tmp_path: Path) -> None:
    said = "No: 'friend,  follower, Subscriber or similar' and “any ex-pupil”, whoever the staff's friend is."
    assert _problems(tmp_path, _head() + NO.replace("No.", said)) == ()


def test_a_combination_that_no_row_answers_is_named(tmp_path: Path) -> None:
    rows = BY_AGE.split("[[ruling.row]]")
    text = (
        _head() + rows[0] + "[[ruling.row]]" + rows[1] + "[ruling.otherwise]" + rows[2].split("[ruling.otherwise]")[1]
    )
    assert "no row answers when age is 'under 18'" in _only(_problems(tmp_path, text), "no row answers").what


def test_facts_may_be_missing_and_something_must_be_said_then(tmp_path: Path) -> None:
    rows, otherwise = BY_AGE.split("[ruling.otherwise]")
    _only(_problems(tmp_path, _head() + rows), "write [ruling.otherwise]")
    always = _head() + rows.replace("[[ruling.row]]", "[[ruling.row]]\nexception = true\nunless = 'So.'") + NO
    _only(_problems(tmp_path, always + "[ruling.otherwise]" + otherwise), "this can never be reached")


def test_a_phrasing_belongs_to_one_ruling_however_it_is_written(tmp_path: Path) -> None:
    text = _head("first", "Can I, please?") + NO + _head("second", "can i please") + NO
    assert "is a phrasing of 'first' too" in _only(_problems(tmp_path, text), "can i please").what


def test_an_id_belongs_to_one_ruling(tmp_path: Path) -> None:
    text = _head("same", "one") + NO + _head("same", "another").replace("same phrasing", "other") + NO
    _only(_problems(tmp_path, text), "another ruling has this id")


def test_few_phrasings_are_a_warning_and_no_mistake(tmp_path: Path) -> None:
    text = HEAD.format(id="some-ruling", phrasings='"only one"') + NO
    assert _only(_problems(tmp_path, text), "1 phrasings").is_warning


def test_an_exception_that_may_still_hold_must_be_named(tmp_path: Path) -> None:
    exception = BY_AGE.split("[[ruling.row]]")[1].replace("argued", "exception = true\nargued")
    exception = f"[[ruling.row]]{exception}"
    _only(_problems(tmp_path, _head() + exception + NO), "give one an `unless`")
    assert _problems(tmp_path, _head() + exception + 'unless = "A relative may."\n' + NO) == ()


def test_a_yes_that_skips_an_exception_which_may_say_no_must_be_argued_for(tmp_path: Path) -> None:
    exception = (
        '[[ruling.row]]\nwhen = { relative = "no" }\nexception = true\nverdict = "no"\nsays = "No."\nunless = "U."\n'
    )
    yes = '[[ruling.row]]\nverdict = "yes"\nsays = "Yes."\n'
    problems = _problems(tmp_path, _head() + exception + yes)
    assert any("an earlier exception may say no" in problem.what for problem in problems)
    assert _problems(tmp_path, _head() + exception + yes + 'argued = "So."\n') == ()


def test_an_exception_without_a_condition_is_none(tmp_path: Path) -> None:
    exception = '[[ruling.row]]\nexception = true\nverdict = "no"\nsays = "No."\n'
    _only(_problems(tmp_path, _head() + exception), "always holds")


def test_a_no_of_clauses_that_bind_nobody_must_be_argued_for(tmp_path: Path) -> None:
    head = _head().replace('["6.2(25)", "5.3"]', '["6.1"]')
    _only(_problems(tmp_path, head + NO), "binds anybody")


def test_a_table_that_nobody_can_read_is_refused(tmp_path: Path) -> None:
    keys = ("who", "channel", "asker", "place", "approval", "told")
    rows = "".join(f'[[ruling.row]]\nwhen = {{ {key} = "{shipped_facts()[key].values[0]}" }}\nexception = true\n'
                   'verdict = "no"\nsays = "No."\n' for key in keys)  # fmt: skip
    _only(_problems(tmp_path, _head() + rows + NO), "make two rulings of it")
