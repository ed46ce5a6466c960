"""A real process on real files that kills itself with SIGKILL when what it does reaches a step.

usage: doomed_command.py VAR STEP rotate | purge REFERENCE | restore FOLDER
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from bot.cases.keys.masterkey import MasterKeys
from bot.cases.keys.rotation import rotate
from bot.cases.safekeeping.backup import DELETIONS
from bot.cases.safekeeping.purge import Reason
from bot.cases.safekeeping.restore import read_archives, restore
from integrations import app
from integrations.answering import SystemClock
from integrations.settings import Settings


def main(var: str, step: str, what: str, *rest: str) -> None:
    settings = Settings(var=Path(var))

    def reached(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    if what == "restore":
        folder = Path(rest[0])
        masters = MasterKeys.read(settings.key_file)
        assert masters is not None
        archives = read_archives(folder, folder, masters)
        logs = [folder / DELETIONS]
        restore(archives, app.places(settings), logs, SystemClock(), replace=True, reached=reached)
        return
    reports = app.open_reports(settings)
    if what == "rotate":
        rotate(settings.key_file, reports.keys, reached=reached)
    else:
        replace(reports.purge, reached=reached).purge(rest[0], Reason.RETENTION)


if __name__ == "__main__":
    main(*sys.argv[1:])
