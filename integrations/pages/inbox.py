"""The inbox of a person whose job it is, a case of it with what can be done to it, and what is taken out or deleted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.messages import ActForm, ActOnCase, CaseView, ExportFile, Incoming, Refusal, Reply, RetentionView
from bot.wording import say
from integrations.incidents import report
from integrations.web import inbound
from integrations.web.once import Once
from integrations.web.site import Site, press_again


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody is shown once after they did something.

    Attributes:
        person: who did it.
        address: where it is shown.
        reply: what is shown.
    """

    person: str
    address: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Inbox:
    """GET /inbox lists the cases of the person who is signed in; GET /inbox/<reference> opens one.

    POST to /inbox/<reference> does something to it and goes back to its page, which is shown as the act left it: that
    is no further look. POST to /inbox/<reference>/export and /inbox/export gives cases out. GET /inbox/review shows
    what is due to be deleted; POST to /inbox/review/<reference> keeps or deletes one.
    """

    site: Site
    shown: Once[Shown]

    def routes(self) -> list[Route]:
        """The routes of the inbox."""
        return [
            Route("/inbox", self.list),
            Route("/inbox/export", self.take_all, methods=["POST"]),
            Route("/inbox/review", self.review),
            Route("/inbox/review/{reference}", self.decide, methods=["POST"]),
            Route("/inbox/{reference}", self.open),
            Route("/inbox/{reference}", self.act, methods=["POST"]),
            Route("/inbox/{reference}/export", self.take, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        """What was sent to the person who is signed in."""
        person = self.site.sessions.person(request)
        if person is None:
            return closed(self.site, request)
        return await self._shown(request, inbound.open_inbox(person))

    async def open(self, request: Request) -> Response:
        """One case; the desk decides whether this person may see it, and records that they looked."""
        person = self.site.sessions.person(request)
        if person is None:
            return closed(self.site, request)
        if (kept := self._kept(request, person)) is not None:
            return self.site.reply_page(request, kept)
        return await self._shown(request, inbound.open_case(request, person))

    async def act(self, request: Request) -> Response:
        """Does something to a case, once however often it comes; then its page, or the form with what was typed."""
        fields = await inbound.posted(request)
        person = self.site.sessions.person(request)
        if person is None:
            return signed_out(self.site, request, fields)
        said = inbound.act_on_case(request, fields, person)
        if said is None:
            return RedirectResponse(request.url.path, status_code=303)
        if not self.site.visitors.vouches(request, fields):
            return await self._again(request, inbound.open_case(request, person), said, 403)
        try:
            reply, *_ = await self.site.tell(said)
        except Exception as error:  # noqa: BLE001 (whatever broke below, what was typed must not be lost)
            again = inbound.open_case(request, person)
            return await self._again(request, again, said, 500, say("page.not_done", incident=report(error)))
        return self._led(request, person, reply)

    async def review(self, request: Request) -> Response:
        """What is due to be looked at before it is deleted."""
        person = self.site.sessions.person(request)
        if person is None:
            return closed(self.site, request)
        if (kept := self._kept(request, person)) is not None:
            return self.site.reply_page(request, kept)
        return await self._shown(request, inbound.open_retention(person))

    async def decide(self, request: Request) -> Response:
        """Keeps or deletes what is due."""
        fields = await inbound.posted(request)
        person = self.site.sessions.person(request)
        if person is None:
            return signed_out(self.site, request, fields)
        said = inbound.act_on_case(request, fields, person)
        if said is None or not self.site.visitors.vouches(request, fields):
            return renewed(self.site, request)
        if not self.site.sessions.is_fresh(request):
            return RedirectResponse("/inbox/review", status_code=303)  # which asks them to sign in again
        reply, *_ = await self.site.tell(said)
        return self._led(request, person, reply, "/inbox/review")

    async def take(self, request: Request) -> Response:
        """One case as a file."""
        return await self._taken(request, (str(request.path_params["reference"]),))

    async def take_all(self, request: Request) -> Response:
        """Those that were ticked as a file, else all."""
        return await self._taken(request, ())

    async def _taken(self, request: Request, references: tuple[str, ...]) -> Response:
        fields = await inbound.posted(request)
        person = self.site.sessions.person(request)
        if person is None:
            return signed_out(self.site, request, fields)
        if not self.site.visitors.vouches(request, fields):
            return renewed(self.site, request)
        reply, *_ = await self.site.tell(inbound.export_cases(fields, person, references))
        return file_response(reply) if isinstance(reply, ExportFile) else self._refused(request, reply)

    def _led(self, request: Request, person: str, reply: Reply, address: str = "") -> Response:
        """To the page of what was done, where it is shown once; what was given back is shown here."""
        if isinstance(reply, CaseView | RetentionView) and reply.done:
            address = address or f"/inbox/{request.path_params['reference']}"
            self.shown.put(self.site.visitors.token(request), Shown(person, address, reply))
            return RedirectResponse(address, status_code=303)
        if isinstance(reply, CaseView):
            return self.site.reply_page(request, self._given_back(request, reply), 422)
        if isinstance(reply, RetentionView):
            return self.site.reply_page(request, reply, 422)
        return self._refused(request, reply)

    def _given_back(self, request: Request, case: CaseView) -> CaseView:
        """A case whose form is given back: to a sign-in that is not fresh no more of it than what was just typed."""
        return (
            case if self.site.sessions.is_fresh(request) else replace(case, answers=(), chronology=(), attachments=())
        )

    def _kept(self, request: Request, person: str) -> Reply | None:
        """What this person is to be shown here once, after what they did."""
        kept = self.shown.take(self.site.visitors.token(request))
        is_theirs = kept is not None and (kept.person, kept.address) == (person, request.url.path)
        return kept.reply if kept is not None and is_theirs else None

    async def _again(
        self, request: Request, incoming: Incoming, said: ActOnCase, status: int, notice: str = ""
    ) -> Response:
        """The case with what was typed, and a sentence that says why it was not done."""
        reply, *_ = await self.site.tell(incoming)
        if isinstance(reply, CaseView):
            given_back = tuple(with_answers(act, said) if act.act is said.act else act for act in reply.acts)
            notice = notice or press_again(say("page.button"))
            reply = replace(reply, acts=given_back, notice=notice, open=said.act)
            return self.site.reply_page(request, self._given_back(request, reply), status)
        return self._refused(request, reply)

    async def _shown(self, request: Request, incoming: Incoming) -> Response:
        reply, *_ = await self.site.tell(incoming)
        return self._refused(request, reply) if isinstance(reply, Refusal) else self.site.reply_page(request, reply)

    def _refused(self, request: Request, reply: Reply) -> Response:
        return self.site.reply_page(request, reply, 404)


def with_answers(form: ActForm, said: ActOnCase) -> ActForm:
    """An act with what was typed into it."""
    questions = (replace(one, value=said.answers.get(one.key, "")) for one in form.questions)
    return replace(form, form=said.form or form.form, questions=tuple(questions))


def file_response(file: ExportFile) -> Response:
    """A file to be saved; its name says nothing of what is in it."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)


def signed_out(site: Site, request: Request, fields: Mapping[str, str]) -> Response:
    """What whoever is signed in no longer is shown when they send something: nothing of it, for who is it now?"""
    return closed(site, request) if site.visitors.vouches(request, fields) else renewed(site, request)


def renewed(site: Site, request: Request) -> Response:
    """What is shown where the check against other websites failed."""
    title = say("page.renewed_title")
    return site.message(request, 403, title, press_again(say("page.go_back")))


def closed(site: Site, request: Request) -> Response:
    """What whoever is not signed in is shown in the place of what is somebody's."""
    return site.message(
        request,
        403,
        say("account.inbox"),
        say("account.inbox_link"),
        say("account.inbox_before"),
    )
