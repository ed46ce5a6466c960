"""Doubles and the transcript runner, shipped for whoever adapts the bot: a conversation is data, and data is a test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, assert_never

from pydantic import ConfigDict

from bot.desk import Desk
from bot.messages import (
    AccountView,
    AgreementView,
    Answer,
    Ask,
    AttachmentContent,
    CaseAnswer,
    CaseView,
    DraftKept,
    ExportFile,
    FormQuestion,
    FormsView,
    FormView,
    InboxView,
    Incoming,
    InductionLeadView,
    InductionStepView,
    InductionView,
    Noted,
    OpenForm,
    OwningView,
    OwnView,
    QuestionView,
    Reach,
    Receipt,
    Refusal,
    Reply,
    RetentionView,
    SectionView,
    SignedView,
    SignOffRow,
    SignOffsView,
    StandingView,
    Step,
    SubmitForm,
)
from bot.ports import Stage
from bot.wording import say
from knowledge.datafile import read_data
from knowledge.model import Citation, Passage

# ------------------------------------------------------------------------------------------------ doubles


class FixedClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: datetime) -> None:
        """Starts at a moment in UTC."""
        self._now = now

    def now(self) -> datetime:
        """The moment it stands at."""
        return self._now

    def go_on(self, by: timedelta) -> None:
        """Moves it."""
        self._now += by


class Trail:
    """Milestones that remembers which stages were reached, in order."""

    def __init__(self) -> None:
        """Starts empty."""
        self.stages: list[Stage] = []

    def reached(self, stage: Stage) -> None:
        """Adds a stage."""
        self.stages.append(stage)


# -------------------------------------------------------------------------------------------- transcripts


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: exactly one of ``says``, ``opens`` and ``sends``, and what must and must not be heard then.

    Attributes:
        says: a message.
        opens: the name of a form.
        sends: the answers to the form opened last, by question key.
        hears: texts that the person must see, in this order.
        never_hears: texts that they must not see.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    says: str | None = None
    opens: str | None = None
    sends: Mapping[str, str] | None = None
    hears: tuple[str, ...] = ()
    never_hears: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation: what it shows, and its turns."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    about: str
    turn: tuple[Turn, ...]


class Platform(Protocol):
    """One way of talking to the bot. Each method gives the words that the person then sees."""

    def says(self, text: str) -> str:
        """The person sends a message."""

    def opens(self, form: str) -> str:
        """The person opens a form."""

    def sends(self, answers: Mapping[str, str]) -> str:
        """The person fills in the form opened last, and sends it."""


class NotHeard(AssertionError):
    """A turn of a transcript went otherwise than written."""


def load_transcript(path: Path) -> Transcript:
    """Reads a transcript.

    Raises:
        BadDataFile: it is not one.
    """
    return read_data(path, Transcript)


def play(transcript: Transcript, platform: Platform) -> None:
    """Plays a conversation on a platform.

    Raises:
        NotHeard: something was not said, not in that order, or should not have been said.
    """
    for number, turn in enumerate(transcript.turn, start=1):
        heard = " ".join(_do(turn, platform).split())
        at = 0
        for wanted in turn.hears:
            found = heard.find(wanted, at)
            if found < 0:
                raise NotHeard(f"turn {number}: not heard (in this order): {wanted!r}; heard: {heard!r}")
            at = found + len(wanted)
        for unwanted in turn.never_hears:
            if unwanted in heard:
                raise NotHeard(f"turn {number}: heard, and should not be: {unwanted!r}")


def _do(turn: Turn, platform: Platform) -> str:
    match turn:
        case Turn(says=str(text), opens=None, sends=None):
            return platform.says(text)
        case Turn(says=None, opens=str(form), sends=None):
            return platform.opens(form)
        case Turn(says=None, opens=None, sends=answers) if answers is not None:
            return platform.sends(answers)
        case _:
            raise NotHeard("a turn has exactly one of says, opens and sends")


@dataclass(slots=True)
class AtTheDesk:
    """The platform of no platform: straight to the desk, replies as bare words."""

    desk: Desk
    _form: FormView | None = field(default=None, init=False)

    def says(self, text: str) -> str:
        """Asks the desk."""
        return self._heard(Ask(text))

    def opens(self, form: str) -> str:
        """Opens a form at the desk."""
        return self._heard(OpenForm(form))

    def sends(self, answers: Mapping[str, str]) -> str:
        """Submits the form opened last."""
        if self._form is None:
            raise NotHeard("no form is open")
        return self._heard(SubmitForm(self._form.form, self._form.draft, answers))

    def _heard(self, incoming: Incoming) -> str:
        replies = self.desk.receive(incoming)
        self._form = next((reply for reply in replies if isinstance(reply, FormView)), self._form)
        return "\n".join(map(words, replies))


def words(reply: Reply) -> str:  # noqa: C901, PLR0911, PLR0912 (one arm for each kind of Reply)
    """All that a person would read of a reply, in order, bare."""
    match reply:
        case Answer():
            conditions = [f"{say(f'condition.{one.kind}')}: {one.text}" for one in reply.conditions]
            urgent = [*map(_step_words, reply.steps), *map(_reach_words, reply.reach), reply.reach_note, reply.remark]
            safety = [_step_words(reply.safety)] if reply.safety else []
            said = [reply.headline, *filter(None, urgent), *conditions]
            return "\n".join([*said, *map(_citation_words, reply.citations), *safety])
        case SectionView():
            return "\n".join([*reply.citation.clause.headings, *map(_passage_words, reply.passages)])
        case QuestionView():
            lines = [reply.notice, reply.title, *reply.says, reply.instead[1]]
            return "\n".join([*lines, *_question_words(reply.text), *_question_words(reply.reply_to), reply.submit])
        case Noted():
            return "\n".join([reply.headline, *reply.sentences])
        case FormsView():
            offers = [f"{offer.title} {offer.offer}" for offer in reply.offers]
            return "\n".join([reply.title, *offers, *(draft.title for draft in reply.drafts)])
        case FormView():
            return "\n".join(_form_words(reply))
        case DraftKept():
            return "\n".join([reply.headline, reply.code, *reply.sentences])
        case Receipt():
            return "\n".join([reply.headline, reply.reference, *reply.recipients, *reply.steps, reply.code])
        case InboxView():
            return "\n".join([reply.name, reply.role, *(f"{row.reference} {row.form}" for row in reply.rows)])
        case CaseView():
            return "\n".join([reply.done or reply.notice, reply.row.reference, *_answer_words(reply.answers)])
        case OwnView():
            told = [line for report in reply.reports for line in _answer_words(report.answers)]
            return "\n".join([reply.done, reply.title, *reply.says, *told])
        case RetentionView():
            return "\n".join([reply.title, *(f"{row.row.reference} {row.outcome}" for row in reply.rows)])
        case ExportFile():
            return reply.name
        case StandingView():
            lines = [f"{row.reference} {row.form} {row.seen_by} {' '.join(row.ring)}" for row in reply.rows]
            return "\n".join([*lines, *(notice.words for notice in reply.notices)])
        case Refusal():
            return reply.headline
        case AttachmentContent():
            return reply.filename
        case OwningView():
            return f"{reply.title}\n{reply.done}\n{reply.notice}"
        case AccountView():
            return "\n".join([reply.name, *reply.roles, *reply.waiting, *(one.name for one in reply.to_confirm)])
        case InductionView():
            return "\n".join([reply.title, *reply.says, *(row.title for row in reply.steps), *reply.due, reply.code])
        case InductionStepView():
            return "\n".join(_walk_words(reply))
        case AgreementView():
            asked = [line for question in reply.questions for line in _question_words(question)]
            said = [reply.notice, reply.title, *reply.says, *reply.due, _citation_words(reply.agreement)]
            return "\n".join([*said, *(one.name for one in reply.binds), *asked, reply.submit])
        case SignedView():
            return "\n".join([reply.headline, *reply.sentences, _signed_words(reply.row), reply.code])
        case SignOffsView():
            return "\n".join([reply.title, *reply.says, *map(_signed_words, reply.rows)])
        case InductionLeadView():
            rows = [f"{row.name} {row.roles} {row.where} {row.due}" for row in reply.rows]
            return "\n".join([reply.done or reply.notice, reply.title, *reply.says, *rows])
        case _:
            assert_never(reply)


def _walk_words(step: InductionStepView) -> list[str]:
    """A step: what is said, what is to be judged with what is said to it, what is to be ticked."""
    lines = [step.notice, step.title, *(one.text for one in step.says)]
    for situation in step.situations:
        lines += [situation.text, situation.ask, *(choice.label for choice in situation.choices)]
        if situation.judged:
            judged = situation.judged
            lines += [judged.chosen, judged.headline, judged.says, *map(_citation_words, judged.citations)]
    return [*lines, *(check.text for check in step.checks), step.submit, step.skip]


def _signed_words(row: SignOffRow) -> str:
    return " ".join([row.policy_title, row.version or "", row.name, row.role, row.digest, *row.due])


def _answer_words(answers: tuple[CaseAnswer, ...]) -> list[str]:
    return [f"{answer.ask} {answer.answer}" for answer in answers]


def _step_words(step: Step) -> str:
    return f"{step.text} {step.source}"


def _reach_words(reach: Reach) -> str:
    return f"{reach.name} {reach.role} {reach.telephone} {reach.out_of_hours}"


def _citation_words(citation: Citation) -> str:
    clause = citation.clause
    approved = f"{citation.approved:%B %Y}" if citation.approved else ""
    where = [str(clause.label), *clause.headings]
    return "\n".join([*where, clause.lead_in or "", clause.text, citation.title, citation.version or "", approved])


def _form_words(form: FormView) -> list[str]:
    left_out = [say("form.dropped"), *form.dropped] if form.dropped else []
    lines = [*left_out, form.title, form.notice, form.kept, form.readers, *(intro.text for intro in form.intro)]
    for question in form.questions:
        if question.asked:
            lines += _question_words(question)
    return [*lines, form.submit]


def _question_words(question: FormQuestion) -> list[str]:
    return [question.ask, question.help, question.error, *(f"{c.label} {c.note}" for c in question.choices)]


def _passage_words(passage: Passage) -> str:
    return f"{passage.label or ''} {passage.text}".strip()
