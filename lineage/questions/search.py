"""Search: every thing one of whose names holds a text, best first."""

from typing import Any

from lineage.answers import Answer, Rows, mark
from lineage.errors import LineageError
from lineage.questions.interface import Parameter, Question, Values
from lineage.questions.parameters import read_number
from lineage.questions.things import KINDS
from lineage.questions.wording import page, table
from lineage.store import Store

# `names`, where a thing has others: an alias, or what a symlink calls a dataset. What only others name is a run too.
KNOWN = {
    "vendor": "SELECT id, coalesce(name, id) AS label, concat_ws(', ', role, country) AS detail FROM vendor",
    "principal": """
        SELECT p.id, p.id AS label,
               coalesce((SELECT string_agg(DISTINCT m.vendor, ', ' ORDER BY m.vendor) FROM membership m
                         WHERE m.principal_id = p.principal_id),
                        CASE WHEN p.in_catalog THEN 'our own' ELSE 'in no catalog' END) AS detail,
               a.names
        FROM principal p LEFT JOIN (SELECT id, list(alias) AS names FROM principal_alias GROUP BY id) a USING (id)""",
    "environment": "SELECT id, id AS label, '' AS detail FROM environment",
    "job": "SELECT namespace || '/' || name AS id, name AS label, namespace AS detail FROM job",
    "run": """
        SELECT r.id, r.id AS label, coalesce(j.name, '') AS detail
        FROM run_name r LEFT JOIN (SELECT run_id, min(job_id) AS job_id FROM run_job GROUP BY run_id) x USING (run_id)
        LEFT JOIN job j USING (job_id)""",
    "dataset": """
        SELECT d.namespace || '/' || d.name AS id, d.name AS label,
               d.namespace || CASE WHEN d.is_view THEN ' (view)' ELSE '' END AS detail, n.names
        FROM dataset d LEFT JOIN (
            SELECT dataset_id, list(namespace || '/' || name) AS names FROM dataset_name
            WHERE told_id <> dataset_id GROUP BY dataset_id
        ) n USING (dataset_id)""",
    "data-subject": "SELECT id, id AS label, '' AS detail FROM data_subject",
    "package": "SELECT DISTINCT purl AS id, purl AS label, '' AS detail FROM component",
    "field": """
        SELECT d.namespace || '/' || d.name || '#' || f.field AS id, f.field AS label,
               d.name || ': ' || f.categories AS detail
        FROM (SELECT dataset_id, field, string_agg(DISTINCT category, ', ' ORDER BY category) AS categories
              FROM dataset_field GROUP BY dataset_id, field) f JOIN dataset d USING (dataset_id)""",
}
OTHER_NAMES = ("principal", "dataset")
# Exact before prefix before inside; then by kind, length and name.
FOUND = """
SELECT '{kind}' AS kind, id, label, detail,
       CASE WHEN lower(id) = lower($text) OR lower(label) = lower($text) THEN 0
            WHEN starts_with(lower(label), lower($text)) OR starts_with(lower(id), lower($text)) THEN 1
            ELSE 2 END AS rank, {number} AS kind_no
FROM ({known}) WHERE contains(lower(id), lower($text)) OR contains(lower(label), lower($text)){others}
"""
OTHERS = " OR len(list_filter(names, lambda name: contains(lower(name), lower($text)))) > 0"
DEFAULT_LIMIT = 50


def ask(store: Store, values: Values) -> Answer:
    text = values["text"][0].strip() if values.get("text") else ""
    kinds = sorted(set(values.get("kind") or KINDS))
    for kind in kinds:
        if kind not in KINDS:
            raise LineageError(f"There is no kind of thing called {kind}.", f"Choose one of {', '.join(KINDS)}.")
    limit = read_number(values, "limit", DEFAULT_LIMIT)
    sql = " UNION ALL ".join(
        FOUND.format(kind=kind, known=KNOWN[kind], number=number, others=OTHERS if kind in OTHER_NAMES else "")
        for number, kind in enumerate(KINDS)
        if kind in kinds
    )
    found = store.rows(
        f"SELECT kind, id, label, detail, count(*) OVER () FROM ({sql})"
        " ORDER BY rank, kind_no, len(label), label, id LIMIT $limit",
        text=text,
        limit=limit,
    )
    things = [{"kind": kind, "id": ident, "label": label, "detail": detail} for kind, ident, label, detail, _ in found]
    told: dict[str, Any] = {"text": text, "limit": limit}
    if values.get("kind"):
        told["kind"] = kinds
    return Answer(
        "search",
        told,
        mark(store),
        {"summary": {"found": found[0][4] if found else 0}, "things": Rows(lambda: iter(things))},
    )


def search_text(answer: Answer) -> str:
    things = list(answer.sections["things"])
    summary: Any = answer.sections["summary"]
    total = summary["found"]
    if not things:
        text = answer.parameters["text"]
        return f"Nothing is known whose name holds {text!r}." if text else "Nothing of that kind is known."
    lines = table([(f"{thing['kind']}:{thing['id']}", thing["detail"]) for thing in things], indent="")
    if total > len(things):
        lines.append(f"… and {total - len(things)} more (--limit N shows more)")
    return page(lines)


QUESTION = Question(
    name="search",
    title="Which vendors, principals, jobs, runs, datasets, fields, data subjects and packages are known by a name",
    parameters=(
        Parameter("text", "text", "a part of the name, in any case"),
        Parameter("kind", "kind", f"only things of this kind: {', '.join(KINDS)}", repeated=True),
        Parameter("limit", "number", f"how many at most (default {DEFAULT_LIMIT})"),
    ),
    ask=ask,
    text=search_text,
    example="lineage ask search --text litellm",
)
