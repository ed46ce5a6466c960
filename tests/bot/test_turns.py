import pytest

from bot.talk.turns.turns import SHORT, About, read_turn


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("who do I tell?", About.WHO),
        ("ok so who should i report that to", About.WHO),
        ("why?", About.WHY),
        ("How come?", About.WHY),
        ("where does it say that", About.WHERE),
        ("which clause is that", About.WHERE),
        ("show me the whole clause please", About.WHOLE),
        ("what's the exact wording", About.WHOLE),
        ("which version is this?", About.VERSION),
        ("is that still up to date", About.VERSION),
        ("can I ring a parent from my mobile", None),
        ("who may open an account for the school on a new site", None),
    ],
)
def test_what_is_asked_about_the_answer_before(text: str, about: About | None) -> None:
    assert read_turn(text).about == about


def test_a_long_message_asks_for_more_than_the_answer_before() -> None:
    assert read_turn("who do I tell " + "about it all " * SHORT).about is None


@pytest.mark.parametrize(
    "text", ["and if she's my niece?", "what about parents?", "even if it's private", "linkedin then?"]
)
def test_what_leans_on_the_message_before(text: str) -> None:
    assert read_turn(text).leans


@pytest.mark.parametrize("text", ["can staff use phones on a trip", "Passwords: how often must they be changed?"])
def test_what_stands_alone(text: str) -> None:
    turn = read_turn(text)
    assert not turn.leans
    assert not turn.corrects


@pytest.mark.parametrize("text", ["oh sorry, 26!!", "no I meant a current pupil", "sorry i mean the school ipad"])
def test_what_takes_back_what_was_said(text: str) -> None:
    assert read_turn(text).corrects


@pytest.mark.parametrize(
    ("text", "bare"), [("yes", True), ("yep she is", True), ("nah", False), ("not yet", False), ("maybe", None)]
)
def test_a_bare_yes_or_no(text: str, bare: bool | None) -> None:  # noqa: FBT001 (what is expected)
    assert read_turn(text).bare is bare


@pytest.mark.parametrize(
    ("text", "is_question"),
    [
        ("can i keep my phone on", True),
        ("is that ok", True),
        ("phones on trips?", True),
        ("what do we do with old accounts", True),
        ("not sure if the form is needed", True),
        ("a pupil has sent me a message", False),
        ("I babysit for a family in my class", False),
        ("", False),
    ],
)
def test_the_form_of_a_question(text: str, is_question: bool) -> None:  # noqa: FBT001 (what is expected)
    assert read_turn(text).is_question is is_question
