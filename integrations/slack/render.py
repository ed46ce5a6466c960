"""Reply -> message: what is asked and answered in the chat. What was told is never in a message, only in modals."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from bot.messages import (
    AccountView,
    Answer,
    AttachmentContent,
    CaseView,
    DraftKept,
    ExportFile,
    FormsView,
    FormView,
    InboxView,
    Noted,
    OwnView,
    QuestionView,
    Reach,
    Receipt,
    Refusal,
    Reply,
    RetentionView,
    SectionView,
    Shown,
    StandingView,
)
from bot.wording import say
from integrations.slack.blocks import (
    LONGEST_SECTION,
    LONGEST_VALUE,
    MOST_ELEMENTS,
    MOST_IN_MESSAGE,
    Block,
    actions,
    button,
    context,
    escape,
    header,
    input_block,
    link,
    marked,
    modal,
    numbered,
    quote,
    sections,
)
from integrations.slack.budget import LONGEST_MESSAGE, length, within
from integrations.slack.modals import OPEN_FORM
from integrations.slack.room import Message
from integrations.web.render import citation_address, fact_choices, fact_label, fact_question, month
from knowledge.model import Citation, Passage
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
TELL = "tell_someone"

QUESTION_FORM = "question"
"""The modal in which a question is sent to the policy owner."""

_MOST_PASSAGES = 90
_MOST_SIZE = 100_000
"""Characters of the blocks of a section, as they go over the wire; a view takes a quarter of a million in all."""

_NEAR_LENGTH = 300
_TRAIL = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
_SIGNS = {
    Verdict.NO: "✕",
    Verdict.YES: "✓",
    Verdict.DEPENDS: "?",
    Verdict.INFO: "§",
    Verdict.NOT_COVERED: "\N{EN DASH}",
}


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
            return _message(reply.title, [_section(f"*{escape(reply.title)}*"), actions(buttons)])
        case FormView():
            return _message(
                say("slack.asking.preview"),
                [_section(escape(reply.title)), actions([_form_button(reply.form, setting)])],
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
            blocks += [*_head(reply), *_quoted(reply, setting)]
    return _message(say("slack.asking.preview"), blocks, goes_on=_goes_on(setting))


def spoken(words: str) -> Message:
    """A sentence of ours."""
    return _message(words, sections(words))


def spoken_view(words: str) -> Block:
    """A sentence of ours as a modal."""
    return modal("shown", say("slack.modal.title"), list(sections(words)), close=say("slack.modal.close"))


def section_view(section: SectionView, setting: Setting) -> Block:
    """The section of a clause as a modal."""
    return modal(
        "shown",
        str(section.citation.clause.label),
        _section_blocks(section, setting),
        close=say("slack.modal.close"),
    )


def question_view(question: QuestionView) -> Block:
    """The question to the policy owner as a modal, with what was typed and what is wrong with it."""
    blocks = [*sections(question.notice, "*", "*")] if question.notice else []
    for line in question.says:
        blocks += sections(line)
    name, sentence = question.instead
    blocks += [
        *sections(sentence),
        actions([button(say("feedback.tell_link"), f"{OPEN_FORM}.{name}", json.dumps({"f": name}))]),
    ]
    for one in (question.text, question.reply_to):
        element: Block = {
            "type": "plain_text_input",
            "action_id": one.key,
            "multiline": one is question.text,
            "max_length": one.max_length,
        }
        element |= {"initial_value": one.value[: one.max_length]} if one.value else {}
        blocks.append(input_block(one.key, one.ask, element, hint=one.help, is_optional=not one.required))
    metadata = json.dumps({"d": question.draft, **_shown(question.shown)})
    return modal(
        QUESTION_FORM,
        say("slack.asking.owner_title"),
        blocks,
        metadata=metadata,
        submit=question.submit,
        close=say("owner.close"),
    )


def noted_view(noted: Noted | Refusal) -> Block:
    """What was kept, as a modal."""
    sentences = (noted.headline, *(noted.sentences if isinstance(noted, Noted) else ()))
    return spoken_view("\n".join(sentences))


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


def _goes_on(setting: Setting) -> str:
    return say("slack.asking.goes_on" if setting.address else "slack.asking.goes_on_here")


def _section(text: str) -> Block:
    return {"type": "section", "text": marked(text)}


def _preview(answer: Answer) -> str:
    """No word of the policy, by which one could tell what was asked."""
    if answer.urgent or answer.verdict is None:
        return say("slack.asking.preview")
    return say("slack.asking.preview_verdict", verdict=say(f"verdict.{answer.verdict}"))


# -------------------------------------------------------------------------------------------------- answers


def _answer(answer: Answer, setting: Setting) -> Message:
    """The answer, the line of safety, and what can be pressed, which stay whatever else is cut."""
    clause = _first_label(answer)
    offers = [_form_button(name, setting, clause) for name in answer.offers]
    safety = answer.safety
    last = [_section(f"*{escape(safety.text)}*\n_{escape(safety.source)}_")] if safety else []
    last += [actions([*offers, button(say("forms.title"), TELL)]), *_feedback(answer, setting)]
    return _message(_preview(answer), _said(answer, setting), last, _goes_on(setting))


def _said(answer: Answer, setting: Setting) -> Iterator[Block]:
    if answer.withdraws:
        yield context(escape(say("answer.withdraws")))
    yield from _head(answer)
    yield from _meanings(answer, setting)
    yield from _facts(answer, setting)
    yield from _quoted(answer, setting)


def _head(answer: Answer) -> Iterator[Block]:
    """The verdict first, in words and not by its sign alone, then the headline, then what it turns on."""
    words = say(f"verdict.{answer.verdict}") if answer.verdict else ""
    said = answer.headline.rstrip(".")
    if answer.verdict is None:
        yield from sections(answer.headline)
    elif said == words:
        yield _section(f"*{_SIGNS[answer.verdict]} {escape(answer.headline)}*")
    else:
        yield _section(f"*{_SIGNS[answer.verdict]} {escape(words)}*")
        yield from sections(answer.headline)
    if answer.conditions:
        lines = [f"• *{escape(say(f'condition.{one.kind}'))}:* {escape(one.text)}" for one in answer.conditions]
        yield from _lines(lines)


def _lines(lines: Sequence[str]) -> Iterator[Block]:
    """Lines of markup in as many sections as they need."""
    held = ""
    for line in lines:
        if held and len(held) + len(line) + 1 > LONGEST_SECTION:
            yield _section(held)
            held = ""
        held = f"{held}\n{line}".strip()[:LONGEST_SECTION]
    if held:
        yield _section(held)


def _meanings(answer: Answer, setting: Setting) -> Iterator[Block]:
    """What it may mean, a button each."""
    buttons = [
        button(one.about, f"{MEANING}.{at}", _value(setting, p=one.policy, r=one.ruling))
        for at, one in enumerate(answer.means)
    ]
    if buttons:
        yield actions(buttons)


def _facts(answer: Answer, setting: Setting) -> Iterator[Block]:
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
        yield _section(escape(say("answer.turns_on")))
    given = {"p": answer.ruling.policy, "r": answer.ruling.id, "f": told, "a": keys}
    for key, known in rows:
        choices = [(choice.label, choice.value) for choice in fact_choices(key)]
        choices += [(say("answer.unsaid"), "")] if known else []
        buttons = []
        for label, value in choices[:MOST_ELEMENTS]:
            style = "primary" if known and value == known else ""
            buttons.append(button(label, f"{FACT}.{count}", _value(setting, k=key, v=value, **given), style=style))
            count += 1
        yield _section(f"*{escape(fact_question(key))}*")
        if buttons:
            yield actions(buttons)
    if (told or still) and not setting.is_open:
        words = say("answer.change_or_add") if still else say("answer.change")
        yield actions([button(words, CHANGE, _value(setting, **given))])


def _quoted(answer: Answer, setting: Setting) -> Iterator[Block]:
    """The clauses that decide, word for word; then, short, those that are near."""
    if not answer.citations:
        return
    is_open = answer.verdict is Verdict.NOT_COVERED
    if is_open:
        yield _section(f"*{escape(say('answer.nearest'))}*")
    for one in answer.citations if is_open else answer.decisive:
        yield from _cited(one, setting)
    if answer.near and not is_open:
        yield context(escape(say("answer.related")), *(_near(one, setting) for one in answer.near))
    if answer.ruling:
        ruled = say("answer.ruling", id=answer.ruling.id, reviewed=month(answer.ruling.reviewed))
        yield context(escape(ruled))


def _cited(citation: Citation, setting: Setting) -> Iterator[Block]:
    """Which clause, what it says word for word, and in which policy."""
    clause = citation.clause
    yield context(headed(citation, setting))
    yield quote(clause.text, clause.lead_in or "")
    yield context(source(citation, setting))


def headed(citation: Citation, setting: Setting) -> str:
    """Which clause it is, and under which headings, as markup."""
    label = link(_address(citation, setting), str(citation.clause.label))
    return f"*{label}* {_TRAIL.join(map(escape, citation.clause.headings))}".strip()


def _near(citation: Citation, setting: Setting) -> str:
    """A clause that is near, in a line: its label and how it begins."""
    text = citation.clause.text
    begins = text if len(text) <= _NEAR_LENGTH else text[:_NEAR_LENGTH].rsplit(" ", 1)[0] + " …"
    return f"*{link(_address(citation, setting), str(citation.clause.label))}* “{escape(begins)}”"


def source(citation: Citation, setting: Setting) -> str:
    """The policy's title, version and date, and that its review is overdue, as markup."""
    parts = [link(_address(citation, setting), citation.title)]
    parts += [escape(say("citation.version", version=citation.version))] if citation.version else []
    parts += [escape(month(citation.approved))] if citation.approved else []
    said = ", ".join(parts)
    if citation.overdue and citation.review_due:
        said += f"; *{escape(say('citation.overdue', due=month(citation.review_due)))}*"
    return said


