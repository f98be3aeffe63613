"""What is listed of a dataset that no entries tell of, and by what word (semantics.md, section 5, who touched)."""

from pathlib import Path

from tests.asking import ask, store_of
from tests.oracle.model import Access, Dataset, Name, World, instant

NOON = instant("2026-03-24T12:00:00Z")
PEOPLE: Name = ("postgres://people-db:5432", "people.public.contractors")
FIELDS = (("iban", ("BankAccount",)), ("country", ("Country",)))


def test_every_touch_is_listed_by_its_operation_and_what_it_shows(tmp_path: Path) -> None:
    """Whatever keys it names. What is neither known to be a read nor a write may be both."""
    operations = ("read", "export", "list", "create", "update", "delete", "unknown", "grant")
    world = World(
        datasets=(Dataset(*PEOPLE, ("id",), fields=FIELDS),),
        accesses=(
            *(Access(who, NOON, NOON, who, who, "success", PEOPLE, keys=("k",)) for who in operations),
            Access("set", NOON, NOON, "set", "update", "success", PEOPLE, fields=("country",),
                   statement="UPDATE public.contractors SET country = 'KE' WHERE iban = 'x'"),
        ),
    )  # fmt: skip
    store = store_of(world, tmp_path)
    said = ask(store, "who-touched", ["--dataset", "/".join(PEOPLE)])["touches"]
    told = [(one["principal"], one["operation"], one["grade"]) for one in said if one["principal"] != "set"]
    assert sorted(told) == [
        *((who, who, "probable") for who in ("create", "delete", "export", "read")),
        *(("unknown", "unknown", "possible"), ("update", "update", "probable")),
    ]
    assert [one["categories"] for one in said if one["principal"] == "set"] == [["Country"]]
