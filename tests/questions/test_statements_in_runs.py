"""A statement that is part of a run is a run of one instant as well: what its run wrote before goes on through it."""

import json
from pathlib import Path

from tests.asking import ask, ingest
from tests.shown_by_runs import STORE, run

RUN = "00000000-0000-4000-8000-000000000001"
COPYING: dict[str, object] = {
    "id": "1", "time": "2026-03-24T06:05:00Z", "principal": "etl", "operation": "create", "outcome": "success",
    "dataset": {"namespace": STORE, "name": "people.public.copy"}, "dialect": "postgres", "run_id": RUN,
    "statement": "INSERT INTO public.copy SELECT * FROM public.staged",
}  # fmt: skip


def contaminated(folder: Path, *events: dict[str, object]) -> dict[str, str]:
    """What a compromised write of `staged` may have come into: datasets by name, runs by id."""
    (folder / "input").mkdir(parents=True)
    (folder / "input" / "openlineage.ndjson").write_text("\n".join(map(json.dumps, run(1, 6, [], "staged"))))
    (folder / "input" / "access.ndjson").write_text("".join(json.dumps(one) + "\n" for one in events))
    ingest(folder / "store", [folder / "input"])
    said = ask(folder / "store", "blast-radius", ["--dataset", f"{STORE}/people.public.staged"])
    found = {one["name"]: one["contaminated"] for one in said["datasets"] if one["contaminated"]}
    return found | {one["run_id"]: one["contaminated"] for one in said["runs"] if one["contaminated"]}


def test_what_its_run_wrote_goes_through_it(tmp_path: Path) -> None:
    """The run itself is not contaminated by what it wrote, nor is what else it wrote."""
    found = contaminated(tmp_path, COPYING)
    assert found == {"people.public.staged": "certain", "people.public.copy": "possible"}


def test_what_it_reads_of_its_own_making_is_none_of_it(tmp_path: Path) -> None:
    only = COPYING | {"statement": "SELECT * FROM public.staged", "operation": "read"}
    only |= {"dataset": {"namespace": STORE, "name": "people.public.staged"}}
    assert contaminated(tmp_path, only) == {"people.public.staged": "certain"}


def test_what_is_its_own_hides_nothing_of_what_others_wrote(tmp_path: Path) -> None:
    """Of many statements that read and write one table, each goes on from the one before."""
    table = {"namespace": STORE, "name": "people.public.staged"}
    own = COPYING | {"statement": "INSERT INTO public.staged SELECT * FROM public.staged", "dataset": table}
    many = [own | {"id": f"own-{no}", "time": f"2026-03-24T06:{no // 60:02d}:{no % 60:02d}Z"} for no in range(300)]
    found = contaminated(tmp_path, *many, COPYING)
    assert found == {"people.public.staged": "certain", "people.public.copy": "possible"}
