"""Transactions at random in a real PostgreSQL that write and then read what they wrote, and which people each read."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, LiteralString

import psycopg
from psycopg.rows import TupleRow

from tests.real.postgres import Postgres

DATABASE = "own"
MADE: tuple[LiteralString, ...] = (
    "CREATE TABLE people (id int PRIMARY KEY, country text, note text)",
    "CREATE TABLE pay (id int PRIMARY KEY, person int, amount int)",
    "CREATE TABLE staged (id int, country text)",
    "INSERT INTO people SELECT i, (ARRAY['KE', 'PH', 'US'])[1 + i % 3], (ARRAY['a', 'b'])[1 + i % 2]"
    " FROM generate_series(1, 9) i",
    "INSERT INTO pay SELECT i, i, i % 3 FROM generate_series(1, 6) i",
    "INSERT INTO staged VALUES (1, 'KE'), (2, 'PH'), (20, 'US')",
    "CREATE FUNCTION moved(who int, place text) RETURNS SETOF int LANGUAGE plpgsql AS $$ BEGIN"
    " UPDATE people SET country = place WHERE id = who;"
    " RETURN QUERY SELECT id FROM people WHERE country = place; END $$",
    "CREATE FUNCTION hired(who int) RETURNS SETOF int LANGUAGE plpgsql AS $$ BEGIN"
    " INSERT INTO people (id, country, note) VALUES (who, 'KE', 'a');"
    " RETURN QUERY SELECT id FROM people WHERE id >= who; END $$",
)
# A write; {id}: of a person, {new}: of nobody yet.
WRITES = (
    "UPDATE people SET country = '{country}' WHERE id = {id}",
    "UPDATE people SET country = '{country}' WHERE id = {id}",
    "UPDATE people SET note = '{note}' WHERE id = {id}",
    "UPDATE people SET note = '{note}' WHERE country = '{country}' AND id < 7",
    "UPDATE people SET country = '{country}', note = '{note}' WHERE note = '{other}' AND id < 4",
    "UPDATE people SET note = '{note}' WHERE id < 7",
    "UPDATE people SET country = upper(country) WHERE id < 7",
    "UPDATE people SET note = '{note}' WHERE id IN (SELECT person FROM pay WHERE amount = {amount}) AND id < 7",
    "UPDATE people p SET note = '{note}' FROM pay y WHERE y.person = p.id AND y.amount = {amount} AND p.id < 7",
    "UPDATE people SET id = {new} WHERE id = {id}",
    "DELETE FROM people WHERE id = {id}",
    "DELETE FROM people WHERE country = '{country}' AND id < 4",
    "DELETE FROM pay WHERE amount = {amount}",
    "UPDATE pay SET amount = {amount} WHERE person = {id}",
    "UPDATE pay SET person = {id} WHERE id = {id}",
    "INSERT INTO pay (id, person, amount) VALUES ({new}, {id}, {amount})",
    "INSERT INTO people (id, country, note) VALUES ({new}, '{country}', '{note}')",
    "INSERT INTO people VALUES ({new}, '{country}', '{note}')",
    "INSERT INTO people (id, country, note) VALUES ({id}, '{country}', '{note}') ON CONFLICT DO NOTHING",
    "INSERT INTO people (id, country) VALUES ({id}, '{country}') ON CONFLICT (id)"
    " DO UPDATE SET country = excluded.country",
    "INSERT INTO people SELECT {new}, country, note FROM people WHERE id = {id}",
    "MERGE INTO people p USING staged s ON s.id = p.id WHEN MATCHED AND s.country = '{country}' THEN DELETE"
    " WHEN MATCHED THEN UPDATE SET country = s.country",
    "COPY people (id, country, note) FROM STDIN",
    "TRUNCATE pay",
    "DO $$ BEGIN UPDATE people SET country = '{country}' WHERE id = {id}; END $$",
)
# A read, whose first column is a person; with {}: of the rows that a write gives back.
READS = (
    "SELECT * FROM people WHERE country = '{country}'",
    "SELECT * FROM people WHERE country = '{country}'",
    "SELECT id FROM people WHERE note = '{note}' AND country = '{country}'",
    "SELECT id, note FROM people WHERE id = {id}",
    "SELECT id FROM people WHERE id = {id} AND country <> '{country}'",
    "SELECT * FROM people",
    "SELECT id FROM people WHERE country IN ('{country}', 'XX') OR id = {id}",
    "SELECT id FROM people WHERE NOT country = '{country}' FOR UPDATE",
    "SELECT id FROM people WHERE country = '{country}' ORDER BY id LIMIT 2",
    "SELECT p.id FROM people p JOIN pay y ON y.person = p.id WHERE y.amount = {amount}",
    "SELECT p.id FROM people p JOIN pay y ON y.person = p.id WHERE p.country = '{country}'",
    "SELECT p.id FROM people p JOIN pay y ON y.person = p.id WHERE p.id = {id}",
    "SELECT person FROM pay WHERE amount = {amount}",
    "SELECT person FROM pay WHERE id = {id}",
    "UPDATE people SET note = '{note}' WHERE country = '{country}' AND id < 7 RETURNING id",
    "DELETE FROM people WHERE country = '{country}' AND note = '{note}' AND id < 4 RETURNING *",
    "INSERT INTO people (id, country, note) VALUES ({new}, '{country}', '{note}') RETURNING id",
    "WITH u AS (UPDATE people SET country = '{country}' WHERE id = {id})"
    " SELECT id FROM people WHERE country = '{country}'",
    "SELECT moved({id}, '{country}')",
    "SELECT hired({new})",
    "UPDATE people SET note = '{note}' WHERE id = {id}; SELECT id FROM people WHERE note = '{note}'",
    "INSERT INTO people VALUES ({new}, '{country}', '{note}'); SELECT id FROM people WHERE id = {id}",
)
# What somebody else does meanwhile.
BESIDE = (
    "UPDATE people SET country = '{country}' WHERE id IN (7, 8)",
    "INSERT INTO people (id, country, note) VALUES ({new}, '{country}', '{note}')",
)


@dataclass
class Played:
    """What a role's transactions read: the people of the rows that they were given, and those whom their writes may
    have asked for beside; and the entries of all that was."""

    read: dict[str, set[str]] = field(default_factory=dict)
    beside: dict[str, set[str]] = field(default_factory=dict)
    entries: list[tuple[str, tuple[Any, ...], str, str]] = field(default_factory=list)


@dataclass
class Play:
    """A history under way. What is looked at beside it is not logged."""

    postgres: Postgres
    random: Random
    looking: psycopg.Connection[TupleRow]
    played: Played = field(default_factory=Played)
    since: dict[tuple[str, tuple[Any, ...]], str] = field(default_factory=dict)
    next: int = 100
    locked: bool = False  # who looks would wait for ever

    def text(self, told: str) -> str:
        self.next += 1
        choose = self.random.choice
        return told.format(
            id=self.random.randint(1, 6), new=self.next, country=choose(("KE", "PH", "US")), note=choose("ab"),
            other=choose("ab"), amount=self.random.randint(0, 2),
        )  # fmt: skip

    def step(self, session: psycopg.Connection[TupleRow], role: str) -> None:
        """A write or a read, and now and then a savepoint that takes back what came after it."""
        time.sleep(self.random.choice((0, 0.002)))
        chance = self.random.random()
        if chance < 0.5:
            self.write(session, role, self.random.choice(WRITES))
        elif chance < 0.9:
            self.read(session, role, self.random.choice(READS))
        else:
            session.execute("SAVEPOINT a")
            self.write(session, role, self.random.choice(WRITES))
            if self.random.random() < 0.5:
                self.read(session, role, self.random.choice(READS))
            session.execute("ROLLBACK TO a")

    def write(self, session: psycopg.Connection[TupleRow], role: str, told: str) -> None:
        """Write; what it asks of another table may be read too."""
        text = self.text(told)
        if amount := re.search(r"\bamount = \d", text.partition(" pay ")[2]):
            session.execute("SET LOCAL pgaudit.log = 'none'")
            found = session.execute(f"SELECT person FROM pay WHERE {amount[0]}".encode()).fetchall()
            session.execute("SET LOCAL pgaudit.log = 'all'")
            self.played.beside.setdefault(role, set()).update(f"C-{row[0]}" for row in found)
        self.locked |= text.startswith("TRUNCATE")
        if text.startswith("COPY"):
            with session.cursor().copy(text.encode()) as copy:
                copy.write_row((self.next, self.random.choice(("KE", "PH")), "a"))
        else:
            session.execute(text.encode())

    def read(self, session: psycopg.Connection[TupleRow], role: str, told: str) -> None:
        """Read, some as a prepared statement with its values bound."""
        text = self.text(told)
        person, bound = "= {id}", self.random.random() < 0.2
        if bound and person in told and ";" not in told:
            values = [self.random.randint(1, 6)]
            found = session.execute(self.text(told.replace(person, "= %s", 1)).encode(), values, prepare=True)
        else:
            found = session.execute(text.encode())
        while True:
            if found.description:
                self.played.read[role] |= {f"C-{row[0]}" for row in found.fetchall()}
            if not found.nextset():
                return

    def look(self) -> None:
        """What is there now, with when it was committed."""
        found = self.looking.execute(
            "SELECT 'people', id, id, country, note FROM people UNION ALL"
            " SELECT 'pay', id, person, amount::text, NULL FROM pay"
        ).fetchall()
        now = {(str(table), tuple(row)) for table, *row in found}
        if now == self.since.keys():
            return
        at: str
        [(at,)] = self.looking.execute(
            "SELECT to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
            " FROM pg_last_committed_xact()"
        ).fetchall()
        for gone in self.since.keys() - now:
            self.played.entries.append((*gone, self.since.pop(gone), at))
        self.since |= dict.fromkeys(now - self.since.keys(), at)

    def transact(self, role: str, other: psycopg.Connection[TupleRow]) -> None:
        """A transaction of a role of its own; beside it somebody else changes and adds people."""
        self.played.read[role], self.locked = set(), False
        with self.postgres.connect(role, DATABASE) as session:
            how = self.random.choice(("BEGIN", "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ", ""))
            if not how:
                # A row that is added alone and given back is told when its statement ran, which is before it began.
                self.read(session, role, self.random.choice([one for one in READS if "NTO people (" not in one]))
                self.look()
                return
            session.execute(how.encode())
            for _ in range(self.random.randint(2, 5)):
                try:
                    self.step(session, role)
                except psycopg.Error:
                    break
                if self.random.random() < 0.2 and not self.locked:
                    with suppress(psycopg.errors.LockNotAvailable):
                        other.execute(self.text(self.random.choice(BESIDE)).encode())
                    self.look()
            session.execute("ROLLBACK" if self.random.random() < 0.1 else "COMMIT")
        self.look()


@contextmanager
def looking(postgres: Postgres) -> Iterator[psycopg.Connection[TupleRow]]:
    with postgres.connect(database=DATABASE) as session:
        session.execute("SET pgaudit.log = 'none'")
        session.execute("SET lock_timeout = 5000")
        yield session


def play(postgres: Postgres, seed: int, transactions: int) -> Played:
    """A history of that many transactions in a database made anew; half of the roles have their rows told in full."""
    roles = [f"own_{number}" for number in range(transactions)]
    postgres.make(DATABASE, "teller", "other", *roles)
    with looking(postgres) as session:
        for statement in MADE:
            session.execute(statement)
        for role in roles[::2]:
            for setting in ("log_relation", "log_rows")[: 1 + int(role[4:]) % 4 // 2]:
                session.execute(f"ALTER ROLE {role} SET pgaudit.{setting} = on".encode())
        history = Play(postgres, Random(seed), session)
        history.look()
        with postgres.connect("other", DATABASE) as other:
            other.execute("SET lock_timeout = 20")
            for role in roles:
                history.transact(role, other)
    history.played.entries += [(*one, since, "") for one, since in history.since.items()]
    known = {f"C-{row[1]}" for _, row, *_ in history.played.entries}  # not who was added and taken back
    for role in roles:
        history.played.read[role] &= known
    return history.played
