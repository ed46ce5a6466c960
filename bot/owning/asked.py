"""What staff sent to the policy owner, and what comes near it: rulings, clauses, and topics without an answer."""

from collections.abc import Iterable

from bot.messages import Asked, AskedRow, Near
from bot.owning.grouping import Meanings
from bot.talk.feedback.sent import SentQuestion, Standing
from bot.wording import say
from index.search import Searcher
from knowledge.overlay import Target, ToClause, ToRuling, ToTopic

MOST_NEAR, MOST_TOPICS = 4, 3
"""How many rulings and clauses are proposed, each, and how many topics."""

RULING, CLAUSE, TOPIC, NEW_TOPIC = "ruling", "clause", "topic", "topic:"
"""What stands before the colon of a proposal; a topic without an id is a new one."""

_SHORT = 160


def row(question: SentQuestion) -> AskedRow:
    """A question as a list shows it."""
    return AskedRow(
        question.id, question.sent.date(), question.text, question.verdict, standing(question),
        question.waits_for_answer,
    )  # fmt: skip


def standing(question: SentQuestion) -> str:
    """How far it has come, in words."""
    done = say(f"owning.how.{question.how}", what=question.what) if question.how else ""
    told = say("owning.how.told") if question.standing is Standing.ANSWERED else ""
    return " ".join(filter(None, (done, told))) or say("owning.how.new")


def groups(questions: Iterable[SentQuestion], meanings: Meanings) -> tuple[tuple[AskedRow, ...], ...]:
    """Those of which nothing is made yet, those that mean the like together."""
    new = [one for one in questions if one.standing is Standing.NEW]
    found = meanings.groups([one.text for one in new])
    return tuple(tuple(row(new[place]) for place in group) for group in found)


def asked(  # noqa: PLR0913 (each a part of the page)
    question: SentQuestion,
    policy: str,
    everything: tuple[tuple[AskedRow, ...], ...],
    searcher: Searcher,
    *,
    words: str = "",
    sought: str = "",
    chosen: str = "",
    about: str = "",
    problems: tuple[str, ...] = (),
) -> Asked:
    """One question, with what comes near it, or near other words."""
    like = next((group for group in everything if question.id in {one.id for one in group}), ())
    near, topics = proposals(searcher, sought or words or question.text, policy)
    return Asked(
        row=row(question),
        policy=policy,
        labels=question.labels,
        reply_to=question.reply_to,
        told=question.told,
        like=tuple(one for one in like if one.id != question.id),
        words=words or question.text,
        near=near,
        topics=topics,
        sought=sought,
        chosen=chosen,
        about=about,
        problems=problems,
    )


def proposals(searcher: Searcher, words: str, policy: str) -> tuple[tuple[Near, ...], tuple[Near, ...]]:
    """The rulings and clauses that come near some words, and the topics on which the policy is silent."""
    among = policy if policy in {one.slug for one in searcher.library.policies} else None
    found = searcher.search(words, among, MOST_NEAR)
    rulings = [one.ruling for one, _ in found.understood.rulings if one.policy == policy][:MOST_NEAR]
    near = [Near(f"{RULING}:{one.id}", say("owning.near.ruling", name=one.id), one.about) for one in rulings]
    for hit in found.hits:
        label = str(hit.clause.label)
        near.append(Near(f"{CLAUSE}:{label}", say("owning.near.clause", name=label), _short(hit.clause.text)))
    silent = [one.topic for one, _ in found.understood.topics if one.policy == policy][:MOST_TOPICS]
    topics = [Near(f"{TOPIC}:{one.id}", say("owning.near.topic", name=one.id), one.about) for one in silent]
    return tuple(near), tuple(topics)


def target(value: str) -> Target | None:
    """What a proposal stands for; None for what is none."""
    kind, _, name = value.partition(":")
    match kind:
        case "ruling" if name:
            return ToRuling(name)
        case "clause" if name:
            return ToClause(name)
        case "topic" if name:
            return ToTopic(name)
    return None


def named(to: Target) -> str:
    """The id or label of a target."""
    return to.label if isinstance(to, ToClause) else to.id


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rsplit(" ", 1)[0] + "…"
