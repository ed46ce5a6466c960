"""The kinds of answer: understood as people write them, and refused in words that help."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases import dates
from bot.cases.forms import kinds
from bot.cases.forms.model import Bound, ChoiceSpec, QuestionSpec
from bot.messages import MEANS, QuestionKind

NOW = datetime(2026, 6, 15, 14, 10, tzinfo=UTC)  # ten past three in an English summer
CHOICES = (ChoiceSpec("one", "The one"), ChoiceSpec("two", "The other"), ChoiceSpec("three", "Neither"))
EVERY_KIND = [
    QuestionSpec("q", QuestionKind.CHOICE, "?", "-", choice=CHOICES),
    QuestionSpec("q", QuestionKind.CHOICES, "?", "-", choice=CHOICES),
    QuestionSpec("q", QuestionKind.YES_NO, "?", "-"),
    QuestionSpec("q", QuestionKind.TEXT, "?", "-", max_length=20),
    QuestionSpec("q", QuestionKind.LINE, "?", "-", max_length=20),
    QuestionSpec("q", QuestionKind.DATE, "?", "-", latest=Bound.TODAY),
    QuestionSpec("q", QuestionKind.MOMENT, "?", "-", latest=Bound.TODAY),
    QuestionSpec("q", QuestionKind.PEOPLE, "?", "-", max_length=20, most=3),
]
BY_KIND = {question.kind: question for question in EVERY_KIND}


@pytest.mark.parametrize(
    ("kind", "typed", "stored", "read"),
    [
        ("choice", " one ", "one", "The one"),
        ("choices", "two\none\n two", "one\ntwo", "The one\nThe other"),
        ("yes_no", "yes", "yes", "Yes"),
        ("text", "  a\n\n b ", "a\n\n b", "a\n\n b"),
        ("line", " a \n b ", "a b", "a b"),
        ("date", "14/6/2026", "2026-06-14", "14 June 2026"),
        ("date", "14.06.2026", "2026-06-14", "14 June 2026"),
        ("date", "14th June 2026", "2026-06-14", "14 June 2026"),
        ("date", "1 sept. 2025", "2025-09-01", "1 September 2025"),
        ("moment", "2026-06-14", "2026-06-14", "14 June 2026"),
        ("moment", "2026-06-14T09:05", "2026-06-14 09:05", "14 June 2026, 09:05"),
        ("moment", "14 June 2026, 3.10 pm", "2026-06-14 15:10", "14 June 2026, 15:10"),
        ("moment", "14 June 2026 at 12 am", "2026-06-14 00:00", "14 June 2026, 00:00"),
        ("moment", "about  14/6/2026", "about 2026-06-14", "about 14 June 2026"),
        ("people", " Ann  Lee \n\nAnn Lee\nB. C.", "Ann Lee\nB. C.", "Ann Lee\nB. C."),
        ("people", f"Ann Lee{MEANS}p-7", f"Ann Lee{MEANS}p-7", "Ann Lee"),
        ("text", "cut \ud83d", "cut \ufffd", "cut \ufffd"),
    ],
)
def test_an_answer_is_understood_as_people_write_it_and_read_in_words(
    kind: str, typed: str, stored: str, read: str
) -> None:
    question = BY_KIND[QuestionKind(kind)]
    assert kinds.canonical(question, typed) == stored
    assert kinds.in_words(question, stored) == read
    assert kinds.fault(question, stored, NOW) == ""


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("choice", "four", "Choose one of the answers shown"),
        ("choices", "one\nfour", "Choose one of the answers shown"),
        ("yes_no", "perhaps", "Choose one of the answers shown"),
        ("text", "x" * 21, "This can have 20 characters; take out 1"),
        ("line", "x" * 23, "This can have 20 characters; take out 3"),
        ("date", "last week", "Write a date such as 14 November 2026 or 14/11/2026"),
        ("date", "14/6/26", "Write a date such as 14 November 2026 or 14/11/2026"),
        ("date", "31/06/2026", "June 2026 has 30 days"),
        ("date", "2026-02-29", "February 2026 has 28 days"),
        ("date", "0 June 2026", "June 2026 has 30 days"),
        ("date", "06/14/2026", "There is no month 14: write day, month and year"),
        ("date", "0026-06-14", "Is the year right? It says 0026"),
        ("date", "2026-06-16", "16 June 2026 is still to come"),
        ("moment", "15:10", "Give the day as well"),
        ("moment", "14/6/2026 25:10", "Write a time such as 15:10"),
        ("moment", "14/6/2026 13 pm", "Write a time such as 15:10"),
        ("moment", "2026-06-15 15:30", "It is not yet 15:30"),
        ("moment", "31 June 2026 10:00", "June 2026 has 30 days"),
        ("people", "a\nb\nc\nd", "At most 3 names fit here; take out 1, or write them into another answer"),
        ("people", "a\n" + "x" * 21, "This can have 20 characters; take out 1"),
    ],
)
def test_what_is_wrong_is_said_in_words_and_stays_as_it_was_typed(kind: str, typed: str, said: str) -> None:
    question = BY_KIND[QuestionKind(kind)]
    stored = kinds.canonical(question, typed)
    assert stored.split() == typed.split()
    assert kinds.fault(question, stored, NOW) == said


@pytest.mark.parametrize("typed", ["15/6/2026 15:20", "about 15/6/2026 18:00", "15/6/2026"])
def test_a_time_of_today_may_be_a_little_ahead_of_our_clock_or_rough(typed: str) -> None:
    question = BY_KIND[QuestionKind.MOMENT]
    assert kinds.fault(question, kinds.canonical(question, typed), NOW) == ""


def test_today_is_the_schools_today() -> None:
    just_after_midnight_in_england = datetime(2026, 6, 14, 23, 30, tzinfo=UTC)
    assert kinds.fault(BY_KIND[QuestionKind.DATE], "2026-06-15", just_after_midnight_in_england) == ""


def test_a_day_may_be_held_to_be_no_earlier_than_today() -> None:
    question = QuestionSpec("q", QuestionKind.DATE, "?", "-", earliest=Bound.TODAY)
    assert kinds.fault(question, "2026-06-14", NOW) == "14 June 2026 is past"
    assert kinds.fault(question, "2026-06-15", NOW) == ""


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ("", ("", "", False)),
        ("about 2026-06-14 09:05", ("2026-06-14", "09:05", True)),
        ("31 June 2026 9:05", ("31 June 2026", "09:05", False)),
        ("2026-06-14 25:99", ("2026-06-14", "25:99", False)),
        ("15:10", ("", "15:10", False)),
        ("some day", ("some day", "", False)),
    ],
)
def test_a_moment_is_parted_for_its_fields_and_nothing_typed_is_lost(typed: str, fields: tuple[str, str, bool]) -> None:
    assert dates.parts(typed) == fields


@given(st.sampled_from(EVERY_KIND), st.text(max_size=60))
def test_whatever_is_typed_is_stored_the_same_a_second_time_and_never_breaks(
    question: QuestionSpec, typed: str
) -> None:
    stored = kinds.canonical(question, typed)
    assert kinds.canonical(question, stored) == stored
    kinds.fault(question, stored, NOW)
    kinds.in_words(question, stored)
    dates.parts(stored)


@given(st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31)), st.booleans(), st.booleans())  # noqa: DTZ001 (a day and a time, no moment)
def test_every_moment_is_read_as_it_was_written(moment: datetime, has_time: bool, is_rough: bool) -> None:  # noqa: FBT001 (hypothesis gives them)
    at = moment.time().replace(second=0, microsecond=0) if has_time else None
    written = dates.Moment(moment.date(), at, is_rough)
    assert dates.read_moment(str(written)) == written
    assert dates.read_moment(written.in_words()) == written


def test_names_carry_whom_they_mean_and_only_names_are_read() -> None:
    found = kinds.named(f"Ann{MEANS}p-1\n \nBen\n{MEANS}p-2")
    assert found == (kinds.Named("Ann", "p-1"), kinds.Named("Ben"))
