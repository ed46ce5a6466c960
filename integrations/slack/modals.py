"""Reply -> modal: forms, receipts, what was kept, how it stands; and a modal given back with what was typed in it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never
from urllib.parse import quote

from bot.cases import dates
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
    Intro,
    Noted,
    OwnView,
    QuestionView,
    Receipt,
    Refusal,
    Reply,
    RetentionView,
    SectionView,
    StandingRow,
    StandingView,
)
from bot.wording import say
from integrations.fields import ANSWER_PREFIX
from integrations.slack import cases, inputs
from integrations.slack.blocks import (
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
    input_block,
    linked,
    marked,
    modal,
    sections,
)
from integrations.slack.inputs import Setting
from integrations.slack.submitted import Carried

FORM, ACT, CODE, SHOWN = "form", "act", "code", "shown"
"""Which handler hears of the submission of a modal; of one that is only shown there is none."""

SAVE_DRAFT = "save_draft"
OPEN_FORM = "open_form"
"""The beginning of the id of a button that opens a form; the form's name follows after a full stop."""
OPEN_DRAFT = "open_draft"
DISCARD_DRAFT = "discard_draft"
MY_REPORTS = "my_reports"
MY_OWN = "my_own"
BY_CODE = "by_code"

NOTICE = "notice"
"""The block that says what went wrong with a modal that is given back."""

CODE_FIELD = "code"


@dataclass(frozen=True, slots=True)
class Page:
    """What a modal has to know of the world around it.

    Attributes:
        link: the address of the pages, without a path; empty where people cannot open them.
        colleagues: member ids by id in the directory, of those who are in Slack.
        came: of a form, what stands in its fields now, by question key.
    """

    link: str
    colleagues: Mapping[str, str] = field(default_factory=dict)
    came: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to(self, path: str) -> str:
        """The address of a page; empty where there is none."""
        return f"{self.link}{path}" if self.link else ""


def reply(reply: Reply, page: Page) -> Block:  # noqa: C901, PLR0911 (one arm for each kind of Reply)
    """A reply of the desk as a modal."""
    match reply:
        case FormView():
            return form(reply, page)
        case Receipt():
            return shown(say("slack.modal.receipt"), _receipt(reply))
        case DraftKept():
            return shown(say("slack.modal.kept"), _kept(reply, page))
        case CaseView():
            return cases.case(reply, page.to(f"/inbox/{quote(reply.row.reference)}"))
        case OwnView():
            return shown(say("slack.modal.own"), cases.own(reply, page.to("/mine")))
        case StandingView():
            return standing(reply)
        case FormsView():
            return shown(reply.title, offered(reply))
        case Noted():
            return shown(say("slack.modal.noted"), _said(reply.headline, *reply.sentences))
        case Refusal(headline):
            return message(headline)
        case (
            Answer()
            | SectionView()
            | QuestionView()
            | InboxView()
            | ExportFile()
            | RetentionView()
            | AccountView()
            | AttachmentContent()
        ):
            return message(say("slack.modal.on_the_page"))
        case _:
            assert_never(reply)


# ------------------------------------------------------------------------------------------------------ small ones


def loading(title: str = "") -> Block:
    """What is opened at once, before anything is known: a trigger dies within three seconds."""
    return shown(title or say("slack.modal.loading_title"), _said(say("slack.modal.loading")))


def message(*sentences: str) -> Block:
    """Sentences alone."""
    return shown(say("slack.modal.title"), _said(*sentences))


def shown(title: str, blocks: Iterable[Block]) -> Block:
    """A modal in which nothing is filled in."""
    return modal(SHOWN, title, _fitting(title, list(blocks)), close=say("slack.modal.close"))


def _fitting(title: str, blocks: list[Block]) -> list[Block]:
    """With the whole title as a heading where it was cut above."""
    return [*([header(title)] if len(title) > LONGEST_TITLE else []), *blocks][:MOST_IN_VIEW]


def _said(*sentences: str) -> Iterator[Block]:
    for sentence in sentences:
        yield from sections(sentence)


# ------------------------------------------------------------------------------------------------------------ forms


