"""Runs servers of ours in processes of their own, made from one that has imported everything and opened nothing."""

import multiprocessing
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp

from integrations.threads import one_thread_each

one_thread_each()  # as the command does; in this process it comes too late, and is for those that are started
_MAKER = multiprocessing.get_context("forkserver")
"""It saves each process a second of imports."""
_MAKER.set_forkserver_preload(["tests.crash.doomed_server", "tests.slack.served", "tests.read_before"])


@contextmanager
def apart(serves: Callable[..., None], *given: Any) -> Iterator[tuple[str, ForkServerProcess]]:  # noqa: ANN401 (whatever it takes)
    """A server until the block ends, unless it dies before; its origin, and its process.

    Args:
        serves: what it does there; calls ``listen``.
        given: what it takes, and as its last argument what ``listen`` tells its port to.
    """
    here, there = _MAKER.Pipe(duplex=False)
    process = _MAKER.Process(target=serves, args=(*given, there))
    process.start()
    there.close()
    try:
        yield f"http://127.0.0.1:{here.recv()}", process
    finally:
        process.kill()
        process.join()
        process.close()
        here.close()


def listen(application: ASGIApp, ready: Connection, lifespan: Literal["on", "off"] = "off") -> None:
    """Serves on a free port until the process ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    ready.send(listener.getsockname()[1])
    uvicorn.Server(uvicorn.Config(application, access_log=False, log_config=None, lifespan=lifespan)).run([listener])
