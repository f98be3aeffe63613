"""Signing in by OIDC, in a real browser, as each role and as somebody who has none; and what nobody gets."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, WebSocket, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from lineage.store import open_store
from tests.server.running import Serving, free_port, program, serving
from tests.server.test_guard import ROUTES
from tests.ui.conftest import PATIENCE, Watched, settled
from tests.ui.issuer import CLIENT, SECRET, Claims, Issuer, issuing
from tests.ui.test_stories import FLAGSHIP, READ

PEOPLE: dict[str, Claims] = {
    "vera": {"email": "vera@example.org", "email_verified": True, "groups": ["everybody", "auditors"]},
    "ines": {"email": "ines@example.org", "email_verified": True, "groups": ["incident-response"]},
    "adam": {"email": "adam@example.org", "email_verified": False, "groups": ["auditors", "security-leads"]},
    "nora": {"email": "nora@example.org", "groups": ["everybody"]},
}
COOKIE_SECRET = "a secret of at least thirty-two characters"
SECRETS = """
[auth]
redirect_uri = "{address}/oauth2callback"
cookie_secret = "{cookie_secret}"
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{issuer}/.well-known/openid-configuration"

[lineage]
role_claim = "groups"
[lineage.roles]
viewer = ["auditors"]
investigator = ["incident-response"]
admin = ["security-leads"]
"""
REFUSED = "This names people, and you may see counts."
SEEN_BY_A_VIEWER = {
    "/?question=blast-radius&vendor=tagworks&list=records&open=*": "Whose data did tagworks touch?",
    "/?question=blast-radius&run=C-0": "No fact and no catalog knows the run C-0.",
    "/?question=search&text=C-0&kind=data-subject": REFUSED,
    "/explore?text=C-02": REFUSED,
    "/data-subject": REFUSED,
    "/cases": REFUSED,
    "/sources": "You may not take files in",
}
PAGES = ("Investigate", "Explore", "Data subject", "Sources", "Cases")
# What Streamlit serves beside the pages; the download is told by the test.
CLOSED = (
    "/media/{download}", "/media/{download}.svg", "/_stcore/metrics", "/_stcore/agent/openapi.json",
    "/_stcore/upload_file/session/file", "/_stcore/anything-new", "/app/static/x",
)  # fmt: skip


@dataclass(frozen=True)
class Guarded:
    """A server whose pages have a login, and its issuer."""

    server: Serving
    issuer: Issuer
    ids: tuple[str, ...]  # of every data subject in its store
    cookies: dict[str, str] = field(default_factory=dict)  # of those who signed in, as a browser sends them

    def told(self, text: str | bytes) -> list[str]:
        """The ids of data subjects that a text holds."""
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return [ident for ident in self.ids if ident in shown]


@pytest.fixture(scope="module")
def guarded(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    store = folder / "demo.duckdb"
    shutil.copy(sample_store, store)
    with open_store(str(store), read_only=True) as opened:
        ids = tuple(ident for (ident,) in opened.rows("SELECT id FROM data_subject"))
    port = free_port()
    with issuing(PEOPLE) as issuer:
        (folder / ".streamlit").mkdir()
        (folder / ".streamlit" / "secrets.toml").write_text(
            SECRETS.format(
                address=f"http://127.0.0.1:{port}",
                client=CLIENT,
                secret=SECRET,
                issuer=issuer.url,
                cookie_secret=COOKIE_SECRET,
            )
        )
        with serving(store, port=port, pages=True, folder=folder) as server:
            yield Guarded(server, issuer, ids)


@pytest.fixture
def visiting(browser: Browser, guarded: Guarded) -> Iterator[Watched]:
    watched = Watched(browser, guarded.server.url, guarded.issuer.url)
    yield watched
    watched.close()


def sign_in(page: Page, person: str, guarded: Guarded) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=person).click()
    page.wait_for_url(re.compile(r"^http://127\.0\.0\.1:\d+/$"))
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    settled(page)
    guarded.cookies[person] = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies(page.url))


def cookies_of(person: str, visiting: Watched, guarded: Guarded) -> str:
    """Those of somebody who signed in in any test."""
    if person not in guarded.cookies:
        sign_in(visiting.open("/"), person, guarded)
    return guarded.cookies[person]


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for what no page shows."""
    for _ in range(PATIENCE // 100):
        if holds():
            return
        page.wait_for_timeout(100)
    assert holds()


def listed(page: Page) -> list[str]:
    """The pages that the navigation offers."""
    links = page.get_by_test_id("stTopNavLink")
    return [name for name in PAGES if links.filter(has_text=re.compile(f"^{name}$")).count()]


def asked_by(guarded: Guarded, who: str) -> list[dict[str, object]]:
    lines = json.loads(program("asked", "--store", guarded.server.store, "--format", "json"))["asked"]
    return [line for line in lines if line["who"] == who]


def test_who_is_not_signed_in_sees_the_entrance_alone(visiting: Watched) -> None:
    for path in ("/", "/data-subject?data-subject=C-0217"):
        page = visiting.open(path)
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert listed(page) == []
        assert page.get_by_test_id("stMain").inner_text().split("\n")[-1].strip().endswith("Sign in")


def test_a_viewer_is_told_counts_and_no_id(visiting: Watched, guarded: Guarded) -> None:
    sent: list[tuple[str, bytes]] = []

    def keep(response: Response) -> None:
        if response.ok and response.request.method == "GET" and "/static/" not in response.url:
            sent.append((response.url, response.body()))

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: sent.append((socket.url, frame if isinstance(frame, bytes) else b"")))

    page = visiting.open("/")
    page.on("response", keep)
    page.on("websocket", listen)
    sign_in(page, "vera", guarded)
    expect(page.get_by_role("heading", name=FLAGSHIP)).to_be_visible()
    expect(page.get_by_text("vera@example.org, viewer")).to_be_visible()
    expect(page.locator(".card", has_text="People whose data was touched")).to_contain_text("217")
    expect(page.locator(".lxgraph, [data-testid=stDataFrame]")).to_have_count(0)
    for button in ("Export", "Save to case"):
        expect(page.get_by_role("button", name=button)).to_have_count(0)
    assert listed(page) == ["Investigate", "Sources"]
    for path, says in SEEN_BY_A_VIEWER.items():
        page.goto(guarded.server.url + path)
        expect(page.get_by_text(says).first).to_be_visible()
        settled(page)
        expect(page.locator(".lx a[href*=explore], .lx a[href*=data-subject]")).to_have_count(0)  # it leads nowhere
        assert guarded.told(page.content()) == [], path
    assert len(sent) > 50
    assert [(url, told) for url, body in sent if (told := guarded.told(body))] == []
    questions = asked_by(guarded, "vera@example.org")
    assert {line["question"] for line in questions} == {"blast-radius"}
    assert {line["via"] for line in questions} == {"ui"}
    sign_out(page)


