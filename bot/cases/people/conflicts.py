"""Whom a report is about: names and roles as they are typed, held against the directory, and kept as keyed hashes.

To be sure wrongly strikes somebody innocent and leaves in whoever was meant. So only a whole name, or a role that the
directory knows, is sure; whatever else comes near is asked of the sender.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import ConfigDict

from bot.cases.people.directory import Directory
from bot.cases.people.names import TITLES, Likeness, Name, Words, fold, likeness, name
from bot.cases.people.roles import TRUST, Person, Role
from knowledge.datafile import read_data

SHIPPED = Path(__file__).parent / "called.toml"

_FILLERS = frozenset({"the", "our", "my", "a", "an", "at", "this", "is", "current", "school", "schools", "here"})
_POSSESSIVE = re.compile(r"(?<=\w)['’]s(?!\w)|(?<=s)['’](?!\w)")  # noqa: RUF001 (apostrophes as typed)
"""Somebody else is meant: "the head's husband"."""
_BETWEEN_NAMES = re.compile(r"[\n;/&+]|\band\b|\bas well as\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a typed name means.

    Attributes:
        certain: who is meant without doubt: one person, or all who hold a role; they are struck without asking.
        close: whom it may mean: the sender is asked which of them, or none.
        who: it says a role that the directory does not know ("my line manager"): the sender is asked for the name.
    """

    certain: tuple[Person, ...] = ()
    close: tuple[Person, ...] = ()
    who: bool = False

    @property
    def sure(self) -> Person | None:
        """The first of those who are meant without doubt."""
        return self.certain[0] if self.certain else None

    @property
    def is_asked(self) -> bool:
        """Whether the sender has to be asked."""
        return bool(self.close) or self.who


@dataclass(frozen=True, slots=True)
class Resolution:
    """Whom all the typed names of a report mean.

    Attributes:
        struck: the ids of those who are meant for certain, or whom the sender has confirmed.
        asked: each typed name that the sender must be asked about, with whom it may mean.
    """

    struck: frozenset[str]
    asked: tuple[tuple[str, Match], ...] = field(repr=False)

    @property
    def held_back(self) -> frozenset[str]:
        """The ids of those who must not be told while the question is open, because there is nobody to ask any more."""
        return frozenset(person.id for _, match in self.asked for person in match.close)


@dataclass(frozen=True, slots=True)
class _Called:
    __pydantic_config__ = ConfigDict(extra="forbid")

    roles: tuple[Role, ...]
    words: tuple[str, ...]
    asks: bool = False


@dataclass(frozen=True, slots=True)
class _Short:
    __pydantic_config__ = ConfigDict(extra="forbid")

    names: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class _Words:
    """The file ``called.toml``."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    called: tuple[_Called, ...]
    short: _Short


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A typed text taken apart.

    Attributes:
        called: the role that it says, if any.
        rest: the words beside the role.
        name: the name in the rest.
        whole: all of it, taken as a name.
        is_plain: it is neither a question nor about somebody else of theirs.
        is_said: the role cannot be a surname: "Sian the head" is, "Sian Head" is not.
    """

    called: _Called | None
    rest: Words
    name: Name
    whole: Name
    is_plain: bool
    is_said: bool = False


def person_hash(key: bytes, person_id: str) -> str:
    """How the records name somebody whom a case is about: HMAC-SHA256 of the id, in hex.

    Args:
        key: 32 bytes, derived from the master key for this purpose alone.
        person_id: their id in the directory.
    """
    return hmac.new(key, person_id.encode(), hashlib.sha256).hexdigest()


def is_struck(key: bytes, person_id: str, hashes: Collection[str]) -> bool:
    """Whether somebody is among the struck of a case, as the records keep them."""
    return person_hash(key, person_id) in hashes


def names_in(text: str) -> tuple[str, ...]:
    """The names of a text, one by one: by line, semicolon, "and", comma; "Smith, John" and "Smith, the DSL" are one."""
    return tuple(name for part in _BETWEEN_NAMES.split(text) for name in _by_comma(part))


def _by_comma(part: str) -> list[str]:
    pieces = [piece.strip() for piece in part.split(",") if fold(piece)]
    if len(pieces) == 2:  # noqa: PLR2004 (a surname and a given name, or a name and a role)
        has_role = [_called(fold(piece))[0] is not None for piece in pieces]
        if any(has_role) and not all(has_role):
            return [" ".join(pieces)]
        if not any(has_role) and all(len(name(fold(piece)).words) == 1 for piece in pieces):
            return [" ".join(reversed(pieces))]
    return pieces


def resolve(
    names: Iterable[str], directory: Directory, school: str, on: date, confirmed: Mapping[str, str | None] | None = None
) -> Resolution:
    """Whom the typed names of a report mean, each asked about that is not certain.

    Pure: called again with another directory, it says whom the same names mean now.

    Args:
        names: as they were typed, one each.
        directory: who there is.
        school: where it was reported.
        on: the day, as the school has it.
        confirmed: what the sender answered: the id of whom a typed name means, or None for nobody here.
    """
    answered = confirmed or {}
    struck = {person for person in answered.values() if person}
    asked: list[tuple[str, Match]] = []
    for typed in names:
        if typed in answered:
            continue
        match = propose(typed, directory, school, on)
        struck |= {person.id for person in match.certain}
        if match.is_asked:
            asked.append((typed, match))
    return Resolution(frozenset(struck), tuple(asked))