def _address(citation: Citation, setting: Setting) -> str:
    return f"{setting.address}{citation_address(citation)}" if setting.address else ""


def _first_label(answer: Answer) -> str:
    """The clause that goes along when a form is opened from an answer."""
    if not answer.citations or answer.verdict is Verdict.NOT_COVERED or answer.remark:
        return ""
    return str(answer.citations[0].clause.label)


def _form_button(name: str, setting: Setting, clause: str = "", style: str = "") -> Block:
    title = setting.forms.get(name, name.replace("_", " ").capitalize())
    return button(title, f"{OPEN_FORM}.{name}", json.dumps({"f": name, "c": clause}), style=style)


def _feedback(answer: Answer, setting: Setting) -> Iterator[Block]:
    """Helpful or not, the way to the policy owner, the section, and sharing."""
    elements: list[Block] = []
    if answer.citations:
        first = answer.citations[0].clause
        elements.append(button(say("section.open"), SECTION, json.dumps({"p": first.policy, "l": str(first.label)})))
    if setting.can_share and setting.held and answer.verdict is not None:
        elements.append(button(say("slack.asking.share"), SHARE, json.dumps({"m": setting.held, "t": setting.thread})))
    if answer.shown is not None:
        given = json.dumps({"h": setting.rated, "m": setting.held, **_shown(answer.shown)})
        if answer.verdict is Verdict.NOT_COVERED:
            yield _section(escape(say("feedback.offer_not_covered")))
        sends = "primary" if answer.verdict is Verdict.NOT_COVERED else ""
        elements += [
            button(say("slack.asking.helpful"), HELPFUL, given),
            button(say("slack.asking.unhelpful"), UNHELPFUL, given),
            button(say("slack.asking.not_answered"), SEND_QUESTION, given, style=sends),
        ]
    if elements:
        yield actions(elements)


