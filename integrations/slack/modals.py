"""Reply -> modal: what comes of a form, which forms there are, how it stands with what was sent."""

import json
from collections.abc import Iterable, Iterator
from typing import assert_never
from urllib.parse import quote

from bot.cases import dates
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
    Noted,
    OwningView,
    OwnView,
    QuestionView,
    Receipt,
    Refusal,
    Reply,
    RetentionView,
    SectionView,
    Shown,
    SignedView,
    SignOffsView,
    StandingRow,
    StandingView,
)
from bot.wording import say
from integrations.slack import cases, citing, forms, inputs, walk
from integrations.slack.blocks import (
    MOST_IN_VIEW,
    Block,
    actions,
    asked_first,
    button,
    context,
    divider,
    escape,
    header,
    input_block,
    linked,
    modal,
    section,
    sections,
)
from integrations.slack.forms import Page, said, titled

CODE, SHOWN = "code", "shown"
"""Which handler hears of the submission of a modal; of one that is only shown there is none."""

OPEN_FORM = "open_form"
"""The beginning of the id of a button that opens a form; the form's name follows after a full stop."""
OPEN_DRAFT = "open_draft"
DISCARD_DRAFT = "discard_draft"
MY_REPORTS = "my_reports"
MY_OWN = "my_own"
BY_CODE = "by_code"

CODE_FIELD = "code"

QUESTION_FORM = "question"
"""The modal in which a question is sent to the policy owner."""


def reply(reply: Reply, page: Page, *, is_known: bool = False) -> Block:  # noqa: C901, PLR0911, PLR0912 (one arm for each kind of Reply)
    """A reply of the desk as a modal; of the induction for somebody who is in the directory, or not."""
    match reply:
        case FormView():
            return forms.form(reply, page)
        case Receipt():
            return shown(say("slack.modal.receipt"), [*forms.not_live(is_live=page.is_live), *_receipt(reply)])
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
            return shown(say("slack.modal.noted"), said(reply.headline, *reply.sentences))
        case Refusal(headline):
            return message(headline)
        case SectionView():
            return _section_of(reply, page)
        case QuestionView():
            return _question(reply)
        case InductionView():
            return walk.walk(reply, page, is_known=is_known)
        case InductionStepView():
            return walk.step(reply, page)
        case AgreementView():
            return walk.agreement(reply, page)
        case SignedView():
            return walk.signed(reply, page)
        case SignOffsView():
            return walk.sign_offs(reply, page)
        case (
            Answer()
            | InboxView()
            | ExportFile()
            | RetentionView()
            | AccountView()
            | AttachmentContent()
            | InductionLeadView()
            | OwningView()
        ):
            return message(say("slack.modal.on_the_page" if page.link else "slack.modal.not_here"))
        case _:
            assert_never(reply)


# ------------------------------------------------------------------------------------------------------ small ones


def loading(title: str = "") -> Block:
    """What is opened at once, before anything is known: a trigger dies within three seconds."""
    return shown(title or say("slack.modal.loading_title"), said(say("slack.modal.loading")))


def message(*sentences: str) -> Block:
    """Sentences alone."""
    return shown(say("slack.modal.title"), said(*sentences))


def shown(title: str, blocks: Iterable[Block]) -> Block:
    """A modal in which nothing is filled in."""
    return modal(SHOWN, title, titled(title, list(blocks)), close=say("slack.modal.close"))


# ------------------------------------------------------------------------------------------------- what is asked


def _section_of(view: SectionView, page: Page) -> Block:
    """The section of a clause."""
    return shown(str(view.citation.clause.label), citing.section_blocks(view, page.link))


def _question(question: QuestionView) -> Block:
    """The question to the policy owner, with what was typed and what is wrong with it."""
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
    metadata = json.dumps({"d": question.draft, **carries(question.shown)})
    return modal(
        QUESTION_FORM,
        say("slack.asking.owner_title"),
        blocks,
        metadata=metadata,
        submit=question.submit,
        close=say("owner.close"),
    )


def carries(shown: Shown) -> dict[str, object]:
    """What an answer showed, as a button or a modal carries it along."""
    return {"e": str(shown.verdict), "p": shown.policy, "l": list(shown.labels)}


# ----------------------------------------------------------------------------------------------- what comes of a form


