"""`touchstone train`: what is learned rarely and by hand; it needs the extra `models`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from index.adapter import ADAPTER
from knowledge.errors import TouchstoneError
from knowledge.library import Library

app = typer.Typer(help="What is learned rarely and by hand.", no_args_is_help=True)


class NotInstalled(TouchstoneError):
    """Training needs torch and peft; `make test` installs them, or `pip install touchstone[models]`."""


@app.callback()
def _group() -> None:
    """So that there is a command below, and room for another."""


@app.command()
def encoder(
    out: Annotated[Path, typer.Option(help="The adapter to write.", metavar="FILE")] = ADAPTER,
    steps: Annotated[int, typer.Option(help="How many times the weights are changed.", min=1)] = 90,
) -> None:
    """Trains the encoder's adapter on the phrasings of the shipped policies; stopped, it goes on where it was."""
    try:
        from index.training.tuning import Recipe, train_adapter  # noqa: PLC0415 (torch is not always there)
    except ImportError as error:
        raise NotInstalled(error.name) from None
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("Training")

        def hear(done: int, of: int, loss: float) -> None:
            bar.update(task, total=of, completed=done, description=f"Training, loss {loss:.3f}")

        train_adapter(Library.shipped(), out, Recipe(steps=steps), hear)
