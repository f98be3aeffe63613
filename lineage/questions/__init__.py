"""Questions: one file each. To add one, write its file and name it here; CLI, HTTP and UI read this tuple."""

from lineage.questions import blast_radius, who_touched
from lineage.questions.interface import Question

QUESTIONS: tuple[Question, ...] = (
    blast_radius.QUESTION,
    who_touched.QUESTION,
)
