"""A real PostgreSQL with pgaudit, as its packages give it, started for the tests with all its log forms."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

PATIENCE = 60.0  # seconds that the server may take to start, or to write a line to its logs
SUFFIXES = {"stderr": ".log", "csvlog": ".csv", "jsonlog": ".json"}
SETTINGS = """
shared_preload_libraries = 'pgaudit'
logging_collector = on
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_connections = on
log_disconnections = on
pgaudit.log = 'all'
pgaudit.log_parameter = on
"""
# Whatever else is set: nobody is reached from elsewhere, and the logs are where they are looked for.
OWN = """
listen_addresses = ''
fsync = off
log_filename = 'postgresql.log'
log_rotation_age = 0
log_rotation_size = 0
"""
TELLING = ("log_relation", "log_rows", "log_statement_once")


@dataclass(frozen=True)
class Postgres:
    """A running server. Anybody may connect as any role, by its socket alone."""

    folder: Path  # holds the socket and the data
    forms: tuple[str, ...]  # of the log: 'stderr', 'csvlog' and, from PostgreSQL 15 on, 'jsonlog'
    version: int

    def connect(self, role: str = "postgres", database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.folder), user=role, dbname=database, autocommit=True, application_name="tests"
        )

    def make(self, database: str, *roles: str) -> None:
        """A database made anew with pgaudit, and superusers; of what the one called `teller` does, all is logged."""
        named = sql.SQL(", ").join(map(sql.Identifier, roles))
        with self.connect() as session:
            session.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))
            session.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(named))
            session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            for role in roles:
                session.execute(sql.SQL("CREATE ROLE {} LOGIN SUPERUSER").format(sql.Identifier(role)))
            for setting in TELLING:
                session.execute(sql.SQL("ALTER ROLE teller SET {} = on").format(sql.Identifier("pgaudit", setting)))
        with self.connect(database=database) as session:
            session.execute("CREATE EXTENSION pgaudit")

    def log(self, form: str) -> Path:
        return self.folder / "data" / "log" / f"postgresql{SUFFIXES[form]}"

    def set(self, setting: str, value: str) -> None:
        """Change a setting of the whole server, for all sessions that come."""
        with self.connect() as session:
            session.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(setting), value))
            session.execute("SELECT pg_reload_conf()")

    def sizes(self) -> dict[str, int]:
        """How long each log is now, everything written that has happened."""
        mark = uuid.uuid4().hex
        with self.connect() as session:
            session.execute(sql.SQL("SELECT {}").format(mark))
        deadline = time.monotonic() + PATIENCE
        while not all(mark.encode() in self.log(form).read_bytes() for form in self.forms):
            assert time.monotonic() < deadline, "The server does not write its logs."
            time.sleep(0.02)
        return {form: self.log(form).stat().st_size for form in self.forms}

    def logged(self, since: dict[str, int]) -> dict[str, bytes]:
        """What each log form got since it had that size."""
        until = self.sizes()
        return {form: self.log(form).read_bytes()[since[form] : until[form]] for form in self.forms}


@contextmanager
def running(told: str = SETTINGS) -> Iterator[Postgres]:
    """Start a server with settings in a folder of its own, and end both. Under root it runs as an ordinary user."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="lineage-pg-"))
    as_user = _ordinary_user(folder)
    data = folder / "data"
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user,
        )  # fmt: skip
        version = int((data / "PG_VERSION").read_text())
        forms = ("stderr", "csvlog", "jsonlog") if version >= 15 else ("stderr", "csvlog")
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(told + OWN)
            settings.write(f"unix_socket_directories = '{folder}'\nlog_destination = '{','.join(forms)}'\n")
        server = subprocess.Popen([programs / "postgres", "-D", data], stderr=subprocess.DEVNULL, cwd=folder, **as_user)
        try:
            postgres = Postgres(folder, forms, version)
            _wait(postgres, server)
            yield postgres
        finally:
            server.send_signal(signal.SIGINT)  # "fast": sessions are ended
            server.wait(PATIENCE)
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    """Where the newest PostgreSQL is that has pgaudit."""
    found = [path.parent.parent for path in Path("/usr/lib/postgresql").glob("*/lib/pgaudit.so")]
    if not found:
        raise RuntimeError("There is no PostgreSQL with pgaudit. Install postgresql and postgresql-NN-pgaudit.")
    return max(found, key=lambda path: int(path.name)) / "bin"


def _ordinary_user(folder: Path) -> dict[str, Any]:
    """How ``subprocess`` comes to a user who owns ``folder``: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    owner = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _wait(postgres: Postgres, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            postgres.connect().close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, "The server ended as it started."
            assert time.monotonic() < deadline, "The server does not start."
            time.sleep(0.05)
