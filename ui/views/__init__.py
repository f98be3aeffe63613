"""How an answer is looked at: one file for a question that has a view of its own, `general` for every other."""
