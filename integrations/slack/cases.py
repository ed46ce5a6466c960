"""A case as blocks: for those whose job it is, with what they can do to it, and what its sender sees of it."""

import json
from collections.abc import Iterable, Iterator

from bot.cases import dates
from bot.messages import ActForm, CaseAnswer, CaseState, CaseView, ChronologyRow, InboxRow, InboxView, Looked, OwnView
from bot.wording import say
from integrations.slack import inputs
from integrations.slack.blocks import (
    LONGEST_SECTION,
    LONGEST_TITLE,
    MOST_ELEMENTS,
    MOST_IN_VIEW,
    Block,
    actions,
    button,
    context,
    cut,
    divider,
    escape,
    header,
    linked,
    modal,
    section,
    sections,
)
from integrations.slack.inputs import Setting
from integrations.slack.submitted import CarriedAct

CASE, ACT = "case", "act"
"""Which handler hears of a case's modal, and of the form of an act."""

OPEN_CASE = "open_case"
DO = "do"
"""The beginning of the id of the button of an act; its name follows after a full stop."""

BIGGEST = 200_000
"""Bytes of blocks that we put into a view; Slack takes 250,000 with all that is around them."""

ROWS = 20
"""How many cases the inbox in App Home lists; the page lists all."""


def case(view: CaseView, link: str) -> Block:
    """A case, opened. What does not fit stands on the page."""
    blocks = [*fitting([*_told_first(view), *_do(view), *_told(view)]), _rest(link)]
    return modal(CASE, view.row.reference, blocks, metadata=view.row.reference, close=say("slack.modal.close"))


def fitting(blocks: Iterable[Block]) -> Iterator[Block]:
    """As many blocks as a view takes beside one more, which says where the rest is."""
    size = 0
    for number, block in enumerate(blocks, start=1):
        size += len(json.dumps(block))
        if number >= MOST_IN_VIEW or size > BIGGEST:
            return
        yield block


def _told_first(view: CaseView) -> Iterator[Block]:
    if view.notice:
        yield section(f"⚠ *{escape(view.notice)}*")
    if view.done:
        yield section(f"*{escape(view.done)}*")
    yield header(view.row.form)
    yield section(_row(view.row), escape(say("standing.received", moment=dates.moment_in_words(view.row.received))))
    yield context(escape(say("case.recorded")))
    for fact in view.facts:
        yield _plain(fact)


def _do(view: CaseView) -> Iterator[Block]:
    """What can be done: the act's name on the button, its reference and the id of this showing in it."""
    if not view.acts:
        return
    buttons = [
        button(act.title, f"{DO}.{act.act}", f"{view.row.reference} {act.form}", style="primary" if at == 0 else "")
        for at, act in enumerate(view.acts)
    ]
    yield actions(buttons[:MOST_ELEMENTS])
    plain = [act for act in view.acts if not act.questions and act.says]
    if plain:
        yield context(*(f"*{escape(act.title)}*: {escape(act.says)}" for act in plain))


def _told(view: CaseView) -> Iterator[Block]:
    yield divider()
    yield header(say("case.told"))
    yield from _answers(view.answers)
    if view.attachments:
        names = "\n".join(f"• {one.name} ({one.type}, {one.size})" for one in view.attachments)
        yield header(say("attach.heading"))
        yield from sections(f"{say('attach.never_shown')}\n{names}")
    yield divider()
    yield header(say("case.sent_to"))
    yield from sections("\n".join(f"• {one.who}: {_seen(one)}" for one in view.row.seen))
    yield header(say("case.happened"))
    yield from happened(view.chronology)


def _seen(one: Looked) -> str:
    if one.acknowledged:
        return say("case.acknowledged", at=dates.moment_in_words(one.acknowledged))
    return say("case.opened", at=dates.moment_in_words(one.opened)) if one.opened else say("case.unopened")


def _answers(answers: Iterable[CaseAnswer]) -> Iterator[Block]:
    for told in answers:
        yield context(f"*{escape(told.ask)}*")
        yield from sections(told.answer)


def happened(rows: Iterable[ChronologyRow]) -> Iterator[Block]:
    """What happened, in order, with what was written."""
    lines: list[str] = []
    for row in rows:
        detail = f" ({row.detail})" if row.detail else ""
        lines.append(f"{dates.moment_in_words(row.at)}: {row.what} {row.who}{detail}".strip())
        lines += [f"    {said.ask}: {said.answer}" for said in row.said]
    yield from sections("\n".join(lines))


def act_form(act: ActForm, reference: str) -> Block:
    """The form of an act."""
    blocks = list(sections(act.says)) + [
        one for question in act.questions for one in inputs.inputs(question, Setting())
    ]
    carried = CarriedAct(reference, act.act, act.form)
    submit = act.submit if len(act.submit) <= LONGEST_TITLE else say("slack.modal.do")
    return modal(ACT, act.title, blocks, metadata=carried.metadata(), submit=submit, close=say("slack.modal.back"))


def own(view: OwnView, link: str) -> Iterator[Block]:
    """What somebody reported themselves, with what they can answer and add. What does not fit stands on the page."""
    yield from fitting(_own(view))
    yield _rest(link)


def _own(view: OwnView) -> Iterator[Block]:
    for text in (view.notice, view.done):
        if text:
            yield section(f"*{escape(text)}*")
    for sentence in view.says:
        yield _plain(sentence)
    for report in view.reports:
        yield divider()
        yield header(f"{report.standing.form} {report.reference}")
        yield from happened(report.said)
        if report.acts:
            yield actions(
                [button(act.title, f"{DO}.{act.act}", f"{report.reference} {act.form}") for act in report.acts]
            )
        yield from _answers(report.answers)
    if not view.reports:
        yield _plain(say("own.none"))


def listed(inbox: InboxView, link: str) -> Iterator[Block]:
    """An inbox as App Home shows it: reference, urgency and state, and nothing else."""
    yield header(say("inbox.title"))
    if not inbox.rows:
        yield _plain(say("inbox.none"))
    open_ones = [row for row in inbox.rows if row.state is not CaseState.CLOSED]
    for row in open_ones[:ROWS]:
        opened = "" if row.opened else f" _{escape(say('inbox.unopened'))}_"
        block = section(_row(row) + opened, escape(dates.moment_in_words(row.received)))
        yield block | {"accessory": button(say("slack.modal.open"), OPEN_CASE, row.reference)}
    all_else = say("slack.modal.whole_inbox" if link else "slack.modal.whole_inbox_here")
    yield section(linked(all_else, link, say("slack.modal.page")))


def _row(row: InboxRow) -> str:
    """Reference, state and urgency, as markup of ours."""
    marks = [say("inbox.urgent")] if row.urgent else []
    marks += [say("inbox.overdue")] if row.overdue else []
    marks += row.marks
    said = "".join(f" · *{escape(mark)}*" for mark in marks)
    return f"*{escape(row.reference)}* · {escape(say(f'inbox.{row.state}'))}{said}"


def _rest(link: str) -> Block:
    return section(linked(say("slack.modal.rest" if link else "slack.modal.rest_here"), link, say("slack.modal.page")))


def _plain(text: str) -> Block:
    return section(escape(cut(text, LONGEST_SECTION // 2)))
