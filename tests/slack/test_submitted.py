"""Whatever is filled in in a modal comes back as answers, and in the modal that is given back."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cases.forms import progress
from bot.cases.forms.kinds import Lookup
from bot.cases.forms.model import Form, QuestionSpec, load_forms
from bot.cases.forms.view import Filled, FormViews
from bot.cases.people import conflicts
from bot.cases.people.directory import load_directory
from bot.cases.people.roles import Holding, Person, Role
from bot.cases.routes.routing import load_routes
from bot.messages import MEANS, FormView, QuestionKind
from integrations.slack import forms, submitted
from integrations.slack.forms import Page
from tests.slack.fake.blocks import check_view
from tests.slack.fake.views import View
from tests.slack.fake.world import Clock, Team

NOW = datetime(2026, 11, 20, 15, 10, tzinfo=UTC)
FORMS = load_forms()
DEMO = load_directory()
PEOPLE = tuple(
    Person(name.lower().replace(" ", "-"), name, holds=(Holding("demo-school", Role.SLT),))
    for name in ("Ann Ashe", "Anne Ash", "Bob Birch")
)
DIRECTORY = DEMO.__class__(DEMO.schools, (*DEMO.persons, *PEOPLE))
COLLEAGUES = {"ann-ashe": "U1", "anne-ash": "U2", "bob-birch": "U3"}
LINES = {
    user: f"{name}{MEANS}{person}"
    for (person, user), name in zip(COLLEAGUES.items(), ("Ann Ashe", "Anne Ash", "Bob Birch"), strict=True)
}
LOOKUP = Lookup(
    lambda typed: conflicts.propose(typed, DIRECTORY, "demo-school", date(2026, 11, 20)), conflicts.names_in
)
VIEWS = FormViews(FORMS, load_routes(FORMS), LOOKUP)
PAGE = Page("https://touchstone.school.example", COLLEAGUES)


def seen(view: FormView, before: View | None = None, came: Mapping[str, str] | None = None) -> View:
    """A form as a modal that Slack takes, open before somebody; what they typed in the one before stays."""
    made = check_view(forms.form(view, Page(PAGE.link, COLLEAGUES, came or {})), {"modal"})
    if before is None:
        return View("V1", Team("T1", Clock()), "U0", made, "V1")
    before.show(made)
    return before


def form_view(name: str, answers: Mapping[str, str]) -> FormView:
    taken = progress.take_page(FORMS[name], {}, answers)
    return VIEWS.view(name, Filled("0" * 32, taken.answers), NOW)


def answers_in(view: View) -> dict[str, str]:
    return submitted.given(view.payload(), LINES)


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=60)
_NAMES = st.sampled_from(["Ann Ash", "Ann", "Bob Birch", "Zed Zorn", "a & b <c>", "_Zoë_ *Zaun*", "Ashe"]) | _WORDS


def answer(question: QuestionSpec) -> st.SearchStrategy[str]:
    """Something that a person may fill in there."""
    match question.kind:
        case QuestionKind.CHOICE | QuestionKind.YES_NO:
            return st.sampled_from(list(question.labels))
        case QuestionKind.CHOICES:
            return st.lists(st.sampled_from(list(question.labels)), unique=True).map("\n".join)
        case QuestionKind.TEXT | QuestionKind.LINE:
            return _WORDS | st.text("ab \n*<&>_~`", max_size=80)
        case QuestionKind.DATE:
            return st.dates(date(1950, 1, 1), date(2060, 1, 1)).map(str) | st.just("last Tuesday")
        case QuestionKind.MOMENT:
            day = st.dates(date(1950, 1, 1), date(2060, 1, 1)).map(str)
            at = st.times().map(lambda one: f"{one:%H:%M}")
            return st.tuples(st.sampled_from(["", "about "]), day, at | st.just("")).map(
                lambda one: f"{one[0]}{one[1]} {one[2]}".strip()
            )
        case QuestionKind.PEOPLE:
            picked = st.sampled_from(list(LINES.values())) if question.struck else st.nothing()
            return st.lists(_NAMES | picked, max_size=4).map("\n".join)


def filled(form: Form) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({}, optional={question.key: answer(question) for question in form.question})


@pytest.mark.parametrize("name", FORMS)
def test_whatever_is_filled_in_comes_back(name: str) -> None:
    form = FORMS[name]

    @given(filled(form))
    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    def comes_back(answers: dict[str, str]) -> None:
        wanted = progress.cleaned(form, progress.take_page(form, {}, answers).answers)
        view = seen(form_view(name, answers))
        first = answers_in(view)
        assert _same(form, progress.cleaned(form, first), wanted)
        again = seen(form_view(name, first), view, came=first)
        assert _same(form, progress.cleaned(form, answers_in(again)), wanted)

    comes_back()


def _same(form: Form, found: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Names may stand in another order, and those that are doubtful each on a line of its own."""
    names = {question.key for question in form.question if question.kind is QuestionKind.PEOPLE}
    assert {key: value for key, value in found.items() if key not in names} == {
        key: value for key, value in wanted.items() if key not in names
    }
    for key in names:
        assert sorted(_apart(found.get(key, ""))) == sorted(_apart(wanted.get(key, "")))
    return True


