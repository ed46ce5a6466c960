"""Whom a report is about, by the names that it gives and the directory of a day."""

from collections.abc import Mapping
from datetime import date

from bot.cases.forms import progress
from bot.cases.forms.kinds import NOBODY_HERE, Lookup
from bot.cases.forms.model import Form
from bot.cases.people.conflicts import Match, names_in, propose, resolve
from bot.cases.people.directory import Directory


def lookup_in(directory: Directory, school: str, on: date) -> Lookup:
    """Whom a typed name may mean at a school on a day."""

    def proposed(typed: str) -> Match:
        return propose(typed, directory, school, on)

    return Lookup(proposed, names_in)


def struck_by(form: Form, answers: Mapping[str, str], directory: Directory, school: str, on: date) -> frozenset[str]:
    """The ids of those whom the names in a report mean, or may mean: all of them are struck.

    What the sender said of a name counts where they were asked; who is meant for certain is struck in any case. Asked
    again later it finds those too who came into the directory since.
    """
    lookup = lookup_in(directory, school, on)
    named = [
        one
        for question in form.question
        if question.struck and question.key in answers
        for one in progress.names_apart(answers[question.key], lookup)
    ]
    means = {
        one.name: None if one.person == NOBODY_HERE else one.person
        for one in named
        if one.person and lookup.propose(one.name).is_asked
    }
    found = resolve([one.name for one in named], directory, school, on, means)
    return found.struck | found.held_back