def test_an_investigator_sees_people_and_takes_nothing_in(visiting: Watched, guarded: Guarded) -> None:
    before = len(asked_by(guarded, "ines@example.org"))
    page = visiting.open("/")
    sign_in(page, "ines", guarded)
    expect(page.get_by_text("ines@example.org, investigator")).to_be_visible()
    assert listed(page) == list(PAGES)
    page.wait_for_selector(".lxgraph[data-drawn]")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as told:
        page.get_by_role("button", name="Whole answer as JSON").click()
    assert len(guarded.told(Path(told.value.path()).read_text())) >= 217
    page.get_by_test_id("stTopNav").get_by_role("link", name="Sources").click()
    expect(page.get_by_text("You may not take files in")).to_be_visible()
    expect(page.locator('input[type="file"]')).to_have_count(0)
    (question,) = asked_by(guarded, "ines@example.org")[before:]
    assert (question["question"], question["via"]) == ("blast-radius", "ui")  # though somebody had the answer before
    assert question["checkpoint"]
    sign_out(page)


def test_an_admin_takes_files_in_and_is_recorded_by_subject(
    visiting: Watched, guarded: Guarded, tmp_path: Path
) -> None:
    file = tmp_path / "touches-of-C-0217.ndjson"
    file.write_text(json.dumps(READ) + "\n{torn\n")
    page = visiting.open("/")
    sign_in(page, "adam", guarded)
    expect(page.get_by_text("id-of-adam, admin")).to_be_visible()  # nobody verified the address
    page.get_by_test_id("stTopNav").get_by_role("link", name="Sources").click()
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_text("Taken in. Rejected lines: 1.")).to_be_visible()
    assert asked_by(guarded, "id-of-adam")
    sign_out(page)
    until(page, lambda: guarded.issuer.ended[-1:] == ["id-of-adam"])  # at the issuer too
    sign_in(page, "vera", guarded)  # in the same browser: nothing of the one before is left
    page.get_by_test_id("stTopNav").get_by_role("link", name="Sources").click()
    expect(page.get_by_role("heading", name="Inputs")).to_be_visible()
    settled(page)
    assert guarded.told(page.content()) == []
    sign_out(page)