def _shown(shown: Shown) -> dict[str, object]:
    return {"e": str(shown.verdict), "p": shown.policy, "l": list(shown.labels)}


def _value(setting: Setting, **given: object) -> str:
    """What a button carries: ids and facts, and where its conversation is."""
    whole = {**given, "t": setting.thread, "m": setting.held}
    value = json.dumps(whole, separators=(",", ":"))
    return value if len(value) <= LONGEST_VALUE else json.dumps({**whole, "a": []}, separators=(",", ":"))


# --------------------------------------------------------------------------------------------------- urgent


def _urgent(answer: Answer, setting: Setting) -> Message:
    """What to do now, whom to ring, the form, which stays; only then what the policy says."""
    clause = _first_label(answer)
    offers = [_form_button(name, setting, clause, style="danger") for name in answer.offers]
    form = actions([*offers, button(say("forms.title"), TELL)])
    goes_on = _goes_on(setting)
    now = _message("", _now(answer), [form, context(escape(goes_on))]).blocks[:-1]
    return _message(_preview(answer), [*now, *_policy(answer, setting)], goes_on=goes_on)


def _now(answer: Answer) -> Iterator[Block]:
    yield header(say("urgent.heading"))
    yield from sections(answer.headline, "*", "*")
    if answer.steps:
        yield numbered([(step.text, step.source) for step in answer.steps])
        yield context(escape(say("urgent.editions")))
    if answer.reach:
        yield _section(f"*{escape(say('urgent.ring'))}*")
        yield from _lines([_reached(one) for one in answer.reach])
    if answer.reach_note:
        yield from sections(answer.reach_note)


