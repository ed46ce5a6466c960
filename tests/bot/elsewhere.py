"""Another process on the same records: opens them, and writes cases, as many as it is told.

usage: elsewhere.py ADDRESS NAME COUNT    (ids: the name and a number)
"""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, insert

from bot.cases import records
from bot.cases.records import open_records


def elsewhere(url: URL, name: str = "", count: int = 0) -> "subprocess.Popen[bytes]":
    """Starts such a process."""
    address = url.render_as_string(hide_password=False)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}  # noqa: TID251 (for the process)
    return subprocess.Popen([sys.executable, __file__, address, name, str(count)], env=environment)  # noqa: S603


def main(address: str, name: str, count: str) -> None:
    store = open_records(address)
    for number in range(int(count)):
        case = {"id": f"{name}{number}", "reference": f"{name}{number}", "form": "f", "urgent": False}
        with store.writing() as connection:
            connection.execute(insert(records.cases).values(received_at=datetime.now(UTC), **case))
            connection.commit()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
