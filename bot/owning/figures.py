"""What is counted, as the policy owner sees it: by the week, and nothing by which somebody could be told."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from bot.messages import Chart, Figures, Series
from bot.talk.feedback.counting import ANSWERED, FURTHER, NOT_COVERED, Count, Counted, week_of
from bot.talk.feedback.insights import Insights
from bot.wording import say

WEEKS = 13
"""How many weeks are shown: a term."""

FEW = 5
"""The smallest number that is said of what is told apart by its subject: a ruling, a kind of message. Below it nobody
can see whether there was any at all, so that in a small school nobody learns that something rare was asked. What has
no subject (how many questions in a week) is said as it is."""

_QUESTIONS = (ANSWERED, NOT_COVERED)


def figures(insights: Insights, today: date) -> Figures:
    """The last weeks, this one too.

    Raises:
        InsightsUnusable: they cannot be read.
    """
    weeks = _weeks(today)
    counted = insights.counts(weeks[0])
    rated = {one.week: one for one in insights.weeks_of_ratings(weeks[0])}

    def series(name: str, what: Counted, *names: str) -> Series:
        return Series(say(f"owning.series.{name}"), _by_week(counted, weeks, what, names))

    helpful = tuple(rated[week].helpful if week in rated else 0 for week in weeks)
    unhelpful = tuple(rated[week].unhelpful if week in rated else 0 for week in weeks)
    charts = (
        Chart(
            say("owning.chart.questions"),
            (
                series("questions", Counted.ANSWER, *_QUESTIONS),
                series("not_covered", Counted.ANSWER, NOT_COVERED),
            ),
        ),
        Chart(
            say("owning.chart.helpful"),
            (Series(say("owning.series.helpful"), helpful), Series(say("owning.series.unhelpful"), unhelpful)),
        ),
        Chart(
            say("owning.chart.forms"),
            (series("form_offered", Counted.FORM_OFFERED), series("form_begun", Counted.FORM_BEGUN)),
        ),
        Chart(
            say("owning.chart.induction"),
            (series("step_begun", Counted.STEP_BEGUN), series("step_finished", Counted.STEP_FINISHED)),
        ),
    )
    return Figures(weeks, charts, tuple(_kinds(counted)), FEW)


def decided(insights: Insights, today: date) -> Mapping[tuple[str, str], int]:
    """How often each ruling decided in the last weeks, by policy and id.

    Raises:
        InsightsUnusable: it cannot be read.
    """
    times: Counter[tuple[str, str]] = Counter()
    for one in insights.counts(_weeks(today)[0]):
        if one.key.what is Counted.RULING:
            times[one.key.policy, one.key.name] += one.times
    return times


def often(times: int) -> str:
    """A count of something that has a subject, in words: few are not told from none."""
    return say("owning.few", few=FEW) if times < FEW else str(times)


def _weeks(today: date) -> tuple[date, ...]:
    last = week_of(today)
    return tuple(last - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1))


def _by_week(
    counted: Iterable[Count], weeks: tuple[date, ...], what: Counted, names: tuple[str, ...]
) -> tuple[int, ...]:
    times: Counter[date] = Counter()
    for one in counted:
        if one.key.what is what and (not names or one.key.name in names):
            times[one.key.week] += one.times
    return tuple(times[week] for week in weeks)


def _kinds(counted: Iterable[Count]) -> list[tuple[str, str]]:
    """The kinds of message over all weeks, in one order whatever their numbers: the order would tell them."""
    times: Counter[str] = Counter()
    for one in counted:
        if one.key.what is Counted.ANSWER and one.key.name not in {*_QUESTIONS, FURTHER}:
            times[one.key.name] += one.times
    names = ("urgent", "report_concern", "disclose_contact", "acknowledge_policy", "induction", "status", "help")
    return [(say(f"owning.kind.{name}"), often(times[name])) for name in names]
