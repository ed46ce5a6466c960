"""Parses reStructuredText with docutils, safely: no file is opened, nothing is printed, no role does anything."""

import re
from itertools import takewhile

from docutils import frontend, nodes, utils
from docutils.parsers.rst import Parser, states

from knowledge.readers.bounds import Effort
from knowledge.readers.errors import UnreadableDocument

MAX_NESTING = 50
"""How deep lists, quotes, tables and directives may stand in each other."""

LONGEST_LINE = 10_000
"""How many characters a line may have: docutils' own limit, against patterns that take for ever."""

_COMPLAINT = 10_000  # what one costs that docutils makes within a paragraph
_NESTS = re.compile(r"[-*+|•\u2023\u2043]|\(?[\w#]+[.)]|:\S*|\S*::?|\.\.|\[[^\]]*\]|-\S+|/\w+")
_TARGET = re.compile(r"\s*<[^<>]*>\s*$")


def parse(text: str, effort: Effort) -> nodes.document:
    """The tree of a text as docutils parses it, without its transforms, within the effort that is left.

    Raises:
        UnreadableDocument: a line is longer than LONGEST_LINE; docutils would give an empty tree for all of it.
    """
    if any(len(line) > LONGEST_LINE for line in text.expandtabs(8).split("\n")):
        reason = f"a line of it has more than {LONGEST_LINE:,} characters; break it into shorter ones"
        raise UnreadableDocument(reason)
    document = utils.new_document("", _settings())
    Parser(inliner=_Inliner(effort)).parse(text, document)
    return document


def refuse_too_deep(text: str) -> None:
    """Refuses what docutils would recurse into too deeply.

    Counts on every line the indentations that are open and the markers ("* 1. |") in front of its words.

    Raises:
        UnreadableDocument: they are more than MAX_NESTING.
    """
    indents: list[int] = []
    for line in text.expandtabs(8).split("\n"):
        words = line.split()
        if not words:
            continue
        indent = len(line) - len(line.lstrip())
        while indents and indents[-1] >= indent:
            indents.pop()
        indents.append(indent)
        markers = sum(1 for _ in takewhile(_NESTS.fullmatch, words))
        if len(indents) + markers > MAX_NESTING:
            raise UnreadableDocument("its lists, quotes or tables are nested too deeply")


def _settings() -> frontend.Values:
    """Settings with which nothing is read but the document, and nothing is printed."""
    settings: frontend.Values = frontend.get_default_settings(Parser)  # type: ignore[attr-defined] # stubs are older
    settings.file_insertion_enabled = False
    settings.raw_enabled = False
    settings.line_length_limit = LONGEST_LINE
    settings.halt_level = 5
    settings.report_level = 5
    settings.warning_stream = False
    settings.syntax_highlight = "none"
    return settings


class _Inliner(states.Inliner):
    """Inline markup, read for its words: no role does anything, no address becomes a link."""

    def __init__(self, effort: Effort) -> None:
        super().__init__()
        self._effort = effort

    def init_customizations(self, settings: frontend.Values) -> None:
        """Docutils makes its patterns from the names of the very class, so they are made on its own."""
        plain = states.Inliner()
        plain.init_customizations(settings)
        vars(self).update(vars(plain))

    def parse(
        self, text: str, lineno: int, memo: object, parent: nodes.Element
    ) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        self._effort.spend_on(text)
        return super().parse(text, lineno, memo, parent)

    def problematic(self, text: str, rawsource: str, message: nodes.system_message) -> nodes.problematic:
        self._effort.spend(_COMPLAINT)
        return super().problematic(text, rawsource, message)

    def interpreted(
        self,
        rawsource: str,  # noqa: ARG002 - docutils' signature
        text: str,
        role: str | None,
        lineno: int,  # noqa: ARG002 - docutils' signature
    ) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        return [nodes.Text((role and _TARGET.sub("", text)) or text)], []

    def implicit_inline(self, text: str, lineno: int) -> list[nodes.Text]:  # noqa: ARG002 - docutils' signature
        return [nodes.Text(text)]
