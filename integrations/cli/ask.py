"""`touchstone ask` and `touchstone answer`: questions in, answers out."""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.messages import Answer, Ask
from bot.talk.answers import Answers
from index import snapshot
from index.encoder import MiniLM
from index.search import Searcher
from integrations.app import SystemClock, published
from integrations.cli.progress import encoding
from integrations.cli.render import plain
from integrations.settings import read_settings
from knowledge.errors import TouchstoneError
from knowledge.library import Library


class BadBatch(TouchstoneError):
    """A line of the questions cannot be used: each is {"id", "q"} or {"id", "turns": ["...", ...]} in JSON."""


def ask(question: Annotated[str, typer.Argument(help="The question; without one, a conversation.")] = "") -> None:
    """One answer in the terminal, or a conversation when no text is given."""
    answers = _answers(None)
    if question:
        sys.stdout.write(plain(answers.answer(Ask(question))) + "\n")
        return
    console = Console()
    console.print("Ask in your own words; an empty line ends it.")
    for line in _lines(console):
        sys.stdout.write(plain(answers.answer(Ask(line))) + "\n\n")


def answer(
    batch: Annotated[Path, typer.Option(help="Questions, one JSON object a line.", metavar="IN.jsonl")],
    out: Annotated[Path, typer.Option(help="Where the answers go, in the same order.", metavar="OUT.jsonl")],
    library: Annotated[Path | None, typer.Option(help="A folder of documents to answer from instead.")] = None,
) -> None:
    """Answers a file of questions, one JSON object a line."""
    questions = list(_questions(batch))
    answers = _answers(library)
    aside = out.with_name(f".{out.name}.part")
    with aside.open("w", encoding="utf-8") as file:
        for question in questions:
            file.write(json.dumps(_answered(answers, question), ensure_ascii=False) + "\n")
    aside.replace(out)


@dataclass(frozen=True, slots=True)
class _Question:
    """A line of a batch: one message, or the turns of a conversation; ``number`` is the line's, for errors."""

    id: object
    texts: tuple[str, ...]
    is_conversation: bool
    policy: str | None


def _answers(folder: Path | None) -> Answers:
    settings = read_settings()
    encoder = MiniLM()
    if folder is None:
        return Answers(published(settings, encoder, encoding()).searcher, SystemClock())
    documents = Library.folder(folder)
    for left_out in documents.left_out:
        sys.stderr.write(f"left out: {left_out.path}: {left_out.reason}\n")
    digest = snapshot.build(documents, encoder, settings.snapshots, encoding())
    searcher = Searcher(snapshot.load(settings.snapshots, digest, encoder), encoder)
    return Answers(lambda: searcher, SystemClock())


def _lines(console: Console) -> Iterator[str]:
    while True:
        try:
            line = console.input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            return
        if not line:
            return
        yield line


def _questions(batch: Path) -> Iterator[_Question]:
    try:
        lines = batch.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadBatch(f"{batch}: {type(error).__name__}") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _question(line, f"{batch}:{number}")


def _question(line: str, place: str) -> _Question:
    try:
        data = json.loads(line)
    except ValueError:
        raise BadBatch(place, "not JSON") from None
    if not isinstance(data, dict) or "id" not in data or ("q" in data) == ("turns" in data):
        raise BadBatch(place, "an object with 'id' and one of 'q' and 'turns' is wanted")
    texts = data.get("turns", [data.get("q")])
    policy = data.get("policy")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadBatch(place, "'q' is a text, 'turns' a list of texts")
    if policy is not None and not isinstance(policy, str):
        raise BadBatch(place, "'policy' is a slug or a path")
    return _Question(data["id"], tuple(texts), "turns" in data, policy)


def _answered(answers: Answers, question: _Question) -> dict[str, Any]:
    objects = [_object(answers, question, text) for text in question.texts]
    return {"id": question.id, "turns": objects} if question.is_conversation else objects[0]


def _object(answers: Answers, question: _Question, text: str) -> dict[str, Any]:
    began = time.perf_counter()
    given = answers.answer(Ask(text, question.policy))
    return {"id": question.id, **answer_object(given), "ms": round((time.perf_counter() - began) * 1000, 3)}


def answer_object(answer: Answer) -> dict[str, Any]:
    """An answer with the keys of the contract, in their order; `id` and `ms` go around it."""
    return {
        "intent": answer.intent.value,
        "verdict": answer.verdict.value if answer.verdict else None,
        "citations": [
            {
                "policy": citation.clause.policy,
                "label": str(citation.clause.label),
                "lead_in": citation.clause.lead_in,
                "text": citation.clause.text,
            }
            for citation in answer.citations
        ],
        "asks": list(answer.asks),
        "offers": list(answer.offers),
        "urgent": answer.urgent,
    }
