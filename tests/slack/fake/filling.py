"""What a person can type and choose in the fields of a modal, and what Slack itself does not let pass."""

import re
from typing import Any

from tests.slack.fake.views import FIELDS, LISTS, View, fields, options
from tests.slack.fake.world import Json

REQUIRED = "Please complete this required field."
LONGEST = 3000
_FORMS = {
    "datepicker": r"\d{4}-\d\d-\d\d",
    "timepicker": r"([01]\d|2[0-3]):[0-5]\d",
    "email_text_input": r"\S+@\S+",
    "url_text_input": r"https?://\S+",
    "number_input": r"-?\d+(\.\d+)?",
    "users_select": r"[UW]\w+",
}


def filled(view: View, name: str) -> tuple[Json, Json]:
    """The one field with this ``block_id``, else with this ``action_id``.

    Raises:
        AssertionError: there is none, or there are several.
    """
    all_of_them = list(fields(view.blocks))
    found = [each for each in all_of_them if each[0]["block_id"] == name]
    found = found or [each for each in all_of_them if each[1]["action_id"] == name]
    known = [block["block_id"] for block, _ in all_of_them]
    assert len(found) == 1, f"{len(found)} fields {name} among {known}"
    return found[0]


def chosen(element: Json, value: Any) -> Any:  # noqa: ANN401 (each kind of field has its own)
    """What the field holds after somebody has put this into it.

    Raises:
        AssertionError: it cannot be typed or chosen there.
    """
    kind = element["type"]
    key = FIELDS[kind][0]
    if value is None or (isinstance(value, str | list) and not value):
        return [] if key in LISTS else None
    if key in {"selected_option", "selected_options"}:
        return _picked(element, value, is_list=key in LISTS)
    if key == "selected_date_time":
        assert isinstance(value, int), f"{value!r} is no moment in seconds"
        return value
    if key in LISTS:
        assert isinstance(value, list), f"{value!r} is no list"
        assert len(value) <= element.get("max_selected_items", len(value)), "more than may be chosen"
        return value
    assert isinstance(value, str), f"{value!r} is no text"
    form = _FORMS.get(kind)
    assert form is None or re.fullmatch(form, value), f"{value!r} cannot be put into a {kind}"
    assert len(value) <= element.get("max_length", LONGEST), f"{len(value)} characters cannot be typed there"
    return value


def _picked(element: Json, value: Any, *, is_list: bool) -> Any:  # noqa: ANN401 (one or several)
    known = options(element)
    wanted = value if is_list else [value]
    assert isinstance(wanted, list), f"{value!r} is no list"
    assert set(wanted) <= set(known), f"{sorted(set(wanted) - set(known))} cannot be chosen among {sorted(known)}"
    assert len(wanted) <= element.get("max_selected_items", len(wanted)), "more than may be chosen"
    return [known[each] for each in wanted] if is_list else known[value]


def unfilled(view: View) -> dict[str, str]:
    """What Slack says itself before it sends a submission: required fields that are empty, texts too short."""
    found: dict[str, str] = {}
    for block, element in fields(view.blocks):
        if block["type"] != "input":
            continue
        value = view.state[block["block_id"]][element["action_id"]][FIELDS[element["type"]][0]]
        if not value and not block.get("optional"):
            found[block["block_id"]] = REQUIRED
        elif isinstance(value, str) and value and len(value) < element.get("min_length", 0):
            found[block["block_id"]] = f"At least {element['min_length']} characters."
    return found
