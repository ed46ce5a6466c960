"""What is read of the overlay once is read anew as soon as a file or the day changes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.owning.known import Known
from bot.testing import FixedClock
from knowledge.overlay import By, Overlay, ToRuling

REACH2, FOLLOW = "reach2-online-safety", "former-pupil-follows-me"
BY = By("demo-policy-owner", "policy_owner")
OWN = """
[[ruling]]
id = "own-one"
about = "Download a program"
cites = ["7.1(5)"]
phrasings = ["may the zebra download a program"]
[[ruling.row]]
verdict = "no"
says = "No, not yourself."
"""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 22, 9, tzinfo=UTC))


@pytest.fixture
def overlay(tmp_path: Path, clock: FixedClock) -> Overlay:
    return Overlay(tmp_path, lambda: clock.now().date(), clock.now)


@pytest.fixture
def known(overlay: Overlay, clock: FixedClock) -> Known:
    return Known(overlay, lambda: clock.now().date())


def _with(known: Known) -> Callable[[str], bool]:
    return lambda ruling: any(one.ruling.id == ruling for one in known.standings(REACH2))


def test_what_did_not_change_is_the_same_and_not_read_again(known: Known) -> None:
    assert known.standings(REACH2) is known.standings(REACH2)
    assert not known.is_own(REACH2, FOLLOW)


def test_a_ruling_that_is_put_in_or_taken_out_shows_at_once(known: Known, overlay: Overlay) -> None:
    is_there = _with(known)
    assert not is_there("own-one")
    overlay.rulings.put_in(REACH2, OWN, BY)
    assert is_there("own-one")
    assert known.is_own(REACH2, "own-one")
    overlay.rulings.take_out(REACH2, "own-one", BY)
    assert not is_there("own-one")


def test_another_day_or_another_file_is_read_anew(known: Known, overlay: Overlay, clock: FixedClock) -> None:
    first = known.standings(REACH2)
    clock.go_on(timedelta(days=1))
    second = known.standings(REACH2)
    assert second is not first
    overlay.phrasings.add(REACH2, "a zebra phrasing", ToRuling(FOLLOW), BY)
    assert known.standings(REACH2) is not second
