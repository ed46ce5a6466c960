"""What was filled in in a modal -> fields -> answers, and what the modal carried along; pure functions."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.cases.forms import kinds
from bot.messages import CaseAct
from integrations.fields import ANSWER_PREFIX, answers
from integrations.slack.inputs import ANEW, PEOPLE_SUFFIX, label_of

View = Mapping[str, Any]
"""A modal as it comes back."""

_ID = re.compile(r"[0-9a-zA-Z_.-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Carried:
    """What a form carries in its modal: ids, and nothing that anybody wrote.

    Attributes:
        form: its name.
        draft: the id of the draft.
        clause: the label that it came from; empty for none.
        kept: keys of the answers that do not fit a modal and stay where they are kept.
        owner: whose the draft is, sealed, where it came back by a code; else empty.
    """

    form: str
    draft: str
    clause: str = ""
    kept: tuple[str, ...] = ()
    owner: str = field(default="", repr=False)

    def metadata(self) -> str:
        """As a modal carries it."""
        given = {"form": self.form, "draft": self.draft, "clause": self.clause, "kept": self.kept}
        return json.dumps(given | ({"owner": self.owner} if self.owner else {}))


@dataclass(frozen=True, slots=True)
class CarriedAct:
    """What the form of an act carries: of which case, what, and the id of this showing of it."""

    reference: str
    act: CaseAct
    form: str

    def metadata(self) -> str:
        """As a modal carries it."""
        return json.dumps({"reference": self.reference, "act": self.act, "form": self.form})


def carried(view: View) -> Carried | None:
    """What a form carried; None where it is none of ours, or from another time."""
    given = _metadata(view)
    kept = given.get("kept", [])
    texts = [given.get(key) for key in ("form", "draft", "clause")]
    if not all(isinstance(text, str) for text in texts) or not isinstance(kept, list):
        return None
    form, draft, clause = map(str, texts)
    if not _ID.fullmatch(form) or not _ID.fullmatch(draft):
        return None
    return Carried(form, draft, clause, tuple(map(str, kept)), str(given.get("owner") or ""))


def carried_act(view: View) -> CarriedAct | None:
    """What the form of an act carried; None where it is none of ours."""
    given = _metadata(view)
    reference, act, form = (str(given.get(key, "")) for key in ("reference", "act", "form"))
    return CarriedAct(reference, CaseAct(act), form) if act in set(CaseAct) else None


def _metadata(view: View) -> Mapping[str, Any]:
    try:
        given = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def fields(view: View) -> dict[str, str]:
    """What stands in the fields of a modal, by their names; pickers of people left out."""
    found: dict[str, str] = {}
    for block, values in _values(view):
        name = block.split(ANEW, 1)[0]
        for value in values.values():
            if "selected_users" not in value:
                found[name] = _text(value)
    return found


def picked(view: View) -> dict[str, tuple[str, ...]]:
    """The member ids that were picked, by question key."""
    found = {}
    for block, values in _values(view):
        name = block.split(ANEW, 1)[0]
        if name.startswith(ANSWER_PREFIX) and name.endswith(PEOPLE_SUFFIX):
            users = [user for value in values.values() for user in value.get("selected_users") or ()]
            found[name.removeprefix(ANSWER_PREFIX).removesuffix(PEOPLE_SUFFIX)] = tuple(map(str, users))
    return found


def given(view: View, lines: Mapping[str, str]) -> dict[str, str]:
    """The answers that stand in a modal, by question key.

    Args:
        view: the modal.
        lines: for each member id that was picked, its line in an answer of names; one without is left out.
    """
    filled = fields(view)
    found = answers(filled | dict(_named(view, filled)))
    for key, users in picked(view).items():
        names = [found.get(key, ""), *(lines.get(user, "") for user in users)]
        found[key] = "\n".join(name for name in names if name)
    return found


def _named(view: View, filled: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The names of which the modal asked whom they mean.

    They stand in the labels of ours. What is typed now is compared with them: of a name that was changed meanwhile
    nothing is known.
    """
    for block in view.get("blocks", ()):
        name = str(block.get("block_id", "")).split(ANEW, 1)[0]
        if block.get("type") != "input" or ".means." not in name or not filled.get(name):
            continue
        label = str(block.get("label", {}).get("text", ""))
        question, _, number = name.partition(".means.")
        for one in kinds.named(filled.get(question, "")):
            line = " ".join(one.name.split())
            if label_of(line) in {label, _unescaped(label)}:
                yield f"{question}.named.{number}", line


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _values(view: View) -> Iterator[tuple[str, Mapping[str, Mapping[str, Any]]]]:
    yield from ((view.get("state") or {}).get("values") or {}).items()


def _text(value: Mapping[str, Any]) -> str:
    """What stands in one field, as text."""
    if "selected_options" in value:
        return "\n".join(str(one["value"]) for one in value["selected_options"] or ())
    if "selected_option" in value:
        return str((value["selected_option"] or {}).get("value", ""))
    for key in ("value", "selected_date", "selected_time"):
        if key in value:
            return str(value[key] or "").replace("\r\n", "\n")
    return ""


def errors(view: View, wrong: Mapping[str, str]) -> dict[str, str] | None:
    """What is wrong, by the block to show it under; None where one of the questions has no block in this modal.

    Args:
        view: the modal as it came back.
        wrong: what is wrong, by question key.
    """
    blocks = {
        str(block["block_id"]).split(ANEW, 1)[0].removeprefix(ANSWER_PREFIX): str(block["block_id"])
        for block in view.get("blocks", ())
        if block.get("type") == "input" and "block_id" in block
    }
    return {blocks[key]: text for key, text in wrong.items()} if set(wrong) <= set(blocks) else None


def shape(blocks: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The fields of a modal: their names and labels, in order."""
    return [
        (str(block.get("block_id", "")).split(ANEW, 1)[0], _unescaped(str(block["label"]["text"])))
        for block in blocks
        if block.get("type") == "input"
    ]
