"""The OpenAPI document is true: schemathesis tries what it says, and what it does not, on a running server.

LINEAGE_SCHEMATHESIS sets its phases and how many examples (`coverage,fuzzing 50` takes minutes).
"""

import os
import subprocess
import sys
from pathlib import Path

from lineage.questions import QUESTIONS
from tests.server.running import program, serving

# Not among them positive_data_acceptance: a question may be refused for what no schema can say, such as an id that
# nothing knows; and nothing about time, which is another's to measure.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method,ignored_auth"
)
PHASES, EXAMPLES = os.environ.get("LINEAGE_SCHEMATHESIS", "fuzzing 2").split()


def test_the_document_is_true(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    key = program("keys", "make", "all", "--scope", "admin", "--store", store).decode().strip()
    with serving(store) as server:
        told = server.request("GET", "/openapi.json", Authorization=f"Bearer {key}").json
        assert {f"/api/v1/ask/{question.name}" for question in QUESTIONS} <= set(told["paths"])
        for question in QUESTIONS:
            body = told["paths"][f"/api/v1/ask/{question.name}"]["post"]["requestBody"]["content"]["application/json"]
            assert set(body["schema"]["properties"]) == {parameter.name for parameter in question.parameters}
        for path, methods in told["paths"].items():
            if "post" in methods:
                bare = server.request("POST", f"{path}?name=x&wait=0", Authorization=f"Bearer {key}").status
                assert (bare == 400) == methods["post"]["requestBody"]["required"], path
        done = subprocess.run(
            [
                *(Path(sys.executable).parent / "schemathesis", "run", f"{server.url}/openapi.json"),
                *("-H", f"Authorization: Bearer {key}", "--phases", PHASES, "--max-examples", EXAMPLES),
                *("--checks", CHECKS, "--no-color", "--seed", "1", "--request-timeout", "120"),
                *("--suppress-health-check", "all"),
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        assert server.request("GET", "/healthz").status == 200
