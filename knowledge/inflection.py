"""The forms of English words, as far as it takes to know a word again in another form."""

import re
from functools import cache

_HISSING = ("s", "x", "z", "ch", "sh")
_DOUBLES = re.compile(r"[^aeiou][aeiou][^aeiouwxy]$")
"""tag: tagging. Of a longer word both spellings are given ("visitting"): that one is wrong harms nobody."""

_IRREGULAR = {
    "break": ("broke", "broken"),
    "buy": ("bought",),
    "come": ("came",),
    "drive": ("drove", "driven"),
    "get": ("got",),
    "give": ("gave", "given"),
    "have": ("has", "had"),
    "hurt": (),
    "keep": ("kept",),
    "leave": ("left",),
    "let": (),
    "make": ("made",),
    "meet": ("met",),
    "put": (),
    "ring": ("rang", "rung"),
    "run": ("ran",),
    "send": ("sent",),
    "speak": ("spoke", "spoken"),
    "take": ("took", "taken"),
    "tell": ("told",),
    "write": ("wrote", "written"),
}


def plural(noun: str) -> str:
    """The regular plural: pupils, classes, parties. What ends in s as "nudes" does is taken to be one already."""
    if _ends_in_consonant_and_y(noun):
        return noun[:-1] + "ies"
    if noun.endswith("s") and not noun.endswith(("ss", "us")):
        return noun
    return noun + ("es" if noun.endswith(_HISSING) else "s")


@cache  # few verbs, each asked for with many objects
def verb_forms(verb: str) -> tuple[str, ...]:
    """The verb itself and its forms: post, posts, posting, posted; take, takes, taking, took, taken."""
    third = verb + "es" if verb.endswith(_HISSING) else plural(verb)
    stems = [verb]
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        stems = [verb[:-1]]
    elif _DOUBLES.search(f"_{verb}"):
        stems = [verb, verb + verb[-1]]
    participles = [stem + "ing" for stem in stems]
    if verb in _IRREGULAR:
        past = list(_IRREGULAR[verb])
    else:
        past = [(stem[:-1] + "i" if _ends_in_consonant_and_y(stem) else stem) + "ed" for stem in stems]
    return tuple(dict.fromkeys([verb, third, *participles, *past]))


def _ends_in_consonant_and_y(word: str) -> bool:
    return word.endswith("y") and word[-2:-1] not in "aeiou"
