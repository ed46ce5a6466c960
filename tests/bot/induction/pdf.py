"""Reads the words of a PDF that fpdf2 made, by the tables in it that say which sign each glyph stands for."""

import re
import zlib


def words(content: bytes) -> str:
    """All words on all pages, white space folded."""
    streams = [_inflated(stream) for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)]
    signs: dict[int, str] = {}
    for stream in streams:
        for block in re.findall(rb"beginbfchar\s(.*?)endbfchar", stream, re.DOTALL):
            for glyph, sign in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
                signs[int(glyph, 16)] = bytes.fromhex(sign.decode()).decode("utf-16-be")
    shown = [_shown(text, signs) for stream in streams if b"BT" in stream for text in _strings(stream)]
    return " ".join(" ".join(shown).split())


def _strings(stream: bytes) -> list[bytes]:
    return re.findall(rb"\(((?:\\.|[^\\()])*)\)", stream, re.DOTALL)


def _shown(text: bytes, signs: dict[int, str]) -> str:
    plain = re.sub(rb"\\(.)", lambda found: {b"n": b"\n", b"r": b"\r"}.get(found[1], found[1]), text, flags=re.DOTALL)
    return "".join(signs.get(int.from_bytes(plain[at : at + 2]), "") for at in range(0, len(plain), 2))


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream
