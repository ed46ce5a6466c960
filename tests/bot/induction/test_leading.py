"""Who is where: seen by those who look after induction alone, with nothing of how anybody judged."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.people.roles import Person
from bot.cases.receiving import access
from bot.cases.receiving.access import Access
from bot.messages import (
    EndCampaign,
    ExportFile,
    ExportStandings,
    InductionLeadView,
    JudgeSituation,
    NudgeInduction,
    OpenInductionLead,
    StartCampaign,
)
from bot.ports import Telling
from tests.bot.induction.walking import ANNA, BEN, LEAD, REACH2, School, newer

HEAD = "demo-headteacher"
REFUSED = "Only whoever looks after induction, and the headteacher, see this."


def _done(school: School, incoming: object) -> InductionLeadView:
    reply = school.hears(incoming)  # type: ignore[arg-type]
    assert isinstance(reply, InductionLeadView)
    return reply


def _start(school: School, by: str = "2026-11-27", form: str = "c" * 32) -> InductionLeadView:
    return _done(school, StartCampaign(LEAD, form, {"policy": REACH2, "by": by}))


def test_only_whoever_looks_after_induction_and_the_headteacher_see_others(school: School) -> None:
    may = {LEAD, HEAD}
    campaign = _start(school).campaigns[0].campaign
    for person in [*(person.id for person in school.reports.directory.persons), "nobody", ""]:
        for incoming in (
            OpenInductionLead(person),
            NudgeInduction(person),
            ExportStandings(person),
            StartCampaign(person, "d" * 32, {"policy": REACH2, "by": "2026-12-01"}),
            EndCampaign(person, campaign),
        ):
            reply = school.hears(incoming)
            assert isinstance(reply, InductionLeadView | ExportFile) == (person in may), (person, incoming)
            if person not in may:
                assert school.refused(incoming) == REFUSED


def test_with_an_empty_table_of_access_nobody_sees_others(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    school.lead()
    monkeypatch.setattr(access, "shipped", lambda: Access((), ()))
    for incoming in (OpenInductionLead(LEAD), NudgeInduction(HEAD), ExportStandings(LEAD), EndCampaign(LEAD, "any")):
        assert school.refused(incoming) == REFUSED


def test_everybody_of_the_directory_stands_there_whoever_is_behind_first(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.walk_on(BEN)
    view = school.lead()
    assert {row.person for row in view.rows} == {person.id for person in school.reports.directory.persons}
    assert [row.is_behind for row in view.rows] == sorted((row.is_behind for row in view.rows), reverse=True)
    rows = {row.person: row for row in view.rows}
    anna, ben, other = rows["demo-deputy-head"], rows["demo-policy-owner"], rows["demo-dsl"]
    assert (anna.where, anna.version, anna.due, anna.is_behind) == ("All steps done", "2.0", "", False)
    assert (ben.where, ben.signed, ben.due) == (f"1 of {ben.count} steps", None, "Not signed")
    assert ben.moved == school.clock.now().date()
    assert (other.where, other.moved, other.done) == ("Not begun", None, 0)


def test_how_anybody_judged_is_nowhere_in_what_is_shown_or_taken_along(school: School) -> None:
    views = []
    for verdict in ("yes", "no"):
        step = school.step(BEN, "children-online")
        school.hears(JudgeSituation(step.step, step.situations[0].situation, verdict, BEN))
        file = school.hears(ExportStandings(LEAD))
        assert isinstance(file, ExportFile)
        views.append((school.lead().rows, file.content))
    assert views[0] == views[1]


def test_whoever_signed_by_a_code_stands_there_as_they_signed_and_cannot_be_reminded(school: School) -> None:
    school.sign("", name="Sam Supply", signed="Sam Supply", role="Supply teacher")
    last = school.lead().rows[-1]
    assert (last.person, last.name, last.roles, last.where) == (
        "", "Sam Supply", "Supply teacher", "Signed without the walk",
    )  # fmt: skip


def test_whoever_has_left_the_directory_is_not_in_the_list(school: School) -> None:
    school.walk_and_sign(ANNA)
    directory = school.reports.directory
    left = tuple(person for person in directory.persons if person.id != "demo-deputy-head")
    school.use(replace(school.reports, directory=replace(directory, persons=left)))
    assert {row.person for row in school.lead().rows} == {person.id for person in left}


def test_the_list_is_taken_along_as_values_of_which_no_spreadsheet_makes_a_formula(school: School) -> None:
    directory = school.reports.directory
    bad = Person("=1+1", "=HYPERLINK(0)")
    school.use(replace(school.reports, directory=replace(directory, persons=(*directory.persons, bad))))
    school.walk_and_sign(ANNA)
    file = school.hears(ExportStandings(LEAD))
    assert isinstance(file, ExportFile)
    assert file.content.startswith(b"\xef\xbb\xbf")
    heads, *rows = csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline=""))
    assert heads[:4] == ["Name", "Role", "Where", "Steps done"]
    names = [row[0] for row in rows]
    assert "'=HYPERLINK(0)" in names
    anna = next(row for row in rows if row[0] == "Demonstration deputy headteacher")
    assert anna[6:9] == ["2.0", "2026-11-23", ""]
    assert {row[10] for row in rows} == {"Demonstration induction lead"}
    assert file.name == f"induction-{REACH2}-2026-11-23.csv"


# --------------------------------------------------------------------------------------------------- reminders


def test_a_nudge_reaches_whoever_is_behind_once_a_day(school: School) -> None:
    school.walk_and_sign(ANNA)
    view = _done(school, NudgeInduction(LEAD, "demo-policy-owner"))
    assert view.done == "Asked to be reminded: 1. The reminders go out within a minute."
    assert _done(school, NudgeInduction(LEAD, "demo-policy-owner")).done.startswith("No reminder was added")
    school.work()
    school.work()
    assert school.heard(Telling.NUDGE) == ["demo-policy-owner"]
    nudged = {row.person: row.nudged for row in school.lead().rows}
    assert nudged["demo-policy-owner"] == school.clock.now().date()
    school.clock.go_on(timedelta(days=1))
    _done(school, NudgeInduction(LEAD, "demo-policy-owner"))
    school.work()
    assert school.heard(Telling.NUDGE) == ["demo-policy-owner"]


def test_whoever_is_not_behind_is_not_nudged(school: School) -> None:
    school.walk_and_sign(ANNA)
    assert _done(school, NudgeInduction(LEAD, "demo-deputy-head")).done == "Nobody whom you could remind is behind."
    _done(school, NudgeInduction(LEAD))
    school.work()
    heard = school.heard(Telling.NUDGE)
    assert "demo-deputy-head" not in heard
    assert len(heard) == len(school.reports.directory.persons) - 1


def test_who_signs_before_the_reminder_goes_out_is_not_reminded(school: School) -> None:
    school.clock.go_on(timedelta(hours=10))  # eight in the evening
    view = _done(school, NudgeInduction(LEAD, "demo-deputy-head"))
    assert view.done.endswith("The reminders go out when the school is there again.")
    assert school.work() == 0
    school.walk_and_sign(ANNA)
    school.clock.go_on(timedelta(hours=14))
    school.work()
    assert school.heard(Telling.NUDGE) == []


# --------------------------------------------------------------------------------------------------- campaigns


@pytest.mark.parametrize(
    ("by", "wrong"),
    [("", "Say by which day."), ("2026-11-22", "That day is over."), ("tomorrow or so", "")],
)
def test_a_campaign_wants_a_day_that_is_not_over(school: School, by: str, wrong: str) -> None:
    view = _start(school, by)
    assert view.has_errors
    error = next(question.error for question in view.questions if question.key == "by")
    assert error == wrong or (not wrong and error)
    assert view.campaigns == ()


def test_a_campaign_counts_who_has_signed_that_version(school: School) -> None:
    school.walk_and_sign(ANNA)
    view = _start(school)
    (row,) = view.campaigns
    count = len(school.reports.directory.persons)
    assert (row.signed, row.of, row.version, row.ended, row.is_late) == (1, count, "2.0", None, False)
    assert (
        view.done
        == "Everybody is asked to read and sign the Online Safety and Social Media policy by 27 November 2026."
    )
    school.sign(BEN)
    assert school.lead().campaigns[0].signed == 2
    assert {row.person: row.due for row in school.lead().rows}["demo-dsl"] == "To be signed by 27 November 2026"
    school.clock.go_on(timedelta(days=5))
    assert school.lead().campaigns[0].is_late


def test_whoever_a_campaign_asks_signs_without_walking_and_is_told_by_when(school: School) -> None:
    _start(school)
    view = school.agreement(BEN)
    assert view.is_ready
    assert view.due[0] == "Your school asks everybody to read this version and to sign by 27 November 2026."
    school.sign(BEN)
    assert school.agreement(BEN).due == ()


def test_the_same_form_twice_is_one_campaign_and_another_ends_the_one_before(school: School) -> None:
    _start(school)
    assert _start(school).done == "That campaign goes on already."
    assert len(school.lead().campaigns) == 1
    school.clock.go_on(timedelta(minutes=1))
    _start(school, "2026-12-04", "d" * 32)
    ended = [row.ended is not None for row in school.lead().campaigns]
    assert ended == [False, True]


def test_a_campaign_for_a_new_version_asks_those_who_signed_the_one_before(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.library = newer(school.library, **{"5_3": "Nobody may."})
    view = _start(school)
    assert view.campaigns[0].version == "2.1"
    assert view.campaigns[0].signed == 0
    school.sign(ANNA)
    assert school.lead().campaigns[0].signed == 1


def test_a_campaign_that_is_ended_asks_nobody_any_more(school: School) -> None:
    campaign = _start(school).campaigns[0].campaign
    _done(school, EndCampaign(LEAD, campaign))
    assert school.lead().campaigns[0].ended == school.clock.now().date()
    assert school.agreement(BEN).due == ("You have not signed this policy.",)
    assert school.refused(EndCampaign(LEAD, "no such campaign")) == "There is no such campaign."
    assert json.dumps([row.due for row in school.lead().rows]).count("To be signed") == 0
