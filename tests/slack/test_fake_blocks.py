"""The checker refuses whatever Slack's reference of Block Kit forbids, and says where it is."""

import json
from typing import Any

import pytest

from integrations.slack import blocks as kit
from tests.slack.fake.blocks import HOME, MESSAGE, MODAL, check_blocks, check_message, check_view
from tests.slack.fake.world import Json, Refused

TEXT: Json = {"type": "plain_text", "text": "a"}
MARKED: Json = {"type": "mrkdwn", "text": "a"}
BUTTON: Json = {"type": "button", "action_id": "a", "text": TEXT}
OPTION: Json = {"text": TEXT, "value": "v"}
SECTION: Json = {"type": "section", "text": MARKED}


def plain(length: int) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def options(number: int) -> list[Json]:
    return [{"text": TEXT, "value": str(at)} for at in range(number)]


def asked(element: Json, **more: Any) -> Json:  # noqa: ANN401 (parts of a block)
    return {"type": "input", "label": TEXT, "element": element, **more}


def pressed(*elements: Json, **more: Any) -> Json:  # noqa: ANN401 (parts of a block)
    return {"type": "actions", "elements": list(elements), **more}


ELEMENTS: list[Json] = [
    {"type": "plain_text_input", "multiline": True, "max_length": 3000, "min_length": 1, "initial_value": "x" * 3000},
    {"type": "plain_text_input", "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}},
    {"type": "static_select", "options": options(100), "initial_option": {"text": TEXT, "value": "99"}},
    {"type": "static_select", "option_groups": [{"label": TEXT, "options": options(3)}], "placeholder": plain(150)},
    {"type": "multi_static_select", "options": options(3), "initial_options": options(2), "max_selected_items": 2},
    {"type": "radio_buttons", "options": options(10)},
    {"type": "checkboxes", "options": options(10), "initial_options": options(10)},
    {"type": "datepicker", "initial_date": "2026-11-23"},
    {"type": "timepicker", "initial_time": "23:59", "timezone": "Europe/London"},
    {"type": "datetimepicker", "initial_date_time": 1_700_000_000},
    {"type": "users_select", "initial_user": "U1"},
    {"type": "multi_users_select", "initial_users": ["U1", "W2"]},
    {"type": "email_text_input"},
    {"type": "url_text_input", "initial_value": "https://school.example"},
    {"type": "number_input", "is_decimal_allowed": False, "min_value": "0"},
]


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element["type"])
def test_each_field_may_stand_in_a_modal(element: Json) -> None:
    check_blocks([asked(element | {"action_id": "a"}, block_id="b", hint=plain(2000), optional=True)], MODAL)


FINE: list[tuple[str, Json]] = [
    (MESSAGE, {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}, "accessory": BUTTON}),
    (MESSAGE, {"type": "section", "fields": [MARKED] * 10}),
    (MESSAGE, {"type": "header", "text": plain(150)}),
    (MESSAGE, {"type": "divider"}),
    (MESSAGE, {"type": "context", "elements": [MARKED] * 10}),
    (MESSAGE, pressed(*[BUTTON | {"action_id": str(at)} for at in range(25)])),
    (
        MESSAGE,
        pressed({**BUTTON, "value": "x" * 2000, "url": "https://a.example", "style": "danger", "text": plain(75)}),
    ),
    (
        MESSAGE,
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "helpful",
                    "positive_button": {"text": TEXT, "value": "yes"},
                    "negative_button": {"text": TEXT, "value": "no"},
                }
            ],
        },
    ),
    (MESSAGE, pressed({"type": "static_select", "action_id": "a", "options": options(1)})),
    (HOME, pressed({"type": "overflow", "action_id": "a", "options": options(5)})),
    (MODAL, {"type": "image", "image_url": "https://a.example/b.png", "alt_text": "a"}),
]


@pytest.mark.parametrize(("surface", "block"), FINE)
def test_what_is_within_the_limits_passes(surface: str, block: Json) -> None:
    check_blocks([block], surface)


