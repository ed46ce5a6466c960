"""A real server on real files that kills itself with SIGKILL when a report reaches the stage it is told to die at.

usage: doomed_server.py VAR ORDERS    (ORDERS: a file; while it holds the name of a stage, the process dies there)
"""

import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from bot.ports import Stage
from bot.talk.insights import Insights
from index.encoder import MiniLM
from index.search import Shelf
from integrations import app
from integrations.answering import SystemClock
from integrations.settings import Settings
from integrations.web.sign_in import OneTimeLinks


class Doom:
    """Milestones that end the process: nothing is flushed, closed or said."""

    def __init__(self, orders: Path) -> None:
        self._orders = orders

    def reached(self, stage: Stage) -> None:
        if self._orders.exists() and self._orders.read_text() == stage.value:
            os.kill(os.getpid(), signal.SIGKILL)


def main(var: str, orders: str) -> None:
    settings = Settings(var=Path(var))
    clock = SystemClock()
    reports = app.open_reports(settings)
    insights = Insights(settings.insights, clock)
    listener = socket.create_server(("127.0.0.1", 0))
    shelf = Shelf(settings.snapshots, MiniLM())
    application = app.web(
        settings, shelf, reports, clock, OneTimeLinks(clock), insights=insights, milestones=Doom(Path(orders))
    )
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(application, access_log=False, log_config=None, lifespan="off")).run([listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