def _policy(answer: Answer, setting: Setting) -> Iterator[Block]:
    if answer.citations or answer.remark:
        yield _section(f"*{escape(say('urgent.policy'))}*")
    if answer.remark:
        yield from sections(answer.remark)
    yield from _quoted(answer, setting)


def _reached(one: Reach) -> str:
    office = f"{say('urgent.office_number')} " if one.is_office else ""
    night = f", {say('urgent.out_of_hours')} {one.out_of_hours}" if one.out_of_hours else ""
    return f"• *{escape(one.name)}*, {escape(one.role)}: {escape(office + one.telephone + night)}"


# ------------------------------------------------------------------------------------------------- sections


def _section_message(section: SectionView, setting: Setting) -> Message:
    last = [context(*_where(section, setting))]
    return _message(say("slack.asking.section"), _passages(section), last, _goes_on(setting))


def _section_blocks(section: SectionView, setting: Setting) -> list[Block]:
    """A section word for word; where it is longer than fits, it goes on on its page."""
    blocks = [*_passages(section)]
    fit = [*_fitting(blocks[:_MOST_PASSAGES])]
    goes_on = [escape(_goes_on(setting))] if len(blocks) > len(fit) else []
    return [*fit, context(*_where(section, setting), *goes_on)]


def _where(section: SectionView, setting: Setting) -> list[str]:
    """In which policy it stands, and the way to its page."""
    page = link(_address(section.citation, setting), say("section.in_policy")) if setting.address else ""
    return [source(section.citation, setting), *filter(None, [page])]


def _passages(section: SectionView) -> Iterator[Block]:
    headings = section.citation.clause.headings
    if headings:
        yield _section(f"*{_TRAIL.join(map(escape, headings))}*")
    for passage in section.passages:
        yield from _passage(passage, section)


def _fitting(blocks: Iterable[Block]) -> Iterator[Block]:
    """As many of the first ones as Slack takes together."""
    size = 0
    for block in blocks:
        size += len(json.dumps(block))
        if size > _MOST_SIZE:
            return
        yield block


def _passage(passage: Passage, section: SectionView) -> Iterator[Block]:
    is_it = passage.label is not None and passage.label == section.citation.clause.label
    before = f"{passage.label} " if passage.label is not None else ""
    if is_it:
        yield context(escape(say("section.this_clause")))
        yield quote(f"{before}{passage.text}")
    else:
        yield from sections(f"{before}{passage.text}")
