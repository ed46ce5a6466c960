"""Shows the policy owner their pages, and does what they do there: the one door; who they are is asked each time."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, assert_never

from bot.messages import (
    ActAsOwner,
    Asked,
    ExportFile,
    OpenOwning,
    OwningAct,
    OwningHome,
    OwningPage,
    OwningView,
    RulingDraft,
)
from bot.owning import asked, documents, drafting, editions, figures, reading
from bot.owning.grouping import Meanings
from bot.owning.known import Known
from bot.talk.feedback.insights import Insights, NoSuchQuestion
from bot.talk.feedback.sent import How, SentQuestion
from bot.wording import say
from index.renewal import Renewal, State
from index.search import Searcher
from knowledge.datafile import BadDataFile
from knowledge.errors import TouchstoneError
from knowledge.library import NoSuchPolicy
from knowledge.locks import Standing
from knowledge.model import Policy
from knowledge.overlay import (
    By,
    CannotAccept,
    CannotBeVersion,
    CannotPublish,
    NoSuchPhrasing,
    NoSuchVersion,
    NothingToAttachTo,
    Overlay,
    Refused,
    ToTopic,
)
from knowledge.readers.errors import UnreadableDocument

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


class Renewing(Protocol):
    """What says how the last change of the knowledge fared: `index.renewal.Renewals`."""

    def standing(self) -> Renewal:
        """How it stands now."""


class NotTheOwner(TouchstoneError):
    """There is no such page for whoever asks."""


class NothingHere(TouchstoneError):
    """There is no such question, ruling or version."""


class _Wrong(Exception):
    """Something was filled in wrongly: what, in words."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Owning:
    """The policy owner's room.

    Attributes:
        insights: what was counted and sent.
        overlay: the doors to what is known.
        known: what is read through them again and again.
        renewals: how the last change fared.
        searcher: gives the searcher of what is answered from now.
        meanings: groups what was sent.
        today: the day at school.
        may: whether somebody, by their id in the directory, is policy owner now.
        name_of: the name of somebody, by their id.
        sign_offs_due: how many signatures that stand on the first version of a policy do not on the second.
    """

    insights: Insights
    overlay: Overlay
    known: Known
    renewals: Renewing
    searcher: Callable[[], Searcher]
    meanings: Meanings
    today: Callable[[], date]
    may: Callable[[str], bool]
    name_of: Callable[[str], str]
    sign_offs_due: Callable[[Policy, Policy], int]

    def open(self, wanted: OpenOwning) -> OwningView:
        """A page.

        Raises:
            NotTheOwner: whoever asks is not policy owner now.
            NothingHere: there is no such thing.
            InsightsUnusable: what was counted or sent cannot be read.
            SnapshotMissing: nothing was built yet.
        """
        self._see(wanted.person)
        return self._shown(wanted)

    def act(self, wanted: ActAsOwner) -> OwningView | ExportFile:
        """Does something, and shows what came of it; or gives it back with what is wrong and all that was filled in.

        Raises:
            NotTheOwner: whoever does it is not policy owner now.
            NothingHere: there is no such thing.
            InsightsUnusable: what was counted or sent cannot be read.
        """
        self._see(wanted.person)
        page = OpenOwning(wanted.person, wanted.page, wanted.policy, wanted.item, wanted.version)
        try:
            return self._act(wanted, page)
        except _Wrong as wrong:
            problems = wrong.problems
        except Refused as refused:
            problems = tuple(one.what for one in refused.problems)
        except UnreadableDocument as unreadable:
            problems = (say("owning.wrong.document", why=str(unreadable)),)
        except (CannotAccept, CannotBeVersion, CannotPublish, NoSuchPhrasing, NothingToAttachTo) as refused:
            problems = (say(f"owning.wrong.{type(refused).__name__}"),)
        except BadDataFile as broken:
            problems = (say("owning.broken"), str(broken))
        except (NoSuchPolicy, NoSuchVersion, NoSuchQuestion):
            raise NothingHere from None
        return self._shown(page, wanted.answers, problems)

    # ---------------------------------------------------------------------------------------------- what is shown

    def _see(self, person: str) -> None:
        if not self.may(person):
            raise NotTheOwner

    def _shown(
        self, wanted: OpenOwning, answers: Mapping[str, str] | None = None, problems: tuple[str, ...] = ()
    ) -> OwningView:
        """A page, with what was filled in and what is wrong with it."""
        renewal = self.renewals.standing()
        is_worse = renewal.state in {State.KEPT_OUT, State.BROKEN}
        view = OwningView(
            say(f"owning.title.{wanted.page}"), None, documents.renewal_in_words(renewal), is_worse=is_worse
        )
        try:
            return self._filled(view, wanted, answers or {}, problems)
        except BadDataFile as broken:
            return replace(view, notice=f"{say('owning.broken')} {broken}")
        except (NoSuchPolicy, NoSuchVersion, NoSuchQuestion):
            raise NothingHere from None

    def _filled(  # noqa: C901, PLR0911 (one arm for each page)
        self, view: OwningView, wanted: OpenOwning, answers: Mapping[str, str], problems: tuple[str, ...]
    ) -> OwningView:
        match wanted.page:
            case OwningPage.HOME:
                return replace(view, content=self._home(), notice=" ".join(problems))
            case OwningPage.ASKED:
                return replace(view, content=self._asked(wanted.item, answers, problems))
            case OwningPage.FIGURES:
                return replace(view, content=figures.figures(self.insights, self.today()))
            case OwningPage.RULINGS:
                rows = reading.ruling_rows(self.overlay, self.known, figures.decided(self.insights, self.today()))
                return replace(view, content=rows, notice=" ".join(problems))
            case OwningPage.RULING:
                return self._ruling(view, wanted, problems)
            case OwningPage.STEP:
                return self._step(view, wanted, problems)
            case OwningPage.DRAFT:
                return self._draft(view, wanted, answers, problems)
            case OwningPage.HEALTH:
                policies = tuple(self.overlay.policy(one.slug) for one in self.overlay.in_force())
                return replace(view, content=documents.health(policies, self.today()))
            case OwningPage.VERSIONS:
                return replace(view, content=editions.versions(self.overlay, self.today(), answers, problems))
            case OwningPage.VERSION:
                read = editions.version_read(
                    self.overlay, self.known, wanted.policy, wanted.item, self.today(), problems
                )
                due = self._sign_offs_due(wanted.policy, read.against, wanted.item)
                return replace(view, title=f"{read.row.title} {read.row.version}", content=replace(read, sign_offs=due))
            case OwningPage.CHANGES:
                return replace(view, content=documents.changes(self.overlay, self.name_of))
            case _:
                assert_never(wanted.page)

    def _home(self) -> OwningHome:
        questions, today = self.insights.questions(), self.today()
        rest = [asked.row(one) for one in questions if one.how is not None or one.told is not None]
        overdue = tuple(
            say("owning.overdue", title=policy.title, month=f"{policy.review_due:%B %Y}")
            for policy in (self.overlay.policy(one.slug) for one in self.overlay.in_force())
            if policy.overdue(today)
        )
        waiting = sum(
            not standing.decides for one in self.overlay.in_force() for standing in self.known.standings(one.slug)
        )
        return OwningHome(
            asked.groups(questions, self.meanings),
            tuple(one for one in rest if one.wants_answer),
            tuple(one for one in rest if not one.wants_answer),
            waiting,
            editions.preparing(self.overlay, today),
            overdue,
            tuple(
                reading.step_row(one.slug, standing)
                for one in self.overlay.in_force()
                for standing in self.known.steps(one.slug)
                if not standing.stands
            ),
        )

    def _asked(self, question: str, answers: Mapping[str, str], problems: tuple[str, ...]) -> Asked:
        questions = self.insights.questions()
        found = _found(questions, question)
        return asked.asked(
            found,
            self._policy_of(found),
            asked.groups(questions, self.meanings),
            self.searcher(),
            words=answers.get("words", ""),
            sought=answers.get("sought", "").strip(),
            chosen=answers.get("near", ""),
            about=answers.get("about", ""),
            problems=problems,
        )

    def _ruling(self, view: OwningView, wanted: OpenOwning, problems: tuple[str, ...]) -> OwningView:
        policy = self.overlay.policy(wanted.policy, wanted.version or None)
        standing = self._standing(wanted)
        times = figures.decided(self.insights, self.today()).get((policy.slug, wanted.item), 0)
        version = wanted.version or policy.version or ""
        read = reading.ruling_read(self.overlay, self.known, policy, standing, times, version)
        return replace(view, title=standing.ruling.about, content=replace(read, problems=problems))

    def _step(self, view: OwningView, wanted: OpenOwning, problems: tuple[str, ...]) -> OwningView:
        policy = self.overlay.policy(wanted.policy, wanted.version or None)
        steps = self.known.steps(wanted.policy, wanted.version or None)
        standing = next((one for one in steps if one.step.id == wanted.item), None)
        if standing is None:
            raise NothingHere
        read = reading.step_read(policy, standing, wanted.version or policy.version or "", problems)
        return replace(view, title=standing.step.title, content=read)

    def _sign_offs_due(self, slug: str, old: str, new: str) -> int:
        return self.sign_offs_due(self.overlay.policy(slug, old), self.overlay.policy(slug, new)) if old else 0

    def _draft(
        self, view: OwningView, wanted: OpenOwning, answers: Mapping[str, str], problems: tuple[str, ...]
    ) -> OwningView:
        """The form; once something is filled in, with the checker's words and what it would answer."""
        slug = wanted.policy or self._first_policy()
        if answers:
            shown, _ = self._previewed(slug, drafting.filled(slug, answers))
            extra = tuple(one for one in problems if one not in shown.wrong)
            notice = say("owning.not_put_in") if problems else ""
            return replace(view, content=replace(shown, wrong=(*extra, *shown.wrong)), notice=notice)
        question = ""
        begun: dict[str, str] = {}
        if wanted.item:
            with suppress(NoSuchQuestion):
                found = self.insights.question(wanted.item)
                question, slug = found.id, self._policy_of(found)
                begun = {"phrasings": found.text, "cites": ", ".join(found.labels[:1])}
        return replace(view, content=drafting.filled(slug, begun, question))

    # ------------------------------------------------------------------------------------------- what is done

    def _act(self, wanted: ActAsOwner, page: OpenOwning) -> OwningView | ExportFile:  # noqa: C901, PLR0911, PLR0912 (one arm for each act)
        answers, by = wanted.answers, By(wanted.person, ROLE)
        match wanted.act:
            case OwningAct.SEARCH | OwningAct.PREVIEW:
                return self._shown(page, answers)
            case OwningAct.ADD_PHRASING:
                self._add_phrasing(wanted, by)
            case OwningAct.NOT_COVERED:
                self._mark_not_covered(wanted, by)
            case OwningAct.SET_ASIDE:
                self.insights.done(wanted.item, How.SET_ASIDE)
            case OwningAct.TOLD:
                self.insights.told(wanted.item)
            case OwningAct.DELETE:
                self.insights.delete(wanted.item)
                return self._done(wanted, OpenOwning(wanted.person, OwningPage.HOME))
            case OwningAct.PUT_IN:
                return self._put_in(wanted, by)
            case OwningAct.ACCEPT if wanted.page is OwningPage.STEP:
                self.overlay.accept_step(wanted.policy, wanted.item, by, wanted.version or None)
            case OwningAct.ACCEPT:
                self.overlay.accept_review(wanted.policy, wanted.item, by, wanted.version or None)
            case OwningAct.TAKE_OUT:
                self.overlay.take_out_ruling(wanted.policy, wanted.item, by)
                return self._done(wanted, OpenOwning(wanted.person, OwningPage.RULINGS))
            case OwningAct.TAKE_OUT_PHRASING:
                self.overlay.take_out_phrasing(wanted.policy, answers.get("phrasing", ""), by)
            case OwningAct.UPLOAD:
                return self._upload(wanted, by)
            case OwningAct.PUBLISH:
                self.overlay.publish(wanted.policy, wanted.item, _day(answers.get("effective", "")), by)
            case OwningAct.WITHDRAW:
                self.overlay.withdraw(wanted.policy, wanted.item, by)
            case OwningAct.ROLL_BACK:
                self.overlay.roll_back(wanted.policy, wanted.item, by)
            case OwningAct.EXPORT_ZIP:
                return ExportFile("touchstone-knowledge.zip", "application/zip", self.overlay.export_zip())
            case OwningAct.EXPORT_DIFF:
                content = self.overlay.export_diff().encode()
                return ExportFile("touchstone-knowledge.diff", "text/plain; charset=utf-8", content)
            case _:
                assert_never(wanted.act)
        return self._done(wanted, page)

    def _done(self, wanted: ActAsOwner, goes_to: OpenOwning) -> OwningView:
        return replace(self._shown(goes_to), done=say(f"owning.done.{_DONE[wanted.act]}"), goes_to=goes_to)

    def _add_phrasing(self, wanted: ActAsOwner, by: By) -> None:
        question = self.insights.question(wanted.item)
        words, chosen = _words(wanted.answers), wanted.answers.get("near", "")
        target = asked.target(chosen)
        if target is None or isinstance(target, ToTopic):
            raise _Wrong(say("owning.wrong.choose"))
        self.overlay.add_phrasing(self._policy_of(question), words, target, by)
        self.insights.done(question.id, How.PHRASING, asked.named(target))

    def _mark_not_covered(self, wanted: ActAsOwner, by: By) -> None:
        """A message of a topic that is there, or of a new one."""
        question = self.insights.question(wanted.item)
        slug, words, chosen = self._policy_of(question), _words(wanted.answers), wanted.answers.get("topic", "")
        about = " ".join(wanted.answers.get("about", "").split())
        target = asked.target(chosen)
        if isinstance(target, ToTopic):
            self.overlay.add_phrasing(slug, words, target, by)
            self.insights.done(question.id, How.NOT_COVERED, target.id)
            return
        if not about or len(about) > MAX_ABOUT:
            raise _Wrong(say("owning.wrong.about", most=MAX_ABOUT))
        near = tuple(question.labels[:3])
        self.insights.done(question.id, How.NOT_COVERED, self.overlay.add_topic(slug, about, words, near, by))

    def _put_in(self, wanted: ActAsOwner, by: By) -> OwningView:
        slug = wanted.policy or self._first_policy()
        shown, text = self._previewed(slug, drafting.filled(slug, wanted.answers))
        if shown.wrong:
            raise _Wrong(*shown.wrong)
        name, *_ = self.overlay.put_in_ruling(slug, text, by)
        if shown.question:
            with suppress(NoSuchQuestion):
                self.insights.done(shown.question, How.RULING, name)
        return self._done(wanted, OpenOwning(wanted.person, OwningPage.RULING, slug, name))

    def _upload(self, wanted: ActAsOwner, by: By) -> OwningView:
        answers = wanted.answers
        version, slug = answers.get("version", "").strip(), answers.get("policy", "").strip()
        if wanted.document is None or not wanted.document[0]:
            raise _Wrong(say("owning.wrong.no_document"))
        name, content = wanted.document
        if len(content) > editions.MAX_DOCUMENT:
            raise _Wrong(say("owning.wrong.large", most=editions.MAX_DOCUMENT // 1024 // 1024))
        months = answers.get("review_months", "").strip()
        if months and not (months.isdecimal() and 0 < int(months) <= 120):  # noqa: PLR2004 (ten years)
            raise _Wrong(say("owning.wrong.months"))
        approved = answers.get("approved", "").strip()
        self.overlay.upload(
            slug,
            version,
            name,
            content,
            by,
            title=answers.get("title", "").strip(),
            approved=_day(approved) if approved else None,
            review_months=int(months) if months else None,
        )
        return self._done(wanted, OpenOwning(wanted.person, OwningPage.VERSION, slug, version))

    # ---------------------------------------------------------------------------------------------------

    def _previewed(self, slug: str, draft: RulingDraft) -> tuple[RulingDraft, str]:
        taken = [one.ruling.id for one in self.known.standings(slug)]
        return drafting.previewed(self.overlay, self.overlay.policy(slug), draft, taken)

    def _standing(self, wanted: OpenOwning) -> Standing:
        for one in self.known.standings(wanted.policy, wanted.version or None):
            if one.ruling.id == wanted.item:
                return one
        raise NothingHere

    def _policy_of(self, question: SentQuestion) -> str:
        return question.policy if question.policy in self.overlay.policies() else self._first_policy()

    def _first_policy(self) -> str:
        return next(iter(self.overlay.policies()), "")


def _found(questions: tuple[SentQuestion, ...], question: str) -> SentQuestion:
    for one in questions:
        if one.id == question:
            return one
    raise NoSuchQuestion


def _words(answers: Mapping[str, str]) -> str:
    """The message that is to be added, on one line."""
    words = " ".join(answers.get("words", "").split())
    if not words:
        raise _Wrong(say("owning.wrong.no_words"))
    if len(words) > MAX_PHRASING:
        raise _Wrong(say("owning.wrong.long", most=MAX_PHRASING, over=len(words) - MAX_PHRASING))
    return words


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise _Wrong(say("owning.wrong.day")) from None
