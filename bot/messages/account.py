"""Who somebody is here, and whom they confirm in a role."""

from dataclasses import dataclass

from bot.messages.receiving import ChronologyRow


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """A signed-in person looks at who they are here.

    Attributes:
        signed_in: their id in the directory; the platform has verified it.
    """

    signed_in: str


@dataclass(frozen=True, slots=True)
class ConfirmHolder:
    """A signed-in person confirms that somebody else holds a role; the platform has seen to a fresh sign-in.

    Attributes:
        signed_in: their id in the directory; the platform has verified it.
        holder: the id of whom they confirm.
        role: the name of the role.
    """

    signed_in: str
    holder: str
    role: str


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """Somebody who is named for a role and may open nothing yet: whom, and the role by its name and in words."""

    person: str
    name: str
    role: str
    role_name: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """Who somebody is here.

    Attributes:
        name: theirs.
        roles: those in which they may act, in words.
        waiting: those that nobody has confirmed yet, in words.
        confirmers: who could; empty if nobody can.
        to_confirm: whom they may confirm.
        log: who was confirmed, by whom and when, the newest first; for those who may confirm.
    """

    name: str
    roles: tuple[str, ...]
    waiting: tuple[str, ...] = ()
    confirmers: tuple[str, ...] = ()
    to_confirm: tuple[ToConfirm, ...] = ()
    log: tuple[ChronologyRow, ...] = ()
