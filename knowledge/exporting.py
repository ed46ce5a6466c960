"""The overlay given out: as a zip of its files, and as a diff against what came with the product."""

import io
import zipfile
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from knowledge.changelog import FILE as LOG
from knowledge.own import VERSIONS
from knowledge.own_writing import files_of

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip: the same overlay gives the same bytes."""


def as_zip(root: Path) -> bytes:
    """All files of the overlay and its log."""
    packed = io.BytesIO()
    log = root / LOG
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (*files_of(root), *([log] if log.exists() else [])):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return packed.getvalue()


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
