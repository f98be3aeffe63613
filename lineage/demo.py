"""The sample story: a fresh store, the sample data in it, and the question that the story is about."""

import shutil
from collections.abc import Callable
from pathlib import Path

from lineage.answers import Answer
from lineage.asked import ask, asked_path, here
from lineage.errors import LineageError
from lineage.ingest import Tick, ingest
from lineage.questions import blast_radius
from lineage.store import inbox_path, open_store, quarantine_path

SAMPLE_DATA = Path(__file__).parent.parent / "sample_data"
ADVISORY = "advisories/MAL-2026-2144.json"
WINDOW = {"from": ["2026-03-24T10:39:00Z"], "to": ["2026-03-24T13:11:42Z"]}
NEXT = """Next, in a browser at http://127.0.0.1:8710:
  lineage serve --store {store}
or here:
  lineage ask who-touched --data-subject C-0217 --store {store}
  lineage ask blast-radius --vendor tagworks {window} --store {store}
  lineage ask blast-radius --advisory {advisory} --within-vendor northgate {window} --out evidence/ --store {store}
  lineage status --store {store}"""


def tell(store_path: str, data: Path, say: Callable[[str], None], tick: Tick, *, replace: bool) -> Answer:
    """Ingest the story into a fresh store at ``store_path`` and ask which people the poisoned releases touched.

    Raises LineageError when there is no sample data, or something at ``store_path`` that may not be replaced.
    """
    if not (data / "catalog.yml").exists():
        raise LineageError(f"There is no sample data at {data}.", "Run it from a checkout, or give --data DIR.")
    if Path(store_path).exists() and not replace:  # it may be somebody's evidence
        raise LineageError(f"There is something at {store_path} already.", "Give a path where nothing is yet.")
    for old in (Path(store_path), Path(f"{store_path}.wal"), quarantine_path(store_path), asked_path(store_path)):
        old.unlink(missing_ok=True)
    shutil.rmtree(inbox_path(store_path), ignore_errors=True)
    with open_store(store_path) as store:
        taken = [item for item in ingest(store, [str(data)], tick=tick) if item.collector is not None]
    events = sum(item.tally.stored for item in taken)
    rejected = sum(item.tally.rejected for item in taken)
    say(f"{len(taken)} files of {data} hold {events} events; {rejected} lines were rejected. Store: {store_path}")
    return ask_again(store_path, data)


def following(store_path: str) -> str:
    """What to do next, as lines to be copied."""
    window = " ".join(f"--{side} {instant}" for side, (instant,) in WINDOW.items())
    return NEXT.format(store=store_path, window=window, advisory=Path(ADVISORY).stem)


def ask_again(store_path: str, data: Path) -> Answer:
    """The flagship question at a store that holds the story."""
    store = open_store(store_path, read_only=True)
    values = {"advisory": [str(data / ADVISORY)], "within-vendor": ["northgate"], **WINDOW}
    return ask(store, blast_radius.QUESTION, values, here())
