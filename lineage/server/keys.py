"""API keys: made once, shown once, kept as digests in a file beside the store.

A key is ``lin_ID_SECRET``. The secret has 256 random bits, so a plain SHA-256 of it is safe at rest.
"""

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lineage.errors import LineageError
from lineage.names import format_instant

SCOPES = ("ingest", "read", "admin")
_NAME = re.compile(r"[\w.@-]{1,80}", re.ASCII)


@dataclass(frozen=True)
class Key:
    """``source``: the source of the catalog that everything sent with this key belongs to."""

    id: str
    name: str
    scopes: tuple[str, ...]
    source: str | None
    made_at: str
    revoked_at: str | None
    digest: str  # SHA-256 of the secret, as hex


def keys_path(store_path: str) -> Path:
    return Path(store_path + ".keys.json")


def make_key(store_path: str, name: str, scopes: tuple[str, ...], source: str | None = None) -> str:
    """The new key, to be shown once. Raises LineageError for an unknown scope and for a name that is taken."""
    if not _NAME.fullmatch(name):
        raise LineageError(f"{name!r} cannot be a key's name.", "Use letters, digits and . _ @ - only.")
    for scope in scopes:
        if scope not in SCOPES:
            raise LineageError(f"There is no scope {scope}.", f"Choose of {', '.join(SCOPES)}.")
    ident, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    with _editing(store_path) as keys:
        if any(key.name == name and key.revoked_at is None for key in keys):
            raise LineageError(f"There is a key named {name} already.", "Revoke it first, or choose another name.")
        keys.append(Key(ident, name, tuple(sorted(set(scopes))), source, _now(), None, _digest(secret)))
    return f"lin_{ident}_{secret}"


def revoke_key(store_path: str, which: str) -> Key:
    """Revoke the key with this name or id; it stays in the list. Raises LineageError where there is none."""
    with _editing(store_path) as keys:
        for number, key in enumerate(keys):
            if which in (key.name, key.id) and key.revoked_at is None:
                keys[number] = replace(key, revoked_at=_now())
                return keys[number]
        raise LineageError(f"There is no key {which} to revoke.", "`lineage keys list` shows them.")


def read_keys(store_path: str) -> list[Key]:
    """All keys that were ever made, the oldest first."""
    path = keys_path(store_path)
    try:
        told = json.loads(path.read_bytes())["keys"]
        return [Key(**{**key, "scopes": tuple(key["scopes"])}) for key in told]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise LineageError(
            f"The keys in {path} cannot be read: {error}.", "Restore the file, or make new keys."
        ) from None


class KeyRing:
    """The keys as they are now: the file is read again when it changed, so a key revoked is refused at once."""

    def __init__(self, store_path: str) -> None:
        self._store_path = store_path
        self._path = str(keys_path(store_path))
        self._seen: tuple[int, ...] | None = None
        self._keys: dict[str, Key] = {}
        self._look()

    def __len__(self) -> int:
        """How many keys were ever made, revoked ones too."""
        self._look()
        return len(self._keys)

    def find(self, token: str) -> Key | None:
        """The key that a bearer token is, unless it was revoked."""
        self._look()
        kind, _, rest = token.partition("_")
        ident, _, secret = rest.partition("_")
        key = self._keys.get(ident)
        good = hmac.compare_digest(_digest(secret), key.digest if key else _digest(""))
        return key if key and good and kind == "lin" and key.revoked_at is None else None

    def _look(self) -> None:
        try:
            found = os.stat(self._path)
            seen: tuple[int, ...] = (found.st_mtime_ns, found.st_ino, found.st_size)
        except FileNotFoundError:
            seen = ()
        if seen != self._seen:
            # A file that vanished opens nothing: keys that were known stay needed, and none fits.
            keys = read_keys(self._store_path)
            self._keys = {key.id: key for key in keys} or {
                ident: replace(key, revoked_at=_now()) for ident, key in self._keys.items()
            }
            self._seen = seen


@contextmanager
def _editing(store_path: str) -> Iterator[list[Key]]:
    """The keys, written back whole when nothing was raised."""
    path = keys_path(store_path)
    try:
        with Path(f"{path}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            keys = read_keys(store_path)
            yield keys
            fresh = Path(f"{path}.new")
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump({"version": 1, "keys": [asdict(key) for key in keys]}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
    except OSError as error:
        raise LineageError(f"The keys in {path} cannot be written: {error.strerror}.", "Check the folder.") from None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _now() -> str:
    return format_instant(time.time_ns() // 1000)
