"""Reply -> message: what is asked and answered in the chat. What was told is never in a message, only in modals."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from bot.messages import (
    AccountView,
    AgreementView,
    Answer,
    AttachmentContent,
    CaseView,
    DraftKept,
    ExportFile,
    FormsView,
    FormView,
    InboxView,
    InductionLeadView,
    InductionStepView,
    InductionView,
    Intent,
    Noted,
    OwningView,
    OwnView,
    QuestionView,
    Receipt,
    Refusal,
    Reply,
    RetentionView,
    SectionView,
    SignedView,
    SignOffsView,
    StandingView,
)
from bot.wording import say
from integrations.slack import citing, modals, pressing, urgent, walk
from integrations.slack.blocks import (
    MOST_IN_MESSAGE,
    Block,
    actions,
    button,
    context,
    escape,
    lines,
    quote,
    section,
    sections,
)
from integrations.slack.budget import LONGEST_MESSAGE, length, within
from integrations.slack.pressing import Setting
from integrations.slack.room import Message
from knowledge.rulings import Verdict

TELL = "tell_someone"

_SIGNS = {
    Verdict.NO: "✕",
    Verdict.YES: "✓",
    Verdict.DEPENDS: "?",
    Verdict.INFO: "§",
    Verdict.NOT_COVERED: "\N{EN DASH}",
}


def message(reply: Reply, setting: Setting) -> Message:  # noqa: PLR0911 (one arm for each kind of Reply)
    """A reply of the desk as a message; its notification has none of anybody's words, nor what they are about."""
    match reply:
        case Answer():
            return _urgent(reply, setting) if reply.urgent else _answer(reply, setting)
        case SectionView():
            return _section_message(reply, setting)
        case Noted():
            return spoken(" ".join((reply.headline, *reply.sentences)))
        case Refusal(headline):
            return spoken(headline)
        case FormsView():
            buttons = [_form_button(offer.form, setting) for offer in reply.offers]
            return _message(reply.title, [section(f"*{escape(reply.title)}*"), actions(buttons)])
        case FormView():
            return _message(
                say("slack.asking.preview"),
                [section(escape(reply.title)), actions([_form_button(reply.form, setting)])],
            )
        case Receipt():
            return spoken(say("slack.receipt.preview"))
        case (
            DraftKept()
            | QuestionView()
            | InboxView()
            | CaseView()
            | StandingView()
            | OwnView()
            | ExportFile()
            | RetentionView()
            | AccountView()
            | AttachmentContent()
            | AgreementView()
            | InductionLeadView()
            | InductionStepView()
            | InductionView()
            | SignedView()
            | SignOffsView()
            | OwningView()
        ):
            return spoken(say("slack.asking.in_window" if setting.address else "slack.asking.in_window_here"))
        case _:
            assert_never(reply)


def shared(replies: Iterable[Reply], setting: Setting, sharer: str, question: str = "") -> Message:
    """What somebody shares with everyone: the answers as they saw them, without what is theirs alone.

    Args:
        replies: what they were shown.
        setting: as for ``message``.
        sharer: their member id.
        question: what they asked, where they wrote it in the channel themselves; else nothing.
    """
    blocks: list[Block] = [context(say("slack.asking.shared", who=f"<@{sharer}>"))]
    if question:
        blocks.append(quote(question))
    for reply in replies:
        if isinstance(reply, Answer) and not reply.urgent:
            blocks += [*_head(reply), *citing.quoted(reply, setting.address)]
    return _message(say("slack.asking.preview"), blocks, goes_on=citing.goes_on(setting.address))


def spoken(words: str) -> Message:
    """A sentence of ours."""
    return _message(words, sections(words))


def _message(text: str, blocks: Iterable[Block], last: Sequence[Block] = (), goes_on: str = "") -> Message:
    """A message of what fits.

    Args:
        text: what stands in the notification.
        blocks: what is cut where it is too much.
        last: what stays, whatever is cut.
        goes_on: what is said where something was cut.
    """
    whole = list(blocks)
    most, room = MOST_IN_MESSAGE - len(last), LONGEST_MESSAGE - length(last)
    fit = within(whole, most, room)
    if fit != whole and goes_on:
        said = context(escape(goes_on))
        fit = [*within(whole, most - 1, room - length(said)), said]
    return Message(text, (*fit, *last))


