"""Messages: whatever the desk answers fits Slack's limits, and what was told to anybody never stands in one."""

from dataclasses import replace
from datetime import date

import pytest

from bot.messages import (
    Answer,
    AttachmentContent,
    Condition,
    ConditionKind,
    ExportFile,
    Intent,
    Meaning,
    Noted,
    OwnView,
    Reach,
    Reply,
    RetentionView,
    RuledBy,
    SendQuestion,
    Step,
)
from bot.wording import say
from integrations.slack import modals
from integrations.slack.forms import Page
from integrations.slack.pressing import Setting
from integrations.slack.render import message, shared, spoken
from integrations.slack.room import Message
from knowledge.facts import shipped_facts
from knowledge.model import Citation
from knowledge.rulings import Verdict
from tests.slack.fake.blocks import check_message, check_view
from tests.web.scripted import (
    ACCOUNT,
    ANSWER,
    CASE,
    FORM,
    INBOX,
    KEPT,
    OFFERS,
    RECEIPT,
    SECTION,
    STANDING,
    URGENT,
)
from tests.web.scripted import question_view as asked

SETTING = Setting("https://touchstone.example.sch.uk", {}, "1795000000.000100", "a" * 32, "b" * 32, can_share=True)
CANARY = "zebra-lantern-4471"
LONG = "Staff <must> & *should* not_do `this`. " * 400
"""Longer than any block takes, with every sign that means something."""


def _checked(made: Message) -> None:
    check_message(list(made.blocks))
    assert made.text
    assert len(made.text) < 4000


def long_clause(citation: Citation) -> Citation:
    clause = replace(citation.clause, text=LONG, lead_in=LONG[:2000], headings=(LONG[:200], LONG[:200]))
    return replace(citation, clause=clause, title=LONG[:200])


LONGEST = Answer(
    Intent.QUESTION,
    Verdict.DEPENDS,
    LONG,
    tuple(long_clause(one) for one in (ANSWER.citations * 3)[:5]),
    asks=tuple(list(shipped_facts())[:8]),
    offers=("report_concern", "disclose_contact", "ask_permission", "explain_judgement", "sign_agreement"),
    conditions=tuple(Condition(kind, LONG[:2500]) for kind in ConditionKind),
    ruling=RuledBy("reach2-online-safety", "r" * 200, date(2026, 9, 1)),
    facts=tuple((key, fact.choices[0].value) for key, fact in list(shipped_facts().items())[8:20]),
    deciding=(0, 1),
    means=tuple(Meaning("p", "r" * 100, LONG[:300]) for _ in range(3)),
    withdraws=True,
    remark=LONG,
    safety=Step(LONG[:1000], LONG[:300]),
)


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_longest_answer_fits_slacks_limits(verdict: Verdict, *, is_open: bool) -> None:
    answer = replace(LONGEST, verdict=verdict)
    made = message(answer, replace(SETTING, is_open=is_open, asked=tuple(shipped_facts())))
    _checked(made)
    assert [one["action_id"] for one in made.blocks[-1]["elements"]][-3:] == ["helpful", "unhelpful", "send_question"]
    assert any(
        one.get("action_id") == "tell_someone" for block in made.blocks[-3:] for one in block.get("elements", ())
    )
    assert say("slack.asking.goes_on") in repr(made.blocks), "that something is left out is said"
    check_message(list(shared((answer,), SETTING, "U1", LONG).blocks))


def test_the_longest_urgent_answer_fits_with_the_steps_and_the_form_in_it() -> None:
    steps = tuple(Step(LONG[:700], LONG[:200]) for _ in range(12))
    reach = tuple(Reach(LONG[:100], LONG[:100], "01632 960101", "01632 960102") for _ in range(12))
    made = message(
        replace(URGENT, citations=LONGEST.citations, deciding=(0, 1, 2, 3, 4), steps=steps, reach=reach), SETTING
    )
    _checked(made)
    assert any(block["type"] == "actions" for block in made.blocks)
    assert "rich_text_list" in repr(made.blocks)


@pytest.mark.parametrize("intent", list(Intent))
def test_what_asks_nothing_of_the_policy_is_a_sentence_and_the_way_to_tell_someone(intent: Intent) -> None:
    made = message(Answer(intent, None, "Hello."), SETTING)
    _checked(made)
    (last,) = [block for block in made.blocks if block["type"] == "actions"]
    way = ["walk_open"] if intent is Intent.INDUCTION else []
    assert [one["action_id"] for one in last["elements"]] == [*way, "tell_someone"]


OF_CASES: tuple[Reply, ...] = (
    CASE,
    INBOX,
    STANDING,
    KEPT,
    RECEIPT,
    ACCOUNT,
    FORM,
    OFFERS,
    OwnView(CANARY, (CANARY,), ()),
    RetentionView(CANARY, (CANARY,), ()),
    ExportFile(CANARY, "application/json", b"{}"),
    AttachmentContent(CANARY, 5, iter([b""])),
)


@pytest.mark.parametrize("reply", OF_CASES, ids=lambda reply: type(reply).__name__)
def test_nothing_of_a_case_or_a_report_stands_in_a_message(reply: Reply) -> None:
    made = message(reply, SETTING)
    _checked(made)
    whole = repr(made) + repr(made.blocks)
    for told in (CANARY, KEPT.code, RECEIPT.reference, *(one.answer for one in CASE.answers), CASE.row.reference):
        assert told not in whole


def test_a_long_section_fits_a_window_and_says_that_it_goes_on() -> None:
    passages = tuple(replace(SECTION.passages[0], text=LONG) for _ in range(60))
    view = modals.reply(replace(SECTION, passages=passages), Page(SETTING.address))
    check_view(view, {"modal"})
    assert say("slack.asking.goes_on") in repr(view)
    _checked(message(replace(SECTION, passages=passages), SETTING))


def test_a_long_question_to_the_policy_owner_fits_a_window_and_its_words_stand_in_the_field_alone() -> None:
    shown = replace(ANSWER.shown, labels=("9.9(99)",) * 5) if ANSWER.shown else None
    assert shown
    view = modals.reply(asked(SendQuestion("d" * 32, shown, CANARY * 100)), Page(""))
    check_view(view, {"modal"})
    assert CANARY not in view["private_metadata"]


def test_a_sentence_is_itself_in_the_notification() -> None:
    assert spoken("Noted.").text == "Noted."
    _checked(message(Noted("Noted.", ("They can see how to reach you.",)), SETTING))


def test_where_people_cannot_open_the_pages_no_message_says_that_something_is_there() -> None:
    passages = tuple(replace(SECTION.passages[0], text=LONG) for _ in range(60))
    for reply in (CASE, replace(SECTION, passages=passages)):
        assert "on the page" in repr(message(reply, SETTING).blocks)
        assert "on the page" not in repr(message(reply, replace(SETTING, address="")).blocks)


def test_an_answer_with_one_long_clause_shows_as_much_of_it_as_slack_takes_and_the_buttons() -> None:
    """Four decisive clauses, each within its own limit, are more than one message takes."""
    clauses = tuple(
        replace(one, clause=replace(one.clause, text="A clause of the policy. " * 200))
        for one in ANSWER.citations[:1] * 4
    )
    made = message(replace(ANSWER, citations=clauses, deciding=(0, 1, 2, 3)), SETTING)
    _checked(made)
    quotes = [block for block in made.blocks if block["type"] == "rich_text"]
    assert len(quotes) >= 2
    assert repr(made.blocks).count("A clause of the policy.") > 350
    assert made.blocks[-1]["type"] == "actions"
