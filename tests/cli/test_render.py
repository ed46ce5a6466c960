"""Replies as words in a terminal."""

from dataclasses import replace

from bot.desk import Desk
from bot.messages import Condition, ConditionKind, Noted, OpenQuestion, ShowSection, Step
from bot.testing import words
from integrations.cli.render import plain
from tests.web.scripted import ANSWER, SHOWN, URGENT

CONDITION = Condition(ConditionKind.EXCEPTION, "with the exception of relatives")


def test_what_the_rule_turns_on_stands_under_the_headline() -> None:
    answer = replace(ANSWER, conditions=(CONDITION,))
    for told in (plain(answer), words(answer)):
        assert told.split("\n")[:2] == [ANSWER.headline, "Exception: with the exception of relatives"]
    assert "Exception" not in plain(ANSWER)


def test_what_was_counted_and_what_is_asked_is_said_as_the_buttons_say_it() -> None:
    told = plain(replace(ANSWER, facts=(("age", "under 18"), ("consent", "none")), asks=("relative",))).split("\n")
    assert told[1:5] == [
        "Taken into account:",
        "  How old are they? Under 18",
        "  Have the parents or carers agreed? No",
        "  Are they related to you? (Yes, a relative of mine / No, not related)",
    ]


def test_a_section_is_shown_whole_with_the_clause_marked(desk: Desk) -> None:
    (section,) = desk.receive(ShowSection("reach2-online-safety", "6.2(25)"))
    shown = plain(section)
    marked = [line for line in shown.split("\n") if line.startswith(">")]
    assert [line[:9] for line in marked] == ["> 6.2(25)"]
    assert "School-sanctioned use of social media" in shown
    assert "its review was due in July 2026" in shown
    assert "In addition to the above" in words(section)


def test_sending_to_the_policy_owner_is_for_the_pages(desk: Desk) -> None:
    (question,) = desk.receive(OpenQuestion(SHOWN, "may I?"))
    assert (
        plain(question) == "Send your question to the policy owner: open this in the browser, with “touchstone serve”."
    )
    for told in (
        "No name goes with it",
        "A concern about a child does not belong here.",
        "The words that will be sent",
    ):
        assert told in words(question)


def test_what_was_noted_is_one_line() -> None:
    assert plain(Noted("Stored.", ("Nobody can see who asked.",))) == "Stored. Nobody can see who asked."
    assert words(Noted("Stored.", ("Nobody can see who asked.",))) == "Stored.\nNobody can see who asked."


def test_what_cannot_wait_is_told_in_order_steps_numbers_form_then_the_clause() -> None:
    office = replace(URGENT.reach[0], is_office=True)
    told = plain(replace(URGENT, reach=(*URGENT.reach, office), reach_note="Nobody answers.", remark="No clause."))
    order = [
        URGENT.headline, "1. If anyone is in danger now, ring 999. (guidance)", "check against the current edition",
        "01632 960101  Ann Lee, designated safeguarding lead (DSL)", "01632 960110, out of hours 01632 960111",
        "school office 01632 960101", "Nobody answers.", "Report a concern", "No clause.", "6.2(25)",
    ]  # fmt: skip
    places = [told.index(words) for words in order]
    assert places == sorted(places)


def test_the_line_of_safety_stands_under_the_answer() -> None:
    told = plain(replace(ANSWER, safety=Step("Ring 999.", "guidance")))
    assert told.index("6.2(25)") < told.index("Ring 999. (guidance)")
    assert words(replace(ANSWER, safety=Step("Ring 999.", "guidance"))).endswith("Ring 999. guidance")
