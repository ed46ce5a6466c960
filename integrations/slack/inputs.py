"""A question of a form as the inputs of a modal: what can be filled in there, with what is filled in already."""

import re
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from bot.cases import dates
from bot.cases.forms import kinds
from bot.messages import Choice, Doubt, FormQuestion, QuestionKind
from bot.wording import say
from integrations.fields import ANSWER_PREFIX
from integrations.slack.blocks import (
    LONGEST_HINT,
    LONGEST_INPUT,
    LONGEST_LABEL,
    LONGEST_OPTION,
    MOST_OPTIONS,
    Block,
    context,
    cut,
    escape,
    input_block,
    linked,
    option,
    plain,
    section,
)

ANEW = "~"
"""Behind the name of a field that must not keep what stands in it: what follows makes the block another one."""

TEXT, CHOSEN, TICKED, DAY, TIME, PICKED = "text", "chosen", "ticked", "day", "time", "picked"
"""What fields call themselves, by their type: Slack keeps what was typed where block and field have the same names."""

PEOPLE_SUFFIX = ".people"
"""Behind the name of a question of names: its picker of colleagues."""

FEW = 10
"""How many choices Slack shows as buttons at most; more go into a menu."""

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Setting:
    """What has to be known of the form around a question.

    Attributes:
        decides: keys of the questions that others depend on.
        colleagues: member ids by id in the directory, of those who are in Slack.
        came: what stands in the fields now, by question key; nothing for a form that is new.
        link: where the form can be gone on with on the page.
    """

    decides: Collection[str] = ()
    colleagues: Mapping[str, str] = field(default_factory=dict)
    came: Mapping[str, str] = field(default_factory=dict, repr=False)
    link: str = ""


def deciding(questions: Sequence[FormQuestion]) -> frozenset[str]:
    """The keys of the questions that others depend on."""
    return frozenset(key for question in questions for condition in question.when for key in condition)


def units(text: str) -> int:
    """How long Slack may think a text is: UTF-16 units, at least as many as there are characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_too_long(question: FormQuestion) -> bool:
    """Whether what is filled in does not fit a field of Slack's: it stays where it is kept, and is not shown."""
    return units(question.value) > LONGEST_INPUT


def inputs(question: FormQuestion, setting: Setting) -> Iterator[Block]:
    """The blocks of a question: its fields, what its choices mean, and below them what is wrong, as Slack has it."""
    yield from _unjudged(question, setting)
    if question.error:
        yield context(f"⚠ *{escape(question.error)}*")


def _unjudged(question: FormQuestion, setting: Setting) -> Iterator[Block]:
    if question.taken_over:
        yield context(escape(say("form.taken_over")))
    if is_too_long(question):
        long = {"ask": question.ask, "count": f"{len(question.value):,}"}
        text = say("slack.modal.long_kept" if setting.link else "slack.modal.long_kept_here", **long)
        yield section(linked(text, setting.link, say("slack.modal.page")))
        return
    name = ANSWER_PREFIX + question.key
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.LINE:
            yield _asked(question, name, _text(question), setting)
        case QuestionKind.CHOICE | QuestionKind.YES_NO | QuestionKind.CHOICES:
            yield _asked(question, name, _choices(question), setting)
            yield from _notes(question.choices)
        case QuestionKind.DATE:
            yield _asked(question, name, _day(question.value, question), setting)
        case QuestionKind.MOMENT:
            yield from _moment(question, name, setting)
        case QuestionKind.PEOPLE:
            yield from _people(question, name, setting)
        case _:
            assert_never(question.kind)


def _asked(question: FormQuestion, name: str, element: Block, setting: Setting, *, is_optional: bool = False) -> Block:
    hint = question.help
    if question.kind is QuestionKind.TEXT and question.max_length > LONGEST_INPUT:
        longer = say("slack.modal.longer" if setting.link else "slack.modal.longer_here", limit=f"{LONGEST_INPUT:,}")
        hint = f"{hint} {longer}".strip()
    return input_block(
        name,
        cut(question.ask, LONGEST_LABEL),
        element,
        hint=cut(hint, LONGEST_HINT),
        is_optional=is_optional or not question.required,
        tells_at_once=question.key in setting.decides,
    )


def _text(question: FormQuestion) -> Block:
    is_line = question.kind is QuestionKind.LINE
    value = " ".join(question.value.split()) if is_line else question.value
    return _written(value, question.max_length, is_multiline=not is_line)


def _written(value: str, limit: int, *, is_multiline: bool) -> Block:
    """A field for text. What is in it already fits: that it is too long is for the desk to say."""
    most = min(max(limit or LONGEST_INPUT, units(value)), LONGEST_INPUT)
    made: Block = {"type": "plain_text_input", "action_id": TEXT, "multiline": is_multiline, "max_length": most}
    return made | ({"initial_value": value} if value else {})


