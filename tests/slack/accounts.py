"""The part of Slack that installs an app and signs people in: a real HTTP server, with keys of its own."""

import json
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from slack_sdk.web import WebClient

from integrations.slack.manifest import SCOPES
from integrations.slack.quiet import QUIET

CLIENT_ID, CLIENT_SECRET = "1234.5678", "s3cr3t-of-the-app"
TEAM, USER, TOKEN = "T0SCHOOL", "U0ANN", "xoxb-1-installed"


@dataclass
class Accounts:
    """What it answers; every test changes what it is about.

    Attributes:
        codes: codes that are good once, with the address that they go back to.
        user: what ``users.info`` says.
        claims: what is signed, over what is usual.
        installed: what ``oauth.v2.access`` says, over what is usual.
        tested: what ``auth.test`` says, over what is usual.
        scopes: what stands in the header of its answers.
        tokens: those that are good.
        broken: methods that answer with this status.
        kid: what the key is called by which it signs.
        signed_by: what it signs with instead of its key, to be found out.
        heard: the methods that were called, with what came.
    """

    codes: dict[str, str] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=lambda: {"id": USER, "team_id": TEAM})
    claims: dict[str, Any] = field(default_factory=dict)
    installed: dict[str, Any] = field(default_factory=dict)
    tested: dict[str, Any] = field(default_factory=dict)
    scopes: str = ",".join(SCOPES)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    broken: dict[str, int] = field(default_factory=dict)
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    algorithm: str = "RS256"
    port: int = 0
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    kid: str = "one"
    signed_by: Any = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def client(self) -> WebClient:
        return WebClient(base_url=self.base, timeout=5, logger=QUIET)

    @property
    def keys(self) -> jwt.PyJWKClient:
        return jwt.PyJWKClient(f"http://127.0.0.1:{self.port}/keys", timeout=5)

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        usual = {
            "iss": "https://slack.com", "aud": CLIENT_ID, "sub": USER, "iat": now, "exp": now + 300, "auth_time": now,
            "nonce": nonce, "https://slack.com/team_id": TEAM, "https://slack.com/user_id": USER,
        }  # fmt: skip
        claims = {name: value for name, value in (usual | self.claims).items() if value is not None}
        return jwt.encode(claims, self.signed_by or self.key, algorithm=self.algorithm, headers={"kid": self.kid})

    def answer(self, method: str, given: dict[str, str], basic: str, bearer: str) -> dict[str, Any]:
        self.heard.append((method, given))
        if method in {"oauth.v2.access", "openid.connect.token"}:
            if basic != f"{CLIENT_ID}:{CLIENT_SECRET}":
                return {"ok": False, "error": "bad_client_secret"}
            if self.codes.pop(given.get("code", ""), None) != given.get("redirect_uri"):
                return {"ok": False, "error": "invalid_code"}
        elif bearer not in self.tokens or (method == "users.info" and given.get("user") != USER):
            return {"ok": False, "error": "invalid_auth"}
        said: dict[str, dict[str, Any]] = {
            "openid.connect.token": {"access_token": "xoxp-1", "id_token": self.id_token(given.get("code", ""))},
            "oauth.v2.access": {
                "access_token": TOKEN, "token_type": "bot", "scope": ",".join(SCOPES), "app_id": "A1",
                "bot_user_id": "U0BOT", "team": {"id": TEAM, "name": "Oakfield"}, "is_enterprise_install": False,
                **self.installed,
            },
            "auth.test": {"team": "Oakfield", "team_id": TEAM, "bot_id": "B1", "user_id": "U0BOT", **self.tested},
            "users.info": {"user": self.user},
            "auth.revoke": {"revoked": True},
            "apps.connections.open": {"url": "wss://127.0.0.1/"},
        }  # fmt: skip
        return {"ok": True} | said.get(method, {"ok": False, "error": "unknown_method"})


@contextmanager
def accounts() -> Iterator[Accounts]:
    """Serves it."""
    state = Accounts()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = json.loads(RSAAlgorithm.to_jwk(state.key.public_key())) | {
                "kid": state.kid,
                "alg": "RS256",
                "use": "sig",
            }
            self._send(200, {"keys": [key]})

        def do_POST(self) -> None:
            method = self.path.rpartition("/")[2]
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            given = {name: values[0] for name, values in parse_qs(body).items()}
            way, _, shown = self.headers.get("Authorization", "").partition(" ")
            basic = b64decode(shown).decode() if way == "Basic" else ""
            bearer = shown if way == "Bearer" else ""
            said = state.answer(method, given, basic, bearer)
            self._send(state.broken.get(method, 200), said)

        def _send(self, status: int, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-oauth-scopes", state.scopes)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()