WRONG: list[tuple[str, Json, str]] = [
    (MESSAGE, {"type": "sektion", "text": MARKED}, "no block"),
    (MESSAGE, {}, "no block"),
    (MESSAGE, {"type": "section"}, "neither text nor fields"),
    (MESSAGE, {"type": "section", "text": "a"}, "not an object"),
    (MESSAGE, {"type": "section", "text": {"type": "mrkdwn", "text": ""}}, "0 characters"),
    (MESSAGE, {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}, "3001 characters"),
    (MESSAGE, {"type": "section", "text": {"type": "mrkdwn", "text": "a", "emoji": True}}, "unknown"),
    (MESSAGE, {"type": "section", "text": {"type": "markdown", "text": "a"}}, "not one of"),
    (MESSAGE, {"type": "section", "fields": [MARKED] * 11}, "11 items"),
    (MESSAGE, {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}, "2001 characters"),
    (MESSAGE, {**SECTION, "accessory": {"type": "plain_text_input"}}, "no element"),
    (MESSAGE, {**SECTION, "block_id": "x" * 256}, "256 characters"),
    (MESSAGE, {**SECTION, "colour": "red"}, "unknown"),
    (MESSAGE, {"type": "header", "text": plain(151)}, "151 characters"),
    (MESSAGE, {"type": "header", "text": MARKED}, "not one of"),
    (MESSAGE, {"type": "context", "elements": [MARKED] * 11}, "11 items"),
    (MESSAGE, {"type": "context", "elements": [BUTTON]}, "unknown"),
    (MESSAGE, pressed(), "0 items"),
    (MESSAGE, pressed(*[BUTTON | {"action_id": str(at)} for at in range(26)]), "26 items"),
    (MESSAGE, pressed(BUTTON, BUTTON), "same action_id"),
    (MESSAGE, pressed({**BUTTON, "text": plain(76)}), "76 characters"),
    (MESSAGE, pressed({**BUTTON, "text": MARKED}), "not one of"),
    (MESSAGE, pressed({**BUTTON, "value": "x" * 2001}), "2001 characters"),
    (MESSAGE, pressed({**BUTTON, "style": "warning"}), "not one of"),
    (MESSAGE, pressed({**BUTTON, "url": "javascript:alert(1)"}), "not of the form"),
    (MESSAGE, pressed({**BUTTON, "action_id": "x" * 256}), "256 characters"),
    (MESSAGE, pressed({"type": "button", "action_id": "a"}), "missing"),
    (MESSAGE, pressed({"type": "static_select", "options": options(101)}), "101 items"),
    (MESSAGE, pressed({"type": "static_select"}), "either options"),
    (MESSAGE, pressed({"type": "static_select", "options": [{"text": plain(76), "value": "v"}]}), "76 characters"),
    (MESSAGE, pressed({"type": "static_select", "options": [{"text": TEXT, "value": "x" * 151}]}), "151 characters"),
    (MESSAGE, pressed({"type": "static_select", "options": [{"text": MARKED, "value": "v"}]}), "not one of"),
    (MESSAGE, pressed({"type": "static_select", "options": [OPTION, OPTION]}), "same value"),
    (MESSAGE, pressed({"type": "overflow", "options": options(6)}), "6 items"),
    (MESSAGE, pressed({"type": "feedback_buttons"}), "no element"),
    (HOME, {"type": "context_actions", "elements": []}, "no block"),
    (MODAL, {"type": "markdown", "text": "a"}, "no block"),
    (MODAL, asked({"type": "button", "text": TEXT}), "no element"),
    (MODAL, asked({"type": "radio_buttons", "options": options(11)}), "11 items"),
    (MODAL, asked({"type": "checkboxes", "options": options(11)}), "11 items"),
    (MODAL, asked({"type": "checkboxes", "options": []}), "0 items"),
    (MODAL, asked({"type": "radio_buttons", "options": options(2), "initial_option": OPTION}), "none of the options"),
    (MODAL, asked({"type": "plain_text_input", "max_length": 3001}), "3000"),
    (MODAL, asked({"type": "plain_text_input", "initial_value": "abc", "max_length": 2}), "too long"),
    (MODAL, asked({"type": "plain_text_input", "placeholder": plain(151)}), "151 characters"),
    (MODAL, asked({"type": "datepicker", "initial_date": "23.11.2026"}), "not of the form"),
    (MODAL, asked({"type": "timepicker", "initial_time": "24:00"}), "not of the form"),
    (MODAL, asked({"type": "datetimepicker", "initial_date_time": 5}), "not a whole number"),
    (MODAL, asked({"type": "users_select", "initial_user": "Ann"}), "not of the form"),
    (MODAL, asked({"type": "number_input"}), "missing"),
    (MODAL, asked({"type": "plain_text_input"}, optional="no"), "neither true nor false"),
    (MODAL, asked({"type": "plain_text_input"}, hint=plain(2001)), "2001 characters"),
    (MODAL, {"type": "input", "element": {"type": "plain_text_input"}}, "missing"),
    (MESSAGE, asked({"type": "email_text_input"}), "may not stand"),
]


