"""Parquet inputs as JSON lines, so that they take the same way in as every other format."""

import tempfile
from pathlib import Path
from typing import BinaryIO

from lineage.store import engine

MAGIC = b"PAR1"
BATCH = 50_000  # rows held at a time
_RFC_3339 = "'%Y-%m-%dT%H:%M:%S.%fZ'"
_LOCAL = "'%Y-%m-%dT%H:%M:%S.%f'"


def parquet_lines(file: Path) -> BinaryIO:
    """The rows of a Parquet file as JSON objects, one a line; a null is left out (it is not held).

    A zoned timestamp is written as RFC 3339 in UTC: as text where it bounds validity, else as ``{"t": …}``;
    one without a zone as local text. Raises OSError where the file is torn.
    """
    spool = tempfile.TemporaryFile()  # noqa: SIM115 (handed to the caller)
    try:
        with engine.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            columns = connection.execute("DESCRIBE SELECT * FROM read_parquet($file)", {"file": str(file)}).fetchall()
            members = ", ".join(_member(name, kind) for name, kind, *_ in columns)
            rows = connection.execute(
                f"SELECT json_merge_patch('{{}}', json_object({members}))::VARCHAR FROM read_parquet($file)",
                {"file": str(file)},
            )
            while batch := rows.fetchmany(BATCH):
                spool.writelines(line.encode() + b"\n" for (line,) in batch)
    except engine.Error as error:
        spool.close()
        raise OSError(f"{file.name} is not a whole Parquet file") from error
    spool.seek(0)
    return spool


def _member(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    key = "'" + name.replace("'", "''") + "'"
    if kind == "TIMESTAMP WITH TIME ZONE":
        text = f"strftime({column}, {_RFC_3339})"
        if name in ("valid_from", "valid_to"):
            return f"{key}, {text}"
        return f"{key}, CASE WHEN {column} IS NOT NULL THEN json_object('t', {text}) END"
    if kind.startswith("TIMESTAMP"):
        return f"{key}, strftime({column}, {_LOCAL})"
    if kind in ("DATE", "BLOB", "UUID", "TIME", "INTERVAL"):
        return f"{key}, {column}::VARCHAR"
    return f"{key}, {column}"
