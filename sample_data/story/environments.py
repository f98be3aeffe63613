"""What was installed where: a CycloneDX document for each time somebody looked."""

from collections.abc import Iterator
from typing import Any

from sample_data.story.draw import at, days, on, opaque, stamp

MATCHING, AIRFLOW = "northgate-matching", "northgate-airflow"
TAGWORKS, BRIGHTDESK, HALDEN_EVAL = "tagworks-export", "brightdesk-jobs", "halden-eval"
EVERYWHERE = (
    ("certifi", "2026.2.25"), ("charset-normalizer", "3.4.4"), ("idna", "3.11"), ("packaging", "26.0"),
    ("pyyaml", "6.0.3"), ("requests", "2.32.5"), ("typing-extensions", "4.15.0"), ("urllib3", "2.6.3"),
)  # fmt: skip
PIPELINE = (("openlineage-python", "1.45.0"), ("sqlalchemy", "2.0.46"), ("psycopg", "3.3.2"))
MODEL_CLIENT = (("httpx", "0.28.1"), ("openai", "2.24.0"), ("pydantic", "2.12.5"), ("tiktoken", "0.12.0"))
PACKAGES = {
    MATCHING: (*EVERYWHERE, *PIPELINE, *MODEL_CLIENT),
    AIRFLOW: (*EVERYWHERE, *PIPELINE, ("apache-airflow", "3.1.7"), ("pandas", "2.3.3")),
    TAGWORKS: (*EVERYWHERE, *MODEL_CLIENT, ("openlineage-python", "1.45.0")),
    BRIGHTDESK: (*EVERYWHERE, *MODEL_CLIENT, ("openlineage-python", "1.44.1")),
    HALDEN_EVAL: (*EVERYWHERE, *MODEL_CLIENT, ("numpy", "2.4.2")),
}
# Which litellm a look finds from when on.
LITELLM = {
    MATCHING: (
        ("03-01 00:00", "1.82.6"), ("03-24 11:20:05", "1.82.8"), ("03-24 15:05:12", "1.82.6"),
    ),
    TAGWORKS: (("03-01 00:00", "1.82.6"), ("03-25 02:00", "1.82.7"), ("03-25 14:10", "1.82.6")),
    BRIGHTDESK: (("03-01 00:00", "1.82.6"),),
    HALDEN_EVAL: (("03-01 00:00", "1.82.6"), ("03-24 11:45:30", "1.82.7"), ("03-24 14:20:00", "1.82.6")),
}  # fmt: skip
# Looked at outside the calendar: at a deployment, or when the news came.
EXTRA = {
    MATCHING: ("03-24 11:20:05", "03-24 12:40:31", "03-24 15:05:12"),
    TAGWORKS: ("03-25 14:10:00",),
    HALDEN_EVAL: ("03-24 11:45:30", "03-24 12:30:00", "03-24 14:20:00"),
}


def snapshots() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every snapshot with its file name: Mondays, from 24 March on daily, and the extra ones."""
    for environment, packages in PACKAGES.items():
        calendar = [on(day, "02:00") for day in days() if day.weekday() == 0 or on(day, "00:00") >= at("03-24 00:00")]
        for taken in sorted(calendar + [at(text) for text in EXTRA.get(environment, ())]):
            found = [version for since, version in LITELLM.get(environment, ()) if at(since) <= taken]
            held = sorted([*packages, *(("litellm", version) for version in found[-1:])])
            name = f"{environment}-{taken:%Y%m%dT%H%M%SZ}.cdx.json"
            yield name, _document(environment, stamp(taken), held)


def _document(environment: str, taken: str, held: list[tuple[str, str]]) -> dict[str, Any]:
    serial = opaque(f"{environment} {taken}", 32)
    uuid = f"{serial[:8]}-{serial[8:12]}-4{serial[13:16]}-8{serial[17:20]}-{serial[20:]}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid}",
        "version": 1,
        "metadata": {
            "timestamp": taken,
            "component": {"type": "application", "name": environment, "bom-ref": environment},
        },
        "components": [
            {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
            for name, version in held
        ],
    }
