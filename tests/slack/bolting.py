"""A small Bolt app as the fake's own tests use it: an ``AsyncApp`` at a fake Slack, and its HTTP route."""

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.slack.fake.slack import FakeSlack


def bolt(slack: FakeSlack) -> AsyncApp:
    """An app without listeners."""
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url, timeout=5)
    return AsyncApp(client=client, token=slack.bot_token, signing_secret=slack.signing_secret)


def routed(app: AsyncApp) -> Starlette:
    """Its route for HTTP."""
    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
