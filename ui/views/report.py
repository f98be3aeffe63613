"""A person's touches as one page of plain HTML and as CSV: for an access request, and it needs nothing else."""

import csv
import io
from html import escape
from itertools import islice

from lineage.questions.wording import NO_VENDOR, clock
from ui import drawing
from ui.asking import Held
from ui.evidence import WHY
from ui.theme import GRADES

STYLE = """
body { font: 11pt/1.4 sans-serif; margin: 2cm; color: #16202a }
table { border-collapse: collapse; width: 100%; font-size: 9pt }
td, th { border-bottom: 1px solid #ccc; text-align: left; padding: 2px 6px 2px 0; vertical-align: top }
a { color: inherit; text-decoration: none }
h1 { font-size: 16pt }
h2 { font-size: 12pt; margin-top: 1.2em }
.small { font-size: 9pt }
tr { break-inside: avoid }
"""
PRINTED = 5_000  # touches on a page that is printed
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
            *(clock(row["start"]), row["grade"], row["operation"], row["principal"] or "", row["vendor"] or ""),
            *(row["dataset"]["name"], ", ".join(row["categories"])),
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
        f"<p>{drawing.number(many)} touches{within} are known at {drawing.number(now['events'])} recorded events"
        f" ({escape(now['digest'])}).",
        f" Times are UTC.{rest}</p><h2>By vendor</h2>",
        _table(("Vendor", *GRADES), vendors),
        f'<h2>What the grades mean</h2><ul class="small">{meanings}</ul><h2>Touches</h2>',
        _table(("When", "Grade", "What", "Principal", "Vendor", "Dataset", "Data"), rows),
        "<h2>What could not be seen</h2>",
        drawing.unseen(held.rows("coverage"), held.rows("caveats"), lambda kind, ident: "#", folded=False),
        "</html>",
    ]
    return "\n".join(parts).encode()


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
