"""A policy as it was signed: all its words as one text with a digest, and what changed in its clauses since."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from bot.cases.people.signatures import SignOffsDamaged, document_digest
from bot.messages import ChangedClause
from knowledge.locks import Words, words_of
from knowledge.model import Clause, Policy
from knowledge.numbering import Label

_ALIKE = 0.5
"""From which share of common words on two clauses under different labels are taken for one that was changed."""


@dataclass(frozen=True, slots=True)
class Document:
    """The words of a policy in one version.

    Attributes:
        text: all of it, as it is kept: JSON, the same signs for the same words.
        digest: its SHA-256, in hexadecimal.
        policy: the slug.
        title: the policy's.
        version: as stated; None where it states none.
        approved: the month of approval, such as 2023-07; empty where it states none.
        clauses: every clause's words, in order.
    """

    text: str
    digest: str
    policy: str
    title: str
    version: str | None
    approved: str
    clauses: tuple[Words, ...]

    @property
    def words(self) -> frozenset[str]:
        """The digests of its clauses: what a signature rests on, wherever each stands and however it is numbered."""
        return frozenset(one.digest for one in self.clauses)


def document_of(policy: Policy) -> Document:
    """A policy's words as they stand now; every word of the source is in them."""
    approved = f"{policy.approved:%Y-%m}" if policy.approved else ""
    said = {
        "policy": policy.slug,
        "title": policy.title,
        "version": policy.version,
        "approved": approved,
        "text": [[one.kind.value, one.marker, one.text] for one in policy.passages],
        "clauses": [[str(one.label), one.headings, one.lead_in, one.text] for one in policy.clauses],
    }
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    clauses = tuple(words_of(clause) for clause in policy.clauses)
    return Document(text, document_digest(text), policy.slug, policy.title, policy.version, approved, clauses)


def read_document(text: str, digest: str) -> Document:
    """A policy's words as they were kept.

    Raises:
        SignOffsDamaged: they are not those that were signed.
    """
    if document_digest(text) != digest:
        raise SignOffsDamaged
    said = json.loads(text)
    clauses = tuple(_words(said["policy"], one) for one in said["clauses"])
    return Document(text, digest, said["policy"], said["title"], said["version"], said["approved"], clauses)


def changed(old: Document, new: Document) -> tuple[ChangedClause, ...]:
    """What changed from one version to another, clause by clause, in the order of the newer one.

    Clauses whose words stand somewhere in both are left out, whatever number they bear. Of the others, those are taken
    for one clause that changed which bear the same label or, between the same neighbours, have most words in common.
    """
    gone_before = [one for one in old.clauses if one.digest not in new.words]
    came = [one for one in new.clauses if one.digest not in old.words]
    by_label = {one.label: one for one in gone_before}
    pairs: dict[str, Words] = {one.label: by_label[one.label] for one in came if one.label in by_label}
    taken = {one.label for one in pairs.values()}
    for one in came:
        if one.label in pairs:
            continue
        likely = [other for other in gone_before if other.label not in taken]
        best = max(likely, key=lambda other: _alike(one, other), default=None)
        if best is not None and _alike(one, best) >= _ALIKE:
            pairs[one.label] = best
            taken.add(best.label)
    return tuple(_in_order(came, gone_before, pairs, old.clauses))


def _in_order(
    came: Sequence[Words], gone: Sequence[Words], pairs: dict[str, Words], before: Sequence[Words]
) -> Iterator[ChangedClause]:
    """Changed and new clauses in the order of the new version; each that is gone where it stood in the old one."""
    places = {one.label: place for place, one in enumerate(before)}
    left = [one for one in gone if one.label not in {other.label for other in pairs.values()}]
    for one in came:
        old = pairs.get(one.label)
        if old is not None:
            while left and places[left[0].label] < places[old.label]:
                first = left.pop(0)
                yield ChangedClause(first.label, first, None)
        yield ChangedClause(one.label, old, one, old.label if old and old.label != one.label else "")
    yield from (ChangedClause(one.label, one, None) for one in left)


def _alike(one: Words, other: Words) -> float:
    return Indel.normalized_similarity(one.text.split(), other.text.split())


def _words(policy: str, said: Sequence[object]) -> Words:
    """A clause's words as ``knowledge.locks`` makes them of any clause now, whatever made them when it was signed."""
    label, headings, lead_in, text = said
    named = (tuple(map(str, headings)) if isinstance(headings, list) else (), str(lead_in) if lead_in else None)
    return words_of(Clause(policy, Label.parse(str(label)), *named, str(text), 1, None))
