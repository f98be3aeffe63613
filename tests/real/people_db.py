"""A database of contractors in a real PostgreSQL, and what several roles do there: SQL and the accesses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from tests.real.postgres import Postgres

DATABASE = "people"
# etl's rows name each relation and the row counts; support's nothing but the statement; clerk's come twice,
# as OBJECT and as SESSION, the second time without the statement.
SETUP: tuple[LiteralString, ...] = (
    "CREATE EXTENSION pgaudit",
    "CREATE ROLE etl LOGIN",
    "CREATE ROLE support LOGIN",
    "CREATE ROLE clerk LOGIN",
    "CREATE ROLE watched",
    "ALTER ROLE etl SET pgaudit.log_rows = on",
    "ALTER ROLE etl SET pgaudit.log_relation = on",
    "ALTER ROLE clerk SET pgaudit.log_relation = on",
    "ALTER ROLE clerk SET pgaudit.log_statement_once = on",
    "ALTER ROLE clerk SET pgaudit.role = 'watched'",
    "CREATE TABLE contractors (id int PRIMARY KEY, name text, country text, note text)",
    "INSERT INTO contractors SELECT i, 'name ' || i, CASE WHEN i % 2 = 0 THEN 'KE' ELSE 'PH' END"
    " FROM generate_series(1, 5000) i",
    "CREATE TABLE pay (contractor_id int REFERENCES contractors, amount numeric)",
    "CREATE TABLE secret (id int)",
    'CREATE TABLE "Odd ""name"", it is" (id int)',
    "CREATE VIEW kenya AS SELECT id, name FROM contractors WHERE country = 'KE'",
    "CREATE TABLE shifts (id int, hours int) PARTITION BY RANGE (id)",
    "CREATE TABLE shifts_low PARTITION OF shifts FOR VALUES FROM (0) TO (100)",
    "INSERT INTO shifts SELECT i, 8 FROM generate_series(1, 20) i",
    "CREATE FUNCTION name_of(wanted int) RETURNS text LANGUAGE plpgsql AS"
    " $$ DECLARE found text; BEGIN"
    " SELECT name INTO found FROM contractors WHERE id = wanted; RETURN found; END $$",
    "CREATE FUNCTION peek() RETURNS bigint LANGUAGE plpgsql AS"
    " $$ DECLARE n bigint; BEGIN SELECT count(*) INTO n FROM secret; RETURN n; END $$",
    "CREATE FUNCTION until(n int, last int) RETURNS int LANGUAGE plpgsql AS"
    " $$ BEGIN IF n > last THEN RAISE EXCEPTION 'too far'; END IF; RETURN n; END $$",
    "CREATE SCHEMA lab AUTHORIZATION etl",
    "GRANT ALL ON SCHEMA public TO etl, support, clerk",
    'GRANT ALL ON contractors, pay, shifts, shifts_low, kenya, "Odd ""name"", it is" TO etl, support, clerk',
    "GRANT SELECT ON contractors TO watched",
)


@dataclass(frozen=True)
class Act:
    """What is to be known of one access. ``dataset`` is None where only the statement says it."""

    operation: str
    dataset: str | None = None
    outcome: str = "success"
    bound: tuple[str, ...] | None = ()
    rows: int | None = None


@dataclass(frozen=True)
class Step:
    """One thing that a role does, with the accesses that it leaves. ``values`` are bound to the statement; ``later``
    are the accesses from a version of PostgreSQL on, where they are others."""

    role: str
    sql: LiteralString
    acts: tuple[Act, ...] = ()
    values: Sequence[Any] | None = None
    fails: bool = False
    later: tuple[int, tuple[Act, ...]] | None = None

    def leaves(self, version: int) -> tuple[Act, ...]:
        return self.later[1] if self.later and version >= self.later[0] else self.acts


def bound(*texts: str) -> tuple[str, ...]:
    """Values as pgaudit tells them: texts without a type. Only for texts that JSON takes as they are."""
    return tuple(f'{{"u":"{text}"}}' for text in texts)


T, P, V = "people.public.contractors", "people.public.pay", "people.public.kenya"
STEPS = (
    # Reads: each relation told, with counts.
    Step("etl", "SELECT * FROM contractors WHERE id = 7", (Act("read", T, rows=1),)),
    Step("etl", "SELECT name FROM contractors WHERE id = %s AND country = %s",
         (Act("read", T, bound=bound("8", "KE"), rows=1),), [8, "KE"]),
    Step("etl", "SELECT name FROM contractors WHERE name IN (%s, %s)",
         (Act("read", T, bound=bound("a, b", "line\\nbreak and \\\"quote\\\""), rows=0),),
         ["a, b", "line\nbreak and \"quote\""]),
    Step("etl", "SELECT name FROM contractors WHERE note = %s", (Act("read", T, bound=None, rows=0),), [""]),
    Step("etl", "SELECT name FROM contractors\n\tWHERE name = 'it''s\n\ttabbed, \"quoted\"'",
         (Act("read", T, rows=0),)),
    Step("etl", 'SELECT * FROM "Odd ""name"", it is"',
         (Act("read", 'people.public.Odd "name", it is', rows=0),)),
    Step("etl", "SELECT * FROM kenya WHERE id = 10", (Act("read", V, rows=1), Act("read", T, rows=1))),
    Step("etl", "SELECT hours FROM shifts_low WHERE id = 1", (Act("read", "people.public.shifts_low", rows=1),)),
    Step("etl", "SELECT hours FROM shifts WHERE id < 4",
         (Act("read", "people.public.shifts", rows=3), Act("read", "people.public.shifts_low", rows=3)),
         later=(16, (Act("read", "people.public.shifts", rows=3),))),  # what is asked of a part is not asked for
    Step("etl", "DELETE FROM shifts WHERE id = 5",
         (Act("delete", "people.public.shifts", rows=1), Act("delete", "people.public.shifts_low", rows=1)),
         later=(16, (Act("delete", "people.public.shifts", rows=1),))),
    Step("etl", "SELECT name FROM contractors WHERE id = 1 FOR UPDATE", (Act("read", T, rows=1),)),
    Step("etl", "SELECT relname FROM pg_class LIMIT 1"),
    Step("etl", "SELECT name_of(3)", (Act("read", T, rows=1), Act("read", rows=1))),
    Step("etl", "PREPARE by_id (int) AS SELECT name FROM contractors WHERE id = $1"),
    Step("etl", "EXECUTE by_id (11)", (Act("read", T, bound=bound("11"), rows=1),)),
    Step("etl", "EXPLAIN SELECT * FROM contractors"),
    Step("etl", "EXPLAIN ANALYZE SELECT * FROM contractors WHERE id < 4", (Act("read", T, rows=3),)),
    Step("etl", "DO $$ BEGIN PERFORM name FROM contractors WHERE id = 12; END $$", (Act("read", T, rows=1),)),
    Step("etl", "SELECT id FROM contractors WHERE id = 1; SELECT count(*) FROM pay",
         (Act("read", T, bound=None, rows=1), Act("read", outcome="unknown"),
          Act("read", P, bound=None, rows=1), Act("read", outcome="unknown")),
         later=(17, (Act("read", T, rows=1), Act("read", P, rows=1)))),  # pgaudit 17 tells each statement alone
    # Copies: the table's own names nothing and counts 0.
    Step("etl", "COPY contractors TO STDOUT", (Act("export"),)),
    Step("etl", "COPY (SELECT name FROM contractors WHERE id < 5) TO STDOUT",
         (Act("export", T, rows=4), Act("export"))),
    Step("etl", "COPY pay FROM STDIN", (Act("create"),), [(1, 100), (2, 200)]),
    # Writes, and those that read too.
    Step("etl", "INSERT INTO pay SELECT id, 5 FROM contractors WHERE id = 9",
         (Act("create", P, rows=1), Act("read", T, rows=1))),
    Step("etl", "UPDATE contractors SET note = 'x' WHERE id = 4 RETURNING *", (Act("update", T, rows=1),)),
    Step("etl", "DELETE FROM pay WHERE contractor_id = %s",
         (Act("delete", P, bound=bound("9"), rows=1),), [9]),
    Step("etl", "WITH u AS (UPDATE contractors SET note = 'y' WHERE id = 5 RETURNING id) SELECT * FROM u",
         (Act("update", T, rows=1),)),
    Step("etl", "CREATE TABLE few AS SELECT * FROM contractors WHERE id < 3",
         (Act("read", T, rows=2), Act("create", "people.public.few"))),
    Step("etl", "SELECT * INTO fewer FROM contractors WHERE id < 2",
         (Act("read", T, rows=1), Act("create", "people.public.fewer"))),
    Step("etl", "CREATE VIEW names AS SELECT name FROM contractors", (Act("admin", "people.public.names"),)),
    Step("etl", "TRUNCATE few", (Act("delete"),)),
    Step("etl", "DROP TABLE few", (Act("delete", "people.public.few"),)),
    Step("etl", "GRANT SELECT ON names TO clerk", (Act("grant"),)),
    # A row of a rename tells the new name.
    Step("etl", "ALTER TABLE fewer SET SCHEMA lab", (Act("admin", "people.lab.fewer"),)),
    Step("etl", 'ALTER TABLE lab.fewer RENAME TO "few, ""er"""', (Act("admin", 'people.lab.few, "er"'),)),
    Step("etl", 'ALTER VIEW names RENAME TO all_names', (Act("admin", "people.public.all_names"),)),
    Step("etl", "ALTER VIEW all_names RENAME COLUMN name TO full_name"),
    Step("etl", "ALTER VIEW all_names RENAME TO names; SELECT 1",
         (Act("admin", "people.public.names", "unknown"), Act("read", outcome="unknown")),
         later=(17, (Act("admin", "people.public.names"), Act("read", rows=1)))),
    Step("etl", "ALTER VIEW names RENAME TO kenya", (Act("admin", outcome="error"),), fails=True),
    # Where rows are counted, a statement that fails leaves no audit row.
    Step("etl", "SELECT *, 1 / (id - 4999) FROM contractors", (Act("read", outcome="unknown"),), fails=True),
    Step("etl", "COPY (SELECT until(id, 3000) FROM contractors) TO STDOUT",
         (Act("export", outcome="unknown"),), fails=True),
    Step("etl", "SELECT id FROM contractors WHERE id = 1; SELECT 1 / 0",
         (Act("read", T, bound=None, rows=1), Act("read", outcome="unknown"),
          Act("unknown", outcome="unknown")), fails=True,
         later=(17, (Act("read", T, rows=1), Act("unknown", outcome="unknown")))),
    # Nothing but the statement is told, and before it ends.
    Step("support", "SELECT * FROM contractors WHERE id = 7", (Act("read"),)),
    Step("support", "SELECT * FROM contractors WHERE id = %s", (Act("read", bound=bound("7")),), [7]),
    Step("support", "SELECT * FROM kenya WHERE id = 10", (Act("read"),)),
    Step("support", "MERGE INTO contractors c USING pay p ON c.id = p.contractor_id"
         " WHEN MATCHED THEN UPDATE SET note = 'z'", (Act("update"),)),
    Step("support", "SELECT *, until(id, 3000) FROM contractors",
         (Act("read", outcome="unknown"), Act("read", outcome="unknown")), fails=True),
    Step("support", "INSERT INTO contractors VALUES (1, 'again', 'KE', '')",
         (Act("create", outcome="unknown"), Act("create", outcome="unknown")), fails=True),
    Step("support", "SELECT *, name::regclass FROM contractors",
         (Act("read", outcome="unknown"), Act("read", outcome="unknown")), fails=True),
    Step("support", "BEGIN"),
    Step("support", "DECLARE page CURSOR FOR SELECT * FROM contractors WHERE id > 12",
         (Act("read"), Act("read"))),
    Step("support", "FETCH 3 FROM page"),
    Step("support", "COMMIT"),
    # Refused, wrong from the start, or too late.
    Step("support", "SELECT * FROM secret WHERE id = 1", (Act("read", outcome="denied"),), fails=True),
    Step("support", "COPY secret TO STDOUT", (Act("export", outcome="denied"),), fails=True),
    Step("support", "DELETE FROM secret", (Act("delete", outcome="denied"),), fails=True),
    Step("support", "ALTER TABLE secret RENAME TO open", (Act("admin", outcome="denied"),), fails=True),
    Step("support", "SELECT peek()",
         (Act("read", outcome="unknown"), Act("read", outcome="denied"), Act("read", outcome="unknown")),
         fails=True),
    Step("support", "SELECT * FROM contractors WHERE nothing = 1", (Act("read", outcome="error"),),
         fails=True),
    Step("support", "BEGIN"),
    Step("support", "SELECT id FROM contractors WHERE id = 20", (Act("read"),)),
    Step("support", "SELECT id FROM contractors WHERE id = 1 / 0", (Act("read", outcome="unknown"),),
         fails=True),
    Step("support", "SELECT id FROM contractors WHERE id = 21", (Act("read", outcome="error"),), fails=True),
    Step("support", "ROLLBACK"),
    # Each told twice.
    Step("clerk", "SELECT name FROM contractors WHERE id = %s",
         (Act("read", T, bound=bound("30")), Act("read", T, bound=bound("30"))), [30]),
    Step("clerk", "INSERT INTO pay SELECT id, 1 FROM contractors WHERE id = 31",
         (Act("create", P), Act("read", T), Act("read", T))),
)  # fmt: skip


def prepare(postgres: Postgres) -> None:
    """Make the database and its roles, once."""
    with postgres.connect() as session:
        session.execute("CREATE DATABASE people")
    with postgres.connect(database=DATABASE) as session:
        for statement in SETUP:
            session.execute(statement)


def perform(postgres: Postgres) -> None:
    """Do all steps, each role in one session."""
    sessions = {role: postgres.connect(role, DATABASE) for role in dict.fromkeys(step.role for step in STEPS)}
    try:
        for step in STEPS:
            failed = _do(sessions[step.role], step)
            assert failed == step.fails, f"{step.sql} did not end as it should."
    finally:
        for session in sessions.values():
            session.close()


def _do(session: psycopg.Connection[Any], step: Step) -> bool:
    """Whether the step failed."""
    try:
        if step.sql.startswith("COPY"):
            with session.cursor().copy(step.sql) as copy:
                if step.values is None:
                    for _ in copy:
                        pass
                else:
                    for row in step.values:
                        copy.write_row(row)
        else:
            session.execute(step.sql, step.values)
    except psycopg.Error:
        return True
    return False
