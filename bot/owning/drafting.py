"""A ruling that is written in a form: fields -> TOML, what the checker says of it, and what it would answer."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from bot.messages import RulingDraft, RulingLine
from bot.owning.reading import ruling_table
from knowledge.facts import FactChoice, shipped_facts
from knowledge.model import Policy
from knowledge.overlay import Overlay
from knowledge.rulings import Ruling, Verdict

ROWS = 4
"""Lines that the form has for the table; whoever needs more writes the file (docs/rulings.md)."""

VERDICTS = tuple(Verdict)

_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")
_LONGEST_ID = 60


def filled(policy: str, answers: Mapping[str, str], question: str = "") -> RulingDraft:
    """What was filled in, by key."""
    rows = tuple(
        RulingLine(
            first=_fact(answers.get(f"row{number}_first", "")),
            second=_fact(answers.get(f"row{number}_second", "")),
            verdict=answers.get(f"row{number}_verdict", ""),
            says=answers.get(f"row{number}_says", "").strip(),
            is_exception=bool(answers.get(f"row{number}_exception")),
            unless=answers.get(f"row{number}_unless", "").strip(),
        )
        for number in range(ROWS)
    )
    return RulingDraft(
        policy,
        answers.get("question", question),
        answers.get("about", "").strip(),
        answers.get("cites", "").strip(),
        answers.get("phrasings", ""),
        rows,
        answers.get("otherwise", "").strip(),
        tuple(
            (fact.ask, tuple((f"{key}={choice.value}", _in_words(key, choice)) for choice in fact.choices))
            for key, fact in shipped_facts().items()
        ),
    )


def ruling_id(about: str, taken: Iterable[str]) -> str:
    """An id made of what a ruling is about, which none has yet: nothing that is there is replaced by chance."""
    name = _NOT_IN_AN_ID.sub("-", about.casefold())[:_LONGEST_ID].strip("-") or "ruling"
    known = frozenset(taken)
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, len(known) + 3))) if one not in known)


def as_toml(draft: RulingDraft, name: str) -> str:
    """The file that it becomes: a person can read it, change it by hand, and review it in a comparison of files."""
    cites = _listed(draft.cites.replace(";", ",").split(","))
    lines = [
        "[[ruling]]",
        f"id = {_string(name)}",
        f"about = {_string(draft.about)}",
        f"cites = [{', '.join(map(_string, cites))}]",
        "phrasings = [",
        *(f"  {_string(one)}," for one in _listed(draft.phrasings.split("\n"))),
        "]",
    ]
    asks: dict[str, None] = {}
    for row in draft.rows:
        when = _conditions(row)
        if not (row.says or row.verdict or when):
            continue
        lines.append("[[ruling.row]]")
        if when:
            inside = ", ".join(f"{key} = {_values(values)}" for key, values in when.items())
            lines.append(f"when = {{ {inside} }}")
            asks |= dict.fromkeys(when)
        if row.is_exception:
            lines.append("exception = true")
        lines += [f"verdict = {_string(row.verdict or 'info')}", f"says = {_string(row.says)}"]
        if row.unless:
            lines.append(f"unless = {_string(row.unless)}")
    if draft.otherwise:
        lines += [
            "[ruling.otherwise]",
            'verdict = "depends"',
            f"says = {_string(draft.otherwise)}",
            f"asks = [{', '.join(map(_string, asks))}]",
        ]
    return "\n".join(lines) + "\n"


def previewed(overlay: Overlay, policy: Policy, draft: RulingDraft, taken: Iterable[str]) -> tuple[RulingDraft, str]:
    """A draft with the checker's words and what it would answer, and its text."""
    text = as_toml(draft, ruling_id(draft.about, taken))
    found = overlay.rulings.check(policy.slug, text)
    by_label = {str(clause.label): clause for clause in policy.clauses}
    ruling = _ruling(text)
    cited = _listed(draft.cites.replace(";", ",").split(","))
    return replace(
        draft,
        clauses=tuple(by_label[label] for label in cited if label in by_label),
        table=ruling_table(ruling) if ruling is not None and ruling.row else None,
        wrong=tuple(one.what for one in found if not one.is_warning),
        warnings=tuple(one.what for one in found if one.is_warning),
    ), text


def _ruling(text: str) -> Ruling | None:
    """The ruling itself; None where the form makes none, which the checker says better."""
    try:
        (table,) = tomllib.loads(text)["ruling"]
        ruling: Ruling = TypeAdapter(Ruling).validate_python(table)
    except (ValidationError, ValueError):
        return None
    facts = shipped_facts()
    conditions = [one for row in ruling.row for one in row.conditions.items()]
    is_known = all(key in facts and set(values) <= set(facts[key].values) for key, values in conditions)
    return ruling if is_known else None


def _in_words(key: str, choice: FactChoice) -> str:
    """A fact with its value, in words that no other has: they are what a form sends back."""
    return f"{key.replace('_', ' ')}: {choice.label}"


def _fact(words: str) -> str:
    """What was chosen, as ``fact=value``; as it is where it is none."""
    for key, fact in shipped_facts().items():
        for choice in fact.choices:
            if words == _in_words(key, choice):
                return f"{key}={choice.value}"
    return words


def _conditions(row: RulingLine) -> dict[str, list[str]]:
    """For each fact the values for which a line holds: two of the same fact are either of them."""
    when: dict[str, list[str]] = {}
    for one in (row.first, row.second):
        key, _, value = one.partition("=")
        if key and value:
            when.setdefault(key, []).append(value)
    return when


def _values(values: list[str]) -> str:
    return _string(values[0]) if len(values) == 1 else f"[{', '.join(map(_string, values))}]"


def _listed(parts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, (" ".join(part.split()) for part in parts))))


def _string(text: str) -> str:
    """As TOML writes it: JSON's way, but that TOML wants the sign DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
