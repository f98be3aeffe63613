"""A connection to one DuckDB file: what is run on it, what is read of one moment, and how it is stopped."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage.errors import LineageError
from lineage.store import engine
from lineage.store.planning import Plan, choose_plan

if TYPE_CHECKING:
    import pyarrow

Row = tuple[Any, ...]
TIME_ZONE = "UTC"

# What changes with everything that answers are made of: an input leaves a row, a known one that comes under a new name
# too, and until what is derived is up to date again nothing is settled.
MOMENT = """
SELECT count(*), max(input_id), (SELECT count(*) FROM input_name),
       (SELECT any_value(value) FROM meta WHERE key = 'settled')
FROM input
"""


class Stopped(LineageError):
    """Somebody stopped the work: see ``Store.stop``."""

    def __init__(self) -> None:
        super().__init__("The question was stopped.", "Ask it again.")


@contextmanager
def stoppable() -> Iterator[None]:
    """What is interrupted inside was stopped."""
    try:
        yield
    except engine.InterruptException:
        raise Stopped from None


# What was parsed once, by its text, which takes a twelfth off a question that is asked again. Values are parameters, so
# the program has some hundred texts; only replays have one for each statement of a log.
_PARSED: dict[str, list[engine.Statement]] = {}
PARSED_AT_MOST = 1_000


class Store:
    """A connection to one store. Every value travels as a ``$parameter``."""

    def __init__(self, path: str, connection: engine.DuckDBPyConnection, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self.connection = connection
        self.turns: AbstractContextManager[object] | None = None  # see ``share``
        self._still = read_only  # nobody changes what is read here
        self._twin: Store | None = None
        self._stopped = False
        self._planned: Plan | None = None

    def plan(self, coming: int = 0) -> None:
        """Have statements planned, on all connections to the file, for the size that the store has now with
        ``coming`` bytes of inputs."""
        plan = choose_plan(_size(self.path), coming, self.read_only)
        if plan != self._planned:
            self.script(plan.settings())
            self._planned = plan

    def run(self, sql: str, **parameters: object) -> "engine.DuckDBPyConnection":
        """Execute a statement, or several, of which the last has the parameters and gives what is returned; parameters
        that it does not name are left aside."""
        if self._stopped:
            raise Stopped
        *before, last = self._statements(sql)
        for statement in before:
            self.connection.execute(statement)
        named = {name: parameters[name] for name in last.named_parameters}
        return self.connection.execute(last, named or None)

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        return self.run(sql, **parameters).fetchall()

    def one(self, sql: str, **parameters: object) -> Row:
        """The first row of a statement that always gives one."""
        found = self.run(sql, **parameters).fetchone()
        if found is None:
            raise LineageError("The store did not give a row where one was due.", "This is a bug; please report it.")
        return tuple(found)

    def fill(self, sql: str, **parameters: object) -> int:
        """Make or fill a table; how many rows came into it, so that a step with nothing to do need not be planned."""
        return int(self.one(sql, **parameters)[0])

    def any(self, table: str, where: str = "true") -> bool:
        """Whether a table of ours holds a row, so that a step with nothing to do need not be planned."""
        return self.run(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1").fetchone() is not None

    def moment(self) -> Row:
        """What differs as soon as an answer may: more than the checkpoint, which rejected lines leave as it is."""
        return self.one(MOMENT)

    def script(self, statements: Sequence[str], **parameters: object) -> None:
        """Run statements one after the other, each with those of the parameters that it names."""
        for statement in statements:
            self.run(statement, **parameters)

    def load(
        self, table: str, columns: Mapping[str, Sequence[object]], types: Mapping[str, str], *, plain: bool = False
    ) -> None:
        """Fill a new temporary table from columns of equal length; ``table`` and names come from code, never input.

        ``plain``: they hold texts, numbers and lists of such, and pass as one JSON text, which of many takes less time.
        """
        shape = ", ".join(f"{name} {types[name]}" for name in columns)
        self.run(f"CREATE OR REPLACE TEMP TABLE {table} ({shape})")
        if not any(len(values) for values in columns.values()):
            return
        if plain:
            form = ", ".join(f"{name} {types[name]}[]" for name in columns)
            lists = ", ".join(f"unnest(told.{name})" for name in columns)
            self.run(
                f"INSERT INTO {table} SELECT {lists} FROM (SELECT $told::JSON::STRUCT({form}) AS told)",
                told=json.dumps(columns, ensure_ascii=False),
            )
            return
        lists = ", ".join(f"unnest(${name}::{types[name]}[])" for name in columns)
        self.run(f"INSERT INTO {table} SELECT {lists}", **{k: list(v) for k, v in columns.items()})

    @contextmanager
    def registered(self, name: str, table: object) -> Iterator[None]:
        """An Arrow table, to be read under this name."""
        engine.read_arrow()
        self.connection.register(name, table)
        try:
            yield
        except BaseException:
            with suppress(engine.Error):  # what went wrong may have ended the transaction, and it is what is told
                self.connection.unregister(name)
            raise
        self.connection.unregister(name)

    def table(self, sql: str, size: int) -> "pyarrow.Table":
        """The rows as an Arrow table, in chunks of so many."""
        engine.read_arrow()
        return self.connection.sql(sql).to_arrow_table(size)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; also on Ctrl-C and on a kill, since what was not committed is not in the file."""
        self.run("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def cursor(self) -> "Store":
        """Another connection to the same file, for another thread; temporary tables are each one's own."""
        beside = Store(self.path, self.connection.cursor(), self.read_only)
        beside.run(f"SET TimeZone = '{TIME_ZONE}'")  # the others hold for the whole file
        return beside

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read inside is of one moment, whatever others commit meanwhile; only temporary tables can be
        written, and those made inside are gone afterwards. Raises Stopped when another thread stops it."""
        self.run("BEGIN TRANSACTION READ ONLY")
        still, self._still = self._still, True
        try:
            with stoppable():
                yield
        finally:
            self._still = still
            self._part()
            with suppress(engine.Error):  # an error inside may have ended it
                self.connection.execute("ROLLBACK")

    @contextmanager
    def alongside(self, work: "Callable[[Store], None]") -> "Iterator[Store]":
        """Do ``work`` at the same time as the body, on a connection that sees the same moment; gives that connection,
        which is good as long as this one. Where somebody may be writing it is this one, and the work comes after the
        body: neither may need, or replace, what the other makes."""
        other = self._companion()
        if other is self:
            yield self
            work(self)
            return
        failed: list[BaseException] = []

        def run() -> None:
            try:
                work(other)
            except BaseException as error:  # handed to who waits for it
                failed.append(error)

        worker = threading.Thread(target=run, name="lineage-alongside", daemon=True)
        worker.start()
        try:
            yield other
        except BaseException:
            other.stop()
            raise
        finally:
            worker.join()
        if failed:
            raise failed[0]

    def share(self, turns: AbstractContextManager[object]) -> None:
        """Others ask on this connection meanwhile, each while it holds ``turns``: a long list is read in parts, and in
        between it is anybody's turn."""
        self.turns = turns
        if self._twin is not None:
            self._twin.turns = turns

    def stop(self) -> None:
        """Stop what this connection is doing, from another thread; there it raises ``Stopped``, now or at its next
        statement. The engine does not hear it while it plans a statement: whoever cannot wait for that one to end
        says it again."""
        self._stopped = True
        with suppress(engine.Error):  # it is done, and closed
            self.connection.interrupt()
        twin = self._twin
        if twin is not None:
            twin.stop()

    def close(self) -> None:
        self._part()
        self.connection.close()

    def _statements(self, sql: str) -> list[engine.Statement]:
        found = _PARSED.get(sql)
        if found is None:
            if len(_PARSED) >= PARSED_AT_MOST:
                _PARSED.clear()
            found = _PARSED[sql] = self.connection.extract_statements(sql)
        return found

    def _companion(self) -> "Store":
        if self._twin is None and self._still:
            now, twin = self.moment(), self.cursor()
            if not self.read_only:
                twin.run("BEGIN TRANSACTION READ ONLY")
            if twin.moment() == now:
                self._twin = twin
            else:
                twin.close()
        return self._twin or self

    def _part(self) -> None:
        twin, self._twin = self._twin, None
        if twin is not None:
            twin.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _size(path: str) -> int:
    """Bytes of a store with what is not yet in its file; of one in memory none."""
    return sum(file.stat().st_size for file in (Path(path), Path(f"{path}.wal")) if file.exists())
