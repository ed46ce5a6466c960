"""A real PostgreSQL for the tests: its own cluster in a short temporary folder, without network, flushing as it should.

It runs as an unprivileged user, for PostgreSQL refuses root: the one who runs the tests, or, if that is root, the user
that Debian's package makes, or nobody.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
OWNER = "touchstone"
ASKED = "asked"
"""A user whom the server asks for a password; nobody else is."""


class NoPostgreSQL(Exception):
    """PostgreSQL 15 is not installed; scripts/debian-packages installs it."""

    def __str__(self) -> str:
        return f"{self.__doc__} ({PROGRAMS})"


@dataclass
class Server:
    """One cluster, which runs or does not."""

    folder: Path
    programs: Path
    user: str | None
    empty: list[str] = field(default_factory=list)
    made: int = 0

    def begin(self) -> None:
        """Makes the cluster and starts it."""
        self._run(
            "initdb", "--username", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            "--pgdata", str(self.data),
        )  # fmt: skip
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nfsync = on\n")
        rules = self.data / "pg_hba.conf"
        rules.write_text(f"local all {ASKED} scram-sha-256\n{rules.read_text()}")
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self._run("pg_ctl", "start", "--wait", "--pgdata", str(self.data), "--log", str(self.folder / "log"))

    def stop(self, how: str = "fast") -> None:
        """Stops it by the pid that it wrote down, and waits until it is gone."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={how}", "--pgdata", str(self.data))

    def url(self, database: str) -> URL:
        return URL.create("postgresql+psycopg", username=OWNER, database=database, query={"host": str(self.folder)})

    def create(self, database: str) -> URL:
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(database)))
        return self.url(database)

    @contextmanager
    def lent(self) -> Iterator[URL]:
        """An empty database: a new one, or one that was emptied, which is quicker by seconds."""
        if not self.empty:
            self.made += 1
            self.create(f"lent_{self.made}")
            self.empty.append(f"lent_{self.made}")
        database = self.empty.pop()
        yield self.url(database)
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname=database, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            connection.execute("drop schema public cascade")
            connection.execute("create schema public authorization pg_database_owner")
        self.empty.append(database)

    def drop(self, database: str) -> None:
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(database)))

    @contextmanager
    def files_no_larger_than(self, size: int, pid: int) -> Iterator[None]:
        """For one process of the server, as whose user alone it may be said."""
        self._run("/usr/bin/prlimit", f"--pid={pid}", f"--fsize={size}:")
        try:
            yield
        finally:
            self._run("/usr/bin/prlimit", f"--pid={pid}", "--fsize=unlimited:")

    def _run(self, program: str, *arguments: str) -> None:
        """Runs a program of PostgreSQL. The server must not keep our end of a pipe open: its words go to a file."""
        said = self.folder / "said"
        with said.open("w") as output:
            done = subprocess.run(  # noqa: S603 (our own arguments)
                [str(self.programs / program), *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder, check=False,
                user=self.user, group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
            )  # fmt: skip
        assert done.returncode == 0, said.read_text()


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def running() -> Iterator[Server]:
    """A server, for as long as it is needed."""
    if not (PROGRAMS / "initdb").exists():
        raise NoPostgreSQL
    user = _unprivileged()
    short = None if len(tempfile.gettempdir()) < 60 else "/tmp"  # noqa: S108 (a socket's path has room for 107 signs)
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=short))
    if user:
        shutil.chown(folder, user)
    server = Server(folder, PROGRAMS, user)
    try:
        server.begin()
        yield server
    finally:
        if (server.data / "postmaster.pid").exists():
            server.stop("immediate")
        shutil.rmtree(folder)
