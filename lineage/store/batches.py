"""One batch of lines, of one input or several: parsed as JSON, handed to a collector's SQL, checked, and bisected where
a line raises."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage.errors import LineageError
from lineage.store import engine
from lineage.store.connection import Store
from lineage.store.lines import CHUNK, NUMBER, Piece, at_places, line_table, with_digests
from lineage.store.staging import clear_staging

if TYPE_CHECKING:
    import pyarrow

LONGEST_REASON = 300  # characters of what the engine says
LARGE = 8 << 20  # bytes of a line
TOO_HEAVY = "The line takes more memory than ingest may have."
# SHA-256 over the JSON without its white space: what holds none outside of an escape is as it should be already.
TOLD = r"""
SELECT position, CASE WHEN json_valid(text) THEN sha256(
    CASE WHEN contains(text, ' ') OR contains(text, chr(9)) OR contains(text, '\') THEN json(text)::VARCHAR
         ELSE text END
) END AS digest
FROM told_line
WHERE CASE WHEN strlen(text) > 8 THEN true ELSE trim(text, chr(32) || chr(9) || chr(10) || chr(13)) <> '' END
"""
REJECTED_LINES = "SELECT r.position, r.reason, l.text FROM staged_rejected r JOIN line l USING (position) ORDER BY 1"
# Every line must have gone to one of three places: as many, and the same ones by the sum of their positions.
CENSUS = f"""
SELECT {NUMBER} AS number, count(*) FILTER (kind = 'line'), count(*) FILTER (kind = 'event'),
       count(*) FILTER (kind = 'passed'), count(*) FILTER (kind = 'rejected'),
       coalesce(sum(position) FILTER (kind = 'line'), 0) <> coalesce(sum(position) FILTER (kind <> 'line'), 0)
FROM (
    SELECT 'line' AS kind, position FROM line UNION ALL SELECT 'event', position FROM staged_event
    UNION ALL SELECT 'rejected', position FROM staged_rejected UNION ALL SELECT 'passed', position FROM staged_passed
) GROUP BY number
"""


@dataclass(frozen=True)
class Batch:
    """Lines that hold JSON, as columns ``position`` (place in the batch), ``text`` and ``digest``, and the others."""

    lines: "pyarrow.Table"
    refused: list["Refused"]


@dataclass(frozen=True)
class Counted:
    """Of one input's lines in a batch: all but those refused at once, those staged as events, those passed over."""

    lines: int
    told: int
    passed: int


@dataclass(frozen=True)
class Refused:
    """A line that can never be stored, by its place in the batch. ``text`` goes to the quarantine, never into the
    store."""

    place: int
    reason: str
    text: bytes


class LoadFailed(Exception):
    """A collector's SQL raised on some line of a batch; the transaction is lost. See ``find_bad``."""


def digested(store: Store, pieces: Sequence[Piece], refused: Sequence["Refused"] = ()) -> Batch:
    """A batch, ready to be staged; ``refused`` goes with it. Nothing in the store is looked at, so the connection may
    be one of its own, for another thread."""
    aside = list(refused)
    told = line_table(pieces or [(0, b"")])
    sums = _summed(store, told, aside)
    if sums.column("digest").null_count:
        others = at_places(told, sums.filter(sums.column("digest").is_null()))
        aside += [Refused(place, "The line is not JSON.", text) for place, text in _texts(others)]
        sums = sums.filter(sums.column("digest").is_valid())
    return Batch(with_digests(told, sums), aside)


def _summed(store: Store, told: "pyarrow.Table", refused: list["Refused"]) -> "pyarrow.Table":
    """The places of lines and their digests; what takes too much memory even alone goes to ``refused``."""
    import pyarrow

    try:
        with store.registered("told_line", told):
            return store.table(TOLD, CHUNK)
    except engine.OutOfMemoryException as error:
        if _is_fatal(error, told):
            raise
        if len(told) == 1:
            refused += [Refused(place, TOO_HEAVY, text) for place, text in _texts(told)]
            return _summed(store, told[:0], refused)
        middle = len(told) // 2
        return pyarrow.concat_tables([_summed(store, part, refused) for part in (told[:middle], told[middle:])])


def stage(
    store: Store, load: Sequence[str], batch: Batch, bad: Mapping[int, str]
) -> tuple[dict[int, Counted], list[Refused]]:
    """Stage one batch; returns what became of its lines, by the number of their input, and those refused, by their
    place. The staged tables hold the rest.

    ``bad`` maps places of lines that are known to raise to their reasons. Raises LoadFailed on one that is not.
    """
    clear_staging(store)
    lines, refused = batch.lines, list(batch.refused)
    if bad:
        lines, raising = _apart(lines, bad)
        refused += [Refused(place, bad[place], text) for place, text in _texts(raising)]
    if not len(lines):
        return {}, refused
    with store.registered("line", lines):
        try:
            store.script(load)
        except engine.Error as error:
            if _is_fatal(error, lines):
                raise
            raise LoadFailed from error
        found = store.rows(CENSUS)
        if any(lines != told + passed + rejected or astray for _, lines, told, passed, rejected, astray in found):
            raise LineageError(
                "A collector left a line neither stored, rejected nor passed over.", "This is a bug; please report it."
            )
        if any(rejected for *_, rejected, _ in found):
            refused += [Refused(place, reason, line.encode()) for place, reason, line in store.rows(REJECTED_LINES)]
    return {
        number: Counted(lines - rejected, told, passed) for number, lines, told, passed, rejected, _ in found
    }, refused


def find_bad(store: Store, load: Sequence[str], batch: Batch) -> dict[int, str]:
    """Places of the lines that make the collector's SQL raise, with a reason. Outside any transaction:
    an error ends a transaction, and here errors are how the lines are found."""
    bad: dict[int, str] = {}
    _search(store, load, batch.lines.sort_by("position"), bad)
    return bad


def _search(store: Store, load: Sequence[str], lines: "pyarrow.Table", bad: dict[int, str]) -> None:
    clear_staging(store)
    try:
        with store.registered("line", lines):
            store.script(load)
    except engine.Error as error:
        if _is_fatal(error, lines):
            raise
        if len(lines) == 1:
            bad[lines.column("position")[0].as_py()] = _why(error)
            return
        middle = len(lines) // 2
        _search(store, load, lines[:middle], bad)
        _search(store, load, lines[middle:], bad)


def _apart(lines: "pyarrow.Table", places: Collection[int]) -> tuple["pyarrow.Table", "pyarrow.Table"]:
    """The lines at none of these places, and those at one."""
    import pyarrow
    from pyarrow import compute

    there = compute.is_in(lines.column("position"), pyarrow.array(places, pyarrow.int64()))
    return lines.filter(compute.invert(there)), lines.filter(there)


def _texts(lines: "pyarrow.Table") -> list[tuple[int, bytes]]:
    """(place, text) of some few lines, in their order."""
    texts = zip(lines.column("position").to_pylist(), lines.column("text").to_pylist(), strict=True)
    return sorted((place, text.encode()) for place, text in texts)


def _why(error: engine.Error) -> str:
    if isinstance(error, engine.OutOfMemoryException):
        return TOO_HEAVY
    return f"The line cannot be read: {_without_values(str(error).splitlines()[0])[:LONGEST_REASON]}."


def _without_values(reason: str) -> str:
    """The engine's message without the quoted value, which may be personal."""
    return reason.split('"')[0].split("'")[0].strip().rstrip(":")


def _is_fatal(error: engine.Error, lines: "pyarrow.Table") -> bool:
    """Errors that speak of the machine or the program, not of a line. Where the memory did not suffice a line is at
    fault only if it is large: it would never suffice, and the others would wait for ever."""
    if isinstance(error, engine.OutOfMemoryException):
        from pyarrow import compute

        return bool(compute.max(compute.binary_length(lines.column("text"))).as_py() < LARGE)
    return isinstance(
        error,
        (
            engine.IOException,
            engine.CatalogException,
            engine.BinderException,
            engine.ParserException,
            engine.InternalException,
        ),
    )
