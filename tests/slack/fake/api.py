"""The Web API of the fake Slack: what each method does, after its token, scopes and arguments were checked."""

from collections import deque
from collections.abc import Callable
from typing import Any

from tests.slack.fake.arguments import METHODS, checked
from tests.slack.fake.blocks import check_message, check_unfurl, check_view
from tests.slack.fake.payloads import edited
from tests.slack.fake.views import Views, with_ids
from tests.slack.fake.world import APP, Answerable, Channel, Json, Message, Refused, Team, User, World

LONGEST_TEXT = 40_000
PROMPTS = 4


class WebApi:
    """Answers calls; ``Refused`` where Slack says ``"ok": false``."""

    def __init__(self, world: World, views: Views, app_token: str, socket_url: Callable[[], str]) -> None:
        self.posted: deque[tuple[Team, Channel, Json]] = deque()
        self._world = world
        self._views = views
        self._app_token = app_token
        self._socket_url = socket_url

    def call(self, name: str, token: str | None, given: Json) -> tuple[Json, str, Json]:
        """What the method gives back, for which workspace, and the arguments as they were read.

        Raises:
            Refused: what is called, with what, or by whom is wrong.
        """
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", name)
        if not token:
            raise Refused("not_authed")
        if method.is_for_app:
            if token != self._app_token:
                raise Refused("invalid_auth" if token.startswith("xapp-") else "not_allowed_token_type")
            return {"url": self._socket_url()}, "", checked(name, given)
        if token == self._app_token:
            raise Refused("not_allowed_token_type")
        team = self._world.by_token(token)
        if team is None:
            raise Refused("invalid_auth")
        if given.get("team_id", team.id) != team.id:  # slack_sdk names the workspace in each call
            raise Refused("team_access_not_granted")
        arguments = checked(name, {key: value for key, value in given.items() if key != "team_id"})
        self._granted(team, method.scopes)
        doing: Callable[[Team, Any], Json] = getattr(self, "_" + name.replace(".", "_").lower())
        return doing(team, arguments), team.id, arguments

    @staticmethod
    def _granted(team: Team, scopes: frozenset[str]) -> None:
        missing = sorted(scopes - team.scopes)
        if missing:
            raise Refused("missing_scope", needed=",".join(missing), provided=",".join(sorted(team.scopes)))

    # ------------------------------------------------------------------------------------ who and where

    @staticmethod
    def _auth_test(team: Team, _: Json) -> Json:
        return {
            "url": f"https://{team.domain}.slack.com/",
            "team": team.name,
            "user": "touchstone",
            "team_id": team.id,
            "user_id": team.bot,
            "bot_id": team.bot_id,
            "is_enterprise_install": False,
        }

    @staticmethod
    def _auth_revoke(team: Team, given: Json) -> Json:
        if not given.get("test"):
            team.revoke()
        return {"revoked": not given.get("test")}

    def _users_info(self, team: Team, given: Json) -> Json:
        return {"user": self._user(team, given["user"]).payload()}

    def _user(self, team: Team, user: str) -> User:
        if user not in team.users:
            raise Refused("user_not_found")
        return team.users[user]

    def _conversations_open(self, team: Team, given: Json) -> Json:
        if ("users" in given) == ("channel" in given):
            raise Refused("invalid_arguments", "either users or channel")
        if "channel" in given:
            return {"channel": self._channel(team, given["channel"]).payload(team.bot)}
        users = str(given["users"]).split(",")
        if len(users) != 1:
            self._granted(team, frozenset({"mpim:write"}))
        user = self._user(team, users[0])
        if user.deleted:
            raise Refused("user_disabled")
        if user.is_bot:
            raise Refused("cannot_dm_bot")
        made = team.im(user.id)
        return {"channel": made.payload(team.bot) if given.get("return_im") else {"id": made.id}}

    def _conversations_info(self, team: Team, given: Json) -> Json:
        channel = self._channel(team, given["channel"])
        kinds = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}
        self._granted(team, frozenset({kinds[channel.kind]}))
        return {"channel": channel.payload(team.bot)}

    @staticmethod
    def _channel(team: Team, channel: str) -> Channel:
        found = team.channels.get(channel)
        if found is None or (found.kind != "channel" and team.bot not in found.members):
            raise Refused("channel_not_found")
        return found

    def _writable(self, team: Team, channel: str) -> Channel:
        if channel.startswith("U") and channel in team.users:  # a user's id stands for the direct messages
            return team.im(channel)
        found = self._channel(team, channel)
        if found.is_archived:
            raise Refused("is_archived")
        if team.bot not in found.members:
            raise Refused("not_in_channel")
        return found

    # ------------------------------------------------------------------------------------ installing

    def install(self, client: tuple[str, str], given: Json, known: tuple[str, str]) -> tuple[Json, str]:
        """What ``oauth.v2.access`` says to a code, and of which workspace: a bot's token, which it did not have before.

        Raises:
            Refused: the app or the code is wrong, or the code was used, or is for another address.
        """
        if client[0] != known[0]:
            raise Refused("invalid_client_id")
        if client[1] != known[1]:
            raise Refused("bad_client_secret")
        unknown = sorted(set(given) - {"code", "redirect_uri", "grant_type"})
        if unknown:
            raise Refused("invalid_arguments", f"unknown arguments {unknown}")
        grant = self._world.grants.pop(str(given.get("code")), None)
        if grant is None:
            raise Refused("invalid_code")
        if self._world.clock.now() - grant.made > self._world.GRANT_LIVES:
            raise Refused("code_expired")
        if given.get("redirect_uri", "") != grant.redirect_uri:
            raise Refused("bad_redirect_uri")
        team = self._world.teams[grant.team]
        told: Json = {
            "access_token": team.bot_token,
            "token_type": "bot",
            "scope": ",".join(sorted(team.scopes)),
            "bot_user_id": team.bot,
            "app_id": APP,
            "team": {"id": team.id, "name": team.name},
            "enterprise": None,
            "is_enterprise_install": False,
            "authed_user": {"id": grant.user},
        }
        return told, team.id

    # ------------------------------------------------------------------------------------ messages

    def _said(self, given: Json) -> tuple[str, list[Json]]:
        text, blocks = str(given.get("text") or ""), list(given.get("blocks") or [])
        if not text and not blocks:
            raise Refused("no_text")
        if not text:
            raise Refused("invalid_arguments", "blocks without text: a notification would have nothing to show")
        if len(text) > LONGEST_TEXT:
            raise Refused("msg_too_long")
        check_message(blocks)
        return text, with_ids(blocks)

    def _thread(self, team: Team, channel: Channel, given: Json) -> str | None:
        thread = given.get("thread_ts")
        if thread is None:
            return None
        parent = team.message(channel.id, thread)
        if parent is None or parent.thread_ts not in (None, thread):
            raise Refused("thread_not_found")
        return str(thread)

    def _chat_postmessage(self, team: Team, given: Json) -> Json:
        channel = self._writable(team, given["channel"])
        text, blocks = self._said(given)
        made = self.post(team, channel.id, text, blocks, self._thread(team, channel, given))
        return {"channel": channel.id, "ts": made.ts, "message": made.payload()}

    def _chat_postephemeral(self, team: Team, given: Json) -> Json:
        channel = self._writable(team, given["channel"])
        text, blocks = self._said(given)
        if given["user"] not in channel.members:
            raise Refused("user_not_in_channel")
        thread = self._thread(team, channel, given)
        if thread is not None and not team.has_replies(channel.id, thread):
            # Slack says ok and shows it to nobody: "only shown if there is already an active thread"
            raise Refused("shown_to_nobody", "an ephemeral message in a thread that has no reply yet")
        return {"message_ts": self.post(team, channel.id, text, blocks, thread, to=given["user"]).ts}

    def post(  # noqa: PLR0913, PLR0917 (a message has so many parts)
        self, team: Team, channel: str, text: str, blocks: list[Json], thread: str | None, to: str | None = None
    ) -> Message:
        """Puts a message of the app where it belongs."""
        made = Message(
            team.id, channel, self._world.clock.stamp(), team.bot, text, blocks, thread, to, bot_id=team.bot_id
        )
        team.messages.append(made)
        if to is None:
            where = team.channels[channel]
            event = {"channel": channel, "channel_type": where.kind, "event_ts": made.ts}
            self.posted.append((team, where, made.payload() | event))
        return made

    def _own(self, team: Team, given: Json, refusal: str) -> Message:
        channel = self._writable(team, given["channel"])
        found = team.message(channel.id, given["ts"])
        if found is None:
            raise Refused("message_not_found")
        if found.user != team.bot:
            raise Refused(refusal)
        return found

    def _chat_update(self, team: Team, given: Json) -> Json:
        found = self._own(team, given, "cant_update_message")
        before = found.payload()
        found.text, found.blocks = self._said(given)
        found.is_edited = True
        where = team.channels[found.channel]
        self.posted.append((team, where, edited(where, before, found, self._world.clock.stamp())))
        return {"channel": found.channel, "ts": found.ts, "text": found.text, "message": found.payload()}

    def _chat_delete(self, team: Team, given: Json) -> Json:
        found = self._own(team, given, "cant_delete_message")
        team.messages.remove(found)
        return {"channel": found.channel, "ts": found.ts}

    def _chat_unfurl(self, team: Team, given: Json) -> Json:
        if not ({"channel", "ts"} <= set(given)) ^ ({"unfurl_id", "source"} <= set(given)):
            raise Refused("invalid_arguments", "either channel and ts, or unfurl_id and source")
        wanted = [given.get(key, "") for key in ("unfurl_id", "source", "channel", "ts")]
        for known, links in self._world.links.items():
            told = [known, links.source, links.channel, links.ts]
            if links.team == team.id and (wanted[:2] == told[:2] or wanted[2:] == told[2:]):
                break
        else:
            raise Refused("cannot_find_message")
        if not given["unfurls"] or set(given["unfurls"]) - set(links.urls):
            raise Refused("cannot_unfurl_url", "a link that is not in the message")
        for url, unfurl in given["unfurls"].items():
            if set(unfurl) != {"blocks"}:
                raise Refused("invalid_arguments", "an unfurl is blocks")
            check_unfurl(unfurl["blocks"])
            links.shown[url] = unfurl["blocks"]
        return {}

    def _chat_getpermalink(self, team: Team, given: Json) -> Json:
        channel = self._channel(team, given["channel"])
        if team.message(channel.id, given["message_ts"]) is None:
            raise Refused("message_not_found")
        stamp = str(given["message_ts"]).replace(".", "")
        return {
            "channel": channel.id,
            "permalink": f"https://{team.domain}.slack.com/archives/{channel.id}/p{stamp}",
        }

    def answer(self, answerable: Answerable, given: Json) -> None:
        """What is posted to a response address.

        Raises:
            Refused: too late, too often, or not a message.
        """
        team = self._world.teams[answerable.team]
        if self._world.clock.now() - answerable.made > self._world.ANSWERABLE_LIVES:
            raise Refused("expired_url")
        answerable.uses += 1
        if answerable.uses > self._world.ANSWERS:
            raise Refused("used_url")
        known = {"text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts", "mrkdwn"}
        known |= {"unfurl_links", "unfurl_media", "metadata"}
        if set(given) - known:
            raise Refused("invalid_arguments", f"unknown arguments {sorted(set(given) - known)}")
        original = answerable.message
        if given.get("delete_original"):
            if original is None or original not in team.messages:
                raise Refused("message_not_found")
            team.messages.remove(original)
            return
        text, blocks = self._said(given)
        if given.get("replace_original"):
            if original is None or original not in team.messages:
                raise Refused("message_not_found")
            original.text, original.blocks, original.is_edited = text, blocks, True
            return
        self.respond(team, answerable.user, answerable.channel, given | {"text": text, "blocks": blocks})

    def respond(self, team: Team, user: str, channel: str, given: Json) -> None:
        """A message in answer to a command or an action: to one person, unless it says ``in_channel``.

        Raises:
            Refused: neither of the two, or not a message.
        """
        kind = given.get("response_type", "ephemeral")
        if kind not in {"ephemeral", "in_channel"}:
            raise Refused("invalid_arguments", f"response_type {kind}")
        text, blocks = self._said(given)
        self.post(team, channel, text, blocks, given.get("thread_ts"), to=user if kind == "ephemeral" else None)

    # ------------------------------------------------------------------------------------ views

    def _views_open(self, team: Team, given: Json) -> Json:
        view = check_view(given["view"], {"modal"})
        trigger = self._world.use_trigger(given.get("trigger_id", ""), team)
        if self._views.top(trigger.user) is not None:
            raise Refused("invalid_arguments", "a modal is open already: push onto it, or update it")
        return {"view": self._views.open(team, trigger.user, view).payload()}

    def _views_push(self, team: Team, given: Json) -> Json:
        view = check_view(given["view"], {"modal"})
        trigger = self._world.use_trigger(given.get("trigger_id", ""), team)
        return {"view": self._views.push(team, trigger.user, view).payload()}

    def _views_update(self, team: Team, given: Json) -> Json:
        if ("view_id" in given) == ("external_id" in given):
            raise Refused("invalid_arguments", "either view_id or external_id")
        view = check_view(given["view"], {"modal", "home"})
        found = self._views.find(team, given.get("view_id", ""), given.get("external_id", ""))
        return {"view": self._views.update(found, view, given.get("hash", "")).payload()}

    def _views_publish(self, team: Team, given: Json) -> Json:
        view = check_view(given["view"], {"home"})
        user = self._user(team, given["user_id"])
        if user.deleted or user.is_bot:
            raise Refused("not_enabled")
        return {"view": self._views.publish(team, user.id, view, given.get("hash", "")).payload()}

    # ------------------------------------------------------------------------------------ agent view

    def _assisted(self, team: Team, given: Json) -> Channel:
        channel = self._channel(team, given["channel_id"])
        self._thread(team, channel, given)
        return channel

    def _assistant_threads_setstatus(self, team: Team, given: Json) -> Json:
        self._assisted(team, given)
        return {}

    def _assistant_threads_settitle(self, team: Team, given: Json) -> Json:
        self._assisted(team, given)
        return {}

    def _assistant_threads_setsuggestedprompts(self, team: Team, given: Json) -> Json:
        channel = self._assisted(team, given)
        if channel.kind != "im":
            raise Refused("invalid_arguments", "prompts are for direct messages")
        prompts = given["prompts"]
        if not 1 <= len(prompts) <= PROMPTS:
            raise Refused("invalid_arguments", f"{len(prompts)} prompts")
        for prompt in prompts:
            if set(prompt) != {"title", "message"} or not all(
                isinstance(each, str) and each for each in prompt.values()
            ):
                raise Refused("invalid_arguments", "a prompt is a title and a message")
        return {}
