"""The lists of an answer as Parquet, one file each: what takes a list of millions to another tool.

The columns are those of the CSV files, with types: an instant is a timestamp in UTC, a list a list, a null a null.
The engine writes them as it makes them.
"""

from collections.abc import Iterator
from pathlib import Path

from lineage.answers import Answer
from lineage.exports.interface import Export, flat, lists


def write(answer: Answer, folder: str) -> Iterator[str]:
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    for name, rows in lists(answer):
        path = place / f"{name}.parquet"
        if rows.table is not None:
            rows.table().write_parquet(str(path))
            yield str(path)
        elif short := flat(rows):  # made in Python; an empty one has no columns, so there is no such file
            import pyarrow
            from pyarrow import parquet

            parquet.write_table(pyarrow.Table.from_pylist(short), path)
            yield str(path)


EXPORT = Export("parquet", "the lists, and where each digest was seen, as Parquet", write)
