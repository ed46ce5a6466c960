"""Views of the fake Slack: what is open for whom, what stands in its fields, and what an update keeps of that."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.slack.fake.world import APP, Json, Refused, Team, World, words

DEEPEST = 3
"""How many modals may lie on each other."""

FIELDS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
}
"""Elements that hold a value: the key of it in a payload, and of what it starts with."""

LISTS = frozenset({"selected_options", "selected_users", "selected_conversations"})


def elements(block: Json) -> Iterator[Json]:
    """Whatever stands in a block and can be pressed or filled in."""
    match block.get("type"):
        case "section":
            yield from [block["accessory"]] if "accessory" in block else []
        case "actions" | "context_actions":
            yield from block["elements"]
        case "input":
            yield block["element"]
        case _:
            return


def fields(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each block and element that holds a value."""
    for block in blocks:
        for element in elements(block):
            if element["type"] in FIELDS:
                yield block, element


@dataclass
class View:
    """A modal or a Home tab that somebody has before them."""

    id: str
    team: Team
    user: str
    given: Json
    root: str
    previous: str | None = None
    hash: str = ""
    state: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.show(self.given)

    def show(self, given: Json) -> None:
        """Shows other content; fields of the same ids and types keep what stands in them."""
        given = given | {"blocks": with_ids(given["blocks"])}
        state: dict[str, dict[str, Json]] = {}
        for block, element in fields(given["blocks"]):
            kept = self.state.get(block["block_id"], {}).get(element["action_id"])
            state.setdefault(block["block_id"], {})[element["action_id"]] = _kept(kept, element) or starts_with(element)
        self.given, self.state, self.errors = given, state, {}
        self.hash = f"{self.team.clock.stamp()}.{secrets.token_hex(4)}"

    @property
    def kind(self) -> str:
        """``modal`` or ``home``."""
        return str(self.given["type"])

    @property
    def blocks(self) -> list[Json]:
        """Its blocks, each with an id."""
        return list(self.given["blocks"])

    @property
    def metadata(self) -> str:
        """Its ``private_metadata``."""
        return str(self.given.get("private_metadata", ""))

    @property
    def callback(self) -> str:
        """Its ``callback_id``."""
        return str(self.given.get("callback_id", ""))

    @property
    def title(self) -> str:
        """Its heading."""
        return str(self.given.get("title", {}).get("text", ""))

    @property
    def text(self) -> str:
        """All that can be read in it, headings and buttons too."""
        return words([self.given.get("title", {}), self.blocks, self.given.get("submit", {})])

    def payload(self) -> Json:
        """As the app is told of it, and as the Web API gives it back."""
        told: Json = {
            "id": self.id,
            "team_id": self.team.id,
            "type": self.kind,
            "blocks": self.blocks,
            "private_metadata": self.metadata,
            "callback_id": self.callback,
            "state": {"values": self.state},
            "hash": self.hash,
            "title": self.given.get("title"),
            "clear_on_close": self.given.get("clear_on_close", False),
            "notify_on_close": self.given.get("notify_on_close", False),
            "close": self.given.get("close"),
            "submit": self.given.get("submit"),
            "previous_view_id": self.previous,
            "root_view_id": self.root,
            "app_id": APP,
            "external_id": self.given.get("external_id", ""),
            "app_installed_team_id": self.team.id,
            "bot_id": self.team.bot_id,
        }
        return told


def with_ids(blocks: list[Json]) -> list[Json]:
    """Blocks as Slack gives them back: each block and element that has no id gets one."""
    made = []
    for block in blocks:
        whole = {"block_id": secrets.token_urlsafe(4), **block}
        for key in ("accessory", "element"):
            if key in whole:
                whole[key] = _with_id(whole[key])
        if whole.get("type") in {"actions", "context_actions"}:
            whole["elements"] = [_with_id(element) for element in whole["elements"]]
        made.append(whole)
    return made


