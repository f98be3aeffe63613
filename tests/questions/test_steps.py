"""The steps of a path: what the engine spells is read back as what it was made of."""

import pytest

from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.questions.steps import (
    HOME,
    Step,
    home_of,
    read_step,
    spell_access,
    spell_cause,
    spell_read,
    spell_record,
    spell_run,
    spell_write,
)
from lineage.store import Store, open_store

ALWAYS = (str(BEFORE_ALL), str(AFTER_ALL))


@pytest.fixture(scope="module")
def engine() -> Store:
    return open_store(":memory:")


@pytest.mark.parametrize(
    ("sql", "meant"),
    [
        (spell_cause("'package'", "'the workers'"), Step("environment", "the workers")),
        (spell_cause("'vendor'", "NULL"), Step("asked")),
        (spell_cause("'credential'", "NULL"), Step("step", "a credential that a compromised run knew")),
        (spell_run("'r-1'", "'air/load of all'"), Step("run", "", "r-1", "air/load of all")),
        (spell_run("'r-1'", "NULL"), Step("run", "", "r-1")),
        (spell_access("'ana of ops'"), Step("principal", "ana of ops")),
        (spell_access("NULL"), Step("principal", "an unnamed principal")),
        (spell_read("'read at noon'", "0", "999999"), Step("read", "read at noon")),
        (spell_read("'copied from a'", "0", "1000000"), Step("read", "copied from a")),
        (spell_read("'t'", *ALWAYS), Step("read", "t")),
        (spell_write("'a'", "'r-1'", "'air/load of all'", "'copied from b'", "0"),
         Step("written", "copied from b", "r-1", "air/load of all")),
        (spell_write("'a'", "NULL", "NULL", "'b'", ALWAYS[0]), Step("written", "b")),
    ],
)  # fmt: skip
def test_a_step_is_read_back_as_what_it_was_made_of(engine: Store, sql: str, meant: Step) -> None:
    assert read_step(engine.one(f"SELECT {sql}")[0]) == meant


def test_the_last_step_says_of_which_dataset_the_record_is(engine: Store) -> None:
    told = spell_record("'part 1 of 2'", "'people.public.t'", "'C of 1'")
    text, home = engine.one(f"SELECT path[-1], {HOME} FROM (SELECT [{told}] AS path, 'C of 1' AS id)")
    assert home_of(text) == home == "people.public.t"
