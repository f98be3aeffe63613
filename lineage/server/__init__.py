"""The server: events in over HTTP, questions answered, and the UI in the same process.

What was acknowledged is in the ``journal``, an append-only file beside the store, before the client hears of it; one
thread (``draining``) takes it from there into the store by the ordinary ingest. ``service`` owns both, and gives out
snapshots to whoever asks. ``endpoints`` declares the routes, and the OpenAPI document is made from that.
"""

# In an answer's zip, beside what --out writes: what the program prints, as JSON where no file of it is the document.
TEXT_ENTRY, DOCUMENT, JSON_ENTRY = ".text", "answer.json", ".json"
