"""What stands on each page of the policy owner's."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import assert_never

from bot.messages import Asked, OpenOwning, OwningHome, OwningPage, OwningView
from bot.owning import asked, documents, drafting, editions, figures, reading
from bot.owning.room import NothingHere, Room
from bot.talk.feedback.insights import NoSuchQuestion
from bot.talk.feedback.sent import SentQuestion
from bot.wording import say
from index.renewal import State
from knowledge.datafile import BadDataFile
from knowledge.library import NoSuchPolicy
from knowledge.overlay import NoSuchVersion


def shown(
    room: Room, wanted: OpenOwning, answers: Mapping[str, str] | None = None, problems: tuple[str, ...] = ()
) -> OwningView:
    """A page, with what was filled in and what is wrong with it."""
    renewal = room.renewals.standing()
    is_worse = renewal.state in {State.KEPT_OUT, State.BROKEN}
    view = OwningView(say(f"owning.title.{wanted.page}"), None, documents.renewal_in_words(renewal), is_worse=is_worse)
    try:
        return _filled(room, view, wanted, answers or {}, problems)
    except BadDataFile as broken:
        return replace(view, notice=f"{say('owning.broken')} {broken}")
    except (NoSuchPolicy, NoSuchVersion, NoSuchQuestion):
        raise NothingHere from None


def _filled(  # noqa: C901, PLR0911 (one arm for each page)
    room: Room, view: OwningView, wanted: OpenOwning, answers: Mapping[str, str], problems: tuple[str, ...]
) -> OwningView:
    match wanted.page:
        case OwningPage.HOME:
            return replace(view, content=_home(room), notice=" ".join(problems))
        case OwningPage.ASKED:
            return replace(view, content=_asked(room, wanted.item, answers, problems))
        case OwningPage.FIGURES:
            return replace(view, content=figures.figures(room.insights, room.today()))
        case OwningPage.RULINGS:
            rows = reading.ruling_rows(room.overlay, room.known, figures.decided(room.insights, room.today()))
            return replace(view, content=rows, notice=" ".join(problems))
        case OwningPage.RULING:
            return _ruling(room, view, wanted, problems)
        case OwningPage.STEP:
            return _step(room, view, wanted, problems)
        case OwningPage.DRAFT:
            return _draft(room, view, wanted, answers, problems)
        case OwningPage.HEALTH:
            policies = tuple(room.overlay.versions.policy(one.slug) for one in room.overlay.versions.in_force())
            return replace(view, content=documents.health(policies, room.today()))
        case OwningPage.VERSIONS:
            return replace(view, content=editions.versions(room.overlay, room.today(), answers, problems))
        case OwningPage.VERSION:
            read = editions.version_read(room.overlay, room.known, wanted.policy, wanted.item, room.today(), problems)
            due = _sign_offs_due(room, wanted.policy, read.against, wanted.item)
            return replace(view, title=f"{read.row.title} {read.row.version}", content=replace(read, sign_offs=due))
        case OwningPage.CHANGES:
            return replace(view, content=documents.changes(room.overlay, room.name_of))
        case _:
            assert_never(wanted.page)


def _home(room: Room) -> OwningHome:
    questions, today = room.insights.questions(), room.today()
    rest = [asked.row(one) for one in questions if one.how is not None or one.told is not None]
    overdue = tuple(
        say("owning.overdue", title=policy.title, month=f"{policy.review_due:%B %Y}")
        for policy in (room.overlay.versions.policy(one.slug) for one in room.overlay.versions.in_force())
        if policy.overdue(today)
    )
    waiting = sum(
        not standing.decides for one in room.overlay.versions.in_force() for standing in room.known.standings(one.slug)
    )
    return OwningHome(
        asked.groups(questions, room.meanings),
        tuple(one for one in rest if one.wants_answer),
        tuple(one for one in rest if not one.wants_answer),
        waiting,
        editions.preparing(room.overlay, today),
        overdue,
        tuple(
            reading.step_row(one.slug, standing)
            for one in room.overlay.versions.in_force()
            for standing in room.known.steps(one.slug)
            if not standing.stands
        ),
    )


def _asked(room: Room, question: str, answers: Mapping[str, str], problems: tuple[str, ...]) -> Asked:
    questions = room.insights.questions()
    found = _found(questions, question)
    return asked.asked(
        found,
        room.policy_of(found),
        asked.groups(questions, room.meanings),
        room.searcher(),
        words=answers.get("words", ""),
        sought=answers.get("sought", "").strip(),
        chosen=answers.get("near", ""),
        about=answers.get("about", ""),
        problems=problems,
    )


def _ruling(room: Room, view: OwningView, wanted: OpenOwning, problems: tuple[str, ...]) -> OwningView:
    policy = room.overlay.versions.policy(wanted.policy, wanted.version or None)
    standing = room.standing(wanted)
    times = figures.decided(room.insights, room.today()).get((policy.slug, wanted.item), 0)
    version = wanted.version or policy.version or ""
    read = reading.ruling_read(room.overlay, room.known, policy, standing, times, version)
    return replace(view, title=standing.ruling.about, content=replace(read, problems=problems))


def _step(room: Room, view: OwningView, wanted: OpenOwning, problems: tuple[str, ...]) -> OwningView:
    policy = room.overlay.versions.policy(wanted.policy, wanted.version or None)
    steps = room.known.steps(wanted.policy, wanted.version or None)
    standing = next((one for one in steps if one.step.id == wanted.item), None)
    if standing is None:
        raise NothingHere
    read = reading.step_read(policy, standing, wanted.version or policy.version or "", problems)
    return replace(view, title=standing.step.title, content=read)


def _sign_offs_due(room: Room, slug: str, old: str, new: str) -> int:
    versions = room.overlay.versions
    return room.sign_offs_due(versions.policy(slug, old), versions.policy(slug, new)) if old else 0


def _draft(
    room: Room, view: OwningView, wanted: OpenOwning, answers: Mapping[str, str], problems: tuple[str, ...]
) -> OwningView:
    """The form; once something is filled in, with the checker's words and what it would answer."""
    slug = wanted.policy or room.first_policy()
    if answers:
        previewed, _ = room.previewed(slug, drafting.filled(slug, answers))
        extra = tuple(one for one in problems if one not in previewed.wrong)
        notice = say("owning.not_put_in") if problems else ""
        return replace(view, content=replace(previewed, wrong=(*extra, *previewed.wrong)), notice=notice)
    question = ""
    begun: dict[str, str] = {}
    if wanted.item:
        with suppress(NoSuchQuestion):
            found = room.insights.question(wanted.item)
            question, slug = found.id, room.policy_of(found)
            begun = {"phrasings": found.text, "cites": ", ".join(found.labels[:1])}
    return replace(view, content=drafting.filled(slug, begun, question))


def _found(questions: tuple[SentQuestion, ...], question: str) -> SentQuestion:
    for one in questions:
        if one.id == question:
            return one
    raise NoSuchQuestion
