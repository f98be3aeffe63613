"""What is gathered while statements are read: their tables, the sources of rows, and what becomes of those."""

from dataclasses import dataclass, field, replace

from sqlglot import exp

from lineage.statements.parts import Part, Source, TooComplex, Use
from lineage.statements.scopes import Fields, Relation, Scope, table_rows, unknown_rows

SOURCES_AT_MOST = 60


@dataclass
class Gathering:
    """What is gathered while the statements of one text are read."""

    dialect: str
    tables: dict[tuple[str, ...], int] = field(default_factory=dict)
    fields: Fields = field(default_factory=dict)
    owner: dict[str, int] = field(default_factory=dict)
    """The table of each source."""
    uses: list[Use] = field(default_factory=list)
    cut: int = 0
    """Above zero inside a query whose result may be cut off (LIMIT and the like)."""

    def table(self, node: exp.Table) -> int:
        """The number of a table, from 1, by its name as written."""
        variable = "@" if isinstance(node.this, exp.Parameter) else ""  # no table, whatever it is called
        parts = tuple(variable + str(part.name) for part in node.parts)
        return self.tables.setdefault(parts, len(self.tables) + 1)

    def new_source(self, node: exp.Table | None, *, blind: bool = False) -> tuple[Part, Relation]:
        """A source of its own for a table, or for rows that are not followed (None)."""
        name = f"s{len(self.owner) + 1}"
        if len(self.owner) >= SOURCES_AT_MOST:
            raise TooComplex
        table = self.table(node) if node else None
        self.owner[name] = table or 0
        rows = table_rows(name, self.fields) if table else unknown_rows()
        return Part((Source(name, table, blind=blind),)), rows

    def tell(self, part: Part, sure: bool = True) -> None:
        """Note what a part reads."""
        part = replace(part, sure=part.sure and sure and not self.cut)
        self.uses.extend(
            Use(source.table, source.id, part) for source in part.sources if source.table and not source.told
        )

    def read_all(self, scope: Scope, name: str = "") -> None:
        """Take all columns to be read; ``name``: of these rows (of all, where it is the name of none: a column may hold
        columns)."""
        held = next((one.rows[name] for one in scope.chain() if name in one.rows), None) if name else None
        for rows in [held] if held else scope.rows.values():
            rows.read_all()
