"""The shipped policy changed from 2.0 to an invented 2.1: what is answered before, between and after the review."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.messages import Answer, Ask
from bot.talk.answering.answers import Answers
from bot.testing import FixedClock
from index import snapshot, trial
from index.encoder import Encoder
from index.renewal import Renewal, State
from index.search import Shelf
from integrations import answering
from integrations.settings import Settings
from knowledge.library import Reviewed
from knowledge.overlay import CannotAccept, Overlay, ToClause, ToRuling
from knowledge.rulings import Verdict
from tests.built import remember
from tests.invented import REACH2, VERSION, invented
from tests.knowledge.overlays import OWNER

FOLLOWER = "can I accept a former pupil as a follower?"
NIGHT = datetime(2026, 11, 23, 23, 59, 58, tzinfo=UTC)
"""Two seconds before midnight at school."""


class School:
    """A data folder, a clock, and what is answered there."""

    def __init__(self, var: Path, encoder: Encoder) -> None:
        self.clock = FixedClock(NIGHT)
        self.settings = Settings(var=var)
        self.encoder = encoder
        self.overlay: Overlay = answering.own_overlay(self.settings, self.clock)
        self.shelf = Shelf(self.settings.snapshots, encoder)
        self.answers = Answers(self.shelf.searcher, self.clock)

    def renew(self) -> Renewal:
        return answering.renewed(self.settings, self.encoder, self.clock)

    def standing(self) -> Renewal:
        return answering.renewals(self.settings, self.clock).standing()

    def ask(self, text: str = FOLLOWER) -> Answer:
        return self.answers.answer(Ask(text))

    def cited(self, text: str = FOLLOWER) -> tuple[str | None, str]:
        first = self.ask(text).citations[0]
        return first.version, str(first.clause.label)

    @property
    def digest(self) -> str:
        return snapshot.current(self.settings.snapshots)


@pytest.fixture(autouse=True)
def _few_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial of some hundred phrasings: what it finds of all is measured elsewhere (docs/measured.md)."""
    monkeypatch.setattr(trial, "EVERY", 100)


@pytest.fixture
def school(tmp_path: Path, encoder: Encoder, snapshots: Path) -> School:
    folder = tmp_path / "var"
    remember(folder, snapshots)
    shipped = snapshot.current(snapshots)
    (folder / "snapshots" / shipped).symlink_to(snapshots / shipped)
    snapshot.publish(folder / "snapshots", shipped)
    school = School(folder, encoder)
    assert school.renew().state is State.ANSWERED
    assert school.digest == shipped  # without an overlay nothing is built, and nothing else is written
    assert not (folder / "snapshots" / "renewal.json").exists()
    return school


def test_before_between_and_after_the_review_and_rolled_back(school: School) -> None:
    shipped = school.digest
    before = school.ask()
    assert (before.verdict, school.cited()) == (Verdict.DEPENDS, ("2.0", "6.2(25)"))

    # uploaded, compared, to take effect at the school's midnight: built before, answered from then
    school.overlay.versions.upload(REACH2, VERSION, "policy.txt", invented(), OWNER)
    waiting = [one.ruling.id for one in school.overlay.versions.touches(REACH2, VERSION).rulings]
    assert "former-pupil-follows-me" in waiting
    school.overlay.versions.publish(REACH2, VERSION, datetime(2026, 11, 24, tzinfo=UTC).date(), OWNER)
    assert school.renew().state is State.ANSWERED
    answering.prepared(school.settings, school.encoder, school.clock)
    assert (school.digest, school.ask()) == (shipped, before)
    built = {path.name for path in school.settings.snapshots.iterdir()}
    school.clock.go_on(timedelta(seconds=3))
    renewal = school.renew()
    assert school.digest in built - {shipped}

    # between: the clause itself, as it is worded now, and no verdict; what did not change decides as before
    assert renewal.state is State.ANSWERED
    assert renewal.before is not None
    assert renewal.after is not None
    assert renewal.after.no_worse_than(renewal.before)
    between = school.ask()
    assert (between.verdict, between.ruling, school.cited()) == (Verdict.INFO, None, (VERSION, "6.2(24)"))
    assert "under the age of 21" in between.citations[0].clause.text
    assert school.ask("can I have my phone in my pocket in class").verdict is Verdict.INFO
    for text in ("do I give a parent my personal email address", "can I use my work email to set up my own facebook"):
        ruling = school.ask(text).ruling
        assert ruling is not None

    # after: whoever read them against 2.1 accepted them; one of a clause that is gone cannot be accepted
    with pytest.raises(CannotAccept, match=r"6\.2\(14\)"):
        school.overlay.rulings.accept(REACH2, "run-a-school-account", OWNER)
    for name in ("former-pupil-follows-me", "current-pupil-befriends-me", "phone-in-my-pocket"):
        assert name in waiting
        school.overlay.rulings.accept(REACH2, name, OWNER)
    assert school.renew().state is State.ANSWERED
    after = school.ask()
    assert after.ruling is not None
    assert (after.verdict, after.ruling.id, school.cited()) == (
        Verdict.DEPENDS,
        "former-pupil-follows-me",
        (VERSION, "6.2(24)"),
    )
    assert school.overlay.versions.published(REACH2, "2.0") is not None

    # rolled back: 2.0, word for word as it was
    school.overlay.versions.roll_back(REACH2, "2.0", OWNER)
    assert school.standing().state is State.BUILDING
    assert school.renew().state is State.ANSWERED
    assert (school.digest, school.ask()) == (shipped, before)
    assert school.overlay.log.verify().by_hand == ()


