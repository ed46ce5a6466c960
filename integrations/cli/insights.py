"""`touchstone policies questions` and `ratings`: what was sent to the policy owner, and counts of what was helpful."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.talk.feedback.insights import Insights
from integrations.answering import SystemClock
from integrations.cli.tables import print_table
from integrations.settings import read_settings


def print_questions() -> None:
    """What staff sent to the policy owner, the newest first."""
    with _opened() as insights:
        sent = insights.questions()
    print_table(
        ("sent (UTC)", "question", "policy", "clauses shown", "verdict", "reply to"),
        [
            (
                f"{one.sent:%Y-%m-%d %H:%M}",
                one.text,
                one.policy,
                ", ".join(one.labels),
                one.verdict.value,
                one.reply_to,
            )
            for one in sent
        ],
        wide="question",
    )


def print_ratings() -> None:
    """How often answers were called helpful, by clause and answer, what helped least first."""
    with _opened() as insights:
        counts = insights.ratings()
    print_table(
        ("policy", "clause", "verdict", "helpful", "not helpful", "from", "to"),
        [
            (
                count.policy,
                count.label,
                count.verdict.value,
                str(count.helpful),
                str(count.unhelpful),
                count.first.isoformat(),
                count.last.isoformat(),
            )
            for count in counts
        ],
    )


@contextmanager
def _opened() -> Iterator[Insights]:
    insights = Insights(read_settings().insights, SystemClock())
    try:
        yield insights
    finally:
        insights.close()
