"""How many threads the libraries below us start of their own accord."""

import os


def one_thread_each() -> None:
    """Has numpy's algebra do each question on the thread that asks, unless the environment says otherwise.

    The products of a question are small. A second thread makes none of them quicker, but waits for the next by turning
    in circles: it took half of two cores while 20 messages came each second. It counts if numpy is not loaded yet.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251 (it sets, for a library that reads nothing else)