def _with_id(element: Json) -> Json:
    return element if element.get("type") == "image" else {"action_id": secrets.token_urlsafe(4), **element}


def starts_with(element: Json) -> Json:
    """The state of a field that nobody has touched."""
    key, initial = FIELDS[element["type"]]
    return value_of(element, element.get(initial, [] if key in LISTS else None))


def value_of(element: Json, value: Any) -> Json:  # noqa: ANN401 (each kind of field has its own)
    """The state of a field that holds a value."""
    state: Json = {"type": element["type"], FIELDS[element["type"]][0]: value}
    return state | ({"timezone": element.get("timezone")} if element["type"] == "timepicker" else {})


def _kept(before: Json | None, element: Json) -> Json | None:
    """What stands in a field of the same type, as far as it can still be chosen there."""
    if before is None or before["type"] != element["type"]:
        return None
    key = FIELDS[element["type"]][0]
    now = options(element)
    if key == "selected_options":
        return before | {key: [each for each in before[key] if each["value"] in now]}
    if key == "selected_option" and before[key] is not None:
        return before if before[key]["value"] in now else None
    return before


def options(element: Json) -> dict[str, Json]:
    """What can be chosen in a menu, by value."""
    groups = element.get("option_groups", [])
    flat = [*element.get("options", []), *(each for group in groups for each in group["options"])]
    return {each["value"]: each for each in flat}


class Views:
    """All views: the modals that each person has open, the top one last, and everybody's Home tab."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        """What a person has open."""
        return self._open.setdefault(user, [])

    def top(self, user: str) -> View | None:
        """The modal that a person looks at."""
        return self._open[user][-1] if self._open.get(user) else None

    def home(self, user: str) -> View | None:
        """A person's Home tab, if the app has published one."""
        return self._homes.get(user)

    def find(self, team: Team, view_id: str = "", external_id: str = "") -> View:
        """An open view by its id.

        Raises:
            Refused: none of this workspace has it.
        """
        for view in [*self._homes.values(), *(view for stack in self._open.values() for view in stack)]:
            same = view.id == view_id if view_id else view.given.get("external_id") == external_id
            if same and view.team.id == team.id:
                return view
        raise Refused("not_found", "no open view has this id")

    def open(self, team: Team, user: str, given: Json) -> View:
        """Opens a modal over whatever there is."""
        self._alone(team, given)
        made = self._world.new_id("V")
        self._open[user] = [View(made, team, user, given, made)]
        return self._open[user][-1]

    def push(self, team: Team, user: str, given: Json) -> View:
        """Lays a modal on the one that is open.

        Raises:
            Refused: none is open, or three are.
        """
        stack = self.stack(user)
        if not stack:
            raise Refused("not_found", "no modal is open to push onto")
        if len(stack) >= DEEPEST:
            raise Refused("push_limit_reached")
        self._alone(team, given)
        stack.append(View(self._world.new_id("V"), team, user, given, stack[0].id, stack[-1].id))
        return stack[-1]

    def publish(self, team: Team, user: str, given: Json, known_hash: str = "") -> View:
        """Shows a Home tab.

        Raises:
            Refused: another hash than the one that is shown.
        """
        shown = self._homes.get(user)
        if shown is None:
            made = self._world.new_id("V")
            self._homes[user] = View(made, team, user, given, made)
            return self._homes[user]
        return self.update(shown, given, known_hash)

    def update(self, view: View, given: Json, known_hash: str = "") -> View:
        """Shows other content in a view.

        Raises:
            Refused: another hash than the one that is shown.
        """
        if known_hash and known_hash != view.hash:
            raise Refused("hash_conflict")
        if given["type"] != view.kind:
            raise Refused("invalid_arguments", "a view keeps its type")
        view.show(given)
        return view

    def _alone(self, team: Team, given: Json) -> None:
        external = given.get("external_id")
        if not external:
            return
        for stack in self._open.values():
            if any(view.team.id == team.id and view.given.get("external_id") == external for view in stack):
                raise Refused("duplicate_external_id")
