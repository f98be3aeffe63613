"""The product's JSON answer, brought to what the oracle says of the same question."""

from collections import Counter
from typing import Any

from tests.oracle.grades import ORDER
from tests.oracle.semantics import strongest

CAVEATS = (
    "run-without-start",
    "key-without-entry",
    "run-out-of-order",
    "unparsed-statement",
    "unknown-principal",
    "unknown-principal-read",
)


def reduced(answer: dict[str, Any]) -> dict[str, Any]:
    """Only what the rules decide: identities, grades and states, in no order."""
    assert adds_up(answer), answer["summary"]
    if "touches" in answer:
        return {"touches": strongest(map(touch, answer["touches"])), "coverage": cover(answer)}
    records = answer["records"]
    subjects = answer["data_subjects"]
    graded: dict[str, str] = {}
    for one in records:
        name = f"{one['dataset']['name']}|{one['key']}"
        graded[name] = max(one["grade"], graded.get(name, "possible"), key=ORDER.index)
    return {
        "data_subjects": {one["id"]: one["grade"] for one in subjects},
        "records": graded,
        "owned": {
            (f"{one['dataset']['name']}|{one['key']}", one["data_subject"] or ""): one["grade"] for one in records
        },
        "caveats": {one["kind"]: one["count"] for one in answer["caveats"] if one["kind"] in CAVEATS},
        "altered": {one["id"]: one["grade"] for one in answer["altered"]},
        "exposed": states(answer["datasets"], "name", "exposed"),
        "contaminated_datasets": states(answer["datasets"], "name", "contaminated"),
        "compromised_runs": states(answer["runs"], "run_id", "compromised"),
        "contaminated_runs": states(answer["runs"], "run_id", "contaminated"),
        "categories": {one["id"]: sorted(one["categories"]) for one in subjects},
        "because": {one["id"]: one["because"] for one in subjects if one["grade"] == "possible"},
        "coverage": cover(answer),
        "attempts": sorted(
            [one["principal"], one["dataset"]["name"], one["time"], one["outcome"]] for one in answer["attempts"]
        ),
        "counts": {part: counts(answer["summary"][part]) for part in ("data_subjects", "altered", "records")},
        "by_category": bounds(answer["summary"]["by_category"]),
        "by_jurisdiction": bounds(answer["summary"]["by_jurisdiction"]),
    }


def adds_up(answer: dict[str, Any]) -> bool:
    """Whether the summary says what the lists say."""
    summary = answer["summary"]
    if "touches" in answer:
        told = Counter((one["vendor"] or "", one["grade"]) for one in answer["touches"])
        said = {(who, grade): count for who, counts in summary["vendors"].items() for grade, count in counts.items()}
        return +Counter(said) == told
    people = summary["data_subjects"]
    because = Counter(one["because"] for one in answer["data_subjects"] if one["grade"] == "possible")
    observed = all(one["state"] == "observed" for one in answer["coverage"])
    return bool(people["possible_because"] == because and people["bounded"] == observed)


def settled(expected: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """What the oracle expects, with the reason that the product gives wherever it is one of those there are."""
    if "because" not in expected:
        return expected
    because = {
        who: said["because"].get(who) if said["because"].get(who) in why else why
        for who, why in expected["because"].items()
    }
    return expected | {"because": because}


def states(told: list[dict[str, Any]], identity: str, state: str) -> dict[str, str]:
    return {one[identity]: one[state] for one in told if one.get(state)}


def cover(answer: dict[str, Any]) -> dict[str, Any]:
    return {thing(one): covered(one) for one in answer["coverage"]}


def thing(row: dict[str, Any]) -> str:
    """What a row of coverage is about."""
    return f"{row['dataset']['namespace']}/{row['dataset']['name']}" if "dataset" in row else row["environment"]


def covered(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("state", "sources", "silent") if name in row}


def counts(told: dict[str, Any]) -> dict[str, int]:
    return {name: told[name] for name in (*ORDER, "at_least", "at_most")}


def bounds(told: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {
        group: {"at_least": one["at_least"], "at_most": one["at_most"]} for group, one in told.items() if one["at_most"]
    }


def touch(told: dict[str, Any]) -> dict[str, Any]:
    kept = {name: told[name] for name in ("kind", "grade", "start", "end", "operation", "vendor")}
    kept |= {"dataset": told["dataset"]["name"], "categories": told["categories"]}
    return kept | {name: told[name] for name in (("run_id",) if told["kind"] == "run" else ("principal",))}