@pytest.mark.parametrize(("surface", "block", "why"), WRONG)
def test_what_slack_forbids_is_refused(surface: str, block: Json, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        check_blocks([block], surface)
    assert refused.value.code == "invalid_blocks"


@pytest.mark.parametrize(("surface", "most"), [(MESSAGE, 50), (MODAL, 100), (HOME, 100)])
def test_there_are_not_more_blocks_than_a_surface_takes(surface: str, most: int) -> None:
    check_blocks([SECTION] * most, surface)
    with pytest.raises(Refused, match=f"{most + 1} items"):
        check_blocks([SECTION] * (most + 1), surface)


def test_no_block_id_stands_twice() -> None:
    with pytest.raises(Refused, match="block_id twice"):
        check_blocks([{**SECTION, "block_id": "b"}, {"type": "divider", "block_id": "b"}], MESSAGE)


def test_one_field_alone_is_focused_at_first() -> None:
    field = asked({"type": "plain_text_input", "focus_on_load": True})
    with pytest.raises(Refused, match="focus_on_load"):
        check_blocks([field, field], MODAL)


MODAL_VIEW: Json = {"type": "modal", "title": TEXT, "blocks": [SECTION]}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"title": plain(25)}, "25 characters"),
        ({"submit": plain(25)}, "25 characters"),
        ({"close": plain(25)}, "25 characters"),
        ({"private_metadata": "x" * 3001}, "3001 characters"),
        ({"callback_id": "x" * 256}, "256 characters"),
        ({"blocks": []}, "0 items"),
        ({"blocks": [asked({"type": "plain_text_input"})]}, "button to submit"),
        ({"state": {}}, "unknown"),
        ({"hash": "1"}, "unknown"),
        ({"type": "home"}, "not \\['modal'\\]"),
        ({"notify_on_close": "yes"}, "neither true nor false"),
    ],
)
def test_a_view_keeps_within_its_limits(more: Json, why: str) -> None:
    assert check_view(MODAL_VIEW, {"modal"}) == MODAL_VIEW
    with pytest.raises(Refused, match=why):
        check_view(MODAL_VIEW | more, {"modal"})


def test_a_view_without_a_title_is_refused() -> None:
    with pytest.raises(Refused, match="missing"):
        check_view({"type": "modal", "blocks": [SECTION]}, {"modal"})


def test_a_view_is_no_larger_than_250_kilobytes() -> None:
    large = MODAL_VIEW | {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 90}
    assert len(json.dumps(large)) > 250_000
    with pytest.raises(Refused, match="view_too_large"):
        check_view(large, {"modal"})


def test_our_builders_make_what_passes_however_long_the_text() -> None:
    long = "<!channel> & *more* " * 1000
    field = kit.input_block("q", long, {"type": "plain_text_input", "action_id": "a"}, hint=long, is_optional=True)
    check_blocks([kit.header(long), *kit.sections(long, "> "), kit.context(long), field], MODAL)
    check_blocks([kit.actions([kit.button(long, "a", "v", style="primary", url="https://a.example")], "b")], MESSAGE)
    check_view(kit.modal("c", long, [field], metadata="m", submit=long, close=long), {"modal"})


def test_a_message_whose_blocks_are_too_long_together_is_refused_though_each_fits() -> None:
    section: Json = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}
    check_message([section] * 3)
    with pytest.raises(Refused, match="msg_blocks_too_long"):
        check_message([section] * 4)
