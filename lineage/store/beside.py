"""Files beside a store that more than one room knows: ``STORE`` with an ending of their own."""

from pathlib import Path


def quarantine_path(store_path: str) -> Path:
    """The text of rejected lines."""
    return Path(store_path + ".quarantine.ndjson")


def inbox_path(store_path: str) -> Path:
    """The folder of what a server acknowledged and has not stored yet."""
    return Path(store_path + ".inbox")
