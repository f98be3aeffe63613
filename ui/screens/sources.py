"""Sources: what each one covers, when it was silent, what was rejected and why, and taking files in."""

from html import escape
from typing import Any

import streamlit as st

from lineage.errors import LineageError
from lineage.ingest import Taken
from lineage.names import format_instant
from lineage.questions.wording import between, second
from lineage.status import look, unmatched
from lineage.store import Store
from ui import drawing, link, session
from ui.views import paging, timeline

COLUMNS = ("name", "collector", "source", "lines", "stored", "known", "rejected", "bytes", "SHA-256", "recorded at")
LISTED = 1_000  # names of a list that are told
LIST = 360  # px of the inputs
SILENCES = 5  # of a source that are told one by one
_FORMATS = {
    **{name: st.column_config.NumberColumn(format="localized") for name in ("lines", "stored", "rejected")},
    "known": st.column_config.NumberColumn(format="localized", help="Lines that other inputs had said before"),
    "bytes": st.column_config.NumberColumn(format="bytes"),
}
WATCHED = """
SELECT s.source, d.namespace, d.name FROM dataset_source s JOIN dataset d USING (dataset_id) ORDER BY ALL
"""
_TOLD = """
FROM input i JOIN input_name n USING (input_id)
WHERE contains(lower(concat_ws(' ', CASE WHEN $names THEN n.name END, i.collector, n.source, i.digest)), lower($text))
"""
COUNTED = f"SELECT count(*) {_TOLD}"
INPUTS = f"""
SELECT n.name, i.collector, n.source, i.lines, i.stored, i.known, i.rejected, i.size, i.digest, i.recorded_at
{_TOLD} ORDER BY i.recorded_at DESC, n.name, i.digest LIMIT {paging.PAGE} OFFSET $start
"""


def page() -> None:
    reading = session.reading(patience=session.GLANCE)
    with reading as store:
        found = look(store)
        watched: dict[str, list[tuple[str, str]]] = {}
        for source, namespace, name in store.rows(WATCHED):
            watched.setdefault(source, []).append((namespace, name))
    now = found["checkpoint"]
    drawing.head(
        f"Sources · {found['store']} · {now['digest'][:19]}…",
        f"What is known, and from where: {drawing.number(now['events'])} events",
    )
    if reading.behind:
        drawing.html(
            f'<p class="bound open">{drawing.number(reading.behind)} more were sent and are being stored: '
            "look again in a while.</p>"
        )
    if not found["collectors"]:
        drawing.empty("Nothing was taken in yet", f"Upload files below, or run {session.how_to_ingest()}.")
        _upload()
        return
    drawing.html("<h2>When each source spoke, and when it was silent for longer than it may be</h2>")
    _spans(found["sources"])
    drawing.html(f'<div class="results five">{"".join(_source(source, watched) for source in found["sources"])}</div>')
    left, right = st.columns([3, 2])
    with left:
        _rejected(found)
        _unmatched(found["not_in_catalog"])
    with right:
        _upload()
    with session.reading(patience=session.GLANCE) as store:
        _inputs(store)


def _spans(sources: list[dict[str, Any]]) -> None:
    rows = [
        {"source": source["id"], "start": source["first"], "end": source["last"], "what": "observed"}
        for source in sources
        if source["first"]
    ]
    rows += [
        {"source": source["id"], "start": low, "end": high, "what": "silent"}
        for source in sources
        for low, high in source["silent"]
    ]
    if not rows:
        drawing.empty("No source has spoken", "The catalog names sources, or none; nothing was seen of them.")
        return
    timeline.spans(rows)


def _source(source: dict[str, Any], watched: dict[str, list[tuple[str, str]]]) -> str:
    names = [(name, "dataset", f"{namespace}/{name}") for namespace, name in watched.get(source["id"], [])]
    listed = drawing.several(names, link.to_thing)
    spoke = (
        f"{between(source['first'], source['last'])}, heard {drawing.number(source['moments'])} times"
        if source["first"]
        else "never said anything"
    )
    silences = "".join(
        f"<li><i class='swatch is-silent'></i>silent {drawing.prose(between(low, high))}</li>"
        for low, high in source["silent"][:SILENCES]
    )
    rest = len(source["silent"]) - SILENCES
    more = f"<li>and {rest} more silences</li>" if rest > 0 else ""
    return drawing.card(
        source["id"],
        f'<p class="small"><span class="state">{escape(source["collector"] or "any collector")}</span>'
        f"{drawing.prose(spoke)}</p>"
        f'<ul class="plain">{silences}{more}</ul>'
        f'<div class="small"><span class="quiet">Observes</span> {listed or "no dataset of the catalog"}</div>',
    )