def test_what_is_added_is_answered_what_makes_answers_worse_or_is_broken_stays_out(school: School) -> None:
    lass = "ought I to let that lass from last year's leavers subscribe to my channel"
    wall = "somebody rang about the wording on the wall in reception"
    school.overlay.phrasings.add(REACH2, lass, ToRuling("former-pupil-follows-me"), OWNER)
    school.overlay.phrasings.add(REACH2, wall, ToClause("16.1"), OWNER)
    assert school.standing().state is State.BUILDING
    assert school.renew().state is school.standing().state is State.ANSWERED
    ruling = school.ask(lass).ruling
    assert ruling is not None
    assert ruling.id == "former-pupil-follows-me"
    quoted = school.ask(wall)
    assert (quoted.verdict, quoted.ruling, school.cited(wall)) == (Verdict.INFO, None, ("2.0", "16.1"))
    good = school.digest

    # what rulings answer, hardly changed, given to a clause that has nothing to do with it
    path = school.overlay.root / REACH2 / "phrasings.toml"
    families = (snapshot.load(school.settings.snapshots, good, school.encoder)).families
    ruled = [text for _, _, family, text in trial.asked(families) if isinstance(family.of, Reviewed)][:30]
    wrong = "".join(
        f'\n[[phrasing]]\ntext = {json.dumps(text)}\nclause = "16.1"\nversion = "2.0"\n'
        for one in ruled
        for text in (f"please {one}", f"{one} please", f"so {one} then")
    )
    path.write_text(path.read_text(encoding="utf-8") + wrong, encoding="utf-8")
    renewal = school.renew()
    assert renewal.state is State.KEPT_OUT
    assert renewal.before is not None
    assert renewal.after is not None
    assert renewal.after.first < renewal.before.first - 3
    assert set(renewal.lost) & set(ruled)
    assert school.digest == good
    assert school.renew() == school.standing() == renewal  # it is not tried again and again

    path.write_text("[[phrasing]\n", encoding="utf-8")
    broken = school.renew()
    assert broken.state is State.BROKEN
    assert f"{path}:1: is not TOML" in broken.problem
    assert (school.digest, school.ask(lass).ruling) == (good, ruling)


def test_a_broken_overlay_keeps_nobody_from_being_answered_on_a_machine_without_a_snapshot(
    tmp_path: Path, encoder: Encoder, snapshots: Path
) -> None:
    remember(tmp_path, snapshots)
    shipped = snapshot.current(snapshots)
    (tmp_path / "snapshots" / shipped).symlink_to(snapshots / shipped)
    school = School(tmp_path, encoder)
    path = school.overlay.root / REACH2 / "phrasings.toml"
    path.parent.mkdir(parents=True)
    path.write_text("?", encoding="utf-8")
    assert school.renew().state is State.BROKEN
    assert school.digest == shipped
    assert school.ask().verdict is Verdict.DEPENDS
