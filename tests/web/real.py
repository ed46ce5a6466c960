"""The web application over the real desk: real forms, real records, real keys."""

from starlette.applications import Starlette

from bot.cases.forms.model import load_forms
from bot.cases.people.sessions import Sessions
from bot.desk import Desk
from bot.ports import Clock
from integrations.web.attach import attach
from integrations.web.sign_in import OneTimeLinks
from integrations.web.uploads import Uploads
from tests.web.conftest import KEY


def application(
    desk: Desk, clock: Clock, links: OneTimeLinks | None = None, uploads: Uploads | None = None
) -> Starlette:
    return attach(
        desk,
        tuple,
        csrf_key=KEY,
        clock=clock,
        links=links or OneTimeLinks(clock),
        sessions=Sessions(desk.inbox.store, KEY, clock),
        health=lambda: None,
        forms={name: form.title for name, form in load_forms().items()},
        pause=at_once,
        uploads=uploads,
        owns=desk.owning.may if desk.owning is not None else lambda _person: False,
    )


async def at_once(_seconds: float) -> None:
    """Nobody waits in a test."""
