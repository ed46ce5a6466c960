"""Knows a browser again, so that a form is taken only from the browser it was shown to (against CSRF)."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "touchstone_visitor"
_HOST_ONLY = "__Host-"
"""What a browser takes only over https, for this host alone, and from no neighbour of it (RFC 6265bis, 4.1.3.2)."""
FIELD = "csrf"
"""The name of the hidden field that carries the token."""

_ID = re.compile(r"[\w-]{43}", re.ASCII)


class Visitors:
    """Gives each browser a random id in a cookie, and each form a token that only this browser's id makes valid.

    Nothing is kept: the token is an HMAC of the id, so a form that is open in a tab survives a restart of the server.
    """

    def __init__(self, key: bytes) -> None:
        """Takes the key for the tokens: 32 random bytes, the same after a restart."""
        self._key = key

    def token(self, request: Request) -> str:
        """The token to put into the forms of a page, for the visitor who asked for it."""
        return self._token(self._visitor(request))

    def vouches(self, request: Request, fields: Mapping[str, str]) -> bool:
        """Whether the fields carry the token of the visitor who sends them."""
        visitor = _known(request)
        sent = fields.get(FIELD, "")
        return visitor is not None and hmac.compare_digest(self._token(visitor).encode(), sent.encode())

    def mark(self, request: Request, purpose: str) -> str:
        """What stands for this visitor in a cookie for one purpose: another visitor's is another."""
        visitor = self._visitor(request)
        return hmac.new(self._key, f"{purpose}\x1f{visitor}".encode(), hashlib.sha256).hexdigest()[:32]

    def keep(self, request: Request, response: Response) -> None:
        """Sets the cookie, if the visitor came without one."""
        if _known(request) is None:
            set_cookie(request, response, COOKIE, self._visitor(request))

    def _token(self, visitor: str) -> str:
        return hmac.new(self._key, b"csrf" + visitor.encode(), hashlib.sha256).hexdigest()

    def _visitor(self, request: Request) -> str:
        """The id of the visitor; a new one is the same for the whole request."""
        known = _known(request)
        if known is not None:
            return known
        if not hasattr(request.state, "new_visitor"):
            request.state.new_visitor = secrets.token_urlsafe(32)
        visitor: str = request.state.new_visitor
        return visitor


def cookie(request: Request, name: str) -> str:
    """What the browser sends under one of our names; empty for nothing.

    Over https only under the name that no neighbouring website can set.
    """
    return request.cookies.get(_name(request, name), "")


def set_cookie(request: Request, response: Response, name: str, value: str, *, lasts: int | None = None) -> None:
    """Sets a cookie that no script can read and no other site can make a browser send.

    It lasts until the browser closes, or for so many seconds. A plain name on this machine's own http, where a browser
    would take no other.
    """
    response.set_cookie(
        _name(request, name), value, max_age=lasts, path="/", secure=_is_https(request), httponly=True,
        samesite="strict",
    )  # fmt: skip


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Takes one of our cookies from the browser."""
    response.delete_cookie(_name(request, name), path="/", secure=_is_https(request), httponly=True, samesite="strict")


def forget(request: Request, response: Response) -> None:
    """Takes the visitor's id from the browser: the next page gives a new one, and tokens of before are no good."""
    drop_cookie(request, response, COOKIE)


def _known(request: Request) -> str | None:
    visitor = cookie(request, COOKIE)
    return visitor if _ID.fullmatch(visitor) else None


def _is_https(request: Request) -> bool:
    return request.url.scheme == "https"


def _name(request: Request, name: str) -> str:
    return f"{_HOST_ONLY}{name}" if _is_https(request) else name
