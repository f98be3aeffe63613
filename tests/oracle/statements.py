"""Makes up SQL statements inside the grammar that `predicate.py` replays, and a few outside it."""

from random import Random

from tests.oracle.grid import maybe


def predicate(random: Random, number: int, depth: int = 2) -> str:
    if depth and maybe(random, 0.5):
        one, other = predicate(random, number, depth - 1), predicate(random, number, depth - 1)
        return random.choice((f"({one} AND {other})", f"({one} OR {other})", f"NOT ({one})", one))
    level, country = random.randint(1, 3), random.choice(("KE", "DE", "PH"))
    key = f"ds{number}-{random.randrange(4)}"
    return random.choice(
        (
            f"country = '{country}'",
            f"country <> '{country}'",
            f"country IN ('{country}', 'US')",
            f"country NOT IN ('{country}', 'US')",
            f"level {random.choice(('<', '<=', '>', '>=', '=', '<>'))} {level}",
            f"level IN ({level}, 4)",
            "level IS NULL",
            "level IS NOT NULL",
            f"coalesce(level, 0) >= {level}",
            f"record_id = '{key}'",
            f"record_id IN ('{key}', 'ds{number}-0')",
            f"nickname = '{country}'",
            "nickname IS NULL",
        )
    )


def where(random: Random, number: int) -> str:
    return f" WHERE {predicate(random, number)}" if maybe(random, 0.85) else ""


def reading(random: Random, name: str, number: int) -> str:
    """A statement that reads all fields of a table."""
    select = f"SELECT record_id, full_name, iban, country FROM public.{name}{where(random, number)}"
    if maybe(random, 0.1):
        select += f" LIMIT {random.randint(1, 9)}"
    if maybe(random, 0.2):
        return f"COPY ({select}) TO STDOUT"
    return "SELEC everything FRM there" if maybe(random, 0.05) else select


def changing(random: Random, name: str, number: int, operation: str) -> str:
    returning = " RETURNING record_id, full_name, iban, country" if maybe(random, 0.25) else ""
    if operation == "delete":
        return f"DELETE FROM public.{name}{where(random, number)}{returning}"
    return f"UPDATE public.{name} SET full_name = 'x'{where(random, number)}{returning}"


def copying(random: Random, name: str, other: int) -> str:
    """A statement that copies rows of another table into a table."""
    fields = "record_id, full_name, iban, country"
    return f"INSERT INTO public.{name} ({fields}) SELECT {fields} FROM public.ds{other}{where(random, other)}"