def _choices(question: FormQuestion) -> Block:
    """Buttons for what must be chosen, a menu for what can be left open: a button cannot be let go again."""
    choices = question.choices[:MOST_OPTIONS]
    fit = _fit(choices)
    options = [option(choice.label, choice.value, choice.note if fit else "") for choice in choices]
    given = question.value.split("\n")
    chosen = [one for one in options if one["value"] in given]
    is_few = len(options) <= FEW
    if question.kind is QuestionKind.CHOICES:
        made: Block = {"type": "checkboxes" if is_few else "multi_static_select", "action_id": TICKED}
        return made | {"options": options} | ({"initial_options": chosen} if chosen else {})
    is_buttons = is_few and question.required
    made = {"type": "radio_buttons" if is_buttons else "static_select", "action_id": CHOSEN, "options": options}
    if not is_buttons:
        made["placeholder"] = plain(say("slack.modal.choose"))
    return made | ({"initial_option": chosen[0]} if chosen else {})


def _fit(choices: Sequence[Choice]) -> bool:
    """Whether each choice fits its button, with what it means."""
    return all(len(choice.note) <= LONGEST_OPTION and len(choice.label) <= LONGEST_OPTION for choice in choices)


def _notes(choices: Sequence[Choice]) -> Iterator[Block]:
    """What choosing each means, where that does not fit below it."""
    if _fit(choices):
        return
    told = [f"*{escape(choice.label)}*: {escape(choice.note)}".removesuffix(": ") for choice in choices]
    for at in range(0, len(told), FEW):
        yield context(*told[at : at + FEW])


def _day(value: str, question: FormQuestion) -> Block:
    """A field for a day; for text where what stands in it is none: nothing typed is lost."""
    if value and not _is_day(value):
        return _written(value, question.max_length, is_multiline=False)
    return {"type": "datepicker", "action_id": DAY} | ({"initial_date": value} if value else {})


def _is_day(value: str) -> bool:
    with suppress(ValueError):
        return date.fromisoformat(value).isoformat() == value
    return False


def _moment(question: FormQuestion, name: str, setting: Setting) -> Iterator[Block]:
    """Its day, its time, and whether it is rough."""
    day, at, is_rough = dates.parts(question.value)
    yield _asked(question, name, _day(day, question), setting)
    if at and not _TIME.fullmatch(at):
        time = _written(at, question.max_length, is_multiline=False)
    else:
        time = {"type": "timepicker", "action_id": TIME} | ({"initial_time": at} if at else {})
    yield input_block(f"{name}.time", say("form.time"), time, is_optional=True)
    rough = option(say("form.rough"), "yes")
    ticked: Block = {"type": "checkboxes", "action_id": TICKED, "options": [rough]}
    ticked |= {"initial_options": [rough]} if is_rough else {}
    yield input_block(f"{name}.about", say("slack.modal.exact"), ticked, is_optional=True)


def _people(question: FormQuestion, name: str, setting: Setting) -> Iterator[Block]:
    """A field for names as typed; for those who work here a picker beside it; and who is meant, where that is open."""
    doubted = {doubt.name for doubt in question.doubts}
    named = kinds.named(question.value)
    picked = [one for one in named if question.struck and one.person in setting.colleagues and one.name not in doubted]
    typed = "\n".join(one.name for one in named if one not in picked)
    is_apart = bool(question.doubts) and _lines(typed) != _lines(setting.came.get(question.key, ""))
    field_name = name + (anew() if is_apart else "")
    element = _written(typed, LONGEST_INPUT, is_multiline=True)
    yield _asked(question, field_name, element, setting, is_optional=question.struck)
    if question.struck:
        picker: Block = {
            "type": "multi_users_select",
            "action_id": PICKED,
            "placeholder": plain(say("slack.modal.choose")),
        }
        users = list(dict.fromkeys(setting.colleagues[one.person] for one in picked))
        picker |= {"initial_users": users} if users else {}
        yield input_block(name + PEOPLE_SUFFIX, say("slack.modal.colleagues"), picker, is_optional=True)
    yield from (_meant(doubt, f"{name}.means.{number}{anew()}") for number, doubt in enumerate(question.doubts))


def _meant(doubt: Doubt, name: str) -> Block:
    """Who is meant by a name. It is another block each time: what was chosen for one name must not stay for another."""
    options = [option(choice.label, choice.value) for choice in doubt.choices[:FEW]]
    chosen = [one for one in options if one["value"] == doubt.chosen]
    made: Block = {"type": "radio_buttons", "action_id": CHOSEN, "options": options}
    made |= {"initial_option": chosen[0]} if chosen else {}
    return input_block(name, label_of(doubt.name), made)


def label_of(name: str) -> str:
    """The question whom a name means, by which the name is found again among those that were typed."""
    return cut(say("form.means", name=name), LONGEST_LABEL)


def anew() -> str:
    """What makes the name of a field another one."""
    return ANEW + secrets.token_hex(4)


def _lines(names: str) -> list[str]:
    return [one.name for one in kinds.named(names)]
