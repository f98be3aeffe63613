"""Questions: one file each. To add one, write its file and name it here; CLI, HTTP and UI read this tuple.

What they share:

    interface                      what a question is
    parameters, identities         what the user writes, read: values, and names that the store knows
    things                         KIND:ID, and the contacts between things
    paths, steps                   one way to each person, with its evidence; how a step is spelled and read back
    coverage, caveats, row_counts  what an answer must say about itself
    spelling, wording              how the engine spells lists, and how people read answers

Of the two large ones there are parts: ``blast_groups``, ``blast_lists``, ``blast_text``, ``carried``; ``touch_list``,
``who_text``.
"""

from lineage.errors import LineageError
from lineage.questions import activity, blast_radius, connection, evidence, neighbours, search, who_touched
from lineage.questions.interface import Question

QUESTIONS: tuple[Question, ...] = (
    blast_radius.QUESTION,
    who_touched.QUESTION,
    connection.QUESTION,
    neighbours.QUESTION,
    search.QUESTION,
    activity.QUESTION,
    evidence.QUESTION,
)


def find_question(name: str) -> Question:
    """The question of that name. Raises LineageError where there is none."""
    found = next((question for question in QUESTIONS if question.name == name), None)
    if found is None:
        known = ", ".join(question.name for question in QUESTIONS)
        raise LineageError(f"There is no question {name}.", f"Choose one of {known}.")
    return found