def _apart(names: str) -> set[str]:
    return {f"{one.name}{MEANS}{one.person}" for one in progress.names_apart(names, LOOKUP)}


# ------------------------------------------------------------------------------------------------- one thing at a time


CONCERN = {"about": "adult_here", "what": "He shouted.", "danger": "no"}


def block_of(view: View, name: str) -> str:
    return next(str(block["block_id"]) for block in view.blocks if block["block_id"].split("~")[0] == f"answer.{name}")


def put(view: View, name: str, **value: object) -> None:
    """What a person does in a field."""
    (state,) = view.state[block_of(view, name)].values()
    state |= value


def choice(value: str) -> dict[str, str]:
    return {"value": value}


def test_whom_a_doubtful_name_means_is_asked_below_it_and_comes_back() -> None:
    view = seen(form_view("report_concern", CONCERN | {"adult": "Ann Ash"}))
    assert LOOKUP.propose("Ann Ash").is_asked
    put(view, "adult.means.0", selected_option=choice("ann-ashe"))
    chosen = answers_in(view)
    assert chosen["adult"] == f"Ann Ash{MEANS}ann-ashe"
    assert answers_in(seen(form_view("report_concern", chosen), view, chosen))["adult"] == chosen["adult"]


def test_whom_a_name_means_is_forgotten_when_the_name_is_changed() -> None:
    view = seen(form_view("report_concern", CONCERN | {"adult": "Ann Ash"}))
    put(view, "adult.means.0", selected_option=choice("ann-ashe"))
    put(view, "adult", value="Ann Bell")
    assert answers_in(view)["adult"] == "Ann Bell"


def test_two_doubtful_names_in_a_line_are_asked_about_one_by_one() -> None:
    typed = CONCERN | {"adult": "Ann Ash, Anne Ashe"}
    view = seen(form_view("report_concern", typed))
    before = seen(form_view("report_concern", CONCERN))
    put(before, "adult", value="Ann Ash, Anne Ashe")
    seen(form_view("report_concern", typed), before, answers_in(before))
    for one in (view, before):
        put(one, "adult.means.0", selected_option=choice("anne-ash"))
        put(one, "adult.means.1", selected_option=choice("-"))
        assert answers_in(one)["adult"] == f"Ann Ash{MEANS}anne-ash\nAnne Ashe{MEANS}-"


def test_what_was_chosen_for_one_name_never_stays_for_another() -> None:
    view = seen(form_view("report_concern", CONCERN | {"adult": "Ann Ash"}))
    put(view, "adult.means.0", selected_option=choice("-"))
    came = answers_in(view) | {"adult": "Anne Ashe"}
    seen(form_view("report_concern", came), view, came)
    assert answers_in(view)["adult"] == "Anne Ashe"


