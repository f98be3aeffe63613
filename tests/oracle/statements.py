"""Makes up SQL statements inside the grammar that `selects.py` reads, and a few outside it."""

from random import Random

from tests.oracle.grid import FIELDS, maybe

ALL_FIELDS = "record_id, full_name, iban, country"
LINKS = (
    "a.country = b.country",
    "a.level = b.level",
    "b.level = a.level",
    "a.ref = b.record_id",
    "b.ref = a.record_id",
    "a.country = b.country AND a.level = b.level",
    "a.country = b.country AND b.level >= 2",
    "a.level = b.level AND a.country <> 'KE'",
    "a.ref = b.record_id AND b.level IS NOT NULL",
    "(a.country = b.country AND NOT (a.level = b.level))",
)
JOINS = (
    "{a} JOIN {b} ON {link}",
    "{a} JOIN {b} ON {link} WHERE {p}",
    "{a} JOIN {b} ON {link} WHERE {p} AND {q}",
    "{a} JOIN {b} ON {link} WHERE ({p} OR {q})",
    "{a}, {b} WHERE {link} AND {p}",
    "{a}, {b} WHERE {q} AND {link}",
    "{a} LEFT JOIN {b} ON {link}",
    "{a} LEFT JOIN {b} ON {link} WHERE {p}",
    "{a} LEFT JOIN {b} ON {link} WHERE b.level >= 1 AND {q}",
)
THREE = (
    "{a} JOIN {b} ON {link} JOIN {c} ON {next}",
    "{a} JOIN {b} ON {link} LEFT JOIN {c} ON {next} WHERE {p}",
    "{a} LEFT JOIN {b} ON {link} LEFT JOIN {c} ON {next} WHERE b.level >= 1 AND {q}",
    "{a} JOIN {c} ON a.level = c.level WHERE a.country IN (SELECT b.country FROM {b} WHERE {q})",
)
UNMATCHED = (
    "{a} LEFT JOIN {b} ON {link} WHERE {p} AND b.record_id IS NULL",
    "{a} LEFT JOIN {b} ON {link} WHERE ({p} OR {q})",
    "{a} LEFT JOIN {b} ON {link} WHERE {q}",
    "{a} WHERE EXISTS (SELECT 1 FROM {b} WHERE {q}) AND {p}",
    "{a}, {b} WHERE {p} AND {q}",
    "{a} JOIN {b} ON a.level < b.level WHERE {p}",
)
"""Which the product follows less far: it may say that it does not know."""
MEMBERS = (
    "{a} WHERE a.level IN (SELECT b.level FROM {b} WHERE {q})",
    "{a} WHERE {p} AND a.country IN (SELECT b.country FROM {b})",
    "{a} WHERE a.ref IN (SELECT record_id FROM {b} WHERE {q}) AND {p}",
    "{a} WHERE EXISTS (SELECT 1 FROM {b} WHERE {link})",
    "{a} WHERE {p} AND EXISTS (SELECT 1 FROM {b} WHERE {link} AND {q})",
    "{a} WHERE EXISTS (SELECT 1 FROM {b} WHERE b.level IN (1, 2) AND {q}) AND {p}",
)


def predicate(random: Random, number: int, depth: int = 2, of: str = "") -> str:
    """About one table; `of` is what its columns are called by: '' or an alias with a dot."""
    if depth and maybe(random, 0.5):
        one, other = (predicate(random, number, depth - 1, of) for _ in range(2))
        return random.choice((f"({one} AND {other})", f"({one} OR {other})", f"NOT ({one})", one))
    level, country = random.randint(1, 3), random.choice(("KE", "DE", "PH"))
    key = f"ds{number}-{random.randrange(4)}"
    return of + random.choice(
        (
            f"country = '{country}'",
            f"country <> '{country}'",
            f"country IN ('{country}', 'US')",
            f"country NOT IN ('{country}', 'US')",
            f"level {random.choice(('<', '<=', '>', '>=', '=', '<>'))} {level}",
            f"level IN ({level}, 4)",
            "level IS NULL",
            "level IS NOT NULL",
            f"record_id = '{key}'",
            f"record_id IN ('{key}', 'ds{number}-0')",
            # Of a join the product follows no equality that a row does not hold: then any may be a partner.
            f"nickname = '{country}'" if not of else "nickname IS NOT NULL",
            "nickname IS NULL",
        )
    ) if maybe(random, 0.93) else f"coalesce({of}level, 0) >= {level}"  # fmt: skip


