"""A real PostgreSQL for the tests: its own cluster in a short temporary folder, without network, flushing as it should.

It runs as an unprivileged user, for PostgreSQL refuses root: the one who runs the tests, or, if that is root, the user
that Debian's package makes, or nobody.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from time import monotonic, sleep
from typing import TypedDict

import psycopg
from psycopg import sql
from sqlalchemy import URL

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
OWNER = "touchstone"
ASKED = "asked"
"""A user whom the server asks for a password; nobody else is."""

_SHAPE = """
    select 1, c.relname, a.attname, format_type(a.atttypid, a.atttypmod) || a.attnotnull
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
    union all select 2, conrelid::regclass::text, conname, pg_get_constraintdef(oid)
      from pg_constraint where connamespace = 'public'::regnamespace
    union all select 3, tablename, indexname, indexdef from pg_indexes where schemaname = 'public'
    union all select 4, tgrelid::regclass::text, tgname, tgenabled::text from pg_trigger where not tgisinternal
    union all select 5, proname, '', prosrc from pg_proc where pronamespace = 'public'::regnamespace
    union all select 6, 'alembic_version', '', version_num from alembic_version
    order by 1, 2, 3, 4
"""
_NO_ROWS = """
do $$ declare one record; begin
    set local session_replication_role = replica;  -- no trigger, and no order in which tables refer to each other
    for one in select oid::regclass as name, relkind as kind from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'S') and relname <> 'alembic_version' loop
        if one.kind = 'r' then
            execute format('delete from %s', one.name);
        else
            execute format('alter sequence %s restart', one.name);
        end if;
    end loop;
end $$
"""


class NoPostgreSQL(Exception):
    """PostgreSQL 15 is not installed; scripts/debian-packages installs it."""

    def __str__(self) -> str:
        return f"{self.__doc__} ({PROGRAMS})"


class _Identity(TypedDict, total=False):
    """As whom a program runs."""

    user: str
    group: int
    extra_groups: list[int]


@dataclass
class Server:
    """One cluster, which runs or does not."""

    folder: Path
    programs: Path
    user: str | None
    ready: dict[Callable[[URL], None] | None, list[str]] = field(default_factory=dict)
    shapes: dict[Callable[[URL], None], object] = field(default_factory=dict)
    made: int = 0
    process: "subprocess.Popen[bytes] | None" = None

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
        """Starts it, and waits until it answers. It ends with whoever runs the tests, even if that one is killed."""
        command = ["/usr/bin/setpriv", "--pdeathsig", "QUIT", str(self.programs / "postgres"), "-D", str(self.data)]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own arguments)
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **self._as_user()
            )
        deadline = monotonic() + 60
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert monotonic() < deadline, "it does not answer"
            sleep(0.02)

    def stop(self, how: Signals = Signals.SIGINT) -> None:
        """Stops it, by SIGINT in order or by SIGQUIT at once, and waits until it is gone."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)
            self.process = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> URL:
        return URL.create("postgresql+psycopg", username=OWNER, database=database, query={"host": str(self.folder)})

    def create(self, database: str) -> URL:
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(database)))
        return self.url(database)

    @contextmanager
    def lent(self, make: Callable[[URL], None] | None = None) -> Iterator[URL]:
        """An empty database, which was used before if one was given back: that is quicker by seconds.

        With ``make`` it has the tables which that makes, and no row. They are not made anew where the last borrower has
        left them as they were.
        """
        ready = self.ready.setdefault(make, [])
        database = ready.pop() if ready else self._with_tables(make)
        yield self.url(database)
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname=database, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            if make and _shape(connection) == self.shapes[make]:
                connection.execute(_NO_ROWS)
                ready.append(database)
            else:
                connection.execute("drop schema public cascade")
                connection.execute("create schema public authorization pg_database_owner")
                self.ready.setdefault(None, []).append(database)

    def _with_tables(self, make: Callable[[URL], None] | None) -> str:
        """The name of a database that nobody has, with the tables of ``make``."""
        without = self.ready.setdefault(None, [])
        if without:
            database = without.pop()
        else:
            self.made += 1
            database = f"lent_{self.made}"
            self.create(database)
        if make:
            make(self.url(database))
            with psycopg.connect(host=str(self.folder), user=OWNER, dbname=database) as connection:
                self.shapes[make] = _shape(connection)
        return database

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
                **self._as_user(),
            )  # fmt: skip
        assert done.returncode == 0, said.read_text()

    def _as_user(self) -> _Identity:
        if self.user is None:
            return {}
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}


def _shape(connection: psycopg.Connection[tuple[object, ...]]) -> object:
    """What tables there are, with all that holds for them; nothing, where they cannot be told."""
    try:
        return connection.execute(_SHAPE).fetchall()
    except psycopg.errors.UndefinedTable:
        return None


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
        server.stop(Signals.SIGQUIT)
        shutil.rmtree(folder)
