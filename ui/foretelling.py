"""The page that Streamlit begins with, told at once what it will need.

Streamlit's page loads the module of an element when the first of its kind is to be drawn, and what that imports after
it: a dozen trips, one after the other, while somebody waits. Named in the head they come together, and before.
Until an element is there its place pulsates; where no graphics card draws, sixty of those frames take most of a second
of a processor that the page waits for, so here the places stand still.
"""

import json
from pathlib import Path
from typing import Any

from streamlit.file_util import get_static_dir

_ANSWER = ("Html", "Button", "DownloadButton", "BidiComponent", "ButtonGroup", "Selectbox", "TextInput", "DataFrame")
STILL = '<style>[data-testid$="Skeleton"], [data-testid$="Skeleton"] * { animation: none !important; }</style>'
# The elements of each page, by its path.
ELEMENTS = {
    "/": (*_ANSWER, "Slider"),
    "/explore": ("Html", "TextInput", "BidiComponent", "DataFrame"),
    "/data-subject": _ANSWER,
    "/sources": ("Html", "TextInput", "DataFrame", "FileUploader"),
    "/cases": ("Html",),
}


def pages() -> dict[str, str]:
    """The HTML of each page, by its path. What a Streamlit of another make does not name is left out."""
    static = Path(get_static_dir())
    index = (static / "index.html").read_text(encoding="utf-8")
    manifest: dict[str, Any] = json.loads((static / "manifest.json").read_text(encoding="utf-8"))
    modules = [(name, Path(made["file"])) for name, made in manifest.items() if made["file"].endswith(".js")]
    entries = {file.name.split(".")[0]: name for name, file in modules}
    first = _needed(manifest, {"index.html"})
    return {
        path: index.replace(
            "</head>", _links(manifest, _needed(manifest, {entries[name] for name in names if name in entries}) - first)
        )
        for path, names in ELEMENTS.items()
    }


def _needed(manifest: dict[str, Any], names: set[str]) -> set[str]:
    """These modules and what they import, at any depth."""
    found: set[str] = set()
    todo = [name for name in names if name in manifest]
    while todo:
        if (name := todo.pop()) not in found:
            found.add(name)
            todo += manifest[name].get("imports", [])
    return found


def _links(manifest: dict[str, Any], names: set[str]) -> str:
    files = sorted(manifest[name]["file"] for name in names)
    return "".join(f'<link rel="modulepreload" crossorigin href="./{file}">\n' for file in files) + f"{STILL}</head>"
