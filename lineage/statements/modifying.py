"""Which rows INSERT, UPDATE, DELETE and MERGE change, and what they say about the tables that they write."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlglot import exp

from lineage.statements.changes import changes
from lineage.statements.parts import Condition, Inserted, Part, TooComplex, Use
from lineage.statements.reading import Reading
from lineage.statements.scopes import Scope

# Columns whose inserted values may be kept, to tell the new row by: keys, and nothing that tells of a person.
_KEY = re.compile(r"(?:.*_)?(?:id|key|uuid)", re.IGNORECASE)
_PERSONAL = re.compile(r"tax|national|passport|gov|licen[cs]e|social|bank|card|vat|iban|private|secret", re.IGNORECASE)
ROWS_AT_MOST = 50
# Said of a name that one session alone knows; it hides a table that has it.
TEMPORARY = "temporary"


@dataclass
class Modifying(Reading):
    """The same for statements that change rows. ``said`` is what their SQL says about each table written, by number;
    ``changed`` which of its columns are written (None: all, or not known); ``returns``: some give rows back."""

    said: dict[int, list[str | None]] = field(default_factory=dict)
    changed: dict[int, set[str] | None] = field(default_factory=dict)
    returns: bool = False

    def write(self, statement: exp.Expr, scope: Scope) -> None:
        """Note what a statement that changes rows reads and writes, wherever it stands."""
        names = self._with(statement, scope)
        returning = statement.args.get("returning")
        self.returns |= bool(returning)
        if isinstance(statement, exp.Insert):
            self._insert(statement, names)
        elif isinstance(statement, (exp.Update, exp.Delete)):
            self._change(statement, names)
        elif isinstance(statement, exp.Merge):
            self._merge(statement, names)
        else:
            raise TooComplex

    def alter(self, number: int, columns: Iterable[exp.Expr] | None) -> None:
        """Note which columns of a table are written."""
        known = self.changed.get(number, set())
        told = list(columns) if columns is not None else None
        if known is None or told is None or not all(isinstance(one, (exp.Column, exp.Identifier)) for one in told):
            self.changed[number] = None
        else:  # of `address.city` either may be the column
            parts = (part for one in told for part in (one.parts if isinstance(one, exp.Column) else [one]))
            self.changed[number] = known | {part.name for part in parts}

    # INSERT

    def _insert(self, tree: exp.Insert, scope: Scope) -> None:
        schema = tree.this
        table = schema.this if isinstance(schema, exp.Schema) else schema
        if not isinstance(table, exp.Table):
            raise TooComplex
        target, rows = self.new_source(exp.Table(**{k: table.args.get(k) for k in ("this", "db", "catalog")}))
        partition = table.args.get("partition") or tree.args.get("partition")
        conflict = tree.args.get("conflict")
        updates = conflict is not None and "NOTHING" not in str(conflict.args.get("action") or "").upper()
        number = target.sources[0].table or 0
        said = (
            "unknown"
            if partition or tree.args.get("where")
            else "overwrite"
            if tree.args.get("overwrite")
            else "append"
        )
        replaces = str(tree.args.get("alternative")).upper() == "REPLACE"  # any row that it collides with
        whole = replaces or said == "overwrite" or not isinstance(schema, exp.Schema)
        self.alter(number, None if whole else schema.expressions)
        if updates and conflict is not None:
            self.alter(number, _targets(conflict.expressions))
        self.said.setdefault(number, []).append(None if updates or replaces else said)
        names = Scope(scope, rows={table.alias_or_name: rows})
        source = tree.expression
        if isinstance(source, exp.Values):
            for query in source.find_all(exp.Query):
                if query.parent_select is None:
                    self.read(query, scope)
        elif source is not None:
            self.read(source, scope)
        part = None if replaces else self._new_rows(tree, target, conflict if updates else None)
        reads = self._returned(tree, names)
        if updates and conflict is not None:
            for test in conflict.expressions:
                self.resolve(test, names)
        self.uses.append(Use(number, target.sources[0].id, part, "create", reads))

    def _new_rows(self, tree: exp.Insert, target: Part, changing: exp.Expr | None) -> Part | None:
        """The rows of VALUES as far as keys tell them, else None. ``changing``: the clause that changes a row which was
        there instead."""
        schema, source = tree.this, tree.expression
        if not isinstance(source, exp.Values) or not isinstance(schema, exp.Schema):
            return None
        same = _same_as_there(changing) if changing else None
        part = self._inserted(target, [column.name for column in schema.expressions], source, same)
        # Where the row was there already, nothing may have been done to it.
        idle = changing.args.get("where") if changing else tree.args.get("conflict")
        if part and (idle or tree.args.get("ignore") or tree.args.get("alternative")):
            return replace(part, sure=False)
        return part

    def _inserted(self, target: Part, columns: list[str], values: exp.Values, same: list[str] | None) -> Part | None:
        """The new rows, as far as keys tell them; None where they do not. ``same``: only these columns are as told
        where a row that was there is changed instead."""
        keys = [n for n, column in enumerate(columns) if _KEY.fullmatch(column) and not _PERSONAL.search(column)]
        if same is not None:
            keys = [n for n in keys if columns[n] in same]
            if sorted(columns[n] for n in keys) != sorted(same):
                return None
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in values.expressions]
        if not keys or len(rows) > ROWS_AT_MOST or any(len(row) != len(columns) for row in rows):
            return None
        id = target.sources[0].id
        made = []
        for row in rows:
            pairs = [
                exp.EQ(this=exp.column(exp.to_identifier(columns[n], quoted=True), table=id), expression=row[n].copy())
                for n in keys
            ]
            if not all(_is_constant(pair.expression) for pair in pairs):
                return None
            made.append(exp.and_(*pairs, wrap=False))
        return replace(target, conditions=(Condition(Inserted(expressions=made)),))

    # UPDATE and DELETE

    def _change(self, tree: exp.Update | exp.Delete, scope: Scope) -> None:
        write = "update" if isinstance(tree, exp.Update) else "delete"
        items, targets = changes(tree)
        if not items or not targets:
            raise TooComplex
        first, *others = items
        known = {"with_", "this", "expressions", "from_", "using", "where", "returning", "tables", "hint"}
        sure = {name for name, given in tree.args.items() if given} <= known
        found = self._from(first, Scope(scope))
        for other in others:  # copied: where a table stands says whether its name is of a query of WITH
            found = [two for one in found for two in self._join(*one, exp.Join(this=other.copy()))]
        where = tree.args.get("where")
        for part, names in found:
            changed = {names.rows[name].source for name in targets if name in names.rows}
            if len(changed) < len(targets) or "" in changed:
                raise TooComplex
            for target in changed:
                self.said.setdefault(self.owner[target], []).append(None)
                self.alter(self.owner[target], _targets(tree.expressions) if isinstance(tree, exp.Update) else None)
            for one in self.where(part, names, [where.this] if where else []):
                one = replace(one, sure=one.sure and sure and not self.cut)
                for pair in tree.expressions if isinstance(tree, exp.Update) else []:
                    self.resolve(pair.expression if isinstance(pair, exp.EQ) else pair, names)
                reads = self._returned(tree, names)
                for source in one.sources:
                    if source.id in changed and source.table:
                        self.uses.append(Use(source.table, source.id, one, write, reads))
                    elif source.table and not source.told:
                        self.uses.append(Use(source.table, source.id, one))

    # MERGE

    def _merge(self, tree: exp.Merge, scope: Scope) -> None:
        """MERGE: which rows it takes on either side is not followed."""
        if not isinstance(tree.this, exp.Table):
            raise TooComplex
        self.cut += 1
        found = self._from(tree.args["using"], Scope(scope))
        self.cut -= 1
        target, rows = self.new_source(tree.this)
        number = target.sources[0].table or 0
        thens = [when.args["then"] for when in tree.args["whens"].expressions]
        deletes = any(isinstance(then, exp.Var) and then.name.upper() == "DELETE" for then in thens)
        updates = any(isinstance(then, exp.Update) for then in thens)
        write = "update" if updates else "delete" if deletes else "create"
        for then in thens:
            self.alter(number, _written(then))
        self.said.setdefault(number, []).append(None)
        for part, names in found:
            names = replace(names, rows={**names.rows, tree.this.alias_or_name: rows})
            for column in tree.args.get("using_cond") or []:
                self.resolve(exp.column(column.copy()), names)
            if tree.args.get("on"):
                self.resolve(tree.args["on"], names)
            for when in tree.args["whens"].expressions:
                self.resolve(when, names)
                if isinstance(when.args["then"].this, exp.Var):  # BigQuery's INSERT ROW
                    self.read_all(names)
            self.tell(part, sure=False)
            reads = self._returned(tree, names)
            self.uses.append(Use(number, target.sources[0].id, None, write, reads))

    # RETURNING

    def _returned(self, tree: exp.Expr, scope: Scope) -> bool:
        """Whether the rows written are read too, by RETURNING; its fields are noted."""
        returning = tree.args.get("returning")
        into = returning.args.get("into") if returning else None
        if isinstance(into, exp.Anonymous):  # with the columns that it goes into
            into = exp.to_identifier(into.name)
        if isinstance(into, exp.Identifier) and self.dialect == "tsql":  # elsewhere it goes into a variable
            number = self.table(exp.Table(this=into.copy()))
            self.said.setdefault(number, []).append(TEMPORARY if into.args.get("temporary") else "append")
            self.alter(number, None)
            self.uses.append(Use(number, write="create", reads=False))
        for output in returning.expressions if returning else []:
            elsewhere = {column.table for column in output.find_all(exp.Column)} - {"", *scope.rows}
            if isinstance(output, exp.Star) or elsewhere:  # `deleted.x`, `old.x`: the row as it was
                self.read_all(scope)
            if not isinstance(output, exp.Star):
                self.resolve(output, scope)
        return bool(returning)


def _targets(pairs: list[exp.Expr]) -> list[exp.Expr] | None:
    """The columns that SET sets; None where they are not told."""
    found: list[exp.Expr] = []
    for pair in pairs:
        if not isinstance(pair, exp.EQ):
            return None
        left = pair.this.unnest()
        found += left.expressions if isinstance(left, exp.Tuple) else [left]
    return found or None


def _written(then: exp.Expr) -> list[exp.Expr] | None:
    """The columns that a branch of MERGE writes; None: all, or not told."""
    if isinstance(then, exp.Var) and "NOTHING" in then.name.upper():
        return []
    if isinstance(then, exp.Update):
        return _targets(then.expressions)
    told = then.this if isinstance(then, exp.Insert) else None
    return list(told.expressions) if isinstance(told, exp.Tuple) and told.expressions else None


def _same_as_there(conflict: exp.Expr) -> list[str]:
    """The columns in which a row that is changed instead of inserted is as the new one; none where it is not told."""
    if any(conflict.args.get(one) for one in ("constraint", "duplicate", "index_predicate")):
        return []
    return [key.name for key in conflict.args.get("conflict_keys") or []]


def _is_constant(value: exp.Expr) -> bool:
    """A literal, a bound value or a constant: nothing that is computed."""
    value = value.unnest()
    if isinstance(value, (exp.Neg, exp.Cast)):
        return _is_constant(value.this)
    return isinstance(value, (exp.Literal, exp.Placeholder, exp.Parameter, exp.Null, exp.Boolean))
