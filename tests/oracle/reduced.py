"""The product's JSON answer, brought to what the oracle says of the same question."""

from typing import Any

from tests.oracle.grades import ORDER
from tests.oracle.semantics import strongest

READS = ("read", "export", "unknown")


def reduced(answer: dict[str, Any]) -> dict[str, Any]:
    """Only what the rules decide: identities, grades and states, in no order."""
    if "touches" in answer:
        touches = [told for told in answer["touches"] if told["operation"] in READS and told.get("grade")]
        return {"touches": strongest(map(touch, touches))}
    records = answer["records"]
    subjects = answer["data_subjects"]
    graded: dict[str, str] = {}
    for one in records:
        name = f"{one['dataset']['name']}|{one['key']}"
        graded[name] = max(one["grade"], graded.get(name, "possible"), key=ORDER.index)
    return {
        "data_subjects": {one["id"]: one["grade"] for one in subjects},
        "records": graded,
        "altered": {one["id"]: one["grade"] for one in answer["altered"]},
        "exposed": states(answer["datasets"], "name", "exposed"),
        "contaminated_datasets": states(answer["datasets"], "name", "contaminated"),
        "compromised_runs": states(answer["runs"], "run_id", "compromised"),
        "contaminated_runs": states(answer["runs"], "run_id", "contaminated"),
        "categories": {one["id"]: sorted(one["categories"]) for one in subjects},
        "by_category": bounds(answer["summary"]["by_category"]),
        "by_jurisdiction": bounds(answer["summary"]["by_jurisdiction"]),
    }


def states(told: list[dict[str, Any]], identity: str, state: str) -> dict[str, str]:
    return {one[identity]: one[state] for one in told if one.get(state)}


def bounds(told: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {
        group: {"at_least": one["at_least"], "at_most": one["at_most"]} for group, one in told.items() if one["at_most"]
    }


def touch(told: dict[str, Any]) -> dict[str, Any]:
    kept = {"kind": told["kind"], "dataset": told["dataset"]["name"], "grade": told["grade"]}
    if told["kind"] == "run":
        return kept | {"run_id": told["run_id"]}
    return kept | {"principal": told["principal"], "start": told["start"]}
