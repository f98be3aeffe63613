"""One batch of lines: parsed as JSON, handed to a collector's SQL, checked, and bisected where a line raises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from lineage.errors import LineageError
from lineage.store.connection import Row, Store
from lineage.store.lines import line_table
from lineage.store.staging import clear_staging

LONGEST_REASON = 300
# SHA-256 over the JSON without its white space: what holds none outside of an escape is as it should be already.
FILL = r"""
CREATE OR REPLACE TEMP TABLE line AS
SELECT position, text, CASE WHEN json_valid(text) THEN ('0x' || left(sha256(
    CASE WHEN contains(text, ' ') OR contains(text, chr(9)) OR contains(text, '\') THEN json(text)::VARCHAR
         ELSE text END
), 32))::UHUGEINT END AS digest
FROM (SELECT position, CASE WHEN suffix(text, chr(10)) THEN text[:-2] ELSE text END AS text FROM told_line
      WHERE strlen(text) > 8 OR trim(text, chr(32) || chr(9) || chr(10) || chr(13)) <> '')
"""
NOT_JSON = "SELECT position, text FROM line WHERE digest IS NULL ORDER BY position"
WITHOUT_THEM = "DELETE FROM line WHERE digest IS NULL"
REJECTED_LINES = "SELECT r.position, r.reason, l.text FROM staged_rejected r JOIN line l USING (position) ORDER BY 1"
# Every line must have gone to one of three places: as many, and the same ones by the sum of their positions.
UNPLACED = """
WITH placed AS (
    SELECT position FROM staged_event UNION ALL SELECT position FROM staged_rejected
    UNION ALL SELECT position FROM staged_passed
)
SELECT (SELECT (count(*), coalesce(sum(position), 0)) FROM placed)
    <> (SELECT (count(*), coalesce(sum(position), 0)) FROM line)
"""


@dataclass(frozen=True)
class Refused:
    """A line that can never be stored. ``text`` goes to the quarantine, never into the store."""

    position: int
    reason: str
    text: bytes


class LoadFailed(Exception):
    """A collector's SQL raised on some line of a batch; the transaction is lost. See ``find_bad``."""


def stage(
    store: Store, load: Sequence[str], first: int, text: str, bad: Mapping[int, str]
) -> tuple[int, list[Refused]]:
    """Stage one batch; returns how many lines it held and those refused. The staged tables hold the rest.

    ``bad`` maps positions that are known to raise to their reasons. Raises LoadFailed on one that is not.
    """
    refused = _fill(store, first, text)
    for position, line in store.rows(
        "SELECT position, text FROM line WHERE position IN (SELECT unnest($bad::BIGINT[]))", bad=list(bad)
    ):
        refused.append(Refused(position, bad[position], line.encode()))
    if bad:
        store.run("DELETE FROM line WHERE position IN (SELECT unnest($bad::BIGINT[]))", bad=list(bad))
    held = store.one("SELECT count(*) FROM line")[0]
    lines = len(refused) + held
    if not held:
        return lines, refused
    try:
        store.script(load)
    except duckdb.Error as error:
        if _is_fatal(error):
            raise
        raise LoadFailed from error
    if store.one(UNPLACED)[0]:
        raise LineageError(
            "A collector left a line neither stored, rejected nor passed over.", "This is a bug; please report it."
        )
    for position, reason, line in store.rows(REJECTED_LINES):
        refused.append(Refused(position, reason, line.encode()))
    return lines, refused


def find_bad(store: Store, load: Sequence[str], first: int, text: str) -> dict[int, str]:
    """Positions of the lines that make the collector's SQL raise, with a reason. Outside any transaction:
    an error ends a transaction, and here errors are how the lines are found."""
    _fill(store, first, text)
    bad: dict[int, str] = {}
    _search(store, load, store.rows("SELECT position, text, digest FROM line ORDER BY position"), bad)
    return bad


def _fill(store: Store, first: int, text: str) -> list[Refused]:
    clear_staging(store)
    with store.registered("told_line", line_table(first, text)):
        store.run(FILL)
    refused = [Refused(position, "The line is not JSON.", line.encode()) for position, line in store.rows(NOT_JSON)]
    if refused:
        store.run(WITHOUT_THEM)
    return refused


def _search(store: Store, load: Sequence[str], lines: list[Row], bad: dict[int, str]) -> None:
    clear_staging(store)
    _put(store, lines)
    try:
        store.script(load)
    except duckdb.Error as error:
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


def _is_fatal(error: duckdb.Error) -> bool:
    """Errors that speak of the machine or the program, not of a line."""
    return isinstance(
        error,
        (
            duckdb.OutOfMemoryException,
            duckdb.IOException,
            duckdb.CatalogException,
            duckdb.BinderException,
            duckdb.ParserException,
            duckdb.InternalException,
        ),
    )
