"""A person's touches as one page of plain HTML and as CSV: for an access request, and it needs nothing else."""

import csv
import io
from html import escape
from itertools import islice

from lineage.questions.wording import NO_VENDOR, clock, second
from ui import drawing
from ui.asking import Held
from ui.evidence import WHY
from ui.theme import GRADES

STYLE = """
body { font: 11pt/1.4 sans-serif; margin: 2cm; color: #16202a }
table { border-collapse: collapse; width: 100%; font-size: 9pt }
td, th { border-bottom: 1px solid #ccc; text-align: left; padding: 2px 8px 2px 0; vertical-align: top }
td:first-child { white-space: nowrap }
td:last-child { min-width: 30% }
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
PRINTED = 5_000  # touches on a page that is printed
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
        writer.writerow(
            [
                *(row[name] for name in ("start", "end", "grade", "operation", "principal", "vendor")),
                *(row["dataset"]["namespace"], row["dataset"]["name"], row.get("run_id", "")),
                *(" ".join(row["categories"]), " ".join(row["evidence"])),
            ]
        )
    return stream.getvalue().encode()


def as_page(person: str, held: Held) -> bytes:
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
    many = sum(counts[grade] for counts in held.summary["vendors"].values() for grade in GRADES)
    rest = f" The first {drawing.number(PRINTED)} are on this page; the CSV has all." if many > PRINTED else ""
    vendors = [
        (vendor or NO_VENDOR, *(str(counts[grade]) for grade in GRADES))
        for vendor, counts in held.summary["vendors"].items()
    ]
    meanings = "".join(f"<li><b>{grade}</b>: {escape(WHY[grade])}</li>" for grade in GRADES)
    now, window = held.answer.checkpoint, held.answer.parameters
    within = "".join(f" {name} {clock(window[name])}" for name in ("from", "to") if name in window)
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Touches of {escape(person)}</title>',
        f"<style>{STYLE}</style><h1>Who touched the data of {escape(person)}</h1>",
        f"<p>{drawing.number(many) if many else 'No'} touches{within} are known. Times are UTC.{rest}</p>",
        f'<p class="digest">Answered from {drawing.number(now["events"])} events, {escape(now["digest"])}.</p>',
        *(["<h2>By vendor</h2>", _table(("Vendor", *GRADES), vendors)] if many else ()),
        f"<h2>What the grades mean</h2><ul>{meanings}</ul>",
        *(["<h2>Touches</h2>", _table(HEADS, rows)] if many else ()),
        "<h2>What could not be seen</h2>",
        drawing.unseen(held.rows("coverage"), held.rows("caveats"), lambda kind, ident: "#", folded=False),
        "</html>",
    ]
    return "\n".join(parts).encode()


def _by(principal: str | None, vendor: str | None) -> str:
    return f"{principal or 'somebody'} ({vendor})" if vendor else principal or ""


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead>{body}</table>"  # a head that is printed on each page