def test_what_is_typed_stays_when_another_answer_opens_a_question() -> None:
    view = seen(form_view("report_concern", {"what": "He shou", "about": "child"}))
    dispatched = answers_in(view) | {"about": "adult_here"}
    put(view, "what", value="He shouted at")  # goes on typing while the answer is on its way
    put(view, "about", selected_option=choice("adult_here"))
    seen(form_view("report_concern", dispatched), view, dispatched)
    assert answers_in(view)["what"] == "He shouted at"
    assert block_of(view, "child_too")


def test_a_picked_colleague_is_meant_and_one_who_is_in_no_directory_is_named() -> None:
    view = seen(form_view("report_concern", CONCERN))
    put(view, "adult.people", selected_users=["U3", "U9"])
    assert submitted.picked(view.payload())["adult"] == ("U3", "U9")
    assert (
        submitted.given(view.payload(), LINES | {"U9": "Guy Guest"})["adult"] == f"Bob Birch{MEANS}bob-birch\nGuy Guest"
    )


def test_children_are_not_picked_among_colleagues() -> None:
    view = seen(form_view("report_concern", CONCERN))
    assert "answer.children.people" not in view.state


def test_what_is_longer_than_a_field_is_not_shown_and_said_to_be_kept() -> None:
    view = seen(form_view("report_concern", CONCERN | {"what": "a" * 3001}))
    assert "answer.what" not in view.state
    assert "3,001 characters" in view.text
    carried = submitted.carried(view.payload())
    assert carried is not None
    assert carried.kept == ("what",)


def test_a_modal_carries_ids_alone() -> None:
    view = seen(form_view("report_concern", CONCERN | {"adult": "Ann Ash"}))
    assert submitted.carried(view.payload()) == submitted.Carried("report_concern", "0" * 32)
    for word in ("shouted", "Ash", "adult_here"):
        assert word not in view.metadata


@pytest.mark.parametrize("metadata", ["", "{", "[]", '{"form": 1}', '{"form": "a b", "draft": "x", "clause": ""}'])
def test_a_modal_that_is_none_of_ours_carries_nothing(metadata: str) -> None:
    assert submitted.carried({"private_metadata": metadata}) is None
    assert submitted.carried_act({"private_metadata": metadata}) is None


def test_errors_stand_under_their_questions_where_these_are_there() -> None:
    view = seen(form_view("report_concern", CONCERN | {"adult": "Ann Ash, Bob"})).payload()
    assert submitted.errors(view, {"what": "Write something here"}) == {"answer.what": "Write something here"}
    assert submitted.errors(view, {"platform": "Write something here"}) is None


def test_a_modal_is_given_back_with_all_that_was_typed_and_a_sentence() -> None:
    view = seen(form_view("report_concern", CONCERN | {"adult": "Ann Ash", "moment": "about 2026-11-01 10:20"}))
    put(view, "what", value="He shouted & <ran>.")
    put(view, "adult.people", selected_users=["U3"])
    before = answers_in(view)
    given_back = check_view(forms.again(forms.again(view.payload(), "First.") | {"state": {}}, "Once more."), {"modal"})
    fresh = View(
        "V2", Team("T1", Clock()), "U0", check_view(forms.again(view.payload(), "It failed."), {"modal"}), "V2"
    )
    assert answers_in(fresh) == before
    assert (fresh.metadata, fresh.callback, fresh.title) == (view.metadata, view.callback, view.title)
    assert fresh.text.count("It failed.") == 1
    assert sum(block.get("block_id") == forms.NOTICE for block in given_back["blocks"]) == 1


def test_times_fill_a_field_of_time() -> None:
    view = seen(form_view("report_concern", CONCERN))
    put(view, "moment", selected_date="2026-11-01")
    put(view, "moment.time", selected_time=f"{time(9, 5):%H:%M}")
    assert answers_in(view)["moment"] == "2026-11-01 09:05"
