"""What people read on pages stands in bot/locales: none of it in a template, none in a module that makes pages."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from integrations.web.assets import OWN
from integrations.web.render import TEMPLATES
from tests.house.test_documentation import PROJECT

NAMES = {"Touchstone", "CSV", "JSON", "PDF"}
"""Words that are the same in every language."""

SWITCHES = {"checked", "disabled", "hidden", "open", "selected"}
"""Attributes without a value, which a macro may give."""

READ = {
    "title",
    "alt",
    "placeholder",
    "label",
    "summary",
    "content",
    "aria-label",
    "aria-description",
    "aria-valuetext",
}
"""Attributes that people read or hear; those of ours that a script says are all ``data-...`` with a space in them."""

_VALUE = re.compile(r"zqz(\d+)zqz")
_WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}|^[A-Z][a-z]+\b")
_ID = re.compile(r"[%a-z0-9]+(-[%a-z0-9]+)+|(%-?[a-zA-Z]\W*)+")
_HEADER = re.compile(r"[A-Z][a-z]+(-[A-Z][a-z]+)+|Refresh|Vary")


class _Seen(HTMLParser):
    """Gathers what stands where people see it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            is_meta = tag == "meta" and name == "content"
            if value and not is_meta and (name in READ or (name.startswith("data-") and " " in value)):
                self.texts.append(value)


def _flat(node: nodes.Node, values: list[nodes.Node]) -> str:
    """A template's text, both branches of everything, with ``zqz3zqz`` for the fourth value that is put in."""
    if isinstance(node, nodes.TemplateData):
        return node.data
    if isinstance(node, nodes.Output):
        return "".join(_flat(one, values) for one in node.nodes)
    if isinstance(node, nodes.Expr):
        values.append(node)
        return f"zqz{len(values) - 1}zqz"
    if isinstance(node, nodes.Macro):
        inside = "".join(_flat(one, values) for one in node.body)
        return inside if "<" in inside or '="' not in inside else f"<i {inside}></i>"  # it makes attributes of a tag
    inner = (one for one in node.iter_child_nodes() if isinstance(one, nodes.Stmt | nodes.Output | nodes.TemplateData))
    return "".join(_flat(one, values) for one in inner)


def _words(value: nodes.Node) -> Iterator[str]:
    """The words that a value may put on a page itself, not those that it is looked up or put together by."""
    if isinstance(value, nodes.Const) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, nodes.Call):
        if not (isinstance(value.node, nodes.Name) and value.node.name == "say"):
            yield from (word for one in value.args for word in _words(one) if " " in word.strip())
    elif isinstance(value, nodes.CondExpr):
        yield from (word for one in (value.expr1, value.expr2) if one for word in _words(one))
    elif isinstance(value, nodes.Filter):
        yield from _words(value.node) if value.node else ()
    elif not isinstance(value, nodes.Compare | nodes.Test | nodes.Getattr | nodes.Getitem):
        yield from (word for one in value.iter_child_nodes() for word in _words(one))


def in_template(source: str) -> list[str]:
    """What stands in a template that people would read."""
    values: list[nodes.Node] = []
    seen = _Seen()
    seen.feed(_flat(Environment(autoescape=True, trim_blocks=True).parse(source), values))
    seen.close()
    texts = [
        text for text in seen.texts for text in (_VALUE.sub(" ", text), *_put(text, values)) if not _ID.fullmatch(text)
    ]
    return [text.strip() for text in texts if not set(re.findall("[A-Za-z]+", text)) <= NAMES | SWITCHES]


def _put(text: str, values: list[nodes.Node]) -> Iterator[str]:
    for number in _VALUE.findall(text):
        yield from _words(values[int(number)])


def in_module(source: str) -> list[str]:
    """What stands in a module that people would read: sentences, and names of pages and buttons."""
    tree = ast.parse(source)
    apart: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            apart.add(id(node.value))  # a docstring
        elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation:
            apart |= {id(one) for one in ast.walk(node.annotation)}
        elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "__all__" for one in node.targets):
            apart |= {id(one) for one in ast.walk(node.value)}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            apart |= {id(one) for one in ast.walk(node.returns)}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("_log.", "cast")):
            apart |= {id(one) for one in ast.walk(node)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [
        str(one.value)
        for one in strings
        if id(one) not in apart
        and _WORDS.search(str(one.value))
        and not _HEADER.fullmatch(str(one.value))
        and str(one.value) not in NAMES
    ]


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_no_template_has_words_of_its_own(path: Path) -> None:
    assert in_template(path.read_text(encoding="utf-8")) == []


PAGES = [*(PROJECT / "integrations" / "pages").glob("*.py"), *(PROJECT / "integrations" / "web").glob("*.py")]


@pytest.mark.parametrize("path", sorted(PAGES), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_module_that_makes_pages_has_words_of_its_own(path: Path) -> None:
    assert in_module(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted(OWN.glob("*.js")), ids=lambda path: path.name)
def test_no_script_has_words_of_its_own(path: Path) -> None:
    literals = re.findall(
        r'"([^"]*)"|`([^`]*)`', re.sub(r"^\s*//.*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    words = [re.sub(r"\$\{[^}]*\}", "x", one or other) for one, other in literals]
    assert [
        one for one in words if re.fullmatch(r"[\w' ]*[a-z]{2,} [a-z]{2,}[\w' .!?]*", one) and one != "use strict"
    ] == []


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ("<p>{% if a %}Yes{% else %}No{% endif %}</p>", ["YesNo"]),
        ("<p>{{ say('a.b') }}: {{ say('c.' ~ d, by=e) }}</p>", []),
        ("<p class=\"{{ 'one two' if a else '' }}\">{{ ' (optional)' if a else '' }}</p>", ["(optional)"]),
        ('<img alt="A cat"><input placeholder="Type here" name="a b">', ["A cat", "Type here"]),
        ('<p data-gone="It is lost"></p><p data-when="{{ a }}">Touchstone {{ b | join(", ") }}</p>', ["It is lost"]),
        ("{% macro m(a) %}<i>In here</i>{% endmacro %}<b>{{ 'Sign' ~ 'out' }}</b>", ["In here", "Sign", "out"]),
        ("{{ title or 'Nothing yet' }}", ["Nothing yet"]),
    ],
)
def test_words_in_a_template_are_found(source: str, read: list[str]) -> None:
    assert in_template(source) == read


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ('"""A module."""\nsite.message(request, 404, "Not here")', ["Not here"]),
        ('renderer.fill("Policies", "policies.html", a=say("policies.title"))', ["Policies"]),
        ('title = f"Error: {a}"', ["Error: "]),
        ('_log.info("went away while it sent")\nheaders = {"Content-Length": "1", "Vary": "a"}', []),
        (
            'def page(a: "Desk") -> "Reply":\n    """Shows it."""\n    raise Wrong("it is not there")',
            ["it is not there"],
        ),
    ],
)
def test_words_in_a_module_are_found(source: str, read: list[str]) -> None:
    assert in_module(source) == read
