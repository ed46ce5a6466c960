"""`touchstone ask` and `touchstone answer`: questions in, answers out."""

import json
import posixpath
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.messages import Answer, Ask, Reply
from bot.talk.answering.answers import MOST_CITATIONS, Answers
from bot.talk.turns.context import Conversations
from bot.talk.turns.conversation import Conversation
from index import snapshot
from index.encoder import MiniLM
from index.search import Searcher
from integrations.answering import SystemClock, own_contacts, published
from integrations.cli.colours import show as show_in_colour
from integrations.cli.conversation import converse
from integrations.cli.documents import LibraryOption, read_library
from integrations.cli.jsonl import BadLine, read_objects
from integrations.cli.progress import encoding
from integrations.cli.render import plain
from integrations.settings import read_settings
from knowledge.errors import TouchstoneError
from knowledge.library import Library, NoSuchPolicy

_HERE = "here"
"""The one conversation of a terminal, or of a line of a batch."""


class BadOutput(TouchstoneError):
    """The answers cannot be written there; name a file in a folder that you may write to."""


def ask(question: Annotated[str, typer.Argument(help="The question; without one, a conversation.")] = "") -> None:
    """One answer in the terminal, or a conversation when no text is given."""
    answers = open_answers(None)
    show, tell = _in_colour() if sys.stdout.isatty() else (_show_plainly, _tell_plainly)
    conversation = Conversation(answers, Conversations(answers.clock))
    if question:
        for reply in conversation.ask(Ask(question)):
            show(reply)
    else:
        converse(lambda line: conversation.ask(Ask(line, conversation=_HERE)), show, tell)


def _in_colour() -> tuple[Callable[[Reply], None], Callable[[str], None]]:
    """How a reply, and a sentence of ours, are written for a person at a terminal."""
    console = Console(markup=False, emoji=False, highlight=False)
    return lambda reply: show_in_colour(reply, console), console.print


def _show_plainly(reply: Reply) -> None:
    _tell_plainly(plain(reply))


def _tell_plainly(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def answer(
    batch: Annotated[Path, typer.Option(help="Questions, one JSON object a line.", metavar="IN.jsonl")],
    out: Annotated[Path, typer.Option(help="Where the answers go, in the same order.", metavar="OUT.jsonl")],
    library: LibraryOption = None,
) -> None:
    """Answers a file of questions, one JSON object a line."""
    questions = list(_questions(batch))
    answers = open_answers(library)
    _check_policies(questions, answers.searcher().library)
    _write(out, (json.dumps(_answered(answers, question), ensure_ascii=False) for question in questions))


def _write(out: Path, lines: Iterable[str]) -> None:
    """Writes a file in whole or not at all; what is no plain file (a pipe, /dev/stdout) is written to as it is."""
    if out.is_dir():
        raise BadOutput(out)
    try:
        if out.exists() and not out.is_file():  # asked of the link: what /dev/stdout leads to may have no name
            with out.open("w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
            return
        target = out.resolve()
        aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            with aside.open("w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise BadOutput(f"{out}: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class _Question:
    """A line of a batch: one message, or the turns of a conversation; ``place`` is its file and line, for errors."""

    id: object
    texts: tuple[str, ...]
    is_conversation: bool
    policy: str | None
    place: str


def open_answers(folder: Path | None) -> Answers:
    """Answers from the shipped policies, or from a folder of documents; the snapshot is built first if it must be."""
    settings = read_settings()
    encoder = MiniLM(kept=settings.encoder)
    clock = SystemClock()
    contacts = own_contacts(settings, clock)
    if folder is None:
        return Answers(published(settings, encoder, encoding()).searcher, clock, contacts)
    digest = snapshot.build(read_library(folder), encoder, settings.snapshots, encoding())
    searcher = Searcher(snapshot.load(settings.snapshots, digest, encoder), encoder)
    return Answers(lambda: searcher, clock, contacts)


def _questions(batch: Path) -> Iterator[_Question]:
    return (_question(place, data) for place, data in read_objects(batch))


def _question(place: str, data: Mapping[str, Any]) -> _Question:
    if "id" not in data or ("q" in data) == ("turns" in data):
        raise BadLine(place, "'id' and one of 'q' and 'turns' are wanted")
    texts = data.get("turns", [data.get("q")])
    policy = data.get("policy")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadLine(place, "'q' is a text, 'turns' a list of texts")
    if policy is not None and not isinstance(policy, str):
        raise BadLine(place, "'policy' is a slug or a path")
    policy = None if policy is None else posixpath.normpath(policy)
    return _Question(data["id"], tuple(texts), "turns" in data, policy, place)


def _check_policies(questions: Iterable[_Question], library: Library) -> None:
    """Finds a policy that is not there before anything is answered."""
    known = {policy.slug for policy in library.policies}
    for question in questions:
        if question.policy is not None and question.policy not in known:
            raise NoSuchPolicy(question.place, question.policy)


def _answered(answers: Answers, question: _Question) -> dict[str, Any]:
    conversation = Conversation(answers, Conversations(answers.clock))
    objects = [_object(conversation, question, text) for text in question.texts]
    return {"id": question.id, "turns": objects} if question.is_conversation else objects[0]


def _object(conversation: Conversation, question: _Question, text: str) -> dict[str, Any]:
    began = time.perf_counter()
    given = conversation.ask(Ask(text, question.policy, _HERE))
    return {"id": question.id, **answer_object(given), "ms": round((time.perf_counter() - began) * 1000, 3)}


def answer_object(answers: Sequence[Answer]) -> dict[str, Any]:
    """An answer with the keys of the contract, in their order; `id` and `ms` go around it.

    Of two answers to one message the verdict is the first's; the clauses are those that decide either, then the others.
    """
    answer = answers[0]
    first = [one.citations[0] for one in answers if one.citations]
    citations = tuple(dict.fromkeys((*first, *(cited for one in answers for cited in one.citations))))
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
            for citation in citations[:MOST_CITATIONS]
        ],
        "asks": list(dict.fromkeys(key for one in answers for key in one.asks)),
        "offers": list(dict.fromkeys(form for one in answers for form in one.offers)),
        "urgent": any(one.urgent for one in answers),
    }
