"""A blast radius as a page to print or to file: the numbers, what limits them, and the people."""

from collections.abc import Mapping, Sequence
from html import escape

from lineage.questions.blast_groups import JURISDICTIONS
from lineage.questions.wording import APART, HELPS, MEANINGS, NO_VENDOR, REASONS, asked_when, by_time, clock, lacking
from ui import advisories, drawing
from ui.holding import Held
from ui.theme import GRADES
from ui.views import contaminated, narrowing, report
from ui.views.listing import when

PEOPLE = f"""
SELECT id, grade, first, categories, because, ({JURISDICTIONS}) AS jurisdiction FROM listed
ORDER BY list_position({list(GRADES)}, grade), id LIMIT $most
"""
HEADS = ("Person", "Grade", "Jurisdiction", "First touched (UTC)", "Data categories", "Possible because")


def blast_radius(title: str, held: Held) -> bytes:
    summary = held.summary
    people, altered, records = summary["data_subjects"], summary["altered"], summary["records"]
    places = {"/".join(name): bounds for name, bounds in narrowing.places(held).items()}
    whose, through = drawing.by_most(narrowing.jurisdictions(held)), drawing.by_most(summary["by_vendor"])
    jurisdictions = {name or narrowing.NOT_TOLD: bounds for name, bounds in whose.items()}
    vendors = {name or NO_VENDOR: bounds for name, bounds in through.items()}
    return report.page(
        title,
        f"<p><b>At least {drawing.number(people['at_least'])}, at most {drawing.number(people['at_most'])} people.</b> "
        f"{escape(_bound(people))}</p>",
        f"<p>Asked: {escape(asked_when(held.answer.parameters))}.{escape(_about(held))}</p>",
        report.answered(held),
        "<h2>How surely</h2>",
        _counts(("Grade", "Meaning", "People"), [((grade, MEANINGS[grade]), people[grade]) for grade in GRADES]),
        f'<p class="small">Records: {drawing.span(records)}. Altered: {drawing.span(altered)} people, {APART}.</p>',
        _because(people["possible_because"]),
        report.unseen(held),
        _bounds("Where the records are", "Dataset", places),
        _bounds("In which jurisdictions", "Jurisdiction", jurisdictions),
        _bounds("Through which vendor", "Vendor", vendors),
        _bounds("Which data", "Data category", drawing.by_most(summary["by_category"])),
        _contaminated(held),
        _attempts(held),
        report.meanings(),
        _people(held, people["at_most"]),
    )


def _about(held: Held) -> str:
    told = advisories.about(held)
    return f" ({told}.)" if told else ""


def _bound(people: Mapping[str, object]) -> str:
    if people["bounded"]:
        return "A bound: everything that this leans on was observed."
    opened = people.get("unbounded_because", {})
    assert isinstance(opened, dict)
    why = "; ".join(f"{drawing.number(count)} {lacking(state, count)}" for state, count in opened.items())
    return f"Not a bound: there may be more. Not everything could be seen: {why}."


def _because(found: Mapping[str, int]) -> str:
    rows = [((REASONS.get(why, why), HELPS.get(why, "")), count) for why, count in found.items()]
    told = _counts(("Reason", "What would tell more", "People"), rows)
    return f"<h2>Why the possible ones are not better known</h2>{told}" if rows else ""


def _counts(heads: tuple[str, ...], rows: Sequence[tuple[tuple[str, ...], int]]) -> str:
    return report.table(heads, [(*words, drawing.number(count)) for words, count in rows], numbers=1)


def _bounds(title: str, what: str, found: Mapping[str, Mapping[str, int] | None]) -> str:
    if not found:
        return ""
    rows = [
        (name, *((drawing.number(bounds[end]) for end in ("at_least", "at_most")) if bounds else ("?", "?")))
        for name, bounds in found.items()
    ]
    untold = "<p class='small'>?: nobody told whose records it holds.</p>" if None in found.values() else ""
    return f"<h2>{title}</h2>{report.table((what, 'At least', 'At most'), rows, numbers=2)}{untold}"


def _contaminated(held: Held) -> str:
    """In the order in which it may have come into them."""
    rows = [
        (f"{row['namespace']}/{row['name']}", "certain" if row["sure"] else "possible", when(row["since"]))
        for row in contaminated.datasets(held)[: report.PRINTED]
    ]
    jobs = [
        (f"{row['namespace']}/{row['name']}" if row["name"] else "no job told", drawing.number(row["runs"]))
        for row in contaminated.jobs(held)[: report.PRINTED]
    ]
    return (
        "<h2>What may be contaminated</h2>" + report.table(("Dataset", "How surely", "Since (UTC)"), rows)
        + (report.table(("Job that read it", "Runs"), jobs, numbers=1) if jobs else "")
        if rows
        else ""
    )  # fmt: skip


def _attempts(held: Held) -> str:
    rows = [
        (
            clock(row["time"]), row["principal"] or "somebody", row["outcome"],
            row["dataset"]["name"] if row["dataset"] else "an unnamed dataset",
        )
        for row in sorted(held.rows("attempts"), key=by_time)[: report.PRINTED]
    ]  # fmt: skip
    return "<h2>Attempts that failed</h2>" + report.table(("When", "By", "Outcome", "At"), rows) if rows else ""


def _people(held: Held, many: int) -> str:
    if not many:
        return ""
    rows = [
        (
            row["id"], row["grade"], row["jurisdiction"] or "", when(row["first"]), ", ".join(row["categories"]),
            REASONS.get(row["because"] or "", ""),
        )
        for row in held.over("data_subjects", PEOPLE, most=report.PRINTED)
    ]  # fmt: skip
    rest = f"<p>The first {drawing.number(len(rows))}; the tables have all.</p>" if many > len(rows) else ""
    return f"<h2>People ({drawing.number(many)})</h2>{rest}{report.table(HEADS, rows)}"
