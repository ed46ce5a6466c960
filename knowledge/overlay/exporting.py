"""The overlay given out and taken back: as a zip of its files, and as a diff against what came with the product."""

import io
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from difflib import unified_diff
from itertools import count
from pathlib import Path

from knowledge.disk import flush, make_folder
from knowledge.errors import TouchstoneError
from knowledge.overlay.changelog import FILE as LOG
from knowledge.overlay.files import VERSIONS
from knowledge.overlay.writing import files_of

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip: the same overlay gives the same bytes."""
_LARGEST = 500_000_000
"""Bytes of an archive, unpacked: more is none of ours."""


def as_zip(root: Path) -> bytes:
    """All files of the overlay and its log."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _all_of(root):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return packed.getvalue()


class ArchiveUnusable(TouchstoneError):
    """This is no archive of a school's knowledge, or it is damaged; take another backup."""


class KnowledgeThere(TouchstoneError):
    """Other knowledge of the school's is here already; nothing was changed. To put it aside first, say `--replace`."""


def require_room(archive: bytes, root: Path, *, replace: bool) -> None:
    """Says before anything is done whether ``take_back`` may.

    Raises:
        ArchiveUnusable: it is no archive.
        KnowledgeThere: something else is there already.
    """
    files = _unpacked(archive)
    there = {path.relative_to(root).as_posix(): path.read_bytes() for path in _all_of(root)}
    if there and there != files and not replace:
        raise KnowledgeThere(root)


def take_back(archive: bytes, root: Path) -> Path | None:
    """Makes the overlay anew from an archive; gives where what was there before lies now, if anything else was.

    It is written aside and moved into place in whole.

    Raises:
        ArchiveUnusable: it is no archive.
    """
    files = _unpacked(archive)
    if {path.relative_to(root).as_posix(): path.read_bytes() for path in _all_of(root)} == files:
        return None
    aside = root.with_name(f".{root.name}-restoring")
    shutil.rmtree(aside, ignore_errors=True)
    make_folder(aside)
    for name, content in files.items():
        path = aside / name
        make_folder(path.parent)
        path.write_bytes(content)
        flush(path)
        flush(path.parent)
    kept = None
    if root.exists():
        kept = next(one for number in count(1) if not (one := root.with_name(f"{root.name}-before-{number}")).exists())
        root.rename(kept)
    aside.rename(root)
    flush(root.parent)
    return kept


def _all_of(root: Path) -> tuple[Path, ...]:
    log = root / LOG
    return (*files_of(root), *([log] if log.exists() else []))


def _unpacked(archive: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _LARGEST:
                raise ArchiveUnusable
            files = {entry.filename: packed.read(entry) for entry in packed.infolist() if not entry.is_dir()}
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        raise ArchiveUnusable from None
    if any(Path(name).is_absolute() or ".." in Path(name).parts or "\\" in name for name in files):
        raise ArchiveUnusable
    return files


def as_diff(root: Path, shipped: Path) -> str:
    """What the overlay adds, as a unified diff; a document of a shipped policy is held against the shipped one."""
    return "".join(line for path in files_of(root) for line in _diff(path, root, shipped))


def _diff(path: Path, root: Path, shipped: Path) -> Iterator[str]:
    name = path.relative_to(root)
    before = _counterpart(path, name, shipped)
    here = f"policies/{name.as_posix()}"
    there = "/dev/null" if before is None else f"shipped/{before.relative_to(shipped).as_posix()}"
    old, new = ([] if one is None else _lines(one) for one in (before, path))
    yield from (line if line.endswith("\n") else f"{line}\n" for line in unified_diff(old, new, there, here))


def _counterpart(path: Path, name: Path, shipped: Path) -> Path | None:
    """For a file of a version, the shipped one of its kind: the description, or the document."""
    slug, *rest = name.parts
    if len(rest) != 3 or rest[0] != VERSIONS or not (shipped / slug).is_dir():  # noqa: PLR2004 (versions/<version>/<file>)
        return None
    alike = [one for one in sorted((shipped / slug).glob(f"*{path.suffix}")) if one.stem == path.stem]
    if path.suffix == ".toml" or alike:
        return alike[0] if alike else None
    return next(iter(sorted((shipped / slug).glob(f"*{path.suffix}"))), None)


def _lines(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8", "replace").splitlines(keepends=True)
