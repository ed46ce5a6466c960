"""`touchstone backup` and `restore`: all that is needed to start again, but for the master key."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cases.keys.masterkey import MasterKeyMissing, MasterKeys
from bot.cases.safekeeping.backup import DELETIONS, KEYS, RECORDS, back_up
from bot.cases.safekeeping.restore import read_archives
from bot.wording import say
from integrations.answering import SystemClock, own_overlay
from integrations.app import master_keys, restored
from integrations.cli.cases import findings, opened
from integrations.settings import read_settings
from knowledge.disk import flush
from knowledge.overlay.exporting import require_room, take_back

KNOWLEDGE = "knowledge.zip"
"""What the school added to the shipped knowledge, in a backup."""

_KeysFolder = Annotated[Path | None, typer.Option("--keys", help="Another folder for the keys; better so.")]


def backup(folder: Annotated[Path, typer.Argument(help="For the records.")], keys: _KeysFolder = None) -> None:
    """Backs records and keys up, and what the school added to the knowledge, while Touchstone runs; no master key."""
    apart = keys or folder
    with opened() as reports:
        log = reports.purge.log
        done = back_up(reports.store, reports.keys, log, (folder, apart), datetime.now(UTC), reports.files)
    _back_up_knowledge(folder)
    told, kept = folder / RECORDS, apart / KEYS
    sys.stdout.write(say("backup.done", cases=done.cases, records=told, kept=kept) + "\n")
    sys.stdout.write(say("backup.apart") + "\n")
    if not done.is_whole:
        sys.stdout.write(say("backup.cut") + "\n")
        raise SystemExit(1)


def _back_up_knowledge(folder: Path) -> None:
    """What the school added to the knowledge, where it added any; written aside and renamed."""
    overlay = own_overlay(read_settings(), SystemClock())
    if not overlay.root.exists():
        return
    aside = folder / f".{KNOWLEDGE}"
    aside.write_bytes(overlay.log.export_zip())
    flush(aside)
    aside.replace(folder / KNOWLEDGE)
    flush(folder)


def restore(
    folder: Annotated[Path, typer.Argument(help="The folder of the records.")],
    keys: _KeysFolder = None,
    deletions: Annotated[
        list[Path] | None, typer.Option(help="A further log of deletions to go by; can be said more than once.")
    ] = None,
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Put aside what is here.")] = False,
) -> None:
    """Makes records and keys anew from a backup, purges what was purged since, and verifies: status 1 if not whole."""
    settings = read_settings()
    masters = master_keys(settings) or MasterKeys.read(settings.key_file)
    if masters is None:
        raise MasterKeyMissing(settings.key_file)
    archives = read_archives(folder, keys or folder, masters)
    knowledge = (folder / KNOWLEDGE).read_bytes() if (folder / KNOWLEDGE).exists() else None
    if knowledge is not None:
        require_room(knowledge, settings.overlay, replace=replace)
    logs = [*(deletions or ()), *filter(Path.exists, [folder / DELETIONS])]
    done = restored(settings, archives, logs, replace=replace)
    lines = [say("restore.done", cases=done.found.cases)]
    if done.purged:
        lines.append(say("restore.purged", count=done.purged))
    if done.kept:
        lines.append(say("restore.kept", folder=done.kept))
    if knowledge is not None and (before := take_back(knowledge, settings.overlay)):
        lines.append(say("restore.knowledge_kept", folder=before))
    sys.stdout.write("\n".join([*lines, *findings(done.found)]) + "\n")
    raise SystemExit(1 if done.found.findings else 0)
