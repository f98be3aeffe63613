"""SIGKILL of the server at random moments: nothing that was acknowledged is missing, and nothing is there twice.

LINEAGE_KILL_EVENTS sets how many events are sent (3,000 without it); LINEAGE_KILLS how often the server dies.
"""

import http.client
import json
import os
import threading
import time
from pathlib import Path
from random import Random

from lineage.store import checkpoint, open_store
from tests.asking import ingest
from tests.server.running import Serving, lines, program, run_event

EVENTS = int(os.environ.get("LINEAGE_KILL_EVENTS", "3000"))
KILLS = int(os.environ.get("LINEAGE_KILLS", "3"))
CONNECTIONS = 16
BATCH = 25  # every other client sends batches


class Client(threading.Thread):
    """Sends its events one after the other (or in batches), again and again until each is acknowledged."""

    def __init__(self, number: int, port: int, acknowledged: list[int]) -> None:
        super().__init__(name=f"client-{number}", daemon=True)  # a test that fails ends
        self.number, self.port, self.acknowledged = number, port, acknowledged
        self.sent_again = 0
        self.problem: str | None = None

    def run(self) -> None:
        mine = range(self.number, EVENTS, CONNECTIONS)
        size = BATCH if self.number % 2 else 1
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        for start in range(0, len(mine), size):
            events = mine[start : start + size]
            told = [run_event(number) for number in events]
            path = "/api/v1/lineage/batch" if size > 1 else "/api/v1/lineage"
            body = json.dumps(told if size > 1 else told[0])
            while True:
                try:
                    connection.request("POST", path, body)
                    response = connection.getresponse()
                    response.read()
                except (OSError, http.client.HTTPException):
                    connection.close()
                    self.sent_again += 1
                    time.sleep(0.05)
                    continue
                if response.status != 503:
                    break
                time.sleep(0.1)
            if response.status != 200:
                self.problem = f"{response.status} for {body[:200]}"
                break
            self.acknowledged.extend(events)
        connection.close()


def test_killed_under_load(tmp_path: Path) -> None:
    random = Random(int(time.time()))
    store = tmp_path / "s.duckdb"
    server = Serving(store)
    server.wait()
    port = server.port
    acknowledged: list[int] = []
    clients = [Client(number, port, acknowledged) for number in range(CONNECTIONS)]
    for client in clients:
        client.start()
    for kill in range(KILLS):  # at a random moment of each of equal parts of the work
        due = (kill + random.random()) * EVENTS / KILLS
        while len(acknowledged) < due and any(client.is_alive() for client in clients):
            time.sleep(0.01)
        time.sleep(random.random() / 2)
        server.kill()
        server = Serving(store, port=port)
    for client in clients:
        client.join()
    assert [client.problem for client in clients if client.problem] == []
    assert sorted(acknowledged) == list(range(EVENTS))
    assert sum(client.sent_again for client in clients) > 0
    server.wait()
    server.kill()  # while the last is being drained, and nobody starts a server again
    told = json.loads(program("status", "--store", store, "--format", "json"))
    (tmp_path / "events.ndjson").write_bytes(lines([run_event(number) for number in range(EVENTS)]))
    ingest(tmp_path / "file.duckdb", [tmp_path / "events.ndjson"])
    with open_store(str(tmp_path / "file.duckdb"), read_only=True) as once:
        mark = checkpoint(once)
    assert mark.events == EVENTS
    assert told["checkpoint"] == {"events": mark.events, "digest": mark.digest}
    assert told["rejected"] == []
    with open_store(str(store), read_only=True) as opened:
        assert opened.one("SELECT count(*), count(DISTINCT digest) FROM event") == (EVENTS, EVENTS)
        assert opened.one("SELECT count(*) FROM run_event")[0] == EVENTS
        assert opened.one("SELECT count(*) FROM run_io")[0] == 2 * EVENTS
    assert [path.name for path in (tmp_path / "s.duckdb.inbox").iterdir()] == []
