"""A form as a modal; and any modal given back as it came, with what was typed in it and a sentence that says why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.messages import FormView, Intro
from bot.wording import say
from integrations.slack import inputs
from integrations.slack.blocks import (
    LONGEST_QUOTE,
    LONGEST_SECTION,
    LONGEST_TITLE,
    MOST_IN_VIEW,
    Block,
    actions,
    button,
    context,
    cut,
    divider,
    escape,
    header,
    marked,
    modal,
    section,
    sections,
)
from integrations.slack.blocks import quote as word_for_word
from integrations.slack.inputs import Setting
from integrations.slack.submitted import Carried

FORM = "form"
"""Which handler hears of the submission of a form."""

SAVE_DRAFT = "save_draft"

NOTICE = "notice"
"""The block that says what went wrong with a modal that is given back; so begin those that say it of one field."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a modal has to know of the world around it.

    Attributes:
        link: the address of the pages, without a path; empty where people cannot open them.
        colleagues: member ids by id in the directory, of those who are in Slack.
        came: of a form, what stands in its fields now, by question key.
        owner: of a form, whose its draft is, as a modal carries it along.
        is_live: whether real people may be spoken of here.
    """

    link: str
    colleagues: Mapping[str, str] = field(default_factory=dict)
    came: Mapping[str, str] = field(default_factory=dict, repr=False)
    owner: str = field(default="", repr=False)
    is_live: bool = True

    def to(self, path: str) -> str:
        """The address of a page; empty where there is none."""
        return f"{self.link}{path}" if self.link else ""


def form(view: FormView, page: Page) -> Block:
    """A form to fill in: new, or given back with what was filled in and what is wrong with it."""
    asked = [question for question in view.questions if question.asked]
    kept = tuple(question.key for question in asked if inputs.is_too_long(question))
    link = page.to(f"/forms/{quote(view.form)}")
    setting = Setting(inputs.deciding(view.questions), page.colleagues, page.came, link)
    blocks = [*not_live(is_live=page.is_live), *_wrong(view), *_before(view)]
    blocks += [one for question in asked if not question.more for one in inputs.inputs(question, setting)]
    more = [one for question in asked if question.more for one in inputs.inputs(question, setting)]
    if more:
        blocks += [divider(), header(say("form.more")), context(escape(say("form.more_why"))), *more]
    blocks += _after(view, link)
    carried = Carried(view.form, view.draft, view.clause or "", kept, page.owner)
    return modal(
        FORM,
        view.title,
        titled(view.title, blocks),
        metadata=carried.metadata(),
        submit=view.submit if len(view.submit) <= LONGEST_TITLE else say("slack.modal.send"),
        close=say("slack.modal.close"),
    )


def _wrong(view: FormView) -> Iterator[Block]:
    """What went wrong, first of all."""
    if view.notice:
        yield notice(view.notice)
    if view.dropped:
        yield from said("\n".join([say("form.dropped"), *(f"• {ask}" for ask in view.dropped)]))
    if view.has_errors:
        yield from said(say("slack.modal.look_below"))


def _before(view: FormView) -> Iterator[Block]:
    """What to read first."""
    if view.kept:
        yield from said(view.kept)
    for paragraph in view.intro:
        yield from _paragraph(paragraph)
    if view.readers:
        yield context(f"*{escape(view.readers)}*")
    if view.is_taken_over:
        yield from said(say("form.taken_over_first"))
    yield divider()


def _paragraph(paragraph: Intro) -> Iterator[Block]:
    if paragraph.verbatim and len(paragraph.text) <= LONGEST_QUOTE:
        yield word_for_word(paragraph.text)
    else:
        yield from sections(paragraph.text)
    if paragraph.source:
        yield context(escape(paragraph.source))


def _after(view: FormView, link: str) -> Iterator[Block]:
    """Where the questions come from, and how to leave."""
    sources = dict.fromkeys(question.source for question in view.questions if question.asked and question.source)
    if sources:
        listed = "\n".join(f"• {source}" for source in sources)
        yield context(escape(cut(f"{say('form.sources')}\n{listed}", LONGEST_SECTION // 2)))
    if view.clause:
        yield context(escape(say("form.clause", clause=view.clause)))
    if view.attaching:
        yield context(escape(say("slack.modal.no_files" if link else "slack.modal.no_files_here")))
    yield divider()
    yield context(escape(say("slack.modal.not_kept")))
    yield actions([button(say("slack.modal.save"), SAVE_DRAFT, view.draft)])


def not_live(*, is_live: bool) -> Iterator[Block]:
    """That nothing about real people may be put in, where that is so."""
    if not is_live:
        yield section(f"⚠ *{escape(say('frame.not_live'))}*")


def notice(text: str) -> Block:
    """What went wrong with the sending itself, and what to do."""
    return {"type": "section", "block_id": NOTICE, "text": marked(f"⚠ *{escape(cut(text, LONGEST_SECTION // 2))}*")}


def again(view: Mapping[str, Any], said: str, errors: Mapping[str, str] | None = None) -> Block:
    """A modal as it came back, with all that was typed still in it, and a sentence that says why.

    It needs nobody: it is what is shown when everything below is broken.

    Args:
        view: the modal.
        said: why.
        errors: what is wrong, by the block to show it under.
    """
    values = (view.get("state") or {}).get("values") or {}
    blocks = [notice(said)]
    for block in view["blocks"]:
        name = str(block.get("block_id", ""))
        if name.split(".", 1)[0] != NOTICE:
            blocks.append(_filled(block, values.get(name, {})))
        if errors and name in errors:
            blocks.append(context(f"⚠ *{escape(errors[name])}*") | {"block_id": f"{NOTICE}.{name}"})
    made: Block = {"type": "modal", "blocks": blocks[:MOST_IN_VIEW]}
    return made | {
        key: view[key] for key in ("callback_id", "title", "submit", "close", "private_metadata") if view.get(key)
    }


def _filled(block: Mapping[str, Any], state: Mapping[str, Mapping[str, Any]]) -> Block:
    """A block with what was filled in as its beginning."""
    if block.get("type") != "input":
        return dict(block)
    element = {key: value for key, value in block["element"].items() if not key.startswith("initial_")}
    value = state.get(element.get("action_id", ""), {})
    for now, then in _INITIAL.items():
        if value.get(now):
            element[then] = value[now]
    return {**block, "element": element}


_INITIAL = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_users": "initial_users",
}
"""What a field says of itself when it comes back, and how it is told the same."""


def titled(title: str, blocks: list[Block]) -> list[Block]:
    """With the whole title as a heading where it was cut above."""
    return [*([header(title)] if len(title) > LONGEST_TITLE else []), *blocks][:MOST_IN_VIEW]


def said(*sentences: str) -> Iterator[Block]:
    """Sentences, each a paragraph."""
    for sentence in sentences:
        yield from sections(sentence)
