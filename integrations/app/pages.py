"""The web application, put together; and what the worker does for it besides, each so and so often."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from starlette.applications import Starlette

from bot.cases.forms.model import load_forms
from bot.cases.reports.attachments import shipped_rules
from bot.desk import Desk
from bot.ports import Clock, Milestones
from bot.talk.feedback.insights import Insights
from index.search import Shelf
from integrations.answering import own_overlay
from integrations.app.at_desk import desk
from integrations.app.told import Reports, Unwatched
from integrations.settings import Settings
from integrations.web.attach import attach
from integrations.web.elsewhere import Provider
from integrations.web.sign_in import OneTimeLinks
from integrations.web.uploads import Uploads

COUNTED = 5.0
"""Seconds for which counts are held in memory, and after a kill are lost, before they are written."""

TIDIED = 3600.0
"""Seconds from one look at what is kept no longer to the next."""

REMINDED = 60.0
"""Seconds from one look at whom to remind of their induction to the next."""


def counting(insights: Insights) -> tuple[tuple[str, Callable[[], object], float], ...]:
    """What the worker does for the insights: writes what was counted, and takes away what is kept no longer."""
    return ("counts", insights.flush, COUNTED), ("insights", insights.tidy, TIDIED)


def reminding(bot: Desk) -> tuple[str, Callable[[], object], float]:
    """What the worker does for the induction: tells whoever is to sign, or to go on."""
    return "induction", bot.leading.reminding.look, REMINDED


def web(  # noqa: PLR0913 (each is a part that is put together here)
    settings: Settings,
    shelf: Shelf,
    reports: Reports,
    clock: Clock,
    links: OneTimeLinks,
    *,
    insights: Insights,
    milestones: Milestones | None = None,
    heartbeat: Callable[[], bool] | None = None,
    bot: Desk | None = None,
    providers: Sequence[Provider] = (),
) -> Starlette:
    """The web application: chat, forms, inbox and policies; without a worker its heartbeat is stopped.

    ``bot`` is the desk that it shares with chat platforms; without one it has its own. Where people may sign in
    elsewhere (``providers``) it answers to the address that is set as well: they come back to it.
    """

    def health() -> None:  # without the insights: asking and telling go on without them
        shelf.searcher()
        reports.check()

    if bot is None:
        heard = milestones or Unwatched()
        bot = desk(shelf.searcher, reports, insights, clock, heard, attachments=settings.attachments)
    overlay = own_overlay(settings, clock)
    public = urlsplit(settings.address).hostname if providers else None
    return attach(
        bot,
        lambda: shelf.searcher().library.policies,
        csrf_key=reports.keys.derive("csrf"),
        clock=clock,
        links=links,
        sessions=reports.sessions,
        is_live=settings.is_live,
        uploads=Uploads(settings.attached, shipped_rules()) if settings.attachments else None,
        health=health,
        heartbeat=heartbeat or bool,
        forms={name: form.title for name, form in load_forms().items()},
        hosts=(f"[{settings.host}]" if ":" in settings.host else settings.host, *filter(None, (public,))),
        providers=providers,
        directory=reports.directory,
        owns=bot.owning.may if bot.owning is not None else lambda _person: False,
        version=overlay.versions.published,
    )
