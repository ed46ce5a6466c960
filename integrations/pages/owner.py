"""The policy owner's pages: what was sent, what is counted, rulings, versions, and who changed what."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from bot.messages import (
    NEEDS_FRESH,
    ActAsOwner,
    ExportFile,
    OpenOwning,
    OwningPage,
    OwningView,
    Refusal,
    Reply,
)
from bot.owning.editions import MAX_DOCUMENT
from bot.wording import say
from integrations.pages.account import Account
from integrations.pages.inbox import Shown, closed, file_response, renewed, signed_out
from integrations.shown import owning_address
from integrations.web import inbound
from integrations.web.guard import MAX_BODY
from integrations.web.once import Once
from integrations.web.site import Site

UPLOADED = "/owner/versions"
"""Where a document is put in: the one address below /owner that takes more than other pages do."""

_ADDRESSES: tuple[tuple[str, OwningPage], ...] = (
    ("/owner", OwningPage.HOME),
    ("/owner/questions/{item}", OwningPage.ASKED),
    ("/owner/figures", OwningPage.FIGURES),
    ("/owner/rulings", OwningPage.RULINGS),
    ("/owner/rulings/{policy}/{item}", OwningPage.RULING),
    ("/owner/steps/{policy}/{item}", OwningPage.STEP),
    ("/owner/draft", OwningPage.DRAFT),
    ("/owner/health", OwningPage.HEALTH),
    (UPLOADED, OwningPage.VERSIONS),
    ("/owner/versions/{policy}/{item}", OwningPage.VERSION),
    ("/owner/changes", OwningPage.CHANGES),
)


def limit(otherwise: Callable[[Scope], int]) -> Callable[[Scope], int]:
    """How many bytes a request may bring: a document with its fields where one is put in."""

    def of(scope: Scope) -> int:
        is_upload = scope["method"] == "POST" and scope["path"] == UPLOADED
        return MAX_DOCUMENT + MAX_BODY if is_upload else otherwise(scope)

    return of


@dataclass(frozen=True, slots=True)
class Owner:
    """GET /owner and below shows a page of the policy owner; POST does something and goes on to where it is shown.

    Whether somebody is policy owner the desk decides each time; to whoever is not, none of these pages is there.
    """

    site: Site
    account: Account
    shown: Once[Shown]

    def routes(self) -> list[Route]:
        """The routes of the policy owner."""
        routes = []
        for path, page in _ADDRESSES:
            routes += [
                Route(path, self._opening(page), name=f"owner-{page}"),
                Route(path, self._acting(page), name=f"owner-{page}-act", methods=["POST"]),
            ]
        return routes

    def _opening(self, page: OwningPage) -> Callable[[Request], object]:
        async def open_page(request: Request) -> Response:
            return await self.open(request, page)

        return open_page

    def _acting(self, page: OwningPage) -> Callable[[Request], object]:
        async def act_on_page(request: Request) -> Response:
            return await self.act(request, page)

        return act_on_page

    async def open(self, request: Request, page: OwningPage) -> Response:
        """A page; after something was done, once with what that was."""
        person = self.site.sessions.person(request)
        if person is None:
            return closed(self.site, request)
        kept = self.shown.take(self.site.visitors.token(request))
        wanted = inbound.open_owning(request, page, person)
        reply, *_ = await self.site.tell(wanted)
        if not isinstance(reply, OwningView):
            return self._refused(request, reply)
        if (
            kept is not None
            and isinstance(kept.reply, OwningView)
            and (kept.person, kept.address) == (person, owning_address(wanted))
        ):
            reply = replace(reply, done=kept.reply.done)
        return self.site.reply_page(request, reply)

    async def act(self, request: Request, page: OwningPage) -> Response:
        """Does something, or gives it back with what is wrong and all that was typed."""
        async with request.form(max_files=1, max_fields=inbound.MAX_FIELDS) as form:
            fields = inbound.as_typed([(name, one) for name, one in form.multi_items() if isinstance(one, str)])
            files = [one for _, one in form.multi_items() if isinstance(one, UploadFile)]
            document = await _read(files[0]) if files and page is OwningPage.VERSIONS else None
        person = self.site.sessions.person(request)
        if person is None:
            return signed_out(self.site, request, fields)
        if not self.site.visitors.vouches(request, fields):
            return renewed(self.site, request)
        wanted = inbound.act_as_owner(request, fields, page, person, document)
        if wanted is None:
            return RedirectResponse(request.url.path, status_code=303)
        if wanted.act in NEEDS_FRESH and not self.site.sessions.is_fresh(request):
            return await self._again(request, wanted)
        reply, *_ = await self.site.tell(wanted)
        return self._led(request, wanted, reply)

    async def _again(self, request: Request, wanted: ActAsOwner) -> Response:
        """To sign in again, for what changes at once what everybody is answered from; not for whoever may not."""
        page = OpenOwning(wanted.person, wanted.page, wanted.policy, wanted.item, wanted.version)
        reply, *_ = await self.site.tell(page)
        return await self.account.closed(request) if isinstance(reply, OwningView) else self._refused(request, reply)

    def _led(self, request: Request, wanted: ActAsOwner, reply: Reply) -> Response:
        if isinstance(reply, ExportFile):
            return file_response(reply)
        if not isinstance(reply, OwningView):
            return self._refused(request, reply)
        if reply.goes_to is not None:
            address = owning_address(reply.goes_to)
            self.shown.put(self.site.visitors.token(request), Shown(wanted.person, address, reply))
            return RedirectResponse(address, status_code=303)
        return self.site.reply_page(request, reply, 422 if reply.has_errors else 200)

    def _refused(self, request: Request, reply: Reply) -> Response:
        """What is not there, and what is not theirs, alike; what cannot be shown just now, in words."""
        if reply == Refusal(say("refusal.NothingHere")):
            raise HTTPException(404)
        return self.site.reply_page(request, reply, 503)


async def _read(file: UploadFile) -> tuple[str, bytes]:
    """The name and all of a document: no more than ``limit`` lets in."""
    return file.filename or "", await run_in_threadpool(file.file.read)
