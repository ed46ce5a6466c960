"""Slack at work: twenty messages a second while people fill in forms; how long they wait for answers is measured.

The real server, with its worker, in a process of its own; the fake Slack and those who write share the machine with it.
A message is timed from the moment at which it was to be sent until Slack has the answer; whatever Slack delivers, until
it hears that it came.

TOUCHSTONE_SLACK_SECONDS says for how long they write (make slack-load: 60, and prints the times), and
TOUCHSTONE_SLACK_MILLISECONDS how long Slack takes for each call of ours.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from threading import Barrier, Event

import pytest

from benchmarks.figures import Figure, at_most, machine, percentile, table
from benchmarks.questions import endless
from bot.cases.safekeeping.verification import verify
from integrations import app
from integrations.settings import Settings
from tests.apart import apart
from tests.built import stand
from tests.crash.people_in_slack import Asked, Told, school_in_slack, write_directory
from tests.crash.world import CHILD
from tests.slack import served
from tests.slack.fake.slack import Delivery, FakeSlack

SECONDS = int(os.environ.get("TOUCHSTONE_SLACK_SECONDS", "4"))  # noqa: TID251 (tests, not the product)
SLACK_TAKES = int(os.environ.get("TOUCHSTONE_SLACK_MILLISECONDS", "0")) / 1000  # noqa: TID251 (as above)
MESSAGES, FORMS = 20, 2
"""A second, of each."""
AT_ONCE = 50 if SECONDS > 4 else 10
"""Forms that are submitted in one moment when all that is over."""
THREADS = 60
ASKER, TELLER = "UA", "UB"
CALLS = ("chat.postMessage", "assistant.threads.setStatus", "views.open", "views.update", "users.info")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """With somebody new for each message and each form: nobody's answer is taken for another's."""
    with school_in_slack() as slack:
        team = slack.team("T1")
        for number in range(SECONDS * MESSAGES + 1):
            team.user(f"{ASKER}{number}")
        for number in range(SECONDS * FORMS + AT_ONCE):
            team.user(f"{TELLER}{number}")
        for call in CALLS if SLACK_TAKES else ():
            slack.fail(call, status=200, error="", seconds=SLACK_TAKES, times=10**9)
        yield slack


@pytest.mark.alone
def test_each_message_is_answered_and_each_form_taken_while_twenty_messages_come_each_second(
    settings: Settings, snapshots: Path, slack: FakeSlack
) -> None:
    """How quickly is no matter to this test: other work on the machine would decide it."""
    load = os.getloadavg()[0]
    stand(settings.var, snapshots)
    write_directory(settings.var)
    tellers = [_teller(slack, number) for number in range(SECONDS * FORMS + AT_ONCE)]
    crowd = [tellers.pop() for _ in range(AT_ONCE)]
    with apart(served.whole, served.settings_for(slack, settings), slack.base_url) as (base, process):
        slack.attach_url(f"{base}/slack/events")
        _asked(slack, SECONDS * MESSAGES, "warm up")()
        slack.until(lambda: slack.person(f"{ASKER}{SECONDS * MESSAGES}").sees(), 30)
        slack.deliveries.clear()
        used = _processor(process.pid)
        with ThreadPoolExecutor(THREADS) as threads:
            begins = time.monotonic() + 0.1
            texts = islice(endless(), SECONDS * MESSAGES)
            asks = [_asked(slack, number, text) for number, text in enumerate(texts)]
            plan = [(begins + number / MESSAGES, ask) for number, ask in enumerate(asks)]
            plan += [(begins + number / FORMS, _tells(one)) for number, one in enumerate(tellers)]
            _keep_to(plan, threads)
        slack.until(lambda: len(_answered(slack)) > SECONDS * MESSAGES, 30)
        share = (_processor(process.pid) - used) / SECONDS
        at_work, answered = list(slack.deliveries), _answered(slack)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(Told.opens, crowd))
            slack.deliveries.clear()
            together = Barrier(AT_ONCE)
            list(threads.map(lambda one: (together.wait(), one.send()), crowd))
            slack.until(lambda: all(one.has_receipt() for one in (*tellers, *crowd)), 30)
        sent = list(slack.deliveries)
    waited = [answered[f"D{ASKER}{number}"] - at for number, (at, _) in enumerate(plan[: SECONDS * MESSAGES])]
    _print(load, _figures(waited, at_work, sent, share))
    assert all(each.ack.status == 200 for each in (*at_work, *sent))
    assert len({one for told in (*tellers, *crowd) for one in told.receipt}) == len(tellers) + AT_ONCE
    reports = app.open_reports(settings)
    assert verify(reports.store, reports.keys, reports.purge.log, contents=True).findings == ()
    reports.close()


def _teller(slack: FakeSlack, number: int) -> Told:
    return Told(CHILD, f"told {number}", slack, slack.person(f"{TELLER}{number}"))


def _asked(slack: FakeSlack, number: int, text: str) -> Callable[[], None]:
    return Asked.written(slack, f"{ASKER}{number}", text).deliver


def _tells(told: Told) -> Callable[[], None]:
    def tells() -> None:
        told.opens()
        told.send()

    return tells


def _keep_to(plan: list[tuple[float, Callable[[], None]]], threads: ThreadPoolExecutor) -> None:
    """Has each thing done in its moment, whether or not those before it are."""
    clock, begun = Event(), list[Future[None]]()
    for at, act in sorted(plan, key=lambda one: one[0]):
        clock.wait(max(0.0, at - time.monotonic()))
        begun.append(threads.submit(act))
    for one in begun:
        one.result()


def _answered(slack: FakeSlack) -> dict[str, float]:
    """When each conversation with somebody who asks was answered first."""
    found: dict[str, float] = {}
    for call in list(slack.calls):
        channel = str(call.arguments.get("channel") or "")
        if call.method == "chat.postMessage" and channel.startswith(f"D{ASKER}"):
            found.setdefault(channel, call.at)
    return found


def _processor(process: int | None) -> float:
    """Seconds of one core that a process has used so far."""
    spent = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


def _figures(waited: list[float], at_work: list[Delivery], sent: list[Delivery], share: float) -> Iterator[Figure]:
    yield from _spread(f"a message until it is answered, {MESSAGES} a second", waited, p95=500)
    yield from _spread("whatever is delivered meanwhile until it is acknowledged", _acks(at_work), p99=1000)
    yield from _spread("of that: messages", _acks(at_work, "events_api"))
    yield from _spread("of that: commands, and what is pressed in forms", _acks(at_work, "block_actions"))
    yield from _spread("of that: forms that are submitted", _acks(at_work, "view_submission"), p99=1000)
    yield from _spread(f"{AT_ONCE} forms submitted in one moment", _acks(sent, "view_submission"), p99=1000)
    yield Figure("of one core, used by the server meanwhile", f"{share:.0%}")


def _acks(deliveries: list[Delivery], kind: str = "") -> list[float]:
    """Seconds until each was acknowledged."""
    return [each.ack.seconds for each in deliveries if kind in {"", each.kind, each.payload.get("type")}]


def _spread(what: str, seconds: list[float], **targets: float) -> Iterator[Figure]:
    """The median, the 95th and 99th percentile, with targets in milliseconds."""
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        yield at_most(f"{what}, {name}", percentile(seconds, share) * 1000, "ms", targets.get(name))


def _print(load: float, figures: Iterator[Figure]) -> None:
    what = f"{SECONDS} s, SQLite, {SLACK_TAKES * 1000:.0f} ms for each call of Slack."
    sys.stdout.write(f"\n{machine(load)} {what}\n\n{table(figures)}\n")
