"""Times answers at the desk, without the web, in a process of its own: see ``main``."""

import json
import sys
import time
from itertools import islice
from pathlib import Path

from benchmarks.questions import endless
from bot.messages import Answer, Ask
from bot.talk.feedback.insights import Insights
from index.encoder import MiniLM
from integrations import app
from integrations.answering import SystemClock, published
from integrations.settings import Settings


def main(var: str, count: str) -> None:
    """Answers so many questions with the data folder, and writes the seconds of each as a JSON list."""
    settings = Settings(var=Path(var))
    shelf = published(settings, MiniLM(kept=settings.encoder))
    reports = app.open_reports(settings)
    clock = SystemClock()
    insights = Insights(settings.insights, clock)
    desk = app.desk(shelf.searcher, reports, insights, clock, app.Unwatched())
    times = []
    desk.receive(Ask("warm up"))
    for question in islice(endless(), int(count)):
        began = time.perf_counter()
        replies = desk.receive(Ask(question))  # two to a message that asks two things
        times.append(time.perf_counter() - began)
        if not replies or not all(isinstance(reply, Answer) for reply in replies):
            raise TypeError([type(reply) for reply in replies])
    insights.close()
    reports.close()
    sys.stdout.write(json.dumps(times))


if __name__ == "__main__":
    main(*sys.argv[1:])
