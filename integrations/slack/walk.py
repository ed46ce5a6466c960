"""The induction as modals: the walk, a step of it, the agreement, what was signed; and what they carry along."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.cases import dates
from bot.messages import (
    AgreementView,
    ChangedClause,
    CheckRow,
    InductionStepRow,
    InductionStepView,
    InductionView,
    Judged,
    SignedView,
    SignOffRow,
    SignOffsView,
    SituationView,
    StepState,
)
from bot.wording import say
from integrations.slack import citing, inputs
from integrations.slack.blocks import (
    LONGEST_OPTION,
    LONGEST_TITLE,
    MOST_OPTIONS,
    Block,
    actions,
    button,
    context,
    divider,
    escape,
    header,
    input_block,
    link,
    modal,
    option,
    plain,
    quote,
    section,
    sections,
)
from integrations.slack.forms import Page, not_live, notice, said
from integrations.slack.inputs import Setting
from knowledge.locks import Words
from knowledge.model import Citation

STEP, AGREEMENT, WALK = "walk_step", "walk_agreement", "walk"
"""Which handler hears of the submission of a modal."""

OPEN_WALK = "walk_open"
OPEN_STEP = "walk_to"
PICK_STEP = "walk_pick"
SKIP_STEP = "walk_skip"
OPEN_AGREEMENT = "walk_sign"
OPEN_SIGNED = "walk_signed"

SITUATION = "situation."
"""Before the id of a situation, in the name of its field."""

TICK = "tick."
"""Before the id of a check, in the name of its field."""

CODE_FIELD = "walk_code"

_DONE = "done"


@dataclass(frozen=True, slots=True)
class Carried:
    """What a window of the induction carries: ids, and nothing that anybody wrote.

    Attributes:
        policy: the policy's slug.
        step: the step's id; empty where it shows none.
        form: the id of the agreement as it was shown; empty where it shows none.
        digest: of what is signed there.
        owner: whose walk it is, sealed, for whoever has a code; else empty.
    """

    policy: str = ""
    step: str = ""
    form: str = ""
    digest: str = ""
    owner: str = field(default="", repr=False)

    def metadata(self) -> str:
        """As a modal carries it."""
        given = {"policy": self.policy, "step": self.step, "form": self.form, "digest": self.digest}
        return json.dumps(given | ({"owner": self.owner} if self.owner else {}))


def carried(view: Mapping[str, Any]) -> Carried:
    """What a window carried; nothing where it is none of ours."""
    try:
        given = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        given = {}
    given = given if isinstance(given, dict) else {}
    policy, step, form, digest, owner = (
        str(given.get(key) or "") for key in ("policy", "step", "form", "digest", "owner")
    )
    return Carried(policy, step, form, digest, owner)


# ---------------------------------------------------------------------------------------------------------- the walk


def walk(view: InductionView, page: Page, *, is_known: bool) -> Block:
    """The whole walk; whoever is not known can tell a code there."""
    blocks = [header(view.title), context(escape(_edition(view.policy_title, view.version)))]
    blocks += _due(view.due)
    if view.code:
        blocks += [section(f"*{escape(say('forms.code'))}:* `{escape(view.code)}`")]
        blocks += said(say("walk.code_new" if view.is_new_code else "walk.code_here"))
    blocks += said(*view.says)
    blocks += [context(escape(view.kept))] if view.kept else []
    blocks += [section(f"*{escape(_progress(view))}*")]
    blocks += [actions(list(_ways(view)))]
    blocks += [divider(), *(_row(row) for row in view.steps), _menu(view.steps)]
    submit = ""
    if not is_known and not view.code:
        element: Block = {"type": "plain_text_input", "action_id": inputs.TEXT, "max_length": 40}
        hint = say("walk.come_back_why")
        blocks += [divider(), input_block(CODE_FIELD, say("walk.come_back"), element, hint=hint, is_optional=True)]
        submit = say("slack.modal.show")
    return _modal(WALK, blocks, Carried(view.policy, owner=page.owner), submit)


def _ways(view: InductionView) -> Iterator[Block]:
    if view.here:
        here = next(row for row in view.steps if row.is_here)
        words = say("walk.go_on", title=here.title) if view.is_begun else say("walk.begin")
        yield button(words, OPEN_STEP, here.step, style="primary")
    if view.is_ready or not view.here:
        yield button(say("walk.to_agreement"), OPEN_AGREEMENT, view.policy, style="" if view.here else "primary")
    yield button(say("walk.what_i_signed"), OPEN_SIGNED)


def progress(view: InductionView) -> Iterator[Block]:
    """The walk in a few lines, as App Home shows it: how far, what is due, and the way to it."""
    yield header(view.title)
    yield from _due(view.due)
    yield section(escape(_progress(view)))
    words = say("walk.offer") if not view.is_begun else say("slack.walk.go_on")
    yield actions([button(words, OPEN_WALK, view.policy), button(say("walk.what_i_signed"), OPEN_SIGNED)])


def _progress(view: InductionView) -> str:
    through = sum(row.state in {StepState.DONE, StepState.SKIPPED} for row in view.steps)
    told = [say("walk.progress", done=through, count=len(view.steps))]
    told += [say("walk.minutes_left", minutes=view.minutes_left)] if view.minutes_left else []
    told += [say("walk.signed_on", day=dates.moment_in_words(view.signed.signed_at))] if view.signed else []
    return " ".join(told)


def _row(row: InductionStepRow) -> Block:
    sign = {StepState.DONE: "✓", StepState.SKIPPED: "\N{EN DASH}", StepState.BEGUN: "…", StepState.OPEN: "○"}[row.state]
    told = f"{sign} {row.title} ({say('walk.minutes', minutes=row.minutes)}, {say(f'walk.state.{row.state}')})"
    return context(f"*{escape(told)}*" if row.is_here else escape(told))


def _menu(rows: tuple[InductionStepRow, ...]) -> Block:
    """Goes to any step."""
    options = [option(row.title[:LONGEST_OPTION], row.step) for row in rows[:MOST_OPTIONS]]
    return actions(
        [
            {
                "type": "static_select",
                "action_id": PICK_STEP,
                "placeholder": plain(say("slack.walk.pick")),
                "options": options,
            }
        ]
    )


# ---------------------------------------------------------------------------------------------------------- a step


def step(view: InductionStepView, page: Page) -> Block:
    """One step: what is asked, situations to judge, checks to tick."""
    counted = say("walk.step", number=view.number, count=view.count)
    blocks = [context(escape(f"{counted}, {say('walk.minutes', minutes=view.minutes)}")), header(view.title)]
    blocks += [notice(view.notice)] if view.notice else []
    for one in view.says:
        blocks += sections(one.text, "*", "*")
        for citation in one.citations:
            if str(citation.clause.label) in one.shown_before:
                blocks.append(context(citing.headed(citation, page.link)))
            else:
                blocks += _cited(citation, page.link)
    for situation in view.situations:
        blocks += _situation(situation, page)
    for check in view.checks:
        blocks += _check(check, page)
    elements = [button(say("walk.overview"), OPEN_WALK, view.policy)]
    elements += [button(say("walk.before"), OPEN_STEP, view.before)] if view.before else []
    elements += [button(view.skip, SKIP_STEP, view.step)] if view.skip else []
    blocks += [divider(), actions(elements)]
    blocks += [context(escape(view.kept))] if view.kept else []
    submit = view.submit if len(view.submit) <= LONGEST_TITLE else say("slack.walk.next")
    return _modal(STEP, blocks, Carried(view.policy, view.step, owner=page.owner), submit)


def _situation(view: SituationView, page: Page) -> Iterator[Block]:
    yield divider()
    yield section(f"*{escape(say('walk.situation'))}*")
    yield from sections(view.text)
    options = [option(choice.label, choice.value) for choice in view.choices]
    element: Block = {"type": "radio_buttons", "action_id": inputs.CHOSEN, "options": options}
    yield input_block(SITUATION + view.situation, view.ask, element, is_optional=True, tells_at_once=True)
    if view.judged:
        yield from _judged(view.judged, page)
    elif view.was_judged:
        yield context(escape(say("walk.was_judged")))


def _judged(judged: Judged, page: Page) -> Iterator[Block]:
    """What the ruling says; no mark, and no count."""
    yield context(escape(judged.chosen))
    yield section(f"*{escape(judged.headline)}*")
    yield from said(*filter(None, [judged.says]))
    yield context(f"{escape(say('walk.decided_by'))} {', '.join(_label(one, page.link) for one in judged.citations)}")


def _check(view: CheckRow, page: Page) -> Iterator[Block]:
    done = option(say("slack.walk.done"), _DONE)
    element: Block = {"type": "checkboxes", "action_id": inputs.TICKED, "options": [done]}
    element |= {"initial_options": [done]} if view.ticked else {}
    yield input_block(TICK + view.check, view.text, element, is_optional=True)
    asked = f"{escape(say('walk.asked_by'))} {', '.join(_label(one, page.link) for one in view.citations)}"
    yield context(asked)


def offered(view: InductionStepView) -> tuple[str, ...]:
    """The names of the forms that the checks of a step offer."""
    return tuple(dict.fromkeys(name for check in view.checks for name in check.offers))


# ------------------------------------------------------------------------------------------------------ the agreement


def agreement(view: AgreementView, page: Page) -> Block:
    """The agreement, whole, what changed since it was signed, and the form to sign it, where nothing comes first."""
    blocks = [*not_live(is_live=page.is_live), header(view.title)]
    blocks += [notice(view.notice)] if view.notice else []
    blocks += [context(escape(_edition(view.policy_title, view.version)))]
    blocks += _due(view.due)
    blocks += _changes(view.changed)
    blocks += said(*view.says)
    blocks += [section(f"*{escape(say('walk.agreement_whole'))}*"), *_cited(view.agreement, page.link)]
    blocks += [section(f"*{escape(say('walk.binds'))}*")]
    for bound in view.binds:
        address = page.to(bound.address) if bound.address.startswith("/") else bound.address
        blocks.append(section("\n".join(filter(None, [f"• {link(address, bound.name)}", escape(bound.says)]))))
    blocks += [context(f"{escape(say('walk.digest_shown'))} {escape(view.digest)}")]
    submit = ""
    if view.is_ready:
        blocks += [divider(), *(one for asked in view.questions for one in inputs.inputs(asked, Setting()))]
        submit = view.submit if len(view.submit) <= LONGEST_TITLE else say("walk.sign")
    else:
        blocks += [section(f"*{escape(say('walk.left'))}*"), *(_row(row) for row in view.left), _menu(view.left)]
    blocks += [actions([button(say("walk.overview"), OPEN_WALK, view.policy)])]
    return _modal(AGREEMENT, blocks, Carried(view.policy, "", view.form, view.digest, page.owner), submit)


def signed(view: SignedView, page: Page) -> Block:
    """That it is signed."""
    blocks = [header(view.headline), *_signed(view.row)]
    if view.code:
        blocks += [section(f"*{escape(say('forms.code'))}:* `{escape(view.code)}`"), *said(say("walk.code_new"))]
    blocks += [*said(*view.sentences), *_certificate(page)]
    return _modal(WALK, blocks, Carried(view.row.policy, owner=page.owner))


def sign_offs(view: SignOffsView, page: Page) -> Block:
    """What somebody has signed."""
    blocks = [header(view.title), *said(*view.says)]
    for row in view.rows:
        blocks += [divider(), *_signed(row), *_due(row.due), *_changes(row.changed)]
        blocks += [actions([button(say("walk.sign_again"), OPEN_AGREEMENT, row.policy)])] if row.due else []
    blocks += _certificate(page)
    return _modal(WALK, blocks, Carried(owner=page.owner))


def _signed(row: SignOffRow) -> Iterator[Block]:
    told = {
        say("walk.row.policy"): _edition(row.policy_title, row.version),
        say("walk.row.name"): row.name,
        say("walk.row.role"): row.role,
        say("walk.row.when"): dates.moment_in_words(row.signed_at),
    }
    yield section(*(f"*{escape(what)}:* {escape(value)}" for what, value in told.items()))
    yield context(f"{escape(say('walk.row.digest'))}: {escape(row.digest)}")


def _certificate(page: Page) -> Iterator[Block]:
    """A file cannot be given in a window: it lies on the page."""
    if page.link:
        yield section(link(page.to("/induction/signed"), say("walk.certificate")))


def _changes(changed: tuple[ChangedClause, ...]) -> Iterator[Block]:
    """Each clause as it was and as it is, one under the other."""
    if changed:
        yield section(f"*{escape(say('walk.changed.title'))}*")
    for one in changed:
        yield section(f"*{escape(one.label)}*")
        if one.moved:
            yield context(escape(say("walk.changed.moved", label=one.moved)))
        yield from _words(say("walk.changed.then"), one.old, say("walk.changed.not_then"))
        yield from _words(say("walk.changed.now"), one.new, say("walk.changed.not_now"))


def _words(when: str, words: Words | None, none: str) -> Iterator[Block]:
    yield context(escape(f"{when}:" if words else f"{when}: {none}"))
    if words:
        yield quote(words.text, words.lead_in or "")


# -------------------------------------------------------------------------------------------------------------- shared


def _modal(callback: str, blocks: list[Block], carries: Carried, submit: str = "") -> Block:
    metadata, close = carries.metadata(), say("slack.modal.close")
    return modal(callback, say("slack.walk.title"), blocks, metadata=metadata, submit=submit, close=close)


def _due(due: tuple[str, ...]) -> Iterator[Block]:
    for sentence in due:
        yield section(f"⚠ *{escape(sentence)}*")


def _cited(citation: Citation, address: str) -> Iterator[Block]:
    yield context(citing.headed(citation, address))
    yield quote(citation.clause.text, citation.clause.lead_in or "")


def _label(citation: Citation, address: str) -> str:
    return f"*{citing.labelled(citation, address)}*"


def _edition(title: str, version: str | None) -> str:
    return f"{title}, {say('citation.version', version=version)}" if version else title
