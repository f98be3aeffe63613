"""The server: events in over HTTP, questions answered, and the UI in the same process.

What was acknowledged is in the ``journal``, an append-only file beside the store, before the client hears of it; one
thread (``draining``) takes it from there into the store by the ordinary ingest. ``service`` owns both, and gives out
snapshots to whoever asks. ``endpoints`` declares the routes, and the OpenAPI document is made from that.
"""

TEXT_ENTRY = ".text"  # in an answer's zip: what the program prints
