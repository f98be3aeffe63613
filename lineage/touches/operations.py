"""What operations and outcomes are to reads and writes (semantics.md, section 2): lists of words, for SQL."""

READING = "('read', 'export', 'unknown')"
WRITING = "('create', 'update', 'delete', 'unknown')"
# To list, to administer, to grant and to log in is neither.
NEITHER = "('list', 'admin', 'grant', 'login')"
# Of these no text gives a table another name or makes it a part of another; one that administers may.
UNCHANGING = "('list', 'grant', 'login')"
# What had one of these did not happen: it is an attempt.
REFUSED = "('denied', 'error')"
