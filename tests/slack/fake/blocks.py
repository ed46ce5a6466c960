"""The strict checker of Block Kit: every block and element that we use, where it may stand, and every limit.

Source: Slack's reference of blocks, block elements and composition objects. What is not here is refused: whoever uses
another block adds it with its limits.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.slack.fake.shapes import (
    Check,
    any_text,
    flag,
    holds,
    items,
    like,
    number,
    one_of,
    plain,
    shaped,
    text,
    wrong,
)
from tests.slack.fake.views import FIELDS, elements, options
from tests.slack.fake.world import Json, Refused, walk

HEARERS: list[Callable[[str, Any], None]] = []
"""Who is told of all blocks and views that passed (``tests.slack.typed``)."""

MESSAGE, MODAL, HOME, UNFURL = "message", "modal", "home", "unfurl"
EVERYWHERE = frozenset({MESSAGE, MODAL, HOME})
UNFURLED = frozenset({"section", "header", "divider", "context", "actions", "image"})
"""What is known to stand under a link; Slack says of no other block that it may."""
MOST = {MESSAGE: 50, MODAL: 100, HOME: 100, UNFURL: 50}
LONGEST_ID = 255
LONGEST_MARKDOWN = 12_000
LONGEST_MESSAGE = 11_000
"""Characters of all texts together. Slack says no number; 11,341 were refused (bolt-js, issue 2867)."""
BIGGEST_VIEW = 250_000

URL = like(r"https?://\S{1,2990}")
ID = text(LONGEST_ID)
DATE = like(r"\d{4}-\d\d-\d\d")
TIME = like(r"([01]\d|2[0-3]):[0-5]\d")
MOMENT = number(1_000_000_000, 9_999_999_999)
PERSON = like(r"[UW][A-Z0-9]+")
CONFIRM = shaped(
    {"title": plain(100), "text": any_text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = shaped({"text": plain(75), "value": text(150)}, {"description": plain(75)})
RICH_OPTION = shaped({"text": any_text(75), "value": text(150)}, {"description": any_text(75)})
GROUP = shaped({"label": plain(75), "options": items(OPTION, 100)})
IMAGE = {"image_url": URL, "alt_text": text(2000)}
FEEDBACK = shaped({"text": plain(75), "value": text(2000)}, {"accessibility_label": text(75)})

_MENU: dict[str, Check] = {"placeholder": plain(150), "confirm": CONFIRM, "focus_on_load": flag}
_CHOSEN: dict[str, Check] = {"confirm": CONFIRM, "focus_on_load": flag}
_SEVERAL: dict[str, Check] = {"max_selected_items": number(1, 100)}
_DISPATCH: dict[str, Check] = {
    "dispatch_action_config": shaped(
        {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)}
    )
}
_TYPED: dict[str, Check] = {"placeholder": plain(150), "focus_on_load": flag} | _DISPATCH

Shape = tuple[Mapping[str, Check], Mapping[str, Check]]

ELEMENTS: dict[str, Shape] = {
    "button": (
        {"text": plain(75)},
        {
            "value": text(2000),
            "url": URL,
            "style": one_of("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": text(75),
        },
    ),
    "static_select": (
        {},
        _MENU | {"options": items(OPTION, 100), "option_groups": items(GROUP, 100), "initial_option": OPTION},
    ),
    "multi_static_select": (
        {},
        _MENU
        | _SEVERAL
        | {"options": items(OPTION, 100), "option_groups": items(GROUP, 100), "initial_options": items(OPTION, 100)},
    ),
    "radio_buttons": ({"options": items(RICH_OPTION, 10)}, _CHOSEN | {"initial_option": RICH_OPTION}),
    "checkboxes": ({"options": items(RICH_OPTION, 10)}, _CHOSEN | {"initial_options": items(RICH_OPTION, 10)}),
    "overflow": (
        {"options": items(shaped({"text": plain(75), "value": text(150)}, {"url": URL, "description": plain(75)}), 5)},
        {"confirm": CONFIRM},
    ),
    "datepicker": ({}, _MENU | {"initial_date": DATE}),
    "timepicker": ({}, _MENU | {"initial_time": TIME, "timezone": like(r"[A-Za-z_]+(/[A-Za-z_+\-0-9]+)*")}),
    "datetimepicker": ({}, _CHOSEN | {"initial_date_time": MOMENT}),
    "users_select": ({}, _MENU | {"initial_user": PERSON}),
    "multi_users_select": ({}, _MENU | _SEVERAL | {"initial_users": items(PERSON, 100)}),
    "plain_text_input": (
        {},
        _TYPED
        | {
            "initial_value": text(3000, 0),
            "multiline": flag,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
    ),
    "email_text_input": ({}, _TYPED | {"initial_value": text(3000)}),
    "url_text_input": ({}, _TYPED | {"initial_value": URL}),
    "number_input": (
        {"is_decimal_allowed": flag},
        _TYPED | {"initial_value": text(100), "min_value": text(100), "max_value": text(100)},
    ),
    "feedback_buttons": ({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, {}),
    "icon_button": (
        {"icon": one_of("trash"), "text": plain(75)},
        {
            "value": text(2000),
            "confirm": CONFIRM,
            "accessibility_label": text(75),
            "visible_to_user_ids": items(PERSON, 10),
        },
    ),
}

_PICKED = frozenset({"button", "checkboxes", "datepicker", "multi_static_select", "multi_users_select", "overflow"})
_PICKED |= {"radio_buttons", "static_select", "timepicker", "users_select"}
IN_SECTION = _PICKED
IN_ACTIONS = _PICKED | {"datetimepicker"}
IN_CONTEXT_ACTIONS = frozenset({"feedback_buttons", "icon_button"})
IN_INPUT = frozenset(FIELDS) - {"rich_text_input", "conversations_select", "multi_conversations_select"}
ONLY_MODAL = frozenset({"email_text_input", "url_text_input", "number_input"})
NEEDS_ROOM = frozenset({"datetimepicker"})
"""Not on a Home tab."""


def _element(surface: str, allowed: frozenset[str]) -> Check:
    """An element that may stand there."""

    def check(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
        kind = given.get("type") if isinstance(given, dict) else None
        if kind == "image" and "button" in allowed and "datetimepicker" not in allowed:
            holds(given, path, {"type": one_of("image"), **IMAGE}, {})
            return
        if kind not in allowed or kind not in ELEMENTS:
            raise wrong(path, f"no element of the type {kind} may stand here")
        if (kind in ONLY_MODAL and surface != MODAL) or (kind in NEEDS_ROOM and surface == HOME):
            raise wrong(path, f"{kind} may not stand in a {surface}")
        required, optional = ELEMENTS[kind]
        holds(given, path, {"type": one_of(kind), **required}, {"action_id": ID, **optional})
        _starts_possible(given, path)

    return check


def _starts_possible(given: Json, path: str) -> None:
    """What is chosen at first can be chosen; what is typed at first is not too long; no two options are the same."""
    kind = given["type"]
    if kind in {"static_select", "multi_static_select"} and ("options" in given) == ("option_groups" in given):
        raise wrong(path, "either options or option_groups")
    chosen = [*given.get("initial_options", []), *([given["initial_option"]] if "initial_option" in given else [])]
    if any(option != options(given).get(option["value"]) for option in chosen):
        raise wrong(path, "what is chosen at first is none of the options")
    flat = [*given.get("options", []), *(each for group in given.get("option_groups", []) for each in group["options"])]
    if len({each["value"] for each in flat}) < len(flat):
        raise wrong(path, "two options have the same value")
    if len(given.get("initial_value", "")) > given.get("max_length", 3000):
        raise wrong(path, "what stands there at first is too long")
    if given.get("min_length", 0) > given.get("max_length", 3000):
        raise wrong(path, "min_length over max_length")


def _context_element(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
    if isinstance(given, dict) and given.get("type") == "image":
        holds(given, path, {"type": one_of("image"), **IMAGE}, {})
    else:
        any_text(3000)(given, path)


def _rich(given: Any, path: str) -> None:  # noqa: ANN401 (whatever came)
    """Rich text in outline: Slack's own is a language; we send none, people's messages do."""
    needed: dict[str, Check] = {"type": like("rich_text_(section|list|quote|preformatted)"), "elements": _anything}
    if isinstance(given, dict) and given.get("type") == "rich_text_list":
        needed |= {"style": one_of("ordered", "bullet")}
    holds(given, path, needed, {})


def _anything(_given: Any, _path: str) -> None:  # noqa: ANN401 (whatever came)
    return


def _shape(kind: str, surface: str) -> Shape | None:
    """What a block holds; None where it may not stand."""
    shapes: dict[str, tuple[frozenset[str], Mapping[str, Check], Mapping[str, Check]]] = {
        "section": (
            EVERYWHERE,
            {},
            {
                "text": any_text(3000),
                "fields": items(any_text(2000), 10),
                "accessory": _element(surface, IN_SECTION),
                "expand": flag,
            },
        ),
        "header": (EVERYWHERE, {"text": plain(150)}, {"level": number(1, 4)}),
        "divider": (EVERYWHERE, {}, {}),
        "context": (EVERYWHERE, {"elements": items(_context_element, 10)}, {}),
        "actions": (EVERYWHERE, {"elements": items(_element(surface, IN_ACTIONS), 25)}, {}),
        "context_actions": (
            frozenset({MESSAGE}),
            {"elements": items(_element(surface, IN_CONTEXT_ACTIONS), 5)},
            {},
        ),
        "input": (
            EVERYWHERE,
            {"label": plain(2000), "element": _element(surface, IN_INPUT)},
            {"dispatch_action": flag, "hint": plain(2000), "optional": flag},
        ),
        "image": (EVERYWHERE, IMAGE, {"title": plain(2000)}),
        "rich_text": (EVERYWHERE, {"elements": items(_rich, 50)}, {}),
        "markdown": (frozenset({MESSAGE}), {"text": text(LONGEST_MARKDOWN)}, {}),
    }
    surfaces, required, optional = shapes.get(kind, (frozenset(), {}, {}))
    surfaces |= {UNFURL} if kind in UNFURLED else frozenset()
    return (required, optional) if surface in surfaces else None


def check_blocks(blocks: Any, surface: str) -> None:  # noqa: ANN401 (whatever came)
    """Looks at all blocks of a message or view.

    Raises:
        Refused: something in them is not as Slack wants it; it says where.
    """
    items(lambda given, path: _block(given, path, surface), MOST[surface], 0 if surface == MESSAGE else 1)(
        blocks, "blocks"
    )
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(ids)) < len(ids):
        raise wrong("blocks", f"the same block_id twice: {sorted({each for each in ids if ids.count(each) > 1})}")
    if sum(bool(each.get("focus_on_load")) for each in walk(blocks)) > 1:
        raise wrong("blocks", "focus_on_load twice")
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > LONGEST_MARKDOWN:
        raise wrong("blocks", "markdown too long in all")
    for hear in HEARERS:
        hear(surface, blocks)


def _block(given: Any, path: str, surface: str) -> None:  # noqa: ANN401 (whatever came)
    kind = str(given.get("type")) if isinstance(given, dict) else "?"
    shape = _shape(kind, surface)
    if shape is None:
        raise wrong(path, f"no block of the type {kind} may stand in a {surface}")
    required, optional = shape
    holds(given, path, {"type": one_of(kind), **required}, {"block_id": ID, **optional})
    if kind == "section" and not {"text", "fields"} & set(given):
        raise wrong(path, "neither text nor fields")
    ids = [element["action_id"] for element in elements(given) if "action_id" in element]
    if len(set(ids)) < len(ids):
        raise wrong(path, "the same action_id twice in one block")
    if kind == "section" and "accessory" in given and _needs_input(given["accessory"]):
        raise wrong(path, "this element stands in input blocks alone")


def _needs_input(element: Json) -> bool:
    return str(element["type"]).endswith("_input")


def check_message(blocks: Any) -> None:  # noqa: ANN401 (whatever came)
    """Looks at the blocks of a message.

    Raises:
        Refused: as ``check_blocks``; or all of them together are too long.
    """
    check_blocks(blocks, MESSAGE)
    if sum(len(each["text"]) for each in walk(blocks) if isinstance(each.get("text"), str)) > LONGEST_MESSAGE:
        raise Refused("msg_blocks_too_long")


def check_unfurl(blocks: Any) -> None:  # noqa: ANN401 (whatever came)
    """Looks at the blocks under a link.

    Raises:
        Refused: as ``check_blocks``.
    """
    check_blocks(blocks, UNFURL)


_VIEW: dict[str, Check] = {
    "private_metadata": text(3000, 0),
    "callback_id": text(LONGEST_ID, 0),
    "external_id": text(LONGEST_ID, 0),
}
_MODAL: dict[str, Check] = {
    "submit": plain(24),
    "close": plain(24),
    "clear_on_close": flag,
    "notify_on_close": flag,
    "submit_disabled": flag,
}


def check_view(view: Json, kinds: set[str]) -> Json:
    """Looks at a view of one of these kinds, and gives it back.

    Raises:
        Refused: ``invalid_arguments``, ``invalid_blocks`` or ``view_too_large``.
    """
    kind = view.get("type")
    if kind not in kinds:
        raise Refused("invalid_arguments", f"a view of the type {kind}, not {sorted(kinds)}")
    required: dict[str, Check] = {"type": one_of(str(kind)), "blocks": _anything}
    if kind == MODAL:
        holds(view, "view", required | {"title": plain(24)}, _VIEW | _MODAL)
    else:
        holds(view, "view", required, _VIEW)
    check_blocks(view["blocks"], str(kind))
    if kind == MODAL and "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        raise wrong("view", "a modal with fields needs a button to submit")
    if len(json.dumps(view)) > BIGGEST_VIEW:
        raise Refused("view_too_large")
    for hear in HEARERS:
        hear(str(kind), view)
    return view
