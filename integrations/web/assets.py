"""The files that every page uses, read once and served with a digest in their address: style, scripts, icon.

They are the greater part of what a first visit loads, so they are sent compressed. Pages are not: what stands in one
may be somebody's, and the length of what was compressed together with it would tell of it.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

OWN = Path(__file__).parent / "static"

_FOREVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=300"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file.

    Attributes:
        content: its bytes.
        compressed: the same by gzip.
        media_type: what it is.
        digest: the first 16 hexadecimal digits of its SHA-256.
    """

    content: bytes
    compressed: bytes
    media_type: str
    digest: str


class Assets:
    """All the files, by name."""

    def __init__(self) -> None:
        """Reads them: ours, and htmx from the package django-htmx, which carries it (no Django is needed for that)."""
        htmx = files("django_htmx").joinpath("static", "django_htmx", "htmx-2.min.js")
        self._assets: Mapping[str, Asset] = {
            **{path.name: _asset(path.name, path.read_bytes()) for path in sorted(OWN.iterdir())},
            "htmx.js": _asset("htmx.js", htmx.read_bytes()),
        }

    def address(self, name: str) -> str:
        """Where a browser gets a file; the address changes with its content.

        Raises:
            KeyError: there is no file of that name.
        """
        return f"/static/{name}?v={self._assets[name].digest}"

    def routes(self) -> list[Route]:
        """The routes to serve them by."""
        return [Route("/static/{name}", self._serve)]

    async def _serve(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        is_exact = request.query_params.get("v") == asset.digest
        packed = "gzip" in request.headers.get("accept-encoding", "")
        headers = {
            "Cache-Control": _FOREVER if is_exact else _BRIEFLY,
            "ETag": f'"{asset.digest}{"-gzip" if packed else ""}"',
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
        content = asset.compressed if packed else asset.content
        return Response(content, media_type=asset.media_type, headers=headers)


def _asset(name: str, content: bytes) -> Asset:
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Asset(content, gzip.compress(content, mtime=0), _TYPES[Path(name).suffix], digest)
