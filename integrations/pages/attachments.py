"""A file that came with a case: handed over as it is, recorded, and never shown."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot.messages import AttachmentContent
from integrations.web import inbound
from integrations.web.guard import SANDBOX
from integrations.web.site import Site


@dataclass(frozen=True, slots=True)
class Attachments:
    """GET /inbox/<reference>/attachments/<id>: as every address below a case, by a fresh sign-in alone (``KnowsWho``).

    Whatever the file is, it is sent as bytes to be saved, under a name of ours, and sandboxed should a browser show it
    all the same.
    """

    site: Site

    def routes(self) -> list[Route]:
        """The route of a file."""
        return [Route("/inbox/{reference}/attachments/{attachment}", self.download)]

    async def download(self, request: Request) -> Response:
        """The file, once that it was taken is recorded; not for a HEAD, which would record what was none."""
        if request.method != "GET":
            raise HTTPException(405)
        person = self.site.sessions.person(request) or ""
        reply, *_ = await self.site.tell(inbound.open_attachment(request, person))
        if not isinstance(reply, AttachmentContent):
            return self.site.reply_page(request, reply, 404)
        headers = {
            "Content-Disposition": f'attachment; filename="{reply.filename}"',
            "Content-Length": str(reply.size),
            "Content-Security-Policy": SANDBOX,
        }
        return StreamingResponse(reply.chunks, media_type="application/octet-stream", headers=headers)
