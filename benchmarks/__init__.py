"""How fast, against what bare SQL and others take for the same answer (see README.md here)."""
