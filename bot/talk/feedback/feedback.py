"""Feedback: whether an answer was helpful, and questions to the policy owner, sent only as their sender saw them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.messages import (
    FormQuestion,
    Noted,
    OpenQuestion,
    QuestionKind,
    QuestionView,
    Rate,
    SendQuestion,
    Shown,
)
from bot.talk.answering.sections import find_clause
from bot.talk.feedback.insights import Insights, InsightsUnusable
from bot.wording import say
from index.search import Searcher
from index.snapshot import SnapshotDamaged, SnapshotMissing
from knowledge.library import NoSuchPolicy
from knowledge.model import Policy

MAX_TEXT = 2000
MAX_REPLY_TO = 200
"""How many characters each may have."""

INSTEAD = "report_concern"
"""The form for what must not be sent to the policy owner: they are not the people whose job a child's safety is."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """Hears what people say of answers.

    Attributes:
        searcher: gives the searcher of the snapshot that is published now.
        insights: keeps it.
    """

    searcher: Callable[[], Searcher]
    insights: Insights

    def rate(self, rating: Rate) -> Noted:
        """Counts a rating once an answer.

        Raises:
            NoSuchPolicy: the answer cannot have shown that policy.
            NoSuchClause: nor that clause.
            InsightsUnusable: it cannot be counted now.
        """
        if rating.shown.policy is None:
            rating = replace(rating, shown=Shown(rating.shown.verdict))
        else:
            for label in rating.shown.labels or ("",):
                find_clause(self.searcher().library, rating.shown.policy, label)
        self.insights.rate(replace(rating, answer=rating.answer or secrets.token_hex(16)))
        return Noted(say("feedback.noted"))

    def open(self, wanted: OpenQuestion) -> QuestionView:
        """The step before sending: the words as they were asked, to be seen and changed. Nothing is kept yet."""
        draft = SendQuestion(secrets.token_hex(16), wanted.shown, wanted.text)
        return self._view(draft)

    def send(self, question: SendQuestion) -> Noted | QuestionView:
        """Keeps the question for the policy owner, or gives it back with what is wrong and all that was written."""
        tidy = replace(question, text=question.text.strip(), reply_to=question.reply_to.strip())
        text_error = say("form.missing_text") if not tidy.text else _too_long(tidy.text, MAX_TEXT)
        reply_error = _too_long(tidy.reply_to, MAX_REPLY_TO)
        if text_error or reply_error:
            return self._view(question, text_error, reply_error)
        shown, draft = self._known(tidy.shown), tidy.draft or secrets.token_hex(16)
        try:
            self.insights.keep(replace(tidy, shown=shown, draft=draft))
        except InsightsUnusable:
            return self._view(question, notice=say("owner.not_sent"))
        return Noted(say("owner.sent"), (say("owner.can_answer") if tidy.reply_to else say("owner.cannot_answer"),))

    def _known(self, shown: Shown) -> Shown:
        """Only what the library has: a question is not lost because a clause was renumbered since it was asked."""
        policy = self._policy(shown.policy)
        if policy is None:
            return Shown(shown.verdict)
        known = {str(clause.label) for clause in policy.clauses}
        return replace(shown, labels=tuple(label for label in shown.labels if label in known))

    def _policy(self, slug: str | None) -> Policy | None:
        """None too while there is nothing to answer from: what a person wrote is taken all the same."""
        try:
            return self.searcher().library.policy(slug or "")
        except (NoSuchPolicy, SnapshotMissing, SnapshotDamaged):
            return None

    def _along(self, shown: Shown) -> str:
        """What goes along with the words, in words."""
        verdict = say(f"verdict.{shown.verdict}")
        policy = self._policy(shown.policy)
        if policy is None:
            return say("owner.along", verdict=verdict)
        return say("owner.along_clauses", verdict=verdict, labels=", ".join(shown.labels), title=policy.title)

    def _view(self, draft: SendQuestion, text_error: str = "", reply_error: str = "", notice: str = "") -> QuestionView:
        return QuestionView(
            draft=draft.draft or secrets.token_hex(16),
            shown=draft.shown,
            title=say("owner.title"),
            says=(say("owner.readers"), self._along(draft.shown)),
            instead=(INSTEAD, say("owner.instead")),
            text=_field("words", MAX_TEXT, draft.text, text_error, required=True),
            reply_to=_field("reply_to", MAX_REPLY_TO, draft.reply_to, reply_error),
            submit=say("owner.submit"),
            notice=notice,
        )


def _field(key: str, most: int, value: str, error: str, *, required: bool = False) -> FormQuestion:
    asked, helped = say(f"owner.ask.{key}"), say(f"owner.help.{key}")
    return FormQuestion(
        key, QuestionKind.TEXT, asked, helped, "", required=required, max_length=most, value=value, error=error
    )


def _too_long(text: str, most: int) -> str:
    over = len(text) - most
    return say("form.too_long", limit=f"{most:,}", over=f"{over:,}") if over > 0 else ""