def propose(typed: str, directory: Directory, school: str, on: date) -> Match:
    """Whom one typed name means.

    Args:
        typed: a name, a role in words, or both: "Mr Smith the DSL".
        directory: who there is.
        school: where it was reported: people elsewhere are asked about only where the whole name comes near.
        on: the day, as the school has it.
    """
    by_mail = tuple(one for one in directory.persons if one.mail and one.mail.casefold() == typed.strip().casefold())
    if by_mail:
        return Match(certain=by_mail)
    spoken = _spoken(typed)
    whole = _likes(spoken.whole, directory, school)
    if spoken.called is None or Likeness.SAME in whole.values():
        return _by_name(spoken, whole)
    meant = _holders(spoken.called.roles, directory, school, on)
    likes = _likes(spoken.name, directory, school)
    other = _called(spoken.rest)[0]
    if other or not spoken.called.roles:
        more = _holders(other.roles, directory, school, on) if other else ()
        return Match(close=_each(likes, meant, more), who=True)
    if spoken.rest or not spoken.is_plain:
        return _by_both(spoken, likes if spoken.is_said else whole | likes, meant)
    # Alan Head is a namesake of the head; the head teacher has none.
    namesakes = [one for one, like in whole.items() if like > Likeness.NEAR or len(spoken.whole.words) == 1]
    is_sure = not spoken.called.asks and len(spoken.called.roles) == 1 and not namesakes
    return Match(certain=meant) if is_sure else Match(close=_each(meant, namesakes))


def _by_name(spoken: _Spoken, likes: Mapping[Person, Likeness]) -> Match:
    same = [one for one, like in likes.items() if like is Likeness.SAME]
    rivals = [one for one, like in likes.items() if like is Likeness.CLOSE]
    if len(same) == 1 and not rivals and spoken.is_plain and not _contradicts(spoken.whole, same[0]):
        return Match(certain=(same[0],))
    return Match(close=tuple(likes))


def _by_both(spoken: _Spoken, likes: Mapping[Person, Likeness], meant: Sequence[Person]) -> Match:
    """A name and a role: sure where they agree on one person, in words that are all theirs."""
    agreed = [one for one in likes if one in meant]
    if len(agreed) == 1 and spoken.is_plain and not _contradicts(spoken.name, agreed[0]):
        known = _known_as(agreed[0])
        is_theirs = set(spoken.name.words) <= {word for words in known for word in words}
        has_surname = any(words[-1] in spoken.name.words for words in known)
        if is_theirs and (has_surname or (spoken.is_said and max(map(len, spoken.name.words)) > 1)):
            return Match(certain=(agreed[0],))
    return Match(close=_each(likes, meant))


def _each(*groups: Iterable[Person]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(person for group in groups for person in group))


def _likes(typed: Name, directory: Directory, school: str) -> dict[Person, Likeness]:
    """Everybody whom a typed name may mean, the likest first."""
    found: dict[Person, Likeness] = {}
    for person in directory.persons:
        like = max(likeness(typed.words, known, _words().short.names) for known in _known_as(person))
        if not any(holding.school in {school, TRUST} for holding in person.holds):
            like = Likeness.FAR if like < Likeness.CLOSE else Likeness.CLOSE
        if like:
            found[person] = like
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _known_as(person: Person) -> tuple[Words, ...]:
    return tuple(name(fold(known)).words for known in (person.name, *person.also))


def _contradicts(typed: Name, person: Person) -> bool:
    return typed.contradicts(name(fold(person.name)))


def _holders(roles: Iterable[Role], directory: Directory, school: str, on: date) -> tuple[Person, ...]:
    """Who holds a role now, and whoever is away and covered for: the sender may mean either."""
    found = [
        person
        for role in roles
        for person in (*directory.holders(role, school, on), *directory.covered(role, school, on))
    ]
    return tuple(dict.fromkeys(found))


def _spoken(typed: str) -> _Spoken:
    is_plain = "?" not in typed and not _POSSESSIVE.search(typed)
    folded = fold(_POSSESSIVE.sub("", typed))
    called, rest = _called(folded)
    if called is None or _is_titled(folded, rest):  # Mrs Head is a name
        return _Spoken(None, (), name(folded), name(folded), is_plain)
    whole, left = (tuple(word for word in words if word not in _FILLERS) for words in (folded, rest))
    is_said = len(whole) < len(folded) or len(folded) - len(rest) > 1
    return _Spoken(called, left, name(left), name(whole), is_plain, is_said)


def _is_titled(folded: Words, rest: Words) -> bool:
    """Whether a title and one word is all there is, and the word is a role's."""
    return len(folded) == 2 and len(rest) == 1 and folded[0] in TITLES  # noqa: PLR2004 (a title and a word)


def _called(folded: Words) -> tuple[_Called | None, Words]:
    """The longest phrase that says a role, and the words around it."""
    for length in range(min(len(folded), _longest()), 0, -1):
        for start in range(len(folded) - length + 1):
            called = _phrases().get(folded[start : start + length])
            if called:
                return called, folded[:start] + folded[start + length :]
    return None, folded


@cache
def _words() -> _Words:
    return read_data(SHIPPED, _Words)


@cache
def _phrases() -> Mapping[Words, _Called]:
    return {fold(phrase): called for called in _words().called for phrase in called.words}


@cache
def _longest() -> int:
    return max(map(len, _phrases()))
