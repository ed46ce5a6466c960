"""The walk: steps, situations judged, checks ticked; left and come back to; kept without saying how anybody judged."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.cases import records
from bot.cases.keys.sealing import Place
from bot.induction import walk
from bot.induction.walk import NOTHING, Done
from bot.messages import (
    AgreementView,
    BeginInduction,
    FinishStep,
    InductionStepView,
    InductionView,
    JudgeSituation,
    OpenInduction,
    OpenInductionStep,
    SituationView,
    StepState,
)
from bot.talk.feedback.counting import Counted, Key, week_of
from bot.wording import say
from integrations import app
from knowledge.induction import Induction, read_induction
from knowledge.library import SHIPPED
from knowledge.rulings import Verdict
from tests.bot.induction.walking import ANNA, BEN, REACH2, School, newer

_READ = read_induction(SHIPPED / REACH2)
assert _READ is not None
SHIPPED_WALK: Induction = _READ


def _overview(school: School, owner: str) -> InductionView:
    reply = school.hears(OpenInduction(owner))
    assert isinstance(reply, InductionView)
    return reply


def _judged(school: School, situation: SituationView, step: str, verdict: str, owner: str) -> SituationView:
    reply = school.hears(JudgeSituation(step, situation.situation, verdict, owner))
    assert isinstance(reply, InductionStepView)
    return next(one for one in reply.situations if one.situation == situation.situation)


# ---------------------------------------------------------------------------------------------- pure functions


@st.composite
def _done(draw: st.DrawFn) -> Done:
    situations = [one.id for step in SHIPPED_WALK.steps for one in step.situations]
    checks = [one.id for step in SHIPPED_WALK.steps for one in step.checks]
    steps = [step.id for step in SHIPPED_WALK.steps]
    picked = [draw(st.frozensets(st.sampled_from([*ids, "gone"]))) for ids in (situations, checks, steps, steps)]
    return Done(*picked)


@given(_done())
def test_somebody_is_at_the_first_step_that_is_not_behind_them_and_nowhere_if_nothing_is_left(done: Done) -> None:
    rows = walk.rows(SHIPPED_WALK, done)
    left = walk.left(SHIPPED_WALK, done)
    assert [row.step for row in rows if row.is_here] == [row.step for row in left[:1]]
    assert walk.count(SHIPPED_WALK, done) + len(left) == len(SHIPPED_WALK.steps)
    assert walk.minutes_left(SHIPPED_WALK, done) == sum(row.minutes for row in left)


@given(_done())
def test_only_a_step_that_may_be_skipped_can_be(done: Done) -> None:
    for one in SHIPPED_WALK.steps:
        skipped = done.with_skipped(one)
        assert (walk.state(one, skipped) is StepState.SKIPPED) == (one.skip is not None)


@given(_done())
@settings(max_examples=50)
def test_doing_every_step_leaves_none_whatever_was_done_before(done: Done) -> None:
    for step in SHIPPED_WALK.steps:
        for situation in step.situations:
            done = done.with_judged(situation.id)
        done = done.with_ticked(step, [check.id for check in step.checks]).with_read(step)
    assert walk.left(SHIPPED_WALK, done) == ()


def test_a_step_to_which_a_check_was_added_is_not_done_any_more() -> None:
    step = next(one for one in SHIPPED_WALK.steps if one.checks)
    done = NOTHING.with_ticked(step, [check.id for check in step.checks]).with_read(step)
    for situation in step.situations:
        done = done.with_judged(situation.id)
    assert walk.state(step, done) is StepState.DONE
    more = replace(step, checks=(*step.checks, replace(step.checks[0], id="one-more")))
    assert walk.state(more, done) is StepState.BEGUN


# ---------------------------------------------------------------------------------------------------- at the desk


def test_the_overview_names_every_step_and_how_long_it_takes(school: School) -> None:
    view = _overview(school, ANNA)
    assert [row.title for row in view.steps] == [step.title for step in SHIPPED_WALK.steps]
    assert view.minutes_left == sum(step.minutes for step in SHIPPED_WALK.steps)
    assert view.here == SHIPPED_WALK.steps[0].id
    assert not view.is_begun
    assert not view.is_ready
    assert view.due == ("You have not signed this policy.",)


def test_each_sentence_of_a_step_stands_over_its_clauses_word_for_word(school: School) -> None:
    for step in SHIPPED_WALK.steps:
        view = school.step(ANNA, step.id)
        for said, row in zip(step.says, view.says, strict=True):
            assert [str(cited.clause.label) for cited in row.citations] == list(said.cites)


def test_a_judgement_is_answered_by_the_ruling_with_its_clauses_and_no_score(school: School) -> None:
    for step in SHIPPED_WALK.steps:
        for situation in school.step(ANNA, step.id).situations:
            heard = {
                choice.value: _judged(school, situation, step.id, choice.value, ANNA).judged
                for choice in situation.choices
            }
            says = {judged.says for judged in heard.values() if judged}
            assert len(says) == 1, "the same is said whatever somebody answered"
            assert says != {""}
            for verdict, judged in heard.items():
                assert judged is not None
                assert judged.citations
                assert judged.chosen == say("induction.chosen", verdict=say(f"verdict.{Verdict(verdict)}"))


def test_a_situation_whose_ruling_waits_for_review_is_explained_by_the_clause_and_by_no_verdict(school: School) -> None:
    situation = next(one for one in SHIPPED_WALK.steps[1].situations if one.id == "he-left-last-summer")
    before = _judged(school, school.step(ANNA, "children-online").situations[0], "children-online", "yes", ANNA)
    assert before.judged is not None
    assert before.judged.says
    labels = tuple(str(cited.clause.label) for cited in before.judged.citations)
    school.library = newer(school.library, **{labels[0].replace(".", "_"): "Other words."})
    after = _judged(school, school.step(ANNA, "children-online").situations[0], "children-online", "yes", ANNA)
    assert situation.id == after.situation
    assert after.judged is not None
    assert (after.judged.says, after.judged.headline) == ("", "What holds, the policy says itself:")
    assert "Other words." in {cited.clause.text for cited in after.judged.citations}


def test_that_a_situation_was_judged_is_kept_and_how_stands_nowhere(school: School) -> None:
    step = SHIPPED_WALK.steps[1]
    contents = []
    for owner, verdict in ((ANNA, "yes"), (BEN, "no")):
        for situation in step.situations:
            _judged(school, school.step(owner, step.id).situations[0], step.id, verdict, owner)
            school.hears(JudgeSituation(step.id, situation.id, verdict, owner))
        progress = school.desk.guide.progress
        with school.reports.store.reading() as connection:
            hashed = progress.hash_of(owner)
            table = records.inductions
            row = connection.execute(select(table).where(table.c.owner_hash == hashed)).one()
        key = school.reports.keys.key(row.id)
        contents.append(json.loads(key.unseal(row.sealed, Place("inductions", "sealed", row.id))))
    assert contents[0] == contents[1]


def test_somebody_comes_back_to_where_they_left_after_a_restart(school: School) -> None:
    school.walk_on(ANNA)
    school.walk_on(ANNA)
    third = SHIPPED_WALK.steps[2].id
    assert school.step(ANNA).step == third
    again = app.open_reports(school.reports.settings)
    school.reports.close()
    school.use(again)
    try:
        assert school.step(ANNA).step == third
        assert [row.state for row in _overview(school, ANNA).steps[:3]] == ["done", "done", "open"]
        assert _overview(school, BEN).here == SHIPPED_WALK.steps[0].id
    finally:
        again.close()


def test_a_step_is_not_done_before_all_of_it_is(school: School) -> None:
    step = next(one for one in SHIPPED_WALK.steps if one.checks)
    ticked = tuple(check.id for check in step.checks)[:1]
    reply = school.hears(FinishStep(step.id, ticked, owner=ANNA))
    assert isinstance(reply, InductionStepView)
    assert reply.step == step.id
    assert reply.notice
    assert [check.ticked for check in reply.checks] == [check.check in ticked for check in reply.checks]
    assert school.step(ANNA, step.id).state is StepState.BEGUN


def test_what_was_ticked_can_be_unticked(school: School) -> None:
    step = next(one for one in SHIPPED_WALK.steps if one.checks)
    school.hears(FinishStep(step.id, (step.checks[0].id,), owner=ANNA))
    school.hears(FinishStep(step.id, (), owner=ANNA))
    assert not any(check.ticked for check in school.step(ANNA, step.id).checks)


@pytest.mark.parametrize("owner", [ANNA, ""])
def test_only_where_the_walk_says_so_a_step_is_skipped(school: School, owner: str) -> None:
    for step in SHIPPED_WALK.steps:
        reply = school.hears(FinishStep(step.id, skip=True, owner=owner))
        stays = isinstance(reply, InductionStepView) and reply.step == step.id
        assert stays == (step.skip is None)
    if owner:
        states = {row.step: row.state for row in _overview(school, owner).steps}
        assert {step for step, state in states.items() if state is StepState.SKIPPED} == {
            step.id for step in SHIPPED_WALK.steps if step.skip
        }


def test_after_the_last_step_comes_the_agreement(school: School) -> None:
    view = school.walk(ANNA)
    assert view.is_ready
    assert view.left == ()
    reply = school.hears(OpenInductionStep("", ANNA))
    assert isinstance(reply, AgreementView)


def test_whoever_is_not_known_gets_a_code_and_comes_back_with_it(school: School) -> None:
    begun = school.hears(BeginInduction())
    assert isinstance(begun, InductionView)
    assert begun.is_new_code
    owner = "code:" + begun.code.replace("-", "")
    school.walk_on(owner)
    again = _overview(school, owner)
    assert (again.here, again.code, again.is_new_code) == (SHIPPED_WALK.steps[1].id, begun.code, False)


def test_a_code_that_nobody_was_given_leads_nowhere(school: School) -> None:
    for incoming in (
        OpenInduction("code:AAAABBBBCCCC"),
        OpenInductionStep("", "code:AAAABBBBCCCC"),
        BeginInduction("code:AAAABBBBCCCC"),
        FinishStep(SHIPPED_WALK.steps[0].id, owner="code:AAAABBBBCCCC"),
    ):
        assert school.refused(incoming) == "There is nothing kept under this code. It may have been mistyped."


def test_of_whoever_has_neither_name_nor_code_nothing_is_kept(school: School) -> None:
    step = SHIPPED_WALK.steps[1]
    judged = _judged(school, school.step("", step.id).situations[0], step.id, "no", "")
    assert judged.judged is not None
    reply = school.hears(FinishStep(step.id))
    assert isinstance(reply, InductionStepView)
    assert reply.step == SHIPPED_WALK.steps[2].id
    with school.reports.store.reading() as connection:
        assert connection.execute(select(records.inductions)).all() == []


def test_what_is_not_of_this_walk_is_refused_in_words(school: School) -> None:
    first = SHIPPED_WALK.steps[0]
    for incoming in (
        OpenInductionStep("no-such-step", ANNA),
        JudgeSituation(first.id, "no-such-situation", "yes", ANNA),
        JudgeSituation(first.id, first.situations[0].id, "not a verdict", ANNA),
        FinishStep("no-such-step", owner=ANNA),
    ):
        assert school.refused(incoming).startswith("This step is not there any more")
    assert school.refused(OpenInduction(ANNA, "no-such-policy")) == "There is no guided walk through this policy here."


def test_a_walk_whose_key_is_gone_is_walked_again_and_refuses_nobody(school: School) -> None:
    school.walk_on(ANNA)
    with school.reports.store.reading() as connection:
        (walk_id,) = connection.scalars(select(records.inductions.c.id))
    school.reports.keys.destroy(walk_id)
    assert school.step(ANNA).step == SHIPPED_WALK.steps[0].id
    school.walk_on(ANNA)
    assert school.step(ANNA).step == SHIPPED_WALK.steps[1].id


def test_two_requests_at_once_lose_nothing_of_each_other(school: School) -> None:
    progress, step = school.desk.guide.progress, SHIPPED_WALK.steps[1]
    first, second = (situation.id for situation in step.situations[:2])

    def while_another(done: Done) -> Done:
        return done.with_judged(first)

    progress.change(ANNA, REACH2, lambda done: done)
    before = progress.find(ANNA, REACH2)
    assert before is not None
    progress.change(ANNA, REACH2, while_another)
    after = progress.change(ANNA, REACH2, lambda done: done.with_judged(second))
    assert after.done.judged == {first, second}


def test_steps_that_are_begun_and_finished_are_counted_and_nobody_with_them(school: School) -> None:
    at = school.step(ANNA)
    assert at.situations
    school.hears(FinishStep(at.step, owner=ANNA))  # something is left of it
    school.walk_on(ANNA)
    counted = {one.key: one.times for one in school.insights.counts(school.clock.now().date())}
    week = week_of(school.clock.now().date())
    assert counted == {Key(week, Counted.STEP_BEGUN): 2, Key(week, Counted.STEP_FINISHED): 1}
