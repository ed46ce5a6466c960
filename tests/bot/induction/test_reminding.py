"""Reminders: within school hours, each once, whatever dies and however many look at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.cases import records
from bot.cases.routes.calendar import PLAIN, Calendar, Days
from bot.induction.due import Campaign
from bot.induction.reminding import occasion
from bot.messages import EndCampaign, StartCampaign
from bot.ports import Telling
from integrations import app
from tests.bot.induction.walking import ANNA, BEN, LEAD, REACH2, School, newer

PEOPLE = 12


def _start(school: School, by: date) -> str:
    school.hears(StartCampaign(LEAD, f"{by}", {"policy": REACH2, "by": by.isoformat()}))
    return school.lead().campaigns[0].campaign


def _days_heard(school: School, days: int) -> list[date]:
    """On which days somebody was told of the campaign, looked at several times on every day."""
    heard, begins = [], school.clock.now()
    for day in range(days):
        for hour in (6, 10, 14, 16, 22):
            moment = begins.replace(hour=hour, minute=30) + timedelta(days=day)
            if moment < begins:
                continue
            school.at(moment)
            school.work()
            if school.heard(Telling.CAMPAIGN):
                assert hour in {10, 14}, "none outside of school hours"
                heard.append(moment.date())
    return heard


def test_a_campaign_reminds_at_once_two_school_days_before_on_the_day_and_each_third_after(school: School) -> None:
    _start(school, date(2026, 12, 4))  # a Friday; it is Monday the 23rd
    school.walk_and_sign(ANNA)
    heard = _days_heard(school, 22)
    assert heard == [date(2026, 11, 23), *(date(2026, 12, day) for day in (2, 4, 9, 14))]


def test_on_a_day_without_school_nobody_is_reminded_and_the_day_before_counts(school: School) -> None:
    holiday = Calendar(holidays=(Days(date(2026, 12, 3), date(2026, 12, 7)),))
    school.use(replace(school.reports, calendar=holiday))
    _start(school, date(2026, 12, 4))
    heard = _days_heard(school, 22)
    assert heard == [date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 2), date(2026, 12, 10)]


def test_each_person_is_told_once_of_each(school: School) -> None:
    _start(school, date(2026, 12, 4))
    assert school.work() == PEOPLE
    assert school.work() == 0
    heard = school.heard(Telling.CAMPAIGN)
    assert len(heard) == len(set(heard)) == PEOPLE


def test_whoever_signs_is_reminded_no_more_and_a_campaign_ends_with_the_last(school: School) -> None:
    _start(school, date(2026, 11, 27))
    school.work()
    for person in school.reports.directory.persons:
        if person.id != "demo-policy-owner":
            school.sign(f"person:{person.id}")
    school.heard(Telling.CAMPAIGN)
    school.at(datetime(2026, 11, 25, 10, tzinfo=UTC))
    school.work()
    assert school.heard(Telling.CAMPAIGN) == ["demo-policy-owner"]
    school.sign(BEN)
    school.work()
    assert school.lead().campaigns[0].ended == date(2026, 11, 25)


def test_who_comes_into_the_directory_later_is_asked_as_well(school: School) -> None:
    directory = school.reports.directory
    persons, newcomer = directory.persons[:-1], directory.persons[-1]
    school.use(replace(school.reports, directory=replace(directory, persons=persons)))
    _start(school, date(2026, 12, 4))
    school.work()
    assert newcomer.id not in school.heard(Telling.CAMPAIGN)
    school.use(replace(school.reports, directory=directory))
    school.work()
    assert school.heard(Telling.CAMPAIGN) == [newcomer.id]


def test_a_campaign_that_was_ended_reminds_nobody(school: School) -> None:
    school.hears(EndCampaign(LEAD, _start(school, date(2026, 12, 4))))
    assert school.work() == 0


_CALENDARS = (PLAIN, Calendar(holidays=(Days(date(2026, 11, 25), date(2026, 12, 6)),)))


@given(st.integers(0, 40), st.integers(0, 60), st.sampled_from(_CALENDARS))
def test_what_a_campaign_reminds_by_never_lies_ahead_nor_goes_back(by: int, after: int, calendar: Calendar) -> None:
    began = datetime(2026, 11, 23, 10, tzinfo=UTC)
    first = began.date()
    campaign = Campaign("c", REACH2, "2.0", "d", first + timedelta(days=by), began)
    days = [occasion(campaign, calendar, first + timedelta(days=day)) for day in range(after + 1)]
    assert days == sorted(days)
    assert all(first <= day <= first + timedelta(days=at) for at, day in enumerate(days))
    assert days[0] == first


# ------------------------------------------------------------------------------------------------- due again


def test_a_year_after_it_was_signed_one_reminder_comes(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.at(datetime(2027, 11, 22, 10, tzinfo=UTC))
    assert school.work() == 0
    school.at(datetime(2027, 11, 23, 10, tzinfo=UTC))
    assert school.work() == 1
    assert school.heard(Telling.SIGN_AGAIN) == ["demo-deputy-head"]
    school.at(datetime(2027, 12, 1, 10, tzinfo=UTC))
    assert school.work() == 0


def test_a_changed_clause_makes_one_reminder_for_each_who_signed_and_none_for_whoever_never_did(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.walk_and_sign(BEN)
    school.library = newer(school.library, **{"5_3": "Nobody may."})
    assert school.work() == 2
    assert school.work() == 0
    assert sorted(school.heard(Telling.SIGN_AGAIN)) == ["demo-deputy-head", "demo-policy-owner"]
    school.library = newer(school.library, **{"5_3": "Some may."})
    assert school.work() == 2, "another version is another change"


def test_where_a_campaign_asks_nobody_is_told_the_same_twice(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.library = newer(school.library, **{"5_3": "Nobody may."})
    _start(school, date(2026, 12, 4))
    school.work()
    assert school.heard(Telling.SIGN_AGAIN) == []
    assert "demo-deputy-head" in school.heard(Telling.CAMPAIGN)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 28, 10, tzinfo=UTC),
        datetime(2026, 11, 24, 6, tzinfo=UTC),
        datetime(2026, 11, 24, 15, 31, tzinfo=UTC),
        datetime(2026, 11, 24, 19, tzinfo=UTC),
    ],
    ids=["saturday", "early", "after_school", "evening"],
)
def test_outside_of_school_hours_nobody_is_told_and_next_morning_they_are(school: School, moment: datetime) -> None:
    school.walk_and_sign(ANNA)
    school.library = newer(school.library, **{"5_3": "Nobody may."})
    school.at(moment)
    assert school.work() == 0
    school.at(datetime(2026, 11, 30, 8, tzinfo=UTC))
    assert school.work() == 1


# ---------------------------------------------------------------------------------------------- whatever dies


@pytest.mark.both_engines
def test_another_process_finds_nothing_left_to_tell(school: School) -> None:
    _start(school, date(2026, 12, 4))
    again = app.open_reports(school.reports.settings)
    other = School(again, school.insights, school.clock, school.library)
    try:
        assert (school.work(), other.work()) == (PEOPLE, 0)
        heard = [notice.person for notice in (*school.told, *other.told)]
        assert len(heard) == len(set(heard)) == PEOPLE
    finally:
        again.close()


def test_many_who_look_at_once_tell_each_person_once(school: School) -> None:
    _start(school, date(2026, 12, 4))
    reminding = school.desk.leading.reminding
    with ThreadPoolExecutor(6) as several:
        told = [done.result() for done in [several.submit(reminding.look) for _ in range(6)]]
    assert sum(told) == PEOPLE
    school.work()
    assert len(school.heard(Telling.CAMPAIGN)) == PEOPLE


def test_a_notice_tells_nothing_of_what_it_is_about(school: School) -> None:
    _start(school, date(2026, 12, 4))
    school.work()
    assert {(notice.reference, notice.urgent, notice.role) for notice in school.told} == {("", False, "sender")}
    with school.reports.store.reading() as connection:
        rows = connection.execute(select(records.notices)).all()
    hashes = {row.person_hash for row in rows}
    assert len(hashes) == PEOPLE
    assert not hashes & {person.id for person in school.reports.directory.persons}
