"""What the five shipped forms say and ask: words of their sources, and nothing besides."""

import re

import pytest

from bot.cases.forms.model import Form, Makes, load_forms
from bot.cases.routes.routing import load_routes
from bot.messages import QuestionKind
from knowledge.model import Policy
from knowledge.numbering import Label

FORMS = load_forms()
NAMES = ("report_concern", "disclose_contact", "ask_permission", "explain_judgement", "sign_agreement")
_LABEL = re.compile(r"\b\d{1,2}\.\d(?:\(\d+\))?")


@pytest.fixture(params=NAMES)
def form(request: pytest.FixtureRequest) -> Form:
    return FORMS[str(request.param)]


def _words(form: Form) -> str:
    return " ".join(paragraph.text for paragraph in form.intro)


def test_there_are_five_and_the_concern_comes_first() -> None:
    assert tuple(FORMS) == NAMES


def test_the_concern_form_has_three_questions_that_must_be_answered_and_asks_all_else_in_passing() -> None:
    concern = FORMS["report_concern"]
    assert [question.key for question in concern.question if question.required] == ["about", "what", "danger"]
    assert not any(question.required and (question.more or question.when) for question in concern.question)
    in_sight = [question.key for question in concern.question if not question.more and not question.when]
    assert in_sight == ["about", "what", "danger"]


def test_every_question_has_its_source_and_every_paragraph_that_is_not_about_the_form_itself(form: Form) -> None:
    assert all(question.source for question in form.question)
    assert sum(not paragraph.source for paragraph in form.intro) <= 1


def test_every_form_says_that_no_child_is_promised_secrecy_and_no_image_looked_at(form: Form) -> None:
    assert "Never promise a child that you will keep a secret" in _words(form)
    assert "Never view, copy, print or share an indecent image of a child" in _words(form)
    assert any("UKCIS" in paragraph.source and "10.3" in paragraph.source for paragraph in form.intro)


def test_every_form_says_that_the_sender_speaks_to_the_dsl_and_that_the_report_is_the_record(form: Form) -> None:
    assert re.search(r"speak to the designated safeguarding lead \(DSL\) or a deputy", _words(form))
    assert re.search(r"is the record", _words(form))


def test_guidance_is_cited_by_part_to_be_checked_against_the_current_edition(form: Form) -> None:
    for source in [*(one.source for one in form.question), *(one.source for one in form.intro)]:
        if "Keeping children safe" in source:
            assert "check against the current edition" in source
            assert not re.search(r"paragraph \d", source)


def test_every_clause_that_a_form_names_is_in_the_policy(form: Form, policy: Policy) -> None:
    known = {str(clause.label) for clause in policy.clauses}
    said = [form.title, form.offer]
    for paragraph in (*form.intro, *form.after):
        said += [paragraph.text, paragraph.source]
    for question in form.question:
        said += [question.source, question.help, *(choice.note for choice in question.choice)]
    named = {str(Label.parse(label)) for label in _LABEL.findall(" ".join(said))}
    assert named or form is FORMS["report_concern"]
    assert named <= known


def test_what_is_said_to_be_the_policys_own_words_is_in_it_sign_for_sign(policy: Policy) -> None:
    texts = {str(clause.label): clause.text for clause in policy.clauses}
    verbatim = [paragraph for form in FORMS.values() for paragraph in form.intro if paragraph.verbatim]
    assert len(verbatim) == 3
    for paragraph in verbatim:
        assert paragraph.text.strip("“”") in texts[paragraph.source]


def test_the_agreement_that_is_signed_is_the_whole_of_section_17(policy: Policy) -> None:
    (section,) = (clause for clause in policy.clauses if str(clause.label) == "17")
    agreement = FORMS["sign_agreement"]
    assert agreement.makes is Makes.RECORD
    assert section.text.startswith(agreement.intro[0].text)
    asked = [question.ask for question in agreement.question if question.required]
    for blank in ("Name", "Signed", "Date", "Role"):
        assert blank in asked


def test_a_permission_is_asked_only_for_what_a_clause_makes_depend_on_one(policy: Policy) -> None:
    texts = {str(clause.label): clause.text for clause in policy.clauses}
    (topic,) = (question for question in FORMS["ask_permission"].question if question.key == "topic")
    for choice in topic.choice:
        label = _LABEL.findall(choice.note)[0]
        assert re.search(r"permission|approval|agreed|consent", texts[label]), label


def test_a_contact_on_social_media_is_said_not_to_be_allowed_by_being_told() -> None:
    contact = FORMS["disclose_contact"]
    assert re.search(r"tell us makes no contact through social media allowed", _words(contact))
    (touch,) = (question for question in contact.question if question.key == "touch")
    (social,) = (choice for choice in touch.choice if choice.value == "social_media")
    assert "does not make it allowed: 6.3(7)" in social.note


def test_nobody_is_struck_but_by_name_and_nothing_decides_the_route_but_what_is_chosen() -> None:
    struck = {(name, one.key) for name, form in FORMS.items() for one in form.question if one.struck}
    assert struck == {("report_concern", "adult"), ("report_concern", "not_to")}
    deciding = [one.key for one in FORMS["report_concern"].question if one.decides_route]
    assert deciding == ["about", "also", "child_too", "danger"]


def test_every_form_fits_into_a_modal_of_slack(form: Form) -> None:
    """The limits of its modals: title and buttons 24 characters, an option 75, 100 options, 100 blocks."""
    assert len(form.title) <= 24
    assert len(form.submit) <= 24
    assert len(form.intro) + 2 * len(form.question) <= 100
    for question in form.question:
        assert len(question.labels) <= 100
        assert all(len(label) <= 75 for label in question.labels.values())


def test_every_kind_of_answer_is_in_use() -> None:
    assert {question.kind for form in FORMS.values() for question in form.question} == set(QuestionKind)


def test_every_form_has_a_route() -> None:
    assert {route.form for route in load_routes(FORMS).route} == set(NAMES)
