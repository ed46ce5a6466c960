"""Signing in with an account that the school has elsewhere: the port that a platform fills, and the way there and back.

The way is that of OAuth 2.0 with PKCE (RFC 7636) and of OpenID Connect: the browser is sent away with a state, comes
back with a code, and the code is exchanged from server to server. A platform's part is a ``Provider``; what must hold
whatever the platform is stands here.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from starlette.requests import Request

from bot.cases.people.directory import Directory
from bot.cases.people.sessions import Proof
from bot.ports import Clock
from integrations.web.visitors import cookie
from knowledge.errors import TouchstoneError

TRIP = "touchstone_trip"

TRIP_LASTS = timedelta(minutes=10)
"""How long somebody may take to sign in elsewhere."""

_TRIP = re.compile(r"([\w-]{43})\.(\d{1,12})\.([0-9a-f]{64})", re.ASCII)
_SOON = timedelta(minutes=5)
"""How far ahead of ours another server's clock may be."""


class NotSignedIn(TouchstoneError):
    """You could not be signed in there; begin again from the page that you wanted to open."""


@dataclass(frozen=True, slots=True)
class Trip:
    """What a browser takes along to a platform and must bring back; every part is another one each time.

    Attributes:
        state: comes back beside the code.
        nonce: must stand in what the platform signs.
        verifier: is shown to the platform with the code; what the browser took along is only its digest.
        back: the address to come back to.
    """

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    back: str

    @property
    def challenge(self) -> str:
        """The digest of the verifier (RFC 7636, method S256)."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a platform says that it is.

    Attributes:
        account: the id that the platform never gives to anybody else, as it stands in the directory.
        at: when they last showed it who they are, in UTC.
    """

    account: str
    at: datetime


class Provider(Protocol):
    """A platform that staff of the school have accounts with. It lets in nobody of another school's tenant."""

    @property
    def name(self) -> str:
        """As it stands in addresses and in ``Proof.way``, and the key of the directory that has its accounts' ids."""

    @property
    def title(self) -> str:
        """As people know it."""

    def away(self, trip: Trip) -> str:
        """The https address at the platform to which the browser is sent.

        It must make the person show who they are now, even if the platform knows them already: a case is opened to a
        fresh sign-in, and a platform that only says what it knew this morning would send them round and round.
        """

    def exchanged(self, trip: Trip, code: str) -> Known:
        """Who it is: exchanges the code, and checks signature, issuer, audience, tenant, expiry and nonce.

        Raises:
            NotSignedIn: any of it does not hold.
        """


class Trips:
    """Sends browsers to a platform and takes them back.

    Nothing is kept here: state, nonce and verifier are derived from an id that the browser holds in a cookie, so any
    process takes back whom another one sent. The cookie opens nothing by itself.
    """

    def __init__(self, key: bytes, clock: Clock) -> None:
        """Takes 32 bytes, the same in every process."""
        self._key = key
        self._clock = clock

    def begin(self, request: Request, provider: Provider) -> tuple[Trip, str]:
        """A new trip, and what its cookie holds."""
        trip_id = secrets.token_urlsafe(32)
        issued = str(int(self._clock.now().timestamp()))
        held = f"{trip_id}.{issued}.{self._mac(provider, trip_id, issued)}"
        return self._trip(request, provider, trip_id), held

    def finish(self, request: Request, provider: Provider, directory: Directory) -> Proof:
        """Who came back; the trip cannot be made again.

        Raises:
            NotSignedIn: the browser did not set out from here, or too long ago, or for another platform; the platform
                does not say who it is; nobody in the directory has that account.
        """
        trip = self._under_way(request, provider)
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if not code or not hmac.compare_digest(state.encode(), trip.state.encode()):
            raise NotSignedIn
        known = provider.exchanged(trip, code)
        now = self._clock.now()
        if known.at > now + _SOON:
            raise NotSignedIn
        person = account_of(directory, provider.name, known.account)
        return Proof(person, provider.name, min(known.at, now))

    def _under_way(self, request: Request, provider: Provider) -> Trip:
        held = _TRIP.fullmatch(cookie(request, TRIP))
        if held is None or not hmac.compare_digest(held[3], self._mac(provider, held[1], held[2])):
            raise NotSignedIn
        age = self._clock.now().timestamp() - int(held[2])
        if not 0 <= age < TRIP_LASTS.total_seconds() + 1:
            raise NotSignedIn
        return self._trip(request, provider, held[1])

    def _trip(self, request: Request, provider: Provider, trip_id: str) -> Trip:
        state, nonce, verifier = (self._derived(what, trip_id) for what in ("state", "nonce", "verifier"))
        back = f"{request.url.scheme}://{request.url.netloc}/sign-in/with/{provider.name}/back"
        return Trip(state, nonce, verifier, back)

    def _mac(self, provider: Provider, trip_id: str, issued: str) -> str:
        said = f"trip\x1f{provider.name}\x1f{trip_id}\x1f{issued}"
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()

    def _derived(self, what: str, trip_id: str) -> str:
        digest = hmac.new(self._key, f"{what}\x1f{trip_id}".encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def account_of(directory: Directory, platform: str, account: str) -> str:
    """The id in the directory of whoever has an account there.

    Raises:
        NotSignedIn: nobody has it.
    """
    owners = [person.id for person in directory.persons if account and getattr(person, platform, "") == account]
    if len(owners) != 1:
        raise NotSignedIn
    return owners[0]