def form(view: FormView, page: Page) -> Block:
    """A form to fill in: new, or given back with what was filled in and what is wrong with it."""
    asked = [question for question in view.questions if question.asked]
    kept = tuple(question.key for question in asked if inputs.is_too_long(question))
    link = page.to(f"/forms/{quote(view.form)}")
    setting = Setting(inputs.deciding(view.questions), page.colleagues, page.came, link)
    blocks = [*_wrong(view), *_before(view)]
    blocks += [one for question in asked if not question.more for one in inputs.inputs(question, setting)]
    more = [one for question in asked if question.more for one in inputs.inputs(question, setting)]
    if more:
        blocks += [divider(), header(say("form.more")), context(escape(say("form.more_why"))), *more]
    blocks += _after(view)
    carried = Carried(view.form, view.draft, view.clause or "", kept)
    return modal(
        FORM,
        view.title,
        _fitting(view.title, blocks),
        metadata=carried.metadata(),
        submit=view.submit if len(view.submit) <= LONGEST_TITLE else say("slack.modal.send"),
        close=say("slack.modal.close"),
    )


def _wrong(view: FormView) -> Iterator[Block]:
    """What went wrong, first of all."""
    if view.notice:
        yield notice(view.notice)
    if view.dropped:
        yield from _said("\n".join([say("form.dropped"), *(f"• {ask}" for ask in view.dropped)]))
    if view.has_errors:
        yield from _said(say("slack.modal.look_below"))


def _before(view: FormView) -> Iterator[Block]:
    """What to read first."""
    if view.kept:
        yield from _said(view.kept)
    for paragraph in view.intro:
        yield from _paragraph(paragraph)
    if view.readers:
        yield context(f"*{escape(view.readers)}*")
    if view.is_taken_over:
        yield from _said(say("form.taken_over_first"))
    yield divider()


def _paragraph(paragraph: Intro) -> Iterator[Block]:
    yield from sections(paragraph.text, before="> " if paragraph.verbatim and "\n" not in paragraph.text else "")
    if paragraph.source:
        yield context(escape(paragraph.source))


