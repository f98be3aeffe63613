"""Answers as one page of plain HTML, to print or to file, and touches as CSV: such as for an access request."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice

from lineage.exports.tables import cell
from lineage.questions.wording import NO_VENDOR, clock, second
from ui import drawing
from ui.evidence import WHY
from ui.holding import Held
from ui.theme import GRADES
from ui.views.touches import graded

STYLE = """
body { font: 11pt/1.4 sans-serif; margin: 2cm; color: #16202a }
table { border-collapse: collapse; width: 100%; font-size: 9pt }
td, th { border-bottom: 1px solid #ccc; text-align: left; padding: 2px 8px 2px 0; vertical-align: top }
td:first-child { white-space: nowrap }
td:last-child:not(.n) { min-width: 30% }
td.when { white-space: nowrap }
table + table { margin-top: 1em }
td.n, th.n { text-align: right; width: 5em; padding-right: 2em }
a { color: inherit; text-decoration: none }
h1 { font-size: 16pt }
h2 { font-size: 12pt; margin-top: 1.2em; break-after: avoid }
ul { padding-left: 1.2em; font-size: 10pt }
.small { font-size: 9pt }
.digest { font-size: 9pt; overflow-wrap: anywhere }
tr, li { break-inside: avoid }
@page { margin: 1.5cm }
@media print { body { margin: 0 } }
"""
INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
PRINTED = 5_000  # touches, or people, on a page that is printed
HEADS = ("When", "Grade", "What", "By", "Data categories")
COLUMNS = (
    *("start", "end", "grade", "operation", "principal", "vendor", "namespace", "dataset", "run", "categories"),
    "evidence",
)


def as_csv(held: Held) -> bytes:
    """Every touch with its grade and the digests of its evidence."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for row in held.every("touches"):
        values = (
            *(row[name] for name in ("start", "end", "grade", "operation", "principal", "vendor")),
            *(row["dataset"]["namespace"], row["dataset"]["name"], row.get("run_id", "")),
            *(" ".join(row["categories"]), " ".join(row["evidence"])),
        )
        writer.writerow(map(cell, values))
    return stream.getvalue().encode()


def touches(title: str, held: Held) -> bytes:
    rows: list[tuple[str, ...]] = [
        (
            second(row["start"]).removesuffix(" UTC"),
            row["grade"],
            f"{row['operation']} of {row['dataset']['name']}",
            _by(row["principal"], row["vendor"]),
            ", ".join(row["categories"]),
        )
        for row in islice(held.every("touches"), PRINTED)
    ]
    many = sum(graded(held).values())
    rest = f" The first {drawing.number(PRINTED)} are on this page; the CSV has all." if many > PRINTED else ""
    vendors = [
        (vendor or NO_VENDOR, *(str(counts[grade]) for grade in GRADES))
        for vendor, counts in held.summary["vendors"].items()
    ]
    window = held.answer.parameters
    within = "".join(f" {name} {clock(window[name])}" for name in ("from", "to") if name in window)
    return page(
        title,
        f"<p>{drawing.number(many) if many else 'No'} touches{within} are known. Times are UTC.{rest}</p>",
        answered(held),
        *(["<h2>By vendor</h2>", table(("Vendor", *GRADES), vendors, numbers=3)] if many else ()),
        meanings(),
        *(["<h2>Touches</h2>", table(HEADS, rows)] if many else ()),
        unseen(held),
    )


def page(title: str, *parts: str) -> bytes:
    """A page of HTML that needs nothing else."""
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return "\n".join([head, f"<h1>{escape(title)}</h1>", *parts, "</html>"]).encode()


def answered(held: Held) -> str:
    now = held.answer.checkpoint
    return f'<p class="digest">Answered from {drawing.number(now["events"])} events, {escape(now["digest"])}.</p>'


def meanings() -> str:
    told = "".join(f"<li><b>{grade}</b>: {escape(WHY[grade])}</li>" for grade in GRADES)
    return f"<h2>What the grades mean</h2><ul>{told}</ul>"


def unseen(held: Held) -> str:
    gaps = drawing.unseen(held.rows("coverage"), held.rows("caveats"), lambda kind, ident: "#", folded=False)
    return f"<h2>What could not be seen</h2>{gaps}"


def _by(principal: str | None, vendor: str | None) -> str:
    return f"{principal or 'somebody'} ({vendor})" if vendor else principal or ""


def _cell(kind: str, text: str) -> str:
    """An instant is not broken."""
    told = kind or (' class="when"' if INSTANT.fullmatch(text) else "")
    return f"<td{told}>{escape(text)}</td>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> str:
    """The last ``numbers`` columns hold numbers."""
    classes = [""] * (len(heads) - numbers) + [' class="n"'] * numbers
    top = "".join(f"<th{one}>{escape(head)}</th>" for one, head in zip(classes, heads, strict=True))
    body = "".join(
        "<tr>" + "".join(_cell(one, cell) for one, cell in zip(classes, row, strict=True)) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead>{body}</table>"  # a head that is printed on each page