def _rejected(found: dict[str, Any]) -> None:
    drawing.html("<h2>Rejected, and held aside</h2>")
    rows = [
        {
            "why": row["reason"],
            "lines": row["count"],
        }
        | ({"where": _where(row)} if _names() else {})
        for row in found["rejected"]
    ]
    rows += [
        {"why": f"waits for the catalog: {why.replace('-', ' ')}", "lines": count} | ({"where": ""} if _names() else {})
        for why, count in found["held_aside"].items()
    ]
    if rows:
        st.dataframe(rows, hide_index=True, alt="Rejected lines by reason")
    else:
        drawing.empty("Nothing was rejected", "Every line that was given is stored, and none waits for the catalog.")


def _where(row: dict[str, Any]) -> str:
    """The first places of lines that were rejected, and that there are more."""
    places = [f"{place['input']}:{place['position']}" for place in row["where"]]
    return ", ".join(places) + (" …" if row["count"] > len(places) else "")


def _names() -> bool:
    """Whether files may be named: a viewer sees counts, and a file may be called after a person."""
    return session.role() != "viewer"


def _unmatched(found: dict[str, list[str]]) -> None:
    for what, names in found.items():
        if names:
            title = f"{unmatched(what)} ({drawing.number(len(names))})"
            rest = f"\nand {drawing.number(len(names) - LISTED)} more" if len(names) > LISTED else ""
            listed = escape("\n".join(names[:LISTED])) + rest  # one element: a browser lays it out at once
            drawing.html(f'<h2>{escape(title)}</h2><p class="lines scroll low" tabindex="0">{listed}</p>')


def _upload() -> None:
    """Files go through the same collectors as `lineage ingest`; each is kept whole or not at all."""
    drawing.html("<h2>Take files in</h2>")
    if session.role() != "admin":
        drawing.empty("You may not take files in", "Ask an admin, or send them with a key that may ingest.")
        return
    if not session.may_write():
        drawing.empty("This process only reads", f"Start it with lineage serve, or run {session.how_to_ingest()}.")
        return
    number = st.session_state.setdefault("uploads", 0)
    files = st.file_uploader(
        "Events, logs, inventories, records or the catalog", accept_multiple_files=True, key=f"upload-{number}",
        help="The collector is found by content. The same file again changes nothing. Larger files go through "
        "`lineage ingest PATH --server URL`.",
    )  # fmt: skip
    if files and st.button(f"Take in {len(files)} files" if len(files) > 1 else "Take it in", type="primary"):
        with st.status(f"Taking in {drawing.plain(', '.join(file.name for file in files[:3]))} …") as status:

            def tick(what: str, done: int, whole: int, lines: int = 0) -> None:
                share = f", {100 * done // whole} %" if 0 < done <= whole else ""
                status.update(label=f"At work on {drawing.plain(what)}: {drawing.number(lines)} lines{share}")

            try:
                st.session_state["taken"] = session.take([(file.name, file) for file in files], tick)
            except LineageError as error:
                st.session_state["taken"] = [], [error]
        st.session_state["uploads"] = number + 1  # these files are done with
        link.rerun()  # what is above was looked up before
    elif not files and "taken" in st.session_state:
        _became(*st.session_state["taken"])


def _became(taken: list[Taken], refused: list[LineageError]) -> None:
    """What became of the files that were sent last."""
    with st.status("Taken in", expanded=True) as status:
        for why in refused:
            drawing.problem(why)
        if taken:
            st.dataframe(
                [
                    {
                        "file": item.name, "collector": item.collector or "none claims it", "lines": item.tally.lines,
                        "stored": item.tally.stored, "already known": item.tally.known, "rejected": item.tally.rejected,
                    }
                    for item in taken
                ],
                hide_index=True,
            )  # fmt: skip
        counts = {
            "Rejected lines": sum(item.tally.rejected for item in taken),
            "Files of no format that is read here": sum(item.collector is None for item in taken),
            "Not taken in, or not yet": len(refused),
        }
        status.update(
            label=" ".join(
                ["Taken in." if any(item.collector is not None for item in taken) else "Nothing was taken in."]
                + [f"{what}: {drawing.number(count)}." for what, count in counts.items() if count]
            ),
            state="error" if any(counts.values()) else "complete",
            expanded=True,  # it says why
        )


def _inputs(store: Store) -> None:
    """The inputs, a page at a time: there may be one for each event."""

    def count(text: str) -> int:
        return int(store.one(COUNTED, text=text, names=_names())[0])

    drawing.html(f"<h2>Inputs ({drawing.number(count(''))})</h2>")
    text, start, _ = paging.paged("inputs", count, finds="Find an input")
    rows = [
        dict(zip(COLUMNS, row, strict=True)) | {"source": row[2] or "", "recorded at": second(format_instant(row[-1]))}
        for row in store.rows(INPUTS, text=text, names=_names(), start=start)
    ]
    if not _names():
        rows = [{column: value for column, value in row.items() if column != "name"} for row in rows]
    st.dataframe(
        rows, hide_index=True, height=paging.height(rows, LIST), alt="Inputs, the newest first", column_config=_FORMATS
    )
