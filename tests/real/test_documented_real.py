"""What docs/running.md says to set in PostgreSQL is enough for the surest answers."""

import re
import socket
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import psycopg
import pytest

from tests.asking import ask
from tests.logs import CATALOG, RECORDS, graded, taken_in
from tests.real.postgres import SUFFIXES, Postgres, running
from tests.test_sample_story import ROOT


def settings() -> str:
    """The first block of code below the heading."""
    told = (ROOT / "docs" / "running.md").read_text().split("### PostgreSQL")[1]
    return "".join(re.findall(r"^    (.*\n)", told.split("A refused access")[0], re.M))


def test_what_is_set_as_documented_tells_who_read_whose_records(tmp_path: Path) -> None:
    with running(settings()) as postgres:
        postgres.make("people", "teller", "reader", "undone", "failed", "refused")
        with postgres.connect(database="people") as session:
            session.execute("CREATE TABLE people (id int PRIMARY KEY, c text)")
            session.execute("INSERT INTO people VALUES (1, 'KE'), (2, 'KE')")
            session.execute("ALTER ROLE refused NOSUPERUSER")
            session.execute(
                "CREATE FUNCTION of_id(int) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS"
                " $$ BEGIN RETURN (SELECT c FROM people WHERE id = $1); END $$"
            )
            session.execute("CREATE ROLE caller LOGIN")
        since = postgres.sizes()
        with postgres.connect("caller", "people") as session:
            session.execute("SELECT of_id(1)")
        with postgres.connect("reader", "people") as session:
            session.execute("SELECT c FROM people WHERE id = %s", (1,))
        with postgres.connect("undone", "people") as session:
            for statement in ("BEGIN", "UPDATE people SET c = 'NG' WHERE id = 2", "ROLLBACK"):
                session.execute(statement)
        with postgres.connect("failed", "people") as session, pytest.raises(psycopg.errors.DivisionByZero):
            session.execute("UPDATE people SET c = (id / 0)::text WHERE id = 2")
        with postgres.connect("refused", "people") as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("SELECT * FROM people")
        logs = postgres.logged(since)
    for form, log in logs.items():
        store = taken_in(tmp_path / form, log.decode(), f"1{SUFFIXES[form]}", RECORDS, CATALOG)
        assert graded(store, "reader") == {"C-1": "confirmed"}, form
        assert graded(store, "undone", "altered") == {"C-LATE": "possible"}, form
        assert graded(store, "failed", "altered") == {"C-LATE": "possible"}, form
        assert graded(store, "refused") == {}, form
        called = ask(store, "blast-radius", ["--principal", "caller"])  # pgaudit tells nothing of what it read
        assert called["summary"]["data_subjects"]["unbounded_because"]["unseen-call"] == 1, form


def read_portion(postgres: Postgres, role: str, database: str, text: str, rows: int) -> int:
    """Read so many rows of a statement and give up, as a driver with a fetch size does: libpq does not offer it."""

    def told(kind: bytes, *texts: str, rest: bytes = b"") -> bytes:
        body = b"".join(one.encode() + b"\0" for one in texts) + rest
        return kind + struct.pack("!I", len(body) + 4) + body

    def heard(stream: BinaryIO) -> list[bytes]:
        """The kinds of what the server says, until it waits again."""
        kinds: list[bytes] = []
        while kinds[-1:] != [b"Z"]:
            kinds.append(stream.read(1))
            stream.read(struct.unpack("!I", stream.read(4))[0] - 4)
        return kinds

    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(postgres.folder / ".s.PGSQL.5432"))
        stream = line.makefile("rb")
        pairs = b"".join(one.encode() + b"\0" for one in ("user", role, "database", database, ""))
        line.sendall(struct.pack("!II", len(pairs) + 8, 3 << 16) + pairs)
        heard(stream)
        line.sendall(told(b"Q", "BEGIN"))
        heard(stream)
        none = struct.pack("!H", 0)
        line.sendall(
            told(b"P", "S_1", text, rest=none)
            + told(b"B", "C_1", "S_1", rest=none * 3)
            + told(b"E", "C_1", rest=struct.pack("!I", rows))
            + told(b"S")
        )
        read = heard(stream).count(b"D")
        line.sendall(told(b"Q", "ROLLBACK"))
        heard(stream)
        return read


def test_what_was_read_is_told_however_the_statement_ended_and_as_of_its_beginning(tmp_path: Path) -> None:
    """A log that counts rows tells a statement when it ends, later than what it saw, and one that did not end never."""
    with running(settings()) as postgres:
        postgres.make("people", "teller", "portions", "slow")
        with postgres.connect(database="people") as session:
            session.execute("CREATE TABLE people (id int PRIMARY KEY)")
            session.execute("INSERT INTO people SELECT generate_series(1, 9)")
        since = postgres.sizes()
        reading = read_portion(postgres, "portions", "people", "SELECT * FROM people", 5)
        with postgres.connect("slow", "people") as session:
            began = datetime.now(UTC)
            session.execute("SELECT id, pg_sleep(0.1) FROM people")
        logs = postgres.logged(since)
    assert reading == 5
    added = began + timedelta(milliseconds=400)
    records = RECORDS.replace("2026-03-24T11:30:00Z", f"{added:%Y-%m-%dT%H:%M:%S.%fZ}")
    for form, log in logs.items():
        store = taken_in(tmp_path / form, log.decode(), f"1{SUFFIXES[form]}", records, CATALOG)
        assert graded(store, "portions") == {"C-1": "confirmed"}, form
        assert graded(store, "slow") == {"C-1": "confirmed"}, form
