"""Changes an overlay, each time killed (SIGKILL) one step later, until a change comes to its end; after each it looks.

usage: doomed_overlay.py FOLDER

A step is whatever the disk sees: a file written, flushed, renamed, taken away. It prints how many times it died.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from knowledge.overlay import By, Overlay, ToRuling
from tests.knowledge.overlays import DOORS, NEWER, World, world

OWNER = By("p-owner", "policy_owner")
_STEPS = (
    (os, "fsync"),
    (os, "mkdir"),
    (os, "rename"),
    (os, "replace"),
    (os, "unlink"),
    (os, "rmdir"),
    (Path, "write_bytes"),
)


def main(folder: str) -> None:
    school = world(Path(folder))
    school.upload("2.0", NEWER)
    changes: tuple[Callable[[int], None], ...] = (
        lambda number: school.overlay.phrasings.add(DOORS, f"words {number}", ToRuling("lock-the-door"), OWNER),
        lambda number: school.upload("3.0", f"{NEWER}\n\n3. More\n\n3.1 Staff should read {number} times.\n"),
        lambda _: school.publish("2.0" if school.library().policies[0].version == "3.0" else "3.0"),
    )
    died = sum(_until_it_ends(school, change) for change in changes)
    sys.stdout.write(f"{died}\n")


def _until_it_ends(school: World, change: Callable[[int], None]) -> int:
    for step in range(1, 1000):
        pid = os.fork()
        if pid == 0:
            _die_at(step)
            change(step)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            school.library()
            return step - 1
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        _look(school.overlay)
    raise AssertionError


def _die_at(step: int) -> None:
    """From now on the step of that number is the last thing that is done, or not even that, turn by turn."""
    seen = 0

    def doomed(real: Callable[..., Any], *given: Any, **more: Any) -> Any:  # noqa: ANN401 (whatever it takes)
        nonlocal seen
        seen += 1
        if seen == step and step % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        done = real(*given, **more)
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    for owner, name in _STEPS:
        real = getattr(owner, name)
        setattr(owner, name, _method(doomed, real) if owner is Path else partial(doomed, real))


def _method(doomed: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given, **more: doomed(real, *given, **more)


def _look(overlay: Overlay) -> None:
    """The overlay can be read, its log is whole, and the files are as the log says: all of a change or nothing."""
    found = overlay.log.verify()
    assert found.broken_at is None, found
    assert found.by_hand == (), found
    rows = overlay.log.changes()
    added = [row.detail for row in rows if row.act == "phrasing_added"]
    assert [one.text for one in overlay.phrasings.own(DOORS)] == added[::-1]
    assert overlay.versions.policy(DOORS).clauses


if __name__ == "__main__":
    main(*sys.argv[1:])
