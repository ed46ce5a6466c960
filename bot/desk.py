"""The desk: the whole bot in one short function. Only it sees both what is asked and what is told."""

from dataclasses import dataclass
from typing import assert_never

from bot.cases.forms.model import NoSuchForm
from bot.cases.keys.sealing import SealBroken
from bot.cases.people.appointments import Appointments, AppointmentsDamaged, NobodyHere, NotToConfirm
from bot.cases.receiving.inbox import Inbox, LookNotRecorded, NotYours
from bot.cases.reports.drafts import DraftUnreadable, NoSuchDraft
from bot.cases.reports.filling import Filling
from bot.cases.reports.intake import Intake
from bot.messages import (
    Ask,
    ConfirmHolder,
    DiscardDraft,
    FillForm,
    Incoming,
    OpenAccount,
    OpenAttachment,
    OpenCase,
    OpenDraft,
    OpenForm,
    OpenForms,
    OpenInbox,
    OpenQuestion,
    Rate,
    Refusal,
    Reply,
    SaveDraft,
    SendQuestion,
    ShowSection,
    SubmitForm,
    TellFact,
)
from bot.talk.answering.sections import NoSuchClause, Sections
from bot.talk.feedback.feedback import Feedback
from bot.talk.feedback.insights import InsightsUnusable
from bot.talk.turns.conversation import Conversation, NoSuchRuling
from bot.wording import say
from index.snapshot import SnapshotDamaged, SnapshotMissing
from knowledge.library import NoSuchPolicy

_REFUSALS = (
    AppointmentsDamaged,
    DraftUnreadable,
    InsightsUnusable,
    LookNotRecorded,
    NoSuchClause,
    NoSuchDraft,
    NoSuchForm,
    NoSuchPolicy,
    NoSuchRuling,
    NobodyHere,
    NotToConfirm,
    NotYours,
    SealBroken,
    SnapshotDamaged,
    SnapshotMissing,
)
"""What is answered in words: ``refusal`` in the locale has a sentence for each."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Receives whatever a person says or does, from whatever platform.

    Attributes:
        conversation: answers questions, one after the other.
        sections: shows a clause in its place.
        feedback: hears whether an answer was helpful, and what the policy owner should know.
        filling: shows forms while they are filled in, and keeps drafts.
        intake: receives forms.
        inbox: shows people what is theirs.
        appointments: shows people who they are here, and hears whom they confirm in a role.
    """

    conversation: Conversation
    sections: Sections
    feedback: Feedback
    filling: Filling
    intake: Intake
    inbox: Inbox
    appointments: Appointments

    def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
        """What to show for what came in, in order."""
        try:
            return self._replies(incoming)
        except _REFUSALS as reason:
            return (Refusal(say(f"refusal.{type(reason).__name__}")),)

    def _replies(self, incoming: Incoming) -> tuple[Reply, ...]:  # noqa: C901, PLR0911, PLR0912 (one line for each kind of Incoming)
        match incoming:
            case Ask():
                return self.conversation.ask(incoming)
            case TellFact():
                return (self.conversation.tell(incoming),)
            case ShowSection():
                return (self.sections.show(incoming),)
            case Rate():
                return (self.feedback.rate(incoming),)
            case OpenQuestion():
                return (self.feedback.open(incoming),)
            case SendQuestion():
                return (self.feedback.send(incoming),)
            case OpenForms():
                return (self.filling.offers(incoming),)
            case OpenForm():
                return (self.filling.open(incoming),)
            case FillForm():
                return (self.filling.fill(incoming),)
            case SubmitForm():
                return (self.intake.submit(incoming),)
            case SaveDraft():
                return (self.filling.save(incoming),)
            case OpenDraft():
                return (self.filling.resume(incoming),)
            case DiscardDraft():
                return (self.filling.discard(incoming),)
            case OpenInbox(person):
                return (self.inbox.open(person),)
            case OpenCase(person, reference):
                return (self.inbox.open_case(person, reference),)
            case OpenAttachment():
                return (self.inbox.open_attachment(incoming),)
            case OpenAccount(person):
                return (self.appointments.account(person),)
            case ConfirmHolder():
                return (self.appointments.confirm(incoming),)
            case _:
                assert_never(incoming)
