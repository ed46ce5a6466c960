"""Block Kit, as little of it as we use, and its limits: no text that is longer, and nothing typed that does something.

Source of the limits: Slack's reference of blocks and block elements; ``slack_sdk``'s own models do not hold them all.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Block = dict[str, Any]
"""One block, element or object, as it goes over the wire."""

MOST_IN_MESSAGE = 50
MOST_IN_VIEW = 100
MOST_OPTIONS = 100
MOST_ELEMENTS = 25
LONGEST_SECTION = 3000
LONGEST_HEADER = 150
LONGEST_BUTTON = 75
LONGEST_OPTION = 75
LONGEST_VALUE = 2000
LONGEST_OPTION_VALUE = 150
LONGEST_TITLE = 24
LONGEST_INPUT = 3000
LONGEST_LABEL = 2000
LONGEST_HINT = 2000
LONGEST_ID = 255
LONGEST_METADATA = 3000
LONGEST_ASKED_TITLE = 100
LONGEST_ASKED = 300
LONGEST_ASKED_BUTTON = 30
LONGEST_QUOTE = 6000
"""Our own: longer clauses go on on their page."""

_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str) -> str:
    """Text that is shown as it stands: no mention, channel, link, date or emphasis comes of it.

    Slack's control characters are escaped as it asks; the signs of its markup are followed by a word joiner, which
    nobody sees, so that no pair of them encloses anything.
    """
    text = "".join(_ESCAPED.get(sign, sign) for sign in text)
    return "".join(f"{sign}\u2060" if sign in "*_~`" else sign for sign in text)


def cut(text: str, longest: int) -> str:
    """At most so many characters, with an ellipsis where some are missing."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def plain(text: str, longest: int = LONGEST_SECTION) -> Block:
    """A text object without markup, shown word for word."""
    return {"type": "plain_text", "text": cut(text, longest), "emoji": False}


