"""A school's own directory: the worked example of the documentation, what is checked, and what is refused."""

import re
from pathlib import Path

import pytest

from bot.cases.people.directory import load_directory
from bot.cases.people.roles import Role
from bot.desk import Desk
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock, Trail
from index.search import Searcher
from integrations import app
from integrations.settings import Settings
from tests.bot.reporting import inbox, received
from tests.cli.conftest import Run
from tests.conftest import NOW

PAGE = (Path(__file__).parents[2] / "docs" / "directory.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def _write(settings: Settings, text: str = EXAMPLE) -> None:
    settings.directory.parent.mkdir(parents=True, exist_ok=True)
    settings.directory.write_text(text, encoding="utf-8")


@pytest.fixture
def own(settings: Settings) -> Settings:
    _write(settings)
    return settings


def _checked(run: Run, tmp_path: Path, text: str) -> tuple[int, str]:
    _write(Settings(var=tmp_path / "var"), text)
    status, output, _ = run("check")
    (line,) = [line for line in output.split("\n") if " directory: " in line]
    return status, line


def test_the_worked_example_is_a_directory_and_shows_every_key(own: Settings) -> None:
    people = load_directory(own.directory)
    assert people.vacancies(NOW.date()) == ()
    assert not people.is_demonstration
    keys = set(re.findall(r"^(\w+) =", EXAMPLE, re.MULTILINE))
    documented = set(re.findall(r"`(\w+)`", "".join(line for line in PAGE.split("\n") if line.startswith("| `"))))
    assert keys <= documented
    assert {role.value for role in Role} <= documented


def test_check_says_who_holds_which_role_and_what_will_be_vacant(run: Run, tmp_path: Path) -> None:
    status, line = _checked(run, tmp_path, EXAMPLE)
    assert status == 0
    assert line.startswith("ok     directory: dsl: Anna Archer; deputy_dsl: Ben Okafor; headteacher: Clara Lindqvist")
    assert "the trust's safeguarding lead is told" in line
    assert "no telephone" not in line


def test_check_says_whom_nobody_can_ring_and_that_there_is_no_trust(run: Run, tmp_path: Path) -> None:
    alone = EXAMPLE.split('[[person]]\nid = "g.ali"')[0].replace('telephone = "01632 960421"\n', "")
    status, line = _checked(run, tmp_path, alone)
    assert status == 0
    assert "Anna Archer has no telephone" in line
    assert "no trust safeguarding lead: if all of a route are struck, the sender is shown whom to ring outside" in line


def test_check_says_which_role_is_vacant_today(run: Run, tmp_path: Path) -> None:
    status, line = _checked(run, tmp_path, EXAMPLE.replace('role = "dsl"', 'role = "dsl"\nuntil = 2020-01-01', 1))
    assert status == 1
    assert line.startswith("WRONG  directory: Nobody holds a role today")
    assert "dsl at oakfield" in line


def test_check_names_the_file_and_line_of_a_slip(run: Run, tmp_path: Path) -> None:
    text = EXAMPLE.replace('role = "vice_chair"', 'role = "vice chair"')
    status, line = _checked(run, tmp_path, text)
    assert status == 1
    assert f"library/directory.toml:{text[: text.index('vice chair')].count(chr(10)) + 1}:" in line


def _desk(reports: app.Reports, searcher: Searcher, insights: Insights, clock: FixedClock) -> Desk:
    return app.desk(lambda: searcher, reports, insights, clock, Trail())


def test_reports_go_to_the_schools_own_people(
    own: Settings, searcher: Searcher, insights: Insights, clock: FixedClock
) -> None:
    reports = app.open_reports(own)
    desk = _desk(reports, searcher, insights, clock)
    receipt = received(desk)
    everybody = (person.id for person in reports.directory.persons)
    told = {person for person in everybody if receipt.reference in inbox(desk, person)}
    assert told == {"a.archer", "b.okafor"}
    reports.close()


def test_without_the_directory_that_reports_went_by_nothing_starts(
    own: Settings, searcher: Searcher, insights: Insights, clock: FixedClock
) -> None:
    reports = app.open_reports(own)
    received(_desk(reports, searcher, insights, clock))
    reports.close()
    own.directory.unlink()
    with pytest.raises(app.DirectoryMissing, match="put it back from its backup"):
        app.open_reports(own)
    _write(own)
    app.open_reports(own).close()


def test_a_directory_of_several_schools_waits_for_sign_in(own: Settings) -> None:
    (school,) = re.findall(r"\[\[school\]\].*?(?=\[\[person\]\])", EXAMPLE, re.DOTALL)
    people = "".join(
        f'[[person]]\nid = "{role}"\nname = "{role}"\n[[person.holds]]\nschool = "elm"\nrole = "{role}"\n'
        for role in ("dsl", "headteacher", "chair_of_governors")
    )
    _write(own, EXAMPLE + school.replace("oakfield", "elm") + people)
    with pytest.raises(app.SeveralSchools):
        app.open_reports(own)


def test_a_vacancy_keeps_nobody_from_reporting(
    own: Settings, searcher: Searcher, insights: Insights, clock: FixedClock
) -> None:
    left = EXAMPLE.replace('role = "dsl"', 'role = "dsl"\nuntil = 2020-01-01').replace(
        'role = "deputy_dsl"', 'role = "deputy_dsl"\nuntil = 2020-01-01'
    )
    _write(own, left)
    reports = app.open_reports(own)
    desk = _desk(reports, searcher, insights, clock)
    assert received(desk).reference in inbox(desk, "c.lindqvist")
    reports.close()
