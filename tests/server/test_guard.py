"""Who may: every route is tried without a key, with a wrong one, and with one that may do something else."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage.errors import LineageError
from lineage.questions import QUESTIONS
from lineage.server.keys import KeyRing, keys_path, make_key, read_keys, revoke_key
from lineage.server.listening import bind
from tests.server.running import Reply, Serving, program, run_event, serving

EVENT = json.dumps(run_event(1))
# Every route of ours with the scope that it takes, and a request that it serves.
ROUTES = {
    ("POST", "/api/v1/lineage"): ("ingest", EVENT),
    ("POST", "/api/v1/lineage/batch"): ("ingest", f"[{EVENT}]"),
    ("POST", "/api/v1/access"): ("ingest", EVENT),
    ("POST", "/api/v1/files?name=x.ndjson&wait=0"): ("ingest", EVENT),
    ("GET", "/api/v1/files/1?wait=0"): ("ingest", None),
    ("GET", "/api/v1/questions"): ("", None),
    **{("POST", f"/api/v1/ask/{question.name}"): ("read", "{}") for question in QUESTIONS},  # let in, if not answered
    ("POST", "/api/v1/ask/blast-radius"): ("read", '{"job": "load/job-1"}'),
    ("POST", "/api/v1/ask/who-touched"): ("read", '{"dataset": "pg/db.public.t1"}'),
    ("GET", "/api/v1/status"): ("read", None),
    ("GET", "/api/v1/asked"): ("admin", None),
    ("GET", "/metrics"): ("", None),
    ("GET", "/openapi.json"): ("", None),
}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, dict[str, str]]]:
    """A server with one key for each scope."""
    store = tmp_path_factory.mktemp("guard") / "s.duckdb"
    keys = {
        scope: program("keys", "make", f"the-{scope}", "--scope", scope, "--store", store).decode().strip()
        for scope in ("ingest", "read", "admin")
    }
    with serving(store) as server:
        told = server.request("POST", "/api/v1/lineage", EVENT, Authorization=f"Bearer {keys['ingest']}")
        assert told.status < 300  # what is asked about is known, whichever test runs here first
        yield server, keys


def send(server: Serving, route: tuple[str, str], key: str | None, **headers: str) -> Reply:
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    return server.request(*route, ROUTES[route][1], **headers)


def test_every_route_is_here(locked: tuple[Serving, dict[str, str]]) -> None:
    server, keys = locked
    told = send(server, ("GET", "/openapi.json"), keys["read"]).json["paths"]
    found = {
        (method.upper(), re.sub(r"\{\w+\}", "1", path)) for path, methods in told.items() for method in methods
    } | {("GET", "/openapi.json")}
    assert found == {(method, path.split("?")[0]) for method, path in ROUTES} | {("GET", "/healthz")}


@pytest.mark.parametrize("route", ROUTES, ids=[f"{method} {path.split('?')[0]}" for method, path in ROUTES])
def test_unauthorised_access_is_refused(route: tuple[str, str], locked: tuple[Serving, dict[str, str]]) -> None:
    server, keys = locked
    scope = ROUTES[route][0]
    for key in (None, "", "x", "lin_", "lin_0_x", keys["read"][:-1], keys["read"] + "x", keys["read"].upper()):
        reply = send(server, route, key)
        assert reply.status == 401, key
        assert set(reply.json) == {"error", "hint"}
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert send(server, route, None, Authorization=f"Basic {keys['admin']}").status == 401
    for name, key in keys.items():
        reply = send(server, route, key)
        if scope in ("", name) or name == "admin":
            asked_nothing = reply.status == 422 and ROUTES[route][1] == "{}"
            assert reply.status < 300 or asked_nothing or (reply.status == 404 and "/files/" in route[1]), reply.body
        else:
            assert reply.status == 403, name
            assert f"the-{name}" in reply.json["error"]


def test_health_tells_nothing_and_wants_no_key(locked: tuple[Serving, dict[str, str]]) -> None:
    reply = locked[0].request("GET", "/healthz")
    assert (reply.status, reply.json) == (200, {"status": "ok"})


def test_what_is_not_there_is_no_page(locked: tuple[Serving, dict[str, str]]) -> None:
    server, keys = locked
    for method, path, status in (
        ("GET", "/api/v2/lineage", 404), ("GET", "/api/v1/lineage", 405), ("DELETE", "/api/v1/ask/x", 405),
        ("POST", "/api/v1/ask/x", 404), ("GET", "/api/v1/files/99999", 404), ("POST", "/metrics", 405),
        ("POST", "/api/v1/lineage/..%2Fstatus", 404), ("GET", "/api/v1/files/%C2%B2", 404),
        ("GET", f"/api/v1/files/{'9' * 5000}", 404),
    ):  # fmt: skip
        assert server.request(method, path).status == 401, path
        reply = server.request(method, path, Authorization=f"Bearer {keys['admin']}")
        assert (reply.status, set(reply.json)) == (status, {"error", "hint"}), path


def test_what_revokes_no_key_makes_no_file_of_keys(tmp_path: Path) -> None:
    with pytest.raises(LineageError, match="no key nobody"):
        revoke_key(str(tmp_path / "s.duckdb"), "nobody")
    assert not keys_path(str(tmp_path / "s.duckdb")).exists()


def test_a_key_that_is_revoked_is_refused_at_once(locked: tuple[Serving, dict[str, str]]) -> None:
    server, _ = locked
    store = server.store
    key = program("keys", "make", "short", "--scope", "read", "--scope", "ingest", "--store", store).decode().strip()
    route = ("GET", "/api/v1/status")
    assert send(server, route, key).status == 200
    program("keys", "revoke", "short", "--store", store)
    assert send(server, route, key).status == 401
    listed = json.loads(program("keys", "list", "--store", store, "--format", "json"))["keys"]
    assert [(one["name"], one["revoked_at"] is None) for one in listed][-1] == ("short", False)
    kept = keys_path(str(store)).read_text()
    assert key.split("_", 2)[2] not in kept
    assert key not in kept
    assert keys_path(str(store)).stat().st_mode & 0o077 == 0


def test_who_serves_is_told_who_may_ask(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"

    def found() -> tuple[int, bool, bool]:
        with serving(store) as server:
            status = server.request("GET", "/api/v1/status").status
            said = server.stop()
        return status, "whoever is here may ask" in said, "All keys are revoked" in said

    assert found() == (200, True, False)
    make_key(str(store), "one", ("read",))
    assert found() == (401, False, False)
    revoke_key(str(store), "one")
    assert found() == (401, False, True)


def test_keys_that_cannot_be_read_let_nobody_in(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    key = make_key(str(store), "one", ("read",))
    with serving(store) as server:
        good = keys_path(str(store)).read_bytes()
        keys_path(str(store)).write_bytes(good[:40])
        reply = server.request("GET", "/api/v1/status", Authorization=f"Bearer {key}")
        assert (reply.status, set(reply.json)) == (503, {"error", "hint"})
        assert str(store) not in reply.json["error"] + reply.json["hint"]
        keys_path(str(store)).write_bytes(good)
        assert server.request("GET", "/api/v1/status", Authorization=f"Bearer {key}").status == 200


def test_the_program_takes_the_key(
    locked: tuple[Serving, dict[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, keys = locked
    words = ("status", "--server", server.url)
    assert program(*words, code=2) == b""
    assert program(*words, "--key", keys["ingest"], code=2) == b""
    shown = program(*words, "--key", keys["read"])
    monkeypatch.setenv("LINEAGE_KEY", keys["read"])
    assert program(*words) == shown
    asked = json.loads(server.request("GET", "/api/v1/asked", Authorization=f"Bearer {keys['admin']}").body)["asked"]
    assert {line["who"] for line in asked} <= {"the-read", "the-admin"}


def test_a_key_sends_for_its_source_alone(locked: tuple[Serving, dict[str, str]]) -> None:
    server, _ = locked
    key = make_key(str(server.store), "airflow", ("ingest",), "airflow-events")
    for query, status in (("", 200), ("?source=airflow-events", 200), ("?source=other", 403)):
        assert server.request("POST", f"/api/v1/lineage{query}", EVENT, Authorization=f"Bearer {key}").status == status


@pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="no IPv6 on this machine")
@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_address_may_be_in_brackets(host: str, tmp_path: Path) -> None:
    server = Serving(tmp_path / "s.duckdb", "--host", host)
    try:
        assert f" http://[::1]:{server.port} " in server.log.read_text()
        assert program("status", "--server", f"[::1]:{server.port}")
    finally:
        server.kill()


@pytest.mark.parametrize("host", ["a" * 70, "nowhere.invalid", "192.0.2.1"])
def test_where_it_cannot_listen_is_a_sentence(host: str) -> None:
    with pytest.raises(LineageError, match=f"Cannot listen on {host}:0: .*another --host"):
        bind(host, 0)


def test_without_keys_it_stays_on_this_machine(tmp_path: Path) -> None:
    program("serve", "--host", "0.0.0.0", "--store", tmp_path / "s.duckdb", code=2)
    assert not (tmp_path / "s.duckdb").exists()
    with serving(tmp_path / "s.duckdb") as server:
        assert server.request("GET", "/api/v1/status").status == 200
        for name in (f"127.0.0.1:{server.port}", "localhost", f"[::1]:{server.port}"):
            assert server.request("GET", "/api/v1/status", Host=name).status == 200
        for name in ("evil.example", f"evil.example:{server.port}", "127.0.0.1.evil.example", ""):
            assert server.request("GET", "/api/v1/status", Host=name).status == 403
        own = {"Origin": server.url}
        assert server.request("POST", "/api/v1/lineage", EVENT, **own).status == 200
        for origin in ("http://evil.example", "null", f"http://localhost:{server.port + 1}"):
            assert server.request("POST", "/api/v1/lineage", EVENT, Origin=origin).status == 403
        for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):  # a proxy's own Host may be this machine
            assert server.request("GET", "/api/v1/status", **{name: "203.0.113.9"}).status == 403
        key = make_key(str(server.store), "first", ("read",))
        assert server.request("GET", "/api/v1/status").status == 401  # from the first key on keys are needed
        assert server.request("GET", "/api/v1/status", Authorization=f"Bearer {key}").status == 200
        assert (
            server.request("GET", "/api/v1/status", Host="proxy.example", Authorization=f"Bearer {key}").status == 200
        )
        brought = {"X-Forwarded-For": "203.0.113.9", "Authorization": f"Bearer {key}"}
        assert server.request("GET", "/api/v1/status", **brought).status == 200
        assert "this machine only" in server.stop(signal.SIGTERM)


def test_what_a_browser_is_to_keep_to_is_said_with_everything(locked: tuple[Serving, dict[str, str]]) -> None:
    server, keys = locked
    for path, key in (
        ("/healthz", None),
        ("/api/v1/status", None),
        ("/api/v1/status", keys["read"]),
        ("/nothing", None),
    ):
        headers = server.request("GET", path, **({"Authorization": f"Bearer {key}"} if key else {})).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "http" not in headers["Content-Security-Policy"]
        assert f"connect-src 'self' ws://127.0.0.1:{server.port} " in headers["Content-Security-Policy"]
    for host in ("a; script-src *", "evil.example/x", "a b"):  # who asks may say anything
        policy = server.request("GET", "/healthz", Host=host).headers["Content-Security-Policy"]
        assert "connect-src" not in policy
        assert "script-src" not in policy


def test_keys_that_vanish_open_nothing(tmp_path: Path) -> None:
    store = str(tmp_path / "s.duckdb")
    key = make_key(store, "one", ("read",))
    ring = KeyRing(store)
    assert ring.find(key) is not None
    keys_path(store).unlink()
    assert ring.find(key) is None
    assert len(ring) == 1
    assert read_keys(store) == []
