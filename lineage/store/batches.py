"""One batch of lines, of one input or several: parsed as JSON, handed to a collector's SQL, checked, and bisected where
a line raises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage.errors import LineageError
from lineage.store import engine
from lineage.store.connection import Row, Store
from lineage.store.lines import NUMBER
from lineage.store.staging import clear_staging

if TYPE_CHECKING:
    import pyarrow

LONGEST_REASON = 300
# SHA-256 over the JSON without its white space: what holds none outside of an escape is as it should be already.
FILL = r"""
CREATE OR REPLACE TEMP TABLE line AS
SELECT position, text, CASE WHEN json_valid(text) THEN ('0x' || left(sha256(
    CASE WHEN contains(text, ' ') OR contains(text, chr(9)) OR contains(text, '\') THEN json(text)::VARCHAR
         ELSE text END
), 32))::UHUGEINT END AS digest
FROM told_line
WHERE CASE WHEN strlen(text) > 8 THEN true ELSE trim(text, chr(32) || chr(9) || chr(10) || chr(13)) <> '' END
"""
NOT_JSON = "SELECT position, text FROM line WHERE digest IS NULL ORDER BY position"
WITHOUT_THEM = "DELETE FROM line WHERE digest IS NULL"
BAD = "position IN (SELECT unnest($bad::BIGINT[]))"
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


def stage(
    store: Store, load: Sequence[str], lines: "pyarrow.Table", bad: Mapping[int, str]
) -> tuple[dict[int, Counted], list[Refused]]:
    """Stage one batch (a ``line_table``); returns what became of its lines, by the number of their input, and those
    refused, by their place. The staged tables hold the rest.

    ``bad`` maps places of lines that are known to raise to their reasons. Raises LoadFailed on one that is not.
    """
    refused = _fill(store, lines)
    if bad:
        told = {"bad": list(bad)}
        for place, line in store.rows(f"SELECT position, text FROM line WHERE {BAD}", **told):
            refused.append(Refused(place, bad[place], line.encode()))
        store.run(f"DELETE FROM line WHERE {BAD}", **told)
    if not store.any("line"):
        return {}, refused
    try:
        store.script(load)
    except engine.Error as error:
        if _is_fatal(error):
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


def find_bad(store: Store, load: Sequence[str], lines: "pyarrow.Table") -> dict[int, str]:
    """Places of the lines that make the collector's SQL raise, with a reason. Outside any transaction:
    an error ends a transaction, and here errors are how the lines are found."""
    _fill(store, lines)
    bad: dict[int, str] = {}
    _search(store, load, store.rows("SELECT position, text, digest FROM line ORDER BY position"), bad)
    return bad


def _fill(store: Store, lines: "pyarrow.Table") -> list[Refused]:
    clear_staging(store)
    with store.registered("told_line", lines):
        store.run(FILL)
    refused = [Refused(place, "The line is not JSON.", line.encode()) for place, line in store.rows(NOT_JSON)]
    if refused:
        store.run(WITHOUT_THEM)
    return refused


def _search(store: Store, load: Sequence[str], lines: list[Row], bad: dict[int, str]) -> None:
    clear_staging(store)
    _put(store, lines)
    try:
        store.script(load)
    except engine.Error as error:
        if _is_fatal(error):
            raise
        if len(lines) == 1:
            reason = _without_values(str(error).splitlines()[0])[:LONGEST_REASON]
            bad[lines[0][0]] = f"The line cannot be read: {reason}."
            return
        middle = len(lines) // 2
        _search(store, load, lines[:middle], bad)
        _search(store, load, lines[middle:], bad)


def _put(store: Store, lines: list[Row]) -> None:
    positions, texts, digests = [list(column) for column in zip(*lines, strict=True)] if lines else ([], [], [])
    store.run(
        "INSERT INTO line SELECT unnest($positions::BIGINT[]), unnest($texts::VARCHAR[]), unnest($digests::UHUGEINT[])",
        positions=positions,
        texts=texts,
        digests=[str(digest) for digest in digests],
    )


def _without_values(reason: str) -> str:
    """The engine's message without the quoted value, which may be personal."""
    return reason.split('"')[0].split("'")[0].strip().rstrip(":")


def _is_fatal(error: engine.Error) -> bool:
    """Errors that speak of the machine or the program, not of a line."""
    return isinstance(
        error,
        (
            engine.OutOfMemoryException,
            engine.IOException,
            engine.CatalogException,
            engine.BinderException,
            engine.ParserException,
            engine.InternalException,
        ),
    )