def _after(view: FormView) -> Iterator[Block]:
    """Where the questions come from, and how to leave."""
    sources = dict.fromkeys(question.source for question in view.questions if question.asked and question.source)
    if sources:
        listed = "\n".join(f"• {source}" for source in sources)
        yield context(escape(cut(f"{say('form.sources')}\n{listed}", LONGEST_SECTION // 2)))
    if view.clause:
        yield context(escape(say("form.clause", clause=view.clause)))
    if view.attaching:
        yield context(escape(say("slack.modal.no_files")))
    yield divider()
    yield context(escape(say("slack.modal.not_kept")))
    yield actions([button(say("slack.modal.save"), SAVE_DRAFT, view.draft)])


def notice(text: str) -> Block:
    """What went wrong with the sending itself, and what to do."""
    return {"type": "section", "block_id": NOTICE, "text": marked(f"⚠ *{escape(cut(text, LONGEST_SECTION // 2))}*")}


def again(view: Mapping[str, Any], said: str) -> Block:
    """A modal as it came back, with all that was typed still in it, and a sentence that says why.

    It needs nobody: it is what is shown when everything below is broken.
    """
    values = (view.get("state") or {}).get("values") or {}
    kept = [_filled(block, values.get(block.get("block_id", ""), {})) for block in view["blocks"]]
    blocks = [notice(said), *(block for block in kept if block.get("block_id") != NOTICE)]
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


# ----------------------------------------------------------------------------------------------- what comes of a form


def _receipt(receipt: Receipt) -> Iterator[Block]:
    yield from _said(receipt.headline)
    received = dates.moment_in_words(receipt.received)
    yield _section(
        f"{say('case.reference')} *{escape(receipt.reference)}*", escape(say("standing.received", moment=received))
    )
    if receipt.recipients:
        yield from _said("\n".join([say("slack.modal.who_has_it"), *(f"• {one}" for one in receipt.recipients)]))
    for sibling in receipt.siblings:
        read = say("receipt.sibling_read", roles=", ".join(sibling.recipients))
        yield _section(f"{escape(say('receipt.sibling'))} *{escape(sibling.reference)}*. {escape(read)}")
    if receipt.steps:
        yield from _said(
            "\n".join([say("slack.modal.now"), *(f"{at}. {one}" for at, one in enumerate(receipt.steps, 1))])
        )
    if receipt.code:
        yield _section(f"{escape(say('receipt.code'))} *{escape(receipt.code)}*", escape(say("receipt.code_why")))


def _kept(kept: DraftKept, page: Page) -> Iterator[Block]:
    yield from _said(kept.headline, kept.form)
    if kept.code:
        yield _section(f"{escape(say('forms.code'))} *{escape(kept.code)}*")
    yield from _said(*kept.sentences)
    yield _section(linked(say("slack.modal.go_on"), page.to("/forms"), say("slack.modal.page")))


def _section(*lines: str) -> Block:
    return {"type": "section", "text": marked("\n".join(lines))}


# ------------------------------------------------------------------------------------ what there is, how it stands


def offered(forms: FormsView) -> Iterator[Block]:
    """The forms there are, and the drafts that somebody left."""
    for offer in forms.offers:
        yield _section(f"*{escape(offer.title)}*", escape(offer.offer))
        yield actions([button(offer.title, f"{OPEN_FORM}.{offer.form}", json.dumps({"f": offer.form}))])
    if forms.drafts:
        yield header(say("forms.yours"))
    for draft in forms.drafts:
        saved = say("forms.saved", moment=dates.moment_in_words(draft.updated))
        yield _section(f"*{escape(draft.title)}* {escape(saved)}")
        yield actions(
            [
                button(say("forms.open"), OPEN_DRAFT, draft.draft),
                button(say("forms.discard"), DISCARD_DRAFT, draft.draft),
            ]
        )
    yield actions([button(say("forms.come_back"), BY_CODE, "draft"), button(say("standing.title"), MY_REPORTS)])


def standing(view: StandingView) -> Block:
    """How it stands with what somebody sent; nothing of what was told."""
    blocks: list[Block] = []
    for row in view.rows:
        blocks += [*stands(row), divider()]
    if view.is_known and not view.rows:
        blocks += _said(say("standing.none"))
    if view.notices:
        blocks.append(header(say("standing.notices")))
        lines = [f"{dates.moment_in_words(one.at)}: {one.words}" for one in view.notices]
        blocks += _said("\n".join(lines))
    last = [button(say("standing.by_code"), BY_CODE, "report")]
    last += [button(say("standing.mine"), MY_OWN)] if view.is_known else []
    room = MOST_IN_VIEW - 2
    return shown(say("standing.title"), [*blocks[:room], actions(last), context(escape(say("standing.no_notes")))])


def stands(row: StandingRow, *, with_form: bool = True) -> Iterator[Block]:
    """How it stands with one report; on a page that Slack keeps without saying of which kind it is."""
    yield _section(f"*{escape(row.reference)}* {escape(row.form) if with_form else ''}".strip())
    if row.ring:
        danger = f" {say('standing.danger')}" if row.urgent else ""
        yield from _said("\n".join([say("standing.nobody_yet") + danger, *(f"• {line}" for line in row.ring)]))
    yield from _said("\n".join(_standing_lines(row)))


def _standing_lines(row: StandingRow) -> Iterator[str]:
    where = f" {say('standing.inbox_of', roles=', '.join(row.roles))}" if row.roles else ""
    yield say("standing.received", moment=dates.moment_in_words(row.received)) + where
    if row.seen:
        yield say("standing.seen", role=row.seen_by, moment=dates.moment_in_words(row.seen))
    elif not row.is_closed:
        yield say("standing.unseen")
    if row.in_hand:
        yield say("standing.in_hand", role=row.in_hand_by, moment=dates.moment_in_words(row.in_hand))
    if row.goes_on_elsewhere:
        yield say("standing.elsewhere")
    if row.is_closed:
        closed = dates.moment_in_words(row.closed) if row.closed else ""
        yield say("standing.closed", moment=closed) if closed else say("standing.closed_once")
    if row.is_purged:
        yield say("standing.purged")


def code(wanted: str, error: str = "") -> Block:
    """Asks for a code: of a draft, or of a report.

    Args:
        wanted: ``draft`` or ``report``.
        error: what was wrong with the one before.
    """
    element: Block = {"type": "plain_text_input", "action_id": inputs.TEXT, "max_length": 40}
    why = say("forms.come_back_why") if wanted == "draft" else say("standing.code_why")
    blocks = [*([notice(error)] if error else []), input_block(CODE_FIELD, say("forms.code"), element, hint=why)]
    return modal(
        CODE, say("forms.code"), blocks, metadata=wanted, submit=say("slack.modal.show"), close=say("slack.modal.close")
    )


__all__ = [
    "ACT",
    "ANSWER_PREFIX",
    "BY_CODE",
    "CODE",
    "CODE_FIELD",
    "DISCARD_DRAFT",
    "FORM",
    "MY_OWN",
    "MY_REPORTS",
    "OPEN_DRAFT",
    "OPEN_FORM",
    "SAVE_DRAFT",
    "SHOWN",
    "Page",
    "again",
    "code",
    "form",
    "loading",
    "message",
    "notice",
    "offered",
    "reply",
    "shown",
    "standing",
    "stands",
]