def marked(text: str) -> Block:
    """A text object with Slack's markup; whatever came from a person or a policy was escaped before."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def linked(text: str, address: str, words: str) -> str:
    """Text as it stands, escaped, and behind it a link of ours, where there is an address to lead to."""
    return f"{escape(text)} {link(address, words)}".strip() if address else escape(text)


def section(*lines: str) -> Block:
    """A paragraph: each line is markup of ours, escaped before where it is not ours."""
    return {"type": "section", "text": marked("\n".join(lines))}


def lines(given: Sequence[str]) -> Iterator[Block]:
    """Lines of markup in as many paragraphs as they need."""
    held = ""
    for line in given:
        if held and len(held) + len(line) + 1 > LONGEST_SECTION:
            yield section(held)
            held = ""
        held = f"{held}\n{line}".strip()[:LONGEST_SECTION]
    if held:
        yield section(held)


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, LONGEST_HEADER)}


def sections(text: str, before: str = "", after: str = "") -> Iterator[Block]:
    """Text of any length, escaped, in as many sections as it needs, cut where words end.

    Args:
        text: as it stands.
        before: markup of ours before each piece, such as ``*`` or ``> ``.
        after: markup of ours behind each.
    """
    room = LONGEST_SECTION - len(before) - len(after)
    rest = text.strip()
    while rest:
        piece = _first(rest, room)
        rest = rest[len(piece) :].lstrip()
        yield section(f"{before}{escape(piece.rstrip())}{after}")


def _first(text: str, room: int) -> str:
    """The longest beginning that fits when escaped, up to the end of a word where there is one."""
    fits = text[:room]  # to escape makes nothing shorter
    while len(escape(fits)) > room:
        fits = fits[: max(1, min(len(fits) - 1, len(fits) * room // len(escape(fits))))]
    if len(fits) == len(text) or text[len(fits)].isspace():
        return fits
    at = max(fits.rfind(" "), fits.rfind("\n"))
    return fits[: at + 1] if at > 0 else fits


def context(*texts: str) -> Block:
    """Small print: each text is markup of ours, escaped before where it is not ours."""
    return {"type": "context", "elements": [marked(cut(text, LONGEST_SECTION)) for text in texts[:10]]}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def button(  # noqa: PLR0913 (the parts of one button, by name)
    text: str, action: str, value: str = "", *, style: str = "", url: str = "", confirm: Block | None = None
) -> Block:
    """A button.

    Args:
        text: what stands on it.
        action: which handler hears of it.
        value: what the handler is told; nothing that a person wrote.
        style: ``primary``, ``danger`` or nothing.
        url: a page that it opens as well.
        confirm: what is asked before the handler hears of it.
    """
    made: Block = {"type": "button", "action_id": action, "text": plain(text, LONGEST_BUTTON)}
    more = (("value", value), ("style", style), ("url", url), ("confirm", confirm))
    return made | {key: given for key, given in more if given}


def asked_first(title: str, text: str, yes: str, no: str) -> Block:
    """What is asked before something is done that cannot be undone.

    Args:
        title: the question.
        text: what will be done.
        yes: the words on the button that does it.
        no: the words on the button that does not.
    """
    return {
        "title": plain(title, LONGEST_ASKED_TITLE),
        "text": plain(text, LONGEST_ASKED),
        "confirm": plain(yes, LONGEST_ASKED_BUTTON),
        "deny": plain(no, LONGEST_ASKED_BUTTON),
        "style": "danger",
    }


def actions(elements: Sequence[Block], block: str = "") -> Block:
    """Buttons and menus in a row."""
    made: Block = {"type": "actions", "elements": list(elements[:MOST_ELEMENTS])}
    return made | ({"block_id": block} if block else {})


def option(text: str, value: str, note: str = "") -> Block:
    """One of the things to choose from."""
    made: Block = {"text": plain(text, LONGEST_OPTION), "value": value}
    return made | ({"description": plain(note, LONGEST_OPTION)} if note else {})


def input_block(  # noqa: PLR0913 (the parts of one block, by name)
    block: str,
    label: str,
    element: Block,
    *,
    hint: str = "",
    is_optional: bool = False,
    tells_at_once: bool = False,
) -> Block:
    """A question of a modal with its field.

    Args:
        block: its id, by which the answer comes back.
        label: the question.
        element: the field.
        hint: a sentence under it.
        is_optional: whether it may stay empty.
        tells_at_once: whether each change is heard, for questions that depend on this one.
    """
    made: Block = {
        "type": "input",
        "block_id": block,
        "label": plain(label, LONGEST_LABEL),
        "element": element,
        "optional": is_optional,
    }
    made |= {"dispatch_action": True} if tells_at_once else {}
    return made | ({"hint": plain(hint, LONGEST_HINT)} if hint else {})


def modal(  # noqa: PLR0913 (the parts of one view, by name)
    callback: str,
    title: str,
    blocks: Sequence[Mapping[str, Any]],
    *,
    metadata: str = "",
    submit: str = "",
    close: str = "",
) -> Block:
    """A modal view.

    Args:
        callback: which handler hears of its submission.
        title: its heading, at most 24 characters.
        blocks: at most 100.
        metadata: ids that come back with it; nothing of what a person wrote, and nothing of a case but its reference.
        submit: the words on its button; none where nothing is sent.
        close: the words on the button that closes it.
    """
    made: Block = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, LONGEST_TITLE),
        "blocks": list(blocks[:MOST_IN_VIEW]),
        "private_metadata": metadata,
    }
    made |= {"submit": plain(submit, LONGEST_TITLE)} if submit else {}
    return made | ({"close": plain(close, LONGEST_TITLE)} if close else {})


def quote(text: str, lead_in: str = "") -> Block:
    """A text quoted word for word, under the sentence from which it hangs; in rich text no sign means anything."""
    said: list[Block] = [{"type": "text", "text": f"{lead_in}\n", "style": {"italic": True}}] if lead_in else []
    said.append({"type": "text", "text": cut(text, LONGEST_QUOTE)})
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": said}]}


def numbered(items: Sequence[tuple[str, str]]) -> Block:
    """An ordered list, word for word: of each a sentence, and smaller where it comes from, if anything."""
    return {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [{"type": "rich_text_section", "elements": _item(*item)} for item in items],
            }
        ],
    }


def _item(sentence: str, source: str) -> list[Block]:
    said: list[Block] = [{"type": "text", "text": sentence}]
    return said + ([{"type": "text", "text": f" {source}", "style": {"italic": True}}] if source else [])


def link(address: str, words: str) -> str:
    """Words that lead to a page, as markup; the words alone where there is no address."""
    return f"<{address}|{escape(words)}>" if address else escape(words)
