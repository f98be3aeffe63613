"""From when on a credential may be used that a run could read in its environment (semantics.md, section 4)."""

from pathlib import Path

from tests.asking import ask, store_of
from tests.oracle.grid import NOON, TICK, table
from tests.oracle.model import Access, Entry, Environment, Job, Principal, RunEvent, Snapshot, World
from tests.oracle.questions import BlastRadius
from tests.oracle.reduced import reduced
from tests.oracle.semantics import Oracle

RUN, JOB = "00000000-0000-4000-8000-000000000001", ("airflow", "etl")
WORLD = World(
    principals=(Principal("backup"),),
    jobs=(Job(*JOB, environment="workers"),),
    environments=(Environment("workers", ("backup",)),),
    run_events=(RunEvent(NOON, "START", RUN, JOB), RunEvent(NOON + 6 * TICK, "COMPLETE", RUN, JOB)),
    accesses=(Access("a", NOON + TICK, NOON + TICK, "backup", "read", "success", table(0)),),
    entries=(Entry(table(0), "k", "C-1", NOON - TICK, None),),
    snapshots=tuple(
        Snapshot("workers", NOON + tick * TICK, (f"pkg:pypi/litellm@1.82.{patch}",))
        for tick, patch in ((2, 6), (4, 8), (5, 6))
    ),
)
PACKAGE = "pkg:pypi/litellm@1.82.8"


def test_it_may_be_used_from_when_on_its_run_may_be_compromised_by_any_rule(tmp_path: Path) -> None:
    """The package came after the access, but the job is suspect from its first moment on."""
    store = store_of(WORLD, tmp_path)
    for question, reached in (
        (BlastRadius(packages=(PACKAGE,)), False),
        (BlastRadius(jobs=(JOB,)), False),
        (BlastRadius(packages=(PACKAGE,), jobs=(JOB,)), True),
        (BlastRadius(packages=(PACKAGE,), jobs=(JOB,), without=("package",)), False),
    ):
        found = reduced(ask(store, "blast-radius", question.arguments()))
        assert found["data_subjects"] == Oracle(WORLD).ask(question)["data_subjects"], question
        assert found["data_subjects"] == ({"C-1": "possible"} if reached else {}), question
