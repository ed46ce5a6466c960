"""Readings: what the document itself says of a clause, found by rule: who must, should or may do what, and when."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.model import Clause
from knowledge.phrases import CLAUSE_EDGE, SUBORDINATE, Force, Phrases, Term, TermKind, Who, phrases

_PERSONS = re.compile(r"\b(?:they|individuals?)\s*(?:also|therefore|,)?\s*$|\b(?:them|their)\b", re.IGNORECASE)
_THINGS = re.compile(r"\bwhere (?:they|it)\s*$", re.IGNORECASE)
_THESE = re.compile(r"\b(?:these|this)\s*(?:also|therefore|,)?\s*$", re.IGNORECASE)
_NEITHER = re.compile(r"(?:nor|neither)\b", re.IGNORECASE)
_NEGATED = re.compile(r"(?:never|do not|don't|not|avoid)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween (?P<parties>[^,;]*)", re.IGNORECASE)
_OPPOSITE = {Force.MUST: Force.MUST_NOT, Force.SHOULD: Force.SHOULD_NOT}
_SUBJECT_WORDS = 8
"""How far after "it is essential that" its subject is looked for."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that a clause says of somebody.

    Attributes:
        who: whom it binds; empty where the document names nobody.
        force: how strongly.
        sentence: the sentence of the clause that says it, verbatim.
        conditions: words of it that say when it holds.
        exceptions: words of it that take something out.
        approvals: words of it that name a consent or permission it turns on.
        governed: whether the lead-in, not the clause's own words, gives the force.
    """

    who: frozenset[Who]
    force: Force
    sentence: str
    conditions: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    governed: bool = False

    @property
    def is_for_staff(self) -> bool:
        """Whether staff may take it as said to them: it names them, everyone, their school, or nobody."""
        return not self.who or bool(self.who & {Who.STAFF, Who.EVERYONE, Who.SCHOOL})


def read(clause: Clause) -> tuple[Reading, ...]:
    """What a clause says of whom, in the order of its text; nothing for background, facts and definitions."""
    known = phrases()
    leads = _stated(clause.lead_in or "", frozenset(), known)
    readings: list[Reading] = []
    who: frozenset[Who] = frozenset()
    for number, sentence in enumerate(clause.sentences):
        stated = _stated(sentence, who, known)
        if number == 0 and leads and not stated:
            stated = [_governed(sentence, leads[-1], known)]
        readings += stated
        who = (stated[-1].who if stated else None) or known.people(sentence) or who
    return tuple(readings)


def _governed(sentence: str, lead: Reading, known: Phrases) -> Reading:
    """A bullet that hangs from "... must ensure that they:"."""
    force = _OPPOSITE.get(lead.force, lead.force) if _NEGATED.match(sentence) else lead.force
    return _with_terms(Reading(lead.who, force, sentence, governed=True), known.terms(sentence, ()))


def _stated(sentence: str, before: frozenset[Who], known: Phrases) -> list[Reading]:
    """What one sentence says in its own words; ``before`` is whom the sentence before it was about, for a pronoun."""
    modals = known.modals(sentence)
    terms = known.terms(sentence, modals)
    readings: list[Reading] = []
    start = since = 0
    for number, modal in enumerate(modals):
        following = modals[number + 1] if number + 1 < len(modals) else None
        is_whole = following is not None and _introduces(modal)
        end = len(sentence) if is_whole or following is None else _edge(sentence, modal.end(), following.start())
        action = sentence[modal.end() : end]
        who = _bound(sentence[since : modal.start()], modal, action, before, known)
        since = modal.end()
        if modal[0].startswith("will") and not who - {Who.SCHOOL}:
            continue  # it tells what will happen, not what somebody is to do
        force = known.force(modal)
        if is_whole and following is not None and force is not Force.ADVISED and following[0] != "will":
            force = known.force(following)  # "It is expected that staff will always": the later word says how strongly
        mine = [term for term in terms if start <= term.start < end]
        if force is not Force.ADVISED and who != {Who.STAFF} and known.is_duty_of_school(who, action):
            who, mine = frozenset({Who.SCHOOL}), [term for term in mine if term.start < modal.start()]
        mine = [term for term in mine if term.kind is not TermKind.SUBJECT or term.start < modal.start()]
        shared = [term for term in terms if term.opens and term not in mine]
        readings.append(_with_terms(Reading(who, force, sentence), [*shared, *mine]))
        if _NEITHER.match(modal[0]) and number:
            readings[-2] = _with_terms(readings[-2], mine)
        if is_whole:
            break
        before, start = who or before, end
    return readings


def _introduces(modal: re.Match[str]) -> bool:
    """Whether what is said stands in the sentence after it: "It is essential that ..."."""
    return modal[0].casefold().endswith(" that")


def _edge(sentence: str, start: int, end: int) -> int:
    """Where between two modals the second statement begins."""
    edges = [edge.start() for edge in CLAUSE_EDGE.finditer(sentence, start, end)]
    return edges[-1] if edges else end


def _bound(words: str, modal: re.Match[str], action: str, before: frozenset[Who], known: Phrases) -> frozenset[Who]:
    """Whom it binds: the subject, which may stand after the modal; or whoever it is done by; or those before."""
    if _introduces(modal):
        begin = " ".join(action.split()[:_SUBJECT_WORDS])
        return (
            known.named_first(action) or known.people(begin) or (before if begin.startswith("they ") else frozenset())
        )
    main = words[words.rindex(",") + 1 :] if SUBORDINATE.match(words) and "," in words else words
    subject = known.people(main) or known.people(words) or known.people(modal[0])
    if found := subject or known.named_first(action) or known.agent(action):
        return found
    if _THINGS.search(words):
        return frozenset()
    if parties := _BETWEEN.search(words):
        return known.people(parties["parties"])
    goes_on = not words.strip() or CLAUSE_EDGE.fullmatch(words.rsplit(maxsplit=1)[-1]) or _NEITHER.match(modal[0])
    refers = _PERSONS.search(words) or (_THESE.search(words) and not modal[0].startswith("will"))
    return before if goes_on or refers else frozenset()


def _with_terms(reading: Reading, terms: Sequence[Term]) -> Reading:
    def of(*kinds: TermKind) -> tuple[str, ...]:
        return tuple(term.text for term in terms if term.kind in kinds)

    return replace(
        reading,
        conditions=reading.conditions + of(TermKind.CONDITION, TermKind.SUBJECT),
        exceptions=reading.exceptions + of(TermKind.EXCEPTION),
        approvals=reading.approvals + of(TermKind.APPROVAL),
    )
