"""The progress bar of a build."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from index.snapshot import Progress as Hears


def encoding() -> Hears:
    """Shows a bar on standard error as soon as clauses have to be encoded, and nothing when all are there already."""
    bar = Progress(
        TextColumn("Reading the policies"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    task = bar.add_task("clauses", total=None)

    def hear(done: int, total: int) -> None:
        if done == 0:
            bar.start()
        bar.update(task, completed=done, total=total)
        if done == total:
            bar.stop()

    return hear
