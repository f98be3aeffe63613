"""Evidence: what an event said, and every place where it was seen."""

from collections.abc import Iterator
from typing import Any

from lineage.answers import Answer, Rows, mark
from lineage.errors import LineageError
from lineage.names import format_bound
from lineage.questions.interface import Parameter, Question, Values
from lineage.questions.paths import seen as seen_in
from lineage.questions.wording import clocks, page
from lineage.store import Store

WANTED = """
CREATE OR REPLACE TEMP TABLE wanted AS
SELECT e.event_id, e.digest FROM event e
WHERE e.digest IN (SELECT unnest($digests::VARCHAR[])::UHUGEINT)
"""
# How many records a statement surely means that were surely there: beside it a logged count is shown.
FOUND = """
CREATE OR REPLACE TEMP TABLE found AS
WITH acted AS (
    SELECT a.event_id, a.start_at, a.end_at, u.use_id, u.dataset_id, u.scope
    FROM told_act a SEMI JOIN wanted USING (event_id) JOIN use u USING (act_id)
    WHERE a.template_id IS NOT NULL AND u.scope IN ('all', 'replay')
)
SELECT event_id, count(DISTINCT (r.dataset_id, r.key)) FILTER (
           is_true AND r.valid_from <= start_at AND end_at < r.certain_to
       ) AS rows
FROM (
    SELECT a.*, p.entry_id, p.truth = 'T' AS is_true
    FROM acted a LEFT JOIN use_binding b USING (use_id) LEFT JOIN replayed p USING (binding_id)
    ANTI JOIN own_replayed o ON o.use_id = a.use_id AND o.entry_id = p.entry_id
    WHERE scope = 'replay'
    UNION ALL
    SELECT a.*, p.entry_id, p.truth = 'T' FROM acted a JOIN own_replayed p USING (use_id)
    UNION ALL
    SELECT a.*, r.entry_id, true FROM acted a LEFT JOIN record r USING (dataset_id) WHERE scope = 'all'
) a LEFT JOIN record r USING (entry_id) GROUP BY event_id
"""
# What they name. To join all names that there are takes longer than all else: there are as many as runs and people.
CALLED = """
CREATE OR REPLACE TEMP TABLE called AS
SELECT n.name_id, n.namespace, n.name FROM name n WHERE n.name_id IN (
    SELECT unnest([a.principal, a.dataset, a.run]) FROM access a SEMI JOIN wanted USING (event_id)
    UNION ALL SELECT unnest([r.run, r.job]) FROM run_event r SEMI JOIN wanted USING (event_id)
    UNION ALL SELECT i.dataset FROM run_io i SEMI JOIN wanted USING (event_id)
    UNION ALL SELECT unnest([c.dataset, c.previous]) FROM dataset_change c SEMI JOIN wanted USING (event_id)
    UNION ALL SELECT unnest([s.dataset, s.other]) FROM symlink s SEMI JOIN wanted USING (event_id)
    UNION ALL SELECT unnest([e.dataset, e.data_subject]) FROM entry e SEMI JOIN wanted USING (event_id)
    UNION ALL SELECT s.environment FROM snapshot s SEMI JOIN wanted USING (event_id)
    UNION ALL SELECT s.data_subject FROM subject s SEMI JOIN wanted USING (event_id)
)
"""
# One query for each kind of event; the first column is its digest, the others are named after what they say.
SAID = {
    "run event": """
        WITH io AS (
            SELECT i.event_id, i.direction, concat_ws('/', nullif(d.namespace, ''), d.name) AS called
            FROM run_io i SEMI JOIN wanted USING (event_id) JOIN called d ON d.name_id = i.dataset
        )
        SELECT w.digest, r.type AS event, r.event_time AS "time!", n.name AS run,
               concat_ws('/', nullif(j.namespace, ''), j.name) AS job,
               (SELECT string_agg(DISTINCT i.called, ', ' ORDER BY i.called) FROM io i
                WHERE i.event_id = w.event_id AND i.direction = 'input') AS inputs,
               (SELECT string_agg(DISTINCT i.called, ', ' ORDER BY i.called) FROM io i
                WHERE i.event_id = w.event_id AND i.direction = 'output') AS outputs
        FROM wanted w JOIN run_event r USING (event_id) LEFT JOIN called n ON n.name_id = r.run
        LEFT JOIN called j ON j.name_id = r.job""",
    "access event": """
        SELECT w.digest, a.operation, a.outcome, a.start_at AS "time!", p.name AS principal,
               concat_ws('/', nullif(d.namespace, ''), d.name) AS dataset, r.name AS run,
               array_to_string(a.fields, ', ') AS fields, array_to_string(a.keys, ', ') AS keys,
               t.shape AS statement, array_to_string(a.literals, ', ') AS literals,
               array_to_string(a.bound, ', ') AS parameters, a.row_count AS "row count",
               CASE WHEN a.row_count IS NOT NULL THEN f.rows END AS "rows replayed TRUE"
        FROM wanted w JOIN access a USING (event_id) LEFT JOIN called p ON p.name_id = a.principal
        LEFT JOIN called d ON d.name_id = a.dataset LEFT JOIN called r ON r.name_id = a.run
        LEFT JOIN template t USING (template_id) LEFT JOIN found f ON f.event_id = a.event_id""",
    "dataset event": """
        SELECT w.digest, c.lifecycle AS change, c.event_time AS "time!",
               concat_ws('/', nullif(d.namespace, ''), d.name) AS dataset,
               concat_ws('/', nullif(o.namespace, ''), o.name) AS "called before"
        FROM wanted w JOIN dataset_change c USING (event_id) LEFT JOIN called d ON d.name_id = c.dataset
        LEFT JOIN called o ON o.name_id = c.previous""",
    "names of a dataset": """
        SELECT w.digest, concat_ws('/', nullif(d.namespace, ''), d.name) AS dataset,
               concat_ws('/', nullif(o.namespace, ''), o.name) AS "called too"
        FROM wanted w JOIN symlink s USING (event_id) LEFT JOIN called d ON d.name_id = s.dataset
        LEFT JOIN called o ON o.name_id = s.other ORDER BY ALL""",
    "record entry": """
        SELECT w.digest, concat_ws('/', nullif(d.namespace, ''), d.name) AS dataset, e.key,
               s.name AS "data subject", e.valid_from AS "valid from!", e.valid_to AS "valid to!",
               nullif(e.attributes, '{}') AS attributes
        FROM wanted w JOIN entry e USING (event_id) LEFT JOIN called d ON d.name_id = e.dataset
        LEFT JOIN called s ON s.name_id = e.data_subject""",
    "package snapshot": """
        SELECT w.digest, n.name AS environment, s.taken_at AS "taken at!",
               (SELECT count(*) FROM component c WHERE c.event_id = w.event_id) AS packages
        FROM wanted w JOIN snapshot s USING (event_id) LEFT JOIN called n ON n.name_id = s.environment""",
    "data subject": """
        SELECT w.digest, n.name AS "data subject", s.jurisdiction
        FROM wanted w JOIN subject s USING (event_id) LEFT JOIN called n ON n.name_id = s.data_subject""",
    "document": "SELECT w.digest, d.kind, d.id FROM wanted w JOIN document d USING (event_id)",
}


