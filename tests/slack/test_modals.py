"""Every reply as a modal that Slack takes, however long it is and whatever stands in it."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases.forms.model import load_forms
from bot.cases.forms.view import Filled, FormViews
from bot.cases.receiving.acts import shipped_acts
from bot.cases.routes.routing import load_routes
from bot.messages import (
    ActForm,
    Attaching,
    CaseAct,
    CaseAnswer,
    Choice,
    ChronologyRow,
    ExportFile,
    FormQuestion,
    OwnReport,
    OwnView,
    QuestionKind,
    Receipt,
    Refusal,
    Reply,
    RetentionView,
    SendQuestion,
    Sibling,
)
from integrations.slack import cases, inputs, modals
from integrations.slack.forms import Page
from integrations.slack.inputs import Setting
from integrations.slack.submitted import carried, carried_act
from tests.slack.fake.blocks import check_view
from tests.slack.fake.world import Json, readable, walk
from tests.web.scripted import (
    ACCOUNT,
    ANSWER,
    CASE,
    FORM,
    INBOX,
    KEPT,
    OFFERS,
    RECEIPT,
    SECTION,
    SENT,
    SHOWN,
    STANDING,
    question_view,
)

NOW = datetime(2026, 11, 20, 15, 10, tzinfo=UTC)
PAGE = Page("https://touchstone.school.example")
FORMS = load_forms()
VIEWS = FormViews(FORMS, load_routes(FORMS))
ACTS = tuple(spec.form() for spec in shipped_acts().values())
OWN = OwnView(
    "What you reported",
    ("This is what you supplied.",),
    (OwnReport(STANDING.rows[0], CASE.answers, CASE.chronology, (shipped_acts()[CaseAct.REPLY].form(),)),),
)
REPLIES: tuple[Reply, ...] = (
    ANSWER, SECTION, OFFERS, FORM, KEPT, question_view(SendQuestion("d" * 32, SHOWN, "?")), SENT, RECEIPT, INBOX, CASE,
    STANDING, OWN, ExportFile("a.json", "application/json", b"{}"), RetentionView("Due", (), ()), Refusal("Not here."),
    ACCOUNT,
)  # fmt: skip
NASTY = "<!channel> <@U2> <https://a.example|b> *bold* _it_ ~no~ `x` & :smile:"


def shown(reply: Reply, page: Page = PAGE) -> Json:
    return check_view(modals.reply(reply, page), {"modal"})


def words(view: Json) -> str:
    return readable("\n".join(str(one["text"]) for one in walk(view) if isinstance(one.get("text"), str)))


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: type(reply).__name__)
@pytest.mark.parametrize("page", [PAGE, Page("")], ids=["with pages", "without"])
def test_each_reply_is_a_modal_that_slack_takes(reply: Reply, page: Page) -> None:
    assert len(words(shown(reply, page))) > 20


@pytest.mark.parametrize("name", FORMS)
def test_each_form_is_a_modal_with_all_that_is_to_be_read_first(name: str) -> None:
    view = shown(VIEWS.view(name, Filled("0" * 32), NOW))
    read = words(view)
    for paragraph in FORMS[name].intro:
        for part in paragraph.text.split("\n"):
            assert part.strip() in read
        assert paragraph.source in read
    assert carried(view | {"state": {}}) is not None


@pytest.mark.parametrize("name", FORMS)
def test_a_form_with_everything_in_it_is_a_modal_too(name: str) -> None:
    """Every question asked and filled in to the brim, with all that can be wrong."""
    form = VIEWS.view(name, Filled("0" * 32), NOW)
    questions = tuple(
        replace(one, asked=True, value=_brim(one), error="Something is wrong here", taken_over=True)
        for one in form.questions
    )
    given = replace(
        form, questions=questions, notice="n" * 500, dropped=("One?", "Two?"), kept="Kept.", clause="6.2(25)"
    )
    view = shown(given)
    assert len(view["blocks"]) < 100
    assert len(json.dumps(view)) < 250_000


def _brim(question: FormQuestion) -> str:
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.LINE:
            return "\N{GRINNING FACE}" * (min(question.max_length, 3000) // 2)
        case QuestionKind.PEOPLE:
            return "\n".join(f"{NASTY[:60]} {number}" for number in range(20))
        case QuestionKind.DATE:
            return "2026-11-20"
        case QuestionKind.MOMENT:
            return "about 2026-11-20 15:10"
        case _:
            return question.choices[-1].value


def test_a_note_that_fits_no_button_stands_over_the_choices() -> None:
    view = VIEWS.view("report_concern", Filled("0" * 32), NOW)
    about = view.questions[0]
    read = words({"blocks": list(inputs.inputs(about, Setting()))})
    for choice in about.choices:
        assert choice.note in read


@given(st.text(st.characters(codec="utf-8"), max_size=400))
@settings(max_examples=60)
def test_whatever_is_typed_is_shown_and_does_nothing(text: str) -> None:
    typed = f"{NASTY} {text}"
    row = ChronologyRow(NOW, "Note by", typed, said=(CaseAnswer("Note", typed),))
    case = replace(CASE, answers=(CaseAnswer(typed, typed),), done=typed, facts=(typed,), chronology=(row,))
    view = shown(case)
    for one in walk(view):
        if one.get("type") == "mrkdwn":
            ours = one["text"].replace(f"<{PAGE.link}", "")
            assert "<" not in ours
    assert NASTY in words(view)


def test_a_case_that_is_longer_than_a_window_is_cut_and_leads_to_the_page() -> None:
    rows = tuple(ChronologyRow(NOW, "Note by", "x", said=(CaseAnswer("Note", "n" * 2900),)) for _ in range(200))
    for long in (
        replace(CASE, chronology=rows),
        replace(CASE, answers=(CaseAnswer("What?", "\N{GRINNING FACE}" * 90_000),)),
    ):
        view = shown(long)
        assert f"{PAGE.link}/inbox/{CASE.row.reference}" in json.dumps(view["blocks"][-1])
        assert len(view["blocks"]) <= 100
    own = replace(OWN, reports=OWN.reports * 60)
    assert f"{PAGE.link}/mine" in json.dumps(shown(own)["blocks"][-1])


def test_what_can_be_done_stands_before_what_can_be_cut() -> None:
    long = replace(CASE, acts=ACTS[:12], answers=(CaseAnswer("What?", "n" * 400_000),))
    pressed = [one["action_id"] for one in walk(shown(long)) if one.get("type") == "button"]
    assert pressed == [f"do.{act.act}" for act in ACTS[:12]]


WITH_QUESTIONS = tuple(act for act in ACTS if act.questions)
SOMEBODY = (Choice("a", "Somebody"), Choice("b", "c" * 120))


@pytest.mark.parametrize("form", WITH_QUESTIONS, ids=lambda form: form.act)
def test_each_act_has_a_form_that_slack_takes(form: ActForm) -> None:
    """Whom it can be passed on to, and how it can end, stands in no file: it is put in here."""
    questions = tuple(
        replace(one, choices=one.choices or SOMEBODY) if one.kind is QuestionKind.CHOICE else one
        for one in form.questions
    )
    view = check_view(cases.act_form(replace(form, questions=questions), "C-2345-6789"), {"modal"})
    found = carried_act(view)
    assert found is not None
    assert (found.reference, found.act, found.form) == ("C-2345-6789", form.act, form.form)


def test_a_receipt_says_who_has_it_and_what_to_do_now() -> None:
    also = (Sibling("C-9999-2222", ("deputy DSL",)),)
    receipt = Receipt("C-2345-6789", NOW, ("headteacher",), "Stored.", ("Speak to them.",), also, "7KQ4-2M9X-PDH3")
    read = words(shown(receipt))
    for word in ("C-2345-6789", "headteacher", "Speak to them.", "C-9999-2222", "deputy DSL", "7KQ4-2M9X-PDH3"):
        assert word in read


def test_how_it_stands_says_whom_to_ring() -> None:
    read = words(shown(STANDING))
    assert "Ring me: 01632 960101" in read
    assert "ring 999 first" in read
    many = replace(STANDING, rows=STANDING.rows * 60)
    assert len(shown(many)["blocks"]) <= 100


def test_an_inbox_lists_no_more_than_reference_urgency_state_and_time() -> None:
    blocks = list(cases.listed(INBOX, f"{PAGE.link}/inbox"))
    read = words({"blocks": blocks})
    for row in INBOX.rows:
        assert row.reference in read
        assert row.form not in read
    many = replace(
        INBOX, rows=tuple(replace(INBOX.rows[0], reference=f"C-{n}", received=NOW - timedelta(n)) for n in range(90))
    )
    assert check_view({"type": "home", "blocks": list(cases.listed(many, ""))}, {"home"})


def test_without_pages_nothing_leads_to_one_and_no_sentence_says_so() -> None:
    long = replace(FORM.questions[0], kind=QuestionKind.TEXT, asked=True, value="n" * 4000, max_length=20_000)
    rest = ExportFile("a.json", "application/json", b"{}")
    for reply in (
        CASE,
        OWN,
        KEPT,
        rest,
        replace(FORM, questions=(long, replace(long, value="")), attaching=Attaching(1, 1, (), "")),
    ):
        view = modals.reply(reply, Page(""))
        assert "http" not in json.dumps(view)
        assert not _leads_to_a_page(words(view)), type(reply)
        assert _leads_to_a_page(words(modals.reply(reply, PAGE)))
    assert not _leads_to_a_page(words({"blocks": list(cases.listed(INBOX, ""))}))


def _leads_to_a_page(text: str) -> bool:
    return re.search(r"\bon the page|\bon on the page", text) is not None
