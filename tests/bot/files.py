"""Files to attach, made up: small ones that are what they seem, by their first bytes."""

import hashlib
from collections.abc import Iterator

from bot.messages import Attachment

CANARY = b"the canary in the file sings behind the bicycle shed "

HEADS = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1",
    "webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
}
OTHERS = {
    "exe": b"MZ\x90\0\x03\0\0\0",
    "zip": b"PK\3\4\x14\0\0\0",
    "docx": b"PK\3\4\x14\0\6\0",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "gif": b"GIF89a",
    "mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    "elf": b"\x7fELF\2\1\1",
    "text": b"hello there",
    "pdf later": b"hello there %PDF-1.7",
    "nulls": bytes(64),
}


def content(kind: str = "pdf", size: int = 4000) -> bytes:
    """A file of a kind, so long, with the canary in it again and again."""
    head = HEADS.get(kind) or OTHERS[kind]
    return (head + CANARY * (size // len(CANARY) + 1))[: max(size, len(head))]


def attachment(body: bytes, name: str = "what I saw.pdf") -> Attachment:
    """A file as a platform took it."""

    def chunks() -> Iterator[bytes]:
        for at in range(0, len(body), 65536):
            yield body[at : at + 65536]

    return Attachment(name, len(body), hashlib.sha256(body).hexdigest(), chunks)
