"""What the first page would wait for, loaded while nobody waits: modules, and what the collector need not look at."""

import atexit
import gc
import threading
from importlib import import_module

# Streamlit loads pandas inside the first script that sends a component; Arrow carries many rows to the engine.
NEEDED = ("pandas", "duckdb", "pyarrow.compute", "ui.screens.investigate", "ui.screens.explore", "ui.screens.sources")


def start() -> threading.Thread:
    """Warm up beside the server that starts: what comes meanwhile waits no longer than it would have."""
    thread = threading.Thread(target=_warm, name="warming", daemon=True)
    thread.start()
    return thread


def _warm() -> None:
    for name in NEEDED:
        import_module(name)
    gc.collect()
    atexit.register(gc.unfreeze)  # or the engine says at the end that they leak
    gc.freeze()  # a hundred thousand objects that live as long as the process: collections pass them by
