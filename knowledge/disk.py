"""Sees to it that what was written is on the disk, and not only on its way there."""

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk (fsync)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, for their owner alone, and waits until they are on the disk."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for made in missing:
        flush(made.parent)
