from dataclasses import replace
from datetime import date
from math import sqrt

from bot.messages import Intent
from bot.talk.answering.choosing import CONTRARY, YES_FROM, choose
from bot.talk.answering.intents import intent_of, offers_for
from index.families import Family, Sought, Understood
from knowledge.kinds import Kind
from knowledge.library import Reviewed
from knowledge.rulings import FormName, Otherwise, Row, Ruling, Verdict


def _ruling(name: str, verdict: Verdict, *offers: FormName) -> Reviewed:
    return Reviewed(
        "p", Ruling(name, name, ("1.1",), ("words",), (Row(verdict, "It says."),), None, offers), date(2026, 1, 1)
    )


def _understood(*shares: tuple[Reviewed | Kind, float]) -> Understood:
    return Understood(tuple(Sought(Family(of), share) for of, share in sorted(shares, key=lambda one: -one[1])))


NO, ANOTHER_NO, YES = (_ruling(name, Verdict(name.split("-", maxsplit=1)[0])) for name in ("no-1", "no-2", "yes-1"))
OPEN = Reviewed(
    "p",
    Ruling(
        "by-age",
        "By age",
        ("1.1",),
        ("words",),
        (Row(Verdict.YES, "Yes.", {"age": "18 or over"}),),
        Otherwise(Verdict.DEPENDS, "Turns on it.", ("age",)),
    ),
    date(2026, 1, 1),
)
REPORT = Kind("told", "report_concern", "Told", ("words",))
HELLO = Kind("hello", "smalltalk", "Hello", ("words",))


def test_nothing_is_chosen_where_no_ruling_comes_near() -> None:
    assert choose(Understood(), {}) is None
    assert choose(_understood((REPORT, 1.0)), {}) is None


def test_what_most_of_the_likelihood_says_is_chosen_and_of_that_the_likeliest() -> None:
    chosen = choose(_understood((YES, 0.2), (NO, 0.45), (ANOTHER_NO, 0.35)), {})
    assert chosen is not None
    assert (chosen.ruling, chosen.others) == (NO, ())
    chosen = choose(_understood((OPEN, 0.4), (NO, 0.35), (ANOTHER_NO, 0.25)), {})
    assert chosen is not None
    assert chosen.ruling == NO


def test_the_contrary_is_not_passed_over_where_it_is_likely() -> None:
    line = 1 / (1 + sqrt(1 / CONTRARY - 1))  # squared, it is the share CONTRARY of both squares
    share = line + 0.02
    chosen = choose(_understood((YES, share), (NO, 1 - share)), {})
    assert chosen is not None
    assert (chosen.ruling, chosen.others) == (NO, (YES,))
    share = line - 0.02
    chosen = choose(_understood((YES, share), (NO, 1 - share)), {})
    assert chosen is not None
    assert chosen.others == ()


def test_what_is_known_counts_in_the_choice() -> None:
    understood = _understood((OPEN, 0.6), (NO, 0.4))
    chosen = choose(understood, {})
    assert chosen is not None
    assert chosen.ruling == OPEN
    assert chosen.others == ()
    chosen = choose(understood, {"age": "18 or over"})
    assert chosen is not None
    assert chosen.others == (NO,)


def test_what_a_message_wants_is_what_is_likeliest() -> None:
    assert intent_of(_understood((HELLO, 0.6), (NO, 0.4)), is_question=False) is Intent.SMALLTALK
    assert intent_of(_understood((HELLO, 0.4), (NO, 0.6)), is_question=True) is Intent.QUESTION
    assert intent_of(Understood(), is_question=True) is Intent.QUESTION


def test_what_is_told_and_not_asked_is_told() -> None:
    """A message without the form of a question, about something for which a ruling has a form."""
    incident = _ruling("info-1", Verdict.INFO, "report_concern")
    assert intent_of(_understood((incident, 0.8), (NO, 0.2)), is_question=False) is Intent.REPORT_CONCERN
    assert intent_of(_understood((incident, 0.8), (NO, 0.2)), is_question=True) is Intent.QUESTION
    assert intent_of(_understood((REPORT, 0.35), (NO, 0.65)), is_question=False) is Intent.REPORT_CONCERN


def test_the_form_of_what_the_person_wants_comes_before_those_of_the_ruling() -> None:
    ruling = _ruling("info-2", Verdict.INFO, "explain_judgement", "report_concern").ruling
    assert offers_for(Intent.REPORT_CONCERN, ruling) == ("report_concern", "explain_judgement")
    assert offers_for(Intent.QUESTION, ruling) == ("explain_judgement", "report_concern")
    assert offers_for(Intent.QUESTION) == ()
    assert offers_for(Intent.DISCLOSE_CONTACT) == ("disclose_contact",)


def test_a_ruling_about_other_people_is_passed_over_while_one_about_these_is_near() -> None:
    about_pupils = replace(NO, ruling=replace(NO.ruling, who=("current pupil",)))
    about_leavers = replace(YES, ruling=replace(YES.ruling, who=("former pupil",)))
    understood = _understood((about_pupils, 0.6), (about_leavers, 0.3), (REPORT, 0.1))
    for who, expected in ((None, about_pupils), ("current pupil", about_pupils), ("former pupil", about_leavers)):
        chosen = choose(understood, {}, who)
        assert chosen is not None
        assert chosen.ruling == expected
    alone = choose(_understood((about_pupils, 0.4), (REPORT, 0.6)), {}, "former pupil")
    assert alone is not None
    assert alone.ruling == about_pupils


def test_no_yes_is_given_on_a_guess() -> None:
    assert choose(_understood((YES, YES_FROM - 0.01), (REPORT, 0.7)), {}) is None
    assert choose(_understood((YES, YES_FROM + 0.01), (REPORT, 0.7)), {}) is not None
    assert choose(_understood((NO, YES_FROM - 0.01), (REPORT, 0.7)), {}) is not None