def test_who_has_no_role_is_refused(visiting: Watched, guarded: Guarded) -> None:
    page = visiting.open("/sources")
    sign_in(page, "nora", guarded)
    expect(page.get_by_role("heading", name="nora@example.org has no role here")).to_be_visible()
    for path in ("/sources", "/data-subject?data-subject=C-0217"):
        page.goto(guarded.server.url + path)
        expect(page.get_by_role("heading", name="nora@example.org has no role here")).to_be_visible()
        assert listed(page) == []
    assert asked_by(guarded, "nora@example.org") == []
    sign_out(page)


def test_a_download_is_for_who_may_see_it(visiting: Watched, guarded: Guarded) -> None:
    """The address of somebody else's download gives nothing, whatever it is made to end with."""
    page = visiting.open("/data-subject?data-subject=C-0217")
    sign_in(page, "ines", guarded)
    page.goto(f"{guarded.server.url}/data-subject?data-subject=C-0217")
    settled(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as told:
        page.get_by_role("button", name="Touches as CSV").click()
    name = told.value.url.rsplit("/", 1)[-1].partition("?")[0]
    paths = [path.format(download=name) for path in CLOSED]
    paths.append(f"/media/{name.replace('.csv', '.svg')}")
    own = page.request.get(told.value.url)
    assert own.status == 200
    assert b"confirmed" in own.body()
    refused = [(path, person) for path in paths for person in ("vera", "nora", None)]
    refused.append(("/_stcore/upload_file/session/file", "ines"))  # who may not take files in
    for path, person in refused:
        headers = {"Cookie": cookies_of(person, visiting, guarded)} if person else {}
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
            reply = guarded.server.request(method, path, **headers)
            assert reply.status == 401, (person, method, path)
            assert b"C-0" not in reply.body


def test_our_routes_take_keys_whoever_is_signed_in(visiting: Watched, guarded: Guarded) -> None:
    cookies = cookies_of("ines", visiting, guarded)
    for (method, path), (_, body) in ROUTES.items():
        for headers in ({}, {"Cookie": cookies}, {"Authorization": "Bearer lin_0_x"}):
            assert guarded.server.request(method, path, body, **headers).status == 401, (method, path)
    assert guarded.server.request("GET", "/healthz").json == {"status": "ok"}


def session(guarded: Guarded, asks: BackMsg, token: str = "", **headers: str) -> bytes:
    """What a session over a websocket is told until its script is done; ``token`` is what its page knows."""
    address = guarded.server.url.replace("http", "ws") + "/_stcore/stream"
    told = b""
    offers = [Subprotocol("streamlit"), *([Subprotocol(token)] if token else [])]
    with connect(address, subprotocols=offers, additional_headers=headers, max_size=None) as socket:
        socket.send(asks.SerializeToString())
        while True:
            frame = socket.recv(timeout=PATIENCE / 1000)
            assert isinstance(frame, bytes)
            told += frame
            if ForwardMsg.FromString(frame).WhichOneof("type") == "script_finished":
                return told


def test_a_websocket_of_ones_own_gets_no_further(visiting: Watched, guarded: Guarded) -> None:
    """Whatever is sent through it, the script asks who somebody is; a cookie alone, without its page, is nobody."""
    cookies = cookies_of("ines", visiting, guarded)
    for name, query in (("", ""), ("explore", "text=C-02"), ("data-subject", "data-subject=C-0217"), ("sources", "")):
        asks = BackMsg()
        asks.rerun_script.page_name = name
        asks.rerun_script.query_string = query
        for headers in ({}, {"Cookie": cookies}, {"Cookie": cookies, "Origin": guarded.server.url}):
            told = session(guarded, asks, **headers)
            assert b"Sign in" in told
            assert [ident for ident in guarded.told(told) if ident not in query] == []
            assert b"northgate" not in told
    token = cookies.partition("_streamlit_xsrf=")[2].partition(";")[0]
    own = session(guarded, BackMsg(rerun_script=ClientState()), token, Cookie=cookies, Origin=guarded.server.url)
    assert b"northgate" in own  # as its page asks
    for hours, says, hidden in ((11, b"northgate", b"Sign in"), (13, b"sign in again", b"northgate")):
        claims = {
            **PEOPLE["ines"],
            "origin": guarded.server.url,
            "is_logged_in": True,
            "iat": time.time() - hours * 3600,
        }
        signed = create_signed_value(COOKIE_SECRET, "_streamlit_user", json.dumps(claims)).decode()
        cookie = f"_streamlit_xsrf={token}; _streamlit_user={signed}"
        told = session(guarded, BackMsg(rerun_script=ClientState()), token, Cookie=cookie, Origin=guarded.server.url)
        assert says in told
        assert hidden not in told
    with pytest.raises(InvalidStatus, match="403"):
        session(guarded, BackMsg(), Origin="http://evil.example")
