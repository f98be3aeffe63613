"""What a statement does to tables as a whole: makes, empties, fills from a file or drops them."""

from dataclasses import dataclass, field, replace

from sqlglot import exp

from lineage.statements.elsewhere import is_named
from lineage.statements.modifying import TEMPORARY, Modifying
from lineage.statements.parts import TooComplex, Use
from lineage.statements.scopes import Scope

# What is made of the rows of a query, when it is made.
MADE = ("TABLE", "VIEW", "MODEL")


@dataclass
class Writing(Modifying):
    """Reads the statements of one text, whatever they do. ``views``: the tables, by number, that are none."""

    views: set[int] = field(default_factory=set)

    def statement(self, tree: exp.Expr, sure: bool) -> bool:
        """Note what one statement reads and writes; whether it was understood."""
        if isinstance(tree, exp.Values):
            self.read(tree)
        elif isinstance(tree, exp.Query):
            into = tree.args.get("into") if isinstance(tree, exp.Select) else None
            if into and self.dialect == "oracle":  # into variables
                into = into.pop() and None
            self.read(tree, sure=sure)
            if into and is_named(into.this):
                self._made(into.this, TEMPORARY if into.args.get("temporary") else "overwrite")
        elif isinstance(tree, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
            self.write(tree, Scope())
        elif isinstance(tree, exp.Create):
            return self._create(tree)
        elif isinstance(tree, exp.TruncateTable):
            for table in tree.expressions:
                part = tree.args.get("partition") or table.args.get("partition")
                self._all(table, "delete", "unknown" if part else "overwrite", known=not part)
        elif isinstance(tree, exp.Drop) and tree.kind in ("TABLE", "VIEW"):
            for table in tree.args.get("tables") or [] if tree.kind == "TABLE" else []:
                self._all(table, "delete", "overwrite")
        elif isinstance(tree, exp.Alter) and tree.kind in ("TABLE", "VIEW"):
            for action in tree.args.get("actions") or []:
                if isinstance(action, exp.Drop) and action.args.get("kind") == "COLUMN":
                    self._all(tree.this, "update", None, columns=[action.this] if action.this else None)
                elif isinstance(action, exp.Delete):  # ClickHouse's DELETE
                    self.write(exp.Delete(this=tree.this.copy(), where=action.args.get("where")), Scope())
                elif isinstance(action, exp.DropPartition):
                    self._all(tree.this, "delete", "unknown", known=False)
                elif isinstance(action, exp.Query):  # what a view shows from now on
                    return self._create(exp.Create(this=tree.this.copy(), kind="VIEW", expression=action.copy()))
        elif isinstance(tree, exp.Copy):
            return self._copy(tree)
        elif isinstance(tree, exp.Summarize) and isinstance(tree.this, exp.Literal):  # a file
            return False
        elif isinstance(tree, (exp.Pivot, exp.Summarize, exp.MultitableInserts)):
            raise TooComplex
        else:
            return isinstance(tree, (exp.Set, exp.Use, exp.Grant, exp.Transaction, exp.Commit, exp.Rollback))
        return True

    def _copy(self, tree: exp.Copy) -> bool:
        """COPY: kind True is FROM a file (or, loading, from a stage); the table may stand on either side."""
        schema = tree.this
        table = schema.this if isinstance(schema, exp.Schema) else schema
        columns = schema.expressions if isinstance(schema, exp.Schema) else []
        files = tree.args.get("files") or []
        if isinstance(table, exp.Subquery):
            self.read(table)
            return not tree.args.get("kind")
        if not isinstance(table, exp.Table):
            return False
        if not is_named(table):  # COPY INTO @stage FROM table
            for source in files:
                query = source if isinstance(source, exp.Query) else exp.select("*").from_(source.copy())
                self.read(query)
            return bool(files)
        if tree.args.get("kind"):
            part, _ = self.new_source(table)
            number = part.sources[0].table or 0
            self.said.setdefault(number, []).append("append")
            self.alter(number, columns or None)
            self.uses.append(Use(number, part.sources[0].id, None, "create", False))
        else:
            asked: list[exp.Expr] = [exp.column(column.copy()) for column in columns] or [exp.Star()]
            self.read(exp.select(*asked).from_(table.copy()))
        return True

    def _create(self, tree: exp.Create) -> bool:
        if tree.kind == "SINK" and isinstance(tree.expression, exp.Query):  # and what comes later
            self.read(tree.expression, sure=False)
            return True
        if tree.kind not in MADE:
            body = tree.kind in ("FUNCTION", "PROCEDURE", "MACRO")  # is not run
            return tree.kind not in (None, "") and (body or not isinstance(tree.expression, exp.Query))
        schema = tree.this
        table = schema.this if isinstance(schema, exp.Schema) else schema
        properties = tree.args.get("properties")
        given = properties.expressions if properties else []
        if _has(given, exp.ExecuteAsProperty):  # what was prepared, elsewhere
            return False
        query = tree.expression
        exists = bool(tree.args.get("exists"))  # then it may be there already, and nothing is done
        said = TEMPORARY if _has(given, exp.TemporaryProperty) else "unknown" if exists else None
        if tree.kind == "VIEW" and not isinstance(query, exp.Query):
            return False
        if tree.kind == "VIEW" and not _has(given, exp.MaterializedProperty):
            self._view(table, query, said)
            return True
        empty = any(isinstance(one, exp.WithDataProperty) and one.args.get("no") for one in given)
        clone = tree.args.get("clone")
        if clone:
            self.read(exp.select("*").from_(clone.this.copy()), sure=not exists)
        elif isinstance(query, exp.Query) and not empty:
            self.read(query, sure=not exists)
        elif isinstance(query, exp.Table):
            empty = empty or self.dialect == "clickhouse"  # which makes one alike
            if not empty:
                self.read(exp.select("*").from_(query.copy()), sure=not exists)
        elif query is not None and not empty:
            return False
        self._made(table, said or "overwrite", none=not clone and (query is None or empty))
        for into in given:
            if isinstance(into, exp.ToTableProperty):  # which ClickHouse writes, whatever comes
                self._made(into.this, "append")
        return True

    def _view(self, table: exp.Table, query: exp.Query, said: str | None) -> None:
        """A view is made: which tables it is of is noted, and that no row of them is read by that."""
        before = len(self.uses)
        self.read(query)
        self.uses[before:] = [replace(use, part=None, none=True) for use in self.uses[before:]]
        number = self.table(table)
        self.views.add(number)
        if said or self.cut:
            self.said.setdefault(number, []).append(said or "unknown")
        self.uses.append(Use(number, none=True, reads=False))

    def _made(self, table: exp.Expr, said: str, none: bool = False) -> None:
        """A table that is made anew: its rows are not told by the statement."""
        if not isinstance(table, exp.Table):
            raise TooComplex
        number = self.table(table)
        self.said.setdefault(number, []).append(said)
        self.alter(number, None)
        self.uses.append(Use(number, write="create", reads=False, none=none))

    def _all(
        self, table: exp.Expr, write: str, said: str | None, known: bool = True, columns: list[exp.Expr] | None = None
    ) -> None:
        """All rows of a table are changed."""
        if not isinstance(table, exp.Table):
            raise TooComplex
        part, _ = self.new_source(table)
        number = part.sources[0].table or 0
        self.alter(number, columns)
        if said or write == "delete":
            self.said.setdefault(number, []).append(said)
        self.uses.append(Use(number, part.sources[0].id, part if known else None, write, False))


def _has(properties: list[exp.Expr], kind: type[exp.Expr]) -> bool:
    return any(isinstance(one, kind) for one in properties)
