"""Files beside a store that more than one room knows: ``STORE`` with an ending of their own."""

from pathlib import Path

REFUSED = ".refused"  # in the inbox: what ingest refused as a whole
DAMAGED = ".damaged"  # there: a copy of what a disk damaged, stored as far as it was whole


def quarantine_path(store_path: str) -> Path:
    """The text of rejected lines."""
    return Path(store_path + ".quarantine.ndjson")


def inbox_path(store_path: str) -> Path:
    """The folder of what a server acknowledged and has not stored yet."""
    return Path(store_path + ".inbox")


def set_aside(store_path: str) -> list[Path]:
    """What of a server's uploads and events somebody must look into, in the order in which it came."""
    return sorted(path for path in inbox_path(store_path).glob("*") if path.suffix in (REFUSED, DAMAGED))
