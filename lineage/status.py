"""The status: what the store holds, what each source covers, what was rejected, waits or matches nothing."""

from typing import Any

from lineage.answers import mark
from lineage.names import format_instant
from lineage.questions.wording import between, cut, page, table
from lineage.store import Store, set_aside

NAMES, SILENCES = 10, 3  # of each kind, and of a source, that the text tells before it counts the rest
INPUTS = """
SELECT collector, count(*), sum(lines), sum(stored), sum(known), sum(rejected), sum(passed)
FROM input GROUP BY collector ORDER BY collector
"""
SOURCES = """
SELECT source_no, id, collector, coalesce(observes, []), first_at, last_at, moments FROM source_span ORDER BY id
"""
COVERED = """
SELECT d.namespace || '/' || d.name FROM dataset_source s JOIN dataset d USING (dataset_id)
WHERE s.source = $source AND NOT d.is_view ORDER BY 1
"""
GAPS = "SELECT start_at, end_at FROM source_gap WHERE source_no = $source_no ORDER BY start_at"
REJECTS = """
SELECT r.reason, count(DISTINCT r.digest),
       list({'input': n.name, 'position': r.position} ORDER BY n.name, r.position)[:3]
FROM reject r JOIN (SELECT input_id, min(name) AS name FROM input_name GROUP BY input_id) n USING (input_id)
GROUP BY r.reason ORDER BY 2 DESC, 1
"""
HELD = "SELECT waits_for, count(DISTINCT event_id) FROM held GROUP BY waits_for ORDER BY waits_for"
UNMATCHED = {
    "jobs": "SELECT namespace || '/' || name FROM job WHERE catalog_no IS NULL ORDER BY 1",
    "datasets": "SELECT namespace || '/' || name FROM dataset WHERE catalog_no IS NULL ORDER BY 1",
    "principals": "SELECT id FROM principal WHERE NOT in_catalog ORDER BY 1",
    "environments without snapshots": """
        SELECT DISTINCT environment FROM job
        WHERE environment IS NOT NULL AND environment NOT IN (SELECT environment FROM taken) ORDER BY 1""",
}


def look(store: Store) -> dict[str, Any]:
    """The status of a settled store as plain JSON."""

    def at(instant: int | None) -> str | None:
        return None if instant is None else format_instant(instant)

    counted = ("inputs", "lines", "stored", "known", "rejected", "passed")
    return {
        "store": store.path,
        "checkpoint": mark(store),
        "collectors": {
            name: dict(zip(counted, (int(count) for count in counts), strict=True))
            for name, *counts in store.rows(INPUTS)
        },
        "sources": [
            {
                "id": ident,
                "collector": collector,
                "observes": observes,
                "datasets": [name for (name,) in store.rows(COVERED, source=ident)],
                "first": at(first),
                "last": at(last),
                "moments": moments,
                "silent": [[at(low), at(high)] for low, high in store.rows(GAPS, source_no=number)],
            }
            for number, ident, collector, observes, first, last, moments in store.rows(SOURCES)
        ],
        "rejected": [
            {"reason": reason, "count": count, "where": where} for reason, count, where in store.rows(REJECTS)
        ],
        "held_aside": {why: count for why, count in store.rows(HELD)},  # noqa: C416 (a row is no pair to mypy)
        "set_aside": [str(path) for path in set_aside(store.path)],
        "not_in_catalog": {what: [name for (name,) in store.rows(sql)] for what, sql in UNMATCHED.items()},
    }


def status_text(found: dict[str, Any]) -> str:
    """The status as a person reads it."""
    now = found["checkpoint"]
    lines = [f"{found['store']}: {now['events']} events, {now['digest']}", "", "Inputs:"]
    lines += table(
        [("collector", "inputs", "lines", "stored", "known", "rejected", "passed over")]
        + [(name, *(str(count) for count in counts.values())) for name, counts in found["collectors"].items()]
    )
    if found["sources"]:
        lines += ["", "Sources:"]
    for source in found["sources"]:
        silent = "".join(f"; silent {between(low, high)}" for low, high in source["silent"][:SILENCES])
        rest = len(source["silent"]) - SILENCES
        more = f"; and {rest} more silences" if rest > 0 else ""
        span = between(source["first"], source["last"]) if source["first"] else "never said anything"
        count = len(source["datasets"])
        covers = f"covers {count} dataset{'' if count == 1 else 's'} ({', '.join(source['observes'])})"
        lines.append(
            f"  {source['id']} ({source['collector']}): {span}, heard {source['moments']} times, {covers}{silent}{more}"
        )
    if found["rejected"]:
        lines += ["", "Rejected lines:"]
        for row in found["rejected"]:
            where = ", ".join(f"{place['input']}:{place['position']}" for place in row["where"])
            lines.append(
                f"  {row['count']} x {row['reason']} ({where}{' …' if row['count'] > len(row['where']) else ''})"
            )
    if found["held_aside"]:
        lines += ["", "Held aside until the catalog tells:"]
        lines += [f"  {count} x {why}" for why, count in found["held_aside"].items()]
    if found["set_aside"]:
        lines += ["", "Set aside by the server, as refused or damaged (its log says why):"]
        lines += [f"  {path}" for path in found["set_aside"]]
    for what, names in found["not_in_catalog"].items():
        if names:
            lines += ["", f"{unmatched(what)}:"]
            lines += cut([f"  {name}" for name in names], NAMES, "--format json shows all")
    return page(lines)


def unmatched(what: str) -> str:
    """The heading of a list of what the catalog does not match."""
    return what.capitalize() + ("" if "without" in what else " that no catalog entry names")