def ask(store: Store, values: Values) -> Answer:
    asked = sorted({_checked(text) for text in values.get("digest", ())})
    if not asked:
        raise LineageError("Which event?", "Give --digest as an answer names it: sha256-128:…")
    numbers = [str(int(text.partition(":")[2], 16)) for text in asked]
    store.run(WANTED, digests=numbers)
    store.script((FOUND, CALLED))
    said = dict(_said(store))
    missing = [text for text in asked if text not in said]
    if missing:
        raise LineageError(f"No event with the digest {missing[0]} is known.", "Copy it from an answer's evidence.")
    seen: dict[str, list[dict[str, Any]]] = {}
    found = list(seen_in(store, "SELECT event_id FROM wanted"))
    for place in found:
        seen.setdefault(place["digest"], []).append(
            {name: place[name] for name in ("input", "input_digest", "position")}
        )
    rows = [{"digest": text, **said[text], "seen": seen.get(text, [])} for text in asked]
    return Answer(
        "evidence",
        {"digest": asked},
        mark(store),
        {"events": Rows(lambda: iter(rows))},
        Rows(lambda: iter(found)),
    )


def _said(store: Store) -> Iterator[tuple[str, dict[str, Any]]]:
    """Digest → kind of event and what it said; of an event that says several things, the first."""
    told: set[int] = set()
    for kind, sql in SAID.items():
        cursor = store.run(sql)
        names = [column[0] for column in cursor.description or ()]
        for digest, *cells in cursor.fetchall():
            if digest in told:
                continue
            told.add(digest)
            facts = {
                name.removesuffix("!"): (format_bound(cell) if name.endswith("!") else cell)
                for name, cell in zip(names[1:], cells, strict=True)
                if cell not in (None, "")
            }
            yield f"sha256-128:{digest:032x}", {"kind": kind, "said": facts}
    for (digest,) in store.rows("SELECT digest FROM wanted ORDER BY digest"):
        if digest not in told:
            yield f"sha256-128:{digest:032x}", {"kind": "event", "said": {}}


def _checked(text: str) -> str:
    name, _, digits = text.strip().lower().partition(":")
    if name != "sha256-128" or not digits or set(digits) - set("0123456789abcdef") or len(digits) > 32:
        raise LineageError(f"{text!r} is no digest.", "Copy it from an answer's evidence: sha256-128:…")
    return f"{name}:{digits.zfill(32)}"


def evidence_text(answer: Answer) -> str:
    lines = []
    for event in answer.sections["events"]:
        lines.append(f"{event['digest']}: {event['kind']}")
        lines += [f"  {name}: {clocks(str(cell))}" for name, cell in event["said"].items()]
        lines += [f"  seen in {p['input']}, position {p['position']} ({p['input_digest']})" for p in event["seen"]]
    return page(lines)


QUESTION = Question(
    name="evidence",
    title="What an event said, and in which file, of which digest, at which position it was seen",
    parameters=(Parameter("digest", "digest", "an event, by the digest that an answer names it by", repeated=True),),
    ask=ask,
    text=evidence_text,
    example="lineage ask evidence --digest sha256-128:64d3c34ac4e4b7f640cfc832c666cd61",
)
