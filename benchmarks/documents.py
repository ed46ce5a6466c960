"""Makes a library of documents, the same each time, as large as the policies of a trust together."""

import random
from pathlib import Path

DOCUMENTS, CLAUSES_EACH = 80, 75
"""Together some 6,000 clauses."""

_WHO = [
    "Staff",
    "Teachers",
    "Volunteers",
    "The headteacher",
    "Governors",
    "Parents",
    "The site manager",
    "Pupils",
    "Visitors",
]
_MUST = ["must", "must not", "should", "should not", "may", "are asked to", "are expected to"]
_DO = [
    "sign in at the office",
    "keep the key of the {thing}",
    "tell the {person} about the {thing}",
    "write the {thing} down",
    "leave the {thing} in the {place}",
    "check the {thing} with the {person}",
    "take the {thing} home",
    "lock the {place}",
    "hand the {thing} over to the {person}",
    "use the {place}",
    "ask the {person} for the {thing}",
    "repair the {thing}",
]
_THING = [
    "register",
    "minibus",
    "first aid box",
    "laptop",
    "key card",
    "visitor badge",
    "ladder",
    "risk assessment",
    "projector",
    "medicine",
    "lunch money",
    "trip form",
    "uniform",
    "piano",
    "kiln",
    "bicycle",
    "fire log",
]
_PERSON = [
    "office",
    "caretaker",
    "deputy head",
    "class teacher",
    "business manager",
    "nurse",
    "chair of governors",
    "cook",
]
_PLACE = [
    "hall",
    "staff room",
    "playground",
    "kitchen",
    "library",
    "car park",
    "boiler room",
    "swimming pool",
    "studio",
]
_WHEN = [
    "before the first lesson",
    "at the end of each day",
    "once a term",
    "as soon as anything is broken",
    "while the gate is open",
    "unless somebody else has done it already",
    "whenever children are near",
    "during an inspection",
    "when the heating fails",
    "in the last week of the summer term",
]


def write_library(folder: Path, documents: int = DOCUMENTS) -> None:
    """Writes numbered plain text, every clause one to three sentences, drawn with a fixed seed."""
    draw = random.Random(6000)  # noqa: S311 (not a secret)
    folder.mkdir(parents=True)
    for number in range(1, documents + 1):
        sections = [f"{section}. The {draw.choice(_THING)} and the {draw.choice(_PLACE)}\n\n{_clauses(draw, section)}"
                    for section in range(1, CLAUSES_EACH // 5 + 1)]  # fmt: skip
        text = f"Procedure {number}\n\n" + "\n".join(sections)
        (folder / f"procedure-{number:03}.txt").write_text(text, encoding="utf-8")


def change_a_clause(folder: Path) -> None:
    """Rewrites one clause in the middle of one document."""
    path = sorted(folder.iterdir())[len(list(folder.iterdir())) // 2]
    text = path.read_text(encoding="utf-8")
    begin = text.index("7.3 ")
    path.write_text(
        text[:begin] + "7.3 Nobody keeps a tortoise here.\n\n" + text[text.index("7.4 ") :], encoding="utf-8"
    )


def _clauses(draw: random.Random, section: int) -> str:
    return "".join(f"{section}.{number} {_sentences(draw)}\n\n" for number in range(1, 6))


def _sentences(draw: random.Random) -> str:
    return " ".join(_sentence(draw) for _ in range(draw.randint(1, 3)))


def _sentence(draw: random.Random) -> str:
    act = draw.choice(_DO).format(thing=draw.choice(_THING), person=draw.choice(_PERSON), place=draw.choice(_PLACE))
    return f"{draw.choice(_WHO)} {draw.choice(_MUST)} {act} {draw.choice(_WHEN)}."
