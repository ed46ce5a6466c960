"""`touchstone evaluate`: the figures of a question set, and the misses to look at."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.messages import Ask
from bot.talk.answering.answers import Answers
from index.evaluation import Expected, Given, figures, label_of, rank, worst
from integrations.cli.ask import open_answers
from integrations.cli.documents import LibraryOption
from integrations.cli.jsonl import BadLine, read_objects


def evaluate(
    questions: Annotated[Path, typer.Argument(help="The question set, one JSON object a line.", metavar="SET.jsonl")],
    library: LibraryOption = None,
    count: Annotated[int, typer.Option("--worst", help="How many misses to show, the worst first.", min=0)] = 0,
) -> None:
    """Figures for a question set, as one line of JSON; with --worst the misses under it."""
    expected = list(_expected(questions))
    answers = open_answers(library)
    pairs = [(one, _given(answers, one)) for one in expected]
    sys.stdout.write(json.dumps(figures(pairs)) + "\n")
    for one, given in worst(pairs, count):
        place = rank(one, given)
        wanted, cited = ", ".join(sorted(one.gold)) or "none", ", ".join(given.labels) or "none"
        sys.stdout.write(f"\n{one.id}  {one.question}\n")
        sys.stdout.write(f"  right: {wanted} ({one.verdict}); at place {place or '-'}\n")
        sys.stdout.write(f"  given: {cited} ({given.verdict})\n")


def _given(answers: Answers, expected: Expected) -> Given:
    began = time.perf_counter()
    answer = answers.answer(Ask(expected.question))
    labels = tuple(str(citation.clause.label) for citation in answer.citations)
    return Given(labels, answer.verdict.value if answer.verdict else None, (time.perf_counter() - began) * 1000)


def _expected(path: Path) -> Iterator[Expected]:
    return (_one(place, row) for place, row in read_objects(path))


def _one(place: str, row: Mapping[str, Any]) -> Expected:
    try:
        gold, also = (frozenset(map(label_of, row.get(key, []))) for key in ("gold", "also"))
        return Expected(str(row["id"]), str(row["q"]), gold, also, row.get("verdict"))
    except (TypeError, KeyError, AttributeError):
        raise BadLine(place, "'id', 'q', 'gold' and 'also' as lists of labels, and 'verdict' are wanted") from None
