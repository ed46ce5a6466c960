"""Routes: who is told, in which order, with whoever a report is about struck from every step; never nobody."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot.cases.forms.model import load_forms
from bot.cases.people.directory import Directory, load_directory
from bot.cases.people.roles import Holding, Person, Role
from bot.cases.routes.route import AT_ONCE, Moment
from bot.cases.routes.routing import SHIPPED, Plan, Routes, Told, load_routes, recheck
from knowledge.datafile import BadDataFile
from tests.bot.people import SCHOOL, TODAY, directory

TEXT = SHIPPED.read_text(encoding="utf-8")
ROUTES = load_routes(load_forms())
FIVE_MINUTES = timedelta(minutes=5)
ABOUT = ("child", "adult_here", "headteacher", "adult_elsewhere", "myself", "unsure")
FORMS = ("report_concern", "disclose_contact", "ask_permission", "explain_judgement", "sign_agreement")

FULL = directory(
    ("dsl", "dsl"), ("deputy1", "deputy_dsl"), ("deputy2", "deputy_dsl"), ("head", "headteacher"),
    ("deputyhead", "deputy_head"), ("slt", "slt"), ("contacts", "contacts_lead"), ("chair", "chair_of_governors"),
    ("vice", "vice_chair"), ("trust", "trust_safeguarding_lead"), ("induction", "induction_lead"),
    ("owner", "policy_owner"), ("admin", "administrator"), ("otherdsl", "dsl@elm"), ("otherhead", "headteacher@elm"),
    ("otherchair", "chair_of_governors@elm"), school_ids=(SCHOOL, "elm"),
)  # fmt: skip


def _plans(  # noqa: PLR0913 (what a plan turns on)
    about: str = "", danger: str = "no", *, form: str = "report_concern", struck: tuple[str, ...] = (),
    sender: str | None = None, people: Directory = FULL, school: str = SCHOOL, **more: str,
) -> tuple[Plan, ...]:  # fmt: skip
    answers = {"about": about, "danger": danger, **more}
    return ROUTES.plan(form, answers, school=school, struck=struck, sender=sender, directory=people, on=TODAY)


def _who(plan: Plan) -> list[tuple[object, list[str]]]:
    return [(step.after, [one.person.id for one in step.people]) for step in plan.steps]


@pytest.mark.parametrize(
    ("about", "danger", "expected"),
    [
        ("child", "yes", [(AT_ONCE, ["dsl", "deputy1", "deputy2"]), (FIVE_MINUTES, ["head"])]),
        ("child", "unsure", [(AT_ONCE, ["dsl", "deputy1", "deputy2"]), (FIVE_MINUTES, ["head"])]),
        ("child", "no", [(AT_ONCE, ["dsl", "deputy1", "deputy2"]), (Moment.BEFORE_END_OF_SCHOOL_DAY, ["head"])]),
        ("adult_elsewhere", "yes", [(AT_ONCE, ["dsl", "deputy1", "deputy2"]), (FIVE_MINUTES, ["head"])]),
        ("unsure", "yes", [(AT_ONCE, ["dsl", "head"]), (FIVE_MINUTES, ["deputy1", "deputy2"])]),
        ("unsure", "no", [(AT_ONCE, ["dsl", "head"]), (Moment.BEFORE_END_OF_SCHOOL_DAY, ["deputy1", "deputy2"])]),
        ("adult_here", "no", [(AT_ONCE, ["head"]), (Moment.END_OF_NEXT_SCHOOL_DAY, ["chair"])]),
        ("adult_here", "yes", [(AT_ONCE, ["head"]), (FIVE_MINUTES, ["chair"])]),
        ("headteacher", "no", [(AT_ONCE, ["chair"]), (Moment.END_OF_NEXT_SCHOOL_DAY, ["vice"])]),
        ("myself", "no", [(AT_ONCE, ["head"])]),
    ],
)
def test_a_report_goes_where_the_guidance_sends_it(
    about: str, danger: str, expected: list[tuple[object, list[str]]]
) -> None:
    (plan,) = _plans(about, danger)
    assert _who(plan) == expected
    assert plan.last_resort is None


@pytest.mark.parametrize(
    ("form", "sender", "first"),
    [
        ("disclose_contact", "teacher", ["contacts"]),
        ("disclose_contact", None, ["contacts"]),
        ("disclose_contact", "contacts", ["head"]),
        ("disclose_contact", "head", ["chair"]),
        ("ask_permission", "teacher", ["head"]),
        ("ask_permission", "head", ["chair"]),
        ("explain_judgement", "dsl", ["head"]),
        ("explain_judgement", "head", ["chair"]),
        ("sign_agreement", "head", ["chair"]),
    ],
)
def test_what_somebody_tells_of_themselves_never_comes_back_to_them(
    form: str, sender: str | None, first: list[str]
) -> None:
    (plan,) = _plans(form=form, sender=sender)
    assert _who(plan)[0] == (AT_ONCE, first)
    assert plan.struck == frozenset()
    assert plan.is_record == (form == "sign_agreement")


def test_without_one_named_for_contacts_they_go_to_the_headteacher() -> None:
    people = replace(FULL, persons=tuple(one for one in FULL.persons if one.id != "contacts"))
    (plan,) = _plans(form="disclose_contact", sender="teacher", people=people)
    assert _who(plan) == [(AT_ONCE, ["head"])]


def test_a_child_and_an_adult_working_here_make_two_cases_each_with_its_own_people() -> None:
    child, adult = _plans("child,adult_here")
    assert (child.track, adult.track) == ("child", "adult")
    assert _who(child)[0] == (AT_ONCE, ["dsl", "deputy1", "deputy2"])
    assert _who(adult)[0] == (AT_ONCE, ["head"])
    assert {one.person.id for one in child.steps[0].people}.isdisjoint(one.person.id for one in adult.steps[0].people)


@pytest.mark.parametrize(
    "apart", ["child,adult_here", "child adult_here", "child\nadult_here", '["child", "adult_here"]']
)
def test_several_choices_are_read_however_they_are_set_apart(apart: str) -> None:
    assert [plan.track for plan in _plans(apart)] == ["child", "adult"]


def test_what_does_not_belong_into_a_track_is_left_out_of_its_case() -> None:
    (plan,) = _plans("child")
    assert replace(plan, leaves_out=("danger",)).answers({"about": "child", "danger": "no"}) == {"about": "child"}


# ------------------------------------------------------------------------------------------ conflicts of interest


def test_a_headteacher_whom_the_report_is_about_is_in_no_step_of_either_case() -> None:
    child, adult = _plans("child,headteacher", "yes")
    assert _who(child) == [(AT_ONCE, ["dsl", "deputy1", "deputy2"]), (FIVE_MINUTES, ["chair"])]
    assert _who(adult) == [(AT_ONCE, ["chair"]), (FIVE_MINUTES, ["vice"])]
    assert child.struck == adult.struck == {"head"}


def test_a_report_about_the_headteacher_strikes_whoever_is_away_and_whoever_covers() -> None:
    cover = Holding(SCHOOL, Role.HEADTEACHER, begins=TODAY, until=TODAY, covers="head")
    acting = replace(FULL, persons=(*FULL.persons, Person("acting", "Acting", holds=(cover,))))
    (plan,) = _plans("headteacher", people=acting)
    assert plan.struck == {"head", "acting"}
    (other,) = _plans("adult_here", people=acting)
    assert _who(other)[0] == (AT_ONCE, ["acting"])


@pytest.mark.parametrize(
    ("about", "struck", "expected"),
    [
        ("adult_here", ("dsl",), [["head"], ["chair"]]),  # about the DSL: to the headteacher
        ("adult_here", ("head",), [["chair"], ["vice"]]),
        ("adult_here", ("head", "chair"), [["vice"], ["trust"]]),
        ("adult_here", ("head", "chair", "vice"), [["trust"]]),
        ("headteacher", ("chair",), [["vice"], ["trust"]]),
        ("unsure", ("dsl",), [["head"], ["deputy1", "deputy2"]]),
        ("unsure", ("dsl", "head"), [["deputy1", "deputy2"], ["chair"]]),
        ("child", ("dsl",), [["deputy1", "deputy2"], ["head"]]),
        ("child", ("dsl", "deputy1", "deputy2"), [["head"], ["chair"]]),
        ("child", ("head",), [["dsl", "deputy1", "deputy2"], ["chair"]]),
    ],
)
def test_a_step_that_is_left_empty_falls_to_the_next_role(
    about: str, struck: tuple[str, ...], expected: list[list[str]]
) -> None:
    (plan,) = _plans(about, struck=struck)
    assert [people for _, people in _who(plan)] == expected
    assert plan.last_resort is None


def test_where_the_role_is_vacant_but_nobody_is_struck_a_colleague_at_school_steps_in() -> None:
    people = directory(
        ("both", "dsl"), ("both", "headteacher"), ("assistant", "slt"), ("chair", "chair_of_governors"),
    )  # fmt: skip
    (plan,) = _plans("child", "yes", people=people)
    assert _who(plan) == [(AT_ONCE, ["both"]), (FIVE_MINUTES, ["assistant"])]


@pytest.mark.parametrize(
    ("about", "resort"), [("adult_here", "LADO"), ("child", "social care"), ("headteacher", "LADO")]
)
def test_where_nobody_is_left_the_sender_is_told_whom_to_ring(about: str, resort: str) -> None:
    everybody = tuple(person.id for person in FULL.persons)
    (plan,) = _plans(about, struck=everybody)
    assert plan.steps == ()
    assert plan.last_resort is not None
    assert plan.last_resort.name == resort
    assert plan.last_resort.telephone


@pytest.mark.parametrize(
    ("about", "sender", "first"),
    [
        ("child", "dsl", ["dsl", "deputy1", "deputy2"]),
        ("adult_here", "head", ["head", "chair"]),
        ("headteacher", "chair", ["chair", "vice"]),
        ("unsure", "dsl", ["dsl", "head"]),
    ],
)
def test_a_sender_who_holds_the_role_is_never_the_only_one_to_acknowledge(
    about: str, sender: str, first: list[str]
) -> None:
    assert _who(_plans(about, sender=sender)[0])[0] == (AT_ONCE, first)


def test_a_sole_dsl_who_reports_is_joined_by_the_next_role_at_once() -> None:
    people = directory(("dsl", "dsl"), ("head", "headteacher"), ("chair", "chair_of_governors"))
    (plan,) = _plans("child", sender="dsl", people=people)
    assert _who(plan) == [(AT_ONCE, ["dsl", "head"]), (Moment.BEFORE_END_OF_SCHOOL_DAY, ["chair"])]


def test_a_later_step_that_would_only_tell_the_sender_is_left_out() -> None:
    people = directory(("dsl", "dsl"), ("head", "headteacher"))
    (plan,) = _plans("child", sender="head", people=people)
    assert _who(plan) == [(AT_ONCE, ["dsl"])]


def test_about_myself_strikes_the_sender_whatever_role_they_hold() -> None:
    (plan,) = _plans("myself", sender="head")
    assert _who(plan) == [(AT_ONCE, ["chair"])]
    assert plan.struck == {"head"}


def test_a_report_stays_at_its_school_but_for_the_trusts_lead() -> None:
    (plan,) = _plans("child", school="elm")
    assert [people for _, people in _who(plan)] == [["otherdsl"], ["otherhead"]]
    (plan,) = _plans("headteacher", school="elm", struck=("otherchair",))
    assert [people for _, people in _who(plan)] == [["trust"]]


PERSONS = tuple("abcdefgh")
HELD = st.lists(st.tuples(st.sampled_from(PERSONS), st.sampled_from(tuple(Role))), max_size=14, unique=True)
SOME = st.sets(st.sampled_from(PERSONS))
CHOSEN = st.sets(st.sampled_from(ABOUT), min_size=1).map(",".join)


@given(
    held=HELD, struck=SOME, sender=st.none() | st.sampled_from(PERSONS), about=CHOSEN,
    danger=st.sampled_from(("yes", "no", "unsure")), form=st.sampled_from(FORMS),
    also=st.sampled_from(("", "no", "adult_here", "headteacher", "unsure")),
    child_too=st.sampled_from(("", "no", "yes", "unsure")),
)  # fmt: skip
@examples(max_examples=1500)
def test_no_plan_ends_empty_tells_whom_it_is_about_or_leaves_the_sender_alone(  # noqa: PLR0913 (one for each strategy)
    *,
    held: list[tuple[str, Role]],
    struck: set[str],
    sender: str | None,
    about: str,
    danger: str,
    form: str,
    also: str,
    child_too: str,
) -> None:
    people = directory(*held)
    plans = _plans(
        about, danger, form=form, struck=tuple(struck), sender=sender, people=people, also=also, child_too=child_too
    )
    assert plans
    assert len({plan.track for plan in plans}) == len(plans)
    for plan in plans:
        told = [one.person.id for step in plan.steps for one in step.people]
        assert struck <= plan.struck
        assert plan.struck.isdisjoint(told)
        assert len(told) == len(set(told))
        assert all(one.person in people.holders(one.role, SCHOOL, TODAY) for step in plan.steps for one in step.people)
        assert all(step.people for step in plan.steps)
        if "headteacher" in {*about.split(","), also} and form == "report_concern":
            assert {one.id for one in people.holders(Role.HEADTEACHER, SCHOOL, TODAY)}.isdisjoint(told)
        if "myself" in about and form == "report_concern":
            assert sender not in told
        has_another = bool(plan.steps) and any(one.person.id != sender for one in plan.steps[0].people)
        assert has_another == (plan.last_resort is None)
        assert all(any(one.person.id != sender for one in step.people) for step in plan.steps[1:])
        if plan.steps:
            assert plan.steps[0].after == AT_ONCE
        leads = {one.id for one in people.holders(Role.TRUST_SAFEGUARDING_LEAD, SCHOOL, TODAY)}
        if leads - plan.struck - {sender}:
            assert plan.last_resort is None


# ------------------------------------------------------------------------------------------------- re-checking


def test_after_a_change_the_plan_says_who_must_now_be_told_and_who_must_not_see_it() -> None:
    told = [Told("dsl", Role.DSL), Told("deputy1", Role.DEPUTY_DSL), Told("deputy2", Role.DEPUTY_DSL)]
    moved = Person("dsl", "dsl", holds=(Holding(SCHOOL, Role.POLICY_OWNER),))
    later = replace(FULL, persons=(moved, Person("new", "New", holds=(Holding(SCHOOL, Role.DSL),)), *FULL.persons[1:]))
    (plan,) = _plans("child", people=later)
    change = recheck(plan, told, later, TODAY)
    assert [(one.person.id, one.role) for one in change.tell] == [("new", Role.DSL)]
    assert change.withdraw == {"dsl"}


def test_a_step_whose_time_has_come_is_told_to_whoever_holds_its_role_today() -> None:
    (plan,) = _plans("child", "yes")
    told = [Told(one.person.id, one.role) for one in plan.steps[0].people]
    assert recheck(plan, told, FULL, TODAY).tell == ()
    assert [one.person.id for one in recheck(plan, told, FULL, TODAY, reached=1).tell] == ["head"]


def test_whoever_is_struck_afterwards_loses_it_even_if_it_was_passed_on_to_them() -> None:
    (plan,) = _plans("child", struck=("deputy1", "slt"))
    told = [
        Told("dsl", Role.DSL),
        Told("deputy1", Role.DEPUTY_DSL),
        Told("slt", Role.SLT),
        Told("vice", Role.VICE_CHAIR),
    ]
    assert recheck(plan, told, FULL, TODAY).withdraw == {"deputy1", "slt"}


def test_whoever_stepped_in_for_a_vacancy_keeps_what_they_were_told() -> None:
    (plan,) = _plans("child")
    change = recheck(plan, [Told("trust", Role.TRUST_SAFEGUARDING_LEAD)], FULL, TODAY)
    assert change.withdraw == frozenset()
    assert [one.person.id for one in change.tell] == ["dsl", "deputy1", "deputy2"]


# -------------------------------------------------------------------------------------------------- the file


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ('step = [{ to = ["dsl", "headteacher"] }', "step = [{ to = [] }", "goes to nobody"),
        ('step = [{ to = ["dsl", "headteacher"] }', 'step = [{ to = ["dsl"], after = "PT1M" }', "tells nobody at once"),
        ('after = "PT5M"', 'after = "PT0S"', "steps out of order"),
        ('after = "PT5M"', 'after = "soon"', "route.1.step.1.after"),
        ('{ about = ["child", "adult_elsewhere"] }', '{ about = ["child", "x"] }', "about = x"),
        ('{ about = ["child", "adult_elsewhere"] }', '{ about = ["child"] }', "no route for about = adult_elsewhere"),
        ('{ about = ["child", "adult_elsewhere"] }', '{ colour = ["red"] }', "colour = red"),
        ('form = "report_concern"', 'form = "report"', "names what is not in that form"),
        ('["dsl", "headteacher"]', '["caretaker"]', "route.1.step.0.to.0"),
        ('"slt", "trust_safeguarding_lead"]', '"slt"]', "may end with nobody"),
        ('track = "child"', 'track = "child"\nleaves_out = ["shoe_size"]', "shoe_size"),
        ('track = "child"', 'track = "child"\nleaves_out = ["danger"]', "decides where it goes: danger"),
        ('track = "child"', 'track = "child"\nstruck = true', "unknown key 'route.0.struck'"),
        ('last_resort = "lado"', 'last_resort = "police"', "route.0.last_resort"),
    ],
)  # fmt: skip
def test_a_route_that_would_lose_a_report_is_refused(tmp_path: Path, before: str, after: str, word: str) -> None:
    assert before in TEXT
    path = tmp_path / "routes.toml"
    path.write_text(TEXT.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(BadDataFile, match=re.escape(word)):
        load_routes(load_forms(), path)


def test_a_wrong_route_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "routes.toml"
    wrong = 'next = ["vice_chair"]'
    path.write_text(TEXT.replace('next = ["vice_chair", "trust_safeguarding_lead"]', wrong, 1), encoding="utf-8")
    with pytest.raises(BadDataFile) as error:
        load_routes(load_forms(), path)
    assert error.value.line == path.read_text(encoding="utf-8").split("\n").index(wrong) + 1


def test_a_form_without_any_route_is_refused() -> None:
    forms = load_forms()
    with pytest.raises(BadDataFile, match="'other' has no route at all"):
        load_routes({**forms, "other": forms["report_concern"]})


def test_a_form_whose_questions_decide_nothing_has_the_same_readers_whatever_is_chosen() -> None:
    assert ROUTES.roles("disclose_contact", {}) == ROUTES.roles("disclose_contact", {"touch": "phone"})
    assert ROUTES.roles("disclose_contact", {}) == (Role.CONTACTS_LEAD,)
    assert ROUTES.roles("report_concern", {"about": "adult_here"}) == (Role.HEADTEACHER,)
    assert ROUTES.roles("report_concern", {"danger": "yes"}) == ()


def test_every_route_names_its_source() -> None:
    assert all(re.search(r"KCSIE|clause|section", route.source) for route in ROUTES.route)


def test_the_demonstration_answers_for_every_form_without_a_last_resort() -> None:
    people = load_directory()
    for form in FORMS:
        for about in ABOUT:
            for plan in ROUTES.plan(
                form, {"about": about, "danger": "yes"},
                school="demo-school", struck=(), sender=None, directory=people, on=date(2026, 11, 20),
            ):  # fmt: skip
                assert plan.last_resort is None


def test_no_routes_make_no_plan() -> None:
    assert Routes(()).plan("report_concern", {}, school=SCHOOL, struck=(), sender=None, directory=FULL, on=TODAY) == ()
