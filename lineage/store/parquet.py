"""Parquet inputs as JSON lines, so that they take the same way in as every other format."""

import re
import tempfile
from pathlib import Path
from typing import BinaryIO

from lineage.store import engine

MAGIC = b"PAR1"
BATCH = 50_000  # rows held at a time
_RFC_3339 = "'%Y-%m-%dT%H:%M:%S.%fZ'"
_LOCAL = "'%Y-%m-%dT%H:%M:%S.%f'"
_ZONED = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
_UNZONED = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_BOUNDS = ("valid_from", "valid_to")
# Of records these are names, whatever writes them without saying that they are text; other bytes are no text.
_NAMES = ("dataset_namespace", "dataset_name", "key", "data_subject", "jurisdiction")


def parquet_lines(file: Path) -> BinaryIO:
    """The rows of a Parquet file as JSON objects, one a line; a null is left out (it is not held).

    A zoned timestamp is written as RFC 3339 in UTC: as ``{"t": …}`` where it is an attribute of a record, else as
    text; one without a zone as local text. Raises OSError where the file is torn.
    """
    spool = tempfile.TemporaryFile()  # noqa: SIM115 (handed to the caller)
    # The content alone says what is read: no other file that the name is a pattern of, and no folder's name.
    told = {"file": re.sub(r"[*?\[]", r"[\g<0>]", str(file))}
    rows = "read_parquet($file, hive_partitioning = false)"
    try:
        with engine.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            columns = connection.execute(f"DESCRIBE SELECT * FROM {rows}", told).fetchall()
            is_records = any(name == "valid_from" for name, *_ in columns)
            members = ", ".join(_member(name, kind, is_records) for name, kind, *_ in columns)
            found = connection.execute(f"SELECT '{{' || concat_ws(',', {members}) || '}}' FROM {rows}", told)
            while batch := found.fetchmany(BATCH):
                spool.writelines(line.encode() + b"\n" for (line,) in batch)
    except engine.Error as error:
        spool.close()
        raise OSError(f"{file.name} is not a whole Parquet file") from error
    spool.seek(0)
    return spool


def _member(name: str, kind: str, is_records: bool) -> str:
    """A member of the object as SQL text; NULL where it is left out."""
    column = '"' + name.replace('"', '""') + '"'
    key = name.replace("'", "''")
    value = f"to_json({column})"
    if kind in _ZONED:
        value = f"to_json(strftime({column}, {_RFC_3339}))"
        if is_records and name not in _BOUNDS:
            value = f"'{{\"t\":' || {value} || '}}'"
    elif kind in _UNZONED:
        value = f"to_json(strftime({column}, {_LOCAL}))"
    elif kind == "BLOB":
        value = f"to_json(try(decode({column})))" if name in _NAMES else "NULL"
    return f"to_json('{key}')::VARCHAR || ':' || {value}"
