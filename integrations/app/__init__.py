"""Puts everything together, once. Nothing here works at import."""

from integrations.app.at_desk import desk, inbox, induction, looks_after_induction, owning, policy_owners
from integrations.app.pages import COUNTED, REMINDED, TIDIED, counting, reminding, web
from integrations.app.told import (
    DirectoryMissing,
    Reports,
    SeveralSchools,
    Unwatched,
    leaving,
    master_keys,
    open_calendar,
    open_directory,
    open_reports,
    open_retention,
    places,
    restored,
)

__all__ = [
    "COUNTED",
    "REMINDED",
    "TIDIED",
    "DirectoryMissing",
    "Reports",
    "SeveralSchools",
    "Unwatched",
    "counting",
    "desk",
    "inbox",
    "induction",
    "leaving",
    "looks_after_induction",
    "master_keys",
    "open_calendar",
    "open_directory",
    "open_reports",
    "open_retention",
    "owning",
    "places",
    "policy_owners",
    "reminding",
    "restored",
    "web",
]