def _receipt(receipt: Receipt) -> Iterator[Block]:
    yield from said(receipt.headline)
    received = dates.moment_in_words(receipt.received)
    yield section(
        f"{say('case.reference')} *{escape(receipt.reference)}*", escape(say("standing.received", moment=received))
    )
    if receipt.recipients:
        yield from said("\n".join([say("slack.modal.who_has_it"), *(f"• {one}" for one in receipt.recipients)]))
    for sibling in receipt.siblings:
        read = say("receipt.sibling_read", roles=", ".join(sibling.recipients))
        yield section(f"{escape(say('receipt.sibling'))} *{escape(sibling.reference)}*. {escape(read)}")
    if receipt.steps:
        yield from said(
            "\n".join([say("slack.modal.now"), *(f"{at}. {one}" for at, one in enumerate(receipt.steps, 1))])
        )
    if receipt.code:
        yield section(f"{escape(say('receipt.code'))} *{escape(receipt.code)}*", escape(say("receipt.code_why")))


def _kept(kept: DraftKept, page: Page) -> Iterator[Block]:
    yield from said(kept.headline, kept.form)
    if kept.code:
        yield section(f"{escape(say('forms.code'))} *{escape(kept.code)}*")
    yield from said(*kept.sentences)
    go_on = say("slack.modal.go_on" if page.link else "slack.modal.go_on_here")
    yield section(linked(go_on, page.to("/forms"), say("slack.modal.page")))


# ------------------------------------------------------------------------------------ what there is, how it stands


def offered(view: FormsView) -> Iterator[Block]:
    """The forms there are, and the drafts that somebody left."""
    for offer in view.offers:
        yield section(f"*{escape(offer.title)}*", escape(offer.offer))
        yield actions([button(offer.title, f"{OPEN_FORM}.{offer.form}", json.dumps({"f": offer.form}))])
    if view.drafts:
        yield header(say("forms.yours"))
    for draft in view.drafts:
        saved = say("forms.saved", moment=dates.moment_in_words(draft.updated))
        yield section(f"*{escape(draft.title)}* {escape(saved)}")
        yield actions(
            [
                button(say("forms.open"), OPEN_DRAFT, draft.draft),
                button(say("forms.discard"), DISCARD_DRAFT, draft.draft, confirm=_sure()),
            ]
        )
    yield actions([button(say("forms.come_back"), BY_CODE, "draft"), button(say("standing.title"), MY_REPORTS)])


def _sure() -> Block:
    return asked_first(
        say("slack.modal.discard_title"),
        say("slack.modal.discard_why"),
        say("forms.discard"),
        say("slack.modal.discard_not"),
    )


def standing(view: StandingView) -> Block:
    """How it stands with what somebody sent; nothing of what was told."""
    blocks: list[Block] = []
    for row in view.rows:
        blocks += [*stands(row), divider()]
    if view.is_known and not view.rows:
        blocks += said(say("standing.none"))
    if view.notices:
        blocks.append(header(say("standing.notices")))
        lines = [f"{dates.moment_in_words(one.at)}: {one.words}" for one in view.notices]
        blocks += said("\n".join(lines))
    last = [button(say("standing.by_code"), BY_CODE, "report")]
    last += [button(say("standing.mine"), MY_OWN)] if view.is_known else []
    room = MOST_IN_VIEW - 2
    return shown(say("standing.title"), [*blocks[:room], actions(last), context(escape(say("standing.no_notes")))])


def stands(row: StandingRow, *, with_form: bool = True) -> Iterator[Block]:
    """How it stands with one report; on a page that Slack keeps without saying of which kind it is."""
    yield section(f"*{escape(row.reference)}* {escape(row.form) if with_form else ''}".strip())
    if row.ring:
        danger = f" {say('standing.danger')}" if row.urgent else ""
        yield from said("\n".join([say("standing.nobody_yet") + danger, *(f"• {line}" for line in row.ring)]))
    yield from said("\n".join(_standing_lines(row)))


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
    blocks = [*([forms.notice(error)] if error else []), input_block(CODE_FIELD, say("forms.code"), element, hint=why)]
    return modal(
        CODE, say("forms.code"), blocks, metadata=wanted, submit=say("slack.modal.show"), close=say("slack.modal.close")
    )
