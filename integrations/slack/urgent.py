"""An urgent answer as blocks: what to do now, and whom to ring."""

from collections.abc import Iterator

from bot.messages import Answer, Reach
from bot.wording import say
from integrations.slack.blocks import Block, context, escape, header, lines, numbered, section, sections


def now(answer: Answer) -> Iterator[Block]:
    """What cannot wait, before the form and what the policy says."""
    yield header(say("urgent.heading"))
    yield from sections(answer.headline, "*", "*")
    if answer.steps:
        yield numbered([(step.text, step.source) for step in answer.steps])
        yield context(escape(say("urgent.editions")))
    if answer.reach:
        yield section(f"*{escape(say('urgent.ring'))}*")
        yield from lines([_reached(one) for one in answer.reach])
    if answer.reach_note:
        yield from sections(answer.reach_note)


def _reached(one: Reach) -> str:
    office = f"{say('urgent.office_number')} " if one.is_office else ""
    night = f", {say('urgent.out_of_hours')} {one.out_of_hours}" if one.out_of_hours else ""
    return f"• *{escape(one.name)}*, {escape(one.role)}: {escape(office + one.telephone + night)}"
