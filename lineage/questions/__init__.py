"""Questions: one file each. To add one, write its file and name it here; CLI, HTTP and UI read this tuple."""

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
