"""What the policy owner does on their pages, and which page shows it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import assert_never

from bot.messages import ActAsOwner, ExportFile, OpenOwning, OwningAct, OwningPage, OwningView
from bot.owning import asked, drafting, editions
from bot.owning.pages import shown
from bot.owning.room import Room
from bot.talk.feedback.insights import NoSuchQuestion
from bot.talk.feedback.sent import How
from bot.wording import say
from knowledge.overlay import By, ToTopic

ROLE = "policy_owner"
"""The role in which knowledge is changed, as it stands in the log."""

MAX_PHRASING = 500
"""Characters of a message that is added; the question that it was made of may have more."""

MAX_ABOUT = 120
"""Characters of the name of a topic."""

_DONE = {
    OwningAct.ADD_PHRASING: "phrasing", OwningAct.NOT_COVERED: "not_covered", OwningAct.SET_ASIDE: "set_aside",
    OwningAct.TOLD: "told", OwningAct.DELETE: "delete", OwningAct.PUT_IN: "put_in", OwningAct.ACCEPT: "accept",
    OwningAct.TAKE_OUT: "take_out", OwningAct.TAKE_OUT_PHRASING: "take_out_phrasing", OwningAct.UPLOAD: "upload",
    OwningAct.PUBLISH: "publish", OwningAct.WITHDRAW: "withdraw", OwningAct.ROLL_BACK: "roll_back",
}  # fmt: skip


class Wrong(Exception):
    """Something was filled in wrongly: what, in words, stands in ``problems``."""

    def __init__(self, *problems: str) -> None:
        """Takes what is wrong."""
        super().__init__(*problems)
        self.problems = problems


def do(room: Room, wanted: ActAsOwner, page: OpenOwning) -> OwningView | ExportFile:  # noqa: C901, PLR0911, PLR0912 (one arm for each act)
    """Does what was pressed on a page, and gives the page that shows it, or the file that was asked for.

    Raises:
        Wrong: something was filled in wrongly.
    """
    answers, by = wanted.answers, By(wanted.person, ROLE)
    match wanted.act:
        case OwningAct.SEARCH | OwningAct.PREVIEW:
            return shown(room, page, answers)
        case OwningAct.ADD_PHRASING:
            _add_phrasing(room, wanted, by)
        case OwningAct.NOT_COVERED:
            _mark_not_covered(room, wanted, by)
        case OwningAct.SET_ASIDE:
            room.insights.done(wanted.item, How.SET_ASIDE)
        case OwningAct.TOLD:
            room.insights.told(wanted.item)
        case OwningAct.DELETE:
            room.insights.delete(wanted.item)
            return _done(room, wanted, OpenOwning(wanted.person, OwningPage.HOME))
        case OwningAct.PUT_IN:
            return _put_in(room, wanted, by)
        case OwningAct.ACCEPT if wanted.page is OwningPage.STEP:
            room.overlay.steps.accept(wanted.policy, wanted.item, by, wanted.version or None)
        case OwningAct.ACCEPT:
            room.overlay.rulings.accept(wanted.policy, wanted.item, by, wanted.version or None)
        case OwningAct.TAKE_OUT:
            room.overlay.rulings.take_out(wanted.policy, wanted.item, by)
            return _done(room, wanted, OpenOwning(wanted.person, OwningPage.RULINGS))
        case OwningAct.TAKE_OUT_PHRASING:
            room.overlay.phrasings.take_out(wanted.policy, answers.get("phrasing", ""), by)
        case OwningAct.UPLOAD:
            return _upload(room, wanted, by)
        case OwningAct.PUBLISH:
            room.overlay.versions.publish(wanted.policy, wanted.item, _day(answers.get("effective", "")), by)
        case OwningAct.WITHDRAW:
            room.overlay.versions.withdraw(wanted.policy, wanted.item, by)
        case OwningAct.ROLL_BACK:
            room.overlay.versions.roll_back(wanted.policy, wanted.item, by)
        case OwningAct.EXPORT_ZIP:
            return ExportFile("touchstone-knowledge.zip", "application/zip", room.overlay.log.export_zip())
        case OwningAct.EXPORT_DIFF:
            content = room.overlay.log.export_diff().encode()
            return ExportFile("touchstone-knowledge.diff", "text/plain; charset=utf-8", content)
        case _:
            assert_never(wanted.act)
    return _done(room, wanted, page)


def _done(room: Room, wanted: ActAsOwner, goes_to: OpenOwning) -> OwningView:
    return replace(shown(room, goes_to), done=say(f"owning.done.{_DONE[wanted.act]}"), goes_to=goes_to)


def _add_phrasing(room: Room, wanted: ActAsOwner, by: By) -> None:
    question = room.insights.question(wanted.item)
    words, chosen = _words(wanted.answers), wanted.answers.get("near", "")
    target = asked.target(chosen)
    if target is None or isinstance(target, ToTopic):
        raise Wrong(say("owning.wrong.choose"))
    room.overlay.phrasings.add(room.policy_of(question), words, target, by)
    room.insights.done(question.id, How.PHRASING, asked.named(target))


def _mark_not_covered(room: Room, wanted: ActAsOwner, by: By) -> None:
    """A message of a topic that is there, or of a new one."""
    question = room.insights.question(wanted.item)
    slug, words, chosen = room.policy_of(question), _words(wanted.answers), wanted.answers.get("topic", "")
    about = " ".join(wanted.answers.get("about", "").split())
    target = asked.target(chosen)
    if isinstance(target, ToTopic):
        room.overlay.phrasings.add(slug, words, target, by)
        room.insights.done(question.id, How.NOT_COVERED, target.id)
        return
    if not about or len(about) > MAX_ABOUT:
        raise Wrong(say("owning.wrong.about", most=MAX_ABOUT))
    near = tuple(question.labels[:3])
    room.insights.done(question.id, How.NOT_COVERED, room.overlay.phrasings.add_topic(slug, about, words, near, by))


def _put_in(room: Room, wanted: ActAsOwner, by: By) -> OwningView:
    slug = wanted.policy or room.first_policy()
    draft, text = room.previewed(slug, drafting.filled(slug, wanted.answers))
    if draft.wrong:
        raise Wrong(*draft.wrong)
    name, *_ = room.overlay.rulings.put_in(slug, text, by)
    if draft.question:
        with suppress(NoSuchQuestion):
            room.insights.done(draft.question, How.RULING, name)
    return _done(room, wanted, OpenOwning(wanted.person, OwningPage.RULING, slug, name))


def _upload(room: Room, wanted: ActAsOwner, by: By) -> OwningView:
    answers = wanted.answers
    version, slug = answers.get("version", "").strip(), answers.get("policy", "").strip()
    if wanted.document is None or not wanted.document[0]:
        raise Wrong(say("owning.wrong.no_document"))
    name, content = wanted.document
    if len(content) > editions.MAX_DOCUMENT:
        raise Wrong(say("owning.wrong.large", most=editions.MAX_DOCUMENT // 1024 // 1024))
    months = answers.get("review_months", "").strip()
    if months and not (months.isdecimal() and 0 < int(months) <= 120):  # noqa: PLR2004 (ten years)
        raise Wrong(say("owning.wrong.months"))
    approved = answers.get("approved", "").strip()
    room.overlay.versions.upload(
        slug,
        version,
        name,
        content,
        by,
        title=answers.get("title", "").strip(),
        approved=_day(approved) if approved else None,
        review_months=int(months) if months else None,
    )
    return _done(room, wanted, OpenOwning(wanted.person, OwningPage.VERSION, slug, version))


def _words(answers: Mapping[str, str]) -> str:
    """The message that is to be added, on one line."""
    words = " ".join(answers.get("words", "").split())
    if not words:
        raise Wrong(say("owning.wrong.no_words"))
    if len(words) > MAX_PHRASING:
        raise Wrong(say("owning.wrong.long", most=MAX_PHRASING, over=len(words) - MAX_PHRASING))
    return words


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Wrong(say("owning.wrong.day")) from None