def _preview(answer: Answer) -> str:
    """No word of the policy, by which one could tell what was asked."""
    if answer.urgent or answer.verdict is None:
        return say("slack.asking.preview")
    return say("slack.asking.preview_verdict", verdict=say(f"verdict.{answer.verdict}"))


# -------------------------------------------------------------------------------------------------- answers


def _answer(answer: Answer, setting: Setting) -> Message:
    """The answer, the line of safety, and what can be pressed, which stay whatever else is cut."""
    clause = _first_label(answer)
    offers = [button(say("walk.offer"), walk.OPEN_WALK, style="primary")] if answer.intent is Intent.INDUCTION else []
    offers += [_offer(name, setting, clause) for name in answer.offers]
    safety = answer.safety
    last = [section(f"*{escape(safety.text)}*\n_{escape(safety.source)}_")] if safety else []
    last += [actions([*offers, button(say("forms.title"), TELL)]), *pressing.feedback(answer, setting)]
    return _message(_preview(answer), _said(answer, setting), last, citing.goes_on(setting.address))


def _offer(name: str, setting: Setting, clause: str) -> Block:
    """A form; the agreement is signed where the induction ends."""
    if name == "sign_agreement":
        return button(setting.forms.get(name, name), walk.OPEN_AGREEMENT)
    return _form_button(name, setting, clause)


def _said(answer: Answer, setting: Setting) -> Iterator[Block]:
    if answer.withdraws:
        yield context(escape(say("answer.withdraws")))
    yield from _head(answer)
    yield from pressing.meanings(answer, setting)
    yield from pressing.facts(answer, setting)
    yield from citing.quoted(answer, setting.address)


def _head(answer: Answer) -> Iterator[Block]:
    """The verdict first, in words and not by its sign alone, then the headline, then what it turns on."""
    words = say(f"verdict.{answer.verdict}") if answer.verdict else ""
    said = answer.headline.rstrip(".")
    if answer.verdict is None:
        yield from sections(answer.headline)
    elif said == words:
        yield section(f"*{_SIGNS[answer.verdict]} {escape(answer.headline)}*")
    else:
        yield section(f"*{_SIGNS[answer.verdict]} {escape(words)}*")
        yield from sections(answer.headline)
    if answer.conditions:
        told = [f"• *{escape(say(f'condition.{one.kind}'))}:* {escape(one.text)}" for one in answer.conditions]
        yield from lines(told)


def _first_label(answer: Answer) -> str:
    """The clause that goes along when a form is opened from an answer."""
    if not answer.citations or answer.verdict is Verdict.NOT_COVERED or answer.remark:
        return ""
    return str(answer.citations[0].clause.label)


def _form_button(name: str, setting: Setting, clause: str = "", style: str = "") -> Block:
    title = setting.forms.get(name, name.replace("_", " ").capitalize())
    return button(title, f"{modals.OPEN_FORM}.{name}", json.dumps({"f": name, "c": clause}), style=style)


# --------------------------------------------------------------------------------------------------- urgent


def _urgent(answer: Answer, setting: Setting) -> Message:
    """What to do now, whom to ring, the form, which stays; only then what the policy says."""
    clause = _first_label(answer)
    offers = [_form_button(name, setting, clause, style="danger") for name in answer.offers]
    form = actions([*offers, button(say("forms.title"), TELL)])
    goes_on = citing.goes_on(setting.address)
    now = _message("", urgent.now(answer), [form, context(escape(goes_on))]).blocks[:-1]
    return _message(_preview(answer), [*now, *_policy(answer, setting)], goes_on=goes_on)


def _policy(answer: Answer, setting: Setting) -> Iterator[Block]:
    if answer.citations or answer.remark:
        yield section(f"*{escape(say('urgent.policy'))}*")
    if answer.remark:
        yield from sections(answer.remark)
    yield from citing.quoted(answer, setting.address)


def _section_message(section: SectionView, setting: Setting) -> Message:
    last = [context(*citing.where(section, setting.address))]
    return _message(say("slack.asking.section"), citing.passages(section), last, citing.goes_on(setting.address))
