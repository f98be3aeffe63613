"""The lists of an answer as Parquet, one file each: what takes a list of millions to another tool.

The columns are those of the CSV files, with types: an instant is a timestamp in UTC, a list a list, a null a null.
The engine writes them as it makes them.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lineage.answers import Answer
from lineage.exports.interface import Export, flat, lists
from lineage.store import Selection, Store


def write(answer: Answer, folder: str) -> Iterator[str]:
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    told = [(str(place / f"{name}.parquet"), rows) for name, rows in lists(answer)]
    if tables := [(path, rows.table()) for path, rows in told if rows.table is not None]:
        _write_tables(tables)
    for path, rows in told:
        if rows.table is not None:
            yield path
        elif not (short := flat(rows)):  # made in Python; an empty one has no columns, so there is no such file
            Path(path).unlink(missing_ok=True)  # that of another answer
        else:
            import pyarrow
            from pyarrow import parquet

            parquet.write_table(pyarrow.Table.from_pylist(short), path)
            yield path


def _write_tables(tables: Sequence[tuple[str, Selection]]) -> None:
    """Each to its path: those of one connection one after the other, at the same time as those of another."""
    own, *others = dict.fromkeys(table.store for _, table in tables)

    def write_those_of(store: Store) -> None:
        for path, table in tables:
            if table.store is store:
                table.write_parquet(path)

    with ThreadPoolExecutor(len(others) + 1) as threads:
        beside = [threads.submit(write_those_of, store) for store in others]
        try:
            write_those_of(own)
            for done in beside:
                done.result()
        except BaseException:  # Ctrl-C too, which may come while these are waited for
            for store in others:
                store.stop()
            raise


EXPORT = Export("parquet", "the lists, and where each digest was seen, as Parquet", write)
