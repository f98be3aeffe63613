"""Where the lines of a batch go, for collectors that make a table ``judged(position, digest, fault, …)``.

``fault`` is a sentence about the first thing that is wrong with the line, NULL where it can be stored.
"""

PLACED = (
    """
INSERT INTO staged_rejected (position, reason) SELECT position, fault FROM judged WHERE fault IS NOT NULL
""",
    """
INSERT INTO staged_event (position, digest) SELECT position, digest FROM judged WHERE fault IS NULL
""",
)
