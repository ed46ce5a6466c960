"""Files that a browser sends with a form: taken as they come, within limits, and never on the disk in clear."""

import hashlib
import re
import secrets
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Scope

from bot.cases.keys.chunks import CHUNK, SEALED_CHUNK, ChunkSeal
from bot.cases.reports.attachments import Rules
from bot.messages import Attachment
from integrations.web.guard import MAX_BODY
from integrations.web.inbound import MAX_FIELDS, as_typed
from knowledge.disk import make_folder

FIELD = "attachment"
"""The name of the field for files."""

MAX_UPLOAD = 1024 * MAX_BODY
"""How many bytes a form with files may bring: far more than may be kept, for what is too large must be read to its end
before the form can be given back with all that was written, and said to be too large. What is over is not kept."""

_FORM = re.compile(r"/forms/[a-z_]{1,64}", re.ASCII)
_MOST_PARTS = 100


class Spool:
    """A file on its way: sealed under a key that only this object has, in a file without a name.

    Whoever takes the disk, while it is written or later, has nothing. What is over the limit is counted and not kept.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        """Makes an empty one.

        Args:
            folder: where; the file has no name there.
            limit: bytes to keep.
        """
        self.size = 0
        self.failed = False
        self._folder = folder
        self._limit = limit
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._chunks = 0
        self._seal = ChunkSeal(secrets.token_bytes(32), "upload")
        self._file: BinaryIO | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of all that came."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        """Takes the next bytes. Where the disk is full it only counts: what was written beside it must still arrive."""
        self.size += len(data)
        if self.size <= self._limit and not self.failed:
            self._digest.update(data)
            self._waiting += data
            while len(self._waiting) >= CHUNK and not self.failed:
                self._store(CHUNK)
        return len(data)

    def seek(self, _position: int) -> int:
        """Ends what is written: it is read by ``chunks``."""
        if self._waiting and not self.failed:
            self._store(len(self._waiting))
        return 0

    def chunks(self) -> Iterator[bytes]:
        """What was taken, from its beginning."""
        for number in range(self._chunks):
            if self._file is None:
                return
            self._file.seek(number * SEALED_CHUNK)
            yield self._seal.unchunk(self._file.read(SEALED_CHUNK), number, is_last=False)

    def close(self) -> None:
        """Lets go of it: it is gone from the disk, and so is its key."""
        if self._file is not None:
            with suppress(OSError):  # what was still to be written to a full disk
                self._file.close()

    def _store(self, size: int) -> None:
        try:
            if self._file is None:
                make_folder(self._folder)
                self._file = cast("BinaryIO", TemporaryFile(dir=self._folder))  # noqa: SIM115 (open until ``close``)
            self._file.seek(self._chunks * SEALED_CHUNK)
            self._file.write(self._seal.chunk(bytes(self._waiting[:size]), self._chunks, is_last=False))
            self._file.flush()
        except OSError:
            self.failed = True
        del self._waiting[:size]
        self._chunks += 1


class _Parser(MultiPartParser):
    """Starlette's, with spools for its temporary files, and one limit for all fields together."""

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], folder: Path, rules: Rules) -> None:
        super().__init__(headers, stream, max_files=_MOST_PARTS, max_fields=MAX_FIELDS, max_part_size=MAX_BODY)
        self._folder, self._rules = folder, rules
        self._of_fields = 0
        self.spools: list[Spool] = []

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        made = self._current_part.file
        if made is not None:
            self._files_to_close_on_error.pop().close()
            limit = self._rules.largest if len(self.spools) < self._rules.most else 0
            spool = Spool(self._folder, limit)
            self.spools.append(spool)
            self._current_part.file = UploadFile(cast("BinaryIO", spool), size=0, filename=made.filename)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is None:
            self._of_fields += end - start
            if self._of_fields > MAX_BODY:
                raise HTTPException(413)
        super().on_part_data(data, start, end)


@dataclass(frozen=True, slots=True)
class Uploads:
    """Takes forms with files.

    Attributes:
        folder: where files are spooled, sealed.
        rules: how many and how large.
    """

    folder: Path
    rules: Rules

    @staticmethod
    def limit(scope: Scope) -> int:
        """How many bytes a request may bring: more than others only what sends a form with files."""
        kind = Headers(scope=scope).get("content-type", "")
        is_form = scope["method"] == "POST" and _FORM.fullmatch(scope["path"]) is not None
        return MAX_UPLOAD if is_form and kind.startswith("multipart/form-data") else MAX_BODY

    async def posted(self, request: Request) -> "Posted":
        """The text fields and the files of a posted form; close it when it has been answered.

        Raises:
            HTTPException: 400 for a body that is no form, 413 for one that is too large.
        """
        parser = _Parser(request.headers, request.stream(), self.folder, self.rules)
        try:
            form = await parser.parse()
        except BaseException as failure:
            for spool in parser.spools:
                spool.close()
            if isinstance(failure, MultiPartException | KeyError):
                raise HTTPException(400) from None
            raise
        files = [value for name, value in form.multi_items() if not isinstance(value, str) and name == FIELD]
        named = [(one.filename or "", cast("Spool", one.file)) for one in files]
        sent = [(name, spool) for name, spool in named if name or spool.size]  # a field that was left empty sends one
        attachments = tuple(Attachment(name, spool.size, spool.digest, spool.chunks) for name, spool in sent)
        texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        return Posted(as_typed(texts), attachments, tuple(parser.spools))


@dataclass(frozen=True, slots=True)
class Posted:
    """What a form brought."""

    fields: Mapping[str, str]
    attachments: tuple[Attachment, ...]
    spools: Sequence[Spool] = ()

    @property
    def has_failed(self) -> bool:
        """Whether a file could not be taken, as when the disk is full."""
        return any(spool.failed for spool in self.spools)

    def close(self) -> None:
        """Lets go of the files."""
        for spool in self.spools:
            spool.close()
