import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.turns.parts import MOST, questions


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Can I keep my phone on in class? And do parents have to sign for photos?",
            ("Can I keep my phone on in class?", "And do parents have to sign for photos?"),
        ),
        (
            "can a TA post on the school page and who checks the comments there",
            ("can a TA post on the school page", "who checks the comments there"),
        ),
        (
            "We had a trip today. Can I put up the photos? Also what about the names of the children? Thanks",
            ("We had a trip today. Can I put up the photos?", "Also what about the names of the children? Thanks"),
        ),
    ],
)
def test_two_questions_are_taken_apart_each_with_what_stands_before_it(text: str, parts: tuple[str, ...]) -> None:
    assert questions(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "can I keep my phone on and in my pocket",
        "My dad is in hospital. They may ring. Can I keep my phone on?",
        "is it ok? really?",
        "a parent added me and a pupil messaged me",
        "can I? may I? do I? is it? what then? who says so to whom? when does it begin and how long is it?",
        "",
    ],
)
def test_one_question_and_a_story_stay_whole(text: str) -> None:
    assert questions(text) == (text,)


@given(st.text(max_size=200))
def test_no_word_is_lost_or_added(text: str) -> None:
    parts = questions(text)
    assert 1 <= len(parts) <= MOST
    if len(parts) == 1:
        assert parts == (text,)
    else:
        assert set(" ".join(parts).split()) <= set(text.split())
