"""A picture of what the demo prints: ``lineage demo | python -m docs.picture > docs/demo.svg``."""

import sys
from xml.sax.saxutils import escape

COLUMNS, LINE, CHARACTER, MARGIN = 108, 19, 8.2, 18
SHOWN = (
    "Data subjects touched",
    "Asked:",
    "How surely:",
    "By jurisdiction:",
    "Through which",
    "For example",
    "What could",
)
PAPER, INK, LOUD, FAINT = "#0d1117", "#c9d1d9", "#7ee787", "#8b949e"
GRADE_COLOUR = {"confirmed": "#D55E00", "probable": "#E69F00", "possible": "#56B4E9"}  # as in ui/style.css


def choose(text: str) -> list[str]:
    """The paragraphs that the picture shows, whole; an ellipsis stands for those left out."""
    lines = ["$ make demo"]
    for paragraph in text.strip().split("\n\n"):
        if paragraph.startswith(SHOWN):
            lines += [
                *(line if len(line) <= COLUMNS else f"{line[: COLUMNS - 1]}…" for line in paragraph.split("\n")),
                "",
            ]
        elif lines[-2:] != ["…", ""] and len(lines) > 1:
            lines += ["…", ""]
    return lines[:-1]


def draw(lines: list[str]) -> str:
    """An SVG with one text element for each line."""
    width, height = round(COLUMNS * CHARACTER + 2 * MARGIN), len(lines) * LINE + 2 * MARGIN
    drawn = [
        f'<text x="{MARGIN}" y="{MARGIN + 14 + number * LINE}" fill="{_colour(line)}">{escape(line)}</text>'
        for number, line in enumerate(lines)
        if line
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
            ' role="img" aria-label="What make demo prints" xml:space="preserve"'
            ' font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13.5">',
            "<style>text { white-space: pre }</style>",  # browsers look no more at xml:space of what is around a text
            f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
            *drawn,
            "</svg>\n",
        ]
    )


def _colour(line: str) -> str:
    if line.startswith(("$", "Data subjects")):
        return LOUD
    grade = next(iter(line.split()), "")
    return FAINT if line == "…" else GRADE_COLOUR.get(grade, INK)


if __name__ == "__main__":
    sys.stdout.write(draw(choose(sys.stdin.read())))