def where(random: Random, number: int) -> str:
    return f" WHERE {predicate(random, number)}" if maybe(random, 0.85) else ""


def joining(random: Random, numbers: list[int], forms: tuple[str, ...]) -> str:
    """FROM and WHERE over several tables; the first is `a`."""
    one, other, third = numbers
    return random.choice(forms).format(
        a=f"public.ds{one} a", b=f"public.ds{other} b", c=f"public.ds{third} c",
        link=random.choice(LINKS), next=random.choice(LINKS).replace("a.", "c."),
        p=predicate(random, one, 1, "a."), q=predicate(random, other, 1, "b."),
    )  # fmt: skip


def items(random: Random, alias: str = "") -> str:
    """What a query shows: often all fields, else some, everything there is, or a number."""
    few = ", ".join(alias + name for name, _ in random.sample(FIELDS, random.randint(1, 2)))
    return random.choice(
        (*(", ".join(alias + name for name in ALL_FIELDS.split(", ")),) * 3, few, few, "count(*)", "*")
    )


def joins(tables: int) -> tuple[str, ...]:
    return (JOINS + MEMBERS) * (tables > 1) + THREE * (tables > 2) + UNMATCHED * (tables > 3)


def reading(random: Random, name: str, numbers: list[int], tables: int) -> str:
    """A statement that reads a table, alone or with others, of which there may be so many."""
    number = numbers[0]
    if tables > 1 and maybe(random, 0.5) and name.startswith("ds"):
        shown = ", ".join(dict.fromkeys((items(random, "a."), random.choice(("a.iban", "a.*", "a.country")))))
        select = f"SELECT {shown} FROM {joining(random, numbers, joins(tables))}"
    elif maybe(random, 0.1):
        select = f"SELECT country, count(*) FROM public.{name}{where(random, number)} GROUP BY country"
    else:
        select = f"SELECT {items(random)} FROM public.{name}{where(random, number)}"
        if maybe(random, 0.1) and name.startswith("ds"):
            select += f" UNION ALL SELECT {ALL_FIELDS} FROM public.ds{numbers[1]}{where(random, numbers[1])}"
    if maybe(random, 0.1) and "UNION" not in select:
        select += f" LIMIT {random.randint(1, 9)}"
    if maybe(random, 0.2):
        return f"COPY ({select}) TO STDOUT"
    return "SELEC everything FRM there" if maybe(random, 0.05) else select


def changing(random: Random, name: str, numbers: list[int], operation: str, tables: int) -> str:
    number, returning = numbers[0], ""
    if maybe(random, 0.25):
        returning = f" RETURNING {ALL_FIELDS}"
    if tables > 1 and maybe(random, 0.3) and name.startswith("ds"):
        returning = returning and " RETURNING " + ", ".join(f"a.{field}" for field in ALL_FIELDS.split(", "))
        told = joining(random, numbers, MEMBERS)
        if maybe(random, 0.5):
            link, p = random.choice(LINKS), predicate(random, number, 1, "a.")
            told = f"public.ds{number} a, public.ds{numbers[1]} b WHERE {link} AND {p}"
        target, _, rest = told.partition(" a")
        if operation == "delete":
            return f"DELETE FROM {target} a{rest.replace(',', ' USING', 1) if rest[:1] == ',' else rest}{returning}"
        rest = rest.replace(",", " FROM", 1) if rest[:1] == "," else rest
        return f"UPDATE {target} a SET full_name = 'x'{rest}{returning}"
    if operation == "delete":
        return f"DELETE FROM public.{name}{where(random, number)}{returning}"
    return f"UPDATE public.{name} SET full_name = 'x'{where(random, number)}{returning}"


def copying(random: Random, name: str, numbers: list[int], tables: int) -> str:
    """A statement that copies rows of other tables into a table."""
    other = numbers[1]
    if tables > 1 and maybe(random, 0.5):
        told = joining(random, [*numbers[1:], other], joins(tables))
        fields = ", ".join(f"a.{field}" for field in ALL_FIELDS.split(", "))
        return f"INSERT INTO public.{name} ({ALL_FIELDS}) SELECT {fields} FROM {told}"
    return f"INSERT INTO public.{name} ({ALL_FIELDS}) SELECT {ALL_FIELDS} FROM public.ds{other}{where(random, other)}"
