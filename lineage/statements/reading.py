"""Which rows a query reads: its tables as sources, joined under conditions, wherever they stand in it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from sqlglot import exp

from lineage.statements.elsewhere import is_named
from lineage.statements.gathering import Gathering
from lineage.statements.parts import UNKNOWN, Part, TooComplex, conjuncts, join
from lineage.statements.results import cuts, groups, membership, names_ahead
from lineage.statements.scopes import (
    Named,
    Relation,
    Scope,
    filled_rows,
    joined_rows,
    renamed_rows,
    unknown_rows,
    with_rows,
)

Item = TypeVar("Item")
ALTERNATIVES_AT_MOST = 32
# Parts of a SELECT that leave the rows that it reads as they are; any other may drop some of them.
_KNOWN_IN_SELECT = frozenset([
    "with_", "kind", "expressions", "hint", "distinct", "into", "from_", "joins", "where", "group", "having", "order",
    "locks", "windows", "laterals", "operation_modifiers", "exclude",
])  # fmt: skip
_KNOWN_IN_TABLE = frozenset(["this", "alias", "db", "catalog", "joins", "only", "sample", "hints"])
# Dialects in which WHERE sees the names of outputs.
_ALIASES_SEEN = frozenset({"snowflake", "clickhouse", "duckdb", "teradata", "redshift", "databricks"})


@dataclass
class Alternative:
    """One way to give the rows of a query: a part, the names it can use, and its outputs."""

    part: Part
    scope: Scope
    outputs: list[exp.Expr]


@dataclass
class Reading(Gathering):
    """Reads the queries of one text, and gathers what they read."""

    # Expressions

    def resolve(self, test: exp.Expr, scope: Scope) -> exp.Expr:
        """A copy with columns over sources. Queries inside are read, what they say is unknown."""

        def swap(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Query):
                self.read(node, scope)
                return UNKNOWN.copy()
            field = node.args.get("field") if isinstance(node, exp.In) and self.dialect == "clickhouse" else None
            if isinstance(field, exp.Column):  # a table
                self.read(exp.select("*").from_(exp.table_(field.name, field.table, field.db or None)), scope)
                return UNKNOWN.copy()
            if isinstance(node, exp.Columns):  # those whose names meet a pattern
                self.read_all(scope)
                return UNKNOWN.copy()
            if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):  # struct(*)
                self.read_all(scope)
            if isinstance(node, exp.Column):
                if isinstance(node.this, exp.Star):
                    self.read_all(scope, node.table)
                    return UNKNOWN.copy()
                return scope.find(node)
            return node

        return test.transform(swap)

    # Queries

    def read(self, query: exp.Expr, parent: Scope | None = None, sure: bool = True) -> None:
        """Note what a query reads when it is run for its own sake."""
        cut = cuts(query) or not sure
        self.cut += cut
        for one in self.alternatives(query, parent):
            for output in one.outputs:
                if isinstance(output, exp.Star):
                    self.read_all(one.scope)
                else:
                    self.resolve(output, one.scope)
            self.tell(one.part)
        self.cut -= cut

    def alternatives(self, query: exp.Expr, parent: Scope | None) -> list[Alternative]:
        """The parts whose rows together are the query's, as if nothing were grouped or cut off."""
        if isinstance(query, exp.Select):
            return self._select(query, parent)
        if isinstance(query, exp.Values):
            rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in query.expressions]
            return [Alternative(Part(), Scope(parent), list(row)) for row in rows[:ALTERNATIVES_AT_MOST]]
        inner = self._with(query, parent)
        if isinstance(query, exp.SetOperation):
            whole = isinstance(query, exp.Union) and not query.args.get("by_name")
            found = []
            for side in (query.this, query.expression):
                cut = cuts(side)
                self.cut += cut
                ways = self.alternatives(side, inner)
                self.cut -= cut
                found += [replace(one, part=replace(one.part, sure=one.part.sure and not cut)) for one in ways]
            return found if whole else [replace(one, part=replace(one.part, sure=False)) for one in found]
        if isinstance(query, exp.Subquery) and isinstance(query.this, exp.Query):
            return self.alternatives(query.this, inner)
        if isinstance(query, (exp.Subquery, exp.Table)):
            scope = Scope(inner)
            return [Alternative(part, one, [exp.Star()]) for part, one in self._from(query, scope)]
        raise TooComplex

    def _select(self, query: exp.Select, parent: Scope | None) -> list[Alternative]:
        scope = self._with(query, parent)
        outer = Scope(scope)
        found = [(Part(), outer)]
        if query.args.get("from_"):
            found = self._from(query.args["from_"].this, outer)
        listed = False
        for clause in query.args.get("joins") or []:
            # What stands before a comma is no part of a join after it, and may be there without it.
            listed |= not any(clause.args.get(one) for one in ("side", "kind", "method", "on", "using"))
            if listed and clause.side.upper() in ("RIGHT", "FULL"):
                raise TooComplex
            found = _bounded(two for one in found for two in self._join(*one, clause))
        aliases = frozenset(one.alias for one in query.expressions if isinstance(one, exp.Alias))
        result = []
        for part, names in found:
            for lateral in query.args.get("laterals") or []:
                part = part.beside(self._function(lateral, names))
                names.rows[lateral.alias or "?"] = unknown_rows()
            if not {name for name, given in query.args.items() if given} <= _KNOWN_IN_SELECT:
                part = replace(part, sure=False)
            if self.dialect in _ALIASES_SEEN:
                names.aliases = aliases
            where = query.args.get("where")
            parts = self.where(part, names, [where.this] if where else [])
            for clause in ("group", "having", "qualify", "sort", "cluster", "distribute", "distinct"):
                if query.args.get(clause):
                    self.resolve(query.args[clause], names)
            # An output hides a column of its name only where it stands alone in ORDER BY.
            for one in query.args["order"].expressions if query.args.get("order") else []:
                alone = isinstance(one.this, exp.Column) and not one.this.table and one.this.name in aliases
                self.resolve(one, replace(names, aliases=aliases) if alone else names)
            for window in query.args.get("windows") or []:
                self.resolve(window, names)
            result += [Alternative(part, names, list(query.expressions)) for part in parts]
        return result

    def where(self, part: Part, scope: Scope, tests: Iterable[exp.Expr]) -> list[Part]:
        """A part under conditions; EXISTS and IN (SELECT …) that must hold become sources of their own."""
        parts = [part]
        for asked in (one for test in tests for one in conjuncts(test)):
            inner = self._members(asked, scope)
            if inner is None:
                plain = self.resolve(asked, scope)
                parts = [one.with_tests([plain]) for one in parts]
            else:
                parts = _bounded(one.beside(other) for one in parts for other in inner)
        return parts

    def _members(self, test: exp.Expr, scope: Scope) -> list[Part] | None:
        """What ``x IN (SELECT …)`` or ``EXISTS (SELECT …)`` adds to the part whose rows must meet it."""
        query, left = membership(test)
        if query is None or groups(query) or cuts(query):
            return None
        lefts = list(left.expressions) if isinstance(left, exp.Tuple) else [left] if left else []
        found: list[Part] = []
        for one in self.alternatives(query, scope):
            part = one.part
            if left is not None and (len(one.outputs) != len(lefts) or any(output.is_star for output in one.outputs)):
                part = part.with_tests([UNKNOWN])
                for output in one.outputs:
                    self.resolve(output, one.scope)
            else:
                pairs = zip(lefts, one.outputs, strict=False)
                part = part.with_tests(
                    exp.EQ(this=self.resolve(a, scope), expression=self.resolve(b.unalias(), one.scope))
                    for a, b in pairs
                )
            inside = all(condition.ids <= one.part.ids for condition in one.part.conditions)
            # Which rows a query reads that looks at the outer row is told with that row, at least; which
            # others it looked at is not known. One that does not, reads its rows whatever the outer one is.
            self.tell(one.part, sure=inside)
            if inside:
                part = replace(part, sources=tuple(replace(source, told=True) for source in part.sources))
            found.append(part)
        return found

    # FROM and JOIN

    def _from(self, node: exp.Expr, scope: Scope) -> list[tuple[Part, Scope]]:
        """The ways in which one item of FROM (with the joins that hang on it) gives rows."""
        found = self._item(node, scope)
        for clause in node.args.get("joins") or []:
            found = _bounded(two for one in found for two in self._join(*one, clause))
        return found

    def _item(self, node: exp.Expr, scope: Scope) -> list[tuple[Part, Scope]]:
        alias = node.alias_or_name
        columns = tuple(node.alias_column_names)
        if isinstance(node, exp.Table) and is_named(node):
            named = scope.named(node.name) if len(node.parts) == 1 else None
            if named is None:
                known = {name for name, given in node.args.items() if given} <= _KNOWN_IN_TABLE
                alias_node = node.args.get("alias")
                blind = not known or (alias_node is not None and isinstance(alias_node.this, exp.Parameter))  # t@v3
                part, rows = self.new_source(node, blind=blind)
                hints = (one for hint in node.args.get("hints") or [] for one in hint.find_all(exp.Var))
                skips = any(one.name.upper() == "READPAST" for one in hints)
                part = replace(part, sure=not node.args.get("sample") and not skips)
                return [(part, with_rows(scope, alias, renamed_rows(rows, columns)))]
            if not named.opaque:
                return self._derived(named.query, alias, columns or named.columns, named.scope, scope)
        elif isinstance(node, exp.Stream):  # what came into a table since it was last read
            found = self._item(node.this, scope)
            return [(replace(part, sure=False), names) for part, names in found]
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Query):
            sampled = bool(node.args.get("sample") or node.args.get("pivots"))
            self.cut += sampled
            found = self._derived(node.this, alias, columns, scope.parent, scope)
            self.cut -= sampled
            return found if not sampled else [(replace(part, sure=False), names) for part, names in found]
        elif isinstance(node, exp.Subquery):  # joined tables in brackets
            if not node.alias:
                return self._from(node.this, scope)
            inside = self._from(node.this, Scope(scope.parent, queries=scope.queries))
            return [
                (part, with_rows(scope, alias, joined_rows(names, partial(self.read_all, names), columns)))
                for part, names in inside
            ]
        elif isinstance(node, exp.Values) and len(node.expressions) <= ALTERNATIVES_AT_MOST:
            return self._derived(node, alias, columns, scope.parent, scope)
        return [(self._function(node, scope), with_rows(scope, alias, unknown_rows()))]

    def _function(self, node: exp.Expr, scope: Scope) -> Part:
        """Something else that gives rows: what it holds is read, its own rows are not followed."""
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            self.read(node.this, scope, sure=False)
        else:
            for child in node.iter_expressions():
                self.resolve(child, scope)
        return self.new_source(None)[0]

    def _derived(
        self, query: exp.Expr, alias: str, columns: tuple[str, ...], inner: Scope | None, scope: Scope
    ) -> list[tuple[Part, Scope]]:
        """A query in FROM: its sources themselves where it only filters, else rows that are not followed."""
        if groups(query) or cuts(query):
            self.read(query, inner)
            return [(self.new_source(None)[0], with_rows(scope, alias, unknown_rows()))]
        found = []
        names: tuple[str, ...] = columns
        for number, one in enumerate(self.alternatives(query, inner)):
            if number == 0 and not names:
                names = tuple("" if output.is_star else output.alias_or_name for output in one.outputs)
            rows = self._outputs(one, names, first=number == 0 and not columns)
            found.append((one.part, with_rows(scope, alias, rows)))
        return found

    def _outputs(self, one: Alternative, names: tuple[str, ...], first: bool) -> Relation:
        """The outputs of a query that only filters, as columns; they are looked at when they are asked for."""
        starred = any(output.is_star for output in one.outputs)
        for output in one.outputs:
            if output.find(exp.Query):
                self.resolve(output, one.scope)
        changed = any(
            list(filter(None, output.args.values())) for output in one.outputs if isinstance(output, exp.Star)
        )
        if changed or (starred and not first):
            return Relation(lambda name: UNKNOWN.copy(), None, lambda: self.read_all(one.scope))
        given = {name: output for name, output in zip(names, one.outputs, strict=False) if name}

        def find(name: str) -> exp.Expr | None:
            if name in given:
                return self.resolve(given[name].unalias(), one.scope)
            if not starred:
                return None
            return one.scope.find(exp.column(exp.to_identifier(name, quoted=True)))

        def read_all() -> None:
            for output in one.outputs:
                if isinstance(output, exp.Star):
                    self.read_all(one.scope)
                else:
                    self.resolve(output, one.scope)

        return Relation(find, None if starred else frozenset(given), read_all)

    def _join(self, part: Part, scope: Scope, clause: exp.Join) -> list[tuple[Part, Scope]]:
        """A part joined with one more item, in each of the ways in which that gives rows."""
        kind = clause.kind.upper()
        side = "" if kind == "SEMI" else clause.side.upper()
        plain = is_named(clause.this) or (isinstance(clause.this, exp.Subquery) and self.dialect != "duckdb")
        seen = scope.parent if plain else scope  # by a function, and by what LATERAL or APPLY says: what stands before
        found = []
        for other, names in self._from(clause.this, Scope(seen, queries=scope.queries)):
            if names.rows.keys() & scope.rows.keys():  # tables of one name in two schemas
                raise TooComplex
            rows, merged = {**scope.rows, **names.rows}, {**scope.merged, **names.merged}
            both = replace(names, parent=scope.parent, rows=rows, merged=merged)
            if isinstance(clause.this, exp.Lateral) or kind == "ANY":  # ClickHouse's, with any one of its partners
                other = replace(other, sure=False)
            # What may be filled up has a source, by which this is told.
            part, other = (
                one if one.sources or side not in sides else self.new_source(None)[0].beside(one)
                for one, sides in ((part, ("RIGHT", "FULL")), (other, ("LEFT", "FULL")))
            )
            tests: list[exp.Expr] = []
            for column in clause.args.get("using") or []:
                left, right = scope.find(exp.column(column.copy())), names.find(exp.column(column.copy()))
                tests.append(exp.EQ(this=left, expression=right))
                both.merged[column.name] = (
                    UNKNOWN.copy() if side == "FULL" else right.copy() if side == "RIGHT" else left.copy()
                )
            if clause.method or clause.args.get("match_condition"):
                tests.append(UNKNOWN.copy())
            if clause.method.upper() == "NATURAL":  # over whichever columns both have
                self.read_all(both)
            if kind == "ANTI":
                # The rows on the right are looked at; those on the left are kept where there are none.
                on = [self.resolve(clause.args["on"], both)] if clause.args.get("on") else []
                self.tell(part.beside(other).with_tests(tests + on), sure=False)
                found.append((part.with_tests([UNKNOWN]), scope))
                continue
            if clause.args.get("on"):
                tests.append(self.resolve(clause.args["on"], both))
            if side in ("RIGHT", "FULL"):
                both = filled_rows(both, scope, part.ids)
            if side in ("LEFT", "FULL"):
                both = filled_rows(both, names, other.ids)
            found.append((join(part, other, side, tests), scope if kind == "SEMI" else both))
        return found

    # WITH

    def _with(self, query: exp.Expr, parent: Scope | None) -> Scope:
        """The scope in which a query stands: its WITH names queries."""
        scope = Scope(parent)
        clause = query.args.get("with_")
        if clause is None:
            return scope
        recursive = bool(clause.args.get("recursive"))
        if recursive and names_ahead(clause):
            raise TooComplex
        for cte in clause.expressions:
            within = Scope(scope.parent, queries=dict(scope.queries))
            used = _names(query, cte.alias)
            opaque = True
            if not isinstance(cte.this, exp.Query):
                self.write(cte.this, within)
            elif recursive and _names(cte.this, cte.alias):
                within.queries[cte.alias] = Named(cte.this, (), within, True)
                self.read(cte.this, within, sure=False)
            elif not used or groups(cte.this) or cuts(cte.this):
                self.read(cte.this, within, sure=used)
            else:
                opaque = False
            scope.queries[cte.alias] = Named(cte.this, tuple(cte.alias_column_names), within, opaque)
        return scope

    def write(self, statement: exp.Expr, scope: Scope) -> None:
        """Note what a statement that changes rows, inside WITH, reads and writes."""
        raise TooComplex


def _names(query: exp.Expr, name: str) -> bool:
    """Whether a query, or one inside of it, reads what is called so."""
    return any(table.name == name for table in query.find_all(exp.Table))


def _bounded(items: Iterable[Item]) -> list[Item]:
    found = list(items)
    if len(found) > ALTERNATIVES_AT_MOST:
        raise TooComplex
    return found
