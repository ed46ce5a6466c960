"""What can be pressed under an answer: ids, facts and labels in each button, and never words that somebody wrote."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.messages import Answer
from bot.wording import say
from integrations.shown import fact_choices, fact_label, fact_question
from integrations.slack import modals
from integrations.slack.blocks import LONGEST_VALUE, MOST_ELEMENTS, Block, actions, button, context, escape, section
from knowledge.rulings import Verdict

FACT = "fact"
"""The beginning of the id of a button under "it depends"; a number follows after a full stop."""
MEANING = "meaning"
"""Likewise, of a button for what a message may mean."""
CHANGE = "change_facts"
SECTION = "section"
SHARE = "share"
HELPFUL = "helpful"
UNHELPFUL = "unhelpful"
SEND_QUESTION = "send_question"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a message has to know of the world around it.

    Attributes:
        address: of the pages, without a slash at its end; empty where people cannot open them.
        forms: for the name of each form, its title.
        thread: of the conversation, which its buttons carry.
        held: under which name the answer and its question are held, which its buttons carry; empty for nothing held.
        rated: the random id by which a rating of it counts once.
        can_share: whether it is in a channel, where others could see it.
        asked: facts that the answer before asked for: whatever the answer came to, they can still be told.
        is_open: whether the facts that were taken into account are shown to be changed.
    """

    address: str = ""
    forms: Mapping[str, str] = field(default_factory=dict)
    thread: str = ""
    held: str = ""
    rated: str = ""
    can_share: bool = False
    asked: tuple[str, ...] = ()
    is_open: bool = False


def meanings(answer: Answer, setting: Setting) -> Iterator[Block]:
    """What it may mean, a button each."""
    buttons = [
        button(one.about, f"{MEANING}.{at}", _value(setting, p=one.policy, r=one.ruling))
        for at, one in enumerate(answer.means)
    ]
    if buttons:
        yield actions(buttons)


def facts(answer: Answer, setting: Setting) -> Iterator[Block]:
    """What was taken into account, to be set right, and what is asked back, a button each."""
    if answer.ruling is None:
        return
    told = dict(answer.facts)
    still = tuple(key for key in setting.asked if key not in {*told, *answer.asks})
    keys = (*told, *answer.asks, *still)
    count = 0
    if told:
        lines = [f"{escape(fact_question(key))} *{escape(fact_label((key, value)))}*" for key, value in told.items()]
        yield context(escape(say("answer.facts")), *lines[:9])
    rows = [(key, told.get(key, "")) for key in ((*told, *still) if setting.is_open else ())]
    rows += [(key, "") for key in answer.asks]
    if answer.asks:
        yield section(escape(say("answer.turns_on")))
    given = {"p": answer.ruling.policy, "r": answer.ruling.id, "f": told, "a": keys}
    for key, known in rows:
        choices = [(choice.label, choice.value) for choice in fact_choices(key)]
        choices += [(say("answer.unsaid"), "")] if known else []
        buttons = []
        for label, value in choices[:MOST_ELEMENTS]:
            style = "primary" if known and value == known else ""
            buttons.append(button(label, f"{FACT}.{count}", _value(setting, k=key, v=value, **given), style=style))
            count += 1
        yield section(f"*{escape(fact_question(key))}*")
        if buttons:
            yield actions(buttons)
    if (told or still) and not setting.is_open:
        words = say("answer.change_or_add") if still else say("answer.change")
        yield actions([button(words, CHANGE, _value(setting, **given))])


def feedback(answer: Answer, setting: Setting) -> Iterator[Block]:
    """Helpful or not, the way to the policy owner, the section, and sharing."""
    elements: list[Block] = []
    if answer.citations:
        first = answer.citations[0].clause
        elements.append(button(say("section.open"), SECTION, json.dumps({"p": first.policy, "l": str(first.label)})))
    if setting.can_share and setting.held and answer.verdict is not None:
        elements.append(button(say("slack.asking.share"), SHARE, json.dumps({"m": setting.held, "t": setting.thread})))
    if answer.shown is not None:
        given = json.dumps({"h": setting.rated, "m": setting.held, **modals.carries(answer.shown)})
        if answer.verdict is Verdict.NOT_COVERED:
            yield section(escape(say("feedback.offer_not_covered")))
        sends = "primary" if answer.verdict is Verdict.NOT_COVERED else ""
        elements += [
            button(say("slack.asking.helpful"), HELPFUL, given),
            button(say("slack.asking.unhelpful"), UNHELPFUL, given),
            button(say("slack.asking.not_answered"), SEND_QUESTION, given, style=sends),
        ]
    if elements:
        yield actions(elements)


def _value(setting: Setting, **given: object) -> str:
    """What a button carries: ids and facts, and where its conversation is."""
    whole = {**given, "t": setting.thread, "m": setting.held}
    value = json.dumps(whole, separators=(",", ":"))
    return value if len(value) <= LONGEST_VALUE else json.dumps({**whole, "a": []}, separators=(",", ":"))
